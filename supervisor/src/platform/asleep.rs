//! What a process sleeps in: a read of a terminal, a poll, or something else.
//!
//! Linux tells the system call of a process that sleeps and its arguments to whoever may trace it, and to everybody the
//! place in the kernel where it sleeps. Other systems tell neither, and the answer there is that it is not known.

use super::process::Stat;

/// What a process is doing, seen from its terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asleep {
    Unknown,
    /// Running, or asleep for another reason.
    No,
    InRead,
    InPoll,
}

#[cfg(target_os = "linux")]
pub fn asleep(stat: &Stat) -> Asleep {
    use super::process::told;
    let pid = stat.pid;
    if stat.state != b'S' {
        return Asleep::No;
    }
    if let Some(call) = told(pid, "syscall") {
        let call = String::from_utf8_lossy(&call);
        let mut fields = call.split_ascii_whitespace();
        let Some(number) = fields.next().and_then(|number| number.parse::<i64>().ok()) else {
            return Asleep::No;
        };
        let first = fields
            .next()
            .and_then(|arg| u64::from_str_radix(arg.trim_start_matches("0x"), 16).ok());
        return if number == libc::SYS_read {
            let fd = first.unwrap_or(0);
            let of_terminal = std::fs::read_link(format!("/proc/{pid}/fd/{fd}"))
                .is_ok_and(|path| path.starts_with("/dev/pts") || path.starts_with("/dev/tty") || path.starts_with("/dev/console"));
            if of_terminal { Asleep::InRead } else { Asleep::No }
        } else if POLLS.contains(&number) {
            Asleep::InPoll
        } else {
            Asleep::No
        };
    }
    let place = told(pid, "wchan").unwrap_or_default();
    match &*String::from_utf8_lossy(&place) {
        "" | "0" => Asleep::Unknown,
        place if place.starts_with("wait_woken") || place.starts_with("n_tty_read") => Asleep::InRead,
        place if ["poll", "select", "epoll"].iter().any(|part| place.contains(part)) => Asleep::InPoll,
        _ => Asleep::No,
    }
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
const POLLS: &[i64] = &[
    libc::SYS_poll,
    libc::SYS_ppoll,
    libc::SYS_select,
    libc::SYS_pselect6,
    libc::SYS_epoll_wait,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
];

/// Newer architectures have only the newer calls.
#[cfg(all(target_os = "linux", not(target_arch = "x86_64")))]
const POLLS: &[i64] = &[libc::SYS_ppoll, libc::SYS_pselect6, libc::SYS_epoll_pwait, libc::SYS_epoll_pwait2];

#[cfg(not(target_os = "linux"))]
pub fn asleep(_stat: &Stat) -> Asleep {
    Asleep::Unknown
}
