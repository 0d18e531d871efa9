//! Looks at everything that the checks judge. Nothing is made and nothing is changed; what costs a
//! program or many files is looked at only if a check that was asked for needs it.

mod files;
mod machine;

pub(super) use files::socket;

use super::seen::{Caller, Clock, DirKind, Seen, Socket};
use crate::handover::dirs::{Dirs, Place};
use crate::platform::lock;
use crate::start::{self, systemd};
use crate::{guardian, log, service};
use nix::unistd::geteuid;
use psup_proto::Failure;
use psup_proto::doctor::Answers;
use psup_proto::info::Info;
use psup_proto::service::Action;
use psup_proto::status::Status;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a service manager may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn look(
    place: &Place,
    supervisor: &Result<Answers, Failure>,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<Seen, Failure> {
    let own = Dirs::expected(place)?;
    let (status, sessions, hooks) = match supervisor {
        Ok(answers) => (
            Ok(answers.status.clone()),
            answers.sessions.clone(),
            answers.hooks.clone(),
        ),
        Err(failure) => (Err(failure.clone()), Vec::new(), Vec::new()),
    };
    let known = status.as_ref().ok();
    let path = |bytes: &Vec<u8>| PathBuf::from(OsString::from_vec(bytes.clone()));
    let run = known.map_or_else(|| own.run.clone(), |status| path(&status.run_dir));
    let state = known.map_or_else(|| own.state.clone(), |status| path(&status.state_dir));
    let guardian = known.map(|status| status.guardian_pid);
    let worker = known.map(|status| status.worker_pid);
    let uid = geteuid();
    let entry = psup_accounts::by_uid(uid.as_raw()).map(|user| user.home);
    let home = std::env::home_dir().unwrap_or_default();
    let is_alive = lock::is_taken(&state.join(lock::ALIVE)).unwrap_or_default();
    Ok(Seen {
        uid: uid.as_raw(),
        user: start::user_name(uid),
        psup: start::psup_words(&guardian::Facts {
            profile: place.profile.clone(),
            dir: place.dir.clone(),
            ..guardian::Facts::default()
        }),
        has_dir: place.dir.is_some(),
        systemd: Path::new("/run/systemd/system").exists(),
        left_running: match known {
            None if is_wanted("supervisor") && !is_alive => files::left_running(&state),
            _ => Vec::new(),
        },
        sockets: sockets(place),
        is_alive,
        cleaner: files::cleaner(&run),
        homes: (home.clone(), entry.unwrap_or(home)),
        own_state: own.state,
        state_disk: files::disk(&state),
        ring_disk: files::ring_disk(&run),
        journals: is_wanted("journals").then(|| files::journals(&state)),
        clock: clock(known, &sessions, &state),
        caller: caller(guardian, is_wanted("cgroup")),
        guardian_program: guardian.and_then(machine::program),
        open_files: machine::open_files(worker),
        processes: machine::processes(guardian),
        terminals: machine::terminals(),
        memory: machine::memory(guardian),
        core: machine::core(),
        service: is_wanted("service").then(|| service::perform(place, &Action::Status)),
        checkpoint: files::checkpoint(&state, service::has_checkpoint_timer(place)),
        run: files::dir(run),
        state: files::dir(state),
        status,
        sessions,
        hooks,
    })
}

fn sockets(place: &Place) -> Vec<(PathBuf, Socket)> {
    let all = Dirs::likely(place).into_iter().map(|run| {
        let found = match files::dir(run.clone()).kind {
            // What others could have put there is not ours to connect to.
            DirKind::Directory { uid, .. } if uid == geteuid().as_raw() => socket(&run),
            DirKind::Directory { .. } | DirKind::Absent | DirKind::Other => Socket::Absent,
        };
        (run.join(guardian::SOCKET), found)
    });
    all.collect()
}

fn clock(status: Option<&Status>, sessions: &[Info], state: &Path) -> Clock {
    let now_ms = log::now_ms();
    let of_sessions = sessions.iter().flat_map(|info| {
        let exit = info
            .exit
            .as_ref()
            .map(|exit| (exit.at_ms, format!("the end of {}", info.id)));
        std::iter::once((info.started_ms, format!("the start of {}", info.id))).chain(exit)
    });
    let of_log = files::changed_ms(&log::path(state)).map(|at| (at, "the log's last line".into()));
    let started = status
        // The guardian of a later epoch is a younger process than the supervisor.
        .filter(|status| status.guardian_epoch == 0)
        .and_then(|status| {
            let by_clock = now_ms.saturating_sub(status.uptime.as_millis() as u64);
            let by_kernel = now_ms.saturating_sub(machine::age_ms(status.guardian_pid)?);
            Some(("the supervisor".to_owned(), by_clock, by_kernel))
        });
    Clock {
        now_ms,
        latest: of_sessions.chain(of_log).max_by_key(|(at, _)| *at),
        started,
        has_timedatectl: Path::new("/run/systemd/system").exists()
            && Path::new("/usr/bin/timedatectl").exists(),
    }
}

fn caller(guardian: Option<i32>, with_unit: bool) -> Caller {
    use crate::platform::ancestry;
    let own = std::process::id().cast_signed();
    let of = |pid| ancestry::cgroups(pid).unwrap_or_default().join(" ");
    let cgroup = of(own);
    let unit = unit_of(&cgroup)
        .filter(|_| with_unit && systemd_runs())
        .and_then(|(unit, manager)| {
            let command = systemd::control(manager, &["show", "-p", "KillMode", &unit]);
            let shown = systemd::finish(command, PATIENCE).ok()?;
            let mode = shown.trim().strip_prefix("KillMode=")?.to_owned();
            Some((unit, mode))
        });
    Caller {
        unit,
        guardian_cgroup: guardian.map(of).unwrap_or_default(),
        same_namespace: guardian.and_then(machine::is_same_namespace),
    }
}

fn systemd_runs() -> bool {
    Path::new("/run/systemd/system").exists()
}

/// The service or scope of a cgroup, and the argument that names its manager.
fn unit_of(cgroup: &str) -> Option<(String, &'static str)> {
    let parts: Vec<&str> = cgroup.split(['/', ' ']).collect();
    let kind = |part: &str| {
        part.rsplit_once('.')
            .map_or("", |(_, kind)| kind)
            .to_owned()
    };
    let at = parts
        .iter()
        .rposition(|part| ["service", "scope"].contains(&kind(part).as_str()))?;
    let is_users = parts[..at].iter().any(|part| part.starts_with("user@"));
    let manager = if is_users { "--user" } else { "--system" };
    Some((parts[at].to_owned(), manager))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cgroup_names_its_unit_and_the_units_manager() {
        assert_eq!(
            unit_of("/system.slice/gateway.service/worker"),
            Some(("gateway.service".into(), "--system"))
        );
        assert_eq!(
            unit_of("/user.slice/user-1.slice/user@1.service/app.slice/a.service"),
            Some(("a.service".into(), "--user"))
        );
        assert_eq!(unit_of("/"), None);
    }
}
