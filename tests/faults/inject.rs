//! The faults: processes that are killed, stopped and signalled, directories that go, connections that crowd.

use crate::answer::PATIENCE;
use crate::bed::Bed;
use crate::model::State;
use crate::step::{Half, Step, Stray};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

impl Bed {
    /// The pids of the supervisor's processes, once it has both: a kill while it has one is a kill of both.
    fn pids(&mut self) -> Result<(Pid, Pid), String> {
        self.wake()?;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let status = self.ask(&["status"])?;
            let status = status.is(0)?.json()?;
            let pid = |key: &str| status[key].as_i64().unwrap_or(-1) as i32;
            let (guardian, worker) = (pid("guardian_pid"), pid("worker_pid"));
            if guardian != worker && [guardian, worker].into_iter().all(psup_harness::is_alive) {
                return Ok((Pid::from_raw(guardian), Pid::from_raw(worker)));
            }
        }
        Err("the supervisor has only one process".to_owned())
    }

    fn pid_of(&mut self, half: Half) -> Result<Pid, String> {
        let (guardian, worker) = self.pids()?;
        Ok(if half == Half::Guardian {
            guardian
        } else {
            worker
        })
    }

    /// One of the two may be killed at any moment; with both, running sessions are lost, and told so.
    pub(crate) fn kill(&mut self, half: Half) -> Result<(), String> {
        if half != Half::Both {
            end(self.pid_of(half)?);
            return Ok(());
        }
        let (guardian, worker) = self.pids()?;
        for signal in [Signal::SIGSTOP, Signal::SIGKILL] {
            send(guardian, signal);
            send(worker, signal);
        }
        while [guardian, worker]
            .into_iter()
            .any(|pid| psup_harness::is_alive(pid.as_raw()))
        {
            std::thread::yield_now();
        }
        for session in self.model.sessions.values_mut() {
            if session.is_running() {
                session.state = State::Lost;
            }
            session.may_be_lost |= session.is_unwritten;
        }
        self.check()
    }

    /// Where nothing runs there need not be a supervisor: then one is started. While a session runs there has to be one.
    pub(crate) fn wake(&mut self) -> Result<(), String> {
        if self.ask(&["status"])?.code == 0 {
            return Ok(());
        }
        if let Some((name, _)) = self
            .model
            .sessions
            .iter()
            .find(|(_, session)| session.is_running())
        {
            return Err(format!("{name} runs, and no supervisor can be reached"));
        }
        let number = self.next();
        let name = format!("waker{number}");
        for words in [
            &["spawn", &name, "--", "true"][..],
            &["stop", &name],
            &["forget", &name],
        ] {
            let answer = self.ask(words)?;
            if answer.code != 0 && !self.model.is_full {
                return Err(answer.wrong("a supervisor could not be started"));
            }
        }
        Ok(())
    }

    pub(crate) fn signal(&mut self, half: Half, stray: Stray) -> Result<(), String> {
        let signal = match stray {
            Stray::Term => Signal::SIGTERM,
            Stray::Hup => Signal::SIGHUP,
            Stray::Int => Signal::SIGINT,
            Stray::Usr1 => Signal::SIGUSR1,
            Stray::Usr2 => Signal::SIGUSR2,
            Stray::Chld => Signal::SIGCHLD,
            Stray::Pipe => Signal::SIGPIPE,
            Stray::Winch => Signal::SIGWINCH,
        };
        send(self.pid_of(half)?, signal);
        Ok(())
    }

    /// In one step: one that empties a directory first is overtaken by the socket that is bound again in it.
    pub(crate) fn vanish(&mut self) -> Result<(), String> {
        self.pids()?;
        let socket = self.env.socket();
        self.vanished += 1;
        let away = self.env.path(&format!("away{}", self.vanished));
        std::fs::rename(socket.parent().unwrap_or(&socket), away).map_err(|e| e.to_string())
    }

    pub(crate) fn during(
        &mut self,
        half: Half,
        after: Duration,
        step: &Step,
    ) -> Result<(), String> {
        let pid = self.pid_of(half)?;
        let killer = std::thread::spawn(move || {
            std::thread::sleep(after);
            end(pid);
        });
        let done = self.perform(step);
        drop(killer.join());
        done
    }

    pub(crate) fn frozen(&mut self, half: Half, time: Duration, step: &Step) -> Result<(), String> {
        let pid = self.pid_of(half)?;
        let other = self.pid_of(if half == Half::Worker {
            Half::Guardian
        } else {
            Half::Worker
        })?;
        send(pid, Signal::SIGSTOP);
        let thaw = std::thread::spawn(move || {
            std::thread::sleep(time);
            send(pid, Signal::SIGCONT);
        });
        // Nobody can be asked who the other one is while one does not run.
        let done = if matches!(step, Step::Kill { .. }) {
            end(other);
            Ok(())
        } else {
            self.perform(step)
        };
        drop(thaw.join());
        done
    }

    pub(crate) fn crowded(&mut self, connections: usize, step: &Step) -> Result<(), String> {
        let Step::Kill { half } = step else {
            return Err("only a kill happens in a crowd".to_owned());
        };
        let pid = self.pid_of(*half)?;
        let socket = self.env.socket();
        // The queue of the socket may be full, and connections may be refused: both is its right.
        let crowd: Vec<_> = (0..connections).map_while(|_| connect(&socket)).collect();
        end(pid);
        std::thread::sleep(Duration::from_millis(50));
        drop(crowd);
        Ok(())
    }
}

/// Kills a process and waits until it has gone: one that is still dying looks alive.
fn end(pid: Pid) {
    send(pid, Signal::SIGKILL);
    while psup_harness::is_alive(pid.as_raw()) {
        std::thread::yield_now();
    }
}

/// A connection, unless one would have to wait for it.
fn connect(path: &std::path::Path) -> Option<UnixStream> {
    use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, socket};
    use std::os::fd::AsRawFd;
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let made = socket(AddressFamily::Unix, SockType::Stream, flags, None).ok()?;
    connect(made.as_raw_fd(), &UnixAddr::new(path).ok()?).ok()?;
    Some(made.into())
}

fn send(pid: Pid, signal: Signal) {
    // A process that has gone already has had its fault.
    let _ = kill(pid, signal);
}
