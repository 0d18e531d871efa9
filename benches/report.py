"""The table: rows as they are measured, on the terminal at once and in docs/benchmarks.md at the end."""

import datetime
import os
import platform
import re
from pathlib import Path

BEGIN, END = "<!-- measured: written by benches/run -->", "<!-- end of what was measured -->"


class Report:
    def __init__(self):
        self.lines = []
        self.missed = []

    def section(self, title, *columns):
        self.add(f"\n### {title}\n")
        if columns:
            self.add("| " + " | ".join(columns) + " |")
            self.add("|---" * len(columns) + "|")

    def row(self, *cells):
        self.add("| " + " | ".join(str(cell) for cell in cells) + " |")

    def text(self, line):
        self.add(line)

    def add(self, line):
        print(line, flush=True)
        self.lines.append(line)

    def reach(self, what, value, limit, at_most=True):
        """The limit and whether it was reached, as a cell; what was not is kept for the summary."""
        reached = value <= limit if at_most else value >= limit
        sign = "≤" if at_most else "≥"
        if not reached:
            self.missed.append(f"{what}: {value:.2f}, to be {sign} {limit:g}")
        return f"{sign} {limit:g}: {'yes' if reached else '**no**'}"

    def write(self, path, head):
        summary = [f"- {line}" for line in self.missed] or ["- every row of the table was reached"]
        measured = "\n".join([BEGIN, "", head, "", "Not reached in this run:", "", *summary, *self.lines, "", END])
        text = path.read_text() if path.exists() else f"# Benchmarks\n\n{BEGIN}\n{END}\n"
        path.write_text(re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: measured, text, flags=re.DOTALL))


def machine():
    info = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.*)", info.read_text()) if info.exists() else None
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{datetime.date.today()}, {platform.system()} {platform.release()}, {model[1] if model else platform.machine()}, "
        f"{os.cpu_count()} processors, {memory:.0f} GiB; load {load} before the run."
    )
