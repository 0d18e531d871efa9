//! `send`: text and keys, and in the same call what the program answers.

use super::{Effect, Tool, described, of_type, plain, texts};
use crate::answer::Answer;
use crate::arguments;
use crate::call::{Call, unexpected};
use crate::condition;
use psup_link::request_id;
use psup_proto::condition::{MatchOn, Quorum, Wait};
use psup_proto::input::{self, Part, Sent, Submit};
use psup_proto::{Code, Failure, Key, Request, Response, Target, limits};
use rmcp::model::JsonObject;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

pub(super) const TOOL: Tool = Tool {
    name: "send",
    description: "Type text, then keys; with `until`, wait and return the output since. `submit` \
                  presses Enter and tells whether the program took it",
    effect: Effect::Changes,
    input: || {
        let properties = json!({
            "name": of_type("string"),
            "text": described("string", "literal"),
            "keys": texts("Enter C-c Up Escape F5 …"),
            "paste": of_type("boolean"),
            "submit": of_type("boolean"),
            "until": texts("as in wait"),
            "timeout": of_type("number"),
            "budget": of_type("integer"),
        });
        (properties, json!(["name"]))
    },
    output: || {
        json!({
            "offset": described("integer", "before the input; after it with `until`"),
            "submit": described("string", "submitted, pending or blocked"),
            "status": plain(),
            "output": plain(),
            "left_out": plain(),
        })
    },
    run,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    name: String,
    text: Option<String>,
    #[serde(default)]
    keys: Vec<String>,
    #[serde(default)]
    paste: bool,
    #[serde(default)]
    submit: bool,
    #[serde(default)]
    until: Vec<String>,
    timeout: Option<f64>,
    budget: Option<usize>,
}

fn run(arguments: JsonObject, call: &mut Call<'_>) -> Result<Answer, Failure> {
    let arguments: Arguments = arguments::read(arguments)?;
    let target = call.target(&arguments.name)?;
    // Everything is read before the first key is typed.
    let timeout = arguments::timeout(arguments.timeout)?;
    let conditions = match &arguments.until[..] {
        [] => None,
        until => Some(condition::parse_all(until)?),
    };
    let sent = send(call, &target, parts(&arguments)?, arguments.submit, timeout)?;
    let submit = sent.submit.map(|submit| match submit {
        Submit::Submitted => "submitted",
        Submit::Pending => "pending",
        Submit::Blocked => "blocked",
    });
    let answer = Answer::default().with_some("submit", submit);
    let Some(conditions) = conditions else {
        return Ok(answer.with("offset", sent.offset));
    };
    let wait = Wait {
        conditions,
        quorum: Quorum::Any,
        on: MatchOn::default(),
        since: Some(sent.offset),
        fail: None,
        timeout: Some(timeout),
        settle: false,
    };
    let waited = call.wait(&target, wait.clone())?;
    let text = call.text_since(target, Some(sent.offset), arguments.budget)?;
    Ok(super::wait::answer(answer, &waited, &wait)
        .with("output", text.text)
        .with_some("left_out", text.left_out)
        .with("offset", text.offset))
}

fn parts(arguments: &Arguments) -> Result<Vec<Part>, Failure> {
    let mut parts = Vec::new();
    if let Some(text) = &arguments.text {
        if text.len() > limits::SEND_CHUNK {
            let most = limits::SEND_CHUNK;
            return Err(
                Failure::new(Code::Limit, format!("`text` is at most {most} bytes"))
                    .hint("write a file, and have the program read it"),
            );
        }
        let bytes = text.clone().into_bytes();
        parts.push(if arguments.paste {
            Part::Paste(bytes)
        } else {
            Part::Text(bytes)
        });
    }
    for key in &arguments.keys {
        parts.push(Part::Key(key.parse::<Key>()?));
    }
    if parts.is_empty() && !arguments.submit {
        return Err(Failure::new(Code::Usage, "there is nothing to send")
            .hint("give `text`, `keys` or `submit`"));
    }
    Ok(parts)
}

fn send(
    call: &mut Call<'_>,
    target: &Target,
    parts: Vec<Part>,
    submit: bool,
    patience: Duration,
) -> Result<Sent, Failure> {
    let send = input::Send {
        id: request_id::fresh_id()?,
        parts,
        more: false,
        submit,
        viewer: None,
        // A secret is a person's to type.
        secret: false,
        patience: Some(patience),
    };
    let target = target.clone();
    match call.ask(&Request::Send { target, send })? {
        Response::Sent(sent) => Ok(sent),
        other => Err(unexpected(other)),
    }
}
