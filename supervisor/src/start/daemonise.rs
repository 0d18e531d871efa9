//! The double fork: a guardian in a session of its own, with nothing of its starter left in it.
//!
//! Everything is prepared before the fork, because a client may be part of a program with threads:
//! between fork and exec there are only async-signal-safe calls. The exec matters: a fork alone
//! keeps the starter's environment where killers by environment marker look for it. The starter
//! hears through a pipe when the first worker is ready.

use super::unreachable::unreachable;
use crate::handover::fd_table::{FREE, Facts, PROGRAM, TABLE, Table};
use crate::handover::names;
use crate::platform::program::{self, Image};
use crate::platform::{descriptors, process_setup};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{ForkResult, fork, pipe};
use psup_proto::Failure;
use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStringExt;
use std::time::{Duration, Instant};

/// A supervisor is ready in milliseconds; this is for a machine in trouble.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// Numbers below this are where the guardian expects things; what we prepare lies above.
const PREPARED: RawFd = 16;
/// The ready pipe's number in the guardian, told in its table.
const READY: RawFd = FREE;
/// The first of those that a service manager kept.
const HELD: RawFd = READY + 1;
/// More sentence than the guardian ever says.
const SENTENCE: usize = 1024;

/// What the last child needs, laid out before the fork.
struct Plan {
    image: Image,
    null: OwnedFd,
    table: OwnedFd,
    program: OwnedFd,
    ready: OwnedFd,
    /// `cgroup.procs` of the cgroup to move to.
    cgroup: Option<OwnedFd>,
    /// What a service manager kept of the supervisor before.
    held: Vec<OwnedFd>,
}

/// Starts a guardian and waits until its first worker is ready, or until it says that another
/// supervisor is alive.
pub(super) fn start(
    facts: &Facts,
    cgroup: Option<&File>,
    held: &[(String, OwnedFd)],
) -> Result<(), Failure> {
    let (heard, plan) = prepare(facts, cgroup, held)
        .map_err(|e| Failure::system("cannot prepare a supervisor", e))?;
    // SAFETY: the child calls only async-signal-safe functions until it execs or exits.
    let child = match unsafe { fork() }.map_err(|e| Failure::system("cannot fork", e))? {
        ForkResult::Child => first_child(&plan),
        ForkResult::Parent { child } => child,
    };
    drop(plan);
    // It ends at once. If the caller ignores SIGCHLD there is nothing to wait for.
    while nix::sys::wait::waitpid(child, None) == Err(Errno::EINTR) {}
    hear(heard)
}

fn prepare(
    facts: &Facts,
    cgroup: Option<&File>,
    held: &[(String, OwnedFd)],
) -> io::Result<(File, Plan)> {
    let (heard, ready) = pipe()?;
    for end in [&heard, &ready] {
        descriptors::set_inherited(end.as_raw_fd(), false)?;
    }
    let table = Table {
        facts: facts.clone(),
        fds: [("ready".into(), READY)]
            .into_iter()
            .chain(
                held.iter()
                    .zip(HELD..)
                    .map(|((name, _), number)| (name.clone(), number)),
            )
            .collect(),
        ..Table::default()
    };
    let null = File::options().read(true).write(true).open("/dev/null")?;
    let above = PREPARED + held.len() as RawFd;
    let up = |fd: BorrowedFd<'_>| descriptors::above(fd, above);
    let plan = Plan {
        image: Image::new(&[names::GUARDIAN], minimal_environment()),
        null: up(null.as_fd())?,
        table: up(table.write()?.as_fd())?,
        program: up(program::own()?.as_fd())?,
        ready: up(ready.as_fd())?,
        cgroup: cgroup.map(|file| up(file.as_fd())).transpose()?,
        held: held
            .iter()
            .map(|(_, fd)| up(fd.as_fd()))
            .collect::<io::Result<_>>()?,
    };
    Ok((heard.into(), plan))
}

/// Only what a program needs to be itself: no markers, no tokens, nothing of the caller's session.
fn minimal_environment() -> Vec<CString> {
    let kept = ["HOME", "PATH", "USER", "LOGNAME", "LANG"];
    let value = |name: &str| std::env::var_os(name).map(OsStringExt::into_vec);
    let mut all: Vec<CString> = kept
        .iter()
        .filter_map(|name| program::entry(name.as_bytes().to_vec(), value(name)?))
        .collect();
    if std::env::var_os("PATH").is_none() {
        all.push(c"PATH=/usr/local/bin:/usr/bin:/bin".to_owned());
    }
    let login = super::systemd::login_directory();
    all.extend(login.and_then(|dir| {
        program::entry(b"XDG_RUNTIME_DIR".to_vec(), dir.into_os_string().into_vec())
    }));
    all
}

fn first_child(plan: &Plan) -> ! {
    // SAFETY: all of these are async-signal-safe and touch no memory of ours.
    unsafe {
        libc::setsid();
        match libc::fork() {
            0 => second_child(plan),
            pid => libc::_exit(i32::from(pid < 0)),
        }
    }
}

fn second_child(plan: &Plan) -> ! {
    // SAFETY: all of these are async-signal-safe; the strings are constants.
    unsafe {
        libc::umask(0o077);
        libc::chdir(c"/".as_ptr());
        if let Some(procs) = &plan.cgroup
            && libc::write(procs.as_raw_fd(), c"0".as_ptr().cast(), 1) != 1
        {
            libc::_exit(1);
        }
    }
    let null = plan.null.as_raw_fd();
    let places = [
        (plan.table.as_raw_fd(), TABLE),
        (plan.program.as_raw_fd(), PROGRAM),
        (plan.ready.as_raw_fd(), READY),
    ];
    for number in 0..FREE {
        // What cannot be placed is found missing by the guardian.
        let _ = descriptors::place(null, number);
    }
    for (fd, number) in places {
        let _ = descriptors::place(fd, number);
    }
    for (fd, number) in plan.held.iter().zip(HELD..) {
        let _ = descriptors::place(fd.as_raw_fd(), number);
    }
    descriptors::close_from(HELD + plan.held.len() as RawFd);
    process_setup::default_signals();
    process_setup::ignore_stray_signals();
    plan.image.exec(PROGRAM);
    // SAFETY: ends the child without running anything of the caller's.
    unsafe { libc::_exit(127) }
}

/// Waits for the word of the guardian.
fn hear(mut heard: File) -> Result<(), Failure> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match poll(
            &mut [PollFd::new(heard.as_fd(), PollFlags::POLLIN)],
            timeout,
        ) {
            Err(Errno::EINTR) => {}
            Err(error) => return Err(Failure::system("cannot wait for the supervisor", error)),
            Ok(0) => {
                return Err(unreachable(format!(
                    "the supervisor was not ready within {} s",
                    PATIENCE.as_secs()
                )));
            }
            Ok(_) => break,
        }
    }
    let mut words = [0; SENTENCE];
    // One read has it all: the guardian writes once, and less than a pipe takes in one piece.
    let length = heard
        .read(&mut words)
        .map_err(|e| Failure::system("cannot hear the supervisor", e))?;
    match words[..length].split_first() {
        Some((b'+', _)) => Ok(()),
        Some((_, sentence)) => Err(unreachable(String::from_utf8_lossy(sentence))),
        None => Err(unreachable("the supervisor ended before it was ready")),
    }
}
