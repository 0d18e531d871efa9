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
mod events;
mod file;
mod message;
mod pace;
mod rearm;
pub(crate) mod state;
mod watch;

use super::context::SharedWorker;
use crate::log::now_ms;
use entry::{Entry, StoredHook};
use psup_proto::hook::{AddHook, BLOCKED_WORDS, Hook, HookEvent, HookInfo, HookSelector};
use psup_proto::name::Name;
use psup_proto::{Code, Failure, Spec, limits};
use state::Hooks;

pub(crate) use events::{catch_up, settle, start};
pub(crate) use watch::{WatchedLife, watch_session};

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
