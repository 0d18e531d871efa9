//! The directory of a gate, held open: names are looked up in it and no link is followed, and what
//! is opened is a FIFO of this user's with no second name.

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat};
use nix::unistd::{UnlinkatFlags, geteuid, unlinkat};
use psup_proto::{Code, Failure};
use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

const KNOCK: &str = "psup-gate.knock";
const TICKETS: &str = "psup-gate.tickets";
const PAIR: &str = "psup-gate-";

/// The name of one pair of FIFOs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(u64);

/// What a FIFO is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Knock,
    Tickets,
    /// From the client.
    In(Ticket),
    /// To the client.
    Out(Ticket),
}

pub struct GateDir {
    fd: OwnedFd,
    path: PathBuf,
}

impl Ticket {
    /// As it is written into the FIFO of tickets, in one piece.
    pub const LENGTH: usize = 17;

    pub fn fresh() -> Result<Self, Failure> {
        crate::request_id::fresh_id().map(|id| Self(id as u64))
    }

    pub fn written(self) -> [u8; Self::LENGTH] {
        let mut line = [b'\n'; Self::LENGTH];
        line[..16].copy_from_slice(format!("{:016x}", self.0).as_bytes());
        line
    }

    /// `None` where these bytes are none.
    pub fn parse(line: &[u8]) -> Option<Self> {
        let (digits, newline) = line.split_at_checked(16)?;
        let is_hex = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
        let digits = Some(digits).filter(|digits| newline == b"\n" && digits.iter().all(is_hex))?;
        u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16)
            .ok()
            .map(Self)
    }
}

impl Direction {
    fn name(self) -> String {
        match self {
            Self::Knock => KNOCK.to_owned(),
            Self::Tickets => TICKETS.to_owned(),
            Self::In(Ticket(number)) => format!("{PAIR}{number:016x}.in"),
            Self::Out(Ticket(number)) => format!("{PAIR}{number:016x}.out"),
        }
    }
}

