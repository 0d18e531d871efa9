//! Files as this project reads and writes them.

pub mod disk_usage;
pub mod read_small;
