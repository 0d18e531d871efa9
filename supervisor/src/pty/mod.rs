//! PTYs and the children in them.

mod birth;
mod census;
mod launch;
mod open;
mod prepare;
mod stop;
mod terminfo;

pub use launch::{Birth, Launch, Launched, prepare};
pub use open::{Pty, TermModes, foreground, modes, open, open_slave, session_leader, set_size, size};
pub use stop::{MARK, Tree};
pub use terminfo::best_term;

#[cfg(test)]
mod tests;
