//! `psup wait`, and what a verdict means.

use super::Run;
use crate::conditions::Conditions;
use crate::context::{Context, Done, unexpected};
use crate::since::Since;
use crate::{human, json};
use psup_proto::condition::{self, Condition, ConditionHeld, MatchOn, Quorum, Verdict, Waited};
use psup_proto::request::Selector;
use psup_proto::{Code, Failure, Request, Response, SessionId, Target, limits, units};
use std::time::Duration;

/// Wait until something is true of a session
///
/// Patterns are regular expressions on the logical lines of output from --since
/// on, control sequences removed; without --since what is on the screen now
/// counts too. With --on screen they look at the screen as a person sees it.
///
/// With several names, or --glob, the first session for which it holds is the
/// answer, and its name stands before each line. With --input the match says what
/// the program waits for: prompt, password, pager, question or input.
///
/// Prints a line for each condition that held: the condition, what it matched,
/// and the offset of the output then, with tabs between. Exit code 6: the session
/// ended before that, or the --fail pattern matched first. Exit code 124: time
/// ran out. Exit code 1: output that was to be searched is not kept any more, so
/// the answer is not known. Without --timeout it waits as long as the session
/// lives.
///
/// Example:
///   psup wait web --text 'http://\S+' --timeout 30s
///   psup wait build --exit
///   psup wait sh --text 'tests passed' --fail 'FAILED|panicked' --since 1200
///   psup wait web --all --port 8080 --file server.pid
///   psup wait vim --idle 500ms
///   psup wait sh --prompt --since 1200
///   psup wait agent --idle 2s --settle
///   psup wait --glob 'agent-*' --input --exit
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Wait {
    /// Names, or lives such as web#3: the first of them for which it holds
    #[arg(value_name = "NAME", required_unless_present = "glob")]
    targets: Vec<Target>,
    /// Every live session whose name matches: * and ? and [a-z]
    #[arg(long, value_name = "PATTERN", conflicts_with = "targets")]
    glob: Option<String>,
    #[command(flatten)]
    conditions: Conditions,
    /// For --idle: a spinner, a timer, a progress bar that goes on is no output
    #[arg(long, requires = "idle")]
    settle: bool,
    /// Until one of the conditions has held (the default)
    #[arg(long, conflicts_with = "all")]
    any: bool,
    /// Until each of the conditions has held
    #[arg(long)]
    all: bool,
    /// What patterns look at
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Where::Output)]
    on: Where,
    /// Look at the output from this offset on, as psup send printed it, or from so long ago (10m),
    /// or from a time; now leaves the screen out
    #[arg(long, value_name = "OFFSET", value_parser = Since::parse)]
    since: Option<Since>,
    /// Give up when this matches first
    #[arg(long, value_name = "REGEX")]
    fail: Option<String>,
    /// Give up after this time
    #[arg(long, value_name = "DUR", value_parser = units::duration)]
    timeout: Option<Duration>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Where {
    Output,
    Screen,
}

impl Run for Wait {
    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let conditions = self.conditions.0;
        if conditions.is_empty() {
            return Err(Failure::new(Code::Usage, "there is nothing to wait for")
                .hint("give --text, --gone, --prompt, --input, --idle, --exit, --port or --file"));
        }
        if conditions.len() > limits::CONDITIONS {
            return Err(Failure::new(
                Code::Usage,
                format!("a wait has at most {} conditions", limits::CONDITIONS),
            ));
        }
        let mut wait = condition::Wait {
            conditions: conditions.clone(),
            quorum: if self.all { Quorum::All } else { Quorum::Any },
            on: match self.on {
                Where::Output => MatchOn::Output,
                Where::Screen => MatchOn::Screen,
            },
            since: None,
            fail: self.fail,
            timeout: self.timeout,
            settle: self.settle,
        };
        if let ([target], None) = (&self.targets[..], &self.glob) {
            wait.since = self.since.map(|since| since.of(target, cx)).transpose()?;
            let target = target.clone();
            let name = target.to_string();
            return match cx.ask(&Request::Wait { target, wait })? {
                Response::Waited(waited) => tell(cx, None, &name, &waited, &conditions),
                other => Err(unexpected(&other)),
            };
        }
        if self.since.is_some() {
            return Err(
                Failure::new(Code::Usage, "--since is the offset of one session")
                    .hint("without `--since` a wait on several looks at their screens and on"),
            );
        }
        let which = match self.glob {
            Some(glob) => Selector::Glob(glob),
            None => Selector::Named(self.targets),
        };
        match cx.ask(&Request::WaitFirst { which, wait })? {
            Response::WaitedFirst { id, waited } => {
                let name = id.name.to_string();
                tell(cx, Some(&id), &name, &waited, &conditions)
            }
            other => Err(unexpected(&other)),
        }
    }
}

/// What a verdict means for the exit code.
pub(super) fn verdict(waited: &Waited, name: &str) -> Result<Done, Failure> {
    match &waited.verdict {
        Verdict::Held(_) => Ok(Done::OK),
        Verdict::Failed(found) => Err(Failure::new(
            Code::FailMatched,
            format!(
                "the fail pattern matched first: {}",
                human::plain(&found.line)
            ),
        )
        .hint(format!("psup capture {name} shows the screen"))),
        Verdict::Ended => {
            let how = waited
                .exit
                .as_ref()
                .map_or_else(|| "how is not known".to_owned(), human::exit);
            Err(Failure::new(
                Code::Ended,
                format!("session {name:?} ended before the condition came true: {how}"),
            )
            .hint(format!("psup capture {name} shows its last screen")))
        }
        Verdict::TimedOut => Err(Failure::new(
            Code::TimedOut,
            "timed out before the condition came true",
        )
        .hint(format!(
            "psup capture {name} shows the screen; the offset is {}",
            waited.offset
        ))),
    }
}

/// `id`: which of several it was.
fn tell(
    cx: &mut Context,
    id: Option<&SessionId>,
    name: &str,
    waited: &Waited,
    asked: &[Condition],
) -> Result<Done, Failure> {
    if cx.out.json {
        let id = id.map(ToString::to_string);
        let answer = json::Answer::new(waited, asked);
        cx.out.object(&json::Answer { id, ..answer })?;
        return verdict(waited, name);
    }
    if let Verdict::Held(held) = &waited.verdict {
        for one in held {
            let condition = asked.get(one.condition as usize).ok_or_else(|| {
                Failure::new(
                    Code::Internal,
                    "the supervisor names a condition that was not asked for",
                )
            })?;
            let found = found(condition, one, waited);
            let which = id.map(|_| format!("{name}\t")).unwrap_or_default();
            cx.out.line(format_args!(
                "{which}{}\t{found}\t{}",
                condition.word(),
                waited.offset
            ))?;
        }
    }
    verdict(waited, name)
}

/// What matched; where nothing is matched, what was asked for, or how it ended.
fn found(condition: &Condition, held: &ConditionHeld, waited: &Waited) -> String {
    let found = held.found.as_ref().map(|found| found.text.clone());
    let exit = waited
        .exit
        .as_ref()
        .filter(|_| *condition == Condition::Exit)
        .map(human::exit);
    let text = found
        .or(exit)
        .or_else(|| json::value(condition))
        .unwrap_or_default();
    human::plain(&text)
}
