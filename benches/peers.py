"""The others: how each says what psup's verbs say. Whoever is not installed is told, not measured.

A peer that has no word for a work (screen cannot print a screen, dtach has neither names nor screens) leaves its cell empty.
"""

import shutil
import subprocess
import time
from pathlib import Path


def tmux(house):
    return {
        "has": lambda n: [*house.tmux, "has-session", "-t", "a"],
        "send": lambda n: [*house.tmux, "send-keys", "-l", "-t", "a", "x"],
        "capture": lambda n: [*house.tmux, "capture-pane", "-p", "-t", "a"],
        "spawn": lambda n, child: [*house.tmux, "new-session", "-d", "-s", f"s{n}", *child],
    }


def psup(house):
    return {
        "has": lambda n: [*house.psup, "has", "a"],
        "send": lambda n: [*house.psup, "send", "a", "x"],
        "capture": lambda n: [*house.psup, "capture", "a"],
        "spawn": lambda n, child: [*house.psup, "spawn", f"s{n}", "--", *child],
    }


def screen(house):
    """One process a session, which answers a question in a file or on a second socket."""
    house.run(["screen", "-dmS", "bench", "cat"])
    file = str(house.directory / "hardcopy")
    return {
        "has": lambda n: ["screen", "-S", "bench", "-Q", "number"],
        "send": lambda n: ["screen", "-S", "bench", "-X", "stuff", "x"],
        "capture": lambda n: ["screen", "-S", "bench", "-X", "hardcopy", file],
        "spawn": lambda n, child: ["screen", "-dmS", f"s{n}", *child],
    }


def dtach(house):
    """One process a session and no screen: a socket with bytes."""
    return {"spawn": lambda n, child: ["dtach", "-n", str(house.directory / f"dtach{n}"), *child]}


def agent_tui(house):
    """A daemon that makes up its sessions' names; the newest is the one that is meant."""
    run = lambda child: ["agent-tui", "run", "--cols", "80", "--rows", "24", "--", *child]
    house.run(run(["cat"]))
    return {
        "has": lambda n: ["agent-tui", "sessions", "show", "active"],
        "send": lambda n: ["agent-tui", "type", "x"],
        "capture": lambda n: ["agent-tui", "screenshot"],
        "spawn": lambda n, child: run(child),
        "end": ["agent-tui", "daemon", "stop", "--yes"],
    }


OPTIONAL = {"screen": screen, "dtach": dtach}
# Installed by benches/setup where that works, found here by name; they have no words yet for the works of the table.
UNMEASURED = ("shpool", "zellij", "terminal-use", "agent-tui", "libtmux-mcp")


def present(house, report):
    peers = {"psup": psup(house), "tmux": tmux(house)}
    for name, words in OPTIONAL.items():
        if shutil.which(name):
            peers[name] = words(house)
        else:
            report.text(f"{name} is not installed: not measured.")
    missing = [name for name in UNMEASURED if not shutil.which(name)]
    if missing:
        report.text(f"Not installed on this machine, so not measured: {', '.join(missing)}.")
    return peers


def end_strays(house):
    """Sessions of peers that keep a process each."""
    for child in Path("/proc").glob("[0-9]*"):
        try:
            words = (child / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if str(house.fifo).encode() in b" ".join(words) and int(child.name) > 1:
            subprocess.run(["kill", child.name], capture_output=True)
    time.sleep(0.1)
