//! Watches: what a hook waits for in the output or the state of one life. Each is a wait like a
//! client's, asked again from where the last one was answered.

use super::deliver::add_due;
use super::entry::{self, Cursor, Due, Entry};
use super::pace::Pace;
use super::rearm::rearm;
use crate::log::{Level, log, now_ms};
use crate::worker::context::SharedWorker;
use crate::worker::driver::mailbox::{Detail, DriverHandle};
use psup_proto::condition::{Condition, MatchOn, Quorum, Verdict, Wait, Waited};
use psup_proto::event::EventKind;
use psup_proto::hook::HookEvent;
use psup_proto::name::SessionId;
use psup_proto::{Code, Failure, Offset};
use psup_session::{Answer, Ask};
use std::time::{Duration, Instant};

/// A session that cannot take another wait is asked again after this.
const RETRY: Duration = Duration::from_secs(10);

/// A life as its watches need it.
#[derive(Clone)]
pub(crate) struct WatchedLife {
    pub key: String,
    pub started_ms: u64,
    /// The journal's end.
    pub end: Offset,
    pub live: bool,
    pub handle: DriverHandle,
}

/// Begins or goes on with every watch of a life.
pub(crate) fn watch_session(worker: &SharedWorker, life: &WatchedLife) {
    let numbers: Vec<u32> = {
        let book = worker.hooks.book.borrow();
        let name = life.handle.id().name;
        let watching = book.watches_of(&life.key);
        let mut hooks = book.hooks().filter(|hook| hook.watches());
        let applies = hooks.by_ref().filter(|hook| {
            watching.contains(&hook.number) || (life.live && hook.applies_to(&name))
        });
        applies.map(|hook| hook.number).collect()
    };
    for number in numbers {
        begin(worker, number, life);
    }
}

/// A new hook watches all that live, from where their output ends now.
pub(super) async fn watch_all(worker: &SharedWorker, number: u32) {
    let (name, watches) = {
        let book = worker.hooks.book.borrow();
        let hook = book.hook(number);
        (
            hook.and_then(|hook| hook.name.clone()),
            hook.is_some_and(entry::StoredHook::watches),
        )
    };
    if !watches {
        return;
    }
    let applies = |known: &SessionId| name.as_ref().is_none_or(|name| *name == known.name);
    for known in worker.registry.list(true) {
        if !known.is_live() || !applies(&known.handle.id()) {
            continue;
        }
        // One that has just been forgotten does nothing any more.
        if let Ok(info) = known.handle.info(Detail::Brief).await {
            let life = WatchedLife {
                key: known.key,
                started_ms: known.record.started_ms,
                end: info.facts.offset,
                live: true,
                handle: known.handle,
            };
            begin(worker, number, &life);
        }
    }
}

fn begin(worker: &SharedWorker, number: u32, life: &WatchedLife) {
    let place = (number, life.key.clone());
    if worker.hooks.watching.borrow().contains_key(&place) {
        return;
    }
    let cursor = {
        let book = worker.hooks.book.borrow();
        let known = book.watch(number, &life.key);
        let added_ms = book.hook(number).map_or(0, |hook| hook.added_ms);
        known.ok_or(added_ms)
    };
    let cursor = cursor.unwrap_or_else(|added_ms| {
        // A hook that was there first sees the life from its first byte.
        let at = if life.started_ms >= added_ms {
            0
        } else {
            life.end
        };
        let cursor = Cursor { at, fired: false };
        worker.hooks.change(Entry::Watch {
            hook: number,
            key: life.key.clone(),
            cursor,
        });
        cursor
    });
    let watch = Watch {
        worker: worker.clone(),
        number,
        key: life.key.clone(),
        handle: life.handle.clone(),
        cursor,
        pace: Pace::new(Instant::now()),
    };
    let task = tokio::task::spawn_local(watch.run());
    let mut watching = worker.hooks.watching.borrow_mut();
    watching.insert(place, task.abort_handle());
}

struct Watch {
    worker: SharedWorker,
    number: u32,
    key: String,
    handle: DriverHandle,
    cursor: Cursor,
    pace: Pace,
}

