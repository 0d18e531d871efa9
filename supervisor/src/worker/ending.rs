//! How a session's driver deals with ends: signals, stops, exits, and what is let go of when all is over.

use super::driver::Driver;
use super::rest;
use crate::journal::Recorded;
use crate::log::now_ms;
use crate::platform::process;
use crate::pty;
use crate::session::{Answer, Event};
use psup_proto::{Exit, Outcome};
use std::os::fd::AsFd;
use tokio::sync::oneshot;

impl Driver {
    /// A stop is answered when the whole tree is gone, not only its leader.
    pub(super) fn reply(&self, to: oneshot::Sender<Answer>, answer: Answer) {
        match (&answer, &self.state.tree) {
            (Answer::Stopped { .. }, Some(tree)) => {
                let (tree, until) = (tree.clone(), self.state.firm_at);
                let (house, key) = (self.house.clone(), self.key.clone());
                tokio::task::spawn_local(async move {
                    rest::end(tree, until).await;
                    house.let_go_of_cgroup(&key);
                    let _ = to.send(answer);
                });
            }
            // An asker that has gone meanwhile needs no answer.
            _ => drop(to.send(answer)),
        }
    }

    pub(super) fn close(&mut self) {
        self.let_go_of_terminal();
        self.tell(Event::Closed);
    }

    /// What is closed is released in the same breath: a number that is used again must not be taken for the terminal.
    pub(super) fn let_go_of_terminal(&mut self) {
        self.house.release("pty", &self.key);
        self.master = None;
        self.state.slave = None;
    }

    /// Looks whether somebody has stored how the child ended.
    pub(super) fn look(&mut self) {
        let exit = match self.journal.recorded() {
            Recorded::No => return,
            Recorded::Status { raw, at_ms, .. } => Exit::from_raw(raw, at_ms),
            Recorded::Gone { at_ms } => Exit {
                outcome: Outcome::Unknown {
                    reason: "nobody saw how it ended".into(),
                },
                at_ms,
            },
        };
        self.house.release("pidfd", &self.key);
        self.pidfd = None;
        self.state.draining = true;
        self.tell(Event::Exited(exit));
    }

    /// The child is gone. Its parent (we, or the guardian) stores the status before it reaps; where there is no parent
    /// that could, the kernel may still know.
    pub(super) fn child_exited(&mut self) {
        self.house.reap();
        self.look();
        let Some(pidfd) = self.pidfd.take() else { return };
        self.house.release("pidfd", &self.key);
        self.journal.record_stranger(pidfd.as_fd(), now_ms());
        self.look();
    }

    pub(super) fn signal(&mut self, signal: i32) {
        let group = self.master.as_ref().and_then(|master| pty::foreground(master.as_fd()));
        if let Some(group) = group.or(self.pid()) {
            // A group that has just ended needs no signal.
            let _ = process::signal_group(group, signal);
        }
    }

    pub(super) fn tree(&mut self) -> &mut pty::Tree {
        let leader = self.pid().unwrap_or(0);
        let cgroup = || self.house.cgroups.as_ref()?.find(&self.key);
        self.state.tree.get_or_insert_with(|| pty::Tree::of(leader, &self.key, cgroup()))
    }

    pub(super) fn signal_tree(&mut self, signal: Option<i32>) {
        let tree = self.tree();
        tree.refresh();
        match signal {
            Some(signal) => drop(tree.signal(signal)),
            None => tree.ask_to_end(),
        }
    }

    /// The exit is known and the journal whole: once.
    pub(super) fn finish(&mut self) {
        self.state.finished = true;
        // Written down before anything is let go of.
        self.house.registry.ended(&self.house, &self.key, &self.session);
        self.let_go_of_terminal();
        if let Some(pid) = self.pid() {
            self.house.children.borrow_mut().remove(&pid);
        }
        self.house.let_go_of_cgroup(&self.key);
        self.journal.seal();
    }
}
