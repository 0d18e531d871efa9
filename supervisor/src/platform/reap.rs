//! How children ended: kept before it can be lost.
//!
//! A zombie is the durable store of its status until it is reaped. So each is looked at first, its
//! status recorded, and only then reaped; a kill in between changes nothing. `waitid` is called
//! directly: the usual wrappers refuse the status of a child ended by a real-time signal.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Reaps every child that has ended, after `record` has been told its pid and the raw status of
/// `wait(2)`. Returns the pids of those of which that could be recorded.
pub fn reap_children(mut record: impl FnMut(i32, i32) -> bool) -> Vec<i32> {
    let mut recorded = Vec::new();
    while let Some((pid, raw)) = next_zombie() {
        if record(pid, raw) {
            recorded.push(pid);
        }
        if !reap(pid) {
            // Somebody else reaps here too; without this we could look at the same one for ever.
            break;
        }
    }
    recorded
}

/// A child that has ended, by pid and the raw status of `wait(2)`, left as it is.
pub fn next_zombie() -> Option<(i32, i32)> {
    look(libc::P_ALL, 0, libc::WEXITED | libc::WNOWAIT)
}

/// Lets the kernel forget a child that has ended. Whether there was one.
pub fn reap(pid: i32) -> bool {
    look(libc::P_PID, pid, libc::WEXITED).is_some()
}

/// Whether a child was stopped by a signal since the last look.
pub fn is_stopped(pid: i32) -> bool {
    look(libc::P_PID, pid, libc::WSTOPPED).is_some()
}

/// The raw status of a process that is not our child, once it has ended; none while it runs or if
/// it cannot be known.
pub fn exit_of_stranger(pidfd: Option<BorrowedFd<'_>>, pid: i32) -> Option<i32> {
    pidfd
        .and_then(exit_by_pidfd)
        .or_else(|| exit_of_zombie(pid))
}

/// One child to which `how` applies, and its raw status. Never waits.
fn look(which: libc::idtype_t, pid: i32, how: i32) -> Option<(i32, i32)> {
    // SAFETY: a siginfo of zeros is valid; waitid fills it.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: `info` is ours.
        if unsafe { libc::waitid(which, pid as libc::id_t, &raw mut info, libc::WNOHANG | how) }
            == 0
        {
            break;
        }
        if io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            return None;
        }
    }
    // SAFETY: after success these fields are set, or zero when nobody has ended.
    let (pid, status) = unsafe { (info.si_pid(), info.si_status()) };
    (pid != 0).then(|| (pid, raw_status(info.si_code, status)))
}

/// What `wait(2)` would have given.
fn raw_status(code: i32, status: i32) -> i32 {
    match code {
        libc::CLD_EXITED => (status & 0xff) << 8,
        libc::CLD_DUMPED => (status & 0x7f) | 0x80,
        _ => status & 0x7f,
    }
}

/// Linux 6.15 and later keep the status with the pidfd.
#[cfg(target_os = "linux")]
fn exit_by_pidfd(pidfd: BorrowedFd<'_>) -> Option<i32> {
    /// `struct pidfd_info` of the kernel, in its first published size.
    #[repr(C)]
    #[derive(Default)]
    struct Info {
        mask: u64,
        cgroup: u64,
        ids: [u32; 11],
        exit_code: i32,
    }
    const INFO_EXIT: u64 = 1 << 3;
    // _IOWR(0xFF, 11, struct pidfd_info): 0xFF and 11 are the low bytes.
    const GET_INFO: u64 = (3 << 30) | ((std::mem::size_of::<Info>() as u64) << 16) | 0xFF0B;
    let mut info = Info {
        mask: INFO_EXIT,
        ..Info::default()
    };
    // SAFETY: the request reads and writes an Info, whose size is part of its number.
    let got = unsafe { libc::ioctl(pidfd.as_raw_fd(), GET_INFO as _, &raw mut info) };
    (got == 0 && info.mask & INFO_EXIT != 0).then_some(info.exit_code)
}

#[cfg(not(target_os = "linux"))]
fn exit_by_pidfd(_pidfd: BorrowedFd<'_>) -> Option<i32> {
    None
}

/// A zombie tells its status, to the same user, in the last field of its stat line.
fn exit_of_zombie(pid: i32) -> Option<i32> {
    let stat = super::process::Stat::of(pid)?;
    (stat.state == b'Z').then_some(stat.exit_code).flatten()
}

/// Tests that have children go one after the other: the process that reaps takes every child, and a
/// forked one holds what others have open.
#[cfg(test)]
pub fn turn() -> std::sync::MutexGuard<'static, ()> {
    static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
    TURN.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
