//! `psup top`: all sessions at a glance, and the selected one's screen as it changes.
//!
//! ```text
//! events ─▶ lists ──┐
//! output ─▶ preview ┼─▶ news ─▶ model ─▶ draw ─▶ only what differs goes to the terminal
//! keys, signals ────┘             └─▶ attach (a psup of its own), stop, restart, journal
//! ```
//! Nothing runs on a clock: every thread waits for its supervisor, the keyboard or a signal. It
//! only reads, until a key says otherwise: no session gets a viewer, input or another size by being
//! looked at.

mod act;
mod backend;
mod draw;
mod keys;
mod model;
mod picture;
mod preview;
#[cfg(test)]
mod sample;
mod sources;

use crate::attach::listen;
use crate::attach::terminal::{self, Terminal};
use backend::Escapes;
use draw::Looks;
use model::{Effect, Model, Place, View};
use nix::sys::signal::Signal;
use preview::Line;
use psup_link::capture::Shot;
use psup_proto::info::Info;
use psup_proto::request::Filter;
use psup_proto::{Failure, Size};
use ratatui::Terminal as Canvas;
pub(crate) use sources::Source;
use std::io::{PipeReader, PipeWriter, Read, Write, pipe, stdin};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Scope;

const BEGIN: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[m\x1b[2J";

/// What a person asked for.
pub(crate) struct Wishes {
    pub filter: Filter,
    pub colours: bool,
    /// The words before a verb by which another psup reaches the same supervisor.
    pub words: Vec<std::ffi::OsString>,
}

/// What wakes the one thread that draws.
enum News {
    Signal(Signal),
    Listed(usize, Result<Vec<Info>, Failure>),
    /// The screen of the session that was selected at this count.
    Preview(u64, Result<Shot, Failure>),
    Journal(Place, Result<Shot, Failure>),
    Done(String),
}

#[derive(Clone)]
struct Teller {
    news: Sender<News>,
    bell: Arc<PipeWriter>,
}

impl Teller {
    fn tell(&self, news: News) {
        // Where nobody listens any more the process is about to end.
        if self.news.send(news).is_ok() {
            let _ = (&*self.bell).write_all(b"!");
        }
    }
}

/// How it was ended.
enum End {
    Quit,
    Stopped(Signal),
    TerminalGone,
}

struct Top<'s, 'a> {
    sources: &'s [Source<'a>],
    wishes: &'s Wishes,
    model: Model,
    teller: Teller,
    news: Receiver<News>,
    waker: PipeReader,
    /// Has a source listed again.
    ask: Vec<Sender<()>>,
    show_ended: &'s AtomicBool,
    /// The session whose screen is followed, with its size, and how to end that.
    followed: Option<(Place, Size, Arc<Line>)>,
    /// How many were followed.
    count: u64,
    terminal: &'s Terminal,
}

/// Shows all sessions until a person has seen enough. It comes back only if it cannot begin: the
/// process ends with the view, for its threads wait in reads that nothing ends.
pub(crate) fn run(sources: &[Source<'_>], wishes: &Wishes) -> Failure {
    let hint = "`psup list` prints the sessions, `psup events` follows what happens to them";
    let terminal = match Terminal::open("top", hint).map(Terminal::on_alternate_screen) {
        Ok(terminal) => terminal,
        Err(failure) => return failure,
    };
    if let Err(failure) = terminal.attend() {
        return failure;
    }
    let signals = match listen::block_signals() {
        Ok(signals) => signals,
        Err(failure) => return failure,
    };
    if let Err(failure) = terminal.make_raw() {
        return failure;
    }
    terminal::write_all(BEGIN);
    let panicked = remember_panics();
    let show_ended = AtomicBool::new(wishes.filter.all);
    std::thread::scope(|scope| {
        let shown = catch_unwind(AssertUnwindSafe(|| {
            let mut top = Top::start(scope, sources, wishes, &show_ended, &terminal)?;
            let teller = top.teller.clone();
            scope.spawn(move || {
                while let Ok(signal) = signals.wait() {
                    teller.tell(News::Signal(signal));
                }
            });
            top.go(scope)
        }));
        terminal.end(b"");
        let code = match shown {
            Ok(Ok(End::Quit)) => 0,
            Ok(Ok(End::Stopped(signal))) => 128 + signal as i32,
            Ok(Ok(End::TerminalGone)) => 1,
            Ok(Err(failure)) => {
                terminal::write_all(format!("error: {failure}\r\n").as_bytes());
                1
            }
            Err(_) => {
                let what = panicked.lock().unwrap_or_else(PoisonError::into_inner);
                terminal::write_all(format!("error: {what}\r\n").as_bytes());
                101
            }
        };
        std::process::exit(code)
    })
}

/// What a panic says would be lost with the screen that it is written to.
fn remember_panics() -> Arc<Mutex<String>> {
    let said = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&said);
    std::panic::set_hook(Box::new(move |panic| {
        *kept.lock().unwrap_or_else(PoisonError::into_inner) = panic.to_string();
    }));
    said
}

impl<'s, 'a: 's> Top<'s, 'a> {
    fn start(
        scope: &'s Scope<'s, '_>,
        sources: &'s [Source<'a>],
        wishes: &'s Wishes,
        show_ended: &'s AtomicBool,
        terminal: &'s Terminal,
    ) -> Result<Self, Failure> {
        let broken = |error| Failure::system("cannot make a pipe", error);
        let (waker, bell) = pipe().map_err(broken)?;
        let (news_in, news) = channel();
        let teller = Teller {
            news: news_in,
            bell: Arc::new(bell),
        };
        let mut ask = Vec::new();
        for (at, source) in sources.iter().enumerate() {
            let (asks, asked) = channel();
            // The first list is asked for by nobody's event.
            let _ = asks.send(());
            let watcher = asks.clone();
            ask.push(asks);
            scope.spawn(move || sources::watch(source, &watcher));
            let teller = teller.clone();
            scope.spawn(move || {
                let filter = || Filter {
                    all: show_ended.load(Ordering::Relaxed),
                    ..wishes.filter.clone()
                };
                sources::list(source, &asked, filter, |list| {
                    teller.tell(News::Listed(at, list));
                });
            });
        }
        let names = sources.iter().map(|source| source.name.clone()).collect();
        Ok(Self {
            sources,
            wishes,
            model: Model::new(names, wishes.filter.all),
            teller,
            news,
            waker,
            ask,
            show_ended,
            followed: None,
            count: 0,
            terminal,
        })
    }

    fn go(&mut self, scope: &'s Scope<'s, '_>) -> Result<End, Failure> {
        let broken = |error| Failure::system("cannot draw", error);
        let mut canvas = Canvas::new(Escapes::default()).map_err(broken)?;
        loop {
            self.follow(scope);
            let looks = Looks {
                colours: self.wishes.colours,
                now: crate::human::now_ms(),
            };
            let model = &mut self.model;
            canvas
                .draw(|frame| draw::draw(frame, model, looks))
                .map_err(broken)?;
            let (woken, typed) = listen::news_or_keys(&self.waker)?;
            if woken && let Some(end) = self.hear() {
                return Ok(end);
            }
            let mut typed = if typed { read_keys() } else { Some(Vec::new()) };
            for key in typed.take().ok_or(End::TerminalGone).into_iter().flatten() {
                match self.model.press(key) {
                    Some(Effect::Quit) => return Ok(End::Quit),
                    Some(Effect::Attach(place)) => {
                        self.attach(&place);
                        canvas.clear().map_err(broken)?;
                    }
                    Some(effect) => self.begin(scope, effect),
                    None => {}
                }
            }
        }
    }

    /// Takes in all news that has come; whether it is over.
    fn hear(&mut self) -> Option<End> {
        // One byte for each piece of news.
        let _ = self.waker.read(&mut [0; 4096]);
        while let Ok(news) = self.news.try_recv() {
            match news {
                // The next drawing finds the new size.
                News::Signal(Signal::SIGWINCH) => {}
                News::Signal(Signal::SIGHUP) => return Some(End::TerminalGone),
                News::Signal(signal) => return Some(End::Stopped(signal)),
                News::Listed(source, list) => {
                    self.model.listed(source, list.map_err(in_words));
                }
                News::Preview(count, shot) if count == self.count => {
                    self.model.preview = Some(shot.map_err(in_words));
                }
                News::Preview(..) => {}
                News::Journal(place, shot) => {
                    if self.model.view == View::Journal
                        && self.model.selected.as_ref() == Some(&place)
                    {
                        self.model.journal = Some(shot.map_err(in_words));
                    }
                }
                News::Done(what) => self.model.note = Some(what),
            }
        }
        None
    }

    /// Follows the screen of the session that is selected now.
    fn follow(&mut self, scope: &'s Scope<'s, '_>) {
        let wanted = self
            .model
            .selected
            .clone()
            .zip(self.model.selected_info().map(|info| info.size));
        let followed = self.followed.as_ref();
        if followed.map(|(place, size, _)| (place, *size)) == wanted.as_ref().map(|(p, s)| (p, *s))
        {
            return;
        }
        if let Some((place, _, line)) = self.followed.take() {
            line.cut();
            // The same session in another size keeps its picture until there is a newer one.
            if wanted.as_ref().is_none_or(|(wanted, _)| *wanted != place) {
                self.model.preview = None;
            }
        }
        self.count += 1;
        let Some((place, size)) = wanted else { return };
        let line = Arc::new(Line::default());
        self.followed = Some((place.clone(), size, Arc::clone(&line)));
        let (source, teller, count) =
            (&self.sources[place.source], self.teller.clone(), self.count);
        scope.spawn(move || {
            preview::follow(source, &place.id, &line, &|shot| {
                teller.tell(News::Preview(count, shot));
            });
        });
    }
}

/// What was typed; `None` where the terminal is gone.
fn read_keys() -> Option<Vec<keys::Key>> {
    let mut buffer = [0; 1024];
    match nix::unistd::read(stdin(), &mut buffer) {
        Ok(0) => None,
        Ok(count) => Some(keys::read(&buffer[..count])),
        Err(nix::errno::Errno::EINTR | nix::errno::Errno::EAGAIN) => Some(Vec::new()),
        Err(_) => None,
    }
}

fn in_words(failure: Failure) -> String {
    if failure.is_no_supervisor() {
        "no supervisor is running".to_owned()
    } else {
        failure.message
    }
}
