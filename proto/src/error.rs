//! How psup says no: a [`Code`] from a closed list, a plain sentence, and the next step.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why something did not happen. The list is closed: scripts match on these words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The command line or the request is not of a form psup knows.
    Usage,
    /// No session of that name.
    NoSuchSession,
    /// A live session has that name.
    NameTaken,
    /// The running session was started from a different spec.
    SpecDiffers,
    /// No supervisor could be reached or started.
    Unreachable,
    /// The two builds have no version of the protocol in common.
    VersionMismatch,
    /// The session ended before the condition came true.
    Ended,
    /// The fail pattern matched first.
    FailMatched,
    /// The deadline passed.
    TimedOut,
    /// The program could not be started; the system's reason is in the message.
    CannotStart,
    /// A regular expression does not parse.
    BadPattern,
    /// A line is longer than the terminal takes in canonical mode.
    LineTooLong,
    /// The session has ended, so there is nothing to send to, signal or resize.
    NotRunning,
    /// The session is running, so it cannot be forgotten.
    StillRunning,
    /// That part of the journal is not kept any more.
    Gone,
    /// A limit was met; the message names it.
    Limit,
    /// Input may or may not have reached the program; it was not sent again.
    MaybeDelivered,
    /// The supervisor is being replaced: ask again.
    Retry,
    /// This build cannot do that here.
    Unsupported,
    /// The system refused; its reason is in the message.
    System,
    /// Something that should not happen did.
    Internal,
    /// The answer is no: not an error, but told like one where a sentence helps.
    No,
    /// The shell is not at its prompt, so no command can be run in it.
    Busy,
    /// Bytes that were to be searched are not kept any more, and what is kept has no match: the
    /// answer is not known.
    Gap,
    /// A person is typing: input of programs waits, or is refused.
    KeyboardTaken,
    /// The program reads a secret: input needs `--secret`.
    SecretWanted,
}

/// A refusal with everything its reader needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Failure {
    pub code: Code,
    pub message: String,
    pub hint: Option<String>,
}

const NO_SUPERVISOR: &str = "no supervisor is running";

impl Code {
    /// All of them: the list is closed.
    pub const ALL: [Self; 26] = [
        Self::Usage,
        Self::NoSuchSession,
        Self::NameTaken,
        Self::SpecDiffers,
        Self::Unreachable,
        Self::VersionMismatch,
        Self::Ended,
        Self::FailMatched,
        Self::TimedOut,
        Self::CannotStart,
        Self::BadPattern,
        Self::LineTooLong,
        Self::NotRunning,
        Self::StillRunning,
        Self::Gone,
        Self::Limit,
        Self::MaybeDelivered,
        Self::Retry,
        Self::Unsupported,
        Self::System,
        Self::Internal,
        Self::No,
        Self::Busy,
        Self::Gap,
        Self::KeyboardTaken,
        Self::SecretWanted,
    ];

    /// The exit code of the command line: the same for every verb.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Usage | Self::BadPattern => 2,
            Self::NoSuchSession => 3,
            Self::NameTaken | Self::SpecDiffers => 4,
            Self::Unreachable | Self::VersionMismatch => 5,
            Self::Ended | Self::FailMatched => 6,
            Self::TimedOut => 124,
            Self::CannotStart
            | Self::LineTooLong
            | Self::NotRunning
            | Self::StillRunning
            | Self::Gone
            | Self::Limit
            | Self::MaybeDelivered
            | Self::Retry
            | Self::Unsupported
            | Self::System
            | Self::Internal
            | Self::No
            | Self::Busy
            | Self::Gap
            | Self::KeyboardTaken
            | Self::SecretWanted => 1,
        }
    }

    /// The code of a [word](Self::word).
    pub fn from_word(word: &str) -> Option<Self> {
        use serde::de::IntoDeserializer;
        let word: serde::de::value::StrDeserializer<'_, serde::de::value::Error> =
            word.into_deserializer();
        Self::deserialize(word).ok()
    }

    /// The word scripts match on: `no-such-session`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::NoSuchSession => "no-such-session",
            Self::NameTaken => "name-taken",
            Self::SpecDiffers => "spec-differs",
            Self::Unreachable => "unreachable",
            Self::VersionMismatch => "version-mismatch",
            Self::Ended => "ended",
            Self::FailMatched => "fail-matched",
            Self::TimedOut => "timed-out",
            Self::CannotStart => "cannot-start",
            Self::BadPattern => "bad-pattern",
            Self::LineTooLong => "line-too-long",
            Self::NotRunning => "not-running",
            Self::StillRunning => "still-running",
            Self::Gone => "gone",
            Self::Limit => "limit",
            Self::MaybeDelivered => "maybe-delivered",
            Self::Retry => "retry",
            Self::Unsupported => "unsupported",
            Self::System => "system",
            Self::Internal => "internal",
            Self::No => "no",
            Self::Busy => "busy",
            Self::Gap => "gap",
            Self::KeyboardTaken => "keyboard-taken",
            Self::SecretWanted => "secret-wanted",
        }
    }
}

impl Failure {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
        }
    }

    /// None runs, and none was to be started.
    pub fn no_supervisor() -> Self {
        Self::new(Code::Unreachable, NO_SUPERVISOR)
            .hint("`psup spawn NAME` starts one, and so does `psup status --start`")
    }

    pub fn is_no_supervisor(&self) -> bool {
        self.code == Code::Unreachable && self.message == NO_SUPERVISOR
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The system refused `what`, with its own reason.
    pub fn system(what: impl fmt::Display, error: impl fmt::Display) -> Self {
        Self::new(Code::System, format!("{what}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
