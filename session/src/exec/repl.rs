//! Programs with a prompt of their own: what is typed to one, and where in its output the answer
//! stands.
//!
//! ```text
//!   typed ──the echo has settled──▶ Enter ──a line ends──▶ output ──its prompt is back──▶ answered
//!                                                            └── it asks for the rest ──▶ told
//! ```
//! There are no marks and no exit codes. The prompt is known as everywhere, by the kernel and by
//! the text left of the cursor; the output lies between the end of the echo and the line of the
//! prompt.

use super::Phase;
use crate::cursor::left_of_cursor;
use crate::event::Effect;
use crate::prompt::waiting::Waiting;
use crate::prompt::{Evidence, Foreground, asks_for_more};
use crate::{Begun, Session};
use psup_proto::exec::Ran;
use psup_proto::info::BlockedOn;
use psup_proto::{Code, Failure, Offset, limits};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// An echo that has not moved for this long is all there is.
const ECHO: Duration = Duration::from_millis(40);
/// So much of the end of the output is kept, to find the prompt in it.
const TAIL: usize = 8 << 10;

/// What line editors write when they hand over a line.
const LEAVE: &[u8] = b"\x1b[?2004l";
/// And no more than this before it.
const EDITORS_OWN: usize = 64;
/// What they write before they take one, perhaps after asking where the cursor is.
const ENTER: &[u8] = b"\x1b[?2004h";
const CURSOR: &[u8] = b"\x1b[6n";

/// Programs whose prompt takes commands, by their names without a version.
const KNOWN: &[&str] = &[
    "python",
    "ipython",
    "pypy",
    "pdb",
    "node",
    "MainThread",
    "node-MainThread",
    "deno",
    "bun",
    "psql",
    "sqlite",
    "mysql",
    "mariadb",
    "duckdb",
    "redis-cli",
    "mongosh",
    "gdb",
    "lldb",
    "irb",
    "ruby",
    "lua",
    "luajit",
    "R",
    "julia",
    "ghci",
    "ghc",
    "jshell",
    "scala",
    "php",
    "erl",
    "iex",
    "octave",
    "guile",
    "ocaml",
    "utop",
    "sbcl",
];

/// A line on its way to such a program.
#[derive(Debug)]
pub(super) struct Repl {
    is_python: bool,
    /// So many lines of the echo end: a block is ended by an empty one.
    enters: usize,
    /// What stood left of the cursor before.
    prompt: String,
    /// Where the journal ended when Enter was pressed.
    entered: Option<Offset>,
    /// An empty line has been typed, which ends a block.
    is_blank_typed: bool,
    tail_from: Offset,
    tail: Vec<u8>,
}

impl Repl {
    /// When to look again though nothing happens.
    pub(super) fn wake_at(&self, since: Instant, active: Instant) -> Option<Instant> {
        self.entered.is_none().then(|| since.max(active) + ECHO)
    }

    fn take(&mut self, from: Offset, bytes: &[u8]) {
        if self.tail.is_empty() {
            self.tail_from = from;
        }
        self.tail.extend_from_slice(bytes);
        let over = self.tail.len().saturating_sub(2 * TAIL);
        if over > 0 {
            self.tail.drain(..over + TAIL);
            self.tail_from += (over + TAIL) as Offset;
        }
    }

    /// Where the output begins, once the echo's line has ended. `more`: something may follow yet.
    fn begins(&self, more: bool) -> Option<Offset> {
        let mut ends = memchr::memchr_iter(b'\n', &self.tail);
        let after = ends.nth(self.enters - 1)? + 1;
        let rest = &self.tail[after..];
        // What the line editor writes as it hands the line over is its own.
        let theirs = memchr::memmem::find(rest, LEAVE).filter(|at| is_unseen(&rest[..*at]));
        let skipped = match theirs {
            None if more && rest.len() < EDITORS_OWN && is_unseen(rest) => return None,
            None => 0,
            Some(at) => {
                let left = &rest[at + LEAVE.len()..];
                at + LEAVE.len() + left.iter().take_while(|byte| **byte == b'\r').count()
            }
        };
        Some(self.tail_from + (after + skipped) as Offset)
    }

