//! Starting a child in its terminal.
//!
//! Everything is prepared before the new process exists; in it, only system calls are made until
//! exec, on memory made ready before. What goes wrong there comes back through a pipe that exec
//! closes, by step and errno.

use super::clone::{NewProcess, Outside, spawn};
use super::prepare::{
    Pointers, candidates, cannot_start, environment, process_limit, soft_limit, told_failure,
};
use crate::journal::HeaderRef;
use crate::platform::process::open_pidfd;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::signal::{SigSet, SigmaskHow, pthread_sigmask};
use psup_proto::resources::ResourceLimits;
use psup_proto::{Code, Failure, Spec};
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::Ordering::Release;

/// How a child is to be started.
pub struct Launch<'a> {
    pub spec: &'a Spec,
    /// Set over what the spec has.
    pub extra_env: &'a [(&'a str, &'a str)],
    /// Taken out of what the spec has.
    pub removed_env: &'a [&'a str],
    /// The path of the terminal.
    pub slave: &'a CStr,
    /// Where the child writes its pid, before anything else.
    pub header: HeaderRef,
    /// The soft limit of open files to go back to, where the supervisor has raised its own.
    pub open_files: Option<u64>,
    /// Where it is born, instead of in our own.
    pub cgroup: Option<OwnedFd>,
}

/// A child that runs its program.
pub struct Child {
    pub pid: i32,
    /// None where the system has no pidfds.
    pub pidfd: Option<OwnedFd>,
    /// In the cgroup that was wanted.
    pub confined: bool,
}

/// A child about to be born: everything is there that it needs.
pub struct PreparedChild {
    plan: Plan,
    report: OwnedFd,
    reporter: OwnedFd,
}

/// Why there is no child that runs its program.
pub enum SpawnFailure {
    /// No process could be made.
    ForkFailed(Errno),
    /// What the process told before it ended.
    StepFailed([u8; 8]),
}

/// Makes ready. Nothing here waits for anybody.
pub fn prepare(launch: Launch<'_>) -> Result<PreparedChild, Failure> {
    let cannot = |why: &dyn std::fmt::Display| {
        Failure::new(
            Code::CannotStart,
            format!("{}: {why}", cannot_start(launch.spec)),
        )
    };
    let (report, reporter) = pipe_above_stdio().map_err(|e| cannot(&e.desc()))?;
    let nul = cannot(&"a NUL in its command, directory or environment");
    let plan = Plan::of(launch, reporter.as_raw_fd()).ok_or(nul)?;
    Ok(PreparedChild {
        plan,
        report,
        reporter,
    })
}

impl PreparedChild {
    /// Starts the child and waits until it runs its program, or could not: as long as where its
    /// program and its directory lie takes to answer.
    pub fn spawn(self) -> Result<Child, SpawnFailure> {
        let header = self.plan.header.clone();
        // The child must not run our signal handlers; it opens its mask itself.
        let mut before = SigSet::empty();
        pthread_sigmask(
            SigmaskHow::SIG_SETMASK,
            Some(&SigSet::all()),
            Some(&mut before),
        )
        .map_err(SpawnFailure::ForkFailed)?;
        let born = self.plan.start();
        let restored = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&before), None);
        let NewProcess { pid, confined } = born.map_err(SpawnFailure::ForkFailed)?;
        restored.map_err(SpawnFailure::ForkFailed)?;
        drop(self.reporter);
        let mut told = [0; 8];
        match File::from(self.report).read_exact(&mut told) {
            Ok(()) => {
                reap(pid);
                header.pid.store(0, Release);
                Err(SpawnFailure::StepFailed(told))
            }
            // Closed by exec.
            Err(_) => Ok(Child {
                pid,
                pidfd: open_pidfd(pid).ok(),
                confined,
            }),
        }
    }
}

impl SpawnFailure {
    pub fn told(self, spec: &Spec) -> Failure {
        match self {
            Self::ForkFailed(errno) => Failure::new(
                Code::CannotStart,
                format!("{}: {}", cannot_start(spec), errno.desc()),
            ),
            Self::StepFailed(told) => told_failure(spec, told),
        }
    }
}

/// What a new process does before it is the child. Sent by number through the pipe.
#[derive(Clone, Copy)]
#[repr(i32)]
pub(super) enum Step {
    Session = 1,
    Terminal = 2,
    Directory = 3,
    Program = 4,
    Priority = 5,
}

/// All that the new process needs, in memory of its final shape.
struct Plan {
    candidates: Vec<CString>,
    argv: Pointers,
    /// `/bin/sh`, a place for the script, and the arguments: for a script without `#!`.
    shell_argv: Pointers,
    envp: Pointers,
    cwd: CString,
    slave: CString,
    header: HeaderRef,
    umask: u32,
    open_files: Option<libc::rlimit>,
    processes: Option<libc::rlimit>,
    reporter: RawFd,
    cgroup: Option<OwnedFd>,
    resources: ResourceLimits,
}

