//! Who has the terminal of a session and what it does: the facts that the core's evidence is made
//! of.
//!
//! The terminal belongs to a process group, and any process of it may be the one that reads: the
//! leader may be a `timeout`, a `make`, a `git` that waits for its editor. So the process that says
//! most is the one that is told, and that nobody reads is only said when each of them was looked
//! at.

use crate::platform::blocked_in::{BlockedIn, blocked_in};
use crate::platform::process::Stat;
use crate::pty;
use psup_session::prompt::{Activity, Foreground};
use std::cell::RefCell;
use std::collections::HashMap;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

/// A look at all processes serves everybody who asks within this time.
const TOGETHER: Duration = Duration::from_millis(10);

/// `child` is the session's own; `None` where nobody has the terminal, or it is gone.
pub(crate) fn look(master: BorrowedFd<'_>, child: Option<i32>) -> Option<Foreground> {
    let group = pty::foreground(master)?;
    let modes = pty::modes(master).ok()?;
    let (blocked_in, stat) = speaker(group)?;
    Some(Foreground {
        is_child: child == Some(stat.pid),
        name: stat.name,
        doing: match blocked_in {
            BlockedIn::Unknown => Activity::Unknown,
            BlockedIn::No => Activity::Busy,
            BlockedIn::InRead => Activity::Reading,
            BlockedIn::InPoll => Activity::Polling,
        },
        canonical: modes.canonical,
        echo: modes.echo,
    })
}

/// The leader of the foreground group.
pub(crate) fn holder(master: BorrowedFd<'_>) -> Option<Stat> {
    Stat::of(pty::foreground(master)?)
}

/// The process of a group that reads the terminal, else the one that polls it, else the one of
/// which it is not known, else the leader.
fn speaker(group: i32) -> Option<(BlockedIn, Stat)> {
    let leader = Stat::of(group).filter(|leader| leader.group == group && !leader.is_zombie());
    let mut most = leader.map(|leader| (blocked_in(&leader), leader));
    if most
        .as_ref()
        .is_some_and(|(blocked_in, _)| *blocked_in == BlockedIn::InRead)
    {
        return most;
    }
    for pid in members(group).into_iter().filter(|pid| *pid != group) {
        // A pid may be another process by now.
        let Some(stat) = Stat::of(pid).filter(|stat| stat.group == group && !stat.is_zombie())
        else {
            continue;
        };
        let blocked_in = blocked_in(&stat);
        if most.as_ref().is_none_or(|(known, _)| blocked_in > *known) {
            most = Some((blocked_in, stat));
        }
    }
    most
}

/// Every process by its group, as of a moment.
type Groups = (Instant, HashMap<i32, Vec<i32>>);

thread_local! {
    static GROUPS: RefCell<Option<Groups>> = const { RefCell::new(None) };
}

fn members(group: i32) -> Vec<i32> {
    GROUPS
        .with_borrow_mut(|groups| {
            if groups
                .as_ref()
                .is_none_or(|(at, _)| at.elapsed() >= TOGETHER)
            {
                let mut by_group: HashMap<i32, Vec<i32>> = HashMap::new();
                for stat in Stat::all() {
                    by_group.entry(stat.group).or_default().push(stat.pid);
                }
                *groups = Some((Instant::now(), by_group));
            }
            let (_, by_group) = groups.as_ref()?;
            by_group.get(&group).cloned()
        })
        .unwrap_or_default()
}
