//! Processes as the system tells of them, and signals to them.
//!
//! A pid may be another process a moment later. What is signalled is held by a pidfd, or compared
//! by its start time.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;

/// The parts of `/proc/PID/stat` that are of use here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    pub pid: i32,
    pub name: String,
    pub state: u8,
    pub parent: i32,
    pub group: i32,
    pub session: i32,
    /// Its controlling terminal, as the kernel packs a device number; 0 where there is none.
    pub terminal: i32,
    /// In clock ticks since boot: with the pid, it names one process for good.
    pub start_time: u64,
    /// Of the processor, in clock ticks.
    pub cpu_time: u64,
    /// Only of a zombie, and only to its own user.
    pub exit_code: Option<i32>,
}

impl Stat {
    pub fn of(pid: i32) -> Option<Self> {
        Self::parse(&told(pid, "stat")?)
    }

    /// The name stands in parentheses and may hold any byte, so the last parenthesis ends it.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let open = line.iter().position(|b| *b == b'(')?;
        let close = line.iter().rposition(|b| *b == b')')?;
        let pid = std::str::from_utf8(line.get(..open)?)
            .ok()?
            .trim()
            .parse()
            .ok()?;
        let fields: Vec<&str> = std::str::from_utf8(line.get(close + 1..)?)
            .ok()?
            .split_ascii_whitespace()
            .collect();
        let number = |i: usize| fields.get(i)?.parse::<i32>().ok();
        let ticks = |i: usize| fields.get(i)?.parse::<u64>().ok();
        Some(Self {
            pid,
            name: String::from_utf8_lossy(line.get(open + 1..close)?).into_owned(),
            state: *fields.first()?.as_bytes().first()?,
            parent: number(1)?,
            group: number(2)?,
            session: number(3)?,
            terminal: number(4)?,
            start_time: fields.get(19)?.parse().ok()?,
            cpu_time: ticks(11)? + ticks(12)?,
            exit_code: number(49),
        })
    }

    /// Every process there is.
    pub fn all() -> Vec<Self> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.filter_map(Self::of).collect()
    }

    pub fn is_zombie(&self) -> bool {
        matches!(self.state, b'Z' | b'X')
    }
}

/// One of the short files in which the system tells of a process, or of a thread as `PID/task/TID`.
/// They are made in one piece when they are read, so one read has them; asking for their size and
/// end, as for files, would be three times the work of a list of many sessions.
pub fn told(process: impl std::fmt::Display, what: &str) -> Option<Vec<u8>> {
    use std::io::Read;
    let mut room = [0; 2048];
    let length = fs::File::open(format!("/proc/{process}/{what}"))
        .ok()?
        .read(&mut room)
        .ok()?;
    Some(room[..length].to_vec())
}

pub fn cwd(pid: i32) -> Option<Vec<u8>> {
    let path = fs::read_link(format!("/proc/{pid}/cwd")).ok()?;
    Some(path.into_os_string().into_vec())
}

/// The beginning of a command line; empty where it cannot be read.
pub fn command(pid: i32) -> Vec<Vec<u8>> {
    let mut line = told(pid, "cmdline").unwrap_or_default();
    // Programs that write a title over their arguments leave any number of zeros behind it.
    line.truncate(
        line.iter()
            .rposition(|b| *b != 0)
            .map_or(0, |last| last + 1),
    );
    if line.is_empty() {
        return Vec::new();
    }
    line.split(|b| *b == 0).map(<[u8]>::to_vec).collect()
}

pub fn start_time(pid: i32) -> Option<u64> {
    Stat::of(pid).map(|stat| stat.start_time)
}

/// The processes of a session, zombies left out.
pub fn members_of_session(session: i32) -> Vec<i32> {
    let members = Stat::all()
        .into_iter()
        .filter(|stat| stat.session == session && !stat.is_zombie());
    members.map(|stat| stat.pid).collect()
}

/// Children, their children, and so on; without `pid` itself.
pub fn descendants(pid: i32) -> Vec<i32> {
    descendants_among(&Stat::all().iter(), &[pid])
}

/// Descendants of any of these, in one look at all processes.
pub fn descendants_among<'a>(
    all: &(impl Iterator<Item = &'a Stat> + Clone),
    roots: &[i32],
) -> Vec<i32> {
    let mut found: Vec<i32> = roots.to_vec();
    let mut looked_at = 0;
    while let Some(parent) = found.get(looked_at).copied() {
        looked_at += 1;
        for stat in all.clone().filter(|stat| stat.parent == parent) {
            if !found.contains(&stat.pid) {
                found.push(stat.pid);
            }
        }
    }
    found.split_off(roots.len())
}

