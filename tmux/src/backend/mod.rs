//! The backend tmux stands on: a supervisor's sessions, and the document in which the state is
//! kept.

mod document;
mod input;
pub(crate) mod native;
mod streams;

use crate::copy::Page;
use crate::keys::Input;
use crate::state::copy::Copy;
use crate::state::{Pane, State};
use psup_link::capture::Shot;
use psup_link::request_id::fresh_id;
use psup_link::{Link, unexpected};
use psup_proto::capture::{Capture, Captured, Cursor, Extent, Format, ScreenFacts};
use psup_proto::info::Info;
use psup_proto::input::Send;
use psup_proto::request::{IfExists, Selector, Spawn, Stop};
use psup_proto::response::Spawned;
use psup_proto::rows::RowBuf;
use psup_proto::{Code, Failure, Name, Offset, Request, Response, Size, Spec, Target};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;
use streams::{CaptureStream, ReadUntil, ScreenStream};

/// The label that says which state a session belongs to.
pub(crate) const LABEL: &str = "tmux";
/// The label of the session that watches a state.
pub(crate) const WATCH_LABEL: &str = "tmux-watch";
/// The label of a session that takes a pane's output elsewhere.
pub(crate) const PIPE_LABEL: &str = "tmux-pipe";

/// Who ignores the hangup is killed after this time; tmux would leave it without a terminal.
const GRACE: Duration = Duration::from_millis(300);

/// Clones ask over the same connection, one after the other.
#[derive(Clone)]
pub(crate) struct Backend<'a> {
    link: Rc<RefCell<Link<'a>>>,
    key: Name,
    /// Sessions of `psup spawn` are in this state too: it is that of the socket `default`.
    shows_natives: bool,
}

/// A capture with what stands around it.
pub(crate) struct CaptureText {
    pub head: Captured,
    pub bytes: Vec<u8>,
}

/// The sessions that live, by name.
pub(crate) type Live = HashMap<String, Info>;

/// A state with its version, and the sessions that live in it.
pub(crate) type Contents = (u64, Option<State>, Live);

/// Below its rows, and hidden.
fn cursor_of_the_dead(row: u16) -> Cursor {
    Cursor {
        col: 0,
        row,
        visible: false,
    }
}

impl<'a> Backend<'a> {
    pub(crate) fn new(link: Link<'a>, key: Name, socket: &str) -> Self {
        Self {
            link: Rc::new(RefCell::new(link)),
            key,
            shows_natives: socket.rsplit('/').next() == Some("default"),
        }
    }

    pub(crate) fn key(&self) -> &Name {
        &self.key
    }

    /// Where the supervisor listens.
    pub(crate) fn address(&self) -> Option<PathBuf> {
        self.link.borrow().address()
    }

    /// A supervisor may be started for what follows.
    pub(crate) fn may_start(&mut self, may: bool) {
        self.link.borrow_mut().may_start = may;
    }

    pub(crate) fn spawn(&mut self, name: &str, spec: Spec) -> Result<Spawned, Failure> {
        let request = Request::Spawn(Box::new(Spawn {
            id: fresh_id()?,
            name: name.parse()?,
            spec,
            how: IfExists::Replace,
            ready: None,
        }));
        match self.link.borrow_mut().ask(&request)? {
            Response::Spawned(spawned) => Ok(spawned),
            other => Err(unexpected(&other)),
        }
    }

    pub(crate) fn info(&mut self, name: &str) -> Option<Info> {
        match self.link.borrow_mut().ask(&Request::Info(target(name)?)) {
            Ok(Response::Info(info)) => Some(*info),
            Ok(_) | Err(_) => None,
        }
    }

