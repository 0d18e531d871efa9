//! psup called as `tmux`, or as `psup tmux …`, so that tmux's own clients run unchanged.
//!
//! One pane is one psup session. What groups panes into windows and sessions, with all options,
//! buffers and the rest, is one document for each socket name, which the supervisor keeps and does
//! not read: the [`State`](state::State). There is no server beside the supervisor: every command
//! reads the state, sees which panes have ended meanwhile, does its work and writes the state back.
//! Commands that change it take turns by a lock on a file beside the socket's name, where tmux has
//! one too.
//!
//! ```text
//! words → call (getopt) → Run ── commands/* ──┬─ addressing, format, options, layout    what tmux thinks
//!                                             └─ backend                                what psup does
//! ```
//! It may not know a verb of psup, nor how a supervisor is found or started (`link` connects it).

// Commands are of one shape, whether or not one of them can fail; tables of names stand in tmux's
// order, not in that of their meaning; and searches for a free number end because the numbers in
// use do.
#![allow(
    clippy::format_push_string,
    clippy::match_same_arms,
    clippy::maybe_infinite_iter,
    clippy::needless_for_each,
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps
)]

mod addressing;
mod arranging;
mod attach;
mod backend;
mod buffers;
mod chooser;
mod client_session;
mod colour;
mod commands;
mod control;
mod copy;
mod flags;
mod followers;
mod format;
mod keys;
mod language;
mod layout;
mod options;
mod output;
mod platform;
mod run;
mod sgr;
mod sizing;
mod start;
mod state;
mod style;
mod text;
mod time;
mod variables;
mod version;
mod watch;

pub use start::{run, words};
