//! The rungs of the ladder, from the one that survives most to the one that always holds.

use psup_proto::{Code, Failure};

/// Pins one rung, for tests and for people who do not want a unit: `PSUP_RUNG=double-fork`.
const PIN: &str = "PSUP_RUNG";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rung {
    /// A transient service of the user's systemd.
    SystemdUser,
    /// The same of the system's, for root.
    SystemdSystem,
    /// An agent of launchd.
    Launchd,
    /// A cgroup beside that of the starter.
    Cgroup,
    /// A daemon as of old.
    DoubleFork,
}

impl Rung {
    const ALL: [Self; 5] = [
        Self::SystemdUser,
        Self::SystemdSystem,
        Self::Launchd,
        Self::Cgroup,
        Self::DoubleFork,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::SystemdUser => "systemd-user",
            Self::SystemdSystem => "systemd-system",
            Self::Launchd => "launchd",
            Self::Cgroup => "cgroup",
            Self::DoubleFork => "double-fork",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rung| rung.word() == word)
    }

    /// Those to try here, best first.
    pub fn to_try() -> Result<Vec<Self>, Failure> {
        let Some(pin) = std::env::var_os(PIN).filter(|pin| !pin.is_empty()) else {
            return Ok(Self::fitting());
        };
        match pin.to_str().and_then(Self::parse) {
            Some(rung) => Ok(vec![rung]),
            None => Err(Failure::new(
                Code::Usage,
                format!("{PIN} names no rung: {}", pin.display()),
            )
            .hint(Self::ALL.map(Self::word).join(" "))),
        }
    }

    fn fitting() -> Vec<Self> {
        let manager = if nix::unistd::geteuid().is_root() {
            Self::SystemdSystem
        } else {
            Self::SystemdUser
        };
        if cfg!(target_os = "macos") {
            vec![Self::Launchd, Self::DoubleFork]
        } else {
            vec![manager, Self::Cgroup, Self::DoubleFork]
        }
    }
}
