//! Getting a supervisor: where it lives, how it is reached, and how it is started out of reach of
//! whatever kills its starter.
//!
//! All of this runs in the client's process, or in a short one of the service manager, before any
//! thread exists.

pub mod cgroup;
mod connect;
mod daemonise;
mod fixes;
mod keeper;
mod ladder;
pub mod launchd;
mod marks;
mod rung;
mod survival;
pub mod systemd;
mod unreachable;

pub use super::handover::dirs::{Dirs, Place};
pub use connect::{address, connect, resume_guardian, try_connect};
pub use fixes::{psup_words, user_name};
pub use keeper::serve;
pub use keeper::unit_ended;
pub use ladder::wait_for_end;
pub use marks::{COOKIES, is_mark};
pub use rung::Rung;
pub use survival::survival;

/// The word that makes a process the starter inside a service manager's unit.
pub const START: &str = "__start";

/// The word that makes a process the one that a service manager runs to stop the unit.
pub const STOP: &str = "__stop";

/// The word that makes a process the one that a service manager asks whether the unit may start.
pub const CONDITION: &str = "__condition";

/// The word for what a manager runs once the unit's main process has ended.
pub const ENDED: &str = "__ended";