impl GateDir {
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let fd = nix::fcntl::open(path, flags, Mode::empty()).map_err(|error| {
            let why = match error {
                Errno::ELOOP | Errno::ENOTDIR => "it is a link, or no directory".to_owned(),
                error => error.desc().to_owned(),
            };
            let what = format!("cannot open the gate {}: {why}", path.display());
            Failure::new(Code::Unreachable, what)
                .hint("outside the sandbox, `psup gate DIR` opens one; `psup help gate` tells more")
        })?;
        Ok(Self {
            fd,
            path: path.to_owned(),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Fails unless the directory is this user's, and no other user may change what is in it.
    pub fn must_be_ours(&self) -> Result<(), Failure> {
        let stat =
            fstat(&self.fd).map_err(|e| Failure::system("cannot look at the directory", e))?;
        let path = self.path.display();
        if stat.st_uid != geteuid().as_raw() {
            let what = format!("{path} belongs to user {}", stat.st_uid);
            return Err(Failure::new(Code::System, what)
                .hint("a gate is opened in a directory of your own"));
        }
        if stat.st_mode & 0o022 != 0 {
            let what = format!("other users may write in {path}");
            return Err(
                Failure::new(Code::System, what).hint(format!("`chmod go-w {path}` changes that"))
            );
        }
        Ok(())
    }

    /// One gate at a time: held for as long as this directory is open.
    pub fn lock(&self) -> Result<(), Failure> {
        // SAFETY: the descriptor is ours and open.
        let locked = unsafe {
            use std::os::fd::AsRawFd;
            libc::flock(self.fd.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB)
        };
        if locked == 0 {
            return Ok(());
        }
        let what = format!("a gate is open in {} already", self.path.display());
        Err(Failure::new(Code::System, what))
    }

    /// Makes a FIFO; there must be nothing of its name.
    pub fn make(&self, what: Direction) -> Result<(), Failure> {
        let name = what.name();
        let mode = Mode::S_IRUSR | Mode::S_IWUSR;
        make_fifo(&self.fd, &name, mode)
            .map_err(|e| Failure::system(self.told("cannot make", &name), e))
    }

    /// Opens a FIFO without waiting for the other side.
    pub fn open_fifo(&self, what: Direction, access: OFlag) -> io::Result<OwnedFd> {
        let flags = access | OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let fd = openat(&self.fd, what.name().as_str(), flags, Mode::empty())?;
        if is_our_fifo(&fstat(fd.as_fd())?) {
            Ok(fd)
        } else {
            Err(Errno::EPERM.into())
        }
    }

    /// Takes a name away, if what has it is a FIFO of ours.
    pub fn remove(&self, what: Direction) {
        self.remove_name(OsStr::new(&what.name()));
    }

    /// Takes away what a gate that was killed has left.
    pub fn clean(&self) {
        let Ok(fd) = self.fd.try_clone() else { return };
        let Ok(mut dir) = Dir::from_fd(fd) else {
            return;
        };
        let names: Vec<_> = dir.iter().filter_map(Result::ok).collect();
        for entry in names {
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == KNOCK || name == TICKETS || name.as_bytes().starts_with(PAIR.as_bytes()) {
                self.remove_name(name);
            }
        }
    }

    fn remove_name(&self, name: &OsStr) {
        let stat = fstatat(&self.fd, name, AtFlags::AT_SYMLINK_NOFOLLOW);
        if stat.is_ok_and(|stat| is_our_fifo(&stat)) {
            // What cannot be taken away stays.
            let _ = unlinkat(&self.fd, name, UnlinkatFlags::NoRemoveDir);
        }
    }

    fn told(&self, what: &str, name: &str) -> String {
        format!("{what} {}/{name}", self.path.display())
    }
}

fn is_our_fifo(stat: &FileStat) -> bool {
    let kind = SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT;
    kind == SFlag::S_IFIFO && stat.st_uid == geteuid().as_raw() && stat.st_nlink == 1
}

#[cfg(not(target_os = "macos"))]
fn make_fifo(dir: &OwnedFd, name: &str, mode: Mode) -> nix::Result<()> {
    nix::unistd::mkfifoat(dir, name, mode)
}

/// macOS has it since 13, and nix does not.
#[cfg(target_os = "macos")]
fn make_fifo(dir: &OwnedFd, name: &str, mode: Mode) -> nix::Result<()> {
    use std::os::fd::AsRawFd;
    let name = std::ffi::CString::new(name).map_err(|_| Errno::EINVAL)?;
    // SAFETY: the descriptor is open, and the name ends in a zero.
    Errno::result(unsafe { libc::mkfifoat(dir.as_raw_fd(), name.as_ptr(), mode.bits()) }).map(drop)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::symlink;

    /// A gate's directory in a place of its own.
    fn gate() -> (PathBuf, GateDir) {
        let path =
            std::env::temp_dir().join(format!("psup-gate-{:016x}", Ticket::fresh().unwrap().0));
        std::fs::create_dir(&path).unwrap();
        let dir = GateDir::open(&path).unwrap();
        (path, dir)
    }

    #[test]
    fn a_ticket_is_sixteen_digits_and_nothing_else() {
        let ticket = Ticket::fresh().unwrap();
        assert_eq!(Ticket::parse(&ticket.written()), Some(ticket));
        for bad in [
            &b"../../../../etc/\n"[..],
            b"0123456789ABCDEF\n",
            b"+123456789abcdef\n",
            b"0123456789abcdef",
            b"0123456789abcdefg",
        ] {
            assert_eq!(Ticket::parse(bad), None);
        }
    }

    #[test]
    fn what_is_opened_is_a_fifo_of_ours_and_no_link() {
        let (path, dir) = gate();
        let open = |what| dir.open_fifo(what, OFlag::O_RDWR);
        dir.make(Direction::Knock).unwrap();
        assert!(open(Direction::Knock).is_ok());
        assert!(dir.make(Direction::Knock).is_err());
        // A second name for it, perhaps of a FIFO that is not the gate's.
        std::fs::hard_link(path.join(KNOCK), path.join("other")).unwrap();
        assert!(open(Direction::Knock).is_err());
        std::fs::write(path.join("mine"), "x").unwrap();
        symlink("other", path.join(TICKETS)).unwrap();
        assert!(open(Direction::Tickets).is_err());
        dir.remove(Direction::Tickets);
        assert!(
            path.join(TICKETS).is_symlink(),
            "what is not the gate's stays"
        );
        std::fs::rename(path.join("mine"), path.join(TICKETS)).unwrap();
        assert!(open(Direction::Tickets).is_err());
        std::fs::remove_file(path.join("other")).unwrap();
        dir.clean();
        assert!(!path.join(KNOCK).exists());
        assert!(path.join(TICKETS).exists());
        std::fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn a_gate_is_in_a_directory_that_only_we_may_write() {
        use std::os::unix::fs::PermissionsExt;
        let (path, dir) = gate();
        assert_eq!(dir.must_be_ours(), Ok(()));
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o770)).unwrap();
        assert!(dir.must_be_ours().is_err());
        symlink(&path, path.join("link")).unwrap();
        assert!(GateDir::open(&path.join("link")).is_err());
        std::fs::remove_dir_all(&path).unwrap();
    }
}
