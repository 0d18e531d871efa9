//! What a client and a supervisor have to know of a request beside its content, one row a request.

use crate::hook::HookRequest;
use crate::limits;
use crate::name::Target;
use crate::request::{Request, Selector};
use std::time::Duration;

/// How a request is treated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy<'a> {
    /// It may be put a second time though the first may have been heard: it only asks, or the
    /// supervisor recognises it by its id or finds it done already.
    pub repeatable: bool,
    pub starts: Starts,
    /// How long to listen for an answer, or for the next piece of one. Deadlines are the
    /// supervisor's to keep: this is for the case that it does not. `None` where nobody can tell.
    pub answer_time: Option<Duration>,
    /// The one session that it is about, where it can be answered as soon as that one is known.
    pub session: Option<&'a Target>,
    /// A program gets to read what is asked for, so that asking again by hand could do harm.
    pub types_input: bool,
}

/// Whether a supervisor is started where none runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starts {
    /// It is about the supervisor itself, or stops what there is.
    Never,
    /// Only in the place of one that was asked already and has gone since: what merely asks changes
    /// nothing where there is nothing, and what was being waited for goes on.
    Again,
    Always,
}

impl<'a> Policy<'a> {
    /// A question that is answered at once.
    const QUESTION: Self = Self {
        repeatable: true,
        starts: Starts::Again,
        answer_time: Some(limits::ANSWER),
        session: None,
        types_input: false,
    };

    /// A question about the supervisor itself.
    const SUPERVISOR: Self = Self {
        starts: Starts::Never,
        ..Self::QUESTION
    };

    /// What makes something, or changes what is on disk.
    const CHANGE: Self = Self {
        starts: Starts::Always,
        ..Self::QUESTION
    };

    /// It must not be done twice.
    const ONCE: Self = Self {
        repeatable: false,
        ..Self::QUESTION
    };

    fn about(self, session: &'a Target) -> Self {
        Self {
            session: Some(session),
            ..self
        }
    }

    /// The answer may take this much longer; `None` is any time.
    fn after(self, time: Option<Duration>) -> Self {
        Self {
            answer_time: time.map(|time| time.saturating_add(limits::ANSWER)),
            ..self
        }
    }

    /// The supervisor tells what happens when it happens.
    fn if_it_follows(self, follow: bool) -> Self {
        if follow { self.after(None) } else { self }
    }
}