    /// Where the line of the prompt begins, or the prompt itself, where output stands before it.
    /// `left`: what stands left of the cursor now.
    fn ends(&self, left: &str) -> Offset {
        // A line editor says that it takes the next line.
        if let Some(at) = memchr::memmem::rfind(&self.tail, ENTER) {
            let before = &self.tail[..at];
            let asked = before.strip_suffix(CURSOR).unwrap_or(before);
            return self.tail_from + asked.len() as Offset;
        }
        let prompt = if left.ends_with(&self.prompt) {
            &self.prompt
        } else {
            left
        };
        let line = self
            .tail
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let last = &self.tail[line..];
        let prompt = prompt.trim_end().as_bytes();
        let at = memchr::memmem::rfind(last, prompt).filter(|_| !prompt.is_empty());
        let at = at.filter(|at| !is_unseen(&last[..*at]));
        self.tail_from + (line + at.unwrap_or(0)) as Offset
    }
}

/// Whether bytes are but control sequences.
fn is_unseen(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        rest = match (first, after) {
            (b'\r', _) => after,
            (0x1b, [b'[', body @ ..]) => {
                let end = body.iter().position(|byte| (0x40..0x7f).contains(byte));
                end.map_or(&[], |end| &body[end + 1..])
            }
            (0x1b, [_, body @ ..]) => body,
            _ => return false,
        };
    }
    true
}

