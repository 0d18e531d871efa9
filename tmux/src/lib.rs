//! The tmux face: psup called as `tmux`, or as `psup tmux …`, so that tmux's own clients run unchanged.
//!
//! One pane is one psup session. What groups panes into windows and sessions, with all options, buffers and the rest of tmux's state, is one
//! document for each socket name, which the supervisor keeps and does not read: the [`World`](world::World). There is no server beside the supervisor; every
//! command reads the world, sees which sessions have ended meanwhile, does its work and keeps the world again. Commands that change it take
//! turns by a lock on a file beside the socket's name, where tmux has one too.
//!
//! ```text
//! words → commands (getopt) → Face ── cmd/* ──┬─ target, format, options, layout    what tmux thinks
//!                                             └─ floor                              what psup does
//! ```

// Commands are of one shape, whether or not one of them can fail; tables of names stand in tmux's order, not in that of their meaning; and
// searches for a free number end because the numbers in use do.
#![allow(
    clippy::format_push_string,
    clippy::match_same_arms,
    clippy::maybe_infinite_iter,
    clippy::needless_for_each,
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps
)]

mod attach;
mod bindings;
mod choose;
mod clock;
mod cmd;
mod colour;
mod commands;
mod control;
mod copy;
mod face;
mod floor;
mod following;
mod format;
mod keys;
mod language;
mod layout;
mod options;
mod platform;
mod sgr;
mod spawn;
mod start;
mod target;
mod variables;
mod visit;
mod watch;
mod world;

pub use face::Face;
pub use start::{run, words};

/// The version of tmux whose interface this is.
pub const VERSION: &str = "3.3a";
