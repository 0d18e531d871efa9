//! When output came.

use crate::{Offset, Size};
use serde::{Deserialize, Serialize};

/// When the byte at an offset was read (milliseconds since 1970).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    pub offset: Offset,
    pub at_ms: u64,
}

/// What belongs to the output of a session beside its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// By offset. What lies between two came within 50 ms after the first.
    pub moments: Vec<Moment>,
    /// The sizes that the terminal had.
    pub sizes: Vec<SizeChange>,
    /// The commands that `exec` ran, where the output of each begins.
    pub execs: Vec<ExecStart>,
    /// Where to ask on: there are more moments than one answer has room for.
    pub next: Option<Offset>,
}

/// A size from an offset on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizeChange {
    pub moment: Moment,
    pub size: Size,
}

/// A command that `exec` ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecStart {
    pub moment: Moment,
    /// The beginning of it.
    pub command: String,
}

/// The first byte that may have come at a time or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OffsetAt {
    pub offset: Offset,
    /// What came before it is not kept any more, or nobody knows when it came: it may have come
    /// after that time as well.
    pub cut_off: bool,
}
