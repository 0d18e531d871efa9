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

/// Does not die with whoever started it.
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
