//! Which boot of the machine this is. A session of another boot is gone, whatever the files say.

#[cfg(target_os = "linux")]
pub fn id() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    id.map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// The moment of the boot tells one from another.
#[cfg(not(target_os = "linux"))]
pub fn id() -> String {
    let mut time = libc::timeval {
        tv_sec: 0,
        tv_usec: 0,
    };
    let mut size = std::mem::size_of::<libc::timeval>();
    // SAFETY: the buffer is a timeval of the size given, which is what this name yields.
    unsafe {
        libc::sysctlbyname(
            c"kern.boottime".as_ptr(),
            (&raw mut time).cast(),
            &raw mut size,
            std::ptr::null_mut(),
            0,
        )
    };
    time.tv_sec.to_string()
}
