//! Restoring a checkpoint: each session is sent to the supervisor as it is read.

use super::{COPY, CopyEntry, is_meant, sessions, size};
use crate::context::Context;
use psup_proto::checkpoint::{Restore, SessionCopy};
use psup_proto::name::Target;
use psup_proto::{Code, Failure, Moment, Offset, Request};

/// Moments of one request: with a stretch of output they fit in a frame, whatever they are.
const MOMENTS: usize = 64 << 10;

pub(crate) struct Upload<'a, 'c> {
    pub id: u128,
    targets: &'a [Target],
    cx: &'a mut Context<'c>,
    /// Sessions so far.
    pub count: u32,
    bytes: u64,
    /// The directory of the session that is being read, and whether it is wanted.
    dir: String,
    wanted: bool,
    /// Its files, until the first piece of output comes.
    copy: Option<SessionCopy>,
    times: Vec<Moment>,
}

impl<'a, 'c> Upload<'a, 'c> {
    pub(crate) fn new(id: u128, targets: &'a [Target], cx: &'a mut Context<'c>) -> Self {
        Self {
            id,
            targets,
            cx,
            count: 0,
            bytes: 0,
            dir: String::new(),
            wanted: false,
            copy: None,
            times: Vec::new(),
        }
    }

    pub(crate) fn take(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), Failure> {
        let Some((dir, file)) = name.rsplit_once('/') else {
            return Ok(());
        };
        if dir != self.dir {
            self.send_copy()?;
            dir.clone_into(&mut self.dir);
            self.wanted = false;
        }
        if file == COPY {
            return self.begin(name, &bytes);
        }
        if !self.wanted {
            return Ok(());
        }
        let numbered = |prefix: &str, suffix: &str| -> Option<Offset> {
            file.strip_prefix(prefix)?
                .strip_suffix(suffix)?
                .parse()
                .ok()
        };
        if let Some(at) = numbered("out.", ".log") {
            self.send_copy()?;
            return self.output(at, &bytes);
        }
        if numbered("out.", ".times").is_some() {
            self.times = moments(&bytes);
        } else if let Some(copy) = &mut self.copy {
            match file {
                "spec.json" => copy.spec = bytes,
                "life.json" => copy.life = bytes,
                "events.jsonl" => copy.events = bytes,
                // What a later psup has added.
                _ => copy.screen = numbered("screen.", "").map(|offset| (offset, bytes)),
            }
        }
        Ok(())
    }

    /// All has been read.
    pub(crate) fn end(&mut self) -> Result<(), Failure> {
        self.send_copy()?;
        self.cx.out.progress("");
        Ok(())
    }

    fn begin(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let about: CopyEntry = serde_json::from_slice(bytes)
            .map_err(|error| Failure::new(Code::Usage, format!("{name} is damaged: {error}")))?;
        self.wanted = is_meant(self.targets, &about.id);
        if self.wanted {
            self.cx.out.progress(format_args!(
                "{}, {}",
                sessions(self.count as usize),
                size(self.bytes)
            ));
            self.copy = Some(SessionCopy {
                id: about.id,
                state: about.state,
                at_ms: about.copied_ms,
                from: about.from,
                end: about.offset,
                spec: Vec::new(),
                life: Vec::new(),
                events: Vec::new(),
                screen: None,
            });
        }
        Ok(())
    }

    fn send_copy(&mut self) -> Result<(), Failure> {
        if let Some(copy) = self.copy.take() {
            self.count += 1;
            self.put(Restore::Session {
                id: self.id,
                number: self.count,
                copy: Box::new(copy),
            })?;
        }
        Ok(())
    }

    fn output(&mut self, at: Offset, bytes: &[u8]) -> Result<(), Failure> {
        let moments = std::mem::take(&mut self.times);
        self.bytes += bytes.len() as u64;
        let mut from = at;
        let mut rest = bytes;
        let mut pages = moments.chunks(MOMENTS).peekable();
        while !rest.is_empty() {
            let page = pages.next().unwrap_or_default();
            // Up to where the next page begins.
            let next = pages.peek().and_then(|page| page.first());
            let count = next.map_or(rest.len() as Offset, |next| {
                next.offset.saturating_sub(from)
            });
            let (now, later) = rest.split_at((count as usize).min(rest.len()));
            self.put(Restore::Output {
                id: self.id,
                number: self.count,
                at: from,
                bytes: now.to_vec(),
                moments: page.to_vec(),
            })?;
            from += now.len() as Offset;
            rest = later;
        }
        Ok(())
    }

    fn put(&mut self, step: Restore) -> Result<(), Failure> {
        self.cx.ask_done(&Request::Restore(step)).map(drop)
    }
}

fn moments(text: &[u8]) -> Vec<Moment> {
    let text = String::from_utf8_lossy(text);
    let moment = |line: &str| {
        let (offset, at_ms) = line.split_once(' ')?;
        Some(Moment {
            offset: offset.parse().ok()?,
            at_ms: at_ms.parse().ok()?,
        })
    };
    text.lines().filter_map(moment).collect()
}
