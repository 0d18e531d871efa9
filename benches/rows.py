"""What is measured: each function one section of the table."""

import os
import signal
import shutil
import subprocess
import time
from pathlib import Path

import output
from bench import ROOT, cpu_seconds, cpu_seconds_with_children, in_turns, median, memory, p99, wake_ups
from peers import end_strays


def ms(value):
    return f"{value:.2f}"


def commands(bench, report, peers, pairs):
    """Whole commands, everybody in turns."""
    bench.run([*bench.psup, "spawn", "a", "--size", "80x24", "--", "cat"])
    bench.run([*bench.tmux, "new-session", "-d", "-s", "a", "-x", "80", "-y", "24", "cat"])
    socket = str(bench.directory / "echo")
    bench.start([bench.floor, "echo", socket])
    while not os.path.exists(socket):
        time.sleep(0.01)
    floors = {"nothing": lambda n: [bench.empty], "round trip": lambda n: [bench.floor, "ask", socket]}
    others = [name for name in peers if name not in ("psup", "tmux")]
    report.section("Whole commands, ms (median; p99 in brackets)", "", "psup", "tmux", "psup / tmux", "reach", "over an empty static binary", *others)
    for work in ("has", "send", "capture"):
        works = {name: timed(bench, words[work]) for name, words in peers.items() if work in words}
        works.update({name: timed(bench, words) for name, words in floors.items()})
        took = in_turns(pairs, works)
        mine, other, empty = (median(took[name]) for name in ("psup", "tmux", "nothing"))
        report.row(
            work,
            f"{ms(mine)} ({ms(p99(took['psup']))})",
            f"{ms(other)} ({ms(p99(took['tmux']))})",
            ms(mine / other),
            report.reach(f"{work}, of tmux", mine / other, 0.6),
            f"{ms(mine - empty)}, {report.reach(f'{work}, ms over an empty binary', mine - empty, 0.5)}",
            *(ms(median(took[name])) if name in took else "" for name in others),
        )
    trip = median(took["round trip"])
    report.text(f"\nFloor in the same turns: an empty static binary {ms(empty)} ms, one with a bare socket round trip {ms(trip)} ms.")


def timed(bench, command):
    return lambda n: bench.time(command(n))


