//! The worker's end: what it inherits from the guardian, how it talks to it, and how it takes its
//! place.

use super::launch;
use super::messages::{self, Incoming, ToGuardian};
use crate::handover::fd_table::{self, Facts, Table};
use crate::log::{Level, log};
use crate::platform::process::{self, Stat};
use crate::platform::{descriptors, process_setup, program};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use psup_proto::Failure;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};

pub use super::messages::ToWorker;

/// The socket to the guardian. Never blocks, except for a full queue in [`Control::hold`], which
/// the guardian empties at once.
pub struct Control {
    fd: OwnedFd,
}

/// Everything a worker starts with.
pub struct Inherited {
    pub control: Control,
    pub listener: OwnedFd,
    /// The program this worker runs, held open.
    pub exe: OwnedFd,
    /// `pty:<key>`, `ring:<key>`, `pidfd:<key>`.
    pub held: Vec<(String, OwnedFd)>,
    pub facts: Facts,
    /// Readable or hung up once the worker before this one has let go of everything; `None` if it
    /// has already.
    predecessor: Option<OwnedFd>,
}

/// What the control socket of the next worker is called in the table.
pub(super) const NEXT: &str = "next";

/// How long a full queue is waited for. The guardian waits for nobody, so a second means that it is
/// dead or stopped.
const QUEUE_MS: u16 = 1000;

/// A predecessor that takes longer than this may be stopped.
const STOPPED_MS: u16 = 500;

/// A worker that was told to quit ends within milliseconds.
const LETTING_GO_MS: u16 = 1000;

/// Takes over what the guardian left at the fixed numbers and in the table. Called once, before
/// anything else is opened.
pub fn inherited() -> Result<Inherited, Failure> {
    process_setup::set_name(c"psup");
    let missing = |error: io::Error| {
        Failure::system(
            "this is an inside role of psup, started by its guardian only",
            error,
        )
    };
    let mut table = fd_table::read().map_err(missing)?;
    let mut held = fd_table::take_descriptors(&mut table);
    let predecessor = held
        .iter()
        .position(|(name, _)| name == launch::AFTER)
        .map(|at| held.swap_remove(at).1);
    let listener = fd_table::copy(fd_table::LISTENER).map_err(missing)?;
    let exe = fd_table::copy(fd_table::PROGRAM).map_err(missing)?;
    // SAFETY: the number is reserved for the control socket, and this is its only owner; it lives
    // as long as the worker.
    let fd = unsafe { OwnedFd::from_raw_fd(fd_table::CONTROL) };
    let control = Control { fd };
    Ok(Inherited {
        control,
        listener,
        exe,
        held,
        facts: table.facts,
        predecessor,
    })
}

impl Inherited {
    /// Returns when the worker before this one has let go. False if that does not happen and the
    /// guardian is gone: then that worker has taken the guardian's place, and starts another one
    /// than this.
    pub fn predecessor_is_gone(&mut self) -> bool {
        let Some(predecessor) = self.predecessor.take() else {
            return true;
        };
        let mut watched = [
            PollFd::new(predecessor.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.control.as_fd(), PollFlags::empty()),
        ];
        while !matches!(poll(&mut watched, PollTimeout::from(STOPPED_MS)), Ok(ready) if ready > 0) {
            // A worker that was stopped on its way to the guardian's place: we are its only child
            // that knows.
            wake_stopped_parent();
        }
        let Some(of_predecessor) = watched.first_mut() else {
            return true;
        };
        // Both may end at once, and in any order.
        matches!(poll(std::slice::from_mut(of_predecessor), PollTimeout::from(LETTING_GO_MS)), Ok(ready) if ready > 0)
    }
}

fn wake_stopped_parent() {
    let parent = std::os::unix::process::parent_id().cast_signed();
    let is_ours = |stat: &Stat| {
        [c"psup", super::GUARDIAN]
            .iter()
            .any(|name| name.to_bytes() == stat.name.as_bytes())
    };
    if Stat::of(parent).is_some_and(|stat| stat.state == b'T' && is_ours(&stat)) {
        // It may have ended at this moment.
        let _ = process::signal(None, parent, libc::SIGCONT);
    }
}

