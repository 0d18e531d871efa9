//! The lines that `psup rpc` writes.
//!
//! ```text
//! {"id":1,"item":{…}}                      each object that the verb prints
//! {"id":1,"end":true,"exit":0}             the last line of a request, with the verb's exit code
//! {"id":1,"end":true,"exit":3,"error":{…}} code, message, hint
//! {"id":1,"end":true,"exit":null}          it was cancelled
//! ```

use psup_proto::greeting::Refusal;
use psup_proto::{Code, Failure};
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::io::{Write, stdout};
use std::sync::{Mutex, PoisonError};

/// Lines of several threads stay lines.
#[derive(Default)]
pub(super) struct Replies(Mutex<()>);

impl Replies {
    pub(super) fn line(&self, value: &impl Serialize) {
        self.write(&serde_json::to_string(value).unwrap_or_default());
    }

    /// A line that the verb has printed.
    pub(super) fn line_of(&self, id: &Value, line: &str) {
        match serde_json::from_str::<IgnoredAny>(line) {
            Ok(_) => self.write(&format!("{{\"id\":{id},\"item\":{line}}}")),
            Err(_) => self.item(id, &json!(line)),
        }
    }

    pub(super) fn item(&self, id: &Value, item: &impl Serialize) {
        self.line(&json!({ "id": id, "item": item }));
    }

    pub(super) fn end(&self, id: &Value, exit: Option<i32>, error: Option<Value>) {
        let mut line = json!({ "id": id, "end": true, "exit": exit });
        if let Some(error) = error {
            line["error"] = error;
        }
        self.line(&line);
    }

    /// Ends a request that was not begun.
    pub(super) fn refuse(&self, id: &Value, failure: &Failure) {
        let exit = i32::from(failure.code.exit_code());
        self.end(id, Some(exit), Some(json!(Refusal::from(failure))));
    }

    fn write(&self, line: &str) {
        let _turn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = stdout().lock();
        // Nobody is left to tell; who watches for that ends the process.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}

/// The error that a verb has told on stderr.
pub(super) fn error_in(said: &str) -> Option<Value> {
    said.lines().rev().find_map(|line| {
        let mut told: Value = serde_json::from_str(line).ok()?;
        told.get_mut("error").map(Value::take)
    })
}

pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "id": { "type": ["string", "integer", "null"] },
            "item": { "description": "what `results` has for the method" },
            "end": { "const": true, "description": "the last line of this request" },
            "exit": {
                "type": ["integer", "null"],
                "description": "the exit code of the verb; null where it was cancelled",
            },
            "error": {
                "type": "object",
                "properties": {
                    "code": { "enum": Code::ALL },
                    "message": { "type": "string" },
                    "hint": { "type": ["string", "null"] },
                },
                "required": ["code", "message", "hint"],
            },
        },
        "required": ["id"],
    })
}
