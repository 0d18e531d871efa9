//! Listens to the keyboard, to signals and to what the other threads have to tell, until it is
//! over.

use super::follow::follow;
use super::scan::Scanner;
use super::{Attachment, terminal};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, pthread_sigmask};
use psup_link::request_id::fresh_id;
use psup_proto::input::{Part, Send};
use psup_proto::{Code, Failure, Request};
use std::io::{PipeReader, PipeWriter, Read, Write, pipe, stdin};
use std::os::fd::AsFd;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Scope;

/// Why it is over.
pub(super) enum Outcome {
    Detached,
    /// A signal asked this client to end.
    Stopped(Signal),
    /// The viewer's terminal is gone.
    TerminalGone,
    SessionEnded,
}

/// What wakes the listener.
enum News {
    /// The session shows itself, and its size is known.
    Attached,
    Ended(Result<(), Failure>),
    Signal(Signal),
}

pub(super) struct Listener<'s, 'a> {
    attachment: &'s Attachment<'a>,
    scanner: Scanner,
    is_attached: bool,
    typed: Sender<Outgoing>,
    news: Receiver<News>,
    waker: PipeReader,
}

/// What goes to the session.
enum Outgoing {
    Bytes(Vec<u8>),
    Size,
}

/// Those signals go to one thread alone; to be called before there is a second one.
pub(crate) fn block_signals() -> Result<SigSet, Failure> {
    let mut signals = SigSet::empty();
    for signal in [
        Signal::SIGWINCH,
        Signal::SIGHUP,
        Signal::SIGTERM,
        Signal::SIGINT,
        Signal::SIGQUIT,
    ] {
        signals.add(signal);
    }
    pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&signals), None)
        .map_err(|e| Failure::system("cannot block signals", e))?;
    Ok(signals)
}

impl<'s, 'a> Listener<'s, 'a> {
    /// Starts the other threads.
    pub(super) fn start(
        scope: &'s Scope<'s, '_>,
        attachment: &'s Attachment<'a>,
        signals: SigSet,
    ) -> Result<Self, Failure>
    where
        'a: 's,
    {
        let broken = |error| Failure::system("cannot make a pipe", error);
        let (waker, bell) = pipe().map_err(broken)?;
        let (teller, news) = channel();
        let (typed, outgoing) = channel();
        let (signal_teller, signal_bell) = (teller.clone(), bell.try_clone().map_err(broken)?);
        scope.spawn(move || {
            while let Ok(signal) = signals.wait() {
                tell(&signal_teller, &signal_bell, News::Signal(signal));
            }
        });
        let (send_teller, send_bell) = (teller.clone(), bell.try_clone().map_err(broken)?);
        scope.spawn(move || {
            if let Err(failure) = send_all(attachment, &outgoing) {
                tell(&send_teller, &send_bell, News::Ended(Err(failure)));
            }
        });
        scope.spawn(move || {
            let on_attached = || tell(&teller, &bell, News::Attached);
            let ended = follow(attachment, &on_attached);
            tell(&teller, &bell, News::Ended(ended));
        });
        Ok(Self {
            attachment,
            scanner: Scanner::new(attachment.wishes.detach),
            is_attached: false,
            typed,
            news,
            waker,
        })
    }

    pub(super) fn listen(mut self) -> Result<Outcome, Failure> {
        loop {
            let (woken, typed) = news_or_keys(&self.waker)?;
            if woken && let Some(outcome) = self.hear()? {
                return Ok(outcome);
            }
            if typed && let Some(outcome) = self.read_keys() {
                return Ok(outcome);
            }
        }
    }

    fn hear(&mut self) -> Result<Option<Outcome>, Failure> {
        // One byte for each piece of news.
        if self.waker.read(&mut [0]).is_err() {
            return Ok(None);
        }
        match self.news.recv() {
            Ok(News::Ended(ended)) => ended.map(|()| Some(Outcome::SessionEnded)),
            Ok(News::Attached) => {
                self.is_attached = true;
                self.resize_session();
                Ok(None)
            }
            Ok(News::Signal(Signal::SIGWINCH)) => {
                if let Some(size) = terminal::size() {
                    self.attachment.display().resize(size);
                    self.resize_session();
                }
                Ok(None)
            }
            Ok(News::Signal(Signal::SIGHUP)) => Ok(Some(Outcome::TerminalGone)),
            Ok(News::Signal(signal)) => Ok(Some(Outcome::Stopped(signal))),
            Err(_) => Ok(None),
        }
    }

