//! The viewer's own terminal: raw while attached, and given back as it was, whatever happens.
//!
//! ```text
//! psup attach ──fork──┬─ attends: waits for the other one, gives the terminal back if that dies
//!                     └─ attaches; ends, and gives the terminal back, if the first one dies
//! ```
//! So the kill of either of the two leaves a terminal that can be used.

pub(crate) use super::display::write_all;
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork};
use psup_proto::{Code, Failure, Size};
use psup_screen::painter::RESTORE;
use std::io::{IsTerminal, stdin, stdout};

/// The terminal as it was.
pub(crate) struct Terminal {
    before: Termios,
    /// What takes back whatever was changed on it.
    restores: String,
}

impl Terminal {
    /// The terminal that stdin and stdout are. A verb that finds none is refused, with what helps
    /// there.
    pub(crate) fn open(verb: &str, hint: &str) -> Result<Self, Failure> {
        if !stdin().is_terminal() || !stdout().is_terminal() {
            let message = format!("{verb} needs a terminal for stdin and stdout");
            return Err(Failure::new(Code::Usage, message).hint(hint));
        }
        let before = tcgetattr(stdin())
            .map_err(|e| Failure::system("cannot read the terminal's modes", e))?;
        Ok(Self {
            before,
            restores: RESTORE.to_owned(),
        })
    }

    /// The verb shows itself on the alternate screen, and leaves that at its end.
    pub(crate) fn on_alternate_screen(self) -> Self {
        Self {
            restores: format!("{RESTORE}\x1b[?1049l"),
            ..self
        }
    }

    /// Takes back what was changed on the terminal, writes the last bytes and gives the modes back.
    pub(crate) fn end(&self, last: &[u8]) {
        write_all(self.restores.as_bytes());
        self.give_back(last);
    }

    /// Goes on in a second process; the first one stays until that has ended, and never returns.
    /// There must be no other thread yet.
    pub(crate) fn attend(&self) -> Result<(), Failure> {
        // SAFETY: the process has one thread, so the child may do whatever the parent could.
        match unsafe { fork() } {
            Ok(ForkResult::Child) => {
                die_with_parent();
                Ok(())
            }
            Ok(ForkResult::Parent { child }) => std::process::exit(self.wait_for(child)),
            Err(error) => Err(Failure::system("cannot start a process", error)),
        }
    }

    fn wait_for(&self, child: Pid) -> i32 {
        for ignored in [
            Signal::SIGINT,
            Signal::SIGQUIT,
            Signal::SIGTSTP,
            Signal::SIGTTOU,
        ] {
            // SAFETY: ignoring a signal runs no code.
            let _ = unsafe { signal(ignored, SigHandler::SigIgn) };
        }
        loop {
            match waitpid(child, None) {
                Ok(WaitStatus::Exited(_, code)) => return code,
                Ok(WaitStatus::Signaled(_, killed, _)) => {
                    self.end(b"\r\n");
                    return 128 + killed as i32;
                }
                Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                Err(_) => return 1,
            }
        }
    }

    pub(crate) fn make_raw(&self) -> Result<(), Failure> {
        let mut raw = self.before.clone();
        cfmakeraw(&mut raw);
        tcsetattr(stdin(), SetArg::TCSADRAIN, &raw)
            .map_err(|e| Failure::system("cannot change the terminal's modes", e))
    }

    /// Writes the last bytes and gives the modes back.
    pub(crate) fn give_back(&self, last: &[u8]) {
        write_all(last);
        // Without it the terminal stays as it is; nothing more can be done.
        let _ = tcsetattr(stdin(), SetArg::TCSADRAIN, &self.before);
    }
}

/// The size of the terminal, where it has one.
pub(crate) fn size() -> Option<Size> {
    let mut size = nix::pty::Winsize {
        ws_row: 0,
        ws_col: 0,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: the call fills the structure it is given.
    let done = unsafe {
        nix::libc::ioctl(
            nix::libc::STDOUT_FILENO,
            nix::libc::TIOCGWINSZ,
            &raw mut size,
        )
    };
    if done == 0 {
        Size::new(size.ws_col, size.ws_row)
    } else {
        None
    }
}

#[cfg(target_os = "linux")]
fn die_with_parent() {
    // Where it cannot be had, a killed parent leaves the child to end with the terminal.
    let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGTERM);
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent() {}
