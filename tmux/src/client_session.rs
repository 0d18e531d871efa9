//! A client's coming and going: its place in the state while it looks at a session, and the words
//! it leaves with.

use crate::addressing;
use crate::run::Run;
use crate::state::{Client, PendingDetach, State};
use crate::time::now_ms;
use nix::sys::signal::Signal;

/// Why a client goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DetachReason {
    /// Its session has ended.
    Exited,
    /// Somebody sent it away, from the session of this name.
    Detached(String),
    /// The same, and what started it is hung up on.
    HungUp(String),
    /// Another command takes its place.
    Replaced(String),
    LostTerminal,
    Terminated,
    ServerExited,
    LostServer,
}

impl DetachReason {
    pub(crate) fn of_signal(signal: Signal) -> Self {
        if signal == Signal::SIGHUP {
            Self::LostTerminal
        } else {
            Self::Terminated
        }
    }

    /// What became of a client between two states, if it is not in the later one as it was.
    pub(crate) fn between(before: &State, after: &State, name: &str) -> Option<Self> {
        let own = |state: &State| state.clients.iter().find(|c| c.name == name).cloned();
        let of = |id: u32| {
            before
                .session(id)
                .map(|s| s.name.clone())
                .unwrap_or_default()
        };
        if after.killed {
            return Some(Self::ServerExited);
        }
        let was = own(before);
        match own(after) {
            Some(now) if after.session(now.session).is_some() => match now.leaving? {
                PendingDetach::HungUp => Some(Self::HungUp(of(now.session))),
                PendingDetach::Replaced(command) => Some(Self::Replaced(command)),
            },
            Some(_) => Some(Self::Exited),
            None => Some(match was.filter(|c| after.session(c.session).is_some()) {
                Some(client) => Self::Detached(of(client.session)),
                None => Self::Exited,
            }),
        }
    }

    pub(crate) fn words(&self) -> Option<String> {
        Some(match self {
            Self::Exited => "exited".to_owned(),
            Self::Detached(session) => format!("detached (from session {session})"),
            Self::HungUp(session) => format!("detached and SIGHUP (from session {session})"),
            Self::Replaced(_) => return None,
            Self::LostTerminal => "lost tty".to_owned(),
            Self::Terminated => "terminated".to_owned(),
            Self::ServerExited => "server exited".to_owned(),
            Self::LostServer => "server exited unexpectedly".to_owned(),
        })
    }

    pub(crate) fn code(&self) -> i32 {
        match self {
            Self::Exited | Self::Detached(_) | Self::HungUp(_) | Self::Replaced(_) => 0,
            Self::LostTerminal | Self::Terminated | Self::ServerExited | Self::LostServer => 1,
        }
    }
}

/// Takes a place among the clients; `then` sees the state with it. Gives the version that the state
/// has now.
pub(crate) fn attach(run: &mut Run, client: Client, then: impl FnOnce(&mut Run, u32)) -> u64 {
    if run.open(true).is_err() {
        return 0;
    }
    let client = match run.state.clients.iter().find(|c| c.name == client.name) {
        // The commands of its own line may have said more of it already.
        Some(known) if known.pid == client.pid => Client {
            session: known.session,
            sx: if client.sx > 0 { client.sx } else { known.sx },
            sy: if client.sy > 0 { client.sy } else { known.sy },
            last_session: known.last_session,
            table: known.table.clone(),
            message: known.message.clone(),
            prompt: known.prompt.clone(),
            subscriptions: known.subscriptions.clone(),
            flows: known.flows.clone(),
            flags: union(&client.flags, &known.flags),
            ..client
        },
        _ => client,
    };
    let (now, session) = (now_ms(), client.session);
    run.state.clients.retain(|c| c.name != client.name);
    run.state.clients.push(client);
    if let Some(session) = run.state.session_mut(session) {
        session.attached_ms = now;
        session.activity_ms = now;
    }
    let place = run
        .state
        .session(session)
        .map(|s| addressing::of_session(&run.state, s));
    run.hook("client-attached", place, vec![]);
    then(run, session);
    let _ = run.close();
    run.version()
}

fn union(flags: &[String], more: &[String]) -> Vec<String> {
    let added = more.iter().filter(|flag| !flags.contains(flag));
    flags.iter().chain(added).cloned().collect()
}

/// Gives it up again.
pub(crate) fn detach(run: &mut Run, name: &str) {
    if run.open(true).is_ok() && run.exists {
        run.state.clients.retain(|c| c.name != name);
        run.hook("client-detached", None, vec![]);
        let _ = run.close();
    }
}
