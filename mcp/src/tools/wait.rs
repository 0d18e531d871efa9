//! `wait`: until something is true of a session, for less than a client's patience.

use super::{Effect, Tool, described, of_type, plain, texts};
use crate::answer::Answer;
use crate::arguments;
use crate::call::Call;
use crate::condition;
use psup_proto::condition::{Condition, MatchOn, Quorum, Verdict, Wait, Waited};
use psup_proto::{Failure, Offset};
use rmcp::model::JsonObject;
use serde::Deserialize;
use serde_json::json;

pub(super) const TOOL: Tool = Tool {
    name: "wait",
    description: "Wait until one condition holds. `not yet` is no failure: call again with \
                  `since` = offset",
    effect: Effect::Reads,
    input: || {
        let properties = json!({
            "name": of_type("string"),
            "until": texts("text=REGEX gone=REGEX prompt input idle=2s exit port=N file=PATH"),
            "all": described("boolean", "each of them"),
            "fail": described("string", "REGEX that ends it too"),
            "since": described("integer", "search output from this offset"),
            "screen": described("boolean", "search the screen instead"),
            "timeout": described("number", "seconds, default 50"),
        });
        (properties, json!(["name", "until"]))
    },
    output: || {
        json!({
            "status": described("string", "met, not yet, failed or ended"),
            "condition": plain(),
            "match": plain(),
            "line": plain(),
            "offset": plain(),
            "exit_code": plain(),
        })
    },
    run,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    name: String,
    until: Vec<String>,
    #[serde(default)]
    all: bool,
    fail: Option<String>,
    since: Option<Offset>,
    #[serde(default)]
    screen: bool,
    timeout: Option<f64>,
}

fn run(arguments: JsonObject, call: &mut Call<'_>) -> Result<Answer, Failure> {
    let arguments: Arguments = arguments::read(arguments)?;
    let target = call.target(&arguments.name)?;
    let wait = Wait {
        conditions: condition::parse_all(&arguments.until)?,
        quorum: if arguments.all {
            Quorum::All
        } else {
            Quorum::Any
        },
        on: if arguments.screen {
            MatchOn::Screen
        } else {
            MatchOn::Output
        },
        since: arguments.since,
        fail: arguments.fail,
        timeout: Some(arguments::timeout(arguments.timeout)?),
        settle: false,
    };
    let waited = call.wait(&target, wait.clone())?;
    Ok(answer(Answer::default(), &waited, &wait))
}

/// Adds how the wait ended.
pub(super) fn answer(answer: Answer, waited: &Waited, wait: &Wait) -> Answer {
    let (status, condition, found) = match &waited.verdict {
        // Of several the last one is what made it true.
        Verdict::Held(held) => {
            let last = held.last();
            let condition = last.and_then(|last| wait.conditions.get(last.condition as usize));
            let found = last.and_then(|last| last.found.as_ref());
            ("met", condition.map(Condition::word), found)
        }
        Verdict::Failed(found) => ("failed", None, Some(found)),
        Verdict::Ended => ("ended", None, None),
        Verdict::TimedOut => ("not yet", None, None),
    };
    let line = found.map(|found| found.line.trim_end());
    answer
        .with("status", status)
        .with_some("condition", condition)
        .with_some(
            "match",
            found
                .map(|found| found.text.as_str())
                .filter(|text| Some(*text) != line),
        )
        .with_some("line", line)
        .with("offset", waited.offset)
        .with_exit(waited.exit.as_ref())
}