    fn read_keys(&mut self) -> Option<Outcome> {
        let mut buffer = [0; 16 << 10];
        let count = match nix::unistd::read(stdin(), &mut buffer) {
            Ok(0) => return Some(Outcome::TerminalGone),
            Ok(count) => count,
            Err(nix::errno::Errno::EINTR | nix::errno::Errno::EAGAIN) => return None,
            Err(_) => return Some(Outcome::TerminalGone),
        };
        let place = self.attachment.display().place();
        let scanned = self.scanner.scan(&buffer[..count], place);
        if !self.attachment.wishes.read_only && !scanned.bytes.is_empty() {
            self.pass_on(Outgoing::Bytes(scanned.bytes));
        }
        scanned.detached.then_some(Outcome::Detached)
    }

    /// Not before the session has told its own size, which it gets back.
    fn resize_session(&self) {
        if self.attachment.wishes.resize && self.is_attached {
            self.pass_on(Outgoing::Size);
        }
    }

    fn pass_on(&self, outgoing: Outgoing) {
        // The sender ends only when it has told why.
        let _ = self.typed.send(outgoing);
    }
}

fn tell(to: &Sender<News>, mut bell: &PipeWriter, news: News) {
    // Where nobody listens any more the process is about to end.
    if to.send(news).is_ok() {
        let _ = bell.write_all(b"!");
    }
}

/// Sends what is typed; all that has come while a send was on its way goes with the next one.
fn send_all(attachment: &Attachment, outgoing: &Receiver<Outgoing>) -> Result<(), Failure> {
    let mut link = attachment.link();
    let target = &attachment.wishes.target;
    while let Ok(first) = outgoing.recv() {
        let mut bytes = Vec::new();
        let mut resized = false;
        for next in std::iter::once(first).chain(outgoing.try_iter()) {
            match next {
                Outgoing::Bytes(more) => bytes.extend(more),
                Outgoing::Size => resized = true,
            }
        }
        if resized {
            resize(attachment, &mut link)?;
        }
        for portion in bytes.chunks(psup_proto::limits::SEND_CHUNK) {
            let send = Send {
                id: fresh_id()?,
                parts: vec![Part::Text(portion.to_vec())],
                viewer: Some(attachment.viewer),
                secret: true,
                ..Send::default()
            };
            let request = Request::Send {
                target: target.clone(),
                send,
            };
            match link.ask(&request) {
                Ok(_) => {}
                // The bar says who has the keyboard; the follower knows of an end.
                Err(failure) if failure.code == Code::KeyboardTaken => {
                    super::display::write_all(b"\x07");
                }
                Err(failure) if matches!(failure.code, Code::NotRunning | Code::NoSuchSession) => {}
                Err(failure) if failure.code == Code::MaybeDelivered => {
                    super::display::write_all(b"\x07");
                }
                Err(failure) => return Err(failure),
            }
        }
    }
    Ok(())
}

/// Gives the session the viewer's size.
fn resize(attachment: &Attachment, link: &mut psup_link::Link) -> Result<(), Failure> {
    let Some(size) = terminal::size() else {
        return Ok(());
    };
    attachment
        .original()
        .get_or_insert(attachment.display().session_size());
    let request = Request::ViewerResize {
        target: attachment.wishes.target.clone(),
        viewer: attachment.viewer,
        size,
    };
    match link.ask(&request) {
        Ok(_) => Ok(()),
        Err(failure) if matches!(failure.code, Code::NotRunning | Code::NoSuchSession) => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// Waits until there is news or something was typed; which of both.
pub(crate) fn news_or_keys(waker: &PipeReader) -> Result<(bool, bool), Failure> {
    let keyboard = stdin();
    let mut fds = [
        PollFd::new(waker.as_fd(), PollFlags::POLLIN),
        PollFd::new(keyboard.as_fd(), PollFlags::POLLIN),
    ];
    match poll(&mut fds, PollTimeout::NONE) {
        Ok(_) | Err(nix::errno::Errno::EINTR) => {}
        Err(error) => return Err(Failure::system("cannot wait for the keyboard", error)),
    }
    let ready = |fd: &PollFd| fd.revents().is_some_and(|events| !events.is_empty());
    Ok((ready(&fds[0]), ready(&fds[1])))
}
