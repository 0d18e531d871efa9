#!/usr/bin/env python3
"""Records what real programs write to a terminal: NAME-COLSxROWS.out.gz beside this file.

Run by hand when a program should be added; the recordings are kept. Each program runs in a directory and an environment of its own, under
TERM=tmux-256color unless its name ends in -xterm or -screen, and gets the keys listed with it, one by one, each after the output has been
quiet. A key that is a size is given to the terminal instead, and the recording tells where: `ESC _ size COLSxROWS ESC \\`.

`record.py NAME...` records some, `record.py` all; programs that are missing are told. What is not in Debian: `pip install rich textual
prompt_toolkit ipython blessed` and `npm install ink@4 react@18`, told by PYTHON=.../bin/python3 and NODE_PATH=.../node_modules.
"""

import concurrent.futures
import fcntl
import gzip
import os
import pathlib
import pty
import re
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
# Programs of the second table are recorded at one size each, these in turn.
ODD = [(132, 50), (80, 24), (97, 31), (61, 19)]
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

PYTHON = os.environ.get("PYTHON", "python3")
ENTER, ESC, F1, F2, F5, BACK = "\r", "\x1b", "\x1bOP", "\x1bOQ", "\x1b[15~", "\x7f"
WIDER, SMALLER = "110x34", "70x20"
EMACS = ["emacs", "-nw", "-Q"]
VIMS = ["G", "gg", "\x06", "/value_5\r", "n", "ddp", "otyped text 世界\x1b", ":vsplit\r", "\x17w", "\x04", WIDER, "gg", ":set list\r", "u", SMALLER, ":help\r", ":qa!\r"]

