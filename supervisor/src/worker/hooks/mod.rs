//! Hooks: commands that run when something happens to a session, each delivery at least once.
//!
//! ```text
//! event (exit, lost, crash loop) ──┐
//!                                  ├─ Entry::Due in the file ─ deliver ─ command ─ Entry::Ran
//! watch (match, blocked, idle) ────┘                 └── pause, again ──┘
//! ```
//!
//! What is due is in the file before the command runs, and where its watch or its hook has come to
//! stands in the same line; so a worker that takes over finds each event either not looked at yet,
//! or due, or delivered. A watch is a parked wait and an offset: it has no queue. It goes on once
//! its delivery is over, with what has come meanwhile, and so a program that never stops to match
//! costs one command at a time.

mod book;
mod command;
mod deliver;
pub(crate) mod entry;
mod file;
mod message;
mod pace;
mod rearm;
mod watch;

use super::context::SharedWorker;
use crate::log::now_ms;
use book::Book;
use entry::{Cursor, Detail, Due, Entry, StoredHook};
use file::BookFile;
use psup_proto::event::{EventKind, Happened};
use psup_proto::hook::{
    AddHook, BLOCKED_WORDS, CRASH_LOOP, Delivery, DeliveryState, Hook, HookEvent, HookInfo,
    HookSelector,
};
use psup_proto::name::Name;
use psup_proto::{Code, Failure, Spec, limits};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::Path;
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::task::AbortHandle;

pub(crate) use deliver::{settle, start};
pub(crate) use watch::{WatchedLife, watch_session};

/// How far the events were looked through is written down after so many.
const SEEN_EVERY: u64 = 256;

pub struct Hooks {
    book: RefCell<Book>,
    file: RefCell<BookFile>,
    /// Commands that run, and who waits for their end.
    pub commands: RefCell<HashMap<i32, oneshot::Sender<i32>>>,
    permits: Semaphore,
    /// A delivery is over, or a hook is gone.
    news: Notify,
    watching: RefCell<HashMap<(u32, String), AbortHandle>>,
    /// Events up to this number have been looked at, ...
    seen: Cell<u64>,
    /// ... and this one is in the file.
    seen_in_file: Cell<u64>,
}

impl Hooks {
    /// Goes on where the last worker ended.
    pub fn open(state: &Path, last_event: u64) -> Self {
        let (file, book) = BookFile::open(state);
        let seen = book.seen().unwrap_or(last_event);
        Self {
            book: RefCell::new(book),
            file: RefCell::new(file),
            commands: RefCell::default(),
            permits: Semaphore::new(limits::HOOK_COMMANDS),
            news: Notify::new(),
            watching: RefCell::default(),
            seen: Cell::new(seen),
            seen_in_file: Cell::new(seen),
        }
    }

    /// The file is gone with its directory.
    pub fn write_again(&self) {
        self.file.borrow_mut().write_again(&self.book.borrow());
    }

    pub(crate) fn infos(&self, wanted: impl Fn(&StoredHook) -> bool) -> Vec<HookInfo> {
        self.book.borrow().infos(wanted)
    }

    fn change(&self, entry: Entry) {
        let mut book = self.book.borrow_mut();
        let line = file::line(&entry);
        book.apply(entry);
        self.file.borrow_mut().append(&line, &book);
    }

    fn has_hooks(&self) -> bool {
        self.book.borrow().count() > 0
    }

    fn remove_if_over(&self, number: u32) {
        let is_over = self.book.borrow().is_over(number);
        if is_over {
            self.remove_number(number);
        }
    }

    fn remove_number(&self, number: u32) {
        self.change(Entry::Removed { hook: number });
        self.watching.borrow_mut().retain(|(hook, _), task| {
            if *hook == number {
                task.abort();
            }
            *hook != number
        });
        self.news.notify_waiters();
    }
}

/// Adds a hook, once for each request. Events before now are none of its business.
pub(crate) async fn add(worker: &SharedWorker, added: AddHook) -> Result<HookInfo, Failure> {
    check(&added.hook)?;
    if added
        .env
        .iter()
        .any(|(key, value)| key.contains(&0) || value.contains(&0))
    {
        return Err(Failure::new(
            Code::Usage,
            "variables cannot hold a zero byte",
        ));
    }
    catch_up(worker);
    let hooks = &worker.hooks;
    let known = hooks.book.borrow().by_request(added.id);
    let number = if let Some(number) = known {
        number
    } else {
        room(hooks, 1)?;
        let number = hooks.book.borrow().next_number();
        let hook = StoredHook::new(number, added, now_ms(), worker.events.last());
        hooks.change(Entry::Added(hook));
        number
    };
    watch::watch_all(worker, number).await;
    let mut infos = hooks.infos(|hook| hook.number == number);
    infos
        .pop()
        .ok_or_else(|| Failure::new(Code::Internal, "the hook has just been removed"))
}

