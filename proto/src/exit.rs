//! How a child ended.

use serde::{Deserialize, Serialize};

/// How a child ended, and when (milliseconds since 1970).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    pub outcome: Outcome,
    pub at_ms: u64,
    /// The kernel ended it for want of memory.
    #[serde(default)]
    pub oom: Option<OutOfMemory>,
}

/// An end for want of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutOfMemory {
    /// The session's own limit, in bytes, where that was met; else the machine had no more.
    pub limit: Option<u64>,
}

/// What is known of an end. What psup does not know it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It returned this code.
    Code(u8),
    /// This signal ended it.
    Signal { number: i32, core: bool },
    /// It is gone, and nobody was there to see how.
    Unknown { reason: String },
    /// It went with the machine or with the supervisor: `reboot`, `supervisor-killed`.
    Lost { reason: String },
}

impl Exit {
    pub fn new(outcome: Outcome, at_ms: u64) -> Self {
        Self {
            outcome,
            at_ms,
            oom: None,
        }
    }

    /// From the raw status of `wait(2)`.
    pub fn from_raw(status: i32, at_ms: u64) -> Self {
        let signal = status & 0x7f;
        let outcome = if signal == 0 {
            Outcome::Code(((status >> 8) & 0xff) as u8)
        } else {
            Outcome::Signal {
                number: signal,
                core: status & 0x80 != 0,
            }
        };
        Self::new(outcome, at_ms)
    }

    /// As a shell would tell it: the code, or 128 and the signal's number. `None` when unknown.
    pub fn shell_code(&self) -> Option<u8> {
        match self.outcome {
            Outcome::Code(code) => Some(code),
            Outcome::Signal { number, .. } => Some(128u8.wrapping_add(number as u8)),
            Outcome::Unknown { .. } | Outcome::Lost { .. } => None,
        }
    }

    pub fn success(&self) -> bool {
        self.outcome == Outcome::Code(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_statuses_are_told_apart() {
        assert_eq!(Exit::from_raw(3 << 8, 0).outcome, Outcome::Code(3));
        assert_eq!(
            Exit::from_raw(9, 0).outcome,
            Outcome::Signal {
                number: 9,
                core: false
            }
        );
        assert_eq!(Exit::from_raw(34, 0).shell_code(), Some(162));
        assert_eq!(
            Exit::from_raw(0x8b, 0).outcome,
            Outcome::Signal {
                number: 11,
                core: true
            }
        );
    }
}