/// A handle on this very process: it never comes to mean another. Linux only, from 5.3.
#[cfg(target_os = "linux")]
pub fn open_pidfd(pid: i32) -> io::Result<OwnedFd> {
    // SAFETY: plain system call.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a fresh descriptor (closed on exec by definition) that nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

#[cfg(not(target_os = "linux"))]
pub fn open_pidfd(_pid: i32) -> io::Result<OwnedFd> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The pid of who listens at the other end of a connection.
#[cfg(target_os = "linux")]
pub fn behind(connection: BorrowedFd<'_>) -> Option<i32> {
    let credentials =
        nix::sys::socket::getsockopt(&connection, nix::sys::socket::sockopt::PeerCredentials)
            .ok()?;
    Some(credentials.pid())
}

#[cfg(not(target_os = "linux"))]
pub fn behind(_connection: BorrowedFd<'_>) -> Option<i32> {
    None
}

/// The environment that a process was started with, as far as it has left it there; empty where the
/// system does not tell.
pub fn environment(pid: i32) -> Vec<(Vec<u8>, Vec<u8>)> {
    let bytes = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let entries = bytes.split(|byte| *byte == 0);
    entries
        .filter_map(|entry| {
            let at = entry
                .iter()
                .position(|byte| *byte == b'=')
                .filter(|at| *at > 0)?;
            Some((entry[..at].to_vec(), entry[at + 1..].to_vec()))
        })
        .collect()
}

/// The value that a variable had in the environment a process was started with; none where the
/// system does not tell.
pub fn in_environment(pid: i32, name: &str) -> Option<Vec<u8>> {
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    let mut entries = environment.split(|byte| *byte == 0);
    entries.find_map(|entry| {
        Some(
            entry
                .strip_prefix(name.as_bytes())?
                .strip_prefix(b"=")?
                .to_vec(),
        )
    })
}

/// The words a process was started with; none where the system does not tell.
pub fn arguments(pid: i32) -> Vec<Vec<u8>> {
    let line = told(pid, "cmdline").unwrap_or_default();
    line.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect()
}

/// The user a process belongs to.
pub fn owner(pid: i32) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(format!("/proc/{pid}"))
        .ok()
        .map(|metadata| metadata.uid())
}

/// Signals through the handle where there is one, else by pid.
pub fn signal(pidfd: Option<BorrowedFd<'_>>, pid: i32, signal: i32) -> io::Result<()> {
    let sent = match pidfd {
        Some(pidfd) => signal_pidfd(pidfd, signal),
        // SAFETY: plain system call.
        None => i64::from(unsafe { libc::kill(pid, signal) }),
    };
    if sent == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

#[cfg(target_os = "linux")]
fn signal_pidfd(pidfd: BorrowedFd<'_>, signal: i32) -> i64 {
    // SAFETY: plain system call; no siginfo is given.
    unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            pidfd.as_raw_fd(),
            signal,
            std::ptr::null::<libc::siginfo_t>(),
            0,
        )
    }
}

#[cfg(not(target_os = "linux"))]
fn signal_pidfd(_pidfd: BorrowedFd<'_>, _signal: i32) -> i64 {
    -1
}

/// Resident memory in bytes; 0 where that cannot be known.
pub fn resident(pid: i32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_ascii_whitespace().next()?.parse::<u64>().ok())
        .map_or(0, |kib| kib * 1024)
}

/// Processor time in milliseconds; 0 where that cannot be known.
pub fn cpu_ms(pid: i32) -> u64 {
    let per_second = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK);
    let per_second = per_second.ok().flatten().unwrap_or(100).max(1) as u64;
    Stat::of(pid).map_or(0, |stat| stat.cpu_time * 1000 / per_second)
}

/// Whether a process has chosen to ignore a signal.
pub fn ignores(pid: i32, signal: i32) -> bool {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let mask = text.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0);
    mask & (1 << (signal - 1)) != 0
}

/// Signals a whole process group.
pub fn signal_group(group: i32, signal: i32) -> io::Result<()> {
    // SAFETY: a system call on numbers.
    if unsafe { libc::killpg(group, signal) } == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Whether anybody listens on this TCP port, in the network that process lives in.
pub fn is_port_listening(pid: i32, port: u16) -> bool {
    let listens = |table: &str| {
        let text = fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        text.lines()
            .skip(1)
            .any(|line| listening_port(line) == Some(port))
    };
    listens("tcp") || listens("tcp6")
}

/// `  0: 0100007F:1F90 00000000:0000 0A …`: local address and port, remote, state; 0A is LISTEN.
fn listening_port(line: &str) -> Option<u16> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let (_, port) = fields.next()?.rsplit_once(':')?;
    (fields.nth(1)? == "0A")
        .then(|| u16::from_str_radix(port, 16).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_name_full_of_parentheses_is_still_a_name() {
        let zeros = " 0".repeat(17);
        let line = format!("12 (a) R (b) Z 1 12 12{zeros} 77");
        let line = line.replacen(&zeros, &" 0".repeat(15), 1);
        let stat = Stat::parse(line.as_bytes()).unwrap();
        assert_eq!(
            (stat.name.as_str(), stat.state, stat.parent, stat.start_time),
            ("a) R (b", b'Z', 1, 77)
        );
    }

    #[test]
    fn a_process_knows_itself() {
        let me = std::process::id() as i32;
        let stat = Stat::of(me).unwrap();
        assert_eq!(start_time(me), Some(stat.start_time));
        assert_eq!(
            cwd(me).unwrap(),
            std::env::current_dir().unwrap().into_os_string().into_vec()
        );
        assert!(members_of_session(stat.session).contains(&me));
        assert!(descendants(stat.parent).contains(&me));
        signal(
            Some(std::os::fd::AsFd::as_fd(&open_pidfd(me).unwrap())),
            me,
            0,
        )
        .unwrap();
    }

    #[test]
    fn a_listening_port_is_seen_and_a_connected_one_is_not() {
        let me = std::process::id() as i32;
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = std::net::TcpListener::bind(address) else {
                continue;
            };
            let address = listener.local_addr().unwrap();
            assert!(is_port_listening(me, address.port()), "{address}");
            let client = std::net::TcpStream::connect(address).unwrap();
            assert!(
                !is_port_listening(me, client.local_addr().unwrap().port()),
                "{address}"
            );
        }
    }
}
