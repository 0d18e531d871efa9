//! Everybody a session consists of, so that a stop leaves nobody behind.
//!
//! They are the processes of the leader's terminal session, the descendants of any of these, and
//! processes that carry the life's mark in its environment: a program that called `setsid` left the
//! session, and once its parent is dead nothing else tells where it came from. One that has cleared
//! its environment too is found only in the life's cgroup, where lives have one; who was moved out
//! of that is found by the rest. A tree remembers the processes it has seen. Each is known by pid
//! and start time and signalled through a pidfd opened for the moment: never a stranger who got the
//! pid later, and no descriptors held.

use super::process_table::{self, Entry};
use crate::platform::cgroup::Cgroup;
use crate::platform::process::{self, Stat};
use std::collections::HashSet;
use std::os::fd::AsFd;
use std::time::Duration;

/// The variable by which everybody of a life is known; no other life ever has the same value.
pub const MARK: &str = "PSUP_LIFE";

/// Stops that begin within this time of each other share one look at the machine.
const TOGETHER: Duration = Duration::from_millis(20);

/// Looks at those who are being stopped. Each leaves fewer who can fork, so a handful is enough.
const ROUNDS: usize = 50;

/// Before many sessions are stopped: looks at the machine for all of them, while others are served.
pub async fn look_ahead() {
    process_table::look_ahead(TOGETHER).await;
}

/// The processes of one session.
#[derive(Clone)]
pub struct ProcessTree {
    leader: i32,
    /// What its mark says in the environment.
    life: Vec<u8>,
    cgroup: Option<Cgroup>,
    members: Vec<Member>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Member {
    pid: i32,
    start_time: u64,
}

impl ProcessTree {
    /// What is left of a life that nobody watched: the leader is known by its pid and start time
    /// (0 if that is unknown).
    pub fn orphaned(leader: i32, started: u64, life: &str, cgroup: Option<Cgroup>) -> Self {
        // A pid that is another's by now names nobody of this life. One that is nobody's may still
        // name its session.
        let now = Stat::of(leader).filter(|stat| !stat.is_zombie());
        let is_it = now.is_none_or(|stat| stat.start_time == started);
        Self::of(if is_it { leader } else { 0 }, life, cgroup)
    }

    /// Everybody that can be found now; no leader is 0.
    pub fn of(leader: i32, life: &str, cgroup: Option<Cgroup>) -> Self {
        let mut tree = Self {
            leader,
            life: life.as_bytes().to_vec(),
            cgroup,
            members: Vec::new(),
        };
        tree.refresh();
        tree
    }

    /// Looks again: adds the new, drops the dead.
    pub fn refresh(&mut self) {
        self.look_among(&process_table::processes(TOGETHER));
    }

    fn look_among(&mut self, all: &[Entry]) {
        self.members.retain(|member| member.is_alive());
        // A shared look may be older than the leader. Its children are met at the latest when it is
        // gone.
        let confined = self.cgroup.iter().flat_map(Cgroup::pids);
        for pid in confined.chain([self.leader]) {
            let member = Stat::of(pid)
                .filter(|stat| !stat.is_zombie())
                .map(|stat| Member::of(&stat));
            self.members
                .extend(member.filter(|member| !self.members.contains(member)));
        }
        let stats = all.iter().map(|entry| &entry.stat);
        let ours = |entry: &&Entry| {
            let (stat, life) = (&entry.stat, entry.life.as_deref());
            // Session 0 is that of the kernel's own threads, and of processes that are not of this
            // namespace.
            let led = self.leader > 0 && (stat.session == self.leader || stat.pid == self.leader);
            led || life == Some(self.life.as_slice())
        };
        let mut roots: Vec<i32> = all
            .iter()
            .filter(ours)
            .map(|entry| entry.stat.pid)
            .collect();
        roots.extend(self.members.iter().map(|member| member.pid));
        let found = process::descendants_among(&stats, &roots);
        let belongs = |stat: &&Stat| {
            (roots.contains(&stat.pid) || found.contains(&stat.pid)) && Member::of(stat).is_alive()
        };
        for stat in stats.filter(belongs) {
            let member = Member::of(stat);
            if !self.members.contains(&member) {
                self.members.push(member);
            }
        }
    }

    /// Signals everybody who is there now, and tells how many that were. Those who are born
    /// meanwhile are met by the next call: repeat it until [`is_gone`](Self::is_gone).
    pub fn signal(&mut self, signal: i32) -> usize {
        self.refresh();
        if signal == libc::SIGKILL {
            self.cgroup.iter().for_each(Cgroup::kill);
        }
        self.members
            .iter()
            .filter(|member| member.signal(signal))
            .count()
    }

    /// Ends those who fork faster than they are killed: each is stopped first, until a look finds
    /// nobody who still runs, and so nobody is born while they are killed. Whether anybody was
    /// found who had not been seen before.
    pub async fn stop_then_kill(&mut self) -> bool {
        let mut stopped: HashSet<Member> = HashSet::new();
        let mut is_new = false;
        for _ in 0..ROUNDS {
            let known: HashSet<Member> = self.members.iter().copied().collect();
            self.look_among(&process_table::processes_from_now().await);
            is_new |= self.members.iter().any(|member| !known.contains(member));
            let running: Vec<Member> = self
                .members
                .iter()
                .copied()
                .filter(|member| !stopped.contains(member))
                .collect();
            if running.is_empty() {
                break;
            }
            for member in running {
                member.signal(libc::SIGSTOP);
                stopped.insert(member);
            }
        }
        self.cgroup.iter().for_each(Cgroup::kill);
        for member in &self.members {
            member.signal(libc::SIGKILL);
        }
        is_new
    }

    /// Asks everybody to end, each in the way it listens to: who ignores SIGTERM, as a shell at its
    /// prompt does, is told that its terminal is gone. A stopped process gets to hear it too.
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
        self.members.retain(|member| member.is_alive());
        if self.members.is_empty() {
            // Processes born since the last look count.
            self.look_among(&process_table::processes_now());
        }
        self.members.is_empty()
    }

    /// The same, while others are served: all who ask at the same time share a look.
    pub async fn has_gone(&mut self) -> bool {
        self.members.retain(|member| member.is_alive());
        if self.members.is_empty() {
            self.look_among(&process_table::processes_from_now().await);
        }
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

    fn is_alive(self) -> bool {
        Stat::of(self.pid).is_some_and(|stat| self == Self::of(&stat) && !stat.is_zombie())
    }

    fn signal(self, signal: i32) -> bool {
        let pidfd = process::open_pidfd(self.pid).ok();
        // Compared after the pidfd was opened: from here on it is the same process or none.
        process::start_time(self.pid) == Some(self.start_time)
            && process::signal(pidfd.as_ref().map(AsFd::as_fd), self.pid, signal).is_ok()
    }
}
