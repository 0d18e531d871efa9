//! A worker that is started before its predecessor has gone, and waits for that one's end: so the
//! sessions are in the hands of two processes at any moment of an upgrade.

use super::event_loop::{Guardian, Worker};
use super::launch;
use super::messages::ToWorker;
use super::upgrade;
use crate::handover::fd_table::Table;
use crate::log::{Level, log};
use crate::platform::process;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::os::fd::OwnedFd;
use std::time::Instant;

pub(super) struct Standby {
    pub pid: i32,
    control: OwnedFd,
    /// What was held when it started: should that change, it does not know of everything.
    changes: u64,
}

impl Guardian {
    /// The worker of another build is asked to finish, once the next one is there to take over from
    /// it.
    pub(super) fn replace_old_worker(&mut self) {
        let Worker::Alive {
            pid,
            ready_at: Some(_),
            ..
        } = self.worker
        else {
            return;
        };
        self.facts.worker_epoch += 1;
        self.facts.crashed = false;
        let table = Table::name(&self.facts, self.store.iter(), None);
        let started = process::open_pidfd(pid).and_then(|pidfd| launch::successor(&table, &pidfd));
        match started {
            Ok((pid, control)) => {
                let changes = self.store.changes();
                self.next = Some(Standby {
                    pid,
                    control,
                    changes,
                });
            }
            Err(error) => {
                self.facts.worker_epoch -= 1;
                log(
                    Level::Warn,
                    "cannot start the next worker before its time",
                    &[("error", &error)],
                );
            }
        }
        self.tell_worker(&ToWorker::Quit);
    }

    /// The worker that waited for this moment, if there is one.
    pub(super) fn succeeding(&mut self, now: Instant) -> Option<Worker> {
        let next = self.next.take()?;
        if self.leaving || next.changes != self.store.changes() {
            // Not needed, or not what it should be. Its end is dealt with as any worker's.
            let _ = kill(Pid::from_raw(next.pid), Signal::SIGKILL);
        }
        Some(Worker::Alive {
            pid: next.pid,
            control: Some(next.control),
            ready_at: None,
            kill_at: self.previous.is_some().then(|| now + upgrade::PATIENCE),
        })
    }
}
