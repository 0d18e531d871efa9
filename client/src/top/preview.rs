//! The screen of the selected session, again whenever its program has written something.
//!
//! It only reads: nobody is told of a viewer, and the session keeps its size. Another selection
//! cuts the connections, which ends the thread that waits on them.

use super::sources::Source;
use psup_link::Wire;
use psup_link::capture::Shot;
use psup_link::wire::Cutter;
use psup_link::{Connector, Item, Link, Place, Stream, unexpected};
use psup_proto::capture::{Capture, Extent, Format};
use psup_proto::request::Read;
use psup_proto::{Code, Failure, Offset, Request, Response, SessionId};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// In a flood the screen is read this often.
const FRAME: Duration = Duration::from_millis(60);
/// The end of a journal that is shown, in rows.
const JOURNAL: u32 = 2_000;

/// What is on the screen.
const SCREEN: Extent = Extent::Screen;

/// Follows one session until it ends or the line is cut.
pub(super) fn follow(
    source: &Source,
    id: &SessionId,
    line: &Line,
    tell: &dyn Fn(Result<Shot, Failure>),
) {
    let follow = |mut links: [Link; 2]| {
        let [looks, reads] = &mut links;
        let shot = take(looks, id, SCREEN)?;
        let mut follower = Follower {
            id,
            at: shot.head.offset,
            looks,
            tell,
            shown: Instant::now(),
            stale: false,
        };
        tell(Ok(shot));
        reads.stream(&mut follower)?;
        follower.look()
    };
    let connector = Cut { line, source };
    let link = || {
        let mut link = Link::new(&connector, source.place.clone());
        link.may_start = false;
        link
    };
    if let Err(failure) = follow([link(), link()]) {
        tell(Err(failure));
    }
}

/// The end of a session's journal, as rows.
pub(super) fn journal(source: &Source, id: &SessionId) -> Result<Shot, Failure> {
    take(&mut source.link(), id, Extent::Last(JOURNAL))
}

fn take(link: &mut Link<'_>, id: &SessionId, extent: Extent) -> Result<Shot, Failure> {
    let capture = Capture {
        extent,
        format: Format::Json,
        rows: true,
        at: None,
        budget: None,
    };
    Shot::take(link, id.clone().into(), capture)
}

/// The connections of one preview, which another thread can cut.
#[derive(Default)]
pub(super) struct Line {
    state: Mutex<LineState>,
}

#[derive(Default)]
struct LineState {
    is_cut: bool,
    cutters: Vec<Cutter>,
}

impl Line {
    fn state(&self) -> MutexGuard<'_, LineState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn cut(&self) {
        let mut state = self.state();
        state.is_cut = true;
        for cutter in state.cutters.drain(..) {
            cutter.cut();
        }
    }

    pub(super) fn is_cut(&self) -> bool {
        self.state().is_cut
    }
}

/// Connects as the source does, as long as the line is not cut.
struct Cut<'s, 'a> {
    line: &'s Line,
    source: &'s Source<'a>,
}

impl Connector for Cut<'_, '_> {
    fn connect(&self, place: &Place, start: bool) -> Result<Wire, Failure> {
        let over = || Failure::new(Code::Internal, "another session is selected");
        if self.line.is_cut() {
            return Err(over());
        }
        let wire = self.source.connector.connect(place, start)?;
        let cutter = wire
            .cutter()
            .map_err(|e| Failure::system("cannot copy a descriptor", e))?;
        let mut state = self.line.state();
        if state.is_cut {
            return Err(over());
        }
        // The two links have one each; what was there before them is lost.
        if state.cutters.len() > 1 {
            state.cutters.remove(0);
        }
        state.cutters.push(cutter);
        Ok(wire)
    }

    fn wake_guardian(&self, wire: &Wire) {
        self.source.connector.wake_guardian(wire);
    }
}

struct Follower<'s, 'l> {
    id: &'s SessionId,
    at: Offset,
    looks: &'s mut Link<'l>,
    tell: &'s dyn Fn(Result<Shot, Failure>),
    shown: Instant,
    /// Something has come since the screen was read.
    stale: bool,
}

impl Follower<'_, '_> {
    fn look(&mut self) -> Result<(), Failure> {
        self.stale = false;
        let shot = take(self.looks, self.id, SCREEN)?;
        self.shown = Instant::now();
        (self.tell)(Ok(shot));
        Ok(())
    }
}

impl Stream for Follower<'_, '_> {
    type End = ();

    fn question(&self) -> Request {
        Request::Read {
            target: self.id.clone().into(),
            read: Read::follow(self.at),
        }
    }

    fn take(&mut self, item: Item) -> Result<Option<()>, Failure> {
        match item {
            Item::Bytes(bytes) => {
                self.at += bytes.len() as Offset;
                self.stale |= !bytes.is_empty();
                if self.stale && self.shown.elapsed() >= FRAME {
                    self.look()?;
                }
                Ok(None)
            }
            Item::Response(Response::Reading { .. }) => Ok(None),
            Item::Response(Response::Gap { to, .. }) => {
                self.at = to;
                Ok(None)
            }
            Item::Response(Response::End { .. }) => Ok(Some(())),
            Item::Response(other) => Err(unexpected(&other)),
        }
    }

    fn idle(&mut self) {
        if self.stale {
            sleep(FRAME.saturating_sub(self.shown.elapsed()));
            // Where it cannot be read the next piece of output tells why.
            let _ = self.look();
        }
    }
}
