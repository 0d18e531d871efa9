//! Faults that tests inject, in builds made for that (the feature `fault-injection`) and in no other.

/// Output that kills whoever draws it.
pub const POISON: &[u8] = b"\x1b_psup:abort\x1b\\";

/// Dies of poison, as of a stack that overflows or of memory that a broken parser eats.
pub fn strike(drawn: &[u8]) {
    if memchr::memmem::find(drawn, POISON).is_some() {
        std::process::abort();
    }
}
