//! The time of day, told the way tmux tells it.

use std::ffi::CString;
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_millis() as u64)
}

/// strftime(3), in local time.
pub(crate) fn strftime(format: &str, seconds: u64) -> String {
    let Ok(text) = CString::new(format) else {
        return format.to_owned();
    };
    let time = seconds as _;
    let mut buffer = vec![0u8; format.len() * 8 + 256];
    // SAFETY: `tm` is plain data for which all zeroes is a value.
    let mut broken: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both point to living values of the right types; the call writes only to `broken`.
    unsafe { libc::localtime_r(&raw const time, &raw mut broken) };
    // SAFETY: the buffer has the length that is given, the format ends in a zero, `broken` has been
    // filled in.
    let length = unsafe {
        libc::strftime(
            buffer.as_mut_ptr().cast(),
            buffer.len(),
            text.as_ptr(),
            &raw const broken,
        )
    };
    buffer.truncate(length);
    String::from_utf8_lossy(&buffer).into_owned()
}

/// The shorter the longer ago: `12:30`, `Mon12`, `Jan70`.
pub(crate) fn pretty(seconds: u64) -> String {
    const DAY: u64 = 24 * 3600;
    let age = (now_ms() / 1000).saturating_sub(seconds);
    let format = match age {
        _ if age < DAY => "%H:%M",
        _ if age < 28 * DAY => "%a%d",
        _ if age < 365 * DAY => "%d%b",
        _ => "%h%y",
    };
    strftime(format, seconds)
}
