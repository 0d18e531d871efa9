//! One task owns one session: it tells the core what happens and does what the core decides.
//!
//! The law: tell one event, drain `poll()`, write `input()` if the terminal takes it, sleep until
//! `deadline()` or the next event. Nothing here decides; nobody else touches the session, its
//! journal or its terminal.

pub(super) mod async_fd;
pub(super) mod conditions;
pub(super) mod exit;
pub(super) mod followers;
pub(super) mod foreground;
mod info;
pub(super) mod journal;
pub(super) mod kill_tree;
pub(super) mod mailbox;
pub(super) mod read;
pub(super) mod write;

use super::context::SharedWorker;
use super::shells;
use crate::guardian::SharedFd;
use crate::journal::header::INPUTS;
use crate::journal::{JournalEvent, LogNews};
use crate::log::{Level, log};
use crate::platform::watchdog;
use crate::pty;
use conditions::Watch;
use followers::Followers;
use journal::SessionJournal;
use mailbox::{Detail, DriverHandle, Message};
use psup_proto::Offset;
use psup_proto::event::EventKind;
use psup_session::prompt::Foreground;
use psup_session::{Answer, Ask, Effect, Event, Reader, Session, Ticket};
use std::collections::{HashMap, VecDeque};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::time::Instant;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::{mpsc, oneshot};
use write::PendingWrite;

/// Writes before those who asked for them get their answers: half of what is remembered of sends,
/// so that none is forgotten before its client knows of it.
const WRITES: usize = INPUTS / 2;
pub(super) struct Driver {
    pub worker: SharedWorker,
    pub key: String,
    /// Where the shell fetches the commands of an exec.
    pub command_file: PathBuf,
    pub session: Session,
    pub journal: SessionJournal,
    /// `None` once the terminal has given its last byte.
    pub master: Option<AsyncFd<SharedFd>>,
    pub pidfd: Option<AsyncFd<SharedFd>>,
    /// `None` once everything is in the log.
    pub ring: Option<SharedFd>,
    pub mailbox: mpsc::UnboundedReceiver<Message>,
    pub handle: DriverHandle,
    pub state: State,
    pub typing: Option<PendingWrite>,
}

/// What the driver itself remembers.
#[derive(Default)]
pub(super) struct State {
    answers: HashMap<Ticket, oneshot::Sender<Answer>>,
    watches: HashMap<Ticket, Vec<Watch>>,
    followers: Followers,
    /// Readers that are behind, each with its place: fed in turns, so that nobody waits for a long
    /// journal.
    pub(super) hungry: VecDeque<(Reader, Offset)>,
    /// The child is gone: whatever it wrote is in the terminal already, so reading nothing means
    /// that it was all.
    pub(super) draining: bool,
    /// The ring is full: do not read until there is room.
    pub(super) blocked: bool,
    /// The other end of a terminal that its program has closed.
    pub(super) slave: Option<OwnedFd>,
    /// There was much to read the last time.
    pub(super) floods: bool,
    /// Reading is tried again then.
    pub(super) retry: Option<Instant>,
    pub(super) tree: Option<pty::ProcessTree>,
    /// Until then the processes that the leader leaves behind may end by themselves.
    pub(super) firm_at: Option<Instant>,
    /// The end has been dealt with.
    pub(super) finished: bool,
    forgotten: bool,
}

impl State {
    /// `over`: the life had ended before this worker began.
    pub(super) fn of(over: bool) -> Self {
        Self {
            finished: over,
            ..Self::default()
        }
    }
}

/// Whether all is done, or others get their turn first.
#[derive(PartialEq, Eq)]
pub(super) enum Progress {
    Done,
    Yield,
}

/// What ended the sleep.
enum Wake {
    Message(Option<Message>),
    Hungry,
    Readable,
    Writable,
    Exited,
    Time,
}

impl Driver {
    pub(super) async fn run(mut self) {
        let _whole = AbortOnPanic;
        if self.master.is_none() {
            // The last worker drained it, and was killed before it could write that down.
            self.tell(Event::Closed);
        }
        self.look();
        while !self.state.forgotten {
            self.settle_in_turn().await;
            match self.sleep().await {
                Wake::Message(Some(mail)) => self.open(mail),
                // The registry has dropped its handle: the worker is ending.
                Wake::Message(None) => return,
                Wake::Hungry | Wake::Readable => self.turn().await,
                Wake::Writable => {}
                Wake::Exited => self.child_exited(),
                Wake::Time => {
                    if self.state.retry.is_some_and(|at| Instant::now() >= at) {
                        self.state.retry = None;
                        self.state.blocked = false;
                    }
                    self.state.followers.give_up(self.journal.end());
                    self.tell(Event::Tick);
                }
            }
        }
    }