impl Request {
    pub fn policy(&self) -> Policy<'_> {
        let (question, change, once) = (Policy::QUESTION, Policy::CHANGE, Policy::ONCE);
        let change_once = Policy {
            repeatable: false,
            ..Policy::CHANGE
        };
        match self {
            // The session it replaces may need its grace.
            Self::Spawn(spawn) => change.after(match &spawn.ready {
                Some(wait) => wait.timeout,
                None => Some(limits::GRACE),
            }),
            Self::Read { target, read } if read.follow => {
                question.about(target).after(read.timeout)
            }
            Self::Info(target)
            | Self::Read { target, .. }
            | Self::Alive(target)
            | Self::ScreenFacts(target)
            | Self::Timeline { target, .. }
            | Self::OffsetAt { target, .. }
            | Self::Resize { target, .. }
            | Self::Capture { target, .. }
            | Self::CaptureRows { target, .. } => question.about(target),
            Self::List(_) | Self::ListBrief(_) | Self::Checkpoint(_) => question,
            // A hook that was added is recognised by the id of its request.
            // What is gone already is not forgotten again, and limits are what was said last.
            Self::Hook(HookRequest::Add(_) | HookRequest::List { .. })
            | Self::ForgetEnded(_)
            | Self::SetKeep(_)
            // A step of a restoration that was taken already changes nothing.
            | Self::Restore(_) => change,
            // Who attaches to a session, or changes its size as a viewer, has seen that it runs.
            Self::Attach(attach) => Policy {
                starts: Starts::Never,
                ..question.about(&attach.target).after(None)
            },
            Self::ViewerResize { target, .. } => Policy {
                starts: Starts::Never,
                ..question.about(target)
            },
            Self::AskPerson(asked) => question.about(&asked.target).after(asked.timeout),
            Self::Stop(stop) => Policy {
                starts: match stop.which {
                    Selector::Named(_) => Starts::Again,
                    Selector::All | Selector::Glob(_) => Starts::Never,
                },
                ..question.after(Some(stop.grace.unwrap_or(limits::GRACE)))
            },
            Self::Signal { target, signal } => Policy {
                // In version 1, 0 asks whether the session is alive.
                repeatable: *signal == 0,
                ..once.about(target)
            },
            Self::Restart { .. } => change.after(Some(limits::GRACE)),
            Self::Forget(target) => change_once.about(target),
            // A document that was put is refused the second time, by its version; a hook that is
            // gone is not removed again.
            Self::Rename { .. } | Self::PutDocument { .. } | Self::Hook(HookRequest::Remove(_)) => {
                change_once
            }
            // A program that does not read its input keeps a send waiting.
            Self::Send { target, .. } => Policy {
                types_input: true,
                ..question.about(target).after(None)
            },
            Self::Wait { target, wait } => question.about(target).after(wait.timeout),
            Self::WaitFirst { wait, .. } => question.after(wait.timeout),
            Self::Events { follow, .. } => question.if_it_follows(*follow),
            // Every net that an upgrade can fall into is of seconds.
            Self::Status | Self::Metrics | Self::Upgrade { .. } => Policy::SUPERVISOR,
            Self::Logs { follow } => Policy::SUPERVISOR.if_it_follows(*follow),
            Self::Shutdown { .. } => Policy {
                repeatable: false,
                ..Policy::SUPERVISOR.after(Some(limits::GRACE))
            },
            Self::Exec { target, exec } => once.about(target).after(exec.timeout),
            // Each piece of the output begins the time again.
            Self::Run { target, run } => once.about(target).after(run.exec.timeout),
            Self::GetDocument { beyond, .. } => change.if_it_follows(beyond.is_some()),
        }
    }

    /// The request as it is to be put after `elapsed`: with the time that is left.
    #[must_use]
    pub fn after(&self, elapsed: Duration) -> Self {
        let mut request = self.clone();
        if let Some(timeout) = request.timeout() {
            *timeout = timeout.saturating_sub(elapsed);
        }
        request
    }

    /// When the supervisor is to give up waiting.
    fn timeout(&mut self) -> Option<&mut Duration> {
        match self {
            Self::Spawn(spawn) => spawn.ready.as_mut()?.timeout.as_mut(),
            Self::Wait { wait, .. } | Self::WaitFirst { wait, .. } => wait.timeout.as_mut(),
            Self::Read { read, .. } => read.timeout.as_mut(),
            Self::Exec { exec, .. } => exec.timeout.as_mut(),
            Self::Run { run, .. } => run.exec.timeout.as_mut(),
            Self::AskPerson(asked) => asked.timeout.as_mut(),
            Self::Info(_)
            | Self::List(_)
            | Self::Stop(_)
            | Self::Signal { .. }
            | Self::Restart { .. }
            | Self::Forget(_)
            | Self::Rename { .. }
            | Self::Resize { .. }
            | Self::Send { .. }
            | Self::Capture { .. }
            | Self::CaptureRows { .. }
            | Self::Events { .. }
            | Self::Status
            | Self::Logs { .. }
            | Self::Shutdown { .. }
            | Self::Upgrade { .. }
            | Self::PutDocument { .. }
            | Self::GetDocument { .. }
            | Self::ListBrief(_)
            | Self::Alive(_)
            | Self::Attach(_)
            | Self::ViewerResize { .. }
            | Self::Hook(_)
            | Self::ForgetEnded(_)
            | Self::SetKeep(_)
            | Self::Checkpoint(_)
            | Self::Restore(_)
            | Self::Metrics
            | Self::Timeline { .. }
            | Self::OffsetAt { .. }
            | Self::ScreenFacts(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::request::Stop;

    fn stop(which: Selector) -> Request {
        Request::Stop(Stop {
            which,
            signal: None,
            grace: None,
        })
    }

    #[test]
    fn what_only_asks_starts_no_supervisor() {
        let web: Target = "web".parse().unwrap();
        let starts = |request: Request| request.policy().starts;
        assert_eq!(starts(Request::Forget(web.clone())), Starts::Always);
        assert_eq!(starts(Request::Info(web.clone())), Starts::Again);
        assert_eq!(starts(stop(Selector::Named(vec![web]))), Starts::Again);
        assert_eq!(starts(stop(Selector::All)), Starts::Never);
        assert_eq!(starts(Request::Status), Starts::Never);
    }

    #[test]
    fn what_follows_may_be_silent_for_any_time() {
        let logs = |follow| Request::Logs { follow };
        assert_eq!(logs(true).policy().answer_time, None);
        assert_eq!(logs(false).policy().answer_time, Some(limits::ANSWER));
    }
}
