//! What a process arranges for its own life: its name, its orphans, its parent's death, the
//! out-of-memory killer.

use std::ffi::CStr;
use std::io;

/// The name `ps` and `pkill` see.
pub fn set_name(name: &CStr) {
    #[cfg(target_os = "linux")]
    // A name that cannot be set costs clarity only.
    let _ = nix::sys::prctl::set_name(name);
    #[cfg(target_os = "macos")]
    let _ = name;
}

/// From now on orphans below this process become its children. Without it (macOS) they go to init
/// and their exits are unknown.
pub fn adopt_orphans() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_child_subreaper(true)?;
    Ok(())
}

/// Does not die with the process that started it.
pub fn outlive_parent() {
    #[cfg(target_os = "linux")]
    // It fails on no known kernel; the default is "none" anyway.
    let _ = nix::sys::prctl::set_pdeathsig(None);
}

/// Tells the out-of-memory killer the first of `scores` that is allowed. Async-signal-safe, so that
/// a child may call it.
pub fn set_oom_score(scores: &[&CStr]) {
    #[cfg(target_os = "linux")]
    for score in scores {
        let bytes = score.to_bytes();
        // SAFETY: the path is a constant, the bytes are borrowed for the call, the descriptor is
        // closed here.
        unsafe {
            let fd = libc::open(
                c"/proc/self/oom_score_adj".as_ptr(),
                libc::O_WRONLY | libc::O_CLOEXEC,
            );
            let written = libc::write(fd, bytes.as_ptr().cast(), bytes.len());
            libc::close(fd);
            if written > 0 {
                return;
            }
        }
    }
    #[cfg(target_os = "macos")]
    let _ = scores;
}

/// Whether a child of this process may have such a priority.
pub fn may_be_nice(nice: i32) -> bool {
    // SAFETY: a plain question.
    let own = unsafe { libc::getpriority(libc::PRIO_PROCESS as _, 0) };
    nice >= own || is_within_nice_limit(nice) || has_capability(CAP_SYS_NICE)
}

/// By its number in the kernel.
const CAP_SYS_NICE: u32 = 23;

#[cfg(target_os = "linux")]
fn is_within_nice_limit(nice: i32) -> bool {
    use nix::sys::resource::{Resource, getrlimit};
    let limit = getrlimit(Resource::RLIMIT_NICE).map_or(0, |(soft, _)| soft);
    u64::try_from(20 - nice).is_ok_and(|wanted| wanted <= limit)
}

#[cfg(not(target_os = "linux"))]
fn is_within_nice_limit(_nice: i32) -> bool {
    false
}

fn has_capability(number: u32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    match status.lines().find_map(|line| line.strip_prefix("CapEff:")) {
        Some(mask) => {
            u64::from_str_radix(mask.trim(), 16).is_ok_and(|mask| mask >> number & 1 == 1)
        }
        None => nix::unistd::geteuid().is_root(),
    }
}

/// Signals as a fresh process has them: all default, none blocked. Async-signal-safe.
pub fn default_signals() {
    // SAFETY: signal and sigprocmask touch only the kernel's tables and a local mask.
    unsafe {
        for signal in 1..32 {
            libc::signal(signal, libc::SIG_DFL);
        }
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

/// Signals by which others mean to end or stop this process, or a limit of the system its callers:
/// none is a reason for a supervisor to die. Two of its processes may get one at the same moment
/// (`kill -TERM -1`), and then all would be lost.
const STRAY: &[i32] = &[
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGTERM,
    libc::SIGPIPE,
    libc::SIGALRM,
    libc::SIGVTALRM,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGTTOU,
    libc::SIGTTIN,
    libc::SIGTSTP,
    libc::SIGXCPU,
    libc::SIGXFSZ,
    libc::SIGPROF,
    #[cfg(target_os = "linux")]
    libc::SIGPOLL,
    #[cfg(target_os = "linux")]
    libc::SIGPWR,
    #[cfg(target_os = "linux")]
    libc::SIGSTKFLT,
];

/// Ignores them, over an exec as well: there is no moment without it. Async-signal-safe.
pub fn ignore_stray_signals() {
    for signal in STRAY {
        // SAFETY: ignoring a signal installs no handler.
        unsafe { libc::signal(*signal, libc::SIG_IGN) };
    }
    #[cfg(target_os = "linux")]
    for signal in libc::SIGRTMIN()..=libc::SIGRTMAX() {
        // SAFETY: as above; the C library keeps its own below these.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}
