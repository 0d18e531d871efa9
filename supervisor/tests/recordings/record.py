#!/usr/bin/env python3
"""Records what real programs write to a terminal: NAME-COLSxROWS.out.gz beside this file.

Run by hand when a program should be added; the recordings are kept. Each program runs in a directory and an environment of its own, under
TERM=tmux-256color unless its name ends in -xterm, and gets the keys listed with it, one by one, each after the output has been quiet.
"""

import fcntl
import gzip
import os
import pathlib
import pty
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time

HERE = pathlib.Path(__file__).resolve().parent
SIZES = [(80, 24), (132, 43)]
# A recording is cut here: what programs do differently shows early.
LIMIT = 200_000
QUIET = 0.4

UP, DOWN, RIGHT, LEFT, END = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[4~"
PAGE_DOWN, PAGE_UP, F3, F9, F10 = "\x1b[6~", "\x1b[5~", "\x1bOR", "\x1b[20~", "\x1b[21~"

CURSES = """
import curses, time
def main(s):
    curses.start_color(); curses.use_default_colors()
    for pair in range(1, min(256, curses.COLOR_PAIRS)):
        curses.init_pair(pair, pair, (pair * 7) % 256 if pair % 3 else -1)
    h, w = s.getmaxyx()
    for n in range(256):
        try: s.addstr(1 + n // 16, 2 + (n % 16) * 4, '%3d ' % n, curses.color_pair(n) | (curses.A_BOLD if n % 5 == 0 else 0))
        except curses.error: pass
    s.box(); s.refresh(); s.getch()
    for a, name in ((curses.A_BOLD, 'bold'), (curses.A_DIM, 'dim'), (curses.A_REVERSE, 'reverse'), (curses.A_UNDERLINE, 'underline'),
                    (curses.A_BLINK, 'blink'), (curses.A_ITALIC, 'italic'), (curses.A_STANDOUT, 'standout')):
        s.addstr(' ' + name + ' ', a)
    win = curses.newwin(8, 30, 6, 20); win.box(); win.scrollok(True); win.addstr(2, 2, 'wide: 世界 ünï ▒█'); win.bkgd(' ', curses.color_pair(44))
    win.hline(4, 1, curses.ACS_HLINE, 28); win.addch(5, 5, curses.ACS_DIAMOND); win.refresh(); s.getch()
    s.scrollok(True)
    for i in range(5): s.scroll(1); s.refresh()
    s.move(3, 5); s.insertln(); s.deleteln(); s.insstr(4, 4, 'inserted'); s.delch(5, 5); s.clrtoeol(); s.refresh(); s.getch()
    s.clear(); s.addstr(0, 0, 'x' * (w * 3)); s.clrtobot(); s.refresh(); s.getch()
curses.wrapper(main)
"""

CODE = "\n".join(
    ["// Sample with words, tabs and wide text.", "use std::fmt;", "", "/// 世界 and ünïcödé in a comment", "pub fn main() {"]
    + ["\tlet value_%d = compute(%d, \"text %s\"); // note %d" % (n, n * 7, "ab" * (n % 40), n) for n in range(120)]
    + ["}", ""]
)

APT = r"""
rows=$(stty size | cut -d' ' -f1)
printf '\n\0337\033[0;%dr\0338\033[1A' $((rows-1))
for i in $(seq 1 40); do
  printf 'Setting up package-%d (1.%d-2) ...\r\n' $i $i
  printf '\0337\033[%d;0f\033[42m\033[30mProgress: [%3d%%]\033[49m\033[39m [%-40.*s] \0338' $rows $((i*100/40)) $i '########################################'
done
printf '\n\0337\033[0;%dr\0338\033[1A\033[J' $rows
"""

# Programs that list processes see their own only.
ALONE = ["unshare", "-pf", "--mount-proc"]

# name: (command, keys)
PROGRAMS = {
    "vim": (["vim", "-u", "NONE", "-i", "NONE", "--cmd", "syntax on | set nu nocp hlsearch laststatus=2 ruler", "code.rs"],
            ["G", "gg", "\x06", "/value_5\r", "n", "ddp", "otyped text 世界\x1b", ":vsplit\r", "\x17w", "\x04", ":set list\r", "u", ":help\r", ":qa!\r"]),
    "vim-xterm": (["vim", "-u", "NONE", "-i", "NONE", "--cmd", "syntax on | set nu nocp", "code.rs"], ["G", "gg", "\x06", "Vjjjd", "u", ":qa!\r"]),
    "nano": (["nano", "-I", "-l", "code.rs"], [PAGE_DOWN, "hello 世界", "\x0b", "\x17value\r", "\x07", "\x18", "\x18", "n"]),
    "less": (["less", "-N", "code.rs"], [" ", "b", "/value_3\r", "n", "G", "g", "-S\r", RIGHT, "h", "q", "q"]),
    "less-raw": (["sh", "-c", "printf '\\033[1;31mred\\033[m plain \\033[4munder\\033[m %0200d\\n' $(seq 1 90) | less -R"], [" ", " ", "b", "G", "q"]),
    "htop": ([*ALONE, "htop", "-d", "5"], [DOWN, DOWN, "t", F3, "sh", "\x1b", F10]),
    "top": ([*ALONE, "top", "-d", "1"], ["1", "z", "x", "c", "q"]),
    "mc": (["mc", "-u", "-x", "."], [DOWN, "\t", DOWN, F3, PAGE_DOWN, F10, F9, DOWN, "\x1b", "\x1b", "\x0f", "ls\r", "\x0f", F10, "\r"]),
    "mc-xterm": (["mc", "-u", "-x", "."], [DOWN, F9, DOWN, "\x1b", "\x1b", F10, "\r"]),
    "git-log": (["git", "log", "--graph", "--color", "--stat", "-n", "60"], [" ", " ", "b", "/Lay\r", "q"]),
    "git-diff": (["git", "diff", "--color=always", "HEAD~1"], [" ", " ", "q"]),
    "python": (["python3", "-q"], ["print('a' * 200)\r", "import sys\r", "for i in range(40): print(i, '世' * i)\r\r", UP, "\x01", "x = 1 #", "\x05\r", "help(len)\r", "q", "\x04"]),
    "node": (["node"], ["[1,2,{a:'b'}]\r", "'x'.repeat(300)\r", "cons", "\t\t", "\x03", UP, "\r", "\x04"]),
    "bash": (["bash", "--norc", "-i"], ["ls --color /etc | head -60\r", "echo " + "long " * 50, "\x01", "\x0b", "\x19", "\r", "\x12ls", "\x07", "clear\r", "printf '\\033[7mrev\\033[K\\033[m\\n'\r", "stty -a\r", "\x04"]),
    "curses": (["python3", "-c", CURSES], ["a", "b", "c", "d"]),
    "curses-xterm": (["python3", "-c", CURSES], ["a", "b", "c", "d"]),
    "apt": (["bash", "-c", APT], []),
    "cargo": (["cargo", "build", "--color", "always"], []),
    "npm": (["npm", "help", "--color=always"], []),
    "tmux": (["tmux", "-L", "rec", "-f", "/dev/null", "new", "bash --norc"], ["ls /usr\r", "\x02%", "seq 50\r", '\x02"', "\x02c", "echo hi\r", "\x020", "\x02[", PAGE_UP, "q", "\x02z", "\x02:kill-server\r"]),
    "watch": (["watch", "-n1", "-c", "-d", "date; seq 30"], ["", "", "q"]),
    "man": (["man", "ls"], [" ", " ", "/--all\r", "q"]),
}


def prepare(directory):
    (directory / "code.rs").write_text(CODE)
    (directory / "Cargo.toml").write_text('[package]\nname = "sample"\nversion = "0.1.0"\nedition = "2021"\n[[bin]]\nname = "sample"\npath = "bad.rs"\n')
    (directory / "bad.rs").write_text("fn main() {\n    let unused = 1;\n    let x: u32 = \"text\";\n    missing(世界);\n}\n")
    git = "git init -q && git config user.name A && git config user.email a@example.com && git add -A && "
    git += "for i in $(seq 70); do echo $i >> n.txt; git add -A; git commit -qm \"Lay stone $i of the wall ünï 世界\"; done; echo change >> n.txt; cp code.rs more.rs; git add -A"
    os.system(f"cd {directory} && {git}")


def record(name, command, keys, cols, rows, directory):
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(directory)
        term = "xterm-256color" if name.endswith("-xterm") else "tmux-256color"
        env = {"TERM": term, "PATH": os.environ["PATH"], "HOME": str(directory), "LANG": "C.UTF-8", "SHELL": "/bin/bash",
               "COLORTERM": "truecolor", "CARGO_HOME": os.path.expanduser("~/.cargo"), "RUSTUP_HOME": os.path.expanduser("~/.rustup"),
               "PYENV_VERSION": "system", "NODE_REPL_HISTORY": "", "GIT_PAGER": "less -R"}
        time.sleep(0.1)
        os.execvpe(command[0], command, env)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
    out, waiting, begun = b"", list(keys), time.time()
    while len(out) < LIMIT and time.time() - begun < 60:
        ready, _, _ = select.select([master], [], [], QUIET if waiting else 1.5)
        if not ready:
            if not waiting:
                break
            os.write(master, waiting.pop(0).encode())
            continue
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        if not chunk:
            break
        out += chunk
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(master)
    return out[:LIMIT]


def main():
    wanted = sys.argv[1:] or list(PROGRAMS)
    for name in wanted:
        command, keys = PROGRAMS[name]
        if not shutil.which(command[0]):
            print(f"{name}: {command[0]} is not here")
            continue
        for cols, rows in SIZES:
            with tempfile.TemporaryDirectory() as directory:
                directory = pathlib.Path(directory)
                prepare(directory)
                out = record(name, command, keys, cols, rows, directory)
            path = HERE / f"{name}-{cols}x{rows}.out.gz"
            path.write_bytes(gzip.compress(out, mtime=0))
            print(f"{path.name}: {len(out)} bytes, {path.stat().st_size} kept")


main()
