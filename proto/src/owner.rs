//! The process that a session belongs to: the session ends when that has gone.

use serde::{Deserialize, Serialize};

/// A process, known by more than its pid, which another one may have later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub pid: i32,
    /// When it was started, in clock ticks since boot.
    pub started: u64,
}
