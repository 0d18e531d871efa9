//! The first line that `psup stdio` prints on a target, before the frames: JSON, so that a client
//! of any version can read it. Keys are only ever added.

use crate::text_or_bytes;
use crate::{Code, Failure, hello};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What `psup stdio` says of itself and of its supervisor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {
    /// The build of `psup` on the target.
    #[serde(rename = "psup-stdio")]
    pub build: String,
    /// Why no frames follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Refusal>,
    /// What a session started from there takes over, where the client has asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
}

/// A failure as JSON tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Error")]
pub struct Refusal {
    #[schemars(with = "Code")]
    pub code: String,
    pub message: String,
    pub hint: Option<String>,
}

/// What a session takes over from the process that asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    #[serde(with = "text_or_bytes")]
    pub environment: Vec<(Vec<u8>, Vec<u8>)>,
    /// The user's shell.
    #[serde(with = "text_or_bytes")]
    pub shell: Vec<u8>,
    pub umask: u32,
    /// The directory that relative paths begin at.
    #[serde(with = "text_or_bytes")]
    pub directory: Vec<u8>,
    /// The directory that the session is to start in, by its one true name.
    #[serde(with = "text_or_bytes")]
    pub cwd: Vec<u8>,
}

impl Greeting {
    pub fn ours(caller: Option<Caller>, refused: Option<&Failure>) -> Self {
        Self {
            build: hello::BUILD.to_owned(),
            error: refused.map(Refusal::from),
            caller,
        }
    }
}

impl From<&Failure> for Refusal {
    fn from(failure: &Failure) -> Self {
        Self {
            code: failure.code.word().to_owned(),
            message: failure.message.clone(),
            hint: failure.hint.clone(),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self {
            // A later build may have codes that this one does not know.
            code: Code::from_word(&refusal.code).unwrap_or(Code::Unreachable),
            message: refusal.message,
            hint: refusal.hint,
        }
    }
}
