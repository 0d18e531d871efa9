//! A recording: what a session wrote, with its times, sizes, commands and end.
//!
//! ```text
//! session ── fetch ──┐                    ┌── cast ──▶ an asciicast file
//!                    ├──▶ Recording ──────┼── still ─▶ the last screen as text or a picture
//! file ───── cast ───┘                    └── replay ▶ a terminal
//! ```

pub(crate) mod cast;
mod fetch;
mod still;

pub(crate) use fetch::fetch;
pub(crate) use still::still;

use crate::context::Context;
use crate::since::Since;
use psup_proto::{Code, Failure, Size, Target};
use std::io::Read;
use std::ops::Range;

/// Where a recording comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Session(Target),
    File(String),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Recording {
    pub title: String,
    pub command: Option<String>,
    /// When it began, in milliseconds since 1970; 0 if nobody knows.
    pub began_ms: u64,
    /// The size at the beginning.
    pub size: Size,
    pub bytes: Vec<u8>,
    /// By time.
    pub entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Since the beginning.
    pub at_ms: u64,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// These bytes were written.
    Output(Range<usize>),
    Resize(Size),
    /// A command of `exec` began, or what a file says of this moment.
    Marker(String),
    /// It ended, with this code as a shell tells it.
    Exit(u8),
}

impl Source {
    /// A file has a `/` in it or ends in `.cast`; `-` is stdin. Everything else is a session.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        if text == "-" || text.contains('/') || text.strip_suffix(".cast").is_some() {
            return Ok(Self::File(text.to_owned()));
        }
        text.parse().map(Self::Session)
    }

    pub(crate) fn read(self, since: Option<Since>, cx: &mut Context) -> Result<Recording, Failure> {
        match self {
            Self::Session(target) => fetch(target, since, cx),
            Self::File(_) if since.is_some() => Err(Failure::new(
                Code::Usage,
                "--since is a place in the output of a session, not of a file",
            )),
            Self::File(path) => {
                let mut text = Vec::new();
                let read = if path == "-" {
                    std::io::stdin().read_to_end(&mut text)
                } else {
                    std::fs::File::open(&path).and_then(|mut file| file.read_to_end(&mut text))
                };
                read.map_err(|e| Failure::system(format!("cannot read {path}"), e))?;
                cast::parse(&String::from_utf8_lossy(&text))
            }
        }
    }
}

impl Recording {
    pub(crate) fn end_ms(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.at_ms)
    }

    /// The same with no pause longer than this.
    pub(crate) fn limit_pauses(&mut self, most_ms: u64) {
        let (mut before, mut now) = (0, 0);
        for entry in &mut self.entries {
            now += (entry.at_ms - before).min(most_ms);
            before = entry.at_ms;
            entry.at_ms = now;
        }
    }
}
