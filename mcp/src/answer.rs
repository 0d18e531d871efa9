//! What a call is answered with: an object, or a failure with the next step in terms of the tools.

use psup_proto::{Code, Exit, Failure, Outcome};
use rmcp::model::CallToolResult;
use serde_json::{Map, Value};

/// The fields of an answer. What is not known or does not apply is left out.
#[derive(Debug, Default)]
pub(crate) struct Answer(Map<String, Value>);

impl Answer {
    #[must_use]
    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    #[must_use]
    pub(crate) fn with_some(self, key: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// How the program ended, if it has: as a shell would tell it, else what is known instead.
    #[must_use]
    pub(crate) fn with_exit(self, exit: Option<&Exit>) -> Self {
        let oom = exit.and_then(|exit| exit.oom);
        match exit.map(|exit| (&exit.outcome, exit.shell_code())) {
            None => self,
            Some((Outcome::Unknown { reason } | Outcome::Lost { reason }, _)) => {
                self.with("exit", reason.as_str())
            }
            Some((Outcome::Code(_) | Outcome::Signal { .. }, code)) => {
                let told = self.with_some("exit_code", code);
                told.with_some("exit", oom.map(|_| "out of memory"))
            }
        }
    }

    pub(crate) fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

/// A call's end as the protocol has it. A failure is an answer: its reader is the model.
pub(crate) fn result(answer: Result<Answer, Failure>, name: Option<&str>) -> CallToolResult {
    match answer {
        Ok(answer) => CallToolResult::structured(answer.into_value()),
        Err(failure) => {
            let hint = hint(failure.code, name).or(failure.hint);
            let answer = Answer::default()
                .with("code", failure.code.word())
                .with("message", failure.message)
                .with_some("hint", hint);
            CallToolResult::structured_error(answer.into_value())
        }
    }
}

/// What to do next where the supervisor's own hint speaks of the command line.
fn hint(code: Code, name: Option<&str>) -> Option<String> {
    let name = name.unwrap_or("NAME");
    Some(match code {
        Code::NoSuchSession => "`list` shows the sessions; `start` makes one".to_owned(),
        Code::SpecDiffers | Code::NameTaken => {
            format!("use another name, or `stop` {name} first")
        }
        Code::Busy => format!(
            "`look` shows what {name} does; `wait` until [\"prompt\"] waits for its end; `send` \
             types into it"
        ),
        Code::NotRunning | Code::Ended => {
            format!("`look` shows what {name} printed last; `start` begins it again")
        }
        Code::MaybeDelivered => {
            format!("do not repeat it blindly: `look` shows whether {name} got it")
        }
        Code::Gap | Code::Gone => {
            format!("`look` without `since` shows the screen of {name}; go on from its offset")
        }
        Code::KeyboardTaken => {
            format!("a person types into {name}: `wait` until [\"idle=5s\"], then `send` again")
        }
        Code::SecretWanted => {
            format!("ask the user to type it: `psup ask {name} --why TEXT --secret`")
        }
        Code::LineTooLong => "`send` with `paste`, or write a file and run that".to_owned(),
        Code::Unreachable | Code::VersionMismatch => {
            "the user should run `psup status` and `psup logs`".to_owned()
        }
        Code::Usage
        | Code::FailMatched
        | Code::TimedOut
        | Code::CannotStart
        | Code::BadPattern
        | Code::StillRunning
        | Code::Limit
        | Code::Retry
        | Code::Unsupported
        | Code::System
        | Code::Internal
        | Code::No => return None,
    })
}
