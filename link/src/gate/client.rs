//! A connection through a gate, from inside.

use super::{Direction, GateDir, Ticket};
use crate::Wire;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use psup_proto::{Code, Failure};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a gate may take to let a client in: it does so within a millisecond, or has as many as
/// it takes.
const TIME: Duration = Duration::from_secs(10);

pub fn connect(path: &Path) -> Result<Wire, Failure> {
    let dir = GateDir::open(path)?;
    let until = Instant::now() + TIME;
    while Instant::now() < until {
        let ticket = next_ticket(&dir, until)?;
        // A ticket whose client has died leads nowhere any more.
        let read = dir.open_fifo(Direction::Out(ticket), OFlag::O_RDONLY);
        let write = dir.open_fifo(Direction::In(ticket), OFlag::O_WRONLY);
        if let (Ok(read), Ok(write)) = (read, write) {
            return Wire::pair(read, write)
                .map_err(|e| Failure::system("cannot go through the gate", e));
        }
    }
    Err(busy(&dir))
}

/// Knocks, and reads a ticket: this one, or one that somebody else has asked for.
fn next_ticket(dir: &GateDir, until: Instant) -> Result<Ticket, Failure> {
    let open = |what, access| dir.open_fifo(what, access).map_err(|_| closed(dir));
    let mut knock = File::from(open(Direction::Knock, OFlag::O_WRONLY)?);
    let mut tickets = File::from(open(Direction::Tickets, OFlag::O_RDONLY)?);
    match knock.write(b"k") {
        Ok(_) => {}
        // So many have knocked that nothing more fits: one of their tickets will do.
        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
        Err(_) => return Err(closed(dir)),
    }
    let mut line = [0; Ticket::LENGTH];
    loop {
        match tickets.read(&mut line) {
            Ok(0) => return Err(closed(dir)),
            Ok(count) => {
                let bad = || {
                    let what = format!("{} is no gate of psup's", dir.path().display());
                    Failure::new(Code::Unreachable, what)
                };
                return Ticket::parse(&line[..count]).ok_or_else(bad);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(Failure::system("cannot read from the gate", error)),
        }
        let left = until.saturating_duration_since(Instant::now());
        let left = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        let mut fds = [PollFd::new(tickets.as_fd(), PollFlags::POLLIN)];
        if poll(&mut fds, left) == Ok(0) {
            return Err(busy(dir));
        }
    }
}

fn closed(dir: &GateDir) -> Failure {
    let path = dir.path().display();
    Failure::new(Code::Unreachable, format!("no gate is open in {path}"))
        .hint(format!("outside the sandbox, `psup gate {path}` opens one"))
}

fn busy(dir: &GateDir) -> Failure {
    let path = dir.path().display();
    let what = format!("the gate in {path} has not let this client in within 10s");
    Failure::new(Code::Unreachable, what)
        .hint("it may be stopped, or have as many clients as it takes")
}