impl Plan {
    /// None if a string holds a NUL.
    fn of(launch: Launch<'_>, reporter: RawFd) -> Option<Self> {
        let spec = launch.spec;
        let env = environment(&launch);
        let path = env
            .iter()
            .find(|(name, _)| name == b"PATH")
            .map(|(_, value)| value.as_slice());
        let program = spec.command.first()?;
        let lines = env
            .iter()
            .map(|(name, value)| [name.as_slice(), b"=", value].concat());
        let for_shell = [b"/bin/sh".to_vec(), Vec::new()]
            .into_iter()
            .chain(spec.command.iter().skip(1).cloned());
        Some(Self {
            candidates: candidates(program, path)?,
            argv: Pointers::of(spec.command.iter().cloned())?,
            shell_argv: Pointers::of(for_shell)?,
            envp: Pointers::of(lines)?,
            cwd: CString::new(spec.cwd.clone()).ok()?,
            slave: launch.slave.to_owned(),
            header: launch.header,
            umask: spec.umask,
            open_files: launch.open_files.and_then(soft_limit),
            processes: process_limit(),
            reporter,
            cgroup: launch.cgroup,
            resources: spec.resources,
        })
    }

    /// Makes the process; in it, [`run`](Self::run) goes to work.
    fn start(mut self) -> Result<NewProcess, Errno> {
        extern "C" fn main(plan: *mut libc::c_void) -> libc::c_int {
            // SAFETY: `start` waits until this process has left its memory, and uses nothing of it
            // meanwhile.
            unsafe { (*plan.cast::<Plan>()).run() }
        }
        let cgroup = self.cgroup.take();
        let outside = if self.resources.need_cgroup() && !self.resources.best_effort {
            Outside::Refused
        } else {
            Outside::Allowed
        };
        // SAFETY: `run` makes system calls only, on the plan, which is nobody else's; `spawn` has
        // blocked all signals.
        unsafe {
            spawn(
                main,
                (&raw mut self).cast(),
                cgroup.as_ref().map(AsFd::as_fd),
                outside,
            )
        }
    }

    /// In the new process. System calls only: no allocation, no lock, no panic.
    fn run(&mut self) -> ! {
        // SAFETY: plain system call.
        if !self.header.announce(unsafe { libc::getpid() }) {
            // Anyone who took over has called this start off, and may have begun another one.
            // SAFETY: ends a process that has done nothing.
            unsafe { libc::_exit(127) }
        }
        let (step, errno) = self.become_child();
        self.header.refuse((step as u64) << 32 | errno as u64);
        let mut told = [0; 8];
        told[..4].copy_from_slice(&(step as i32).to_ne_bytes());
        told[4..].copy_from_slice(&(errno as i32).to_ne_bytes());
        // SAFETY: `told` is ours; the process ends at once. Where the worker has been killed nobody
        // reads.
        unsafe {
            libc::signal(libc::SIGPIPE, libc::SIG_IGN);
            libc::write(self.reporter, told.as_ptr().cast(), told.len());
            libc::_exit(127)
        }
    }

    /// Returns only what went wrong.
    fn become_child(&mut self) -> (Step, Errno) {
        // SAFETY: each is a plain system call on prepared memory.
        unsafe {
            default_signals();
            if libc::setsid() < 0 {
                return (Step::Session, Errno::last());
            }
            let terminal = libc::open(self.slave.as_ptr(), libc::O_RDWR | libc::O_NOCTTY);
            if terminal < 0 || libc::ioctl(terminal, libc::TIOCSCTTY as _, 0) < 0 {
                return (Step::Terminal, Errno::last());
            }
            for stdio in 0..3 {
                if libc::dup2(terminal, stdio) < 0 {
                    return (Step::Terminal, Errno::last());
                }
            }
            // Before anything that may take long: it has what belongs to others who are being born,
            // who wait for its end.
            close_all_but(self.reporter);
            libc::umask(self.umask as libc::mode_t);
            ordinary_oom_score();
            if let Some(limit) = &self.open_files {
                libc::setrlimit(libc::RLIMIT_NOFILE, limit);
            }
            if let Some(limit) = &self.processes {
                libc::setrlimit(libc::RLIMIT_NPROC, limit);
            }
            if let Some(nice) = self.resources.nice
                && let Err(errno) = be_nice(nice)
                && !self.resources.best_effort
            {
                return (Step::Priority, errno);
            }
            if libc::chdir(self.cwd.as_ptr()) < 0 {
                return (Step::Directory, Errno::last());
            }
            #[cfg(feature = "fault-injection")]
            crate::fault::tarry();
        }
        (Step::Program, self.exec())
    }

