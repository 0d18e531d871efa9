//! The version of tmux whose interface this is.

pub const VERSION: &str = "3.3a";
