//! A private tmux server that draws what it is given, driven through its control mode: a screen
//! costs a millisecond, not a process.

use super::{View, parse, told};
use psup_proto::Size;
use std::cell::RefCell;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What a screen is given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Bytes(Vec<u8>),
    Resize(Size),
}

/// Makes a used screen as good as new, in tmux and here: no unfinished sequence, no alternate
/// screen, no saved cursor or title.
pub(crate) const ANEW: &[u8] = b"\x18\x1b\\\x1b[?1049l\x1bc\x1b[?1049h\x1b[?1049l\x1b[?1004l\x1b[?2004l\x1b7\x1b]2;\x07\x1b[3J";

/// Puts each portion on the terminal and tells when the terminal has drawn it: it answers the
/// question behind the portion last.
const SHOW: &str = r"
import os, sys, tty
tty.setraw(0)
ask, tell = open(sys.argv[1], 'rb'), open(sys.argv[2], 'wb', 0)
while True:
    head = ask.read(4)
    if len(head) < 4: break
    out = ask.read(int.from_bytes(head, 'little')) + b'\x1b\\\x1b[5n'
    while out:
        out = out[os.write(1, out):]
    got = b''
    while b'\x1b[0n' not in got:
        got = got[-8:] + os.read(0, 4096)
    tell.write(b'.')
";

pub(crate) struct Tmux {
    directory: tempfile::TempDir,
    client: Child,
    wires: RefCell<Wires>,
}

struct Wires {
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    portions: File,
    drawn: File,
    size: Size,
}

impl Tmux {
    /// `None` where tmux is not installed.
    pub(crate) fn start() -> Option<Self> {
        Command::new("tmux")
            .arg("-V")
            .stdout(Stdio::null())
            .status()
            .ok()?;
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(path("show.py"), SHOW).unwrap();
        let made = Command::new("mkfifo")
            .args([path("ask"), path("tell")])
            .status()
            .unwrap();
        assert!(made.success());
        let show = format!(
            "exec python3 {} {} {}",
            path("show.py"),
            path("ask"),
            path("tell")
        );
        let mut client = Command::new("tmux")
            .args(["-u", "-f", "/dev/null", "-S", &path("socket"), "-C"])
            .args([
                "set",
                "-g",
                "history-limit",
                "5000",
                ";",
                "new-session",
                &show,
            ])
            .env("LANG", "C.UTF-8")
            .env("LC_ALL", "C.UTF-8")
            .env_remove("TMUX")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut wires = Wires {
            commands: client.stdin.take().unwrap(),
            answers: BufReader::new(client.stdout.take().unwrap()),
            portions: File::options().write(true).open(path("ask")).unwrap(),
            drawn: File::open(path("tell")).unwrap(),
            size: Size { cols: 0, rows: 0 },
        };
        for setup in [
            "refresh-client -f no-output",
            "set -g status off",
            "set -g window-size manual",
            "set -g set-titles off",
            "set -g escape-time 0",
        ] {
            wires.command(setup);
        }
        Some(Self {
            directory,
            client,
            wires: RefCell::new(wires),
        })
    }

    /// What a screen shows that was given all this.
    pub(crate) fn view(&self, size: Size, steps: &[Step]) -> View {
        let wires = &mut *self.wires.borrow_mut();
        // Cleared before and after it gets its size: a size must find nothing to fold.
        wires.feed(ANEW);
        wires.command("clear-history");
        wires.resize(size);
        wires.feed(ANEW);
        wires.command("clear-history");
        for step in steps {
            match step {
                Step::Bytes(bytes) => wires.feed(bytes),
                Step::Resize(to) => wires.resize(*to),
            }
        }
        View {
            folded: super::folded(steps),
            ..wires.view()
        }
    }
}

impl Wires {
    fn command(&mut self, command: &str) -> Vec<String> {
        writeln!(self.commands, "{command}").unwrap();
        let mut lines: Option<Vec<String>> = None;
        loop {
            let mut line = Vec::new();
            assert!(
                self.answers.read_until(b'\n', &mut line).unwrap() > 0,
                "tmux is gone"
            );
            let line =
                String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(&line)).into_owned();
            match &mut lines {
                // The last of its numbers is 1 where the command is ours.
                None if line.starts_with("%begin ") && line.ends_with(" 1") => {
                    lines = Some(Vec::new());
                }
                None => {}
                Some(_) if line.starts_with("%error ") => panic!("tmux {command}: {lines:?}"),
                Some(_) if line.starts_with("%end ") => return lines.unwrap_or_default(),
                Some(lines) => lines.push(line),
            }
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.portions
            .write_all(&(bytes.len() as u32).to_le_bytes())
            .unwrap();
        self.portions.write_all(bytes).unwrap();
        self.drawn.read_exact(&mut [0]).unwrap();
    }

    fn resize(&mut self, size: Size) {
        if size != self.size {
            self.command(&format!("resize-window -x {} -y {}", size.cols, size.rows));
            self.size = size;
        }
    }

    fn view(&mut self) -> View {
        let rows = usize::from(self.size.rows);
        let mut lines = self.command("capture-pane -p -e -N -S -");
        let history = lines.len() - rows;
        let cells = parse(&lines.join("\n"), self.size.cols, lines.len());
        let joined = self.command("capture-pane -p -J -S -");
        lines.clear();
        let told_of = self.command(
            "display-message -p '#{cursor_x} #{cursor_y} #{cursor_flag} #{alternate_on} #{keypad_cursor_flag} #{keypad_flag} \
             #{insert_flag} #{origin_flag} #{wrap_flag} #{mouse_standard_flag}#{mouse_button_flag}#{mouse_all_flag}#{mouse_sgr_flag} \
             #{pane_title}'",
        );
        let mut words = told_of[0].splitn(11, ' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        let (col, row): (u16, u16) = (word().parse().unwrap(), word().parse().unwrap());
        let names = [
            "cursor",
            "alternate",
            "app-cursor",
            "app-keypad",
            "insert",
            "origin",
            "wrap",
        ];
        let mut modes: Vec<String> = names
            .iter()
            .filter(|_| word() == "1")
            .map(ToString::to_string)
            .collect();
        modes.push(format!("mouse {}", word()));
        View {
            screen: cells[history..].to_vec(),
            history: cells[..history].to_vec(),
            lines: told(&joined),
            cursor: (col.min(self.size.cols - 1), row),
            modes,
            title: word(),
            folded: false,
        }
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        // It has only our session; there is nobody to tell if it is gone already.
        let socket = self.directory.path().join("socket");
        let _ = Command::new("tmux")
            .arg("-S")
            .arg(socket)
            .arg("kill-server")
            .status();
        let _ = self.client.wait();
    }
}