RICH = """
import time
from rich.console import Console
from rich.table import Table
from rich.progress import track
from rich.tree import Tree
from rich.panel import Panel
from rich.markdown import Markdown
from rich.syntax import Syntax
c = Console(force_terminal=True)
t = Table(title='Stars 🌟', show_lines=True)
for n in ('name', 'size', '名前'): t.add_column(n)
for i in range(6): t.add_row(f'[bold]row {i}[/]', str(i * 77), '世界' * i)
c.print(t); c.print(Panel.fit('[red on blue]box[/] :warning: ❤️ 👩‍💻 🇩🇪'))
tree = Tree('root'); [tree.add(f'leaf {i}').add('[u]under[/] [s]strike[/]') for i in range(3)]; c.print(tree)
for _ in track(range(30), description='working'): time.sleep(0.02)
with c.status('[green]thinking…'): time.sleep(1)
c.print(Markdown('# Title\\n\\n* one\\n* two `code`\\n\\n> quote'))
c.print(Syntax(open('code.rs').read()[:900], 'rust', line_numbers=True))
"""
TEXTUAL = """
from textual.app import App
from textual.widgets import Header, Footer, DataTable, Input, Tree, ProgressBar, Checkbox
class Sample(App):
    BINDINGS = [('q', 'quit', 'Quit'), ('d', 'toggle_dark', 'Dark')]
    def compose(self):
        yield Header(); yield Input(placeholder='type here'); yield Checkbox('check'); yield DataTable(); yield ProgressBar(total=10); yield Footer()
    def on_mount(self):
        t = self.query_one(DataTable); t.add_columns('a', 'b 世界', 'c')
        for i in range(40): t.add_row(str(i), 'text %d' % i, '🌟' * (i % 4))
        self.query_one(ProgressBar).advance(4)
Sample().run()
"""
TOOLKIT = """
from prompt_toolkit import PromptSession, HTML
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.shortcuts import radiolist_dialog
s = PromptSession(HTML('<ansigreen>in</ansigreen> <b>世</b>> '), completer=WordCompleter(['alpha', 'beta', 'gamma', 'alphabet']), bottom_toolbar='a toolbar', rprompt='right', vi_mode=False)
for _ in range(3): print('got', s.prompt())
radiolist_dialog(title='Pick', text='one of them', values=[(i, f'choice {i}') for i in range(5)]).run()
"""
BLESSED = """
from blessed import Terminal
t = Terminal()
with t.fullscreen(), t.cbreak(), t.hidden_cursor():
    print(t.home + t.on_blue + t.clear)
    for i in range(60):
        print(t.move_xy(i % (t.width - 8), i % (t.height - 1)) + t.color_rgb(i * 4, 200 - i * 3, 99) + t.underline('x%d' % i) + t.normal, end='', flush=True)
    t.inkey(); print(t.black_on_green(t.center('centred 世界'))); print(t.link('https://example.org', 'a link')); t.inkey()
"""
INK = """
import React, {useState, useEffect} from 'react';
import {render, Box, Text, Static, useInput} from 'ink';
const h = React.createElement;
const App = () => {
  const [done, setDone] = useState([]); const [n, setN] = useState(0); const [text, setText] = useState('');
  useEffect(() => { const timer = setInterval(() => setN(n => { if (n < 40) return n + 1; clearInterval(timer); return n; }), 60); return () => clearInterval(timer); }, []);
  useEffect(() => { if (n && n % 5 === 0) setDone(done => [...done, {id: n, title: `step ${n} is done ✔ ` + '世界 '.repeat(n)}]); }, [n]);
  useInput((input, key) => { if (input === 'q') process.exit(0); if (key.return) { setDone(d => [...d, {id: 'k' + text, title: '> ' + text}]); setText(''); } else if (key.backspace || key.delete) setText(t => t.slice(0, -1)); else setText(t => t + input); });
  return h(React.Fragment, null,
    h(Static, {items: done}, item => h(Box, {key: item.id}, h(Text, {color: 'green'}, '● '), h(Text, {wrap: 'wrap'}, item.title))),
    h(Box, {borderStyle: 'round', borderColor: 'magenta', flexDirection: 'column', paddingX: 1},
      h(Text, {bold: true}, `✻ Thinking… ${n} `, h(Text, {dimColor: true}, '(esc to interrupt)')),
      h(Text, {color: '#ff8800', underline: true}, '█'.repeat(n) + '░'.repeat(40 - n))),
    h(Box, {borderStyle: 'single', width: '100%'}, h(Text, null, '> ' + text), h(Text, {inverse: true}, ' ')));
};
render(h(App));
"""
TQDM = "from tqdm import tqdm; import time\nfor i in tqdm(range(60), desc='outer 世'):\n  for j in tqdm(range(5), leave=False): time.sleep(.005)\n  if i % 20 == 0: tqdm.write('line %d' % i)\n"
FISH = ["ls --co", "\t", "\x03", "echo hello 世界 | c", "\t", "\t", "\x03", "for i in (seq 3)\recho $i\rend\r", UP, "\x01", "\x0b", "echo " + "word " * 40, WIDER, ENTER, "history\r", "q", "exit\r"]
ZSH = ["autoload -U compinit; compinit -u; zstyle ':completion:*' menu select; PROMPT='%F{green}%n%f %~ %# '; RPROMPT='[%?]'\r", "ls /e\t", "\r", "cd /usr/\t\t", RIGHT, RIGHT, ENTER, ENTER, "echo " + "word " * 40, SMALLER, "\x01", "\x0b", "false\r", "print -P '%U%Bbold%b%u %K{red}bg%k'\r", "\x12ls", "\x07", "exit\r"]
DIALOGS = "dialog --menu Menu 15 50 6 1 one 2 two 3 世界; dialog --checklist List 12 40 4 a A on b B off; dialog --inputbox Input 8 40; for i in 10 40 70 100; do echo $i; sleep .2; done | dialog --gauge Wait 8 50; dialog --yesno Sure? 6 30; dialog --calendar Day 2 40 1 1 2026; dialog --textbox code.rs 20 60"
TAIL = "whiptail --menu Menu 15 50 6 1 one 2 two 3 three; whiptail --inputbox Input 8 40; for i in 10 40 70 100; do echo $i; sleep .2; done | whiptail --gauge Wait 8 50 0; whiptail --yesno Sure? 8 30"

