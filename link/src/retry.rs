//! What is to be known of a request before it is put: whether a supervisor is started for it, how
//! long its answer may take, whether it may be put twice, how it changes with the time that has
//! passed.
//!
//! A supervisor that is killed or upgraded comes back within milliseconds, so a lost connection is
//! no reason to bother the caller. Requests that carry an id are recognised by the supervisor and
//! done once.

use psup_proto::request::Selector;
use psup_proto::{Failure, Request, limits};
use std::thread;
use std::time::{Duration, Instant};

/// Pauses of 1, 2, 4 … 1024 ms: two seconds in all, twenty times what a supervisor of a thousand
/// sessions needs to come back.
const TRIES: u32 = 11;

/// How long a supervisor may take for an answer that waits for nothing. A hundred times what a
/// loaded machine needs; beyond it the supervisor is stuck or stopped, and the caller had better
/// know.
const AT_ONCE: Duration = Duration::from_secs(30);

/// Tries to get one answer, each a little later than the one before.
///
/// Supervisors that hang up before they say hello are soon given up. One that said hello was there
/// and was killed or upgraded: that may happen any number of times, and costs no more than the time
/// the answer may take anyway.
pub struct Patience {
    tried: u32,
    until: Option<Instant>,
}

/// How a try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    /// Somebody was there, and has gone.
    Greeted,
    /// Nobody was, or it asked for another try.
    InVain,
}

impl Patience {
    /// For an answer that may take so long.
    pub fn new(limit: Option<Duration>) -> Self {
        Self {
            tried: 0,
            until: limit.and_then(|limit| Instant::now().checked_add(limit)),
        }
    }

    /// Waits a little before the next try, or gives up with `why`.
    pub fn pause(&mut self, last: Try, why: Failure) -> Result<(), Failure> {
        if last == Try::Greeted {
            self.tried = 0;
        }
        if self.tried == TRIES || self.until.is_some_and(|until| Instant::now() >= until) {
            return Err(why);
        }
        thread::sleep(Duration::from_millis(1 << self.tried));
        self.tried += 1;
        Ok(())
    }
}

/// Whether a request may be put a second time though the first may have been heard.
pub fn is_harmless(request: &Request) -> bool {
    match request {
        // Questions, and what the supervisor recognises by its id or finds done already.
        Request::Spawn(_)
        | Request::Restart { .. }
        | Request::Send { .. }
        | Request::Stop(_)
        | Request::Resize { .. }
        | Request::Info(_)
        | Request::List(_)
        | Request::ListBrief(_)
        | Request::Wait { .. }
        | Request::WaitFirst { .. }
        | Request::Capture { .. }
        | Request::Read { .. }
        | Request::Events { .. }
        | Request::Status
        | Request::GetDocument { .. }
        | Request::Logs { .. }
        | Request::Upgrade { .. } => true,
        // Asks only whether somebody is there.
        Request::Signal { signal, .. } => *signal == 0,
        // Kept a second time it is refused by its version.
        Request::PutDocument { .. }
        | Request::Forget(_)
        | Request::Rename { .. }
        | Request::Shutdown { .. }
        | Request::Exec { .. }
        | Request::Run { .. } => false,
    }
}

/// Whether a program gets to read what is asked for, so that asking again by hand could do harm.
pub fn types(request: &Request) -> bool {
    matches!(request, Request::Send { .. })
}

