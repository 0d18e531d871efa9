//! What differs between systems.

pub mod memory;
pub mod process;
pub mod reap;
