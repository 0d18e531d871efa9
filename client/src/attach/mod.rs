//! `psup attach`: a person at a session.
//!
//! ```text
//! keyboard ─ scan ─▶ sender ─ Send ─▶ supervisor ─ Attach's stream ─▶ follower ─ display ─▶ terminal
//!     └─ detach key, signals, new sizes ─▶ the end, or the display
//! ```
//! Each of listener, sender and follower is a thread with a link of its own, which finds the
//! supervisor again when it was lost. What is typed carries ids, so nothing is typed twice; the
//! view starts over with the whole screen.

mod display;
mod follow;
pub(crate) mod listen;
mod scan;
pub(crate) mod terminal;

pub(crate) use scan::DetachKey;

use crate::output::Out;
use display::{Display, Own};
use listen::{Listener, Outcome};
use psup_link::request_id::fresh_id;
use psup_link::{Connector, Link, Place};
use psup_proto::{Failure, Request, Response, Size, Target};
use std::sync::{Mutex, MutexGuard, PoisonError};
use terminal::Terminal;

/// What a person asked for.
pub(crate) struct Wishes {
    pub target: Target,
    pub read_only: bool,
    pub take: bool,
    pub resize: bool,
    pub detach: DetachKey,
}

/// What the threads share.
struct Attachment<'a> {
    connector: &'a (dyn Connector + Sync),
    place: &'a Place,
    wishes: Wishes,
    viewer: u64,
    /// The size that the session had before this viewer changed it.
    original: Mutex<Option<Size>>,
    display: Mutex<Display>,
}

impl<'a> Attachment<'a> {
    fn link(&self) -> Link<'a> {
        let mut link = Link::new(self.connector, self.place.clone());
        link.may_start = false;
        link
    }

    fn display(&self) -> MutexGuard<'_, Display> {
        self.display.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn original(&self) -> MutexGuard<'_, Option<Size>> {
        self.original.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Attaches until it is over. It comes back only if it cannot begin: the process ends with the
/// view, for its threads wait in reads that nothing ends.
pub(crate) fn run(
    connector: &(dyn Connector + Sync),
    place: &Place,
    wishes: Wishes,
    out: &mut Out,
) -> Failure {
    let prepared = prepare(connector, place, wishes);
    let (terminal, attachment) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return failure,
    };
    let signals = match listen::block_signals() {
        Ok(signals) => signals,
        Err(failure) => return failure,
    };
    if let Err(failure) = terminal.make_raw() {
        return failure;
    }
    std::thread::scope(|scope| {
        let outcome = Listener::start(scope, &attachment, signals).and_then(Listener::listen);
        // A viewer's lock is never given back: nothing is painted any more.
        let mut display = attachment.display();
        terminal.give_back(&display.leave());
        let code = farewell(&attachment, &display, outcome, out);
        std::process::exit(code.into())
    })
}

fn prepare<'a>(
    connector: &'a (dyn Connector + Sync),
    place: &'a Place,
    wishes: Wishes,
) -> Result<(Terminal, Attachment<'a>), Failure> {
    let terminal = Terminal::open(
        "attach",
        &format!(
            "`psup capture {0}` prints the screen, `psup read {0} --follow` the output, \
             `psup send {0}` types",
            wishes.target
        ),
    )?;
    let size = terminal::size().unwrap_or(Size::DEFAULT);
    let viewer = u64::from(fresh_id()? as u32);
    let own = Own {
        viewer,
        types: !wishes.read_only,
        detach: wishes.detach,
    };
    let attachment = Attachment {
        connector,
        place,
        wishes,
        viewer,
        original: Mutex::new(None),
        display: Mutex::new(Display::new(size, own)),
    };
    // Asked before anything changes on the terminal, so that a refusal is a plain error.
    match attachment
        .link()
        .ask(&Request::Info(attachment.wishes.target.clone()))?
    {
        // Who leaves before the session has shown itself is told its name all the same.
        Response::Info(info) if info.state.is_live() => {
            attachment.display().name = info.id.to_string();
        }
        Response::Info(info) => return Err(has_ended(&info.id.to_string())),
        other => return Err(psup_link::unexpected(&other)),
    }
    terminal.attend()?;
    Ok((terminal, attachment))
}

fn has_ended(id: &str) -> Failure {
    Failure::new(psup_proto::Code::NotRunning, format!("{id} has ended")).hint(format!(
        "`psup capture {id}` shows its last screen, `psup restart {id}` starts it again"
    ))
}

/// The last words, on the terminal as it was before.
fn farewell(
    attachment: &Attachment,
    display: &Display,
    outcome: Result<Outcome, Failure>,
    out: &mut Out,
) -> u8 {
    let name = &display.name;
    match outcome {
        Ok(Outcome::Detached) => out.talk(format_args!("[detached from {name}]")),
        Ok(Outcome::Stopped(signal)) => {
            out.talk(format_args!("[detached from {name} by {signal}]"));
            return 128 + signal as u8;
        }
        Ok(Outcome::TerminalGone) => return 1,
        Ok(Outcome::SessionEnded) => {
            let info = attachment
                .link()
                .ask(&Request::Info(attachment.wishes.target.clone()));
            let how = match &info {
                Ok(Response::Info(info)) => crate::human::state(info),
                _ => "it has ended".to_owned(),
            };
            out.talk(format_args!("[{name}: {how}]"));
        }
        Err(failure) => return out.fail(&failure).code,
    }
    0
}