/// The request as it is to be put after `elapsed`: with the time that is left.
pub fn later(request: &Request, elapsed: Duration) -> Request {
    let mut request = request.clone();
    match &mut request {
        Request::Spawn(spawn) => {
            if let Some(wait) = &mut spawn.ready {
                wait.timeout = time_left(wait.timeout, elapsed);
            }
        }
        Request::Wait { wait, .. } | Request::WaitFirst { wait, .. } => {
            wait.timeout = time_left(wait.timeout, elapsed);
        }
        Request::Read { read, .. } => read.timeout = time_left(read.timeout, elapsed),
        Request::Exec { exec, .. } => exec.timeout = time_left(exec.timeout, elapsed),
        Request::Run { run, .. } => run.exec.timeout = time_left(run.exec.timeout, elapsed),
        Request::Restart { .. }
        | Request::Send { .. }
        | Request::Stop(_)
        | Request::Resize { .. }
        | Request::Info(_)
        | Request::List(_)
        | Request::ListBrief(_)
        | Request::Capture { .. }
        | Request::Events { .. }
        | Request::Status
        | Request::Logs { .. }
        | Request::Signal { .. }
        | Request::Forget(_)
        | Request::Rename { .. }
        | Request::PutDocument { .. }
        | Request::GetDocument { .. }
        | Request::Shutdown { .. }
        | Request::Upgrade { .. } => {}
    }
    request
}

/// Whether a supervisor is started for this request where none runs. Sessions outlive their
/// supervisor on disk, so whatever names one needs an answer; what is about the supervisor itself,
/// or stops whatever there is, does not.
pub fn starts(request: &Request) -> bool {
    match request {
        Request::Status
        | Request::Logs { .. }
        | Request::Shutdown { .. }
        | Request::Upgrade { .. } => false,
        Request::Stop(stop) => match stop.which {
            Selector::Named(_) => true,
            Selector::All | Selector::Glob(_) => false,
        },
        Request::Spawn(_)
        | Request::Info(_)
        | Request::List(_)
        | Request::ListBrief(_)
        | Request::Signal { .. }
        | Request::Restart { .. }
        | Request::Forget(_)
        | Request::Rename { .. }
        | Request::Resize { .. }
        | Request::Send { .. }
        | Request::Wait { .. }
        | Request::WaitFirst { .. }
        | Request::Capture { .. }
        | Request::Read { .. }
        | Request::Exec { .. }
        | Request::Run { .. }
        | Request::PutDocument { .. }
        | Request::GetDocument { .. }
        | Request::Events { .. } => true,
    }
}

/// How long to listen for an answer, or for the next piece of one. Deadlines are the supervisor's
/// to keep: this is for the case that it does not. `None` where nobody can tell how long it takes.
pub fn limit(request: &Request) -> Option<Duration> {
    let beyond = |known: Option<Duration>| known.map(|known| known.saturating_add(AT_ONCE));
    match request {
        Request::Spawn(spawn) => match &spawn.ready {
            Some(wait) => beyond(wait.timeout),
            // The session it replaces may need its grace.
            None => beyond(Some(limits::GRACE)),
        },
        Request::Restart { .. } | Request::Shutdown { .. } => beyond(Some(limits::GRACE)),
        Request::Stop(stop) => beyond(Some(stop.grace.unwrap_or(limits::GRACE))),
        Request::Wait { wait, .. } | Request::WaitFirst { wait, .. } => beyond(wait.timeout),
        Request::Exec { exec, .. } => beyond(exec.timeout),
        // Each piece of the output begins the time anew.
        Request::Run { run, .. } => beyond(run.exec.timeout),
        Request::Read { read, .. } if read.follow => beyond(read.timeout),
        // A program that does not read its input keeps a send waiting; the others tell what happens
        // when it happens.
        Request::Send { .. } | Request::GetDocument { beyond: Some(_), .. } | Request::Events { follow: true, .. } | Request::Logs { follow: true } => None,
        Request::Read { .. }
        | Request::Events { follow: false, .. }
        | Request::Logs { follow: false }
        | Request::Info(_)
        | Request::List(_)
        | Request::ListBrief(_)
        | Request::Signal { .. }
        | Request::Forget(_)
        | Request::Rename { .. }
        | Request::Resize { .. }
        | Request::Capture { .. }
        | Request::PutDocument { .. }
        | Request::GetDocument { beyond: None, .. }
        | Request::Status
        // Every net that an upgrade can fall into is of seconds.
        | Request::Upgrade { .. } => Some(AT_ONCE),
    }
}

/// What is left of a timeout.
pub fn time_left(timeout: Option<Duration>, elapsed: Duration) -> Option<Duration> {
    timeout.map(|timeout| timeout.saturating_sub(elapsed))
}
