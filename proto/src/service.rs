//! What the two halves of the program say to each other about an installed service. It stays in one
//! process: nothing of it is on the wire.

use std::path::PathBuf;

/// What is to be done with the service of a supervisor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// With `None` the timer of checkpoints stays as it is.
    Install(Option<Checkpoints>),
    Uninstall,
    Start,
    Stop,
    Restart,
    Status,
}

/// When checkpoints are made, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checkpoints {
    Never,
    /// `hourly`, `daily` or `weekly`.
    Every {
        how_often: String,
        keep: u32,
        dir: PathBuf,
    },
}

/// The service as it is once the action is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// `systemd-user`, `systemd-system` or `launchd`.
    pub manager: String,
    /// The name of the unit or of the agent.
    pub unit: String,
    pub path: String,
    pub installed: bool,
    pub enabled: bool,
    pub active: bool,
    /// The manager's own words for it: `active (running)`.
    pub state: String,
    /// The guardian, if it is part of the unit.
    pub pid: Option<i32>,
    /// When it became active, in milliseconds since 1970.
    pub since_ms: Option<u64>,
    /// How the manager thinks it ended last: `success`, `exit-code`, `signal`.
    pub last_exit: Option<String>,
    /// How often the manager has started it again by itself.
    pub restarts: Option<u64>,
    /// Whether the user's manager starts at boot and stays after a logout; `None` where that is of
    /// no importance.
    pub lingers: Option<bool>,
    /// In what the installed text differs from the one that this program would write.
    pub drift: Option<String>,
    /// A supervisor that runs outside of the unit.
    pub outside: Option<String>,
    /// The timer that makes checkpoints, where one is installed.
    pub checkpoints: Option<String>,
    /// What was done, a sentence each.
    pub done: Vec<String>,
    /// What the user has to know, a sentence each.
    pub warnings: Vec<String>,
}
