//! `ask_person`: the user types something into a session, such as a password or a yes, where they
//! sit; what they type is told to nobody.

use super::{Effect, Tool, described, of_type, plain};
use crate::answer::Answer;
use crate::arguments;
use crate::call::{Call, unexpected};
use psup_proto::attach::AskPerson;
use psup_proto::{Code, Failure, Request, Response};
use rmcp::model::JsonObject;
use serde::Deserialize;
use serde_json::json;

pub(super) const TOOL: Tool = Tool {
    name: "ask_person",
    description: "Have the user type into a session: tell them to run `psup attach NAME`",
    effect: Effect::Begins,
    input: || {
        let properties = json!({
            "name": of_type("string"),
            "why": described("string", "shown to them"),
            "secret": of_type("boolean"),
            "timeout": of_type("number"),
        });
        (properties, json!(["name", "why"]))
    },
    output: || {
        json!({
            "status": described("string", "answered or not yet"),
            "offset": plain(),
        })
    },
    run,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    name: String,
    why: String,
    #[serde(default)]
    secret: bool,
    timeout: Option<f64>,
}

fn run(arguments: JsonObject, call: &mut Call<'_>) -> Result<Answer, Failure> {
    let arguments: Arguments = arguments::read(arguments)?;
    let target = call.target(&arguments.name)?;
    let asked = AskPerson {
        target: target.clone(),
        why: arguments.why,
        secret: arguments.secret,
        timeout: Some(arguments::timeout(arguments.timeout)?),
    };
    match call.ask(&Request::AskPerson(asked)) {
        Ok(Response::PersonAnswered { offset, .. }) => Ok(Answer::default()
            .with("status", "answered")
            .with("offset", offset)),
        Ok(other) => Err(unexpected(other)),
        Err(failure) if failure.code == Code::TimedOut => {
            Ok(Answer::default().with("status", "not yet").with(
                "hint",
                format!("the user answers in `psup attach {target}`; then call again"),
            ))
        }
        Err(failure) => Err(failure),
    }
}
