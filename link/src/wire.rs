//! What frames travel over: a socket, or two descriptors of which one is read and one is written.
//!
//! The second are pipes to a command, and FIFOs where a sandbox forbids sockets. Both kinds read
//! with a limit of time, and can be cut from another thread.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// One connection as bytes.
#[derive(Debug)]
pub struct Wire {
    ends: Ends,
    /// What was read and given back.
    ahead: Vec<u8>,
}

#[derive(Debug)]
enum Ends {
    Socket(UnixStream),
    Pair(Pair),
}

/// Two descriptors that do not block.
#[derive(Debug)]
struct Pair {
    input: File,
    output: File,
    patience: Option<Duration>,
    cut: Arc<Cut>,
}

/// A pipe whose writing end is closed when the wire is cut: that ends a poll.
#[derive(Debug)]
struct Cut {
    is_whole: OwnedFd,
    held: Mutex<Option<OwnedFd>>,
}

/// Cuts a wire from elsewhere.
#[derive(Debug)]
pub struct Cutter(CutterOf);

#[derive(Debug)]
enum CutterOf {
    Socket(UnixStream),
    Pair(Arc<Cut>),
}

impl Wire {
    /// Of two descriptors, the one that is read and the one that is written.
    pub fn pair(input: OwnedFd, output: OwnedFd) -> io::Result<Self> {
        do_not_block(&input)?;
        do_not_block(&output)?;
        let (is_whole, held) = nix::unistd::pipe()?;
        for end in [&is_whole, &held] {
            use nix::fcntl::{FcntlArg, FdFlag, fcntl};
            fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
        }
        Ok(Self {
            ends: Ends::Pair(Pair {
                input: input.into(),
                output: output.into(),
                patience: None,
                cut: Arc::new(Cut {
                    is_whole,
                    held: Mutex::new(Some(held)),
                }),
            }),
            ahead: Vec::new(),
        })
    }

    /// The socket, where it is one.
    pub fn socket(&self) -> Option<&UnixStream> {
        match &self.ends {
            Ends::Socket(socket) => Some(socket),
            Ends::Pair(_) => None,
        }
    }

    /// How long a read waits before it fails with [`ErrorKind::WouldBlock`].
    pub fn set_read_timeout(&mut self, patience: Option<Duration>) -> io::Result<()> {
        match &mut self.ends {
            Ends::Socket(socket) => socket.set_read_timeout(patience),
            Ends::Pair(pair) => {
                pair.patience = patience;
                Ok(())
            }
        }
    }

    /// What was read too much, for the next read.
    pub fn give_back(&mut self, bytes: &[u8]) {
        self.ahead.splice(0..0, bytes.iter().copied());
    }

    /// Whether a read would not wait.
    pub fn is_ready(&self) -> bool {
        let mut fds = [PollFd::new(self.readable(), PollFlags::POLLIN)];
        !self.ahead.is_empty() || poll(&mut fds, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
    }

    /// What is to be polled before a read.
    pub fn readable(&self) -> BorrowedFd<'_> {
        match &self.ends {
            Ends::Socket(socket) => socket.as_fd(),
            Ends::Pair(pair) => pair.input.as_fd(),
        }
    }

    /// What is to be polled before a write.
    pub fn writable(&self) -> BorrowedFd<'_> {
        match &self.ends {
            Ends::Socket(socket) => socket.as_fd(),
            Ends::Pair(pair) => pair.output.as_fd(),
        }
    }

    /// What has come, without waiting; [`ErrorKind::WouldBlock`] where nothing has.
    pub fn read_now(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.is_ready() {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.read(buffer)
    }

    /// As much as goes out without waiting.
    pub fn write_now(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.ends {
            Ends::Socket(socket) => {
                use nix::sys::socket::{MsgFlags, send};
                use std::os::fd::AsRawFd;
                Ok(send(socket.as_raw_fd(), bytes, MsgFlags::MSG_DONTWAIT)?)
            }
            Ends::Pair(pair) => pair.output.write(bytes),
        }
    }

    /// The same wire, for another thread that writes while this one reads.
    pub fn try_clone(&self) -> io::Result<Self> {
        let ends = match &self.ends {
            Ends::Socket(socket) => Ends::Socket(socket.try_clone()?),
            Ends::Pair(pair) => Ends::Pair(Pair {
                input: pair.input.try_clone()?,
                output: pair.output.try_clone()?,
                patience: pair.patience,
                cut: Arc::clone(&pair.cut),
            }),
        };
        Ok(Self {
            ends,
            ahead: Vec::new(),
        })
    }

    pub fn cutter(&self) -> io::Result<Cutter> {
        Ok(Cutter(match &self.ends {
            Ends::Socket(socket) => CutterOf::Socket(socket.try_clone()?),
            Ends::Pair(pair) => CutterOf::Pair(Arc::clone(&pair.cut)),
        }))
    }
}

