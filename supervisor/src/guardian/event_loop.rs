//! The loop: wait for the worker, a child, the socket's directory or a deadline; deal with it; wait
//! again. While all is well there is no deadline, so an idle guardian never wakes.

use super::fd_store::{self, FdStore};
use super::held_fds::HeldFds;
use super::launch;
use super::listener;
use super::messages::ToWorker;
use super::reap::Zombie;
use super::restart::{self, PROOF, Restart};
use super::standby::Standby;
use super::startup::{self, FAILED};
use super::upgrade;
use crate::handover::fd_table::{self, Facts, Table};
use crate::handover::names::Identity;
use crate::log::{Level, log};
use crate::platform::reap::is_stopped;
use crate::platform::signals::{Request, Signals};
use crate::platform::watch;
use crate::start::{Dirs, Place, cgroup, systemd};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// A polite stop of every session must end some time: longer than any usual grace, shorter than a
/// machine's own shutdown.
const STOP_LIMIT: Duration = Duration::from_secs(30);
/// A socket that cannot be published again at once is tried at this pace until it can.
const PUBLISH_PAUSE: Duration = Duration::from_secs(1);
/// What keeps a worker from being started (memory, the number of processes) passes, and everybody
/// waits meanwhile.
const LAUNCH_PAUSE: Duration = Duration::from_millis(100);
/// A supervisor whose first worker never comes up ends after this many deaths, two of them in safe
/// mode.
const COLD_DEATHS: u32 = 7;

pub(super) struct Guardian {
    pub facts: Facts,
    pub store: HeldFds,
    pub signals: Signals,
    pub watch: watch::Watch,
    pub worker: Worker,
    /// Started already, and waiting for the end of the present one.
    pub next: Option<Standby>,
    pub restart: Restart,
    /// The program before an upgrade, until the new one has proven itself.
    pub previous: Option<OwnedFd>,
    /// Where the starter waits to hear that the first worker is ready.
    pub ready: Option<File>,
    /// The worker said goodbye, or was told to stop: its end is the end.
    pub leaving: bool,
    /// The copy of all that is held in the service manager, where there is one that keeps it.
    pub(super) fd_store: Option<FdStore>,
    /// The socket has vanished and could not be published: when to try again.
    pub publish_at: Option<Instant>,
}

pub(super) enum Worker {
    Absent {
        start_at: Instant,
    },
    Alive {
        pid: i32,
        /// `None` once it has hung up.
        control: Option<OwnedFd>,
        ready_at: Option<Instant>,
        /// It was asked for something that must happen by then.
        kill_at: Option<Instant>,
    },
}

impl Guardian {
    pub(super) fn keep(&mut self) -> ExitCode {
        loop {
            match catch_unwind(AssertUnwindSafe(|| self.turn())) {
                Ok(None) => {}
                Ok(Some(code)) => return code,
                Err(_) => log(
                    Level::Error,
                    "a turn of the guardian panicked; it goes on",
                    &[],
                ),
            }
        }
    }

    fn turn(&mut self) -> Option<ExitCode> {
        let now = Instant::now();
        self.start_worker_when_due(now);
        self.wait(now);
        #[cfg(feature = "fault-injection")]
        crate::fault::deafen(&self.facts.state);
        self.hear_worker();
        let arrived = self.signals.take();
        for request in arrived.requests {
            self.weigh(request);
        }
        if arrived.child {
            self.wake_stopped_worker();
        }
        self.reap();
        self.keep_deadline();
        self.keep_socket();
        self.keep_store();
        match self.worker {
            Worker::Absent { .. } if self.leaving => Some(self.leave(ExitCode::SUCCESS)),
            Worker::Absent { .. } if self.facts.cold && self.restart.deaths >= COLD_DEATHS => {
                startup::tell(self.ready.take(), FAILED, "the worker does not come up");
                Some(self.leave(ExitCode::FAILURE))
            }
            Worker::Absent { .. } | Worker::Alive { .. } => None,
        }
    }

