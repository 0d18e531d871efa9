//! What a viewer sees: the session's screen, drawn from its output, and painted on the terminal.
//!
//! The thread that follows the session feeds it; the one that listens to the keyboard tells it of
//! new sizes. Painting waits for the end of what has arrived, so a flood costs some frames a
//! second.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use psup_proto::attach::{Attached, Shared};
use psup_proto::{Size, limits};
use psup_screen::painter::Painter;
use psup_screen::{Screen, Sign};
use std::io::{ErrorKind, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use super::scan::Place;

/// In a flood a frame is painted this often.
const FRAME: Duration = Duration::from_millis(16);

pub(super) struct Display {
    screen: Option<Screen>,
    shared: Shared,
    painter: Painter,
    own: Own,
    painted: Instant,
    /// Something has come that is not on the terminal yet.
    stale: bool,
    away: bool,
    /// The screen on its way, until all of it has come.
    arriving: Option<Vec<u8>>,
    scrollback: u32,
    pub name: String,
}

/// What this viewer is.
#[derive(Clone, Copy)]
pub(super) struct Own {
    pub viewer: u64,
    pub types: bool,
    pub detach: super::scan::DetachKey,
}

impl Display {
    pub(super) fn new(size: Size, own: Own) -> Self {
        Self {
            screen: None,
            shared: Shared::default(),
            painter: Painter::new(size, own.types),
            own,
            painted: Instant::now(),
            stale: false,
            away: false,
            arriving: None,
            scrollback: limits::SCROLLBACK,
            name: String::new(),
        }
    }

    pub(super) fn place(&self) -> Place {
        Place {
            origin: self.painter.origin(),
            session: self.shared.size,
            viewer: self.painter.size(),
        }
    }

    /// The size that the session has now.
    pub(super) fn session_size(&self) -> Size {
        self.shared.size
    }

    /// The session shows itself, at first or again after a lost connection.
    pub(super) fn attached(&mut self, attached: Attached) {
        self.name = attached.id.to_string();
        self.shared = attached.shared;
        self.scrollback = attached.scrollback;
        self.arriving = Some(Vec::new());
        self.away = false;
    }

    pub(super) fn shared(&mut self, shared: Shared) {
        if let Some(screen) = self
            .screen
            .as_mut()
            .filter(|screen| screen.size() != shared.size)
        {
            screen.resize(shared.size);
        }
        self.shared = shared;
        self.stale = true;
    }

    /// Bytes of the screen on its way, or of the output.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        match &mut self.arriving {
            Some(arrived) if bytes.is_empty() => {
                let screen = Screen::restore(arrived, self.scrollback);
                // Another build writes its screens in another form: then it begins blank.
                let blank = || Screen::new(self.shared.size, self.scrollback);
                self.screen = Some(screen.unwrap_or_else(blank));
                self.arriving = None;
                self.painter.forget();
            }
            Some(arrived) => arrived.extend_from_slice(bytes),
            None => {
                if let Some(screen) = &mut self.screen {
                    screen.feed(bytes);
                    // The supervisor's own screen has answered them.
                    screen.take_replies();
                    let signs = screen.take_signs();
                    self.signs(&signs);
                }
            }
        }
        self.stale = true;
        if self.painted.elapsed() >= FRAME {
            self.paint();
        }
    }

    /// The connection is lost, and is being made again.
    pub(super) fn is_away(&mut self) {
        self.away = true;
        self.stale = true;
        self.paint();
    }

    pub(super) fn resize(&mut self, size: Size) {
        self.painter.resize(size);
        self.stale = true;
        write_all(b"\x1b[m\x1b[2J");
        self.paint();
    }

    /// Nothing more has come for now.
    pub(super) fn idle(&mut self) {
        if self.stale {
            self.paint();
        }
    }

    fn paint(&mut self) {
        // Painting goes where the cursor is, and the notice tells where that is.
        for _ in 0..2 {
            let (notice, origin) = (self.notice(), self.painter.origin());
            let Some(screen) = self.screen.as_ref().filter(|_| self.arriving.is_none()) else {
                return;
            };
            // Half a frame is not shown, unless the program never finishes it.
            if screen.is_synchronized() && self.painted.elapsed() < 10 * FRAME {
                return;
            }
            write_all(&self.painter.paint(screen, notice.as_deref()));
            if self.painter.origin() == origin {
                break;
            }
        }
        self.painted = Instant::now();
        self.stale = false;
    }

    /// The line about what the person cannot see by the screen alone.
    fn notice(&self) -> Option<String> {
        let key = self.own.detach.words();
        if self.away {
            return Some(format!("the connection was lost: attaching again; {key}"));
        }
        if let Some(question) = &self.shared.question {
            return Some(format!("psup ask: {question}"));
        }
        let other = self
            .shared
            .keyboard
            .filter(|keyboard| keyboard.viewer != self.own.viewer);
        if other.is_some_and(|keyboard| keyboard.taken) && self.own.types {
            return Some(format!("somebody else has taken the keyboard; {key}"));
        }
        let screen = self
            .screen
            .as_ref()
            .filter(|screen| self.painter.pans(screen))?;
        let size = screen.size();
        let (col, row) = self.painter.origin();
        Some(format!(
            "{} is {size}: this is the part from row {}, column {}; {key}",
            self.name,
            row + 1,
            col + 1
        ))
    }

    fn signs(&self, signs: &[Sign]) {
        if !self.own.types {
            return;
        }
        for sign in signs {
            match sign {
                Sign::Bell => write_all(b"\x07"),
                Sign::Clipboard(text) => {
                    let text = crate::value_parsers::base64(text.as_bytes());
                    write_all(format!("\x1b]52;c;{text}\x1b\\").as_bytes());
                }
                // What a person sees of these, the session draws or psup tells.
                Sign::Title(_)
                | Sign::Cwd(_)
                | Sign::Notification(_)
                | Sign::Progress(_)
                | Sign::Mark(_)
                | Sign::SyncBegin
                | Sign::SyncEnd => {}
            }
        }
    }

    /// The last bytes for the terminal.
    pub(super) fn leave(&mut self) -> Vec<u8> {
        self.painter.leave()
    }
}

/// Writes to the viewer's terminal, however long that takes. One that is gone shows nothing more.
pub(crate) fn write_all(mut bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    while !bytes.is_empty() {
        match out.write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => wait_for_room(out.as_fd()),
            Err(_) => return,
        }
    }
    // Where it fails there is nobody to show anything to.
    let _ = out.flush();
}

fn wait_for_room(fd: BorrowedFd<'_>) {
    let _ = poll(
        &mut [PollFd::new(fd, PollFlags::POLLOUT)],
        PollTimeout::NONE,
    );
}
