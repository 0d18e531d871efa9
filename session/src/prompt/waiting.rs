//! That a program waits for input: for what, and how that is known.

use super::Evidence;
use psup_proto::Offset;
use psup_proto::info::BlockedOn;

/// Input is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub on: BlockedOn,
    /// What for, in one word: a pager and a question are kinds of input.
    pub wants: &'static str,
    pub via: Evidence,
    /// Where in the journal this became true.
    pub since: Offset,
}
