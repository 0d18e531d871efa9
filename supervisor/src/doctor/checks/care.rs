//! What somebody has set up, and counts on: hooks and checkpoints.

use crate::doctor::seen::{Seen, span};
use crate::doctor::verdict::{Verdict, ok, unknown, warning};
use psup_proto::hook::{DeliveryState, HookInfo};
use std::time::Duration;

/// A day, and half of one for a timer that was late.
const CHECKPOINT_AGE: Duration = Duration::from_secs(36 * 3600);

pub(super) fn hooks(seen: &Seen) -> Verdict {
    if seen.supervisor().is_none() {
        return unknown("no supervisor tells how the hooks are");
    }
    let fails = |hook: &&HookInfo| match hook.last.as_ref().map(|last| last.state) {
        Some(DeliveryState::Failed | DeliveryState::Retrying) => true,
        Some(DeliveryState::Delivered) | None => false,
    };
    let failing: Vec<&HookInfo> = seen.hooks.iter().filter(fails).collect();
    let Some(first) = failing.first() else {
        return ok(format!("{} hooks, and none fails", seen.hooks.len()));
    };
    let reason = first.last.as_ref().map_or("", |last| &last.reason);
    warning(
        format!(
            "{} of {} hooks fail; of hook {} (on {}): {reason}",
            failing.len(),
            seen.hooks.len(),
            first.number,
            first.hook.on.word(),
        ),
        format!(
            "`{psup} hook list --json` tells all; `{psup} hook remove {}` drops it",
            first.number,
            psup = seen.psup,
        ),
    )
}

pub(super) fn checkpoint(seen: &Seen) -> Verdict {
    let fix = if seen.checkpoint.has_timer {
        format!(
            "`{} service status` names the timer, `journalctl -u` and its service tell why it fails",
            seen.psup
        )
    } else {
        format!(
            "`{psup} checkpoint FILE` makes one; `{psup} service install --checkpoint daily --to DIR` \
             one each day",
            psup = seen.psup
        )
    };
    match (&seen.checkpoint.last, seen.checkpoint.has_timer) {
        (None, false) => ok("none was ever made, and no timer makes any"),
        (None, true) => warning("the timer has made none yet", fix),
        (Some((at_ms, file)), _) => {
            let age = Duration::from_millis(seen.clock.now_ms.saturating_sub(*at_ms));
            let evidence = format!("{} was made {} ago", file.display(), span(age));
            if age > CHECKPOINT_AGE {
                warning(evidence, fix)
            } else {
                ok(evidence)
            }
        }
    }
}