# name: (command, keys); recorded at one size each.
MORE = {
    "nvim": (["nvim", "-u", "NONE", "-i", "NONE", "-n", "--cmd", "syntax on | set nu hlsearch termguicolors", "code.rs"], VIMS),
    "nvim-xterm": (["nvim", "-u", "NONE", "-i", "NONE", "-n", "code.rs"], ["G", ":split\r", "\x17j", "gg", "vjjd", "\x06", "\x06", "\x02", SMALLER, ":terminal\r", "ils\r", "\x1c\x0e", ":qa!\r"]),
    "vim-syntax": (["vim", "-u", "NONE", "-i", "NONE", "--cmd", "syntax on | set nocp nu cursorline cursorcolumn showcmd wildmenu termguicolors", "code.rs"], VIMS),
    "vim-screen": (["vim", "-u", "NONE", "-i", "NONE", "--cmd", "set nocp nowrap", "code.rs"], ["20j", "$", "5\x05", "zt", "10dd", "u", ":terminal\r", "seq 30\r", "exit\r", ":qa!\r"]),
    "vimdiff": (["vim", "-u", "NONE", "-i", "NONE", "-d", "code.rs", "more.rs"], ["]c", "do", "zR", "\x06", ":qa!\r"]),
    "emacs": ([*EMACS, "code.rs"], ["\x0e\x0e\x0e", "\x1bx", "rust\t", "\x07", "\x182", "\x18o", "\x16", "\x16", "hello 世界 ", WIDER, "\x13value_7", ENTER, "\x183", SMALLER, "\x0b\x0b\x19", "\x18\x02", "\x18\x03", "no\r"]),
    "emacs-xterm": ([*EMACS, "."], [DOWN, DOWN, ENTER, "\x16", "\x1bx", "list-colors-display\r", "\x18o", "\x16", "\x18\x03"]),
    "emacs-screen": ([*EMACS, "code.rs"], ["\x1b>", "\x1b<", "\x1bxmenu-bar-open\r", DOWN, RIGHT, ESC + ESC + ESC, "\x18\x03"]),
    "less-narrow": (["less", "code.rs"], [" ", SMALLER, "b", "G", "40x10", "?value\r", "n", "-N\r", WIDER, "h", "q", "F", "\x03", "q"]),
    "less-screen": (["less", "-R", "-S", "-J", "code.rs"], [RIGHT, LEFT, "/text\r", "&value_3\r", "&\r", "10j", "5k", "=", "q"]),
    "man-xterm": (["man", "bash"], [" ", " ", "/expansion\r", "n", "n", SMALLER, "G", "g", "q"]),
    "htop-xterm": ([*ALONE, "htop", "-d", "5"], [F2, DOWN, RIGHT, F10, F5, "/ht\r", WIDER, "q"]),
    "htop-screen": ([*ALONE, "htop", "-d", "5"], ["t", "u", ESC, "I", SMALLER, "h", "q", "q"]),
    "top-xterm": ([*ALONE, "top", "-d", "1"], ["m", "t", "V", "A", "w", "Z", "q", "E", WIDER, "h", "q", "q"]),
    "nano-syntax": (["nano", "-I", "-S", "code.rs"], ["\x1b[1;5C", "\x0f", "\x03", "\x1bU", "\x1c", "value_3\r", "x\r", "n", WIDER, "\x14", "\x03", "\x18", "n"]),
    "nano-screen": (["nano", "-I", "-c", "code.rs"], [PAGE_DOWN, PAGE_DOWN, PAGE_UP, "\x1ba", DOWN, DOWN, "\x1b6", "\x15", SMALLER, "\x18", "n"]),
    "mc-screen": (["mc", "-u", "-x", "."], ["\x1b5", ESC, ESC, "\x1bt", F9, ENTER, DOWN, ESC, ESC, SMALLER, "\x1b4", PAGE_DOWN, WIDER, F10, F10, ENTER]),
    "dialog": (["bash", "-c", DIALOGS], [DOWN, ENTER, " ", "\t", ENTER, "text", ENTER, "", "", "", "\t", ENTER, "\t", ENTER, DOWN, PAGE_DOWN, SMALLER, ENTER]),
    "dialog-xterm": (["bash", "-c", DIALOGS], [DOWN, WIDER, ENTER, " ", ENTER, "text", ENTER, "", "", "", ENTER, ENTER, ENTER]),
    "whiptail": (["bash", "-c", TAIL], [DOWN, ENTER, "text", ENTER, "", "", "", "\t", ENTER]),
    "fzf": (["bash", "-c", "find /usr/lib/python3 | sort | fzf --multi --preview 'head -20 {}' --border"], ["py", "\t", DOWN, BACK, "\x15", "json", WIDER, UP, UP, ESC]),
    "fzf-xterm": (["bash", "-c", "seq 500 | fzf --height 40% --layout reverse --color 16"], ["1", "2", UP, "\x15", DOWN, "\x0a", ENTER]),
    "tig": (["tig"], [DOWN, DOWN, ENTER, DOWN, " ", SMALLER, "q", "t", DOWN, "h", "q", "Q"]),
    "tig-xterm": (["tig"], [DOWN, ENTER, "/Lay\r", "Q"]),
    "ncdu": (["ncdu", "-0", "/usr/lib/python3"], ["", DOWN, ENTER, "g", "i", "q", "?", "q", SMALLER, "q"]),
    "ncdu-screen": (["ncdu", "--color", "dark", "-0", "/usr/lib/python3"], [DOWN, ENTER, "n", "s", "q"]),
    "tmux-xterm": (["tmux", "-L", "rec", "-f", "/dev/null", "new", "bash --norc"], ["ls --color /usr\r", '\x02"', "vi -u NONE code.rs\r", WIDER, "\x06", "\x02w", "q", "\x02t", "q", "\x02%", "seq 99\r", SMALLER, "\x02:kill-server\r"]),
    "screen": (["screen", "-c", "/dev/null", "bash", "--norc"], ["ls --color /usr\r", "\x01S", "\x01\t", "\x01c", "seq 50\r", "\x01[", "\x15", ESC, "\x01w", "\x01?", " ", "\x01:quit\r"]),
    "git-graph": (["git", "log", "--graph", "--color", "--oneline", "--decorate", "--all"], [" ", SMALLER, " ", "b", "/Lay\r", "q"]),
    "git-add": (["git", "reset", "-p"], ["?", "n", "n", "s", "q"]),
    "git-delta": (["bash", "-c", "git diff HEAD~3 | batcat --color=always --paging=always -l diff"], [" ", " ", "q"]),
    "apt-install": (["bash", "-c", "apt-get install --reinstall -y -o Dpkg::Progress-Fancy=1 -o APT::Color=1 hello; dpkg -l | head -50"], ["", "", "", "", ""]),
    "npm-install": (["npm", "install", "--no-audit", "--no-fund", "--progress=true", "--color=always", "is-number"], ["", "", "", ""]),
    "pip-install": ([PYTHON, "-m", "pip", "install", "--no-cache-dir", "--force-reinstall", "--no-deps", "--target", "here", "six", "pygments"], [""] * 20),
    "python-xterm": (["python3", "-q"], ["import os\r", "def f(x):\r  return x\r\r", "f('世界 ' * 30)\r", "os.ge\t\t", "\x15", "help()\r", "modules\r", "quit\r", UP, UP, SMALLER, "\x12def", "\x03", "1/0\r", "\x04"]),
    "ipython": ([PYTHON, "-m", "IPython", "--no-banner", "--no-confirm-exit"], ["x = [i for i in range(50)]\r", "x\r", "x.ap\t", ENTER, "def f(a):\rreturn a\r\r", "1/0\r", "?len\r", WIDER, UP, UP, "\x03", "%history\r", "exit\r"]),
    "ptpython": ([PYTHON, "-m", "ptpython"], ["x = 1\r", "x.", "\t", ENTER, F2, DOWN, RIGHT, F2, "print('世界' * 60)\r", "\x04", "y"]),
    "rich": ([PYTHON, "-c", RICH], ["", "", ""]),
    "textual": ([PYTHON, "-c", TEXTUAL], ["", "hello 世界", "\t", " ", "\t", DOWN, DOWN, PAGE_DOWN, WIDER, "\x10", ESC, "d", SMALLER, "q"]),
    "prompt-toolkit": ([PYTHON, "-c", TOOLKIT], ["al", "\t", DOWN, ENTER, "long " * 40, "\x01", "世界", ENTER, "b\t\r", WIDER, DOWN, ENTER, "\t", ENTER]),
    "blessed": ([PYTHON, "-c", BLESSED], ["", "x", "x"]),
    "tqdm": ([PYTHON, "-c", TQDM], ["", "", ""]),
    "ink": (["bash", "-c", "cat > app.mjs <<'END'\n%sEND\nln -s $NODE_PATH node_modules; exec node app.mjs" % INK], ["", "hello", "", "世界", ENTER, WIDER, BACK, "more text", SMALLER, "", "", "q"]),
    "node-xterm": (["node"], ["const x = {a: [1,2,3], b: new Map([[1, '世界']])}\r", "x\r", "x.", "\t\t", "\x15", "for (let i = 0; i < 30; i++) console.log('\\x1b[3' + i % 8 + 'm' + i)\r", ".help\r", SMALLER, "\x12x", "\x03", ".exit\r"]),
    "bash-prompt": (["bash", "--norc", "-i"], ["PS1='\\[\\e[1;32m\\]\\u\\[\\e[m\\]:\\w\\$ '\r", "ls /usr/li\t", "\t", "\x03", "echo " + "wörter " * 20, WIDER, "\x1bb\x1bb", "世", "\x01", "\x1bd", ENTER, "!!\x1b^", ENTER, "cat <<E\ra\rE\r", "\x0c", "seq 100 | column\r", "exit\r"]),
    "bash-screen": (["bash", "--norc", "-i"], ["ls -la --color /etc | head -30\r", "set -o vi\r", "echo one two three\x1b0wcwxx\x1b\r", SMALLER, "printf '%s\\n' {1..40}\r", "tput smul; echo u; tput rmul; tput cup 5 5; tput el; tput ed\r", "exit\r"]),
    "zsh": (["zsh", "-f"], ZSH),
    "zsh-xterm": (["zsh", "-f"], ZSH),
    "fish": (["fish", "--no-config"], FISH),
    "fish-xterm": (["fish", "--no-config"], FISH),
    "curses-screen": (["python3", "-c", CURSES], ["a", "b", "c", "d"]),
    "ranger": (["ranger", "--clean", "/usr/lib/python3"], [DOWN, DOWN, RIGHT, DOWN, "zh", "?", "q", WIDER, LEFT, "/dist\r", "q"]),
    "vifm": (["vifm", "--no-configs", "/usr/lib", "/usr"], ["j", "j", "l", "\t", "j", "v", "j", ESC, ":split\r", SMALLER, ":sort\r", ESC, ":q\r"]),
    "cmatrix": (["cmatrix", "-b"], ["", "", "C", "q"]),
    "btop": ([*ALONE, "btop", "--utf-force"], ["", "", "m", ESC, "1", "2", WIDER, "", "q"]),
    "btop-xterm": ([*ALONE, "btop", "--low-color"], ["", "h", ESC, "q"]),
    "w3m": (["w3m", "page.html"], [DOWN, "\t", "\t", "=", " ", "B", SMALLER, "H", "B", "q", "y"]),
    "lynx": (["lynx", "-nocolor=off", "page.html"], [DOWN, DOWN, " ", "=", LEFT, "h", "q", "y"]),
    "links": (["links", "page.html"], [DOWN, ESC, RIGHT, DOWN, ESC, " ", WIDER, "q", ENTER]),
    "joe": (["joe", "code.rs"], [DOWN, DOWN, "typed 世界", "\x0bh", "\x0bb", PAGE_DOWN, "\x0bk", "\x0bf", "value\r\r", SMALLER, "\x03", "n"]),
    "jed": (["jed", "code.rs"], [DOWN, "\x1bx", "\x07", "\x182", PAGE_DOWN, "\x18\x03", "n"]),
    "ne": (["ne", "code.rs"], [DOWN, ESC, RIGHT, DOWN, ESC, "text", SMALLER, "\x11", "y"]),
    "micro": (["micro", "code.rs"], [DOWN, "typed", "\x07", "\x05", "vsplit\r", PAGE_DOWN, WIDER, "\x06", "value\r", "\x11", "n", "\x11"]),
    "gdb-tui": (["gdb", "-q", "-tui", "-iex", "set debuginfod enabled off", "/bin/true"], ["layout asm\r", "break main\r", "run\r", "layout regs\r", "info registers\r", "q", "help\r", "q", "\x18a", "quit\r", "y"]),
    "mutt": (["mutt", "-n", "-F", "/dev/null", "-f", "box"], ["", DOWN, ENTER, " ", "i", "?", " ", "q", WIDER, "x"]),
    "aptitude": (["aptitude"], ["", DOWN, ENTER, DOWN, ENTER, "\x14", DOWN, ESC, WIDER, "q", "y"]),
    "calcurse": (["calcurse", "-D", "here"], ["", "n", "\t", DOWN, "a", "10:00\r", "11:00\r", "Meet 世界\r", SMALLER, "?", "q", "q", "y"]),
    "nload": (["nload", "lo"], ["", "", F2, ESC, "q"]),
    "batcat": (["batcat", "--paging=always", "--color=always", "code.rs"], [" ", " ", SMALLER, "b", "q"]),
    "exa": (["bash", "-c", "exa -la --color=always --icons /usr | head -40; exa --tree -L 2 --color=always /usr/lib/python3 | head -60; rg --color=always -n value code.rs | head -40"], []),
    "pv": (["bash", "-c", "head -c 40000000 /dev/zero | pv -L 30m -pterab -s 40m > /dev/null; dpkg --get-selections | head -5"], ["", "", "", ""]),
    "vttest": (["vttest"], ["1\r", ENTER, ENTER, ENTER, ENTER, ENTER, ENTER, "2\r", *[ENTER] * 15, "8\r", *[ENTER] * 14, "0\r"]),
    "vttest-chars": (["vttest"], ["3\r", "8\r", ENTER, "0\r", "9\r", *[ENTER] * 6, "0\r", "0\r"]),
    "infocmp": (["bash", "-c", "for i in {0..255}; do printf '\\e[48;5;%dm%4d\\e[m' $i $i; done; echo; for k in 4:1 4:2 4:3 4:4 4:5 21 53 '4;58;5;200' '4:3;58;2;9;200;9'; do printf '\\e[%sm%s\\e[m ' $k $k; done; for i in {0..76}; do printf '\\e[48;2;%d;%d;99m ' $((i*3)) $((255-i*3)); done; printf '\\e[m\\n'"], []),
    "weechat": (["weechat", "-t", "-d", "here"], ["/help\r", "/set weechat.color*\r", PAGE_DOWN, "hello 世界\r", "/buffer list\r", "/window splith\r", SMALLER, "/window splitv\r", "/quit\r"]),
    "irssi": (["irssi", "--home=here"], ["/help\r", "/set\r", "/window new split\r", "/layout\r", PAGE_UP, "text\r", "/quit\r"]),
    "newsboat": (["bash", "-c", "mkdir -p .newsboat; echo file://$PWD/x.xml > .newsboat/urls; newsboat"], [DOWN, "?", "q", "v", SMALLER, "q", "y"]),
    "bmon": (["bmon"], ["d", "i", "g", DOWN, "?", "q", "q"]),
    "nethack": (["/usr/games/nethack"], ["y", " ", " ", "h", "j", "k", "l", "i", ESC, "?", "q", ESC, "\x12", "#quit\r", "y", " ", " "]),
    "sl": (["/usr/games/sl", "-a"], ["", "", ""]),
    "bastet": (["/usr/games/bastet"], [ENTER, LEFT, RIGHT, UP, DOWN, "p", "p", "", ""]),
    "ninvaders": (["/usr/games/ninvaders"], [" ", LEFT, RIGHT, " ", "", "", "q"]),
    "moon-buggy": (["/usr/games/moon-buggy"], [" ", "", "j", "", "a", "", "q", "y"]),
    "greed": (["/usr/games/greed"], ["h", "j", "k", "l", "p", "?", " ", "q", "y"]),
    "visidata": (["vd", "-f", "csv", "here.csv"], [DOWN, RIGHT, "[", "]", "F", "q", "_", "-", "gs", "z?", SMALLER, "gq"]),
    "sc": (["sc"], ["=1+2\r", "l", "<text\r", "j", "?", "q", "dr", "q", "n"]),
    "mtr": (["mtr", "127.0.0.1"], ["", "d", "d", "j", "h", "q", "q"]),
    "elinks": (["elinks", "page.html"], [DOWN, DOWN, ESC, RIGHT, DOWN, ESC, " ", WIDER, "\\", "=", ENTER, "q", ENTER]),
    "alpine": (["alpine"], ["e", "?", "e", "l", "<", "q", "y"]),
    "most": (["most", "code.rs"], [" ", "s", "value\r", "n", "\x182", PAGE_DOWN, "H", "q", "q", "q"]),
    "kakoune": (["kak", "-n", "code.rs"], ["10j", "%", "s", "value\r", "d", ":colorscheme gruvbox\r", "ge", "ohello 世界\x1b", ":help\r", ":doc keys\r", ":q!\r", ":q!\r"]),
    "gnuplot": (["gnuplot", "-e", "set term dumb; plot sin(x); set term dumb ansi256; plot cos(x), x/10"], [""]),
    "hexedit": (["hexedit", "box"], [PAGE_DOWN, "41", DOWN, "\t", "text", "\x13", "n", SMALLER, "\x18", "n"]),
    "tty-clock": (["tty-clock", "-s", "-c"], ["", "b", "x", "r", "q"]),
    "vim-mouse-xterm": (["vim", "-u", "NONE", "-i", "NONE", "-N", "--cmd", "set mouse=a ttymouse=sgr list nu rnu cuc cul spell foldmethod=indent", "code.rs"], ["zM", "zR", "\x1b[<0;10;5M", "\x1b[<0;10;5m", "\x06", "\x02", ":vert term\r", "seq 50\r", "\x17:q!\r", ":tabnew\r", ":tabs\r", " ", "gt", ":qa!\r"]),
    "sqlite": (["sqlite3", ":memory:"], [".help\r", "create table t(a,b);\r", "insert into t values(1,'世界'),(2,'x');\r", ".mode box\r", "select * from t;\r", ".schema\r", UP, "\x01", "\x0b", ".q\r"]),
    "emacs-org": ([*EMACS, "x.org"], ["* Head\r** Sub 世界\r- item\r", "| a | b |\r", "\t", "\x1bxtetris\r", " ", LEFT, "\x03", "\x1bxdired\r", ENTER, DOWN, WIDER, "\x18b\r", "\x1bxgnus\r", "n", "\x1bxcalc\r", "1 2+", "\x18\x03", "y"]),
    "emacs-shell": ([*EMACS], ["\x1bxeshell\r", "ls\r", "\x1bxterm\r", ENTER, "seq 30\r", "ls --color /\r", "vi -u NONE\r", ":q\r", "exit\r", SMALLER, "\x18\x03"]),
    "screen-xterm": (["screen", "-c", "/dev/null", "vim", "-u", "NONE", "code.rs"], ["G", "\x01|", "\x01\t", "\x01c", "ls\r", SMALLER, "\x01X", "\x01k", "y"]),
    "tmux-screen": (["tmux", "-L", "rec2", "-f", "/dev/null", "new", "vim -u NONE code.rs"], ["G", "\x02%", "ls --color /\r", "\x02\"", "seq 99\r", "\x02[", PAGE_UP, PAGE_UP, "q", "\x02 ", "\x02 ", "\x02t", "q", "\x02:kill-server\r"]),
}