/// Becomes the guardian in the place of the dead one, in the same process and so still the parent
/// of its children.
///
/// `fds` are all held ones under the names they are held by, still open. The listener goes with
/// them by itself; everything else is closed.
pub fn promote(fds: &[(String, RawFd)], facts: &Facts) -> ! {
    log(
        Level::Warn,
        "the guardian is gone, taking its place",
        &[("guardian", &facts.guardian_pid)],
    );
    let mut table = Table {
        facts: facts.clone(),
        fds: fds
            .iter()
            .filter(|(name, _)| name != "listener")
            .cloned()
            .collect(),
        ..Table::default()
    };
    // Connections go first, and with them whatever else a worker has open: what follows needs
    // numbers of its own.
    let kept = table.fds.iter().map(|(_, number)| *number);
    if let Err(error) = descriptors::keep_only(kept.chain(0..fd_table::FREE)) {
        log(
            Level::Warn,
            "cannot make room for the takeover",
            &[("error", &error)],
        );
    }
    // Ends when this process becomes the guardian, or dies.
    let gate = start_next(&mut table);
    if let Err(error) = &gate {
        // The guardian will start one.
        log(
            Level::Warn,
            "cannot start the next worker",
            &[("error", error)],
        );
    }
    // A few tries, because what fails here (memory, a table of descriptors that is full for a
    // moment) passes.
    for _ in 0..5 {
        let error = become_guardian(&table);
        log(
            Level::Error,
            "cannot take the guardian's place",
            &[("error", &error)],
        );
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    std::process::exit(127)
}

impl Control {
    #[cfg(test)]
    pub(super) fn over(fd: OwnedFd) -> Self {
        Self { fd }
    }

    /// Gives `fd` to the guardian. When this returns it lives on even if the worker dies at once.
    ///
    /// A guardian that has just been killed is no failure: this worker takes its place, with
    /// everything that it has noted as held.
    pub fn hold(&self, name: &str, fd: BorrowedFd<'_>) -> io::Result<()> {
        match self.say(&ToGuardian::Hold(name.to_owned(), fd.try_clone_to_owned()?)) {
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
                ) =>
            {
                Ok(())
            }
            said => said,
        }
    }

    /// The guardian closes what it held under `name`.
    pub fn release(&self, name: &str) -> io::Result<()> {
        self.say(&ToGuardian::Release(name.to_owned()))
    }

    /// Says something that changes nothing: nothing is held under this name, and every build lets
    /// go of that.
    pub fn call(&self) -> io::Result<()> {
        self.release("nothing")
    }

    /// Whether the guardian has taken everything that was said.
    #[cfg(target_os = "linux")]
    pub fn has_been_heard(&self) -> bool {
        let mut unheard: libc::c_int = 0;
        // SAFETY: TIOCOUTQ (SIOCOUTQ of sockets) stores an int.
        let asked = unsafe { libc::ioctl(self.as_raw_fd(), libc::TIOCOUTQ, &raw mut unheard) };
        asked < 0 || unheard == 0
    }

    /// Not known here, so it is taken for granted.
    #[cfg(not(target_os = "linux"))]
    pub fn has_been_heard(&self) -> bool {
        true
    }

    /// Connections are served from now on.
    pub fn ready(&self) -> io::Result<()> {
        self.say(&ToGuardian::Ready)
    }

    /// The planned end of the whole supervisor: the guardian exits after the worker.
    pub fn bye(&self) -> io::Result<()> {
        self.say(&ToGuardian::Bye)
    }

    /// Asks the guardian to become `binary`. The answer is `Quit` from the new build, or
    /// `UpgradeFailed`.
    pub fn upgrade(&self, binary: BorrowedFd<'_>, id: u128) -> io::Result<()> {
        self.say(&ToGuardian::Upgrade(binary.try_clone_to_owned()?, id))
    }

    /// `Ok(None)`: nothing now. `UnexpectedEof`: the guardian is gone, promote.
    pub fn receive(&self) -> io::Result<Option<ToWorker>> {
        loop {
            match messages::receive(self.fd.as_fd())? {
                Incoming::Nothing => return Ok(None),
                Incoming::End => return Err(io::ErrorKind::UnexpectedEof.into()),
                Incoming::Message(message) => {
                    if let Some(message) = ToWorker::parse(message) {
                        if let ToWorker::Listener(listener) = &message {
                            fd_table::put(listener, fd_table::LISTENER)?;
                        }
                        return Ok(Some(message));
                    }
                    log(
                        Level::Warn,
                        "the guardian said something this build does not know",
                        &[],
                    );
                }
            }
        }
    }

    fn say(&self, message: &ToGuardian) -> io::Result<()> {
        for _ in 0..2 {
            match message.send(self.fd.as_fd()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    poll(
                        &mut [PollFd::new(self.fd.as_fd(), PollFlags::POLLOUT)],
                        PollTimeout::from(QUEUE_MS),
                    )?;
                }
                done => return done,
            }
        }
        message.send(self.fd.as_fd())
    }
}

impl AsFd for Control {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl AsRawFd for Control {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

/// Starts the next worker, so that it gets ready while this process becomes the guardian. It waits
/// for the end of what is returned.
fn start_next(table: &mut Table) -> io::Result<OwnedFd> {
    let (gate, ours) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC)?;
    table.facts.worker_epoch += 1;
    table.facts.crashed = false;
    table.facts.safe_mode = false;
    let mut facts = table.facts.clone();
    facts.guardian_pid = std::process::id().cast_signed();
    facts.guardian_epoch += 1;
    facts.cold = false;
    let table_of_next = Table {
        facts,
        fds: table.fds.clone(),
        ..Table::default()
    };
    let (pid, control) = launch::successor(&table_of_next, &gate)?;
    table.next = Some(pid);
    // Ours until the exec, then the guardian's.
    table.fds.push((NEXT.to_owned(), control.into_raw_fd()));
    Ok(ours)
}

fn become_guardian(table: &Table) -> io::Error {
    let attempt = || -> io::Result<io::Error> {
        let file = table.write()?;
        let image = program::Image::new(&[super::GUARDIAN], program::environment());
        descriptors::place(file.as_raw_fd(), fd_table::TABLE)?;
        let fixed = [
            fd_table::CONTROL,
            fd_table::ALIVE,
            fd_table::PROGRAM,
            fd_table::LISTENER,
        ];
        for number in fixed {
            descriptors::set_inherited(number, true)?;
        }
        for (name, number) in &table.fds {
            // One descriptor that is not there any more must not cost all the others.
            if let Err(error) = descriptors::set_inherited(*number, true) {
                log(
                    Level::Error,
                    "a descriptor is lost",
                    &[("name", name), ("error", &error)],
                );
            }
        }
        process_setup::default_signals();
        process_setup::ignore_stray_signals();
        Ok(image.exec(fd_table::PROGRAM))
    };
    attempt().unwrap_or_else(|error| error)
}
