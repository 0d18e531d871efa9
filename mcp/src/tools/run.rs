//! `run`: one command in the shell of a session, its output and its exit code.

use super::{Effect, Tool, described, of_type, plain};
use crate::answer::Answer;
use crate::arguments;
use crate::call::{Call, unexpected, waits_for};
use crate::excerpt::Excerpt;
use psup_link::{Item, Stream};
use psup_proto::exec::{self, Doing, Exec, Executed, Ran};
use psup_proto::{Failure, Request, Response, Target};
use rmcp::model::JsonObject;
use serde::Deserialize;
use serde_json::json;

pub(super) const TOOL: Tool = Tool {
    name: "run",
    description: "Run a command in a session's shell; answers when it ends or after `timeout` \
                  seconds (it runs on)",
    effect: Effect::Changes,
    input: || {
        let properties = json!({
            "name": of_type("string"),
            "command": of_type("string"),
            "timeout": described("number", "default 50"),
            "budget": described("integer", "characters, default 10000"),
        });
        (properties, json!(["name", "command"]))
    },
    output: || {
        json!({
            "exit_code": plain(),
            "state": described("string", "running, ended or unknown"),
            "program": plain(),
            "waits_for": plain(),
            "output": plain(),
            "left_out": plain(),
            "offset": plain(),
        })
    },
    run,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    name: String,
    command: String,
    timeout: Option<f64>,
    budget: Option<usize>,
}

/// What a command prints, on its way.
struct Output {
    target: Target,
    run: exec::Run,
    doing: Option<Doing>,
    executed: Option<Executed>,
    text: Excerpt,
}

fn run(arguments: JsonObject, call: &mut Call<'_>) -> Result<Answer, Failure> {
    let arguments: Arguments = arguments::read(arguments)?;
    let mut output = Output {
        target: call.target(&arguments.name)?,
        run: exec::Run {
            exec: Exec {
                command: arguments.command.into_bytes(),
                timeout: Some(arguments::timeout(arguments.timeout)?),
            },
            text: true,
        },
        doing: None,
        executed: None,
        text: Excerpt::new(arguments.budget),
    };
    let executed = call.stream(&mut output)?;
    let (state, code) = match executed.ran {
        Ran::Code(code) => (None, Some(code)),
        Ran::Unknown => (Some("unknown"), None),
        Ran::Running => (Some("running"), None),
        Ran::SessionEnded(code) => (Some("ended"), code),
        // A program with a prompt of its own has no exit codes.
        Ran::Prompt => (Some("prompt"), None),
    };
    let doing = output.doing;
    let on = doing.as_ref().and_then(|doing| doing.blocked.as_ref());
    let on = on.map(|blocked| waits_for(blocked.on));
    let (text, left_out) = output.text.finish();
    Ok(Answer::default()
        .with_some("exit_code", code)
        .with_some("state", state)
        .with_some("program", doing.and_then(|doing| doing.program))
        .with_some("waits_for", on)
        .with("output", text)
        .with_some("left_out", left_out)
        .with("offset", executed.to))
}

impl Stream for Output {
    type End = Executed;

    fn question(&self) -> Request {
        Request::Run {
            target: self.target.clone(),
            run: self.run.clone(),
        }
    }

    fn take(&mut self, item: Item) -> Result<Option<Executed>, Failure> {
        match item {
            Item::Bytes(bytes) => self.text.push_bytes(&bytes),
            Item::Response(Response::Began(_) | Response::Reading { .. }) => {}
            Item::Response(Response::Gap { from, to, .. }) => self.text.push_gap(from, to),
            Item::Response(Response::Doing(doing)) => self.doing = Some(doing),
            Item::Response(Response::Executed(executed)) => self.executed = Some(executed),
            Item::Response(Response::End { .. }) => {
                let executed = self.executed.take();
                let missing = || unexpected("no word on how a command ended");
                return executed.map(Some).ok_or_else(missing);
            }
            Item::Response(other) => return Err(unexpected(other)),
        }
        Ok(None)
    }
}
