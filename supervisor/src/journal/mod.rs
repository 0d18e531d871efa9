//! The journal: every byte a child wrote, at an offset that only grows.

pub mod header;
