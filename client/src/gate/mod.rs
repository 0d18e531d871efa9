//! A gate: programs that are confined reach the supervisor through FIFOs in a directory, as far as
//! its rules go.
//!
//! ```text
//! Gate ── a thread for each client: Visit ── Checked frames ── Connector ── supervisor
//! ```
//! A visit begins with a ticket for a client that knocks, and ends when its client leaves.
//! Each has its own pair of FIFOs, and nothing is shared but how many there are.

mod checked;
mod visit;

use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use psup_link::gate::{Direction, GateDir, Ticket};
use psup_link::{Connector, Place};
use psup_proto::gate::Rules;
use psup_proto::{Failure, limits};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Scope};
use visit::Visit;

/// What ends a gate: its terminal, and the user.
const ENDINGS: [Signal; 4] = [
    Signal::SIGTERM,
    Signal::SIGINT,
    Signal::SIGHUP,
    Signal::SIGQUIT,
];

pub(crate) struct Gate<'a> {
    dir: GateDir,
    /// Both ends of each are held, so that a FIFO never ends while the gate is open.
    knock: File,
    tickets: File,
    rules: Rules,
    connector: &'a (dyn Connector + Sync),
    place: Place,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Visits that have begun, or have their ticket.
    open: usize,
    /// Who knocked while there were as many as may be.
    waiting: usize,
    /// No FIFO is made any more.
    is_closed: bool,
}

impl<'a> Gate<'a> {
    /// Makes the FIFOs in a directory of ours in which no other gate is open.
    pub(crate) fn open(
        dir: GateDir,
        rules: Rules,
        connector: &'a (dyn Connector + Sync),
        place: Place,
    ) -> Result<Self, Failure> {
        dir.must_be_ours()?;
        dir.lock()?;
        dir.clean();
        let open = |what| {
            dir.make(what)?;
            dir.open_fifo(what, OFlag::O_RDWR)
                .map_err(|e| Failure::system("cannot open the gate", e))
        };
        // Who finds the second finds the first, too.
        let both = open(Direction::Tickets)
            .and_then(|tickets| Ok((tickets, open(Direction::Knock)?)))
            .inspect_err(|_| dir.clean());
        let (tickets, knock) = both?;
        Ok(Self {
            dir,
            knock: knock.into(),
            tickets: tickets.into(),
            rules,
            connector,
            place,
            state: Mutex::default(),
        })
    }

    /// Serves until a signal says that it is over; then nothing of the gate is left, `at_end` is
    /// called, and the process ends with all visits.
    pub(crate) fn serve(&self, at_end: impl FnOnce()) -> Result<(), Failure> {
        thread::scope(|scope| {
            scope.spawn(|| self.let_in(scope));
            let ended = endings().wait();
            let mut state = self.state();
            state.is_closed = true;
            self.dir.clean();
            at_end();
            // With the lock, so that nothing is made any more.
            std::process::exit(i32::from(ended.is_err()));
        })
    }

    /// Gives a ticket for each knock.
    fn let_in<'s>(&'s self, scope: &'s Scope<'s, '_>) {
        let mut knocks = [0; 64];
        loop {
            match (&self.knock).read(&mut knocks) {
                Ok(count) => (0..count).for_each(|_| self.welcome(scope)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let mut fds = [PollFd::new(self.knock.as_fd(), PollFlags::POLLIN)];
                    // Interrupted or not, the read tells.
                    let _ = poll(&mut fds, PollTimeout::NONE);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }

    fn welcome<'s>(&'s self, scope: &'s Scope<'s, '_>) {
        {
            let mut state = self.state();
            if state.open >= limits::GATE_CLIENTS {
                state.waiting = limits::GATE_CLIENTS.min(state.waiting + 1);
                return;
            }
            state.open += 1;
        }
        let served = thread::Builder::new().spawn_scoped(scope, move || {
            // A visit that cannot begin is one whose client finds no ticket, and says so.
            let _ = self.serve_one();
            let mut state = self.state();
            state.open -= 1;
            let next = state.waiting > 0;
            state.waiting = state.waiting.saturating_sub(1);
            drop(state);
            if next {
                self.welcome(scope);
            }
        });
        if served.is_err() {
            self.state().open -= 1;
        }
    }

    fn serve_one(&self) -> Result<(), Failure> {
        let ticket = Ticket::fresh()?;
        let state = self.state();
        if state.is_closed {
            return Ok(());
        }
        let visit = Visit::prepare(self, ticket);
        drop(state);
        let written = visit.as_ref().is_ok_and(|_| self.hand_out(ticket));
        let served = match visit {
            Ok(visit) if written => visit.serve(),
            Ok(_) => Ok(()),
            Err(failure) => Err(failure),
        };
        self.remove_pair(ticket);
        served
    }

    /// Tickets that nobody fetched are of clients that have died.
    fn hand_out(&self, ticket: Ticket) -> bool {
        let line = ticket.written();
        for _ in 0..2 {
            match (&self.tickets).write(&line) {
                Ok(count) => return count == line.len(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let mut old = vec![0; 64 << 10];
                    let _ = (&self.tickets).read(&mut old);
                }
                Err(_) => return false,
            }
        }
        false
    }

    fn remove_pair(&self, ticket: Ticket) {
        self.dir.remove(Direction::In(ticket));
        self.dir.remove(Direction::Out(ticket));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// From here on the signals that end a gate wait until they are asked for.
pub(crate) fn block_endings() -> Result<(), Failure> {
    endings()
        .thread_block()
        .map_err(|e| Failure::system("cannot block signals", e))
}

fn endings() -> SigSet {
    ENDINGS.into_iter().collect()
}