    /// As `execvp` does it: the next candidate if this one is not there, the shell for a script
    /// without `#!`.
    fn exec(&mut self) -> Errno {
        let mut denied = false;
        let mut error = Errno::ENOENT;
        for candidate in &self.candidates {
            // SAFETY: all arrays are null-terminated and point to live strings.
            unsafe {
                libc::execve(
                    candidate.as_ptr(),
                    self.argv.array.as_ptr(),
                    self.envp.array.as_ptr(),
                )
            };
            error = Errno::last();
            match error {
                Errno::EACCES => denied = true,
                Errno::ENOENT
                | Errno::ENOTDIR
                | Errno::ENODEV
                | Errno::ESTALE
                | Errno::ETIMEDOUT => {}
                Errno::ENOEXEC => {
                    if let Some(script) = self.shell_argv.array.get_mut(1) {
                        *script = candidate.as_ptr();
                    }
                    // SAFETY: as above.
                    unsafe {
                        libc::execve(
                            c"/bin/sh".as_ptr(),
                            self.shell_argv.array.as_ptr(),
                            self.envp.array.as_ptr(),
                        )
                    };
                    return error;
                }
                _ => return error,
            }
        }
        if denied { Errno::EACCES } else { error }
    }
}

/// A pipe whose writing end is no standard stream, so that the child's terminal does not replace
/// it.
fn pipe_above_stdio() -> Result<(OwnedFd, OwnedFd), Errno> {
    let (read, write) = nix::unistd::pipe()?;
    let raise = |fd: &OwnedFd| {
        let raised = fcntl(fd, FcntlArg::F_DUPFD_CLOEXEC(3))?;
        // SAFETY: fresh, and nobody else owns it.
        Ok(unsafe { OwnedFd::from_raw_fd(raised) })
    };
    Ok((raise(&read)?, raise(&write)?))
}

/// Ignored signals stay ignored through exec, so each goes back to its default, and none is
/// blocked.
pub(super) unsafe fn default_signals() {
    // SAFETY: zeros are the default action, no flags and no mask; the signals that refuse have no
    // other.
    unsafe {
        for signal in 1..=64 {
            default_signal(signal);
        }
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

/// Past the C library, which keeps two real-time signals to itself; a starter may have ignored even
/// those.
#[cfg(target_os = "linux")]
unsafe fn default_signal(signal: libc::c_int) {
    /// Room for the kernel's `struct sigaction` on every architecture.
    static DEFAULT: [u64; 8] = [0; 8];
    const KERNEL_SIGSET: usize = 8;
    // SAFETY: reads a sigaction of zeros.
    unsafe {
        libc::syscall(
            libc::SYS_rt_sigaction,
            signal,
            DEFAULT.as_ptr(),
            std::ptr::null_mut::<u64>(),
            KERNEL_SIGSET,
        )
    };
}

#[cfg(not(target_os = "linux"))]
unsafe fn default_signal(signal: libc::c_int) {
    // SAFETY: as told by the caller.
    unsafe {
        let default: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, &raw const default, std::ptr::null_mut());
    }
}

/// A starter that wanted to be killed first when memory runs out spoke for itself, not for the
/// child. Best effort.
pub(super) unsafe fn ordinary_oom_score() {
    if cfg!(target_os = "linux") {
        // SAFETY: plain system calls.
        unsafe {
            let file = libc::open(
                c"/proc/self/oom_score_adj".as_ptr(),
                libc::O_WRONLY | libc::O_CLOEXEC,
            );
            if file >= 0 {
                libc::write(file, b"0".as_ptr().cast(), 1);
                libc::close(file);
            }
        }
    }
}

/// The priority of this process and of all that it will start. Where the kernel shares processor
/// time out among terminal sessions, a priority counts only within one, so this one gets it too.
unsafe fn be_nice(nice: i32) -> Result<(), Errno> {
    // SAFETY: plain system calls; the text is on the stack.
    unsafe {
        if libc::setpriority(libc::PRIO_PROCESS as _, 0, nice) < 0 {
            return Err(Errno::last());
        }
        if cfg!(target_os = "linux") {
            let file = libc::open(
                c"/proc/self/autogroup".as_ptr(),
                libc::O_WRONLY | libc::O_CLOEXEC,
            );
            if file >= 0 {
                let tens = (nice.unsigned_abs() / 10) as u8;
                let ones = (nice.unsigned_abs() % 10) as u8;
                let sign = if nice < 0 { b'-' } else { b'0' };
                let text = [sign, b'0' + tens, b'0' + ones];
                libc::write(file, text.as_ptr().cast(), text.len());
                libc::close(file);
            }
        }
    }
    Ok(())
}

unsafe fn close_all_but(keep: RawFd) {
    // SAFETY: closing descriptors of a process that has no owners of them.
    unsafe {
        #[cfg(target_os = "linux")]
        {
            let close =
                |from: RawFd, to: libc::c_uint| libc::syscall(libc::SYS_close_range, from, to, 0);
            let below = if keep > 3 {
                close(3, keep as libc::c_uint - 1)
            } else {
                0
            };
            if below == 0 && close(keep + 1, libc::c_uint::MAX) == 0 {
                return;
            }
        }
        // Older systems: one by one, as far as descriptors can reach.
        let most = libc::sysconf(libc::_SC_OPEN_MAX).clamp(256, 1 << 20) as RawFd;
        for fd in (3..most).filter(|fd| *fd != keep) {
            libc::close(fd);
        }
    }
}

/// Reaps a process that never became the child.
fn reap(pid: i32) {
    while nix::sys::wait::waitpid(nix::unistd::Pid::from_raw(pid), None) == Err(Errno::EINTR) {}
}