/// Removes hooks, and what they have not delivered.
pub(crate) fn remove(worker: &SharedWorker, selector: &HookSelector) -> Vec<HookInfo> {
    catch_up(worker);
    let gone = worker.hooks.infos(|hook| hook.is_selected(selector));
    for info in &gone {
        worker.hooks.remove_number(info.number);
    }
    gone
}

/// The hooks of a spec become those of its name; what the name has from `hook add` stays.
pub(crate) fn set_of_spec(worker: &SharedWorker, name: &Name, spec: &Spec) -> Result<(), Failure> {
    catch_up(worker);
    let hooks = &worker.hooks;
    let mut old: Vec<StoredHook> = {
        let book = hooks.book.borrow();
        let own = book
            .hooks()
            .filter(|hook| hook.of_spec && hook.name.as_ref() == Some(name));
        own.cloned().collect()
    };
    room(hooks, spec.hooks.len().saturating_sub(old.len()))?;
    for hook in &spec.hooks {
        // One that is the same stays what it is, with all that it has to deliver.
        let same = old.iter().position(|old| old.hook == *hook);
        let same = same.map(|at| old.remove(at));
        let number = same
            .as_ref()
            .map_or_else(|| hooks.book.borrow().next_number(), |old| old.number);
        let added = AddHook {
            id: 0,
            name: Some(name.clone()),
            hook: hook.clone(),
            cwd: spec.cwd.clone(),
            env: spec.env.clone(),
            umask: spec.umask,
        };
        hooks.change(Entry::Added(StoredHook {
            of_spec: true,
            ..StoredHook::new(number, added, now_ms(), worker.events.last())
        }));
    }
    for hook in old {
        hooks.remove_number(hook.number);
    }
    Ok(())
}

fn room(hooks: &Hooks, more: usize) -> Result<(), Failure> {
    if hooks.book.borrow().count() + more > limits::HOOKS {
        let message = format!("{} hooks are kept already", limits::HOOKS);
        return Err(Failure::new(Code::Limit, message).hint("`psup hook list` shows all of them"));
    }
    Ok(())
}

/// A hook comes from a client: what it says is checked before anything is made of it.
pub(crate) fn check(hook: &Hook) -> Result<(), Failure> {
    let usage = |message: String| Err(Failure::new(Code::Usage, message));
    if hook.command.first().is_none_or(Vec::is_empty) {
        return usage("a hook needs a command".into());
    }
    if hook.command.iter().any(|word| word.contains(&0)) {
        return usage("the command of a hook cannot hold a zero byte".into());
    }
    if hook.timeout.is_zero() || hook.timeout > limits::HOOK_TIME {
        return usage("the time limit of a hook is more than nothing and at most 1h".into());
    }
    if hook.tries == 0 || hook.tries > limits::HOOK_TRIES {
        return usage(format!(
            "a hook is tried at least once and at most {} times",
            limits::HOOK_TRIES
        ));
    }
    match &hook.on {
        HookEvent::Match(pattern) => psup_session::check_pattern(pattern),
        HookEvent::Blocked(words) => {
            let known = |word: &&String| !BLOCKED_WORDS.contains(&word.as_str());
            match words.iter().find(known) {
                Some(word) => usage(format!(
                    "{word:?} is nothing that a program waits for: {}",
                    BLOCKED_WORDS.join(" ")
                )),
                None => Ok(()),
            }
        }
        HookEvent::Idle(time) if time.is_zero() => {
            usage("a session is idle after more than no time".into())
        }
        HookEvent::Idle(_) | HookEvent::Exit | HookEvent::Lost | HookEvent::CrashLoop => Ok(()),
    }
}

