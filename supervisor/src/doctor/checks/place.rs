//! The two directories: there, ours, private, and the same for every caller.

use crate::doctor::seen::{Dir, DirKind, Seen, Socket};
use crate::doctor::verdict::{Verdict, error, info, ok, warning};
use std::path::Path;

pub(super) fn run_dir(seen: &Seen) -> Verdict {
    judge(seen, &seen.run).unwrap_or_else(|| first_spawn(seen, &seen.run.path))
}

pub(super) fn state_dir(seen: &Seen) -> Verdict {
    let psup = &seen.psup;
    let fix = || {
        format!(
            "make room for it, as by `mkdir -p -m 700 {}`; `{psup} read NAME > FILE` saves what a \
             session has printed",
            quoted(&seen.state.path)
        )
    };
    let gone = seen.survival("state-dir");
    if let Some(gone) = gone.filter(|gone| !gone.survives) {
        return error(&gone.evidence, fix());
    }
    if seen.supervisor().is_some() && !seen.is_alive {
        let path = seen.state.path.display();
        return error(
            format!("a supervisor runs, and its lifetime lock is not in {path}"),
            fix(),
        );
    }
    if let Some(gone) = gone {
        return info(&gone.evidence);
    }
    judge(seen, &seen.state).unwrap_or_else(|| first_spawn(seen, &seen.state.path))
}

fn first_spawn(seen: &Seen, path: &Path) -> Verdict {
    info(format!(
        "{} is not there; the first `{} spawn` makes it",
        path.display(),
        seen.psup
    ))
}

/// `None`: it is not there.
fn judge(seen: &Seen, dir: &Dir) -> Option<Verdict> {
    let path = dir.path.display();
    let elsewhere = "`psup --dir DIR` keeps them elsewhere";
    let (uid, mode, refusal) = match &dir.kind {
        DirKind::Absent => return None,
        DirKind::Other => {
            return Some(error(format!("{path} is not a directory"), elsewhere));
        }
        DirKind::Directory { uid, mode, refusal } => (*uid, *mode, refusal),
    };
    let private = format!("`chmod 700 {}`", quoted(&dir.path));
    Some(if uid != seen.uid {
        error(
            format!("{path} belongs to user {uid}, not to {}", seen.user),
            elsewhere,
        )
    } else if mode & 0o077 != 0 {
        error(
            format!("{path} is open to others (mode {mode:o}), and refused for that"),
            private,
        )
    } else if mode & 0o700 != 0o700 {
        error(
            format!("{path} is closed to its owner (mode {mode:o})"),
            private,
        )
    } else if let Some(refusal) = refusal {
        error(
            format!("nothing can be written in {path}: {refusal}"),
            format!("`mount -o remount,rw` where it is mounted read-only; else {elsewhere}"),
        )
    } else {
        ok(format!("{path} is ours, private and writable"))
    })
}

pub(super) fn tmp_cleaner(seen: &Seen) -> Verdict {
    let path = seen.run.path.display();
    match &seen.cleaner {
        Some(cleaner) => {
            let fix = if seen.systemd && !seen.has_dir {
                format!(
                    "`loginctl enable-linger {}` gives the user a directory in /run/user, which the \
                     next supervisor takes",
                    seen.user
                )
            } else {
                "`psup --dir DIR` with a directory that nothing empties".into()
            };
            warning(
                format!("the socket is in {path}, and {cleaner} removes old files there"),
                fix,
            )
        }
        None => ok(format!("nothing known here empties {path}")),
    }
}

pub(super) fn home(seen: &Seen) -> Verdict {
    let (caller, entry) = &seen.homes;
    if seen.has_dir {
        return ok("`--dir` says where the state is");
    }
    let (theirs, ours) = (&seen.state.path, &seen.own_state);
    if seen.supervisor().is_some() && theirs != ours {
        return warning(
            format!(
                "the supervisor keeps its state in {}, the next one would keep it in {} and not know \
                 these sessions",
                theirs.display(),
                ours.display()
            ),
            format!(
                "when none of its sessions runs any more: `{} shutdown && mv {} {}`",
                seen.psup,
                quoted(theirs),
                quoted(ours)
            ),
        );
    }
    let home = format!(
        "the state is below the home of the user's entry, {}",
        entry.display()
    );
    ok(if caller == entry {
        home
    } else {
        format!("{home}, though HOME is {}", caller.display())
    })
}

pub(super) fn stale_files(seen: &Seen) -> Verdict {
    let stale: Vec<String> = seen
        .sockets
        .iter()
        .filter(|(_, socket)| *socket == Socket::Stale)
        .map(|(path, _)| path.display().to_string())
        .collect();
    let listens = seen.sockets.iter().any(|(_, s)| *s == Socket::Listening);
    if stale.is_empty() || (seen.is_alive && !listens) {
        return ok("no socket without a supervisor");
    }
    warning(
        format!("nobody listens on {}", stale.join(" and ")),
        format!("`{} doctor --fix --only stale-files` removes it", seen.psup),
    )
}

/// A path as a word for a shell.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%=,".contains(c);
    if text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
