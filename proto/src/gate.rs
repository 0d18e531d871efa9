//! What a gate lets through: which requests, about which sessions.
//!
//! A gate is opened for programs that are confined, by somebody who is not. What only asks passes;
//! what types, starts, ends or changes something passes where its verb was allowed; and what would
//! put another program in the supervisor's place, or have it run commands by itself, never does.

use crate::condition::{Condition, Wait};
use crate::glob;
use crate::keep::Ended;
use crate::request::{Request, Selector};
use crate::{Code, Failure, Name, Response, Target};

/// The verbs that a gate can let through beside those that only ask.
pub const VERBS: [&str; 11] = [
    "ask", "attach", "exec", "forget", "rename", "resize", "restart", "send", "signal", "spawn",
    "stop",
];

/// What one gate lets through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    verbs: Vec<&'static str>,
    /// Globs of the names of sessions; empty: all.
    sessions: Vec<String>,
}

/// What has to be allowed for a request.
enum Needs {
    /// It only asks.
    Nothing,
    Verb(&'static str),
    /// No gate lets it through.
    Refusal(&'static str),
}

/// The sessions that a request is about.
enum About<'a> {
    Names(Vec<&'a Name>),
    Glob(&'a str),
    /// All that there are, and the answer tells of each by itself.
    EachInTheAnswer,
    All,
    None,
}

impl Rules {
    /// `verbs` are those of [`VERBS`] that pass; `ensure` is a `spawn`.
    pub fn new(verbs: &[String], sessions: Vec<String>) -> Result<Self, Failure> {
        let known = |word: &String| {
            let word = if word == "ensure" { "spawn" } else { word };
            let verb = VERBS.iter().find(|verb| **verb == word);
            verb.copied().ok_or_else(|| {
                let what = format!("a gate cannot let {word:?} through");
                Failure::new(Code::Usage, what).hint(format!(
                    "what only asks passes anyway; `--allow` takes {}",
                    VERBS.join(", ")
                ))
            })
        };
        let verbs = verbs.iter().map(known).collect::<Result<_, _>>()?;
        Ok(Self { verbs, sessions })
    }

    pub fn verbs(&self) -> &[&'static str] {
        &self.verbs
    }

    pub fn sessions(&self) -> &[String] {
        &self.sessions
    }

    /// Whether a request may pass, or why not.
    pub fn check(&self, request: &Request) -> Result<(), Failure> {
        match needs(request) {
            Needs::Nothing => {}
            Needs::Verb(verb) if self.verbs.contains(&verb) => {}
            Needs::Verb(verb) => {
                return Err(
                    refused(&format!("this gate does not let `{verb}` through")).hint(format!(
                        "outside, `psup gate DIR --allow {verb}` opens one that does"
                    )),
                );
            }
            Needs::Refusal(what) => {
                return Err(refused(&format!("no gate lets {what} through"))
                    .hint("it has to be done outside the sandbox"));
            }
        }
        if wait_of(request).is_some_and(looks_around) {
            return Err(refused("no gate lets a wait for a port or a file through")
                .hint("they are those outside the sandbox: wait for what the session prints"));
        }
        self.check_sessions(about(request))
    }

    /// What of an answer may pass; `None` where all of it is about sessions that are out of reach.
    pub fn filter(&self, response: Response) -> Option<Response> {
        match response {
            Response::Sessions(mut all) => {
                all.retain(|info| self.allows(&info.id.name));
                Some(Response::Sessions(all))
            }
            Response::Happened(happened) => self
                .allows(&happened.id.name)
                .then_some(Response::Happened(happened)),
            other => Some(other),
        }
    }

    /// Whether answers have to be looked at.
    pub fn filters(&self) -> bool {
        !self.sessions.is_empty()
    }

    fn check_sessions(&self, about: About<'_>) -> Result<(), Failure> {
        if self.sessions.is_empty() {
            return Ok(());
        }
        let globs = self.sessions.join(" or ");
        match about {
            About::None | About::EachInTheAnswer => Ok(()),
            About::Names(names) => match names.iter().find(|name| !self.allows(name)) {
                Some(name) => {
                    let what = format!(
                        "this gate does not reach a session named {:?}",
                        name.as_str()
                    );
                    Err(refused(&what).hint(format!("use a name that matches {globs}")))
                }
                None => Ok(()),
            },
            About::Glob(glob) if self.sessions.iter().any(|one| one == glob) => Ok(()),
            About::Glob(_) | About::All => {
                let what = "this gate reaches some sessions only, and this is about others too";
                Err(refused(what).hint(format!("name the sessions, or use the glob {globs}")))
            }
        }
    }

    fn allows(&self, name: &Name) -> bool {
        let mut globs = self.sessions.iter();
        self.sessions.is_empty() || globs.any(|glob| glob::matches(glob, name.as_str()))
    }
}

fn refused(what: &str) -> Failure {
    Failure::new(Code::No, what)
}

fn needs(request: &Request) -> Needs {
    match request {
        Request::Info(_)
        | Request::List(_)
        | Request::ListBrief(_)
        | Request::Wait { .. }
        | Request::WaitFirst { .. }
        | Request::Capture { .. }
        | Request::CaptureRows { .. }
        | Request::Read { .. }
        | Request::Events { .. }
        | Request::Alive(_)
        | Request::ScreenFacts(_)
        | Request::Timeline { .. }
        | Request::OffsetAt { .. }
        | Request::Status
        | Request::Metrics
        | Request::Logs { .. }
        // In version 1, 0 asks whether the session is alive.
        | Request::Signal { signal: 0, .. } => Needs::Nothing,
        Request::Spawn(_) => Needs::Verb("spawn"),
        Request::Stop(_) => Needs::Verb("stop"),
        Request::Signal { .. } => Needs::Verb("signal"),
        Request::Restart { .. } => Needs::Verb("restart"),
        Request::Forget(_) | Request::ForgetEnded(_) => Needs::Verb("forget"),
        Request::Rename { .. } => Needs::Verb("rename"),
        Request::Resize { .. } => Needs::Verb("resize"),
        Request::Send { .. } => Needs::Verb("send"),
        Request::Exec { .. } | Request::Run { .. } => Needs::Verb("exec"),
        Request::Attach(_) | Request::ViewerResize { .. } => Needs::Verb("attach"),
        Request::AskPerson(_) => Needs::Verb("ask"),
        Request::Hook(_) => Needs::Refusal("`hook`"),
        Request::Checkpoint(_) => Needs::Refusal("`checkpoint`"),
        Request::Restore(_) => Needs::Refusal("`restore`"),
        Request::SetKeep(_) => Needs::Refusal("limits of `forget`"),
        Request::Shutdown { .. } => Needs::Refusal("`shutdown`"),
        Request::Upgrade { .. } => Needs::Refusal("`upgrade`"),
        Request::PutDocument { .. } | Request::GetDocument { .. } => Needs::Refusal("`tmux`"),
    }
}

fn about(request: &Request) -> About<'_> {
    match request {
        Request::Spawn(spawn) => About::Names(vec![&spawn.name]),
        Request::Rename { target, name } => About::Names(vec![&target.name, name]),
        Request::Info(target)
        | Request::Signal { target, .. }
        | Request::Restart { target, .. }
        | Request::Forget(target)
        | Request::Resize { target, .. }
        | Request::Send { target, .. }
        | Request::Wait { target, .. }
        | Request::Capture { target, .. }
        | Request::CaptureRows { target, .. }
        | Request::Read { target, .. }
        | Request::Exec { target, .. }
        | Request::Run { target, .. }
        | Request::Alive(target)
        | Request::ScreenFacts(target)
        | Request::ViewerResize { target, .. }
        | Request::Timeline { target, .. }
        | Request::OffsetAt { target, .. } => About::Names(vec![&target.name]),
        Request::Attach(attach) => About::Names(vec![&attach.target.name]),
        Request::AskPerson(asked) => About::Names(vec![&asked.target.name]),
        Request::Stop(stop) => selected(&stop.which),
        Request::WaitFirst { which, .. } => selected(which),
        Request::ForgetEnded(forget) => match &forget.which {
            Ended::All => About::All,
            Ended::Glob(glob) => About::Glob(glob),
            Ended::Named(targets) => named(targets),
        },
        Request::Events { targets, .. } if !targets.is_empty() => named(targets),
        Request::List(_) | Request::ListBrief(_) | Request::Events { .. } => About::EachInTheAnswer,
        // They tell of every session.
        Request::Logs { .. } | Request::Metrics => About::All,
        Request::Status
        | Request::Shutdown { .. }
        | Request::Upgrade { .. }
        | Request::PutDocument { .. }
        | Request::GetDocument { .. }
        | Request::Hook(_)
        | Request::Checkpoint(_)
        | Request::Restore(_)
        | Request::SetKeep(_) => About::None,
    }
}

fn selected(which: &Selector) -> About<'_> {
    match which {
        Selector::Named(targets) => named(targets),
        Selector::All => About::All,
        Selector::Glob(glob) => About::Glob(glob),
    }
}

fn named(targets: &[Target]) -> About<'_> {
    About::Names(targets.iter().map(|target| &target.name).collect())
}