    async fn sleep(&mut self) -> Wake {
        let wake = self
            .session
            .deadline()
            .into_iter()
            .chain(self.state.retry)
            .chain(self.state.followers.hold(self.journal.end()))
            .min();
        let may_read =
            !self.state.blocked && self.state.followers.hold(self.journal.end()).is_none();
        let wants_write = !self.session.input().is_empty();
        let master = self.master.as_ref();
        let pidfd = self.pidfd.as_ref();
        tokio::select! {
            biased;
            mail = self.mailbox.recv() => Wake::Message(mail),
            () = std::future::ready(()), if !self.state.hungry.is_empty() => Wake::Hungry,
            () = std::future::ready(()), if master.is_some() && self.state.draining && !self.state.blocked => Wake::Readable,
            () = ready(master, Interest::READABLE), if master.is_some() && may_read => Wake::Readable,
            () = ready(master, Interest::WRITABLE), if master.is_some() && wants_write => Wake::Writable,
            () = ready(pidfd, Interest::READABLE), if pidfd.is_some() => Wake::Exited,
            () = sleep_until(wake), if wake.is_some() => Wake::Time,
        }
    }

    /// One event is one step of work, however many of them a turn is made of.
    pub(super) fn tell(&mut self, event: Event<'_>) {
        watchdog::feed();
        self.session.handle(Instant::now(), event);
    }

    /// Does everything the core wants done now. Where that is to write down an end, it waits for
    /// its turn, and then lets others have theirs.
    async fn settle_in_turn(&mut self) {
        let worker = self.worker.clone();
        let mut permit = None;
        if self.session.has_ended() && !self.state.finished {
            // It is never closed.
            permit = worker.end_permits.acquire().await.ok();
        }
        while self.settle() == Progress::Yield {
            tokio::task::yield_now().await;
        }
        if permit.is_some() {
            tokio::task::yield_now().await;
        }
    }

    /// What is to be done, or a turn's worth of it.
    fn settle(&mut self) -> Progress {
        let mut writes = 0;
        loop {
            while let Some(effect) = self.session.poll() {
                let is_long = matches!(effect, Effect::Feed { .. });
                self.act(effect);
                if is_long {
                    return Progress::Yield;
                }
            }
            if !self.write() {
                break;
            }
            writes += 1;
            if writes == WRITES {
                return Progress::Yield;
            }
        }
        self.finish_if_ended();
        Progress::Done
    }

    fn finish_if_ended(&mut self) {
        if self.session.has_ended() && !self.state.finished {
            self.finish();
        }
    }

    fn act(&mut self, effect: Effect) {
        match effect {
            Effect::Reply(ticket, answer) => {
                // An asker who hears of an end may ask the registry next.
                self.finish_if_ended();
                self.state.watches.remove(&ticket);
                self.state.followers.answered(ticket);
                if let Some(to) = self.state.answers.remove(&ticket) {
                    self.reply(to, answer);
                }
            }
            Effect::Resize(size) => {
                if let Some(master) = &self.master {
                    self.journal.note(JournalEvent::Resized { size });
                    if let Err(error) = pty::set_size(master.as_fd(), size) {
                        log(
                            Level::Warn,
                            "cannot resize",
                            &[("session", &self.handle.id()), ("error", &error)],
                        );
                    }
                }
            }
            Effect::Signal(signal) => self.signal(signal),
            Effect::SignalTree(signal) => self.signal_tree(signal),
            Effect::KillTree => drop(self.tree().signal(libc::SIGKILL)),
            Effect::Feed { reader, from } => self.state.hungry.push_back((reader, from)),
            Effect::Thaw { reader, before } => {
                let found = self.journal.checkpoint_before(before);
                let checkpoint = found
                    .as_ref()
                    .map(|(offset, bytes)| (*offset, bytes.as_slice()));
                self.tell(Event::Thawed { reader, checkpoint });
            }
            Effect::Checkpoint { offset, bytes } => self.journal.put_checkpoint(offset, &bytes),
            Effect::Look {
                ticket,
                condition,
                outside,
            } => {
                let watch = conditions::look(
                    self.handle.clone(),
                    ticket,
                    condition,
                    outside,
                    self.pid().unwrap_or(0),
                );
                self.state.watches.entry(ticket).or_default().push(watch);
            }
            Effect::AskKernel => {
                let foreground = self.foreground();
                // In this order: what is written before a read is there once the read is seen.
                let event = if self.has_unread_output() {
                    Event::UnreadOutput
                } else {
                    Event::Foreground(foreground)
                };
                self.tell(event);
            }
            Effect::Began {
                ticket,
                begun,
                command,
            } => {
                self.journal.note_exec(begun.from, &command);
                self.state.followers.began(ticket, begun);
            }
            Effect::Offer(command) => {
                let dir = self.worker.session_dir(&self.key);
                if let Err(error) = shells::offer(&self.command_file, &dir, &command) {
                    self.tell(Event::NotOffered(error.to_string()));
                }
            }
            Effect::Tell(what) => self.announce(what),
        }
    }

