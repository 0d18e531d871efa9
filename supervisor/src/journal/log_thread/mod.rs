//! The thread that writes journals to disk, and the one that syncs them.

pub mod queue;
pub mod task;
