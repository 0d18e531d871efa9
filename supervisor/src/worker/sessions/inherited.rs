//! What a worker gets from the one before it, by the hands of the guardian.

use crate::guardian::SharedFd;

/// What the guardian held of one life, until it is taken over.
pub struct InheritedSession {
    pub key: String,
    /// A hash of the name, as the ring's header has it; 0 in a ring of an older build.
    pub(super) hint: u64,
    pub ring: SharedFd,
    pub(super) master: Option<SharedFd>,
    pub(super) pidfd: Option<SharedFd>,
}
