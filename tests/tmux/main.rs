//! The tmux face against tmux itself: what tmux's clients would see must be the same.

// The comparison prints what it found.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod attached;
mod natives;
mod recipes;
mod recorded;
mod terminals;
