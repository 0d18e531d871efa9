//! Ids of requests, by which a supervisor recognises one that is sent a second time.

use psup_proto::Failure;

/// An id for a request: the same on every try, and of no other request.
pub fn fresh_id() -> Result<u128, Failure> {
    let mut bytes = [0u8; 16];
    // SAFETY: the pointer and the length are those of an array of ours.
    #[cfg(target_os = "linux")]
    let filled = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) } == 16;
    // SAFETY: as above, and 16 is within the 256 bytes allowed.
    #[cfg(not(target_os = "linux"))]
    let filled = unsafe { libc::getentropy(bytes.as_mut_ptr().cast(), bytes.len()) } == 0;
    if filled {
        Ok(u128::from_ne_bytes(bytes))
    } else {
        Err(Failure::system(
            "cannot get random bytes",
            std::io::Error::last_os_error(),
        ))
    }
}