    pub(super) fn announce(&mut self, what: EventKind) {
        if what == EventKind::OutputIdle && !self.state.blocked {
            self.journal.give_back();
        }
        self.worker
            .events
            .tell(&self.handle.id(), self.journal.end(), what);
    }

    fn open(&mut self, mail: Message) {
        match mail {
            Message::Ask(ticket, ask, to) => {
                self.state.answers.insert(ticket, to);
                let ask = self.complete(ask);
                self.tell(Event::Asked(ticket, ask));
            }
            Message::AskerLeft(ticket) => {
                self.state.answers.remove(&ticket);
                self.state.watches.remove(&ticket);
                self.tell(Event::AskerLeft(ticket));
            }
            Message::Info(detail, to) => {
                let info = match detail {
                    Detail::Brief => self.brief_info(),
                    Detail::Full => self.info(),
                };
                // The caller may be gone.
                let _ = to.send(info);
            }
            Message::Bytes { from, most, to } => {
                let mut bytes = Vec::new();
                let read = self.journal.read(from, most, &mut bytes);
                let answer = read
                    .map(|chunk| (chunk, bytes))
                    .map_err(|e| psup_proto::Failure::system("cannot read the journal", e));
                let _ = to.send(answer);
            }
            Message::Timeline(since, to) => {
                // The asker may be gone.
                let _ = to.send(self.journal.timeline(since));
            }
            Message::OffsetAt(at_ms, to) => {
                let _ = to.send(self.journal.offset_at(at_ms));
            }
            Message::Copy(to) => {
                let _ = to.send(self.copy());
            }
            Message::Follow(ticket, began) => self.state.followers.add(ticket, began),
            Message::Followed(ticket, to) => self.state.followers.has_read(ticket, to),
            Message::FollowerLeft(ticket) => self.state.followers.left(ticket),
            Message::CheckExit => self.look(),
            Message::StateLost => self.begin_log_again(),
            Message::Recorded => self.journal.seal(),
            Message::LogNews(told) => self.told(told),
            Message::ConditionHeld { ticket, condition } => {
                self.tell(Event::ConditionHeld { ticket, condition });
            }
            Message::Forget(done) => {
                self.state.forgotten = true;
                self.worker.let_go_of_cgroup(&self.key);
                self.remove_command();
                self.journal.forget(done);
            }
        }
    }

    /// What only the terminal can say about a question.
    fn complete(&mut self, ask: Ask) -> Ask {
        if let Ask::Stop { grace, .. } = &ask {
            self.state.firm_at = Instant::now().checked_add(*grace);
        }
        match (ask, &self.master) {
            (Ask::Send { send, .. }, Some(master)) => {
                let modes = pty::modes(master.as_fd()).ok();
                Ask::Send {
                    send,
                    canonical: modes.as_ref().is_some_and(|modes| modes.canonical),
                    echo: modes.is_some_and(|modes| modes.echo),
                }
            }
            (ask, _) => ask,
        }
    }

    fn told(&mut self, told: LogNews) {
        match told {
            LogNews::Room { .. } => self.state.blocked = false,
            LogNews::Gap { gap, .. } => self.announce(EventKind::Gap {
                from: gap.from,
                to: gap.to,
                reason: gap.reason,
            }),
            LogNews::Failing { reason, .. } => log(
                Level::Warn,
                "the log cannot be written",
                &[("session", &self.handle.id()), ("reason", &reason)],
            ),
            LogNews::Sealed { .. } => {
                if self
                    .journal
                    .seal_done(&self.worker, &self.key, &self.handle.id())
                {
                    self.ring = None;
                }
            }
        }
    }

    fn foreground(&self) -> Option<Foreground> {
        self.master
            .as_ref()
            .and_then(|master| foreground::look(master.as_fd(), self.pid()))
    }

    fn has_unread_output(&self) -> bool {
        self.master
            .as_ref()
            .is_some_and(|master| pty::has_output(master.as_fd()))
    }

    pub(super) fn pid(&self) -> Option<i32> {
        self.journal.pid()
    }
}

/// A session whose driver is gone would be out of reach until the next worker. So a worker ends
/// with the first driver that panics, and the next one has all of them again; what was drawn
/// meanwhile is dealt with as after any break-down.
struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            std::process::abort();
        }
    }
}

async fn ready(fd: Option<&AsyncFd<SharedFd>>, interest: Interest) {
    match fd {
        // An error of readiness shows itself in the read or write that follows.
        Some(fd) => drop(fd.ready(interest).await),
        None => std::future::pending().await,
    }
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(wake) => tokio::time::sleep_until(wake.into()).await,
        None => std::future::pending().await,
    }
}