    fn start_worker_when_due(&mut self, now: Instant) {
        match self.worker {
            Worker::Absent { start_at } if start_at <= now && !self.leaving => {}
            Worker::Absent { .. } | Worker::Alive { .. } => return,
        }
        self.facts.worker_epoch += 1;
        crate::log::identify(&self.facts);
        self.facts.safe_mode = self.restart.safe_mode;
        let table = Table::name(&self.facts, self.store.iter(), None);
        self.worker = match launch::worker(&table) {
            Ok((pid, control)) => Worker::Alive {
                pid,
                control: Some(control),
                ready_at: None,
                kill_at: self.previous.is_some().then(|| now + upgrade::PATIENCE),
            },
            Err(error) => {
                log(Level::Error, "cannot start a worker", &[("error", &error)]);
                // No worker has died, so this says nothing against the program.
                Worker::Absent {
                    start_at: now + LAUNCH_PAUSE,
                }
            }
        };
    }

    /// Waits for something to do. An error here is an interruption: the turn looks at everything
    /// anyway.
    fn wait(&self, now: Instant) {
        let start_or_kill_at = match self.worker {
            Worker::Absent { start_at } => Some(start_at),
            Worker::Alive { kill_at, .. } => kill_at,
        };
        let retry_at = self.fd_store.as_ref().and_then(|store| store.retry_at);
        let deadline = [start_or_kill_at, self.publish_at, retry_at]
            .into_iter()
            .flatten()
            .min();
        // Rounded up, so that a deadline is never met a moment early and again and again.
        let left = |at: Instant| {
            PollTimeout::try_from(at.saturating_duration_since(now) + Duration::from_millis(1))
        };
        let timeout = deadline.map_or(PollTimeout::NONE, |at| left(at).unwrap_or(PollTimeout::MAX));
        let mut watched = vec![
            PollFd::new(self.signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.watch.as_fd(), PollFlags::POLLIN),
        ];
        if let Worker::Alive {
            control: Some(control),
            ..
        } = &self.worker
        {
            watched.push(PollFd::new(control.as_fd(), PollFlags::POLLIN));
        }
        let _ = poll(&mut watched, timeout);
    }

    /// Who means the end of the supervisor asks through `psup shutdown`. A signal may come from
    /// anybody who knows a pid, and sessions end with the supervisor, so only the service manager
    /// that keeps us is obeyed: at the end of the machine.
    fn weigh(&mut self, request: Request) {
        let manager = std::os::unix::process::parent_id().cast_signed();
        let kept_by_manager = self.facts.unit.is_some() && request.sender == manager;
        if request.signal == libc::SIGTERM && kept_by_manager {
            return self.stop();
        }
        log(
            Level::Warn,
            "a signal that asks for the end is not obeyed; psup shutdown ends the supervisor",
            &[("signal", &request.signal), ("sender", &request.sender)],
        );
    }

    /// An ordered end. The worker is told first, so that it stops its sessions and does not take
    /// our place.
    fn stop(&mut self) {
        log(Level::Info, "the service manager asks for the end", &[]);
        self.leaving = true;
        self.tell_worker(&ToWorker::Stop);
        if let Worker::Alive { kill_at, .. } = &mut self.worker {
            *kill_at = Some(Instant::now() + STOP_LIMIT);
        }
    }

    /// Tells the worker if it can be told. A queue that is full holds enough pokes already; for the
    /// rest there are deadlines.
    pub(super) fn tell_worker(&self, message: &ToWorker) {
        if let Worker::Alive {
            control: Some(control),
            ..
        } = &self.worker
        {
            let _ = message.send(control.as_fd());
        }
    }

    fn wake_stopped_worker(&self) {
        if let Worker::Alive { pid, .. } = self.worker
            && is_stopped(pid)
        {
            log(
                Level::Warn,
                "the worker was stopped; it is told to go on",
                &[("worker", &pid)],
            );
            let _ = kill(Pid::from_raw(pid), Signal::SIGCONT);
        }
    }

    fn reap(&mut self) {
        let mut poke = false;
        while let Some(zombie) = Zombie::next() {
            // What a dead worker said before it died counts: the ring of this child may still lie
            // in its queue.
            self.hear_worker();
            if !zombie.record_and_reap(&self.store) {
                log(
                    Level::Error,
                    "a child cannot be reaped",
                    &[("child", &zombie.pid)],
                );
                return;
            }
            self.next.take_if(|next| next.pid == zombie.pid);
            match self.worker {
                Worker::Alive { pid, ready_at, .. } if pid == zombie.pid => {
                    self.worker_died(pid, zombie.raw, ready_at);
                }
                Worker::Alive { .. } | Worker::Absent { .. } => poke = true,
            }
        }
        if poke {
            self.tell_worker(&ToWorker::Poke);
        }
    }

