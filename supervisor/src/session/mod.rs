//! The core: one session decided, without a file, a socket, a task or a clock.

pub mod keys;
pub mod screen;
