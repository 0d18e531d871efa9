//! What a process sleeps in: a read of its terminal, a poll of it, or something else.
//!
//! Linux tells the system call of a thread that sleeps, and its arguments, to any process that may
//! trace it; the place in the kernel where it sleeps it tells to more. Every thread is looked at,
//! because a runtime may read its input on any of them. Other systems tell neither, and there the
//! answer is that it is not known.

use super::process::Stat;

/// What a process is doing, seen from its terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockedIn {
    /// Running, or asleep for another reason.
    No,
    Unknown,
    /// Until one of several things happens, and the terminal is one of them or that cannot be seen.
    InPoll,
    InRead,
}

#[cfg(not(target_os = "linux"))]
pub fn blocked_in(_stat: &Stat) -> BlockedIn {
    BlockedIn::Unknown
}

#[cfg(target_os = "linux")]
pub use linux::blocked_in;

#[cfg(target_os = "linux")]
mod linux {
    use super::{BlockedIn, Stat};
    use std::collections::BTreeMap;
    use std::fs;
    use std::os::unix::fs::{FileExt, MetadataExt};

    /// Threads looked at in one process. Beyond them it is not known what it does.
    const THREADS: usize = 512;
    /// Descriptors looked at in one poll; the system's own usual limit of open files.
    const DESCRIPTORS: usize = 1024;
    /// The device number of `/dev/tty`, which stands for the process's own terminal.
    const DEV_TTY: (u32, u32) = (5, 0);

    #[cfg(target_arch = "x86_64")]
    const POLL: &[i64] = &[libc::SYS_poll, libc::SYS_ppoll];
    #[cfg(target_arch = "x86_64")]
    const SELECT: &[i64] = &[libc::SYS_select, libc::SYS_pselect6];
    #[cfg(target_arch = "x86_64")]
    const EPOLL: &[i64] = &[
        libc::SYS_epoll_wait,
        libc::SYS_epoll_pwait,
        libc::SYS_epoll_pwait2,
    ];
    /// Newer architectures have only the newer calls.
    #[cfg(not(target_arch = "x86_64"))]
    const POLL: &[i64] = &[libc::SYS_ppoll];
    #[cfg(not(target_arch = "x86_64"))]
    const SELECT: &[i64] = &[libc::SYS_pselect6];
    #[cfg(not(target_arch = "x86_64"))]
    const EPOLL: &[i64] = &[libc::SYS_epoll_pwait, libc::SYS_epoll_pwait2];

    /// What the process does, by the thread that says most of it.
    pub fn blocked_in(stat: &Stat) -> BlockedIn {
        let mut threads = threads(stat.pid);
        if threads.len() > THREADS {
            return BlockedIn::Unknown;
        }
        // The main thread first: it is the one that reads, most of the time.
        threads.sort_by_key(|thread| *thread != stat.pid);
        let mut most = BlockedIn::No;
        for thread in threads {
            most = most.max(thread_asleep(stat, thread));
            if most == BlockedIn::InRead {
                break;
            }
        }
        most
    }

    fn threads(pid: i32) -> Vec<i32> {
        let entries = fs::read_dir(format!("/proc/{pid}/task"))
            .into_iter()
            .flatten()
            .flatten();
        entries
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect()
    }

    fn thread_asleep(stat: &Stat, thread: i32) -> BlockedIn {
        let task = format!("{}/task/{thread}", stat.pid);
        if let Some(call) = crate::platform::process::told(&task, "syscall") {
            return match Call::parse(&String::from_utf8_lossy(&call)) {
                Some(call) => call.blocked_in(stat),
                // It runs, or sleeps in no system call.
                None => BlockedIn::No,
            };
        }
        let sleeps =
            crate::platform::process::told(&task, "stat").and_then(|line| Stat::parse(&line));
        if sleeps.is_none_or(|thread| thread.state != b'S') {
            return BlockedIn::No;
        }
        let place = crate::platform::process::told(&task, "wchan").unwrap_or_default();
        match &*String::from_utf8_lossy(&place) {
            "" | "0" => BlockedIn::Unknown,
            place if place.starts_with("wait_woken") || place.starts_with("n_tty_read") => {
                BlockedIn::InRead
            }
            place
                if ["poll", "select", "epoll"]
                    .iter()
                    .any(|part| place.contains(part)) =>
            {
                BlockedIn::InPoll
            }
            _ => BlockedIn::No,
        }
    }

    /// A system call that a thread sleeps in.
    struct Call {
        number: i64,
        first: u64,
        second: u64,
    }

    impl Call {
        /// `0 0x3 0x7ffc… …`: the number and the arguments.
        fn parse(line: &str) -> Option<Self> {
            let mut fields = line.split_ascii_whitespace();
            let number = fields.next()?.parse().ok()?;
            let mut argument =
                || u64::from_str_radix(fields.next()?.trim_start_matches("0x"), 16).ok();
            Some(Self {
                number,
                first: argument().unwrap_or(0),
                second: argument().unwrap_or(0),
            })
        }