    /// Hangs up on sessions and forgets them.
    pub(crate) fn stop(&mut self, names: &[String]) {
        let targets: Vec<Target> = names.iter().filter_map(|name| target(name)).collect();
        if targets.is_empty() {
            return;
        }
        for target in &targets {
            let stop = Request::Stop(Stop {
                which: Selector::Named(vec![target.clone()]),
                signal: Some(libc::SIGHUP),
                grace: Some(GRACE),
            });
            // One that is gone already needs no stopping.
            let _ = self.link.borrow_mut().ask(&stop);
        }
        for target in targets {
            let _ = self.link.borrow_mut().ask(&Request::Forget(target));
        }
    }

    /// Hangs up on a session of `psup spawn`, whose record stays.
    pub(crate) fn hang_up(&mut self, name: &str) {
        if let Some(target) = target(name) {
            let stop = Request::Stop(Stop {
                which: Selector::Named(vec![target]),
                signal: Some(libc::SIGHUP),
                grace: Some(GRACE),
            });
            // One that is gone already needs no stopping.
            let _ = self.ask(&stop);
        }
    }

    /// Gives a session of `psup spawn` another name.
    pub(crate) fn rename(&mut self, name: &str, to: &str) -> Result<(), Failure> {
        let target: Target = name.parse()?;
        let to: Name = to.parse()?;
        self.ask(&Request::Rename { target, name: to }).map(drop)
    }

    pub(crate) fn resize(&mut self, name: &str, cols: i32, rows: i32) {
        let most = i32::from(Size::MOST);
        if let (Some(target), Some(size)) = (
            target(name),
            Size::new(cols.clamp(1, most) as u16, rows.clamp(1, most) as u16),
        ) {
            // One that has ended keeps its last size.
            let _ = self
                .link
                .borrow_mut()
                .ask(&Request::Resize { target, size });
        }
    }

    pub(crate) fn send(&mut self, name: &str, inputs: Vec<Input>) -> Result<(), Failure> {
        let target = target(name).ok_or_else(|| Failure::new(Code::Internal, "no such pane"))?;
        let send = Send {
            secret: true,
            id: fresh_id()?,
            parts: inputs.into_iter().map(input::part).collect(),
            more: false,
            submit: false,
            ..Send::default()
        };
        self.link
            .borrow_mut()
            .ask(&Request::Send { target, send })
            .map(drop)
    }

    /// Rows as they stand, counted from the top of the screen; joined where they are one line.
    pub(crate) fn capture(
        &mut self,
        name: &str,
        first: i64,
        last: i64,
        ansi: bool,
        joined: bool,
    ) -> Result<CaptureText, Failure> {
        self.capture_at(name, first, last, ansi, joined, None)
    }

    /// The same as it was when the journal ended at an offset.
    pub(crate) fn capture_at(
        &mut self,
        name: &str,
        first: i64,
        last: i64,
        ansi: bool,
        joined: bool,
        at: Option<Offset>,
    ) -> Result<CaptureText, Failure> {
        let target = target(name).ok_or_else(|| Failure::new(Code::Internal, "no such pane"))?;
        let capture = Capture {
            extent: Extent::Rows { first, last },
            format: if ansi { Format::Ansi } else { Format::Text },
            rows: !joined,
            at,
            budget: None,
        };
        let mut arriving = CaptureStream {
            question: Request::Capture { target, capture },
            head: None,
            bytes: Vec::new(),
        };
        self.link.borrow_mut().stream(&mut arriving)?;
        let head = arriving
            .head
            .ok_or_else(|| unexpected("no head before a capture"))?;
        Ok(CaptureText {
            head,
            bytes: arriving.bytes,
        })
    }

    /// A pane's rows as tmux shows them: the last one of a dead pane tells that it is, and the
    /// others have moved up.
    pub(crate) fn rows(
        &mut self,
        pane: &Pane,
        first: i64,
        last: i64,
        ansi: bool,
        joined: bool,
    ) -> Result<CaptureText, Failure> {
        let Some(note) = pane.dead.as_ref().and_then(|dead| dead.note.as_ref()) else {
            return self.capture(&pane.session, first, last, ansi, joined);
        };
        let bottom = i64::from(self.screen(&pane.session)?.size.rows) - 1;
        let mut shot = self.capture(
            &pane.session,
            first + 1,
            (last + 1).min(bottom),
            ansi,
            joined,
        )?;
        if last >= bottom {
            shot.bytes.extend_from_slice(format!("{note}\n").as_bytes());
        }
        shot.head.left_out += 1;
        shot.head.cursor = cursor_of_the_dead(bottom as u16);
        Ok(shot)
    }

