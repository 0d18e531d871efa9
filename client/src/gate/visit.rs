//! One client of a gate, from its ticket until it leaves.
//!
//! The client has left when nobody holds the writing end of its FIFO any more. One that says
//! nothing in time, or does not read what it has asked for, is given up.

use super::Gate;
use super::checked::{Checked, Wanted};
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use psup_link::Wire;
use psup_link::gate::{Direction, Ticket};
use psup_proto::{Failure, Request, limits};
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::time::Duration;

/// A supervisor says hello within milliseconds; one that does not is woken.
const HELLO_TIME: Duration = Duration::from_secs(1);
/// A client that has room for nothing more for so long does not read.
const STALL_TIME: Duration = Duration::from_secs(60);
/// Beyond so many bytes that wait for the client, the supervisor is not read.
const AHEAD: usize = 256 << 10;
const PIECE: usize = 64 << 10;

pub(super) struct Visit<'g> {
    gate: &'g Gate<'g>,
    ticket: Ticket,
    input: File,
    /// Its reading end is held too, so that the client may come whenever it comes.
    output: File,
    checked: Checked<'g>,
    supervisor: Option<Wire>,
    to_client: Vec<u8>,
    to_supervisor: Vec<u8>,
    has_spoken: bool,
    /// What waits for the client is the last that it is told.
    is_ending: bool,
}

/// What a poll has found.
struct Ready {
    client_has_left: bool,
    from_client: bool,
    from_supervisor: bool,
    supervisor_has_left: bool,
    is_late: bool,
}

impl<'g> Visit<'g> {
    pub(super) fn prepare(gate: &'g Gate<'g>, ticket: Ticket) -> Result<Self, Failure> {
        let open = |what, access| {
            gate.dir.make(what)?;
            gate.dir
                .open_fifo(what, access)
                .map_err(|e| Failure::system("cannot open a pair of FIFOs", e))
        };
        Ok(Self {
            gate,
            ticket,
            output: open(Direction::Out(ticket), OFlag::O_RDWR)?.into(),
            input: open(Direction::In(ticket), OFlag::O_RDONLY)?.into(),
            checked: Checked::new(&gate.rules),
            supervisor: None,
            to_client: Vec::new(),
            to_supervisor: Vec::new(),
            has_spoken: false,
            is_ending: false,
        })
    }

    /// Until either side has left.
    pub(super) fn serve(mut self) -> Result<(), Failure> {
        loop {
            let ready = self.wait()?;
            if ready.client_has_left && !ready.from_client {
                return Ok(());
            }
            if ready.is_late {
                if self.supervisor.is_none() || !self.to_client.is_empty() {
                    return Ok(());
                }
                self.wake_guardian();
            }
            if ready.from_client && !self.read_client()? {
                return Ok(());
            }
            if (ready.from_supervisor || ready.supervisor_has_left)
                && !self.read_supervisor(ready.supervisor_has_left)?
            {
                (self.supervisor, self.is_ending) = (None, true);
            }
            if !self.is_ending {
                self.ask()?;
            }
            self.write()?;
            if self.is_ending && self.to_client.is_empty() {
                return Ok(());
            }
        }
    }

    fn wait(&self) -> Result<Ready, Failure> {
        let wanted = |is_wanted: bool, flag| if is_wanted { flag } else { PollFlags::empty() };
        let reads = wanted(self.takes_more(), PollFlags::POLLIN);
        let mut fds = vec![
            PollFd::new(self.input.as_fd(), reads),
            PollFd::new(
                self.output.as_fd(),
                wanted(!self.to_client.is_empty(), PollFlags::POLLOUT),
            ),
        ];
        if let Some(supervisor) = &self.supervisor {
            let reads = wanted(self.to_client.len() < AHEAD, PollFlags::POLLIN);
            let writes = wanted(!self.to_supervisor.is_empty(), PollFlags::POLLOUT);
            fds.push(PollFd::new(supervisor.readable(), reads));
            fds.push(PollFd::new(supervisor.writable(), writes));
        }
        let found = poll(&mut fds, self.patience());
        let found = match found {
            Err(nix::errno::Errno::EINTR) => 1,
            found => found.map_err(|e| Failure::system("cannot wait for a client", e))? as usize,
        };
        let has = |at: usize, flags| {
            let told = fds.get(at).and_then(PollFd::revents);
            told.is_some_and(|told: PollFlags| told.intersects(flags))
        };
        let gone = PollFlags::POLLHUP | PollFlags::POLLERR;
        Ok(Ready {
            client_has_left: has(0, gone),
            from_client: has(0, PollFlags::POLLIN),
            from_supervisor: has(2, PollFlags::POLLIN),
            supervisor_has_left: has(2, gone) || has(3, gone),
            is_late: found == 0,
        })
    }

