//! How a session's driver is reached: its mailbox, and the handle everybody else has.

use crate::journal::{Chunk, LogNews};
use crate::worker::sessions::registry::Registry;
use psup_proto::info::{Blocked, Process};
use psup_proto::name::SessionId;
use psup_proto::resources::Usage;
use psup_proto::times::{OffsetAt, Timeline};
use psup_proto::{Code, Failure, Offset};
use psup_session::{Answer, Ask, Begun, Facts, Ticket};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tokio::sync::{mpsc, oneshot};

/// What a driver finds in its mailbox.
pub enum Message {
    Ask(Ticket, Ask, oneshot::Sender<Answer>),
    /// The asker is not interested any more.
    AskerLeft(Ticket),
    /// What is known of the session.
    Info(Detail, oneshot::Sender<SessionInfo>),
    /// Journal bytes from an offset on.
    Bytes {
        from: Offset,
        most: usize,
        to: oneshot::Sender<Result<(Chunk, Vec<u8>), Failure>>,
    },
    /// When the output from an offset on came.
    Timeline(Offset, oneshot::Sender<Timeline>),
    /// Where the output stood at a time.
    OffsetAt(u64, oneshot::Sender<OffsetAt>),
    /// What a copy of the session has beside its output.
    Copy(oneshot::Sender<JournalCopy>),
    /// Output is to be kept for this asker until it has read it; it is told where it begins.
    Follow(Ticket, oneshot::Sender<Begun>),
    /// It has read up to there.
    Followed(Ticket, Offset),
    FollowerLeft(Ticket),
    /// The child may have ended: look at the ring's header.
    CheckExit,
    LogNews(LogNews),
    ConditionHeld {
        ticket: Ticket,
        condition: u32,
    },
    /// The state directory had gone and was made again.
    StateLost,
    /// How it ended is on the disk, which had refused that at first.
    Recorded,
    /// Everything is let go of, for the files go; told when that is done.
    Forget(oneshot::Sender<()>),
}

/// How closely a session is looked at for a portrait.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What is known without a look at any process.
    Brief,
    /// With what only the driver can look up: who has the terminal, where the child is, what is
    /// waited for.
    Full,
}

/// A session as its driver sees it.
pub struct SessionInfo {
    pub facts: Facts,
    pub pid: Option<i32>,
    pub foreground: Option<Process>,
    /// Where the child is now.
    pub cwd: Option<Vec<u8>>,
    pub kept_from: Offset,
    pub blocked: Option<Blocked>,
    pub usage: Option<Usage>,
}

/// What a copy of a session has beside its output, at the journal's end.
pub struct JournalCopy {
    pub from: Offset,
    pub end: Offset,
    /// The lines of `events.jsonl`.
    pub events: Vec<u8>,
    pub screen: Option<(Offset, Vec<u8>)>,
}

/// The way to one driver.
#[derive(Clone)]
pub struct DriverHandle {
    to: mpsc::UnboundedSender<Message>,
    tickets: Rc<Cell<u64>>,
    /// Changes when the session is renamed.
    id: Rc<RefCell<SessionId>>,
}

/// Tells the driver that nobody waits for the answer any more, unless it came.
struct Interest<'a> {
    handle: &'a DriverHandle,
    ticket: Ticket,
    answered: bool,
}

/// An ask whose asker reads along: told when it begins, and when it is over.
pub struct Following<'a> {
    interest: Interest<'a>,
    began: oneshot::Receiver<Begun>,
    answer: oneshot::Receiver<Answer>,
}

impl Following<'_> {
    /// Where the output begins; `None` where the ask is answered before.
    pub async fn began(&mut self) -> Option<Begun> {
        (&mut self.began).await.ok()
    }

    pub async fn answer(&mut self) -> Result<Answer, Failure> {
        let answer = (&mut self.answer).await;
        self.interest.answered = true;
        answer.map_err(|_| gone())
    }

    /// Everything up to there has been read: the session may go on.
    pub fn has_read(&self, to: Offset) {
        let message = Message::Followed(self.interest.ticket, to);
        self.interest.handle.post(message);
    }
}

impl Drop for Following<'_> {
    fn drop(&mut self) {
        let message = Message::FollowerLeft(self.interest.ticket);
        self.interest.handle.post(message);
    }
}

