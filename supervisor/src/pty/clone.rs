//! The one system call by which a process comes to be.
//!
//! It borrows our memory and suspends the calling thread until it has left that by exec or exit, as
//! `posix_spawn` does it: so a large supervisor starts children as fast as a small one. Where a
//! life has a cgroup it is born there, in the same step: to move it later would stop every fork of
//! the machine for a moment, and it could have left somebody behind.

use nix::errno::Errno;
use std::ffi::c_void;
use std::os::fd::BorrowedFd;

/// What the new process does, on the memory it is given. It never returns.
pub(super) type Main = extern "C" fn(*mut c_void) -> libc::c_int;

/// A process that runs its program, or has ended.
pub(super) struct NewProcess {
    pub pid: i32,
    /// In the cgroup that was wanted.
    pub confined: bool,
}

/// Where the kernel cannot start a process in the cgroup that was wanted.
#[derive(Clone, Copy)]
pub(super) enum Outside {
    /// It is born where we are.
    Allowed,
    /// It has limits that only the cgroup holds.
    Refused,
}

/// Makes the process and returns once it has left our memory.
///
/// # Safety
///
/// `main` makes only system calls, on memory that `data` points to and that nobody else uses
/// meanwhile; it ends by exec or exit. All signals are blocked, so that no handler of ours runs in
/// the new process.
#[cfg(target_os = "linux")]
pub(super) unsafe fn spawn(
    main: Main,
    data: *mut c_void,
    cgroup: Option<BorrowedFd<'_>>,
    outside: Outside,
) -> Result<NewProcess, Errno> {
    /// Some system calls deep, with room for unoptimised builds.
    const STACK: usize = 64 << 10;
    let mut stack = vec![0u128; STACK / size_of::<u128>()];
    let flags = libc::CLONE_VM | libc::CLONE_VFORK;
    // Refused by an old kernel, by a filter of system calls, or for a cgroup that has just gone:
    // then it is born where we are.
    let confined = cgroup.map(|cgroup| {
        // SAFETY: the stack is ours and aligned; the rest is as our caller says.
        unsafe { clone_into(cgroup, flags, &mut stack, main, data) }
    });
    match (confined, outside) {
        (Some(Ok(pid)), _) => {
            return Ok(NewProcess {
                pid,
                confined: true,
            });
        }
        (Some(Err(errno)), Outside::Refused) => return Err(errno),
        (None, _) | (Some(Err(_)), Outside::Allowed) => {}
    }
    // SAFETY: the stack grows down from its end; the rest is as above.
    let pid = Errno::result(unsafe {
        libc::clone(
            main,
            stack.as_mut_ptr_range().end.cast(),
            flags | libc::SIGCHLD,
            data,
        )
    })?;
    Ok(NewProcess {
        pid,
        confined: false,
    })
}

/// A plain fork: its copy of our memory is nobody else's.
#[cfg(not(target_os = "linux"))]
pub(super) unsafe fn spawn(
    main: Main,
    data: *mut c_void,
    _: Option<BorrowedFd<'_>>,
    _: Outside,
) -> Result<NewProcess, Errno> {
    // SAFETY: as our caller says.
    match Errno::result(unsafe { libc::fork() })? {
        0 => {
            main(data);
            // SAFETY: ends the new process, if `main` has not.
            unsafe { libc::_exit(127) }
        }
        pid => Ok(NewProcess {
            pid,
            confined: false,
        }),
    }
}

/// clone3, which C libraries keep to themselves.
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
unsafe fn clone_into(
    cgroup: BorrowedFd<'_>,
    flags: libc::c_int,
    stack: &mut [u128],
    main: Main,
    data: *mut c_void,
) -> Result<i32, Errno> {
    const INTO_CGROUP: u64 = 0x2_0000_0000;
    /// The kernel's `struct clone_args`.
    #[repr(C)]
    #[derive(Default)]
    struct Arguments {
        flags: u64,
        pidfd: u64,
        child_tid: u64,
        parent_tid: u64,
        exit_signal: u64,
        stack: u64,
        stack_size: u64,
        tls: u64,
        set_tid: u64,
        set_tid_size: u64,
        cgroup: u64,
    }
    let arguments = Arguments {
        flags: INTO_CGROUP | u64::from(flags.cast_unsigned()),
        exit_signal: libc::SIGCHLD as u64,
        stack: stack.as_mut_ptr() as u64,
        stack_size: size_of_val(stack) as u64,
        cgroup: std::os::fd::AsRawFd::as_raw_fd(&cgroup) as u64,
        ..Arguments::default()
    };
    let result: isize;
    // SAFETY: in the new process the stack is a fresh one, aligned and without a caller, so it
    // calls `main` at once and never gets beyond; here the call is one like any other.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        std::arch::asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor ebp, ebp",
            "mov rdi, {data}",
            "call {main}",
            "ud2",
            "2:",
            main = in(reg) main,
            data = in(reg) data,
            inlateout("rax") libc::SYS_clone3 as isize => result,
            in("rdi") &raw const arguments,
            in("rsi") size_of::<Arguments>(),
            out("rcx") _,
            out("r11") _,
        );
    }
    // SAFETY: as above.
    #[cfg(target_arch = "aarch64")]
    unsafe {
        std::arch::asm!(
            "svc #0",
            "cbnz x0, 2f",
            "mov x29, xzr",
            "mov x0, {data}",
            "blr {main}",
            "brk #1",
            "2:",
            main = in(reg) main,
            data = in(reg) data,
            in("x8") libc::SYS_clone3,
            inlateout("x0") &raw const arguments => result,
            in("x1") size_of::<Arguments>(),
        );
    }
    if result < 0 {
        Err(Errno::from_raw(-result as i32))
    } else {
        Ok(result as i32)
    }
}

#[cfg(all(
    target_os = "linux",
    not(any(target_arch = "x86_64", target_arch = "aarch64"))
))]
unsafe fn clone_into(
    _: BorrowedFd<'_>,
    _: libc::c_int,
    _: &mut [u128],
    _: Main,
    _: *mut c_void,
) -> Result<i32, Errno> {
    Err(Errno::ENOSYS)
}
