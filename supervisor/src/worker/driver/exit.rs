//! How a session's driver deals with ends: signals, stops, exits, and what is let go of when all is
//! over.

use super::Driver;
use super::kill_tree;
use super::mailbox::Message;
use crate::journal::Recorded;
use crate::log::now_ms;
use crate::platform::process;
use crate::pty;
use crate::worker::sessions::{decisions, owner};
use crate::worker::shells;
use psup_proto::{Exit, Outcome};
use psup_session::{Answer, Event};
use std::os::fd::AsFd;
use tokio::sync::oneshot;

impl Driver {
    /// A stop is answered when the whole tree is gone, not only its leader.
    pub(crate) fn reply(&self, to: oneshot::Sender<Answer>, answer: Answer) {
        match (&answer, &self.state.tree) {
            (Answer::Stopped { .. }, Some(tree)) => {
                let (tree, until) = (tree.clone(), self.state.firm_at);
                let (worker, key) = (self.worker.clone(), self.key.clone());
                tokio::task::spawn_local(async move {
                    kill_tree::end(tree, until).await;
                    worker.let_go_of_cgroup(&key);
                    let _ = to.send(answer);
                });
            }
            // An asker that has gone meanwhile needs no answer.
            _ => drop(to.send(answer)),
        }
    }

    pub(crate) fn close(&mut self) {
        self.let_go_of_terminal();
        self.tell(Event::Closed);
    }

    pub(crate) fn let_go_of_terminal(&mut self) {
        self.master = None;
        self.state.slave = None;
    }

    /// Looks whether somebody has stored how the child ended.
    pub(crate) fn look(&mut self) {
        let exit = match self.journal.recorded() {
            Recorded::No => return,
            Recorded::Status { raw, at_ms, .. } if self.session.was_stopped() => {
                Exit::from_raw(raw, at_ms)
            }
            Recorded::Status { raw, at_ms, .. } => self.worker.exit_of(&self.key, raw, at_ms),
            Recorded::Gone { at_ms } => {
                let reason = "nobody saw how it ended".into();
                // Nobody of it outlives that, where its own limit was met.
                let oom = self.worker.out_of_memory(&self.key);
                Exit {
                    oom: oom.filter(|oom| oom.limit.is_some()),
                    ..Exit::new(Outcome::Unknown { reason }, at_ms)
                }
            }
        };
        self.pidfd = None;
        self.state.draining = true;
        self.tell(Event::Exited(exit));
    }

    /// The child is gone. Its parent (we, or the guardian) stores the status before it reaps; where
    /// there is no parent that could, the kernel may still know.
    pub(crate) fn child_exited(&mut self) {
        self.worker.reap();
        self.look();
        let Some(pidfd) = self.pidfd.take() else {
            return;
        };
        self.journal.record_stranger(pidfd.as_fd(), now_ms());
        drop(pidfd);
        self.look();
    }

    pub(crate) fn signal(&mut self, signal: i32) {
        let group = self
            .master
            .as_ref()
            .and_then(|master| pty::foreground(master.as_fd()));
        if let Some(group) = group.or(self.pid()) {
            // A group that has just ended needs no signal.
            let _ = process::signal_group(group, signal);
        }
    }

    pub(crate) fn tree(&mut self) -> &mut pty::ProcessTree {
        let leader = self.pid().unwrap_or(0);
        let cgroup = || self.worker.cgroups.as_ref()?.find(&self.key);
        self.state
            .tree
            .get_or_insert_with(|| pty::ProcessTree::of(leader, &self.key, cgroup()))
    }

    pub(crate) fn signal_tree(&mut self, signal: Option<i32>) {
        let tree = self.tree();
        tree.refresh();
        match signal {
            Some(signal) => drop(tree.signal(signal)),
            None => tree.ask_to_end(),
        }
    }

    pub(crate) fn remove_command(&self) {
        let dir = self.worker.session_dir(&self.key);
        shells::remove_command(&self.command_file, &dir);
    }

    /// The exit is known and the journal whole: once.
    pub(crate) fn finish(&mut self) {
        self.state.finished = true;
        // Written down before anything is let go of.
        if let Some(exit) = self.session.facts().exit {
            let (stopped, end) = (self.session.was_stopped(), self.journal.end());
            decisions::ended(&self.worker, &self.key, &exit, stopped, end);
        }
        owner::forget(&self.worker, &self.key);
        self.let_go_of_terminal();
        if let Some(pid) = self.pid() {
            self.worker.children.borrow_mut().remove(&pid);
        }
        self.worker.let_go_of_cgroup(&self.key);
        self.remove_command();
        if self.worker.unsaved.has(&self.key) {
            // Until then the ring alone knows how it ended.
            let (worker, key, handle) =
                (self.worker.clone(), self.key.clone(), self.handle.clone());
            tokio::task::spawn_local(async move {
                worker.unsaved.saved(&key).await;
                handle.post(Message::Recorded);
            });
        } else {
            self.journal.seal();
        }
    }
}
