//! How many descriptors are left. A worker that has none cannot serve, so sessions and connections
//! are refused before that, and connections first: a client that was refused one can ask again, and
//! a session holds three for its whole life.
//!
//! They are counted, because a table that is full leaves no number for a look into it. A takeover
//! needs none of these: the process that takes the guardian's place closes all connections first.

use crate::platform::descriptors;
use psup_proto::{Code, Failure};
use std::cell::Cell;
use tokio::sync::Notify;

/// Standard streams, the fixed numbers, the loop, the way to the guardian, the events.
const OWN: usize = 18;
/// What a session holds: its ring, its terminal, its pidfd.
const SESSION: usize = 3;
/// What a start, a log or a look at a process needs for a moment.
const MOMENTARY: usize = 5;
/// Connections that are possible however many sessions there are.
const CONNECTIONS: usize = 2;

/// The other side is gone; there is nobody left to tell.
pub struct ClientLeft;

pub struct Room {
    limit: usize,
    /// Connections that have not said hello.
    silent: Waiters,
    /// Connections without an open question.
    idle: Waiters,
}

/// Descriptors in use now.
#[derive(Clone, Copy)]
pub struct HeldFds {
    pub by_sessions: usize,
    pub by_connections: usize,
}

/// Connections that wait for their clients, the longest wait first.
#[derive(Default)]
struct Waiters {
    count: Cell<usize>,
    leave: Notify,
}

struct Waiting<'a>(&'a Waiters);

impl Waiters {
    async fn wait<T>(
        &self,
        client: impl Future<Output = Result<T, ClientLeft>>,
    ) -> Result<T, ClientLeft> {
        self.count.set(self.count.get() + 1);
        let _waiting = Waiting(self);
        tokio::select! {
            biased;
            spoken = client => spoken,
            () = self.leave.notified() => Err(ClientLeft),
        }
    }

    /// Closes the connection that has waited the longest, when its task has its turn. Whether there
    /// was one.
    fn close_one(&self) -> bool {
        let any = self.count.get() > 0;
        if any {
            self.leave.notify_one();
        }
        any
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.count.set(self.0.count.get() - 1);
    }
}

impl Room {
    pub fn of_this_process() -> Self {
        Self {
            limit: descriptors::limit(),
            silent: Waiters::default(),
            idle: Waiters::default(),
        }
    }

    /// Waits for a hello as long as there is room for those who do not say it.
    pub async fn while_silent<T>(
        &self,
        hello: impl Future<Output = Result<T, ClientLeft>>,
    ) -> Result<T, ClientLeft> {
        self.silent.wait(hello).await
    }

    /// The same for the next question. A client whose connection is closed here asks over another
    /// one.
    pub async fn while_idle<T>(
        &self,
        question: impl Future<Output = Result<T, ClientLeft>>,
    ) -> Result<T, ClientLeft> {
        self.idle.wait(question).await
    }

    /// Closes a connection that nobody has an open question on, for the sake of one that has.
    pub fn close_an_idle_one(&self) -> bool {
        self.silent.close_one() || self.idle.close_one()
    }

    fn left(&self, held: HeldFds) -> usize {
        let used = OWN + held.by_sessions + held.by_connections;
        self.limit.saturating_sub(used)
    }

    pub fn for_connection(&self, held: HeldFds) -> Result<(), Failure> {
        if self.left(held) > MOMENTARY {
            return Ok(());
        }
        let connections = held.by_connections;
        Err(self.full(
            &format!("{connections} connections are open"),
            "end some of the waiting commands",
        ))
    }

    /// Idle connections do not count: they must not keep sessions from being started.
    pub fn for_session(&self, held: HeldFds, sessions: usize) -> Result<(), Failure> {
        let used = OWN + held.by_sessions + MOMENTARY + CONNECTIONS;
        if used + SESSION <= self.limit && self.left(held) >= SESSION {
            return Ok(());
        }
        Err(self.full(
            &format!("{sessions} sessions are running"),
            "`psup stop` some sessions",
        ))
    }

    fn full(&self, what: &str, remedy: &str) -> Failure {
        let message = format!(
            "{what}, and the supervisor may open no more than {} files",
            self.limit
        );
        let hint = format!("{remedy}, or start the supervisor under a higher limit (`ulimit -Hn`)");
        Failure::new(Code::Limit, message).hint(hint)
    }
}