impl Watch {
    async fn run(mut self) {
        while let Some(on) = self.event() {
            // One delivery after the other: what comes meanwhile lies in the journal.
            self.until_delivered().await;
            let Some(from) = rearm(&self.handle, &on, self.cursor).await else {
                break;
            };
            let asked = Ask::Wait(question(&on, self.cursor, from));
            match self.handle.ask(asked).await {
                Ok(Answer::Waited(waited)) => match waited.verdict {
                    Verdict::Held(_) => self.found(&on, &waited).await,
                    Verdict::Ended | Verdict::TimedOut | Verdict::Failed(_) => break,
                },
                Ok(Answer::Refused(failure)) => self.refused(&failure, from).await,
                Ok(_) | Err(_) => break,
            }
        }
        let (worker, place) = (&self.worker, (self.number, self.key.clone()));
        worker.hooks.watching.borrow_mut().remove(&place);
        if self.event().is_some() {
            let (hook, key) = place;
            worker.hooks.change(Entry::WatchOver { hook, key });
        }
    }

    fn event(&self) -> Option<HookEvent> {
        let book = self.worker.hooks.book.borrow();
        book.hook(self.number).map(|hook| hook.hook.on.clone())
    }

    async fn until_delivered(&self) {
        loop {
            let hooks = &self.worker.hooks;
            let mut news = std::pin::pin!(hooks.news.notified());
            // Enlisted before the look, so that nothing slips in between.
            news.as_mut().enable();
            if !hooks.book.borrow().has_due(self.number, &self.key) {
                return;
            }
            news.await;
        }
    }

    async fn found(&mut self, on: &HookEvent, waited: &Waited) {
        let matched = match &waited.verdict {
            Verdict::Held(held) => held.first().and_then(|held| held.found.clone()),
            Verdict::Failed(_) | Verdict::Ended | Verdict::TimedOut => None,
        };
        self.cursor = Cursor {
            at: waited.offset,
            fired: true,
        };
        let mut detail = entry::Detail::default();
        let mut text = matched.as_ref().map(|found| found.text.clone());
        match on {
            HookEvent::Blocked(words) => {
                let word = text.clone().unwrap_or_default();
                if !words.is_empty() && !words.contains(&word) {
                    return;
                }
                detail.blocked = Some(word);
            }
            HookEvent::Match(_) => detail.matched = matched,
            HookEvent::Idle(_) | HookEvent::Exit | HookEvent::Lost | HookEvent::CrashLoop => {
                text = on.value();
            }
        }
        let pause = self.pace.pause(Instant::now());
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let id = self.handle.id();
        let what = EventKind::HookDue {
            hook: self.number,
            on: on.word().to_owned(),
            text: text.unwrap_or_default().chars().take(200).collect(),
        };
        let event = self.worker.events.tell(&id, waited.offset, what);
        let due = Due {
            hook: self.number,
            event,
            at_ms: now_ms(),
            id,
            key: self.key.clone(),
            offset: waited.offset,
            detail,
            tries: 0,
        };
        add_due(&self.worker, due, Some(self.cursor));
    }

    async fn refused(&mut self, failure: &Failure, from: Offset) {
        if failure.code == Code::Gap
            && let Ok((chunk, _)) = self.handle.bytes(from, 1).await
            && chunk.from > from
        {
            // The event `gap` has told what is missing.
            self.cursor = Cursor {
                at: chunk.from,
                fired: false,
            };
            return;
        }
        log(
            Level::Warn,
            "a hook cannot watch a session; it is tried again",
            &[
                ("hook", &self.number),
                ("session", &self.handle.id()),
                ("error", failure),
            ],
        );
        tokio::time::sleep(RETRY).await;
    }
}

fn question(on: &HookEvent, cursor: Cursor, from: Offset) -> Wait {
    // At the very end of a line a program may wait for more input.
    let told = cursor.fired.then(|| from.saturating_sub(1));
    let (condition, since) = match on {
        HookEvent::Match(pattern) => (Condition::Text(pattern.clone()), Some(from)),
        HookEvent::Blocked(_) => (Condition::Input, told),
        HookEvent::Idle(time) => (Condition::Idle(*time), told),
        HookEvent::Exit | HookEvent::Lost | HookEvent::CrashLoop => (Condition::Exit, told),
    };
    Wait {
        conditions: vec![condition],
        quorum: Quorum::Any,
        on: MatchOn::Output,
        since,
        fail: None,
        timeout: None,
        settle: false,
    }
}
