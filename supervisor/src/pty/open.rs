//! Terminals: opening one, its size, its modes, and who has it.
//!
//! The master is the only descriptor kept. The slave is closed again and known by its path, so that
//! the terminal reads as closed once the child's side is. Everything is asked of the master, which
//! speaks for both ends.

use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{self, InputFlags, LocalFlags, OutputFlags};
use portable_pty::PtySize;
use psup_proto::Size;
use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;

/// A terminal nobody has opened yet.
pub struct Pty {
    /// Non-blocking, closed on exec.
    pub master: OwnedFd,
    /// What the child opens as its terminal.
    pub slave: CString,
}

/// The terminal's modes that matter to anyone who types into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermModes {
    /// Input is taken by lines.
    pub canonical: bool,
    pub echo: bool,
    /// Ctrl-C and similar keys raise signals.
    pub signals: bool,
    /// `\n` becomes `\r\n` on its way out.
    pub opost: bool,
    /// `\r` typed arrives as `\n`.
    pub icrnl: bool,
}

pub fn open(size: Size) -> io::Result<Pty> {
    let pair = portable_pty::native_pty_system()
        .openpty(pty_size(size))
        .map_err(io::Error::other)?;
    let slave = pair
        .master
        .tty_name()
        .ok_or_else(|| io::Error::other("the terminal has no name"))?;
    let fd = pair
        .master
        .as_raw_fd()
        .ok_or_else(|| io::Error::other("the terminal has no descriptor"))?;
    // SAFETY: `pair.master` owns the descriptor and outlives this borrow.
    let master = unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned()?;
    fcntl(&master, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    let flags = OFlag::from_bits_retain(fcntl(&master, FcntlArg::F_GETFL)?);
    fcntl(&master, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(Pty {
        master,
        slave: CString::new(slave.into_os_string().into_vec())?,
    })
}

/// Opens the other end of a terminal without making it anybody's controlling terminal.
#[cfg(target_os = "linux")]
pub fn open_slave(master: impl AsFd) -> io::Result<OwnedFd> {
    let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC;
    // SAFETY: the request takes flags and returns a descriptor; it touches no memory of ours.
    let fd = unsafe { libc::ioctl(master.as_fd().as_raw_fd(), libc::TIOCGPTPEER as _, flags) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: just opened, and nobody else owns it.
    Ok(unsafe { std::os::fd::FromRawFd::from_raw_fd(fd) })
}

/// Opens the other end of a terminal without making it anybody's controlling terminal.
#[cfg(not(target_os = "linux"))]
pub fn open_slave(master: impl AsFd) -> io::Result<OwnedFd> {
    let mut name = [0 as libc::c_char; 128];
    // SAFETY: the buffer is ours and as long as macOS makes these names.
    if unsafe {
        libc::ioctl(
            master.as_fd().as_raw_fd(),
            libc::TIOCPTYGNAME as _,
            name.as_mut_ptr(),
        )
    } < 0
    {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the request has ended the name with a zero byte.
    let path = unsafe { std::ffi::CStr::from_ptr(name.as_ptr()) };
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    nix::fcntl::open(path, flags, nix::sys::stat::Mode::empty()).map_err(io::Error::from)
}

/// Tells the terminal its size; the foreground program gets a SIGWINCH if it changed.
pub fn set_size(master: impl AsFd, size: Size) -> io::Result<()> {
    let size = libc::winsize {
        ws_row: size.rows,
        ws_col: size.cols,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: the request reads a winsize.
    let set = unsafe {
        libc::ioctl(
            master.as_fd().as_raw_fd(),
            libc::TIOCSWINSZ as _,
            &raw const size,
        )
    };
    if set == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// The terminal's size; none if the program set one that is none.
pub fn size(master: impl AsFd) -> Option<Size> {
    // SAFETY: a winsize is numbers only.
    let mut size: libc::winsize = unsafe { std::mem::zeroed() };
    // SAFETY: the request writes a winsize.
    let got = unsafe {
        libc::ioctl(
            master.as_fd().as_raw_fd(),
            libc::TIOCGWINSZ as _,
            &raw mut size,
        )
    };
    if got == 0 {
        Size::new(size.ws_col, size.ws_row)
    } else {
        None
    }
}

pub fn modes(master: impl AsFd) -> io::Result<TermModes> {
    let now = termios::tcgetattr(master)?;
    Ok(TermModes {
        canonical: now.local_flags.contains(LocalFlags::ICANON),
        echo: now.local_flags.contains(LocalFlags::ECHO),
        signals: now.local_flags.contains(LocalFlags::ISIG),
        opost: now.output_flags.contains(OutputFlags::OPOST),
        icrnl: now.input_flags.contains(InputFlags::ICRNL),
    })
}

/// Whether there is output that was written and not read here.
pub fn has_output(master: impl AsFd) -> bool {
    // Asking moves what is still on its way within the system.
    let mut fds = [PollFd::new(master.as_fd(), PollFlags::POLLIN)];
    poll(&mut fds, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
        && fds[0]
            .revents()
            .is_some_and(|events| events.contains(PollFlags::POLLIN))
}

/// The process group that has the terminal.
pub fn foreground(master: impl AsFd) -> Option<i32> {
    let group = nix::unistd::tcgetpgrp(master).ok()?.as_raw();
    (group > 0).then_some(group)
}

/// The child, as the terminal knows it.
pub fn session_leader(master: impl AsFd) -> Option<i32> {
    // SAFETY: plain system call on a borrowed descriptor.
    let leader = unsafe { libc::tcgetsid(master.as_fd().as_raw_fd()) };
    (leader > 0).then_some(leader)
}

fn pty_size(size: Size) -> PtySize {
    PtySize {
        rows: size.rows,
        cols: size.cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}
