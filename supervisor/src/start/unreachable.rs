//! Why there is no way to a supervisor, as clients are told.

use psup_proto::{Code, Failure};

pub(super) fn unreachable(message: impl Into<String>) -> Failure {
    Failure::new(Code::Unreachable, message)
}