impl DriverHandle {
    pub fn new(id: SessionId) -> (Self, mpsc::UnboundedReceiver<Message>) {
        // Unbounded, but every sender waits for its answer, and connections and conditions have
        // limits of their own.
        let (to, mailbox) = mpsc::unbounded_channel();
        (
            Self {
                to,
                tickets: Rc::default(),
                id: Rc::new(RefCell::new(id)),
            },
            mailbox,
        )
    }

    /// What the session is called now.
    pub fn id(&self) -> SessionId {
        self.id.borrow().clone()
    }

    pub fn set_id(&self, id: SessionId) {
        *self.id.borrow_mut() = id;
    }

    /// Asks and waits for the one answer. Dropping the future is leaving.
    pub async fn ask(&self, ask: Ask) -> Result<Answer, Failure> {
        let (ticket, answer) = self.put(ask);
        let mut interest = Interest {
            handle: self,
            ticket,
            answered: false,
        };
        let answer = answer.await;
        interest.answered = true;
        answer.map_err(|_| gone())
    }

    /// Asks, and reads along.
    pub fn follow(&self, ask: Ask) -> Following<'_> {
        let (to, began) = oneshot::channel();
        let next = Ticket(self.tickets.get() + 1);
        self.post(Message::Follow(next, to));
        let (ticket, answer) = self.put(ask);
        Following {
            interest: Interest {
                handle: self,
                ticket,
                answered: false,
            },
            began,
            answer,
        }
    }

    /// As [`ask`](Self::ask), keeping the ticket: for asks that are answered before they are over.
    pub fn put(&self, ask: Ask) -> (Ticket, oneshot::Receiver<Answer>) {
        let ticket = Ticket(self.tickets.get() + 1);
        self.tickets.set(ticket.0);
        let (to, answer) = oneshot::channel();
        self.post(Message::Ask(ticket, ask, to));
        (ticket, answer)
    }

    /// Asked for at once, so that many can be asked for together.
    pub fn info(
        &self,
        detail: Detail,
    ) -> impl Future<Output = Result<SessionInfo, Failure>> + use<> {
        let (to, answer) = oneshot::channel();
        self.post(Message::Info(detail, to));
        async { answer.await.map_err(|_| gone()) }
    }

    pub async fn bytes(&self, from: Offset, most: usize) -> Result<(Chunk, Vec<u8>), Failure> {
        let (to, answer) = oneshot::channel();
        self.post(Message::Bytes { from, most, to });
        answer.await.map_err(|_| gone())?
    }

    pub async fn timeline(&self, since: Offset) -> Result<Timeline, Failure> {
        let (to, answer) = oneshot::channel();
        self.post(Message::Timeline(since, to));
        answer.await.map_err(|_| gone())
    }

    pub async fn copy(&self) -> Result<JournalCopy, Failure> {
        let (to, answer) = oneshot::channel();
        self.post(Message::Copy(to));
        answer.await.map_err(|_| gone())
    }

    pub async fn offset_at(&self, at_ms: u64) -> Result<OffsetAt, Failure> {
        let (to, answer) = oneshot::channel();
        self.post(Message::OffsetAt(at_ms, to));
        answer.await.map_err(|_| gone())
    }

    /// Mail to a driver that is gone is of no interest to anybody.
    pub fn post(&self, mail: Message) {
        let _ = self.to.send(mail);
    }
}

impl Drop for Interest<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.handle.post(Message::AskerLeft(self.ticket));
        }
    }
}

fn gone() -> Failure {
    Failure::new(Code::NoSuchSession, "the session has just been forgotten")
}

impl Registry<DriverHandle> {
    pub fn post(&self, key: &str, message: Message) {
        if let Some(handle) = self.handle(key) {
            handle.post(message);
        }
    }

    pub fn tell(&self, news: LogNews) {
        let key = match &news {
            LogNews::Failing { key, .. }
            | LogNews::Gap { key, .. }
            | LogNews::Room { key }
            | LogNews::Sealed { key } => key.clone(),
        };
        self.post(&key, Message::LogNews(news));
    }

    /// Every living driver looks whether its child has ended.
    pub fn look_all(&self) {
        for handle in self.handles() {
            handle.post(Message::CheckExit);
        }
    }
}
