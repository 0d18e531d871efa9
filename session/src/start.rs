//! What a session begins from.

use psup_proto::{Failure, Offset, Size};
use std::time::Duration;

/// What a session begins from. After a restart of the worker, or for a life that is over, most of
/// it comes from the journal.
#[derive(Clone, Debug, Default)]
pub struct SessionStart {
    /// Every size it has had, each with the offset from which it counts; never empty.
    pub sizes: Vec<(Offset, Size)>,
    pub scrollback: u32,
    /// Bytes in the journal already.
    pub end: Offset,
    /// How long it may still run.
    pub ttl: Option<Duration>,
    /// What the marks of this session's shell carry.
    pub nonce: String,
    /// The child is a shell or a REPL: input waits until it reads.
    pub prompts: bool,
    /// Sends by their id that were written before, with the journal's end just before them; `None`
    /// if only some may have been.
    pub sent: Vec<(u128, Option<Offset>)>,
    /// Stretches of the journal that no screen draws, in order.
    pub skips: Vec<(Offset, Offset)>,
    /// Do without a screen.
    pub blind: bool,
}

/// Whether a wait could look for this pattern.
pub fn check_pattern(text: &str) -> Result<(), Failure> {
    crate::pattern::Pattern::new(text).map(drop)
}