def spawns(bench, report, peers, pairs):
    """From the command's start until the child has run; the floor is the child alone, without anybody's terminal."""
    child = ["sh", "-c", f"echo > {bench.fifo}; exec sleep 1000"]
    bare = ["sh", "-c", f"echo > {bench.fifo}"]
    works = {name: (lambda n, words=words: bench.time_to_child(words["spawn"](n, child))) for name, words in peers.items() if "spawn" in words}
    works["bare"] = lambda n: bench.time_to_child(bare)
    took = in_turns(pairs, works)
    report.section("Spawn: command started to child running, ms", "", *works)
    report.row("median", *(ms(median(took[name])) for name in works))
    report.row("p99", *(ms(p99(took[name])) for name in works))
    ratio = median(took["psup"]) / median(took["tmux"])
    report.text(f"\npsup / tmux {ms(ratio)} ({report.reach('spawn, of tmux', ratio, 0.6)}). `bare` is the child alone, started by nobody.")
    end_strays(bench)

    def first_of(name, command):
        def first(n):
            bench.clear()
            return bench.time_to_child(command(n, child))
        return first

    took = in_turns(max(5, pairs // 10), {name: first_of(name, peers[name]["spawn"]) for name in ("psup", "tmux")})
    mine, other = median(took["psup"]), median(took["tmux"])
    report.text(f"The first of all, with the start of the supervisor: psup {ms(mine)}, tmux {ms(other)} ms ({ms(mine / other)}).")
    bench.clear()


def drains(bench, report, megabytes, pairs):
    """A file through a terminal: cat in a fresh session until its exit is known and its output drained.

    Beside others' work a ratio of two medians says little: the bare loop and psup run in pairs, one after the other, and the median
    is of the pairs' ratios. The ratio of processor time is nearly free of what else the machine does: what the reader and `cat` cost
    together in the bare loop, to what psup and `cat` do. On one processor that is the drain.
    """
    everywhere = os.sched_getaffinity(0)
    for where, processors in (("", everywhere), (", everything on one processor", {max(everywhere)})):
        os.sched_setaffinity(0, processors)
        title = f"PTY drain{where}: {megabytes} MB of output (`seq` a third), medians of {pairs} pairs"
        report.section(title, "", "bare read loop, MB/s", "psup / bare", "lowest … highest", "reach", "bare / psup, processor", "psup / tmux", "reach")
        bench.run([*bench.psup, "spawn", "base", "--", "sleep", "10000"])
        bench.run([*bench.tmux, "new-session", "-d", "-s", "base", "sleep 10000"])
        for kind in output.KINDS:
            drain(bench, report, kind, where, megabytes * 1000000 // (3 if kind == "seq" else 1), pairs)
        bench.clear()
    os.sched_setaffinity(0, everywhere)


def drain(bench, report, kind, where, least, pairs):
    file = bench.directory / "output"
    size = output.write(file, kind, least)
    worked = {"bare": 0, "psup": 0}
    supervisor = bench.pids()
    name = lambda n: f"drain-{kind}-{n}"

    def through_bare(n):
        took, processor = map(float, bench.output([bench.floor, "drain", str(file)]).split())
        worked["bare"] += processor
        return took

    def through_psup(n):
        before = sum(map(cpu_seconds_with_children, supervisor))
        begun = time.perf_counter()
        bench.run([*bench.psup, "spawn", name(n), "--size", "80x24", "--", "cat", str(file)])
        bench.run([*bench.psup, "wait", name(n), "--exit"])
        took = time.perf_counter() - begun
        worked["psup"] += sum(map(cpu_seconds_with_children, supervisor)) - before
        bench.run([*bench.psup, "forget", name(n)])
        return took

    def through_tmux(n):
        done = " ".join([*bench.tmux, "wait-for", "-S", "done"])
        begun = time.perf_counter()
        bench.run([*bench.tmux, "new-session", "-d", "-s", name(n), "-x", "80", "-y", "24", f"cat {file}; {done}"])
        bench.run([*bench.tmux, "wait-for", "done"])
        return time.perf_counter() - begun

    took = in_turns(pairs, {"bare": through_bare, "psup": through_psup})
    ratios = sorted(bare / mine for bare, mine in zip(took["bare"], took["psup"]))
    processor = worked["bare"] / worked["psup"]
    with_tmux = in_turns(max(1, pairs // 3), {"tmux": through_tmux, "psup": lambda n: through_psup(pairs + n)})
    to_tmux = median(with_tmux["tmux"]) / median(with_tmux["psup"])
    to_bare = median(ratios)
    # Nobody is faster than the bare loop: where it is not 1.5 times tmux itself there is no room for that.
    room = to_tmux / to_bare >= 1.5
    report.row(
        kind,
        f"{size / median(took['bare']) / 1e6:.0f}",
        ms(to_bare),
        f"{ms(ratios[0])} … {ms(ratios[-1])}",
        report.reach(f"drain{where}, {kind}, of the bare loop", to_bare, 0.9, at_most=False),
        ms(processor),
        ms(to_tmux),
        report.reach(f"drain{where}, {kind}, times tmux", to_tmux, 1.5, at_most=False) if room else "no room",
    )
    file.unlink()


def waits(bench, report, times):
    """Output on the terminal until the command `psup wait` has returned."""
    stamp, trigger = str(bench.directory / "stamp"), str(bench.directory / "trigger")
    os.mkfifo(trigger)
    bench.run([*bench.psup, "spawn", "marks", "--", bench.floor, "mark", trigger, stamp])

    def one(n):
        pid = bench.begin([*bench.psup, "wait", "marks", "--text", f"mark {n}\\b"])
        # Until it is parked; a wait that is not would only be answered later.
        time.sleep(0.02)
        with open(trigger, "wb", buffering=0) as fifo:
            fifo.write(b"x")
        os.waitpid(pid, 0)
        ended = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        return (ended - int.from_bytes(Path(stamp).read_bytes(), "little")) / 1e6

    report.section("Output on the terminal to `wait` returned, ms", "", "median", "reach", "p99", "reach")
    for what, busy in (("nothing else runs", 0), ("100 other sessions print a line every 10 ms", 100)):
        for n in range(busy):
            bench.run([*bench.psup, "spawn", f"busy{n}", "--", bench.floor, "lines", "1", "10"])
        offset = times if busy else 0
        took = [one(n + 1 + offset) for n in range(times)]
        half, most = median(took), p99(took)
        report.row(what, ms(half), report.reach(f"wait, {what}, median ms", half, 2), ms(most), report.reach(f"wait, {what}, p99 ms", most, 10))
    bench.clear()


def idle_and_large(bench, report, most, seconds):
    """Idle sessions by the number: memory, wake-ups, kills, lists."""
    report.section("Idle sessions", "sessions", "psup memory, MiB", "KiB a session", "reach", "tmux memory, MiB", "wake-ups a minute", "next answer after a kill of the worker, ms", "… of the guardian, ms", "list, ms", "tmux list, ms")
    count = 0
    bench.run([*bench.tmux, "new-session", "-d", "-s", "base", "sleep 10000"])
    for target in (n for n in (1, 100, 1000) if n <= most):
        for n in range(count, target):
            bench.run([*bench.psup, "spawn", f"idle{n}", "--", "sleep", "10000"])
            bench.run([*bench.tmux, "new-session", "-d", "-s", f"idle{n}", "sleep", "10000"])
        count = target
        bench.run([*bench.psup, "wait", f"idle{target - 1}", "--idle", "2s"])
        pids = bench.pids()
        used = sum(map(memory, pids)) / 1024
        before = wake_ups(pids)
        time.sleep(seconds)
        woken = (wake_ups(pids) - before) * 60 / seconds
        answers = [median([kill_to_answer(bench, who) for _ in range(9)]) for who in (1, 0)]
        lists = in_turns(9, {"psup": lambda n: bench.time([*bench.psup, "list"]), "tmux": lambda n: bench.time([*bench.tmux, "list-sessions"])})
        reach = ""
        if target == 1000:
            reach = report.reach("memory of 1000 idle sessions, MiB", used, 128)
        if target == 100:
            reach = report.reach("memory of an idle session, KiB", used * 1024 / target, 100)
            answers = [f"{ms(a)} ({report.reach('kill to answer, ms', a, 20)})" for a in answers]
            woken = f"{woken:.0f} ({report.reach('wake-ups a minute', woken, 0)})"
        cells = [f"{c:.1f}" if isinstance(c, float) else c for c in (woken, *answers, *(median(lists[who]) for who in ("psup", "tmux")))]
        report.row(target, f"{used:.1f}", f"{used * 1024 / target:.0f}", reach, f"{memory(bench.tmux_pid()) / 1024:.1f}", *cells)
    report.text("\nMemory is guardian and worker: their own pages, and the rings in shared memory.")
    bench.clear()


def kill_to_answer(bench, who):
    pid = bench.pids()[who]
    os.kill(pid, signal.SIGKILL)
    took = bench.time([*bench.psup, "has", "idle0"])
    # The other one is in place again before the next kill.
    bench.status()
    time.sleep(0.1)
    return took


def scrollback(bench, report, times):
    """Captures of what has scrolled away, and the memory that such a session takes."""
    report.section(
        "Capture of scrollback, ms", "lines", "psup", "tmux", "psup / tmux", "memory of the session, MiB", "in tmux", "all of psup's after the captures"
    )
    bench.run([*bench.tmux, "new-session", "-d", "-s", "base", "sleep 10000", ";", "set", "-g", "history-limit", "1000000"])
    bench.run([*bench.psup, "spawn", "base", "--", "sleep", "10000"])
    used = lambda: (sum(map(memory, bench.pids())) / 1024, memory(bench.tmux_pid()) / 1024)
    empty, took_up = used(), {}
    for lines in (2000, 100_000, 1_000_000):
        before = used()
        child = f"i=0; while [ $i -lt {lines // 1000} ]; do seq -f 'line %g of what has scrolled away long ago' 1000; i=$((i+1)); done; exec sleep 1000"
        name = f"lines{lines}"
        bench.run([*bench.psup, "spawn", name, "--size", "80x24", "--scrollback", str(lines), "--", "sh", "-c", child])
        bench.run([*bench.tmux, "new-session", "-d", "-s", name, "-x", "80", "-y", "24", "sh", "-c", child])
        bench.run([*bench.psup, "wait", name, "--idle", "1s"])
        time.sleep(1)
        took_up[lines] = [now - then for now, then in zip(used(), before)]
    # A capture takes memory of its own for a while, so they come when all has been weighed.
    for lines, weights in took_up.items():
        name = f"lines{lines}"
        works = {
            "psup": lambda n: bench.time([*bench.psup, "capture", name, "--all"]),
            "tmux": lambda n: bench.time([*bench.tmux, "capture-pane", "-p", "-J", "-S", "-", "-t", name]),
        }
        took = in_turns(times if lines < 1_000_000 else 3, works)
        mine, other = median(took["psup"]), median(took["tmux"])
        after = used()[0] - empty[0]
        report.row(lines, ms(mine), ms(other), ms(mine / other), *(f"{mib:.1f}" for mib in (*weights, after)))
    bench.clear()


def flood(bench, report, sessions, seconds):
    """Many sessions that print a megabyte a second each; a session among them that is captured meanwhile."""
    report.section(f"{sessions} sessions, each told to print 1 MB/s for {seconds} s", "", "taken, MB/s", "processor, s", "memory, MiB", "capture of a quiet session, ms: median", "p99")
    for who, words in (("psup", bench.psup), ("tmux", bench.tmux)):
        begin = (lambda name, *child: [*words, "spawn", name, "--", *child]) if who == "psup" else (lambda name, *child: [*words, "new-session", "-d", "-s", name, *child])
        bench.run(begin("quiet", "cat"))
        for n in range(sessions):
            bench.run(begin(f"flood{n}", bench.floor, "lines", "20000", "20"))
        pids = bench.pids() if who == "psup" else [bench.tmux_pid()]
        capture = [*words, "capture", "quiet"] if who == "psup" else [*words, "capture-pane", "-p", "-t", "quiet"]
        used, written = sum(map(cpu_seconds, pids)), taken(pids[-1])
        begun, took = time.perf_counter(), []
        while time.perf_counter() < begun + seconds:
            took.append(bench.time(capture))
            time.sleep(0.05)
        passed = time.perf_counter() - begun
        rate = (taken(pids[-1]) - written) / passed / 1e6
        report.row(who, f"{rate:.0f}", f"{sum(map(cpu_seconds, pids)) - used:.1f}", f"{sum(map(memory, pids)) / 1024:.0f}", ms(median(took)), ms(p99(took)))
        bench.clear()


def taken(pid):
    """Bytes the process has read, by the system's count."""
    return int(Path(f"/proc/{pid}/io").read_text().split("rchar:")[1].split()[0])


def binary(bench, report, build):
    """Size, and the time of a build from nothing."""
    size = os.path.getsize(bench.psup[0]) / 1e6
    line = f"The static binary is {size:.1f} MB"
    if build:
        directory = bench.directory / "target"
        begun = time.perf_counter()
        subprocess.run([str(ROOT / "scripts/release")], env={**os.environ, "CARGO_TARGET_DIR": str(directory)}, check=True, capture_output=True)
        line += f"; built from nothing in {time.perf_counter() - begun:.0f} s"
        shutil.rmtree(directory)
    report.section("The binary")
    report.text(f"{line}.")


def face(bench, report, pairs):
    """psup called as tmux against tmux: the same words, in turns."""
    link = bench.directory / "tmux"
    if not link.exists():
        link.symlink_to(os.path.realpath(shutil.which(bench.psup[0])))
    ours = [str(link), "-L", "face"]
    for program in (ours, bench.tmux):
        bench.run([*program, "new-session", "-d", "-s", "face", "-x", "80", "-y", "24", "cat"])
    report.section("Called as tmux, ms (median; p99 in brackets)", "", "psup", "tmux", "psup / tmux")
    for words in (["has-session", "-t", "face"], ["capture-pane", "-p", "-t", "face"], ["send-keys", "-t", "face", "x"]):
        took = in_turns(pairs, {"psup": timed(bench, lambda n: [*ours, *words]), "tmux": timed(bench, lambda n: [*bench.tmux, *words])})
        mine, other = median(took["psup"]), median(took["tmux"])
        report.row(words[0], f"{ms(mine)} ({ms(p99(took['psup']))})", f"{ms(other)} ({ms(p99(took['tmux']))})", ms(mine / other))
