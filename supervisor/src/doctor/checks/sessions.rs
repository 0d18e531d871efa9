//! Sessions that need somebody.

use super::reach::some_of;
use crate::doctor::seen::Seen;
use crate::doctor::verdict::{Verdict, ok, unknown, warning};
use psup_proto::info::{Info, State};

pub(super) fn lost(seen: &Seen) -> Verdict {
    let has_successor = |lost: &Info| {
        let mut same_name = seen
            .sessions
            .iter()
            .filter(|other| other.id.name == lost.id.name);
        same_name.any(|other| other.id.life > lost.id.life || other.state.is_live())
    };
    let psup = &seen.psup;
    judge(
        seen,
        &|info| info.state == State::Lost && !has_successor(info),
        "lost with their supervisor or the machine",
        |one| {
            format!(
                "`{psup} restart {one}` begins it again, `{psup} forget {one}` drops it; its last \
                 screen: `{psup} capture {one}`"
            )
        },
    )
}

pub(super) fn orphaned(seen: &Seen) -> Verdict {
    let psup = &seen.psup;
    judge(
        seen,
        &|info| info.state == State::Orphaned,
        "lost, and processes of them run on without a terminal",
        |one| format!("`{psup} stop {one}` ends them"),
    )
}

pub(super) fn crash_loop(seen: &Seen) -> Verdict {
    let psup = &seen.psup;
    judge(
        seen,
        &|info| info.is_crash_looping(seen.clock.now_ms),
        "started again and again",
        |one| {
            format!(
                "`{psup} read {one} --tail 20` shows how it ends; `{psup} restart {one}` starts it \
                 again, `{psup} stop {one}` gives it up"
            )
        },
    )
}

fn judge(
    seen: &Seen,
    is_meant: &dyn Fn(&Info) -> bool,
    what: &str,
    fix: impl Fn(&str) -> String,
) -> Verdict {
    if seen.supervisor().is_none() {
        return unknown("no supervisor answers");
    }
    let found: Vec<String> = seen
        .sessions
        .iter()
        .filter(|info| is_meant(info))
        .map(|info| info.id.to_string())
        .collect();
    match found.first() {
        Some(first) => {
            let name = first.split('#').next().unwrap_or(first);
            warning(format!("{what}: {}", some_of(&found)), fix(name))
        }
        None => ok(format!("none of {} sessions", seen.sessions.len())),
    }
}
