//! How often a session may be started again, and the process that it belongs to.

use crate::wanted::Wanted;
use psup_proto::owner::Owner;
use psup_proto::restart::RestartLimit;
use psup_proto::{Code, Failure, units};

/// `N/DUR`, such as `5/10m`.
pub(crate) fn restart_limit(text: &str) -> Result<RestartLimit, Failure> {
    let bad = || {
        Failure::new(Code::Usage, format!("bad restart limit {text:?}"))
            .hint("`5/10m` allows five restarts within ten minutes")
    };
    let (most, within) = text.split_once('/').ok_or_else(bad)?;
    let most = most.parse().ok().filter(|most| (1..=1000).contains(most));
    let within = units::duration(within)?;
    match most {
        Some(most) if !within.is_zero() => Ok(RestartLimit { most, within }),
        _ => Err(bad()),
    }
}

/// The process that `--owner` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnerArg {
    /// The process that has called psup.
    Caller,
    Pid(i32),
}

pub(crate) fn owner(text: &str) -> Result<OwnerArg, Failure> {
    if text == "self" {
        return Ok(OwnerArg::Caller);
    }
    let pid = text.parse().ok().filter(|pid| *pid > 0);
    pid.map(OwnerArg::Pid).ok_or_else(|| {
        Failure::new(Code::Usage, format!("{text:?} is no process"))
            .hint("`--owner self` is the process that calls psup, `--owner 4711` another one")
    })
}

impl OwnerArg {
    /// The process as it is now. Other machines have other processes.
    pub(crate) fn find(self, on: &Wanted) -> Result<Owner, Failure> {
        if on.target().is_some() {
            return Err(Failure::new(
                Code::Usage,
                "--owner names a process of this machine, and --on another machine",
            ));
        }
        let pid = match self {
            Self::Caller => std::os::unix::process::parent_id().cast_signed(),
            Self::Pid(pid) => pid,
        };
        let started = start_time(pid).ok_or_else(|| {
            Failure::new(
                Code::CannotStart,
                format!("--owner: there is no process {pid}"),
            )
        })?;
        Ok(Owner { pid, started })
    }
}

/// In clock ticks since boot. The name before it stands in parentheses and may hold any byte.
fn start_time(pid: i32) -> Option<u64> {
    let line = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let close = line.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(line.get(close + 1..)?).ok()?;
    rest.split_ascii_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_restart_limit_is_a_number_and_a_time() {
        let limit = restart_limit("5/10m").unwrap();
        assert_eq!((limit.most, limit.within), (5, Duration::from_secs(600)));
        assert_eq!(limit.to_string(), "5/10m");
        for bad in ["5", "0/1m", "5/", "/1m", "5/10", "5/0s", "-1/1m"] {
            assert_eq!(
                restart_limit(bad).map_err(|f| f.code),
                Err(Code::Usage),
                "{bad}"
            );
        }
    }

    #[test]
    fn an_owner_is_the_caller_or_a_pid() {
        assert_eq!(owner("self"), Ok(OwnerArg::Caller));
        assert_eq!(owner("17"), Ok(OwnerArg::Pid(17)));
        assert!(owner("0").is_err() && owner("-1").is_err() && owner("me").is_err());
    }
}
