"""From a key to its echo: on a bare terminal, through `psup attach` and through `tmux attach`, in turns."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

from bench import in_turns, median, p99

# The session gives back each byte as it comes.
ECHO = ["sh", "-c", "stty raw -echo; exec cat"]
SIZE = struct.pack("HHHH", 24, 80, 0, 0)
# Letters that stand in no escape sequence.
LETTERS = "αβγδεζηθικλμνξοπρστυφχψω"


class Person:
    """A terminal with a command in it, whose keys are typed here."""

    def __init__(self, bench, command):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, SIZE)
            os.execvpe(command[0], command, {**bench.env, "TERM": "xterm-256color", "LANG": "C.UTF-8"})
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, SIZE)
        self.settle()

    def settle(self):
        """Until it has been quiet for half a second: it is drawn then."""
        while select.select([self.terminal], [], [], 0.5)[0]:
            os.read(self.terminal, 1 << 16)

    def press(self, n):
        """Milliseconds from a key to its echo."""
        letter = LETTERS[n % len(LETTERS)].encode()
        begun = time.perf_counter()
        os.write(self.terminal, letter)
        seen = b""
        while letter not in seen:
            seen += os.read(self.terminal, 1 << 16)
        return (time.perf_counter() - begun) * 1000

    def leave(self):
        os.kill(self.pid, signal.SIGHUP)
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


def echoes(bench, report, keys):
    bench.run([*bench.psup, "spawn", "echo", "--size", "80x24", "--", *ECHO])
    bench.run([*bench.tmux, "new-session", "-d", "-s", "echo", "-x", "80", "-y", "24", *ECHO])
    people = {
        "bare": Person(bench, ECHO),
        "psup": Person(bench, [*bench.psup, "attach", "echo"]),
        "tmux": Person(bench, [*bench.tmux, "-u", "attach", "-t", "echo"]),
    }
    took = in_turns(keys, {name: person.press for name, person in people.items()})
    report.section("A key to its echo through attach, ms", "", *people, "psup / bare", "reach", "psup / tmux", "reach")
    for name, of in (("median", median), ("p99", p99)):
        bare, mine, other = (of(took[who]) for who in ("bare", "psup", "tmux"))
        report.row(
            name,
            *(f"{value:.3f}" for value in (bare, mine, other)),
            f"{mine / bare:.2f}",
            report.reach(f"echo, {name}, of the bare terminal", mine / bare, 1.2),
            f"{mine / other:.2f}",
            report.reach(f"echo, {name}, of tmux", mine / other, 1.0),
        )
    for person in people.values():
        person.leave()
    bench.clear()
