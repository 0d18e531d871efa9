//! `look`: the screen, or what was printed since an offset, and how the session stands.

use super::{Effect, Tool, described, of_type, plain};
use crate::answer::Answer;
use crate::arguments;
use crate::call::{Call, waits_for};
use psup_proto::capture::{Capture, Extent, Format};
use psup_proto::{Failure, Offset};
use rmcp::model::JsonObject;
use serde::Deserialize;
use serde_json::json;

pub(super) const TOOL: Tool = Tool {
    name: "look",
    description: "The screen, or with `since` the output from an offset on",
    effect: Effect::Reads,
    input: || {
        let properties = json!({
            "name": of_type("string"),
            "since": of_type("integer"),
            "lines": described("integer", "last lines, scrollback included"),
            "budget": of_type("integer"),
        });
        (properties, json!(["name"]))
    },
    output: || {
        json!({
            "text": plain(),
            "left_out": plain(),
            "offset": plain(),
            "state": plain(),
            "program": plain(),
            "waits_for": plain(),
            "exit_code": plain(),
        })
    },
    run,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    name: String,
    since: Option<Offset>,
    lines: Option<u32>,
    budget: Option<usize>,
}

fn run(arguments: JsonObject, call: &mut Call<'_>) -> Result<Answer, Failure> {
    let arguments: Arguments = arguments::read(arguments)?;
    let target = call.target(&arguments.name)?;
    let info = call.info(target.clone())?;
    let text = if arguments.since.is_some() {
        call.text_since(target, arguments.since, arguments.budget)?
    } else {
        let budget = arguments.budget.unwrap_or(crate::excerpt::DEFAULT_BUDGET);
        let capture = Capture {
            extent: arguments.lines.map_or(Extent::Screen, Extent::Last),
            format: Format::Text,
            rows: false,
            at: None,
            budget: Some(budget.min(crate::excerpt::LARGEST_BUDGET) as u64),
        };
        call.screen(target, capture)?
    };
    let on = info.blocked.map(|blocked| waits_for(blocked.on));
    Ok(Answer::default()
        .with("text", text.text)
        .with_some("left_out", text.left_out)
        .with("offset", text.offset)
        .with("state", info.state.word())
        .with_some("program", info.foreground.map(|process| process.name))
        .with_some("waits_for", on)
        .with_exit(info.exit.as_ref()))
}
