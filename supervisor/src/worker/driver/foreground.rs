//! Who has the terminal of a session and what it does: the facts that the core's evidence is made
//! of.
//!
//! The terminal belongs to a process group, and any process of it may be the one that reads: the
//! leader may be a `timeout`, a `make`, a `git` that waits for its editor. So the process that says
//! most is the one that is told, and that nobody reads is only said when each of them was looked
//! at.

use crate::platform::background;
use crate::platform::blocked_in::{BlockedIn, blocked_in};
use crate::platform::process::Stat;
use crate::pty;
use psup_session::prompt::{Activity, Foreground};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

/// A look at all processes serves everybody who asks within this time, or within twice the time
/// that it took: with thousands of processes looks would be all that is done.
const TOGETHER: Duration = Duration::from_millis(10);

/// Before many sessions are looked at: looks at all processes on another thread, while others are
/// served.
pub(crate) async fn look_ahead() {
    let is_recent =
        PROCESSES.with_borrow(|processes| processes.as_ref().is_some_and(Processes::serves));
    if !is_recent {
        let processes = background::on_a_thread(Processes::now).await;
        PROCESSES.set(Some(processes));
    }
}

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
/// which it is not known, else the leader. Where none of them does, one that they started in a
/// session of its own may: nothing keeps that from reading a terminal that is not its own.
fn speaker(group: i32) -> Option<(BlockedIn, Stat)> {
    let leader = Stat::of(group).filter(|leader| leader.group == group && !leader.is_zombie());
    let terminal = leader.as_ref().map_or(0, |leader| leader.terminal);
    let mut most = leader.map(|leader| (blocked_in(&leader), leader));
    if says(most.as_ref()) == Some(BlockedIn::InRead) {
        return most;
    }
    let members = known(|processes| processes.by_group.get(&group).cloned());
    for pid in members.iter().filter(|pid| **pid != group) {
        // A pid may be another process by now.
        let member = Stat::of(*pid).filter(|stat| stat.group == group && !stat.is_zombie());
        most = louder(most, member, terminal);
    }
    if says(most.as_ref()) == Some(BlockedIn::No) {
        for pid in known(|processes| Some(processes.detached_from(&members))) {
            let detached = Stat::of(pid).filter(|stat| stat.group != group && !stat.is_zombie());
            most = louder(most, detached, terminal);
        }
    }
    most
}

fn says(most: Option<&(BlockedIn, Stat)>) -> Option<BlockedIn> {
    most.map(|(blocked_in, _)| *blocked_in)
}

/// `other`, if it says more of this terminal.
fn louder(
    most: Option<(BlockedIn, Stat)>,
    other: Option<Stat>,
    terminal: i32,
) -> Option<(BlockedIn, Stat)> {
    let Some(other) = other else {
        return most;
    };
    let known_terminal = if terminal == 0 {
        other.terminal
    } else {
        terminal
    };
    let blocked_in = blocked_in(&Stat {
        terminal: known_terminal,
        ..other.clone()
    });
    if says(most.as_ref()).is_none_or(|known| blocked_in > known) {
        Some((blocked_in, other))
    } else {
        most
    }
}

/// Every process, as of a moment.
struct Processes {
    at: Instant,
    took: Duration,
    by_group: HashMap<i32, Vec<i32>>,
    /// With the session of each.
    children: HashMap<i32, Vec<(i32, i32)>>,
    sessions: HashMap<i32, i32>,
}

impl Processes {
    fn now() -> Self {
        let began = Instant::now();
        let mut this = Self {
            at: began,
            took: Duration::ZERO,
            by_group: HashMap::new(),
            children: HashMap::new(),
            sessions: HashMap::new(),
        };
        for stat in Stat::all() {
            let child = (stat.pid, stat.session);
            this.by_group.entry(stat.group).or_default().push(stat.pid);
            this.children.entry(stat.parent).or_default().push(child);
            this.sessions.insert(stat.pid, stat.session);
        }
        this.at = Instant::now();
        this.took = this.at - began;
        this
    }

    fn serves(&self) -> bool {
        self.at.elapsed() < TOGETHER.max(self.took * 2)
    }

    /// The descendants of `pids` that are in another session than they are.
    fn detached_from(&self, pids: &[i32]) -> Vec<i32> {
        let own = pids.first().and_then(|pid| self.sessions.get(pid));
        let (mut found, mut left) = (Vec::new(), pids.to_vec());
        // A list made while pids come and go may have a circle in it.
        let mut seen: HashSet<i32> = pids.iter().copied().collect();
        while let Some(pid) = left.pop() {
            for (child, session) in self.children.get(&pid).into_iter().flatten() {
                if !seen.insert(*child) {
                    continue;
                }
                left.push(*child);
                if own != Some(session) {
                    found.push(*child);
                }
            }
        }
        found
    }
}

thread_local! {
    static PROCESSES: RefCell<Option<Processes>> = const { RefCell::new(None) };
}

fn known(what: impl FnOnce(&Processes) -> Option<Vec<i32>>) -> Vec<i32> {
    PROCESSES.with_borrow_mut(|processes| {
        let fresh = processes.take().filter(Processes::serves);
        what(processes.insert(fresh.unwrap_or_else(Processes::now))).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_look_serves_for_twice_the_time_that_it_took() {
        let look = |age: u64, took: u64| Processes {
            at: Instant::now()
                .checked_sub(Duration::from_millis(age))
                .unwrap(),
            took: Duration::from_millis(took),
            by_group: HashMap::new(),
            children: HashMap::new(),
            sessions: HashMap::new(),
        };
        assert!(look(0, 0).serves() && !look(10, 1).serves());
        // However many processes there are, looks are a third of what is done.
        assert!(look(100, 60_000).serves() && !look(200, 100).serves());
    }
}
