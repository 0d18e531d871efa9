//! What guardian and worker say to each other: datagrams on a socket pair,
//! `{kind u8, version u8, length u16}` and a payload, with at most one descriptor. Kinds and layout
//! are frozen: an old worker and a new guardian meet during every upgrade.

use crate::platform::descriptors;
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, UnixAddr,
    recvmsg, sendmsg, socketpair,
};
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

const VERSION: u8 = 1;
/// The longest name of a descriptor: `pidfd:` and 32 hex digits fit twice.
pub(super) const NAME: usize = 64;
const HEADER: usize = 4;

/// From the worker.
#[derive(Debug)]
pub(super) enum ToGuardian {
    Hold(String, OwnedFd),
    Release(String),
    Ready,
    /// The program, and the id by which the client will ask how it went.
    Upgrade(OwnedFd, u128),
    Bye,
}

/// From the guardian.
#[derive(Debug)]
pub enum ToWorker {
    /// Look at the ring headers: an adopted child may have ended.
    Poke,
    /// Finish and exit 0; the next worker takes over.
    Quit,
    /// Stop all sessions, then say goodbye.
    Stop,
    UpgradeFailed(i32),
    /// The socket had vanished and was bound again: accept from this listener; the old one can be
    /// closed.
    Listener(OwnedFd),
}

/// One datagram as it came.
pub struct Message {
    kind: u8,
    payload: Vec<u8>,
    fd: Option<OwnedFd>,
}

/// What there was to receive.
pub(super) enum Incoming {
    Message(Message),
    Nothing,
    /// The other end is gone and everything it said has been received.
    End,
}

mod kind {
    pub(super) const HOLD: u8 = 1;
    pub(super) const RELEASE: u8 = 2;
    pub(super) const READY: u8 = 3;
    pub(super) const UPGRADE: u8 = 4;
    pub(super) const BYE: u8 = 5;
    pub(super) const POKE: u8 = 16;
    pub(super) const QUIT: u8 = 17;
    pub(super) const STOP: u8 = 18;
    pub(super) const UPGRADE_FAILED: u8 = 19;
    pub(super) const LISTENER: u8 = 20;
}

impl ToGuardian {
    pub(super) fn send(&self, to: BorrowedFd<'_>) -> io::Result<()> {
        match self {
            Self::Hold(name, fd) => send(to, kind::HOLD, name.as_bytes(), Some(fd.as_raw_fd())),
            Self::Release(name) => send(to, kind::RELEASE, name.as_bytes(), None),
            Self::Ready => send(to, kind::READY, &[], None),
            Self::Upgrade(fd, id) => {
                send(to, kind::UPGRADE, &id.to_le_bytes(), Some(fd.as_raw_fd()))
            }
            Self::Bye => send(to, kind::BYE, &[], None),
        }
    }

    /// `None` for what this build does not understand.
    pub(super) fn parse(message: Message) -> Option<Self> {
        let name = |payload: Vec<u8>| {
            String::from_utf8(payload)
                .ok()
                .filter(|n| n.is_ascii() && !n.is_empty() && n.len() <= NAME)
        };
        Some(match message.kind {
            kind::HOLD => Self::Hold(name(message.payload)?, message.fd?),
            kind::RELEASE => Self::Release(name(message.payload)?),
            kind::READY => Self::Ready,
            kind::UPGRADE => Self::Upgrade(
                message.fd?,
                u128::from_le_bytes(message.payload.try_into().ok()?),
            ),
            kind::BYE => Self::Bye,
            _ => return None,
        })
    }
}

impl ToWorker {
    pub fn send(&self, to: BorrowedFd<'_>) -> io::Result<()> {
        match self {
            Self::Poke => send(to, kind::POKE, &[], None),
            Self::Quit => send(to, kind::QUIT, &[], None),
            Self::Stop => send(to, kind::STOP, &[], None),
            Self::UpgradeFailed(errno) => {
                send(to, kind::UPGRADE_FAILED, &errno.to_le_bytes(), None)
            }
            Self::Listener(fd) => send(to, kind::LISTENER, &[], Some(fd.as_raw_fd())),
        }
    }

    /// `None` for what this build does not understand.
    pub fn parse(message: Message) -> Option<Self> {
        Some(match message.kind {
            kind::POKE => Self::Poke,
            kind::QUIT => Self::Quit,
            kind::STOP => Self::Stop,
            kind::UPGRADE_FAILED => {
                Self::UpgradeFailed(i32::from_le_bytes(message.payload.try_into().ok()?))
            }
            kind::LISTENER => Self::Listener(message.fd?),
            _ => return None,
        })
    }
}

