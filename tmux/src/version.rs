//! The version of tmux whose interface this is.

pub(crate) const VERSION: &str = "3.3a";
