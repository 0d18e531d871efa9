//! Memory that the allocator holds and nobody uses.

use std::cell::Cell;
use std::time::Duration;

/// What ends within this time is given back together.
const TOGETHER: Duration = Duration::from_secs(1);

thread_local! {
    static PLANNED: Cell<bool> = const { Cell::new(false) };
}

/// Gives it back in a moment, once for all who ask until then.
pub fn give_back_soon() {
    if PLANNED.replace(true) {
        return;
    }
    tokio::task::spawn_local(async {
        tokio::time::sleep(TOGETHER).await;
        PLANNED.set(false);
        give_back();
    });
}

/// Gives it back to the system. It costs a walk over all of it: for the end of something big.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn give_back() {
    // SAFETY: it takes no pointer, and frees what is free already.
    unsafe { libc::malloc_trim(0) };
}

/// Elsewhere the allocator does it by itself, or not at all.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back() {}
