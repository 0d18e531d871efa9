//! A watchdog that sleeps as long as its thread does.
//!
//! It counts the processor time of the loop's thread, not the clock: so much work without one turn
//! of the loop is a hang, and the process ends itself so that a fresh one takes over. An idle
//! thread uses no time, so nothing ever wakes it for this. A thread that hangs without working (a
//! deadlock) is not noticed.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The longest turn of a worker: a hundred times what the largest batch of output takes on a slow
/// machine.
pub const LONGEST_TURN: Duration = Duration::from_secs(5);

static TURNS: AtomicU64 = AtomicU64::new(0);
static SEEN: AtomicU64 = AtomicU64::new(u64::MAX);

/// The loop has turned. Costs one addition.
pub fn feed() {
    TURNS.fetch_add(1, Ordering::Relaxed);
}

/// Watches the calling thread from now on, until the process ends or execs. A turn longer than
/// `longest` is noticed before it takes twice as long.
#[cfg(target_os = "linux")]
pub fn watch_this_thread(longest: Duration) -> io::Result<()> {
    use std::mem::zeroed;
    // SAFETY: the handler does only what a handler may; the structures are zeroed, then filled, and
    // outlive the calls.
    unsafe {
        let mut action: libc::sigaction = zeroed();
        action.sa_sigaction = look as extern "C" fn(i32) as libc::sighandler_t;
        action.sa_flags = libc::SA_RESTART;
        if libc::sigaction(libc::SIGPROF, &raw const action, std::ptr::null_mut()) < 0 {
            return Err(io::Error::last_os_error());
        }
        let mut event: libc::sigevent = zeroed();
        event.sigev_notify = libc::SIGEV_SIGNAL;
        event.sigev_signo = libc::SIGPROF;
        let mut timer: libc::timer_t = zeroed();
        if libc::timer_create(
            libc::CLOCK_THREAD_CPUTIME_ID,
            &raw mut event,
            &raw mut timer,
        ) < 0
        {
            return Err(io::Error::last_os_error());
        }
        let span = libc::timespec {
            tv_sec: longest.as_secs() as _,
            tv_nsec: libc::c_long::from(longest.subsec_nanos() as i32),
        };
        let spec = libc::itimerspec {
            it_interval: span,
            it_value: span,
        };
        if libc::timer_settime(timer, 0, &raw const spec, std::ptr::null_mut()) < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

#[cfg(target_os = "macos")]
pub fn watch_this_thread(_longest: Duration) -> io::Result<()> {
    // There are no timers of a thread's processor time; a hang there is for the user to see.
    let _ = look;
    Ok(())
}

extern "C" fn look(_: i32) {
    let turns = TURNS.load(Ordering::Relaxed);
    if SEEN.swap(turns, Ordering::Relaxed) == turns {
        // SAFETY: abort may be called in a handler; the guardian counts it as a death of its own
        // making.
        unsafe { libc::abort() };
    }
}