def prepare(directory):
    (directory / "code.rs").write_text(CODE)
    (directory / "Cargo.toml").write_text('[package]\nname = "sample"\nversion = "0.1.0"\nedition = "2021"\n[[bin]]\nname = "sample"\npath = "bad.rs"\n')
    (directory / "bad.rs").write_text("fn main() {\n    let unused = 1;\n    let x: u32 = \"text\";\n    missing(世界);\n}\n")
    (directory / "page.html").write_text("<title>Page 世界</title><h1>Head</h1><p>Text with <b>bold</b>, <i>italic</i>, <a href=page.html>a link</a>.<table border=1><tr><td>a<td>b 世界</table><form><input name=q><input type=checkbox><select><option>one<option>two</select><input type=submit></form><ul>" + "".join(f"<li><a href=#{n}>item {n}</a>" for n in range(40)) + "</ul>")
    (directory / "box").write_text("".join(f"From a@example.org Mon Jan  5 10:00:00 2026\nFrom: A Name <a@example.org>\nTo: b@example.org\nSubject: letter {n} ünï 世界\nDate: Mon, 5 Jan 2026 10:00:00 +0000\n\nHello {n}\n> quoted\n\n" for n in range(40)))
    git = "git init -q && git config user.name A && git config user.email a@example.com && git add -A && "
    git += "for i in $(seq 70); do echo $i >> n.txt; git add -A; git commit -qm \"Lay stone $i of the wall ünï 世界\"; done; echo change >> n.txt; cp code.rs more.rs; git add -A"
    os.system(f"cd {directory} && {git}")


