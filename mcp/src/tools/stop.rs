//! `stop`: a session's end, polite first.

use super::{Effect, Tool, described, of_type, plain};
use crate::answer::Answer;
use crate::arguments;
use crate::call::{Call, unexpected};
use psup_proto::request::{Selector, Stop};
use psup_proto::{Failure, Request, Response};
use rmcp::model::JsonObject;
use serde::Deserialize;
use serde_json::json;

pub(super) const TOOL: Tool = Tool {
    name: "stop",
    description: "End a session and all its processes: SIGTERM, after `grace` seconds SIGKILL",
    effect: Effect::Changes,
    input: || {
        let properties =
            json!({"name": of_type("string"), "grace": described("number", "default 5")});
        (properties, json!(["name"]))
    },
    output: || {
        json!({
            "stopped": described("boolean", "false: it had ended"),
            "forced": plain(),
            "exit_code": plain(),
        })
    },
    run,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    name: String,
    grace: Option<f64>,
}

fn run(arguments: JsonObject, call: &mut Call<'_>) -> Result<Answer, Failure> {
    let arguments: Arguments = arguments::read(arguments)?;
    let grace = match arguments.grace {
        None => None,
        Some(seconds) => Some(arguments::timeout(Some(seconds))?),
    };
    let request = Request::Stop(Stop {
        which: Selector::Named(vec![call.target(&arguments.name)?]),
        signal: None,
        grace,
    });
    let stopped = match call.ask(&request)? {
        Response::Stopped(stopped) => stopped,
        other => return Err(unexpected(other)),
    };
    let one = stopped.first();
    let exit = one.and_then(|one| one.exit.as_ref());
    Ok(Answer::default()
        .with("stopped", exit.is_some())
        .with("forced", one.is_some_and(|one| one.firm))
        .with_exit(exit))
}