/// The wait that a request is. Who may spawn may look around by that.
fn wait_of(request: &Request) -> Option<&Wait> {
    let (Request::Wait { wait, .. } | Request::WaitFirst { wait, .. }) = request else {
        return None;
    };
    Some(wait)
}

/// It would tell which files and servers there are outside.
fn looks_around(wait: &Wait) -> bool {
    let is_outside =
        |condition: &Condition| matches!(condition, Condition::Port(_) | Condition::File(_));
    wait.conditions.iter().any(is_outside)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hook::HookRequest;
    use crate::request::{Filter, Stop};

    fn rules(verbs: &[&str], sessions: &[&str]) -> Rules {
        let owned = |words: &[&str]| {
            words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>()
        };
        Rules::new(&owned(verbs), owned(sessions)).unwrap()
    }

    fn stop(which: Selector) -> Request {
        Request::Stop(Stop {
            which,
            signal: None,
            grace: None,
        })
    }

    fn signal(name: &str, signal: i32) -> Request {
        Request::Signal {
            target: name.parse().unwrap(),
            signal,
        }
    }

    #[test]
    fn what_only_asks_passes_and_the_rest_needs_its_verb() {
        let web = Request::Info("web".parse().unwrap());
        assert_eq!(rules(&[], &[]).check(&web), Ok(()));
        assert_eq!(rules(&[], &[]).check(&signal("web", 0)), Ok(()));
        assert!(rules(&["send"], &[]).check(&signal("web", 9)).is_err());
        assert_eq!(rules(&["signal"], &[]).check(&signal("web", 9)), Ok(()));
        assert!(Rules::new(&["upgrade".to_owned()], Vec::new()).is_err());
        assert_eq!(rules(&["ensure"], &[]), rules(&["spawn"], &[]));
    }

    #[test]
    fn nothing_opens_a_gate_for_what_runs_commands_by_itself() {
        let all: Vec<&str> = VERBS.to_vec();
        for request in [
            Request::Shutdown { force: true },
            Request::Upgrade {
                id: 1,
                binary: b"/tmp/x".to_vec(),
            },
            Request::Hook(HookRequest::List { name: None }),
            Request::GetDocument {
                key: "tmux-x".parse().unwrap(),
                beyond: None,
            },
        ] {
            assert!(rules(&all, &[]).check(&request).is_err(), "{request:?}");
        }
    }

    #[test]
    fn sessions_out_of_reach_are_neither_asked_nor_told() {
        let rules = rules(&["stop", "rename"], &["agent-*"]);
        let info = |name: &str| Request::Info(name.parse().unwrap());
        assert_eq!(rules.check(&info("agent-1")), Ok(()));
        assert!(rules.check(&info("web")).is_err());
        let named = |name: &str| {
            stop(Selector::Named(vec![
                "agent-1".parse().unwrap(),
                name.parse().unwrap(),
            ]))
        };
        assert_eq!(rules.check(&named("agent-2")), Ok(()));
        assert!(rules.check(&named("web")).is_err());
        assert!(rules.check(&stop(Selector::All)).is_err());
        assert!(rules.check(&stop(Selector::Glob("*".into()))).is_err());
        assert_eq!(rules.check(&stop(Selector::Glob("agent-*".into()))), Ok(()));
        assert!(rules.check(&Request::Logs { follow: false }).is_err());
        assert_eq!(rules.check(&Request::List(Filter::default())), Ok(()));
        let rename = Request::Rename {
            target: "agent-1".parse().unwrap(),
            name: "web".parse().unwrap(),
        };
        assert!(rules.check(&rename).is_err());
    }
}