/// Looks through the events that have come since the last look. Not before every life is known:
/// until then nobody can say what was forgotten.
pub(crate) fn catch_up(worker: &SharedWorker) {
    let hooks = &worker.hooks;
    if !worker.adopted.get() {
        return;
    }
    if !hooks.has_hooks() {
        hooks.seen.set(worker.events.last());
        return;
    }
    for happened in worker.events.after(hooks.seen.get()) {
        hooks.seen.set(happened.seq);
        look_at(worker, &happened);
    }
    let seen = hooks.seen.get();
    if seen >= hooks.seen_in_file.get() + SEEN_EVERY {
        hooks.seen_in_file.set(seen);
        hooks.change(Entry::Seen { event: seen });
    }
}

fn look_at(worker: &SharedWorker, happened: &Happened) {
    let name = &happened.id.name;
    match &happened.what {
        EventKind::Exited { exit } => {
            let detail = Detail {
                exit: Some(exit.clone()),
                ..Detail::default()
            };
            for_each(worker, happened, &HookEvent::Exit, &detail);
        }
        EventKind::Lost { reason } => {
            let detail = Detail {
                reason: Some(reason.clone()),
                ..Detail::default()
            };
            for_each(worker, happened, &HookEvent::Lost, &detail);
        }
        EventKind::Restarted { restarts, .. } if *restarts == CRASH_LOOP => {
            let detail = Detail {
                restarts: Some(*restarts),
                ..Detail::default()
            };
            for_each(worker, happened, &HookEvent::CrashLoop, &detail);
        }
        EventKind::Renamed { to } => worker.hooks.change(Entry::Renamed {
            from: name.clone(),
            to: to.name.clone(),
            event: happened.seq,
        }),
        EventKind::Forgotten if worker.registry.known(&name.clone().into()).is_none() => {
            let gone = worker
                .hooks
                .infos(|hook| hook.name.as_ref() == Some(name) && hook.seen < happened.seq);
            for info in gone {
                worker.hooks.change(Entry::Retired { hook: info.number });
                worker.hooks.remove_if_over(info.number);
            }
        }
        _ => {}
    }
}

/// Every hook that waits for this event gets a delivery.
fn for_each(worker: &SharedWorker, happened: &Happened, on: &HookEvent, detail: &Detail) {
    let hooks: Vec<u32> = {
        let book = worker.hooks.book.borrow();
        let waiting = book.hooks().filter(|hook| {
            hook.hook.on == *on && hook.applies_to(&happened.id.name) && hook.seen < happened.seq
        });
        waiting.map(|hook| hook.number).collect()
    };
    if hooks.is_empty() {
        return;
    }
    let known = worker.registry.known(&happened.id.clone().into());
    let stopped = known.as_ref().is_some_and(|known| known.record.stopped);
    for hook in hooks {
        let due = Due {
            hook,
            event: happened.seq,
            at_ms: happened.at_ms,
            id: happened.id.clone(),
            key: known
                .as_ref()
                .map(|known| known.key.clone())
                .unwrap_or_default(),
            offset: happened.offset,
            detail: Detail {
                stopped,
                ..detail.clone()
            },
            tries: 0,
        };
        add_due(worker, due, None);
    }
}

/// Writes down that a delivery is due, and begins it.
fn add_due(worker: &SharedWorker, due: Due, cursor: Option<Cursor>) {
    let (hook, event) = (due.hook, due.event);
    let oldest = {
        let book = worker.hooks.book.borrow();
        let full = book.due_count() >= limits::DELIVERIES;
        let oldest = full.then(|| book.all_due().min_by_key(|due| due.event));
        oldest.flatten().cloned()
    };
    if let Some(oldest) = oldest {
        let reason = format!("more than {} deliveries are due", limits::DELIVERIES);
        ran(worker, &oldest, DeliveryState::Failed, reason);
    }
    worker.hooks.change(Entry::Due { due, cursor });
    tokio::task::spawn_local(deliver::deliver(worker.clone(), hook, event));
}

/// A command has run: first that is written down, then it is told.
fn ran(worker: &SharedWorker, due: &Due, state: DeliveryState, reason: String) {
    let delivery = Delivery {
        event: due.event,
        id: due.id.clone(),
        state,
        tries: due.tries,
        reason: reason.clone(),
        at_ms: now_ms(),
    };
    worker.hooks.change(Entry::Ran {
        hook: due.hook,
        delivery,
    });
    let what = EventKind::HookRan {
        hook: due.hook,
        event: due.event,
        tries: due.tries,
        state,
        reason,
    };
    worker.events.tell(&due.id, due.offset, what);
    worker.hooks.remove_if_over(due.hook);
    worker.hooks.news.notify_waiters();
}
