//! The half of psup that keeps sessions: two processes, either of which may be killed.
//!
//! ```text
//! ptyguard   guardian: holds fds, reaps, restarts           guardian/
//!   └─ psup  worker: socket → connection → registry → driver → pty, journal, session
//!        └─ sh … one session leader per session
//! ```
//! Arrows only go down. `session/` is the core: it decides, and knows no file, socket, task or
//! clock.

pub mod doctor;
mod entry;
#[cfg(feature = "fault-injection")]
mod fault;
pub mod fs;
pub mod guardian;
pub mod handover;
pub mod journal;
pub mod log;
pub mod platform;
pub mod pty;
pub mod service;
pub mod start;
pub mod worker;

pub use entry::{Role, role};
pub use handover::names::PROBE;
