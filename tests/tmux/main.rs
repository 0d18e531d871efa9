//! The tmux face against tmux itself: what tmux's clients would see must be the same.

#![allow(clippy::unwrap_used)]

#[path = "../contract/house/mod.rs"]
#[allow(dead_code, unused_imports)]
mod house;

mod recorded;
mod recipes;
