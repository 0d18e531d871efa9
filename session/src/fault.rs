//! Faults that tests inject, in builds made for that (the feature `fault-injection`) and in no
//! other.

/// Output that kills the process that draws it.
const POISON: &[u8] = b"\x1b_psup:abort\x1b\\";
/// Output that makes drawing it panic.
const FRIGHT: &[u8] = b"\x1b_psup:panic\x1b\\";

/// Aborts on poison, as a stack overflow or an exhausted memory would end the process; or panics.
pub(crate) fn strike(drawn: &[u8]) {
    if memchr::memmem::find(drawn, POISON).is_some() {
        std::process::abort();
    }
    assert!(
        memchr::memmem::find(drawn, FRIGHT).is_none(),
        "a fault that was asked for"
    );
}