        fn blocked_in(&self, stat: &Stat) -> BlockedIn {
            let mut terminals = Terminals::of(stat);
            if [libc::SYS_read, libc::SYS_readv].contains(&self.number) {
                return if terminals.has(self.first) {
                    BlockedIn::InRead
                } else {
                    BlockedIn::No
                };
            }
            let polled = if POLL.contains(&self.number) {
                polled(stat.pid, self.first, self.second)
            } else if SELECT.contains(&self.number) {
                selected(stat.pid, self.first, self.second)
            } else if EPOLL.contains(&self.number) {
                watched(stat.pid, self.first)
            } else {
                return BlockedIn::No;
            };
            match polled {
                Some(polled) if !polled.iter().any(|fd| terminals.has(*fd)) => BlockedIn::No,
                Some(_) | None => BlockedIn::InPoll,
            }
        }
    }

    /// Which descriptors of a process are its terminal.
    struct Terminals {
        pid: i32,
        terminal: (u32, u32),
        known: BTreeMap<u64, bool>,
    }

    impl Terminals {
        fn of(stat: &Stat) -> Self {
            let device = stat.terminal.cast_unsigned();
            Self {
                pid: stat.pid,
                terminal: (
                    (device >> 8) & 0xfff,
                    (device & 0xff) | ((device >> 12) & 0xf_ff00),
                ),
                known: BTreeMap::new(),
            }
        }

        fn has(&mut self, fd: u64) -> bool {
            let (pid, terminal) = (self.pid, self.terminal);
            *self.known.entry(fd).or_insert_with(|| {
                let device = fs::metadata(format!("/proc/{pid}/fd/{fd}")).map(|file| file.rdev());
                device.is_ok_and(|device| {
                    let device = (libc::major(device), libc::minor(device));
                    device == terminal || device == DEV_TTY
                })
            })
        }
    }

    /// The descriptors that a `poll` waits on for input; `None` where the process's memory cannot
    /// be read.
    fn polled(pid: i32, at: u64, count: u64) -> Option<Vec<u64>> {
        let count = usize::try_from(count)
            .ok()
            .filter(|count| *count <= DESCRIPTORS)?;
        let memory = memory(pid, at, count * size_of::<libc::pollfd>())?;
        let entries = memory.chunks_exact(size_of::<libc::pollfd>());
        let input = |entry: &[u8]| {
            let (fd, events) = entry.split_first_chunk::<4>()?;
            let events = i16::from_ne_bytes(*events.first_chunk()?);
            let fd = u64::try_from(i32::from_ne_bytes(*fd)).ok()?;
            (events & (libc::POLLIN | libc::POLLRDNORM) != 0).then_some(fd)
        };
        Some(entries.filter_map(input).collect())
    }

    /// The descriptors that a `select` waits on for input.
    fn selected(pid: i32, count: u64, at: u64) -> Option<Vec<u64>> {
        if at == 0 {
            return Some(Vec::new());
        }
        let count = usize::try_from(count)
            .ok()
            .filter(|count| *count <= DESCRIPTORS)?;
        let memory = memory(pid, at, count.div_ceil(64) * 8)?;
        let is_set = |fd: &usize| memory[fd / 8] & (1 << (fd % 8)) != 0;
        Some((0..count).filter(is_set).map(|fd| fd as u64).collect())
    }

    /// The descriptors that an `epoll_wait` waits on for input.
    fn watched(pid: i32, epoll: u64) -> Option<Vec<u64>> {
        let text = fs::read_to_string(format!("/proc/{pid}/fdinfo/{epoll}")).ok()?;
        let input = |line: &str| {
            let mut fields = line.strip_prefix("tfd:")?.split_ascii_whitespace();
            let fd = fields.next()?.parse().ok()?;
            let events = u32::from_str_radix(fields.nth(1)?, 16).ok()?;
            (events & (libc::EPOLLIN | libc::EPOLLRDNORM).cast_unsigned() != 0).then_some(fd)
        };
        Some(text.lines().filter_map(input).collect())
    }

    fn memory(pid: i32, at: u64, length: usize) -> Option<Vec<u8>> {
        let mut memory = vec![0; length];
        let file = fs::File::open(format!("/proc/{pid}/mem")).ok()?;
        file.read_exact_at(&mut memory, at).ok()?;
        Some(memory)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_call_is_a_number_and_arguments() {
            let call = Call::parse("7 0x7ffc0a 0x2 0xffffffff 0x0 0x0 0x0 0x7ff 0x7f1\n");
            assert!(call.is_some_and(|c| (c.number, c.first, c.second) == (7, 0x7f_fc0a, 2)));
            assert!(Call::parse("running\n").is_none());
        }

        #[test]
        fn a_terminal_is_known_by_its_device_number() {
            let stat = |terminal| Stat {
                pid: std::process::id().cast_signed(),
                name: String::new(),
                state: b'S',
                parent: 1,
                group: 1,
                session: 1,
                terminal,
                start_time: 0,
                cpu_time: 0,
                exit_code: None,
            };
            // /dev/pts/300 is major 137, minor 44: the kernel packs the two.
            assert_eq!(Terminals::of(&stat((137 << 8) | 0x2c)).terminal, (137, 44));
            assert_eq!(
                Terminals::of(&stat((136 << 8) | 0x10_0001)).terminal,
                (136, 0x101)
            );
        }
    }
}
