//! The sessions of this worker: which there are, how one starts, how one is taken over, and what is
//! on disk of each.

mod check_spec;
pub mod confinement;
pub mod decisions;
pub mod environment;
pub mod forget;
pub mod inherited;
pub mod keep_limits;
pub mod kept;
pub mod last_ids;
pub mod lost_record;
pub mod orphans;
pub mod owner;
pub mod owner_process;
pub mod planned_starts;
pub mod records;
pub mod registry;
pub mod reopen;
pub mod restart_policy;
pub mod restarts;
pub mod restoration;
mod revival;
pub mod save;
pub mod session_ref;
pub mod start;
pub mod start_claims;
pub mod takeover;
