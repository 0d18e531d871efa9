//! What there is to know: info and list.

use crate::worker::connection::{Connection, Served};
use crate::worker::context::Worker;
use crate::worker::driver::foreground;
use crate::worker::driver::mailbox::{Detail, SessionInfo};
use crate::worker::sessions::session_ref::SessionRef;
use psup_proto::info::{Info, State};
use psup_proto::name::Target;
use psup_proto::request::Filter;
use psup_proto::{Code, Failure, Outcome, Response};
use psup_session::Facts;
use std::os::unix::ffi::OsStrExt;
use std::time::Instant;

/// So many sessions are asked before others have their turn.
const PORTION: usize = 32;

pub(super) async fn info(connection: &mut Connection, target: &Target) -> Served {
    let found = connection.worker.registry.find(target);
    let info = match found {
        Ok(known) => {
            let info = connection
                .while_there(known.handle.info(Detail::Full))
                .await?;
            info.map(|info| info_of(known, info, &connection.worker))
        }
        Err(failure) => Err(failure),
    };
    connection
        .answer(info.map(|info| Response::Info(Box::new(info))))
        .await
}

pub(super) async fn list(connection: &mut Connection, filter: &Filter, detail: Detail) -> Served {
    let worker = connection.worker.clone();
    let matches = match filter.glob.as_deref().map(glob).transpose() {
        Ok(matches) => matches,
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    let labelled = |known: &SessionRef| {
        filter
            .labels
            .iter()
            .all(|(key, value)| known.spec.labels.get(key) == Some(value))
    };
    let wanted = |known: &SessionRef| {
        let will_run = known.has_processes() || known.next_start_ms.is_some();
        filter.all || will_run || known.is_given_up()
    };
    let named = |known: &SessionRef| {
        matches
            .as_ref()
            .is_none_or(|matches| matches(known.id.name.as_str()))
    };
    let listed = worker.registry.list(filter.all).into_iter();
    let listed: Vec<SessionRef> = listed
        .filter(|k| wanted(k) && labelled(k) && named(k))
        .collect();
    let told = infos_of(&worker, listed, detail);
    let sessions = connection.while_there(told).await?;
    connection.respond(Response::Sessions(sessions)).await
}

/// Asks a portion of the sessions together; others have their turns between.
async fn infos_of(worker: &Worker, listed: Vec<SessionRef>, detail: Detail) -> Vec<Info> {
    let mut infos = Vec::with_capacity(listed.len());
    let is_long = listed.len() > PORTION;
    let mut left = listed.into_iter();
    loop {
        if is_long && detail == Detail::Full {
            foreground::look_ahead().await;
        }
        let portion = left.by_ref().take(PORTION);
        let asked: Vec<_> = portion
            .map(|known| (known.handle.info(detail), known))
            .collect();
        if asked.is_empty() {
            return infos;
        }
        for (info, known) in asked {
            // One that was forgotten meanwhile is not listed.
            if let Ok(info) = info.await {
                infos.push(info_of(known, info, worker));
            }
        }
    }
}

fn info_of(known: SessionRef, info: SessionInfo, worker: &Worker) -> Info {
    let facts = info.facts;
    Info {
        state: state_of(&known, &facts),
        pid: info
            .pid
            .or_else(|| known.orphans.as_ref()?.first().copied()),
        foreground: info.foreground,
        cwd: info.cwd.unwrap_or_else(|| known.spec.cwd.clone()),
        command: known.spec.command.clone(),
        size: facts.size,
        offset: facts.offset,
        kept_from: info.kept_from,
        title: facts.title,
        exit: facts.exit,
        restarts: known.record.restarts,
        next_start_ms: known.next_start_ms,
        restart: known.spec.restart,
        on_boot: known.spec.on_boot,
        ttl: known.spec.ttl,
        labels: known.spec.labels.clone(),
        started_ms: known.record.started_ms,
        idle: facts
            .last_output
            .map(|at| Instant::now().saturating_duration_since(at)),
        blocked: info.blocked,
        log: known.spec.log_limit.map(|_| {
            worker
                .session_dir(&known.key)
                .as_os_str()
                .as_bytes()
                .to_vec()
        }),
        attached: facts.attached,
        keyboard: facts.keyboard,
        resources: known.spec.resources,
        unmet: known.record.unmet.clone(),
        usage: info.usage,
        restart_limit: known.spec.restart_limit,
        owner: known.spec.owner,
        id: known.id,
    }
}

pub(super) fn state_of(known: &SessionRef, facts: &Facts) -> State {
    let outcome = facts.exit.as_ref().map(|exit| &exit.outcome);
    match &known.orphans {
        Some(_) => State::Orphaned,
        None if matches!(outcome, Some(Outcome::Lost { .. })) => State::Lost,
        None if known.is_given_up() => State::CrashLooping,
        None => facts.state,
    }
}

/// `*`, `?` and `[a-z]`, over whole names.
pub(super) fn glob(pattern: &str) -> Result<impl Fn(&str) -> bool + use<>, Failure> {
    let bad = || {
        Failure::new(Code::Usage, format!("bad glob {pattern:?}"))
            .hint("in a glob * is any text, ? any character, [a-z] one of these")
    };
    let mut regex = String::from("^");
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '[' => {
                let class: String = chars.by_ref().take_while(|c| *c != ']').collect();
                let inside = class
                    .strip_prefix('!')
                    .map_or_else(|| class.clone(), |rest| format!("^{rest}"));
                if class.is_empty() || class.contains(['[', '\\', '&', '~']) {
                    return Err(bad());
                }
                regex.extend(["[", &inside, "]"]);
            }
            c => regex.push_str(&regex_escape(c)),
        }
    }
    regex.push('$');
    let regex = regex_automata::meta::Regex::new(&regex).map_err(|_| bad())?;
    Ok(move |name: &str| regex.is_match(name))
}

fn regex_escape(c: char) -> String {
    if c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii() {
        c.to_string()
    } else {
        format!("\\{c}")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn globs_match_whole_names() {
        let check = |pattern: &str, name: &str| glob(pattern).unwrap()(name);
        assert!(check("web-*", "web-1") && !check("web-*", "my-web-1"));
        assert!(check("a?c", "abc") && !check("a?c", "ac"));
        assert!(check("w[0-9]", "w3") && !check("w[!0-9]", "w3"));
        assert!(check("a.b", "a.b") && !check("a.b", "axb"));
        assert!(glob("[").is_err());
    }
}
