//! Everybody a session consists of, so that a stop leaves nobody behind.
//!
//! They are the processes of the leader's terminal session, the descendants of any of these, and who carries the life's mark
//! in its environment: a program that called `setsid` left the session, and once its parent is dead nothing else tells where
//! it came from. (One that has cleared its environment too is not found.) A tree remembers whom it has seen. Each is known by pid and start time and signalled
//! through a pidfd opened for the moment: never a stranger who got the pid later, and no descriptors held.

use crate::platform::process::{self, Stat};
use std::os::fd::AsFd;

/// The variable by which everybody of a life is known; no other life ever has the same value.
pub const MARK: &str = "PSUP_LIFE";

/// The processes of one session.
#[derive(Clone)]
pub struct Tree {
    leader: i32,
    /// As it stands in the environment, name and value.
    mark: Vec<u8>,
    members: Vec<Member>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Member {
    pid: i32,
    start_time: u64,
}

impl Tree {
    /// Everybody that can be found now.
    pub fn of(leader: i32, life: &str) -> Self {
        let mut tree = Self {
            leader,
            mark: format!("{MARK}={life}").into_bytes(),
            members: Vec::new(),
        };
        tree.refresh();
        tree
    }

    /// Looks again: adds the new, drops the dead.
    pub fn refresh(&mut self) {
        let all = Stat::all();
        let living = |member: &Member| all.iter().any(|stat| member.is(stat) && !stat.is_zombie());
        self.members.retain(living);
        let mut roots: Vec<i32> = all.iter().filter(|stat| stat.session == self.leader).map(|stat| stat.pid).collect();
        roots.extend(self.members.iter().map(|member| member.pid));
        let marked = |pid: &i32| *pid == self.leader || process::has_in_environment(*pid, &self.mark);
        roots.extend(all.iter().map(|stat| stat.pid).filter(marked));
        let found = process::descendants_among(&all, &roots);
        let belongs = |stat: &&Stat| (roots.contains(&stat.pid) || found.contains(&stat.pid)) && !stat.is_zombie();
        for stat in all.iter().filter(belongs) {
            let member = Member::of(stat);
            if !self.members.contains(&member) {
                self.members.push(member);
            }
        }
    }

    /// Signals everybody who is there now, and tells how many that were. Those who are born meanwhile are met by the
    /// next call: repeat it until [`is_gone`](Self::is_gone).
    pub fn signal(&mut self, signal: i32) -> usize {
        self.refresh();
        self.members.iter().filter(|member| member.signal(signal)).count()
    }

    /// Asks everybody to end, each in the way it listens to: who ignores SIGTERM, as a shell at its prompt does, is told
    /// that its terminal is gone. A stopped process gets to hear it too.
    pub fn ask_to_end(&mut self) {
        self.refresh();
        for member in &self.members {
            let deaf = process::ignores(member.pid, libc::SIGTERM);
            member.signal(if deaf { libc::SIGHUP } else { libc::SIGTERM });
            member.signal(libc::SIGCONT);
        }
    }

    /// Whether nobody is left.
    pub fn is_gone(&mut self) -> bool {
        self.refresh();
        self.members.is_empty()
    }

    pub fn pids(&self) -> Vec<i32> {
        self.members.iter().map(|member| member.pid).collect()
    }
}

impl Member {
    fn of(stat: &Stat) -> Self {
        Self {
            pid: stat.pid,
            start_time: stat.start_time,
        }
    }

    fn is(self, stat: &Stat) -> bool {
        self == Self::of(stat)
    }

    fn signal(self, signal: i32) -> bool {
        let pidfd = process::open_pidfd(self.pid).ok();
        // Compared after the pidfd was opened: from here on it is the same process or none.
        process::start_time(self.pid) == Some(self.start_time) && process::signal(pidfd.as_ref().map(AsFd::as_fd), self.pid, signal).is_ok()
    }
}