# Some programs wait for these.
ANSWERS = {b"\x1b[6n": b"\x1b[1;1R", b"\x1b[c": b"\x1b[?62;22;52c"}


def record(name, command, keys, cols, rows, directory):
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(directory)
        term = {"xterm": "xterm-256color", "screen": "screen-256color"}.get(name.rsplit("-")[-1], "tmux-256color")
        env = {"TERM": term, "PATH": os.environ["PATH"], "HOME": str(directory), "LANG": "C.UTF-8", "SHELL": "/bin/bash",
               "COLORTERM": "truecolor", "CARGO_HOME": os.path.expanduser("~/.cargo"), "RUSTUP_HOME": os.path.expanduser("~/.rustup"),
               "PYENV_VERSION": "system", "NODE_REPL_HISTORY": "", "GIT_PAGER": "less -R", "NODE_PATH": os.environ.get("NODE_PATH", ""),
               "XDG_CONFIG_HOME": f"{directory}/config", "XDG_CACHE_HOME": f"{directory}/cache", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        time.sleep(0.1)
        os.execvpe(command[0], command, env)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
    out, waiting, begun = b"", list(keys), time.time()
    while len(out) < LIMIT and time.time() - begun < 60:
        ready, _, _ = select.select([master], [], [], QUIET if waiting else 1.5)
        if not ready:
            if not waiting:
                break
            key = waiting.pop(0)
            if re.fullmatch(r"\d+x\d+", key):
                cols, rows = map(int, key.split("x"))
                out += f"\x1b_size {key}\x1b\\".encode()
                fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
            else:
                os.write(master, key.encode())
            continue
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        if not chunk:
            break
        out += chunk
        for question, answer in ANSWERS.items():
            os.write(master, answer * chunk.count(question))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(master)
    # Not within a mark.
    return re.sub(rb"\x1b(_[^\x1b]*\x1b?)?$", b"", out[:LIMIT])


def keep(name, command, keys, cols, rows):
    if not shutil.which(command[0]):
        return f"{name}: {command[0]} is not here"
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        prepare(directory)
        out = record(name, command, keys, cols, rows, directory)
    path = HERE / f"{name}-{cols}x{rows}.out.gz"
    path.write_bytes(gzip.compress(out, mtime=0))
    return f"{path.name}: {len(out)} bytes, {path.stat().st_size} kept"


def main():
    plan = [(name, *PROGRAMS[name], *size) for name in PROGRAMS for size in SIZES]
    plan += [(name, *MORE[name], *ODD[at % len(ODD)]) for at, name in enumerate(MORE)]
    wanted = [entry for entry in plan if not sys.argv[1:] or entry[0] in sys.argv[1:]]
    with concurrent.futures.ProcessPoolExecutor(4) as pool:
        for told in pool.map(keep, *zip(*wanted)):
            print(told, flush=True)


main()
