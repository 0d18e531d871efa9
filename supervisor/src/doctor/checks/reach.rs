//! Whether a supervisor is there, may be asked, and understands.

use crate::doctor::seen::{Seen, Socket, span};
use crate::doctor::verdict::{Verdict, error, info, ok, unknown, warning};
use psup_proto::Code;
use psup_proto::hello::{BUILD, VERSIONS};

pub(super) fn sandbox(seen: &Seen) -> Verdict {
    let forbidden = seen.sockets.iter().find_map(|(path, socket)| match socket {
        Socket::Forbidden(why) => Some((path, why)),
        _ => None,
    });
    match forbidden {
        Some((path, why)) => error(
            format!(
                "connect to {}: {why}; a sandbox or the file's mode forbids it, and the supervisor \
                 may well run",
                path.display()
            ),
            format!(
                "have the sandbox allow connect() to {}, or run `{}` outside of it",
                path.display(),
                seen.psup
            ),
        ),
        None => ok("connect() to the supervisor's socket is allowed"),
    }
}

pub(super) fn supervisor(seen: &Seen) -> Verdict {
    let psup = &seen.psup;
    match &seen.status {
        Ok(status) => ok(format!(
            "guardian {} and worker {} answer, for {}",
            status.guardian_pid,
            status.worker_pid,
            span(status.uptime)
        )),
        Err(failure) if failure.code == Code::VersionMismatch => {
            info("one runs, and speaks another protocol: see the check `versions`")
        }
        Err(_)
            if seen
                .sockets
                .iter()
                .any(|(_, s)| matches!(s, Socket::Forbidden(_))) =>
        {
            unknown("it cannot be asked: see the check `sandbox`")
        }
        Err(failure) if seen.is_alive => error(
            format!("a supervisor is alive and does not answer: {failure}"),
            format!(
                "`fuser {}` shows its processes; `kill -CONT PID` wakes one that is stopped",
                seen.state.path.join(crate::platform::lock::ALIVE).display()
            ),
        ),
        Err(_) if !seen.left_running.is_empty() => error(
            format!(
                "no supervisor runs, and the last one left sessions running: {}",
                some_of(&seen.left_running)
            ),
            format!(
                "`{psup} status --start` starts one, and `{psup} doctor --after-restart` tells \
                 what became of them"
            ),
        ),
        Err(failure) if failure.code == Code::Unreachable => {
            info(format!("none runs; the first `{psup} spawn` starts one"))
        }
        Err(failure) => error(
            failure.message.clone(),
            failure
                .hint
                .clone()
                .unwrap_or_else(|| format!("`{psup} logs` shows what it did")),
        ),
    }
}

pub(super) fn versions(seen: &Seen) -> Verdict {
    let ours = format!(
        "client {BUILD} (protocol {}-{})",
        VERSIONS.start(),
        VERSIONS.end()
    );
    let upgrade = format!(
        "`{} upgrade` puts this program in its place; no session ends",
        seen.psup
    );
    let status = match &seen.status {
        Ok(status) => status,
        Err(failure) if failure.code == Code::VersionMismatch => {
            return error(failure.message.clone(), upgrade);
        }
        Err(_) => return unknown(format!("{ours}; no supervisor answers")),
    };
    let both = format!(
        "{ours}, supervisor {} (protocol {})",
        status.build, status.protocol
    );
    let replaced = seen
        .guardian_program
        .as_deref()
        .and_then(|path| path.strip_suffix(" (deleted)"));
    if status.build != BUILD || status.protocol != *VERSIONS.end() {
        return warning(both, upgrade);
    }
    match replaced {
        Some(path) => warning(
            format!("{both}; the supervisor runs from {path}, which was replaced or removed"),
            upgrade,
        ),
        None => ok(both),
    }
}

pub(super) fn safe_mode(seen: &Seen) -> Verdict {
    let psup = &seen.psup;
    match seen.supervisor() {
        Some(status) if status.safe_mode => warning(
            "workers died too often, so the supervisor does without screens until one has lived \
             for a while",
            format!("`{psup} logs` shows why they died; `{psup} upgrade` replaces the program"),
        ),
        Some(status) => ok(format!("worker {} of this supervisor", status.worker_epoch)),
        None => unknown("no supervisor answers"),
    }
}

/// At most three of these names.
pub(super) fn some_of(names: &[String]) -> String {
    let told = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(3) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}
