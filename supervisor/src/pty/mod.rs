//! PTYs and the children in them.

mod clone;
mod detached;
mod launch;
mod open;
mod prepare;
mod process_table;
mod process_tree;
mod terminfo;

pub use detached::{Detached, start as start_detached};
pub use launch::{Child, Launch, PreparedChild, prepare};
pub use open::{
    Pty, TermModes, foreground, has_output, modes, open, open_slave, session_leader, set_size, size,
};
pub use process_tree::{MARK, ProcessTree, look_ahead};
pub use terminfo::best_term;

#[cfg(test)]
mod tests;
