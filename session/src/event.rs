//! What the core is told and what it asks for: events in, effects out.
//!
//! Bytes never ride in effects: output lies in the journal, input in
//! [`Session::input`](super::Session::input).

use super::marks::Tokens;
use super::prompt::{Evidence, Foreground};
use super::view::{Arrival, Followed, View};
use psup_proto::attach::{AskPerson, Keyboard};
use psup_proto::capture::Capture;
use psup_proto::condition::{Wait, Waited};
use psup_proto::event::EventKind;
use psup_proto::exec::{Exec, Executed};
use psup_proto::info::State;
use psup_proto::input::{Send, Sent};
use psup_proto::rows::RowsHead;
use psup_proto::{Exit, Failure, Offset, Size};
use psup_screen::RowReader;
use std::time::{Duration, Instant};

/// A question's number, given by anyone who asks; never used twice in one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// Something that happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// The next bytes of the journal.
    Output(&'a [u8]),
    /// The terminal gave its last byte.
    Closed,
    Exited(Exit),
    Asked(Ticket, Ask),
    AskerLeft(Ticket),
    /// So many bytes of `input()` are in the terminal.
    Written(usize),
    /// The answer to [`Effect::Feed`]: journal bytes, the first at `from`. Empty when nothing is
    /// there yet.
    Past {
        reader: Reader,
        from: Offset,
        bytes: &'a [u8],
    },
    /// The answer to [`Effect::Thaw`]: the newest checkpoint at or before the place asked for.
    Thawed {
        reader: Reader,
        checkpoint: Option<(Offset, &'a [u8])>,
    },
    /// A condition that the core cannot see (a port, a file) holds.
    ConditionHeld {
        ticket: Ticket,
        condition: u32,
    },
    /// The answer to [`Effect::Offer`] where it cannot be done; comes before any more input is
    /// written.
    NotOffered(String),
    /// The answer to [`Effect::AskKernel`]; `None` where nobody has the terminal.
    Foreground(Option<Foreground>),
    /// The answer where the terminal holds output that has not come here yet: what a process waits
    /// for now may be what that output asks for.
    UnreadOutput,
    /// The deadline has come.
    Tick,
}

/// Something to be done, in order.
#[derive(Debug, PartialEq)]
pub enum Effect {
    Reply(Ticket, Answer),
    Resize(Size),
    /// To the child's own process group.
    Signal(i32),
    /// To the whole tree of the session, politely: `None` is the usual way to ask programs to end.
    SignalTree(Option<i32>),
    /// End the whole tree.
    KillTree,
    /// Give a reader the journal's bytes from here.
    Feed {
        reader: Reader,
        from: Offset,
    },
    /// Give a reader the newest checkpoint at or before here.
    Thaw {
        reader: Reader,
        before: Offset,
    },
    /// Keep this: the screen at an offset.
    Checkpoint {
        offset: Offset,
        bytes: Vec<u8>,
    },
    /// Watch for something outside the session until the ticket is answered or its asker left.
    Look {
        ticket: Ticket,
        condition: u32,
        outside: OutsideCondition,
    },
    /// Find out who has the terminal, and what it does.
    AskKernel,
    /// The command of this question runs; its output begins there.
    Began {
        ticket: Ticket,
        begun: Begun,
        command: Vec<u8>,
    },
    /// Keep this where the shell's integration fetches the next command, before the key is written
    /// that makes it do so.
    Offer(Vec<u8>),
    /// For `psup events`.
    Tell(EventKind),
}

/// A command that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    pub from: Offset,
    pub via: Evidence,
    /// A line counts once it has ended: the last one may be the prompt.
    pub by_lines: bool,
}

/// Somebody who reads the journal: nothing but an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Screen,
    Marks,
    Question(Ticket),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutsideCondition {
    Port(u16),
    File(Vec<u8>),
}

/// A question to one session.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    Facts,
    /// `canonical`: the terminal takes whole lines only, and cuts those that are too long. `echo`:
    /// it shows what is typed.
    Send {
        send: Send,
        canonical: bool,
        echo: bool,
    },
    Resize(Size),
    /// Whether the child has not ended.
    Alive,
    Signal(i32),
    Stop {
        signal: Option<i32>,
        grace: Duration,
    },
    Wait(Wait),
    Capture(Capture),
    /// Answered as soon as the journal goes beyond the offset, or cannot any more, or the time is
    /// over.
    Read {
        from: Offset,
        timeout: Option<Duration>,
    },
    View(Arrival),
    /// Answered when there is more than this viewer has seen.
    Follow {
        from: Offset,
        changes: u64,
    },
    ViewerResize {
        viewer: u64,
        size: Size,
    },
    ViewerLeft {
        viewer: u64,
    },
    Person(AskPerson),
    /// With the marks that will tell of it.
    Exec(Exec, Tokens),
}

/// What is answered, once for every ask.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Done,
    Refused(Failure),
    Facts(Box<Facts>),
    Sent(Sent),
    Stopped {
        exit: Option<Exit>,
        firm: bool,
    },
    Waited(Waited),
    Executed(Executed),
    /// The rows are still to be counted.
    Captured(Box<RowsHead>, Box<RowReader>),
    /// The journal's end now, and whether it can still grow.
    Readable {
        end: Offset,
        final_end: bool,
        timed_out: bool,
    },
    Viewed(Box<View>),
    Followed(Box<Followed>),
    PersonAnswered {
        viewer: u64,
        offset: Offset,
    },
}

/// What the core knows of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    pub state: State,
    pub size: Size,
    pub offset: Offset,
    pub title: String,
    /// Where the program says it is (OSC 7).
    pub cwd: Option<String>,
    pub exit: Option<Exit>,
    pub last_output: Option<Instant>,
    pub attached: u32,
    /// Waits that are parked.
    pub waits: u32,
    pub keyboard: Option<Keyboard>,
}
