//! The tools, one a file, each of the same shape: a [`Tool`] with its definition, a struct of
//! arguments, and `run`.
//!
//! Definitions are read by the model on every turn, so every byte of them counts: `definitions`
//! holds them against their limit. No schema of an output requires a field, because some clients
//! hold failures against it too.

mod ask_person;
mod list;
mod look;
mod run;
mod send;
mod start;
mod stop;
mod wait;

use crate::answer::Answer;
use crate::call::Call;
use psup_proto::Failure;
use rmcp::model::{self, JsonObject, ToolAnnotations};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) struct Tool {
    pub name: &'static str,
    pub description: &'static str,
    pub effect: Effect,
    /// The properties of its arguments, and which of them are required.
    pub input: fn() -> (Value, Value),
    /// The properties of its answer.
    pub output: fn() -> Value,
    pub run: fn(JsonObject, &mut Call<'_>) -> Result<Answer, Failure>,
}

/// What a call may do to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Reads,
    /// Begins something; done twice it is done once.
    Begins,
    Changes,
}

pub(crate) const TOOLS: &[Tool] = &[
    start::TOOL,
    run::TOOL,
    send::TOOL,
    wait::TOOL,
    look::TOOL,
    list::TOOL,
    stop::TOOL,
    ask_person::TOOL,
];

impl Tool {
    /// As a client is shown it.
    pub(crate) fn definition(&self) -> model::Tool {
        let (properties, required) = (self.input)();
        let mut input = json!({"type": "object", "properties": properties});
        if required != json!([]) {
            input["required"] = required;
        }
        let output = json!({"type": "object", "properties": (self.output)()});
        let annotations = match self.effect {
            Effect::Reads => ToolAnnotations::new().read_only(true),
            Effect::Begins => ToolAnnotations::new().destructive(false).idempotent(true),
            Effect::Changes => ToolAnnotations::new().destructive(true),
        };
        model::Tool::new(self.name, self.description, object(input))
            .with_raw_output_schema(Arc::new(object(output)))
            .with_annotations(annotations)
    }
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            JsonObject::new()
        }
    }
}

fn of_type(kind: &str) -> Value {
    json!({"type": kind})
}

/// A part of an answer whose name says all: its type would cost as much again.
fn plain() -> Value {
    json!({})
}

fn described(kind: &str, description: &str) -> Value {
    json!({"type": kind, "description": description})
}

fn texts(description: &str) -> Value {
    json!({"type": "array", "items": {"type": "string"}, "description": description})
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// 1,200 tokens, at four bytes a token.
    const DEFINITIONS: usize = 4800;

    #[test]
    fn all_definitions_together_cost_a_client_at_most_1200_tokens() {
        let all: Vec<_> = TOOLS.iter().map(Tool::definition).collect();
        let length = serde_json::to_string(&all).unwrap().len();
        assert!(length <= DEFINITIONS, "{length} bytes of definitions");
    }

    #[test]
    fn every_argument_that_is_shown_is_one_that_is_read() {
        for tool in TOOLS {
            let (properties, required) = (tool.input)();
            for name in required.as_array().unwrap() {
                assert!(properties.get(name.as_str().unwrap()).is_some(), "{name}");
            }
            let unknown = crate::call::tests::refusal(tool, &json!({"name": "a", "?": 1}));
            let mut read: Vec<&str> = unknown.split('`').skip(3).step_by(2).collect();
            let mut shown: Vec<&str> = object_keys(&properties);
            read.sort_unstable();
            shown.sort_unstable();
            assert_eq!(shown, read, "{}: {unknown}", tool.name);
        }
    }

    fn object_keys(value: &Value) -> Vec<&str> {
        value
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect()
    }
}
