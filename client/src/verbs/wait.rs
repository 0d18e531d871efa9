//! `psup wait`, and what a verdict means.

use super::{OnTarget, Run};
use crate::all_targets::Row;
use crate::conditions::{self, Conditions};
use crate::context::{Context, Done, unexpected};
use crate::items::Items;
use crate::since::Since;
use crate::wanted::Wanted;
use crate::{human, json};
use psup_proto::condition::{self, Condition, ConditionHeld, MatchOn, Quorum, Verdict, Waited};
use psup_proto::request::Selector;
use psup_proto::{Code, Failure, Request, Response, SessionId, Target, limits, units};
use std::time::Duration;

/// Wait until something is true of a session
///
/// Patterns are regular expressions. They are matched against lines of output from
/// --since on, without control sequences; without --since, what is on the screen
/// now counts too. With --in screen they are matched against the screen as a person
/// sees it.
///
/// With several names or --glob, the first session for which the condition holds is
/// the answer, and its name is printed at the start of each line. With --input the
/// match says what the program waits for: prompt, password, pager, question or
/// input.
///
/// With --on all it waits on every target in the targets file; the first session
/// for which the condition holds is the answer, and the target is printed before
/// its name.
///
/// Prints a line for each condition that held: the condition, what it matched, and
/// the offset of the output at that moment, separated by tabs. Exit code 6: the
/// session ended first, or the --fail pattern matched first. Exit code 124: time
/// ran out. Exit code 1: some of the output to be searched is no longer kept, so
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
    /// Names, or lives such as web#3; with several, the first for which it holds
    #[arg(value_name = "NAME", required_unless_present = "glob")]
    targets: Vec<Target>,
    /// Every live session whose name matches: * and ? and [a-z]
    #[arg(long, value_name = "PATTERN", conflicts_with = "targets")]
    glob: Option<String>,
    #[command(flatten)]
    conditions: Conditions,
    /// For --idle: do not count spinners, timers and progress bars as output
    #[arg(long, requires = "idle")]
    settle: bool,
    /// Wait until one of the conditions has held (the default)
    #[arg(long, conflicts_with = "all")]
    any: bool,
    /// Wait until every condition has held
    #[arg(long)]
    all: bool,
    /// What patterns are matched against
    #[arg(long = "in", value_enum, value_name = "WHAT", default_value_t = Where::Output)]
    look: Where,
    /// Match output from this offset on (as printed by psup send), from a time, or from a duration
    /// ago (10m); now leaves the screen out
    #[arg(long, value_name = "OFFSET", value_parser = Since::parse)]
    since: Option<Since>,
    /// Give up if this matches first
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
    const ON_TARGET: OnTarget = OnTarget::RequestsOfAll;
    const ITEMS: Items = Items::one::<(json::Answer, Row<'static, json::Answer>)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let conditions = conditions::resolve(self.conditions.0, cx)?;
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
            on: match self.look {
                Where::Output => MatchOn::Output,
                Where::Screen => MatchOn::Screen,
            },
            since: None,
            fail: self.fail,
            timeout: self.timeout,
            settle: self.settle,
        };
        let is_on_all = matches!(cx.on, Wanted::All);
        if let (false, [target], None) = (is_on_all, &self.targets[..], &self.glob) {
            wait.since = self.since.map(|since| since.of(target, cx)).transpose()?;
            let target = target.clone();
            let name = target.to_string();
            return match cx.ask(&Request::Wait { target, wait })? {
                Response::Waited(waited) => tell(cx, Which::Asked, &name, &waited, &conditions),
                other => Err(unexpected(&other)),
            };
        }
        if self.since.is_some() {
            return Err(
                Failure::new(Code::Usage, "--since is the offset of one session")
                    .hint("without `--since`, a wait on several sessions begins with what their screens show now"),
            );
        }
        let which = match self.glob {
            Some(glob) => Selector::Glob(glob),
            None => Selector::Named(self.targets),
        };
        let question = Request::WaitFirst { which, wait };
        if is_on_all {
            return wait_all(cx, question, &conditions);
        }
        let (id, waited) = first(cx.ask(&question)?)?;
        let name = id.name.to_string();
        tell(cx, Which::First(&id), &name, &waited, &conditions)
    }
}

/// Which session an answer is about.
#[derive(Clone, Copy)]
enum Which<'a> {
    /// The one that was asked for.
    Asked,
    /// The first of several.
    First(&'a SessionId),
    /// The first of those on all targets.
    On(&'a str, &'a SessionId),
}

fn first(response: Response) -> Result<(SessionId, Waited), Failure> {
    match response {
        Response::WaitedFirst { id, waited } => Ok((id, waited)),
        other => Err(unexpected(&other)),
    }
}

/// The first answer of any target; one that cannot be asked is told on stderr.
fn wait_all(
    cx: &mut Context,
    question: Request,
    conditions: &[Condition],
) -> Result<Done, Failure> {
    let asked = cx.ask_all(move |link| first(link.ask(&question)?))?;
    let mut in_vain = None;
    while let Some(one) = asked.next() {
        let target = &one.target;
        match one.answer {
            Ok((id, waited)) if waited.verdict == Verdict::TimedOut => {
                in_vain = Some(verdict(&waited, id.name.as_str()));
            }
            Ok((id, waited)) => {
                asked.disconnect();
                let name = id.name.to_string();
                return tell(cx, Which::On(target, &id), &name, &waited, conditions);
            }
            Err(failure) => {
                cx.out.talk(format_args!("{target}: {}", failure.message));
                in_vain.get_or_insert(Err(failure));
            }
        }
    }
    in_vain.unwrap_or(Ok(Done::OK))
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
        .hint(format!("`psup capture {name}` shows the screen"))),
        Verdict::Ended => {
            let how = waited
                .exit
                .as_ref()
                .map_or_else(|| "how is not known".to_owned(), human::exit);
            Err(Failure::new(
                Code::Ended,
                format!("session {name:?} ended before the condition came true: {how}"),
            )
            .hint(format!("`psup capture {name}` shows its last screen")))
        }
        Verdict::TimedOut => Err(Failure::new(
            Code::TimedOut,
            "timed out before the condition came true",
        )
        .hint(format!(
            "`psup capture {name}` shows the screen; the offset is {}",
            waited.offset
        ))),
    }
}

fn tell(
    cx: &mut Context,
    which: Which,
    name: &str,
    waited: &Waited,
    asked: &[Condition],
) -> Result<Done, Failure> {
    if cx.out.json {
        let answer = json::Answer::new(waited, asked);
        let of = |id: &SessionId| Some(id.to_string());
        match which {
            Which::Asked => cx.out.object(&answer)?,
            Which::First(id) => cx.out.object(&json::Answer {
                id: of(id),
                ..answer
            })?,
            Which::On(target, id) => {
                let id = of(id);
                let told = json::Answer { id, ..answer };
                cx.out.object(&Row { target, told })?;
            }
        }
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
            let which = match which {
                Which::Asked => String::new(),
                Which::First(_) => format!("{name}\t"),
                Which::On(target, _) => format!("{target}\t{name}\t"),
            };
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