    fn worker_died(&mut self, pid: i32, raw: i32, ready_at: Option<Instant>) {
        let now = Instant::now();
        let pause = self.restart.after(raw, ready_at, now);
        self.facts.crashed = !restart::from_outside(raw);
        if ready_at.is_some_and(|at| now.saturating_duration_since(at) >= PROOF) {
            // A build whose worker has lived this long is not taken back any more.
            self.previous = None;
        }
        self.worker = self.succeeding(now).unwrap_or(Worker::Absent {
            start_at: now + pause,
        });
        let (deaths, status) = (self.restart.deaths, format!("{raw:#x}"));
        log(
            Level::Warn,
            "the worker ended",
            &[("worker", &pid), ("status", &status), ("deaths", &deaths)],
        );
        if self.previous.is_some() && deaths >= upgrade::DEATHS {
            self.revert();
        }
    }

    /// What was asked of the worker has not happened in time.
    fn keep_deadline(&mut self) {
        let Worker::Alive {
            pid,
            ready_at,
            kill_at: Some(at),
            ..
        } = self.worker
        else {
            return;
        };
        if at > Instant::now() {
            return;
        }
        log(
            Level::Warn,
            "the worker takes too long and is killed",
            &[("worker", &pid)],
        );
        let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        if let Worker::Alive { kill_at, .. } = &mut self.worker {
            *kill_at = None;
        }
        if self.previous.is_some() && ready_at.is_none() {
            // A new build that does not come up in time gets no second chance.
            self.restart.deaths = upgrade::DEATHS;
        }
    }

    /// Publishes the socket again if it is not the one we listen on any more.
    fn keep_socket(&mut self) {
        self.watch.drain();
        if self.leaving {
            return;
        }
        if Identity::published(&self.facts.run) == self.facts.socket
            || self.publish_at.is_some_and(|at| at > Instant::now())
        {
            return;
        }
        match self.publish() {
            Ok(()) => {
                log(
                    Level::Warn,
                    "the socket had vanished and is bound again",
                    &[("run", &self.facts.run.display())],
                );
                self.publish_at = None;
                if let Ok(listener) = fd_table::copy(fd_table::LISTENER) {
                    self.tell_worker(&ToWorker::Listener(listener));
                }
            }
            Err(error) => {
                log(
                    Level::Error,
                    "cannot bind the socket again",
                    &[("error", &error)],
                );
                self.publish_at = Some(Instant::now() + PUBLISH_PAUSE);
            }
        }
    }

    /// What the service manager has is brought up to what is held.
    fn keep_store(&mut self) {
        let Some(store) = &mut self.fd_store else {
            return;
        };
        if store.retry_at.is_some_and(|at| at <= Instant::now()) {
            store.settle(&self.store);
        }
        store.note(&self.facts);
    }

    fn publish(&mut self) -> io::Result<()> {
        // The directory may have vanished with it, even with its parent (a logout takes /run/user
        // away).
        let dirs = Dirs::of(&Place::of(&self.facts)).map_err(io::Error::other)?;
        self.watch.look_at(&dirs.run, watch::For::Loss)?;
        let (listener, identity) = listener::publish(&dirs.run)?;
        fd_table::put(&listener, fd_table::LISTENER)?;
        if let Some(store) = &mut self.fd_store {
            store.hold(fd_store::LISTENER, listener.as_fd());
        }
        self.facts.run = dirs.run;
        self.facts.socket = Some(identity);
        Ok(())
    }

    fn leave(&mut self, code: ExitCode) -> ExitCode {
        self.withdraw_socket();
        log(
            Level::Info,
            "the supervisor ends",
            &[("held", &self.store.len())],
        );
        if let Some(unit) = &self.facts.unit {
            systemd::forget(&self.facts.rung, unit);
        }
        if let Some(cgroups) = cgroup::of_lives(&self.facts.state) {
            cgroups.leave();
        }
        code
    }
}
