//! `psup replay`: a recording in the person's terminal.
//!
//! What it shows is painted from a screen, as in `attach`: so nothing that a program wrote reaches
//! the terminal itself. One thread waits for keys, for the next output, and for signals, which
//! another one hands on through a pipe.

mod keys;
mod player;

use crate::attach::listen::block_signals;
use crate::attach::terminal::{self, Terminal};
use crate::recording::Recording;
use keys::Wish;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use player::Player;
use psup_proto::{Failure, Size};
use psup_screen::painter::Painter;
use std::io::{PipeReader, Read, Write, pipe, stdin};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// How long it tells where it is after a key.
const NOTICE: Duration = Duration::from_secs(2);

struct Replay<'r> {
    player: Player<'r>,
    painter: Painter,
    told_until: Option<Instant>,
}

/// What woke it.
enum Wake {
    Time,
    Keys(Vec<u8>),
    Resized,
    Stopped(Signal),
}

/// Plays it to its end, or until the person leaves. The process ends with it once it has begun.
pub(crate) fn run(recording: &Recording, speed: f64) -> Result<(), Failure> {
    let terminal = Terminal::open("replay", "`psup export` writes a file or prints text")?;
    terminal.attend()?;
    let signals = block_signals()?;
    let signals = hand_on(signals)?;
    terminal.make_raw()?;
    let size = terminal::size().unwrap_or(Size::DEFAULT);
    let mut replay = Replay {
        player: Player::new(recording, speed),
        painter: Painter::new(size, false),
        told_until: None,
    };
    let stopped = replay.play(signals);
    terminal.give_back(&replay.painter.leave());
    let code = match stopped {
        Ok(None) => 0,
        Ok(Some(signal)) => 128 + signal as i32,
        Err(failure) => return Err(failure),
    };
    std::process::exit(code)
}

/// Signals come out of the pipe, one byte each.
fn hand_on(signals: SigSet) -> Result<PipeReader, Failure> {
    let (out, mut into) = pipe().map_err(|e| Failure::system("cannot make a pipe", e))?;
    std::thread::spawn(move || {
        while let Ok(signal) = signals.wait() {
            // The reader is there until the process ends.
            let _ = into.write_all(&[signal as u8]);
        }
    });
    Ok(out)
}

impl Replay<'_> {
    /// The signal that ended it, if one did.
    fn play(&mut self, mut signals: PipeReader) -> Result<Option<Signal>, Failure> {
        loop {
            self.paint();
            if self.player.is_over() && !self.player.paused {
                return Ok(None);
            }
            let began = Instant::now();
            let wake = self.sleep(&mut signals)?;
            self.player.pass(began.elapsed().as_secs_f64() * 1e3);
            match wake {
                Wake::Time => {}
                Wake::Stopped(signal) => return Ok(Some(signal)),
                Wake::Resized => {
                    if let Some(size) = terminal::size() {
                        self.painter.resize(size);
                        terminal::write_all(b"\x1b[m\x1b[2J");
                    }
                }
                Wake::Keys(typed) => {
                    let wishes = keys::wishes(&typed);
                    // The end of what it is typed at.
                    if typed.is_empty() || wishes.contains(&Wish::Quit) {
                        return Ok(None);
                    }
                    for wish in wishes {
                        if self.player.grant(wish) {
                            self.painter.forget();
                        }
                        self.told_until = Some(Instant::now() + NOTICE);
                    }
                }
            }
        }
    }

    fn sleep(&self, signals: &mut PipeReader) -> Result<Wake, Failure> {
        let keyboard = stdin();
        let mut fds = [
            PollFd::new(signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(keyboard.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut fds, self.timeout()) {
            Ok(0) | Err(nix::errno::Errno::EINTR) => return Ok(Wake::Time),
            Ok(_) => {}
            Err(error) => return Err(Failure::system("cannot wait for the keyboard", error)),
        }
        let is_ready = |fd: &PollFd| fd.revents().is_some_and(|events| !events.is_empty());
        if is_ready(&fds[0]) {
            let mut byte = [0];
            let signal = signals.read(&mut byte).ok().map(|_| i32::from(byte[0]));
            return Ok(match signal.map(Signal::try_from) {
                Some(Ok(Signal::SIGWINCH)) => Wake::Resized,
                Some(Ok(signal)) => Wake::Stopped(signal),
                Some(Err(_)) | None => Wake::Time,
            });
        }
        let mut typed = [0; 1024];
        let count = nix::unistd::read(keyboard, &mut typed).unwrap_or(0);
        Ok(Wake::Keys(typed[..count].to_vec()))
    }

    fn timeout(&self) -> PollTimeout {
        let next = self
            .player
            .until_next()
            .map(|ms| Duration::from_secs_f64(ms / 1e3));
        let told = self
            .told_until
            .map(|until| until.saturating_duration_since(Instant::now()))
            .filter(|_| !self.player.paused);
        next.into_iter()
            .chain(told)
            .min()
            // Rounded up, so that it is not asked again just before.
            .map(|time| time + Duration::from_micros(999))
            .map_or(PollTimeout::NONE, |time| {
                PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX)
            })
    }

    fn paint(&mut self) {
        if self.told_until.is_some_and(|until| until <= Instant::now()) {
            self.told_until = None;
        }
        let notice = if self.player.paused {
            Some(format!(
                "paused at {}: space plays, arrows seek and change the speed, q leaves",
                self.player.place()
            ))
        } else {
            self.told_until.map(|_| self.player.place())
        };
        terminal::write_all(&self.painter.paint(&self.player.screen, notice.as_deref()));
    }
}