/// Two ends that keep message boundaries, do not block and are closed by exec.
pub(super) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    #[cfg(target_os = "linux")]
    let (kind, flags) = (
        SockType::SeqPacket,
        SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK,
    );
    #[cfg(target_os = "macos")]
    let (kind, flags) = (SockType::Datagram, SockFlag::empty());
    let ends = socketpair(AddressFamily::Unix, kind, None, flags)?;
    #[cfg(target_os = "macos")]
    for end in [&ends.0, &ends.1] {
        descriptors::set_inherited(end.as_raw_fd(), false)?;
        // SAFETY: F_SETFL takes an int and touches no memory.
        unsafe { libc::fcntl(end.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
    }
    Ok(ends)
}

/// Receives one message, never waiting.
pub(super) fn receive(from: BorrowedFd<'_>) -> io::Result<Incoming> {
    loop {
        match receive_once(from) {
            Err(Errno::EINTR) => {}
            // The other end died with mail unread. The kernel says so once, before it hands out
            // what that end had sent.
            #[cfg(target_os = "linux")]
            Err(Errno::ECONNRESET) => {}
            #[cfg(target_os = "macos")]
            Err(Errno::ECONNRESET) => return Ok(Incoming::End),
            Err(Errno::EAGAIN) => return Ok(Incoming::Nothing),
            Err(error) => return Err(error.into()),
            Ok(received) => return Ok(received),
        }
    }
}

fn receive_once(from: BorrowedFd<'_>) -> nix::Result<Incoming> {
    let mut bytes = [0u8; HEADER + NAME];
    let mut space = nix::cmsg_space!(RawFd);
    #[cfg(target_os = "linux")]
    let flags = MsgFlags::MSG_CMSG_CLOEXEC | MsgFlags::MSG_DONTWAIT;
    #[cfg(target_os = "macos")]
    let flags = MsgFlags::MSG_DONTWAIT;
    let (length, fd) = {
        let mut slices = [IoSliceMut::new(&mut bytes)];
        let message = recvmsg::<UnixAddr>(from.as_raw_fd(), &mut slices, Some(&mut space), flags)?;
        let mut fd = None;
        for control in message.cmsgs()? {
            if let ControlMessageOwned::ScmRights(numbers) = control {
                for number in numbers {
                    // SAFETY: the kernel made this descriptor for us just now. A second one in a
                    // message is closed by this line.
                    fd = Some(unsafe { OwnedFd::from_raw_fd(number) });
                    let _ = descriptors::set_inherited(number, false);
                }
            }
        }
        (message.bytes, fd)
    };
    if length == 0 {
        return Ok(Incoming::End);
    }
    let announced = usize::from(u16::from_le_bytes([bytes[2], bytes[3]]));
    let payload = bytes[HEADER.min(length)..length].to_vec();
    // What is cut short or of another layout is nobody's message; its kind says so to the parser.
    let whole = length >= HEADER && bytes[1] == VERSION && payload.len() == announced;
    let kind = if whole { bytes[0] } else { 0 };
    Ok(Incoming::Message(Message { kind, payload, fd }))
}

/// Sends one message, or says why not at once; it never waits.
pub(super) fn send(
    to: BorrowedFd<'_>,
    kind: u8,
    payload: &[u8],
    fd: Option<RawFd>,
) -> io::Result<()> {
    if payload.len() > NAME {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the name of a descriptor is too long",
        ));
    }
    let length = (payload.len() as u16).to_le_bytes();
    let header = [kind, VERSION, length[0], length[1]];
    let slices = [IoSlice::new(&header), IoSlice::new(payload)];
    let fds = fd.map(|fd| [fd]);
    let rights = fds.as_ref().map(|fds| [ControlMessage::ScmRights(fds)]);
    let control: &[ControlMessage] = rights.as_ref().map_or(&[], |r| r);
    #[cfg(target_os = "linux")]
    let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL;
    #[cfg(target_os = "macos")]
    let flags = MsgFlags::MSG_DONTWAIT;
    loop {
        match sendmsg::<UnixAddr>(to.as_raw_fd(), &slices, control, flags, None) {
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::fd::AsFd;

    fn null() -> OwnedFd {
        std::fs::File::open("/dev/null").unwrap().into()
    }

    fn next(from: &OwnedFd) -> Option<ToGuardian> {
        match receive(from.as_fd()).unwrap() {
            Incoming::Message(message) => ToGuardian::parse(message),
            Incoming::Nothing | Incoming::End => None,
        }
    }

    #[test]
    fn what_a_dead_worker_had_said_is_heard_though_it_died_with_mail_unread() {
        let (guardian, worker) = pair().unwrap();
        ToGuardian::Hold("pty:a".into(), null())
            .send(worker.as_fd())
            .unwrap();
        ToGuardian::Ready.send(worker.as_fd()).unwrap();
        ToWorker::Poke.send(guardian.as_fd()).unwrap();
        drop(worker);
        assert!(matches!(next(&guardian), Some(ToGuardian::Hold(name, _)) if name == "pty:a"));
        assert!(matches!(next(&guardian), Some(ToGuardian::Ready)));
        assert!(matches!(receive(guardian.as_fd()).unwrap(), Incoming::End));
    }

    #[test]
    fn a_message_of_another_layout_is_nobodys() {
        let (guardian, worker) = pair().unwrap();
        let raw = |bytes: &[u8]| {
            nix::sys::socket::send(worker.as_raw_fd(), bytes, MsgFlags::empty()).unwrap()
        };
        for bytes in [
            &b"x"[..],
            &[3, 2, 0, 0],
            &[3, 1, 9, 0],
            &[99, 1, 0, 0],
            &[1, 1, 1, 0, b'a'],
            &[2, 1, 1, 0, 0xff],
            &[3; 200],
        ] {
            raw(bytes);
            assert!(next(&guardian).is_none(), "{bytes:?}");
        }
        raw(&[3, 1, 0, 0]);
        assert!(matches!(next(&guardian), Some(ToGuardian::Ready)));
    }

    #[test]
    fn a_name_that_is_too_long_is_refused_by_its_sender() {
        let (_guardian, worker) = pair().unwrap();
        assert!(
            ToGuardian::Release("x".repeat(NAME + 1))
                .send(worker.as_fd())
                .is_err()
        );
    }

    #[test]
    fn a_guardian_that_hears_nothing_is_told_by_a_full_queue_not_by_waiting() {
        let (_guardian, worker) = pair().unwrap();
        let refusal = (0..100_000)
            .find_map(|_| ToGuardian::Ready.send(worker.as_fd()).err())
            .unwrap();
        assert_eq!(refusal.kind(), io::ErrorKind::WouldBlock);
    }
}