    /// What a session's screen is, without its rows.
    pub(crate) fn screen(&mut self, name: &str) -> Result<ScreenFacts, Failure> {
        let target = target(name).ok_or_else(|| Failure::new(Code::Internal, "no such pane"))?;
        let mut answer = ScreenStream {
            target,
            facts: None,
        };
        self.link.borrow_mut().stream(&mut answer)
    }

    /// The same of a pane, as tmux shows it: the note of a dead one has moved its rows up.
    pub(crate) fn pane_screen(&mut self, pane: &Pane) -> Result<ScreenFacts, Failure> {
        let mut facts = self.screen(&pane.session)?;
        if pane.dead.as_ref().is_some_and(|dead| dead.note.is_some()) {
            facts.history += 1;
            facts.cursor = cursor_of_the_dead(facts.size.rows - 1);
        }
        Ok(facts)
    }

    /// The modes that a session's program has set.
    pub(crate) fn modes(&mut self, name: &str) -> Result<Vec<String>, Failure> {
        Ok(self.screen(name)?.modes)
    }

    /// Returns when a session has written so many bytes from an offset on, or has ended.
    pub(crate) fn reaches(&mut self, name: &str, since: Offset, count: u64) -> Result<(), Failure> {
        let Some(target) = target(name) else {
            return Ok(());
        };
        let mut reaching = ReadUntil {
            target,
            since,
            left: count,
        };
        let reached = self.link.borrow_mut().stream(&mut reaching);
        self.link.borrow_mut().hang_up();
        reached
    }

    /// All that can be walked through in copy mode, as it was when the pane was held still.
    pub(crate) fn page(&mut self, pane: &Pane, copy: &Copy) -> Result<Page, Failure> {
        let count = copy.above + copy.sy;
        if let Some(lines) = &copy.text {
            let rows = lines.iter().map(|line| (line.as_str(), false));
            return Ok(Page::new(rows, copy.sx, count));
        }
        let rows = self
            .held_rows(pane, copy, Some(copy.at))
            // What was held still is not kept any more: the present has to do.
            .or_else(|_| self.held_rows(pane, copy, None))?;
        let rows = rows
            .iter()
            .map(|row| (row.text.as_str(), row.wrap.is_some()));
        Ok(Page::new(rows, copy.sx, count))
    }

    fn held_rows(
        &mut self,
        pane: &Pane,
        copy: &Copy,
        at: Option<Offset>,
    ) -> Result<Vec<RowBuf>, Failure> {
        let target =
            target(&pane.session).ok_or_else(|| Failure::new(Code::Internal, "no such pane"))?;
        let (first, last) = (-i64::from(copy.above), i64::from(copy.sy) - 1);
        let capture = Capture {
            extent: Extent::Rows { first, last },
            format: Format::Text,
            rows: true,
            at,
            budget: None,
        };
        Ok(Shot::take(&mut self.link.borrow_mut(), target, capture)?.rows)
    }

    /// The process that stands for the server.
    pub(crate) fn pid(&mut self) -> i32 {
        match self.ask(&Request::Status) {
            Ok(Response::Status(status)) => status.guardian_pid,
            Ok(_) | Err(_) => 0,
        }
    }

    pub(crate) fn ask(&mut self, request: &Request) -> Result<Response, Failure> {
        self.link.borrow_mut().ask(request)
    }
}

fn target(name: &str) -> Option<Target> {
    name.parse().ok()
}
