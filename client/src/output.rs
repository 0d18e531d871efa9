//! What psup says: data on stdout and nothing else there, talk on stderr.
//!
//! A reader of stdout that has gone away ends psup as quietly as it would any other filter. On a
//! terminal, text that the terminal would obey is written out
//! ([`terminal_text`](psup_link::terminal_text)); pipes and files get it as it is.

use crate::done::Done;
use crate::tone::Looks;
use nix::sys::signal::{SigHandler, Signal, raise, signal};
use psup_link::OnDetail;
use psup_link::terminal_text::Sink;
use psup_proto::{Code, Failure};
use serde::Serialize;
use std::cell::RefCell;
use std::fmt;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::rc::Rc;

pub(crate) struct Out {
    pub json: bool,
    pub quiet: bool,
    pub verbose: bool,
    data: Box<dyn Write>,
    /// What `data` and `talk` write to, where they are the standard streams.
    data_sink: Sink,
    talk_sink: Sink,
    /// Shared with what tells how the supervisor is reached.
    talk: Rc<RefCell<Box<dyn Write>>>,
}

/// An error as `--json` tells it.
#[derive(Serialize)]
struct Report<'a> {
    error: Error<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    code: &'static str,
    message: &'a str,
    hint: Option<&'a str>,
}

impl Out {
    pub(crate) fn to_standard() -> Self {
        Self {
            data_sink: Sink::Stdout,
            talk_sink: Sink::Stderr,
            ..Self::to(
                Box::new(BufWriter::new(io::stdout())),
                Box::new(io::stderr()),
            )
        }
    }

    pub(crate) fn to(data: Box<dyn Write>, talk: Box<dyn Write>) -> Self {
        Self {
            json: false,
            quiet: false,
            verbose: false,
            data,
            data_sink: Sink::Other,
            talk_sink: Sink::Other,
            talk: Rc::new(RefCell::new(talk)),
        }
    }

    /// Bytes for stdout, as they are.
    pub(crate) fn data(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        written(self.data.write_all(bytes))
    }

    /// Text for stdout: lines that a person may read.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        let text = self.data_sink.safe(text);
        written(self.data.write_all(text.as_bytes()))
    }

    /// One line for stdout.
    pub(crate) fn line(&mut self, line: impl fmt::Display) -> Result<(), Failure> {
        self.text(&format!("{line}\n"))
    }

    /// Whether what is printed is shown by a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.data_sink.is_terminal()
    }

    /// How much may be made of the terminal that shows what is printed; `None` where there is none.
    pub(crate) fn terminal(&self) -> Option<Looks> {
        self.is_terminal().then(Looks::of_stdout)
    }

    /// Text for a terminal with its colours. What came from elsewhere has been written out in it.
    pub(crate) fn styled(&mut self, text: &str) -> Result<(), Failure> {
        written(self.data.write_all(text.as_bytes()))
    }

    /// One object for stdout, on a line of its own.
    pub(crate) fn object(&mut self, object: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(object)
            .map_err(|e| Failure::new(Code::Internal, e.to_string()))?;
        let text = self.data_sink.safe_json(&text);
        written(writeln!(self.data, "{text}"))
    }

    /// A part of an object for stdout.
    pub(crate) fn json(&mut self, part: &str) -> Result<(), Failure> {
        let part = self.data_sink.safe_json(part);
        written(self.data.write_all(part.as_bytes()))
    }

    /// What has been said so far reaches its reader now.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        written(self.data.flush())
    }

    /// Something a person may like to know.
    pub(crate) fn talk(&mut self, line: impl fmt::Display) {
        if !self.quiet {
            self.warn(line);
        }
    }

    /// Something a person has to know, `--quiet` or not.
    pub(crate) fn warn(&mut self, line: impl fmt::Display) {
        print_line(&self.talk, self.talk_sink, line);
    }

    /// Where to tell how the supervisor is reached, under `-v`.
    pub(crate) fn details(&self) -> Option<OnDetail<'static>> {
        let talk = self.verbose.then(|| Rc::clone(&self.talk))?;
        let sink = self.talk_sink;
        Some(Box::new(move |line| {
            print_line(&talk, sink, format_args!("psup: {line}"));
        }))
    }

    /// How far something has come, for a person who waits for it; the next one takes its place.
    pub(crate) fn progress(&mut self, line: impl fmt::Display) {
        if !self.quiet && self.talk_sink.is_terminal() {
            let line = format!("\r\x1b[K{line}");
            // Where stderr is gone there is nobody left to tell.
            let _ = self.talk.borrow_mut().write_all(line.as_bytes());
        }
    }

    /// Tells why it did not happen.
    pub(crate) fn fail(&mut self, failure: &Failure) -> Done {
        // What was printed before the failure is true; the failure in hand is the one to tell.
        let _ = self.flush();
        let Failure {
            code,
            message,
            hint,
        } = failure;
        if self.json {
            let told = Report {
                error: Error {
                    code: code.word(),
                    message,
                    hint: hint.as_deref(),
                },
            };
            let text = serde_json::to_string(&told).unwrap_or_default();
            let text = self.talk_sink.safe_json(&text).into_owned();
            self.warn(text);
        } else {
            self.warn(format_args!("error: {message}"));
            if let Some(hint) = hint.as_deref().filter(|hint| !hint.is_empty()) {
                self.warn(format_args!("hint: {hint}"));
            }
        }
        Done::like(*code)
    }

    pub(crate) fn finish(&mut self) -> Done {
        match self.flush() {
            Ok(()) => Done::OK,
            Err(failure) => self.fail(&failure),
        }
    }
}

/// In one write, so that lines of several writers stay lines. Where stderr is gone there is nobody
/// left to tell.
fn print_line(talk: &RefCell<Box<dyn Write>>, sink: Sink, line: impl fmt::Display) {
    let line = format!("{line}\n");
    let _ = talk.borrow_mut().write_all(sink.safe(&line).as_bytes());
}

fn written(result: io::Result<()>) -> Result<(), Failure> {
    result.map_err(|error| {
        if error.kind() == ErrorKind::BrokenPipe {
            leave_quietly();
        }
        Failure::system("cannot write to stdout", error)
    })
}

/// Ends as the system would have ended us. The signal stays ignored until here because a supervisor
/// that goes away while it is being written to must not end its client.
fn leave_quietly() -> ! {
    // SAFETY: the default action is no handler of ours, so no code of ours runs in one.
    let reset = unsafe { signal(Signal::SIGPIPE, SigHandler::SigDfl) };
    if reset.is_ok() {
        // Where the signal is blocked we come back, and leave by the next line.
        let _ = raise(Signal::SIGPIPE);
    }
    std::process::exit(141)
}
