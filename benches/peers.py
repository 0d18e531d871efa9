"""The others: how each says what psup's verbs say. Whoever is not installed is told, not measured.

A peer that has no word for a work (screen cannot print a screen, dtach has neither names nor screens) leaves its cell empty.
"""

import json
import shlex
import shutil
import subprocess
import time
from pathlib import Path


def tmux(bench):
    return {
        "has": lambda n: [*bench.tmux, "has-session", "-t", "a"],
        "send": lambda n: [*bench.tmux, "send-keys", "-l", "-t", "a", "x"],
        "capture": lambda n: [*bench.tmux, "capture-pane", "-p", "-t", "a"],
        "spawn": lambda n, child: [*bench.tmux, "new-session", "-d", "-s", f"s{n}", *child],
    }


def psup(bench):
    return {
        "has": lambda n: [*bench.psup, "has", "a"],
        "send": lambda n: [*bench.psup, "send", "a", "x"],
        "capture": lambda n: [*bench.psup, "capture", "a"],
        "spawn": lambda n, child: [*bench.psup, "spawn", f"s{n}", "--", *child],
    }


def screen(bench):
    """One process a session, which answers a question in a file or on a second socket."""
    bench.run(["screen", "-dmS", "bench", "cat"])
    file = str(bench.directory / "hardcopy")
    return {
        "has": lambda n: ["screen", "-S", "bench", "-Q", "number"],
        "send": lambda n: ["screen", "-S", "bench", "-X", "stuff", "x"],
        "capture": lambda n: ["screen", "-S", "bench", "-X", "hardcopy", file],
        "spawn": lambda n, child: ["screen", "-dmS", f"s{n}", *child],
        "end": ["screen", "-S", "bench", "-X", "quit"],
    }


def dtach(bench):
    """One process a session and no screen: a socket with bytes."""
    return {"spawn": lambda n, child: ["dtach", "-n", str(bench.directory / f"dtach{n}"), *child]}


def shpool(bench):
    """A daemon with shells, to be attached to; it has no word that types or prints a screen."""
    # Left to itself it starts a daemon that nobody here knows to end.
    bench.start(["shpool", "--no-daemonize", "daemon"])
    begin = lambda name, child: ["shpool", "--no-daemonize", "attach", "-b", "-c", shlex.join(child), name]
    bench.until(begin("bench", ["cat"]))
    return {
        "has": lambda n: ["shpool", "--no-daemonize", "list"],
        "spawn": lambda n, child: begin(f"s{n}", child),
    }


def terminal_use(bench):
    run = lambda name, child: ["tu", "run", "--name", name, "--size", "80x24", "--", *child]
    bench.run(run("bench", ["cat"]))
    return {
        "has": lambda n: ["tu", "status", "--name", "bench"],
        "send": lambda n: ["tu", "type", "x", "--name", "bench"],
        "capture": lambda n: ["tu", "screenshot", "--name", "bench"],
        "spawn": lambda n, child: run(f"s{n}", child),
        "end": ["tu", "daemon", "stop"],
    }


def agent_tui(bench):
    """It makes up its sessions' names."""
    run = lambda child: ["agent-tui", "run", "--cols", "80", "--rows", "24", "--", *child]
    session = json.loads(bench.output([*run(["cat"])[:2], "--json", *run(["cat"])[2:]]))["session_id"]
    return {
        "has": lambda n: ["agent-tui", "sessions", "show", session],
        "send": lambda n: ["agent-tui", "--session", session, "type", "x"],
        "capture": lambda n: ["agent-tui", "--session", session, "screenshot"],
        "spawn": lambda n, child: run(child),
        "end": ["agent-tui", "daemon", "stop", "--yes"],
    }


def zellij(bench):
    """A server a session, each of some 100 MB, so it is not asked to begin a hundred; without a client no pane has the focus."""
    bench.run(["zellij", "attach", "--create-background", "bench", "--", "cat"])
    pane = ["--pane-id", "terminal_0"]
    bench.until(["zellij", "--session", "bench", "action", "write-chars", *pane, "x"])
    return {
        "has": lambda n: ["zellij", "list-sessions", "--short"],
        "send": lambda n: ["zellij", "--session", "bench", "action", "write-chars", *pane, "x"],
        "capture": lambda n: ["zellij", "--session", "bench", "action", "dump-screen", *pane],
        "end": ["zellij", "delete-session", "--force", "bench"],
    }


# By the program that has to be there.
OPTIONAL = {"screen": screen, "dtach": dtach, "shpool": shpool, "tu": terminal_use, "agent-tui": agent_tui, "zellij": zellij}
# Asked by `benches/exec`.
ELSEWHERE = ("libtmux-mcp",)


def present(bench, report):
    peers = {"psup": psup(bench), "tmux": tmux(bench)}
    missing = [name for name in (*OPTIONAL, *ELSEWHERE) if not shutil.which(name)]
    for name, words in OPTIONAL.items():
        if name not in missing:
            peers[name] = words(bench)
            bench.at_the_end(peers[name].pop("end", None))
    if missing:
        report.text(f"Not installed on this machine, so not measured: {', '.join(missing)}.")
    return peers


def end_strays(bench):
    """Sessions of peers that keep a process each."""
    for child in Path("/proc").glob("[0-9]*"):
        try:
            words = (child / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if str(bench.fifo).encode() in b" ".join(words) and int(child.name) > 1:
            subprocess.run(["kill", child.name], capture_output=True)
    time.sleep(0.1)
