//! What `--on` asks for: where a verb is done.

use psup_link::target::Target;
use std::ffi::OsString;

/// What `--on` asks for.
#[derive(Debug)]
pub(crate) enum Wanted {
    Here,
    /// The verb runs here, and its requests are carried there.
    Requests(Target),
    /// `psup` runs there with these words.
    Whole(Target, Vec<OsString>),
    All,
}

impl Wanted {
    /// The one target.
    pub(crate) fn target(&self) -> Option<&Target> {
        match self {
            Self::Requests(target) | Self::Whole(target, _) => Some(target),
            Self::Here | Self::All => None,
        }
    }
}
