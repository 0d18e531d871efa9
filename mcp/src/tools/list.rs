//! `list`: the sessions this client may reach.

use super::{Effect, Tool, described, of_type};
use crate::answer::Answer;
use crate::arguments;
use crate::call::{Call, unexpected, waits_for};
use psup_proto::info::Info;
use psup_proto::request::Filter;
use psup_proto::{Failure, Request, Response};
use rmcp::model::JsonObject;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) const TOOL: Tool = Tool {
    name: "list",
    description: "Live sessions",
    effect: Effect::Reads,
    input: || {
        let properties = json!({
            "all": described("boolean", "ended too"),
            "glob": described("string", "by name"),
        });
        (properties, json!([]))
    },
    output: || json!({"sessions": {"type": "array", "items": of_type("object")}}),
    run,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    #[serde(default)]
    all: bool,
    glob: Option<String>,
}

fn run(arguments: JsonObject, call: &mut Call<'_>) -> Result<Answer, Failure> {
    let arguments: Arguments = arguments::read(arguments)?;
    let filter = Filter {
        all: arguments.all,
        glob: arguments.glob,
        labels: Vec::new(),
    };
    let sessions = match call.ask(&Request::List(filter)) {
        Ok(Response::Sessions(sessions)) => sessions,
        Ok(other) => return Err(unexpected(other)),
        // Where no supervisor runs, no session does.
        Err(failure) if failure.is_no_supervisor() => Vec::new(),
        Err(failure) => return Err(failure),
    };
    let mut rows = Vec::new();
    for info in sessions {
        if call.rules.allows_session(&info.id.name) {
            rows.push(row(info));
        }
    }
    Ok(Answer::default().with("sessions", rows))
}

fn row(info: Info) -> Value {
    let words: Vec<_> = info
        .command
        .iter()
        .map(|word| String::from_utf8_lossy(word))
        .collect();
    let on = info.blocked.map(|blocked| waits_for(blocked.on));
    Answer::default()
        .with("name", info.id.name.as_str())
        .with("state", info.state.word())
        .with("command", words.join(" "))
        .with_some("waits_for", on)
        .with_some("idle_seconds", info.idle.map(|idle| idle.as_secs()))
        .with("offset", info.offset)
        .with_exit(info.exit.as_ref())
        .into_value()
}
