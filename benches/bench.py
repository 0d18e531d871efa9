"""A supervisor of psup, a server of each peer, and the clock: everything private, everything gone afterwards.

Commands are started with posix_spawn and timed from before the start until the end, the same way for everybody.
"""

import json
import math
import os
import select
import shutil
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Seconds after which a child will not run any more.
NEVER = 2


class Bench:
    def __init__(self, directory, psup):
        self.directory = directory
        self.env = {**os.environ, "PSUP_DIR": str(directory / "psup"), "TMUX_TMPDIR": str(directory), "PSUP_RUNG": "double-fork"}
        # Whatever a peer keeps for its user, it keeps here.
        for name, place in (("SCREENDIR", "screen"), ("HOME", "home"), ("XDG_RUNTIME_DIR", "run")):
            self.env[name] = str(directory / place)
            os.mkdir(self.env[name], 0o700)
        # It has a limit of 16 otherwise.
        self.env["AGENT_TUI_MAX_SESSIONS"] = "100000"
        for name in ("TMUX", "STY", "PSUP_PROFILE"):
            self.env.pop(name, None)
        self.psup = [psup]
        self.tmux = ["tmux", "-L", "bench", "-f", "/dev/null"]
        self.fifo = str(directory / "fifo")
        os.mkfifo(self.fifo)
        # Open in both directions for ever: a writer never waits for a reader, and the end of one is not the end.
        self.bell = os.open(self.fifo, os.O_RDWR)
        self.floor, self.empty = self.compile()
        self.children = []
        self.ends = []

    def compile(self):
        """The bare programs. Without a C compiler there is no floor to tell."""
        compiler = shutil.which("cc")
        if not compiler:
            sys.exit("there is no C compiler for the bare loops: install gcc")
        floor, empty = str(self.directory / "floor"), str(self.directory / "empty")
        flags = [compiler, "-static", "-O2", "-w", "-o"]
        subprocess.run([*flags, floor, str(ROOT / "benches/floor.c")], check=True)
        subprocess.run([*flags, empty, "-xc", "-"], input="int main(void){return 0;}", text=True, check=True)
        return floor, empty

    def run(self, command):
        subprocess.run(command, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)

    def output(self, command):
        return subprocess.run(command, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True).stdout

    def start(self, command):
        """A process of ours that runs until we leave."""
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.children.append(subprocess.Popen(command, env=self.env, **quiet))
        return self.children[-1]

    def until(self, command):
        """Runs it again until it succeeds: what it asks has just been started."""
        while subprocess.run(command, env=self.env, stdin=subprocess.DEVNULL, capture_output=True).returncode:
            time.sleep(0.01)

    def at_the_end(self, command):
        if command:
            self.ends.append(command)

    def begin(self, command, out=os.devnull):
        files = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_OPEN, 1, out, os.O_WRONLY, 0)]
        return os.posix_spawnp(command[0], command, self.env, file_actions=files)

    def time(self, command):
        """Milliseconds from before the command is started until it has ended."""
        begun = time.perf_counter()
        status = os.waitpid(self.begin(command), 0)[1]
        took = time.perf_counter() - begun
        if status:
            sys.exit(f"{command} ended with {status}")
        return took * 1000

    def time_to_child(self, command):
        """Milliseconds from before the command is started until the child in the new terminal has written to the fifo.

        Infinite if it never does: on a busy machine a peer may fail, or say that all is well and have started nothing.
        """
        begun = time.perf_counter()
        pid = self.begin(command)
        rung = select.select([self.bell], [], [], NEVER)[0]
        took = time.perf_counter() - begun if rung else math.inf
        if rung:
            os.read(self.bell, 1)
        failed = os.waitpid(pid, 0)[1]
        return math.inf if failed else took * 1000

    def status(self):
        return json.loads(self.output([*self.psup, "--json", "status"]))

    def pids(self):
        status = self.status()
        return status["guardian_pid"], status["worker_pid"]

    def tmux_pid(self):
        return int(self.output([*self.tmux, "display-message", "-p", "#{pid}"]))

    def clear(self):
        """Neither supervisor nor server."""
        # Its directories must not go while it lives: it would bind its socket again.
        while subprocess.run([*self.psup, "status"], env=self.env, capture_output=True).returncode != 5:
            subprocess.run([*self.psup, "shutdown", "--force"], env=self.env, capture_output=True)
        found = subprocess.run([*self.tmux, "display-message", "-p", "#{pid}"], env=self.env, capture_output=True, text=True)
        subprocess.run([*self.tmux, "kill-server"], env=self.env, capture_output=True)
        # It answers before it has gone, and the next would still find its socket.
        while found.stdout.strip() and runs(found.stdout.strip()):
            time.sleep(0.001)
        shutil.rmtree(self.directory / "psup", ignore_errors=True)

    def leave(self):
        for end in self.ends:
            subprocess.run(end, env=self.env, stdin=subprocess.DEVNULL, capture_output=True)
        for child in self.children:
            child.send_signal(signal.SIGTERM)
            child.wait()
        self.clear()


def runs(pid):
    """Also false of one that nobody has buried."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def median(values):
    return statistics.median(values)


def p99(values):
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]


def in_turns(times, works):
    """Each work that often; whoever goes first warms the caches for the others, so they take turns in that too."""
    took = {name: [] for name in works}
    order = list(works)
    for i in range(times):
        for name in order if i % 2 else reversed(order):
            took[name].append(works[name](i))
    return took


def memory(pid):
    """KiB of a process: its own pages, and its part of those it shares with others."""
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        key, value = line.split(":")
        found[key] = int(value.split()[0])
    return found["Pss_Anon"] + found.get("Pss_File", 0) + found.get("Pss_Shmem", 0)


def cpu_seconds(pid):
    return cpu_ticks(pid)[0] / os.sysconf("SC_CLK_TCK")


def cpu_seconds_with_children(pid):
    """Of those children too that it has buried."""
    return sum(cpu_ticks(pid)) / os.sysconf("SC_CLK_TCK")


def cpu_ticks(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])


def wake_ups(pids):
    total = 0
    for pid in pids:
        for status in Path(f"/proc/{pid}/task").glob("*/status"):
            total += sum(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("voluntary_ctxt"))
    return total