impl Cutter {
    /// A reader finds the end, and a writer that nobody reads.
    pub fn cut(&self) {
        match &self.0 {
            // One that is closed already needs no end.
            CutterOf::Socket(socket) => drop(socket.shutdown(Shutdown::Both)),
            CutterOf::Pair(cut) => drop(
                cut.held
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take(),
            ),
        }
    }
}

impl From<UnixStream> for Wire {
    fn from(socket: UnixStream) -> Self {
        Self {
            ends: Ends::Socket(socket),
            ahead: Vec::new(),
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.ahead.is_empty() {
            let count = buffer.len().min(self.ahead.len());
            buffer[..count].copy_from_slice(&self.ahead[..count]);
            self.ahead.drain(..count);
            return Ok(count);
        }
        match &mut self.ends {
            Ends::Socket(socket) => socket.read(buffer),
            Ends::Pair(pair) => pair.read(buffer),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.ends {
            Ends::Socket(socket) => socket.write(bytes),
            Ends::Pair(pair) => pair.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Pair {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.input.read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if !self.wait(&self.input, PollFlags::POLLIN, self.patience)? {
                        return Ok(0);
                    }
                }
                told => return told,
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.output.write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if !self.wait(&self.output, PollFlags::POLLOUT, None)? {
                        return Err(ErrorKind::BrokenPipe.into());
                    }
                }
                told => return told,
            }
        }
    }

    /// Until it can go on; `false` once the wire is cut.
    fn wait(&self, fd: &File, flags: PollFlags, time: Option<Duration>) -> io::Result<bool> {
        let time = time.map_or(PollTimeout::NONE, |time| {
            // Rounded up, so that a short time is not none.
            let time = time.saturating_add(Duration::from_micros(999));
            PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX)
        });
        let cut = PollFd::new(self.cut.is_whole.as_fd(), PollFlags::POLLIN);
        let mut fds = [PollFd::new(fd.as_fd(), flags), cut];
        match poll(&mut fds, time) {
            Ok(0) => Err(ErrorKind::WouldBlock.into()),
            Ok(_) => Ok(fds[1].revents().is_none_or(|now| now.is_empty())),
            Err(nix::errno::Errno::EINTR) => Err(ErrorKind::Interrupted.into()),
            Err(error) => Err(error.into()),
        }
    }
}

fn do_not_block(fd: &OwnedFd) -> io::Result<()> {
    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    let now = OFlag::from_bits_retain(fcntl(fd, FcntlArg::F_GETFL)?);
    fcntl(fd, FcntlArg::F_SETFL(now | OFlag::O_NONBLOCK))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn wire() -> (Wire, OwnedFd, OwnedFd) {
        let (input, theirs) = nix::unistd::pipe().unwrap();
        let (from_us, output) = nix::unistd::pipe().unwrap();
        (Wire::pair(input, output).unwrap(), theirs, from_us)
    }

    #[test]
    fn a_read_of_a_pair_has_a_limit_of_time_and_gives_back_what_is_too_much() {
        let (mut wire, theirs, _from_us) = wire();
        wire.set_read_timeout(Some(Duration::from_millis(1)))
            .unwrap();
        let mut buffer = [0; 8];
        let late = wire.read(&mut buffer).unwrap_err();
        assert_eq!(late.kind(), ErrorKind::WouldBlock);
        File::from(theirs).write_all(b"abc").unwrap();
        assert_eq!(wire.read(&mut buffer).unwrap(), 3);
        wire.give_back(b"bc");
        assert!(wire.is_ready());
        assert_eq!(wire.read(&mut buffer[..1]).unwrap(), 1);
        assert_eq!(buffer[0], b'b');
        assert_eq!(wire.read(&mut buffer).unwrap(), 1);
        assert_eq!(wire.read(&mut buffer).unwrap(), 0);
    }

    #[test]
    fn a_pair_that_is_cut_ends_the_read_that_waits() {
        let (mut wire, _theirs, _from_us) = wire();
        let cutter = wire.cutter().unwrap();
        let reads = std::thread::spawn(move || wire.read(&mut [0; 8]).unwrap());
        cutter.cut();
        assert_eq!(reads.join().unwrap(), 0);
    }
}
