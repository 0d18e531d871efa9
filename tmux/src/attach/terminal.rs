//! The terminal of an attached client: raw while it is attached, in the modes that what is shown
//! asks for, given back as it was.

use crate::output::print;
use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};
use std::fmt::Write as _;

/// The terminal as it was, given back when this is dropped.
pub(super) struct Raw(Termios);

/// The private modes that are set.
#[derive(Default)]
pub(super) struct Modes(Vec<u16>);

impl Raw {
    pub(super) fn begin() -> nix::Result<Self> {
        let before = tcgetattr(std::io::stdin())?;
        let mut raw = before.clone();
        cfmakeraw(&mut raw);
        tcsetattr(std::io::stdin(), SetArg::TCSANOW, &raw)?;
        // Rows are cut at the edge: a window may be wider than this terminal.
        write("\x1b[?1049h\x1b[?7l\x1b[m\x1b[H\x1b[2J");
        Ok(Self(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        write("\x1b[m\x1b[?25h\x1b[?7h\x1b[?1049l");
        // Without it the terminal is left as it is; nothing more can be done.
        let _ = tcsetattr(std::io::stdin(), SetArg::TCSANOW, &self.0);
    }
}

impl Modes {
    pub(super) fn set(&mut self, wanted: &[u16]) {
        if self.0 == wanted {
            return;
        }
        let mut out = String::new();
        for mode in self.0.iter().filter(|mode| !wanted.contains(mode)) {
            let _ = write!(out, "\x1b[?{mode}l");
        }
        for mode in wanted.iter().filter(|mode| !self.0.contains(mode)) {
            let _ = write!(out, "\x1b[?{mode}h");
        }
        self.0 = wanted.to_vec();
        write(&out);
    }
}

pub(super) fn write(text: &str) {
    print(text);
}
