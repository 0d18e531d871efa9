//! What goes from one program image or process of a supervisor to the next, and where it lives:
//! facts, directories, the table of descriptors. It knows nothing of the guardian, the worker or
//! the start.

pub mod dirs;
pub mod fd_table;
pub mod names;
