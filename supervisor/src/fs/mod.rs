//! Files as this project reads and writes them.

pub mod read_small;
