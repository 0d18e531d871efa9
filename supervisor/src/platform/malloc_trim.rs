//! Memory that the allocator holds and nobody uses.

/// Gives it back to the system. It costs a walk over all of it: for the end of something big.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn give_back() {
    // SAFETY: it takes no pointer, and frees what is free already.
    unsafe { libc::malloc_trim(0) };
}

/// Elsewhere the allocator does it by itself, or not at all.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back() {}