/// Whether a line may be typed to who has the terminal, and waits at a prompt.
pub(super) fn is_repl(foreground: &Foreground, prompt: &str) -> bool {
    let name = foreground
        .name
        .trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let text = prompt.trim();
    let named = text.strip_suffix('>').is_some_and(|name| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    let typical = text == ">>>"
        || text.starts_with("In [") && text.ends_with("]:")
        || text.starts_with('(') && text.ends_with(')')
        || text.ends_with("=#")
        || text.ends_with("=>")
        || named;
    !foreground.is_editor()
        && !foreground.is_shell()
        && (KNOWN.contains(&name) && !foreground.is_relay() || typical)
}

/// What is typed for a command; refused where the program has no means for what is in it.
fn line(foreground: &Foreground, prompt: &str, command: &[u8]) -> Result<Vec<u8>, Failure> {
    let plain = !command.iter().any(u8::is_ascii_control);
    // There Enter may make another line of a block.
    let edits_lines = prompt.starts_with("In [") && begins_block(command);
    if plain && !edits_lines {
        return Ok(command.to_vec());
    }
    let name = foreground.name.as_str();
    let text = String::from_utf8_lossy(command);
    if is_python(foreground, prompt) {
        return Ok(format!("exec({})", literal(&text)).into_bytes());
    }
    if ["node", "MainThread", "node-MainThread", "deno", "bun"].contains(&name) {
        return Ok(format!("(0, eval)({})", literal(&text)).into_bytes());
    }
    let is_sql = ["psql", "sqlite3", "mysql", "mariadb", "duckdb"].contains(&name);
    if is_sql && !text.contains("--") && !text.lines().any(|line| line.starts_with(['.', '\\'])) {
        let words: Vec<&str> = text.split(char::is_control).collect();
        return Ok(words.join(" ").into_bytes());
    }
    let message = format!("{name} takes one line at a time, without tabs; nothing was typed");
    Err(Failure::new(Code::Usage, message).hint("enter the lines one by one"))
}

/// Python itself, and not its debugger.
fn is_python(foreground: &Foreground, prompt: &str) -> bool {
    let text = prompt.trim_end();
    let name = &foreground.name;
    text.ends_with(">>>")
        || text.starts_with("In [")
        || (name.starts_with("python") || name.starts_with("ipython")) && !text.ends_with(')')
}

/// Whether a line of Python is a block, which an empty line ends.
fn begins_block(line: &[u8]) -> bool {
    const WORDS: &[&[u8]] = &[
        b"for", b"while", b"if", b"def", b"class", b"with", b"try", b"async", b"match",
    ];
    let word = line.split(|byte| !byte.is_ascii_alphabetic()).next();
    line.starts_with(b"@") || line.contains(&b':') && word.is_some_and(|word| WORDS.contains(&word))
}

/// A text in double quotes, as Python and JavaScript read it.
fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(out, "\\x{:02x}", u32::from(c) & 0xff);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

impl Session {
    pub(super) fn type_repl(&mut self, now: Instant, via: Evidence, prompt: &str) {
        let Some(exec) = self.execs.front() else {
            return;
        };
        if exec.command.is_empty() {
            return self.exec_nothing(via);
        }
        let Some(foreground) = self.looking.foreground() else {
            return;
        };
        let typed = line(foreground, prompt, &exec.command).and_then(|typed| {
            if foreground.canonical && typed.len() >= limits::CANONICAL_LINE {
                let message = format!(
                    "a line of {} bytes is more than the terminal takes",
                    typed.len()
                );
                return Err(Failure::new(Code::LineTooLong, message).hint("put it into a file"));
            }
            Ok(typed)
        });
        match typed {
            Err(failure) => self.exec_refused(failure),
            Ok(typed) => {
                let is_block = prompt.trim_end().ends_with(">>>") && begins_block(&typed);
                let repl = Repl {
                    is_python: is_python(foreground, prompt),
                    prompt: prompt.to_owned(),
                    entered: None,
                    is_blank_typed: is_block,
                    enters: 1 + usize::from(is_block),
                    tail_from: 0,
                    tail: Vec::new(),
                };
                if let Some(exec) = self.execs.front_mut() {
                    exec.repl = Some(repl);
                }
                self.type_exec(now, via, typed);
            }
        }
    }

    /// Output of a program that was typed a line.
    pub(super) fn repl_output(&mut self, from: Offset, bytes: &[u8]) {
        let Some(exec) = self.execs.front_mut() else {
            return;
        };
        if let Some(repl) = exec.repl.as_mut().filter(|repl| repl.entered.is_some()) {
            repl.take(from, bytes);
        }
        self.repl_begins(true);
    }

    fn repl_begins(&mut self, more: bool) {
        let Some(exec) = self.execs.front_mut() else {
            return;
        };
        let (Some(repl), Phase::Typed { via, .. }) = (&exec.repl, exec.phase) else {
            return;
        };
        if let Some(from) = repl.begins(more) {
            exec.phase = Phase::Running { from, via };
            match exec.ticket {
                Some(ticket) => self.effects.push_back(Effect::Began {
                    ticket,
                    begun: Begun {
                        from,
                        via,
                        by_lines: true,
                    },
                    command: exec.command.clone(),
                }),
                None => drop(self.execs.pop_front()),
            }
        }
    }

    /// After every event, while such a line is on its way: Enter, or the answer.
    pub(super) fn settle_repl(&mut self, now: Instant, waiting: Option<&Waiting>) {
        let (active, end) = (self.active, self.end);
        let Some(exec) = self.execs.front_mut() else {
            return;
        };
        let (Some(repl), phase) = (exec.repl.as_mut(), exec.phase) else {
            return;
        };
        if let (Phase::Typed { since, .. }, None) = (phase, repl.entered) {
            if now >= since.max(active) + ECHO && self.input.is_idle() {
                repl.entered = Some(end);
                self.input.press(vec![b'\r'; repl.enters]);
            }
            return;
        }
        let Some(waiting) = waiting else { return };
        let left = self.drawing.current(end).map(left_of_cursor);
        self.repl_begins(false);
        let Some(exec) = self.execs.front_mut() else {
            return;
        };
        let (Some(repl), Phase::Running { from, .. }, Some(left)) =
            (exec.repl.as_mut(), exec.phase, left)
        else {
            return;
        };
        match waiting.on {
            BlockedOn::Prompt => {
                let to = repl.ends(&left).max(from);
                self.executed(to, Ran::Prompt);
            }
            BlockedOn::Input if asks_for_more(&left) && repl.is_python && !repl.is_blank_typed => {
                // An empty line ends a block.
                repl.is_blank_typed = true;
                self.input.press(vec![b'\r']);
            }
            BlockedOn::Input if asks_for_more(&left) => {
                let message = "the command is not complete: the program waits for the rest of it";
                let failure = Failure::new(Code::Usage, message)
                    .hint("`psup send NAME TEXT --enter` goes on, `psup send NAME --key C-c` takes it back");
                self.exec_refused(failure);
            }
            BlockedOn::Input | BlockedOn::Password | BlockedOn::Nothing => {}
        }
    }
}

#[cfg(test)]
#[path = "repl_tests.rs"]
mod tests;
