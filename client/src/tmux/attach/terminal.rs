//! The terminal of an attached client: raw while it is attached, given back as it was.

use crate::tmux::cmd;
use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};

/// The terminal as it was, given back when this is dropped.
pub struct Raw(Termios);

impl Raw {
    pub fn begin() -> nix::Result<Self> {
        let before = tcgetattr(std::io::stdin())?;
        let mut raw = before.clone();
        cfmakeraw(&mut raw);
        tcsetattr(std::io::stdin(), SetArg::TCSANOW, &raw)?;
        write("\x1b[?1049h\x1b[m\x1b[H\x1b[2J");
        Ok(Self(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        write("\x1b[m\x1b[?25h\x1b[?2004l\x1b[?1049l");
        // Without it the terminal is left as it is; nothing more can be done.
        let _ = tcsetattr(std::io::stdin(), SetArg::TCSANOW, &self.0);
    }
}

pub fn write(text: &str) {
    cmd::print(text);
}