    /// A client that goes on before it is answered waits.
    fn takes_more(&self) -> bool {
        self.to_supervisor.is_empty() && !self.checked.has_enough() && !self.is_ending
    }

    fn patience(&self) -> PollTimeout {
        let time = if !self.to_client.is_empty() {
            Some(STALL_TIME)
        } else if !self.has_spoken {
            Some(limits::HELLO_TIME)
        } else if self.supervisor.is_some() && !self.checked.is_greeted {
            Some(HELLO_TIME)
        } else {
            None
        };
        time.map_or(PollTimeout::NONE, |time| {
            PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX)
        })
    }

    /// `false` once the client has left.
    fn read_client(&mut self) -> Result<bool, Failure> {
        let mut buffer = vec![0; PIECE];
        match self.input.read(&mut buffer) {
            Ok(0) => return Ok(false),
            Ok(count) => self.checked.push_client(&buffer[..count]),
            Err(error) if is_nothing(&error) => {}
            Err(error) => return Err(Failure::system("cannot read from a client", error)),
        }
        Ok(true)
    }

    /// `false` once the supervisor has hung up, and everything that it said is read.
    fn read_supervisor(&mut self, has_left: bool) -> Result<bool, Failure> {
        let Some(supervisor) = &mut self.supervisor else {
            return Ok(true);
        };
        let mut buffer = vec![0; PIECE];
        match supervisor.read_now(&mut buffer) {
            Ok(0) => Ok(false),
            Ok(count) => {
                self.checked
                    .answers(&buffer[..count], &mut self.to_client)?;
                Ok(true)
            }
            Err(error) if is_nothing(&error) => Ok(!has_left),
            // It was killed: the client asks again.
            Err(_) => Ok(false),
        }
    }

    /// Passes on what may pass.
    fn ask(&mut self) -> Result<(), Failure> {
        loop {
            let wanted = match self.checked.next_wanted() {
                Ok(Some(wanted)) => wanted,
                Ok(None) => return Ok(()),
                Err(failure) => {
                    self.is_ending = true;
                    return self.checked.refuse(failure, &mut self.to_client);
                }
            };
            if !std::mem::replace(&mut self.has_spoken, true) {
                // Nobody needs the names any more.
                self.gate.remove_pair(self.ticket);
            }
            let refused = match wanted {
                Wanted::Request(request, bytes) => match self.connect(&request) {
                    Ok(()) => {
                        self.to_supervisor.extend(bytes);
                        continue;
                    }
                    Err(failure) => failure,
                },
                Wanted::Refused(failure) => failure,
            };
            self.checked.refuse(refused, &mut self.to_client)?;
        }
    }

    /// A supervisor is started only by who may start a session.
    fn connect(&mut self, request: &Request) -> Result<(), Failure> {
        if self.supervisor.is_none() {
            let starts = matches!(request, Request::Spawn(_));
            let (connector, place) = (self.gate.connector, &self.gate.place);
            self.supervisor = Some(connector.connect(place, starts)?);
            self.checked.hello(&mut self.to_supervisor);
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), Failure> {
        if let Some(supervisor) = &mut self.supervisor {
            // One that was killed is noticed by the next read.
            let _ = write_some(&mut self.to_supervisor, |bytes| supervisor.write_now(bytes));
        }
        let output = &mut self.output;
        write_some(&mut self.to_client, |bytes| output.write(bytes))
            .map_err(|e| Failure::system("cannot write to a client", e))
    }

    fn wake_guardian(&self) {
        if let Some(supervisor) = &self.supervisor {
            self.gate.connector.wake_guardian(supervisor);
        }
    }
}

/// As much as goes without waiting.
fn write_some(
    bytes: &mut Vec<u8>,
    mut write: impl FnMut(&[u8]) -> io::Result<usize>,
) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match write(&bytes[done..]) {
            Ok(count) => done += count,
            Err(error) if is_nothing(&error) => break,
            Err(error) => return Err(error),
        }
    }
    bytes.drain(..done);
    Ok(())
}

fn is_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
