//! What the worker says, and what the guardian does about it.

use super::event_loop::{Guardian, Worker};
use super::messages::{self, Incoming, ToGuardian, ToWorker};
use super::startup::{self, READY};
use crate::handover::names::{Identity, SOCKET};
use crate::log::{Level, log};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::os::fd::AsFd;
use std::time::Instant;

/// Messages taken in one turn, so that a raving worker cannot keep the guardian from reaping.
const MESSAGES: usize = 4096;

impl Guardian {
    /// Takes what the worker has said. One that hangs up is no use any more, and killing it loses
    /// nothing.
    pub(super) fn hear_worker(&mut self) {
        for _ in 0..MESSAGES {
            let Worker::Alive {
                pid,
                control: Some(control),
                ..
            } = &self.worker
            else {
                return;
            };
            match messages::receive(control.as_fd()) {
                Ok(Incoming::Nothing) => return,
                Ok(Incoming::Message(message)) => match ToGuardian::parse(message) {
                    Some(message) => self.obey(message),
                    None => log(
                        Level::Warn,
                        "the worker said something this build does not know",
                        &[],
                    ),
                },
                Ok(Incoming::End) | Err(_) => {
                    // It may be dead already.
                    let _ = kill(Pid::from_raw(*pid), Signal::SIGKILL);
                    if let Worker::Alive { control, .. } = &mut self.worker {
                        *control = None;
                    }
                }
            }
        }
    }

    fn obey(&mut self, message: ToGuardian) {
        match message {
            ToGuardian::Hold(name, fd) => {
                if let Some(store) = &mut self.fd_store {
                    store.hold(&name, fd.as_fd());
                }
                self.store.hold(name, fd);
            }
            ToGuardian::Release(name) => {
                if let Some(store) = &mut self.fd_store {
                    store.release(&name);
                }
                self.store.release(&name);
            }
            ToGuardian::Ready => self.worker_is_ready(),
            ToGuardian::Upgrade(program, id) => self.upgrade(&program, id),
            ToGuardian::Bye => self.say_farewell(),
        }
    }

    /// The worker is done with everything: nobody can connect any more, and it may tell so and go.
    fn say_farewell(&mut self) {
        self.leaving = true;
        self.withdraw_socket();
        self.tell_worker(&ToWorker::Quit);
    }

    /// A socket that stays is stale and heals at the next start.
    pub(super) fn withdraw_socket(&self) {
        if Identity::published(&self.facts.run) == self.facts.socket {
            let _ = std::fs::remove_file(self.facts.run.join(SOCKET));
        }
    }

    fn worker_is_ready(&mut self) {
        if let Worker::Alive {
            pid,
            ready_at,
            kill_at,
            ..
        } = &mut self.worker
        {
            *ready_at = Some(Instant::now());
            *kill_at = None;
            log(
                Level::Info,
                "the worker is ready",
                &[("worker", pid), ("epoch", &self.facts.worker_epoch)],
            );
        }
        self.facts.cold = false;
        startup::tell(self.ready.take(), READY, "");
    }
}
