//! What a hook's command reads on its stdin: one JSON object in one line.
//!
//! `docs/hooks.md` lists the keys; a key is always there, `null` where there is nothing to tell.

use super::entry::{Due, StoredHook};
use crate::platform::signal_names;
use crate::worker::context::SharedWorker;
use crate::worker::driver::mailbox::DriverHandle;
use psup_proto::{Exit, Offset, Outcome};
use psup_session::lines::{Lines, Returns};
use serde::Serialize;

/// The last lines of output that are told, and how many characters of them.
const LINES: usize = 20;
const CHARS: usize = 4000;
/// The most bytes of the journal that are looked through for them.
const BYTES: Offset = 32 << 10;
/// The most characters of what a pattern matched.
const MATCH: usize = 1000;

#[derive(Serialize)]
struct Message<'a> {
    event: u64,
    hook: u32,
    on: &'a str,
    value: Option<String>,
    #[serde(rename = "try")]
    number: u32,
    at_ms: u64,
    id: String,
    name: &'a str,
    generation: u32,
    nonce: String,
    offset: Offset,
    #[serde(rename = "match")]
    matched: Option<Match>,
    blocked: Option<&'a str>,
    exit: Option<Ended>,
    stopped: bool,
    reason: Option<&'a str>,
    restarts: Option<u32>,
    lines: Vec<String>,
    left_out: bool,
}

#[derive(Serialize)]
struct Match {
    text: String,
    groups: Vec<Option<String>>,
    line: String,
}

/// The keys of `exit` in `docs/json.md`.
#[derive(Default, Serialize)]
struct Ended {
    kind: &'static str,
    code: Option<u8>,
    signal: Option<String>,
    core: bool,
    reason: Option<String>,
    at_ms: u64,
    oom: Option<OutOfMemory>,
}

#[derive(Serialize)]
struct OutOfMemory {
    limit_bytes: Option<u64>,
}

pub(crate) async fn message(worker: &SharedWorker, hook: &StoredHook, due: &Due) -> Vec<u8> {
    let (lines, left_out) = match handle_of(worker, due) {
        Some(handle) => last_lines(&handle, due.offset).await,
        None => (Vec::new(), due.offset > 0),
    };
    let message = Message {
        event: due.event,
        hook: hook.number,
        on: hook.hook.on.word(),
        value: hook.hook.on.value(),
        number: due.tries + 1,
        at_ms: due.at_ms,
        id: due.id.to_string(),
        name: due.id.name.as_str(),
        generation: due.id.life,
        nonce: format!("{:032x}", worker.facts.nonce),
        offset: due.offset,
        matched: due.detail.matched.as_ref().map(|found| Match {
            text: cut(&found.text),
            groups: found
                .groups
                .iter()
                .map(|group| group.as_deref().map(cut))
                .collect(),
            line: cut(&found.line),
        }),
        blocked: due.detail.blocked.as_deref(),
        exit: due.detail.exit.as_ref().map(ended),
        stopped: due.detail.stopped,
        reason: due.detail.reason.as_deref(),
        restarts: due.detail.restarts,
        lines,
        left_out,
    };
    let mut line = serde_json::to_vec(&message).unwrap_or_default();
    line.push(b'\n');
    line
}

/// The session may have been forgotten meanwhile.
fn handle_of(worker: &SharedWorker, due: &Due) -> Option<DriverHandle> {
    let by_key = worker.registry.handle(&due.key);
    by_key.or_else(|| {
        let known = worker.registry.known(&due.id.clone().into());
        known.map(|known| known.handle)
    })
}

/// The last lines before an offset, and whether something stands before them.
async fn last_lines(handle: &DriverHandle, end: Offset) -> (Vec<String>, bool) {
    let first = end.saturating_sub(BYTES);
    let mut at = first;
    let mut lines = Lines::new(at, Returns::Overwrite);
    let mut found: Vec<String> = Vec::new();
    let mut gone = first > 0;
    while at < end {
        let most = (end - at) as usize;
        let Ok((chunk, bytes)) = handle.bytes(at, most).await else {
            break;
        };
        if chunk.gap.is_some() {
            gone = true;
            found.clear();
            lines.skip_to(chunk.from);
        }
        if chunk.next <= at {
            break;
        }
        at = chunk.next;
        lines.feed(&bytes, |line| {
            found.push(String::from_utf8_lossy(line.text()).into_owned());
            false
        });
    }
    let open = String::from_utf8_lossy(lines.open_line().text()).into_owned();
    if !open.is_empty() {
        found.push(open);
    }
    if gone && found.len() > 1 {
        // Its beginning is not there.
        found.remove(0);
    }
    within_budget(found, gone)
}

fn within_budget(found: Vec<String>, gone: bool) -> (Vec<String>, bool) {
    let all = found.len();
    let mut kept: Vec<String> = Vec::new();
    let mut room = CHARS;
    for line in found.into_iter().rev().take(LINES) {
        let length = line.chars().count();
        if length > room {
            if kept.is_empty() {
                kept.push(line.chars().skip(length - room).collect());
            }
            break;
        }
        room -= length;
        kept.push(line);
    }
    kept.reverse();
    let left_out = gone || kept.len() < all;
    (kept, left_out)
}

fn cut(text: &str) -> String {
    text.chars().take(MATCH).collect()
}

fn ended(exit: &Exit) -> Ended {
    let mut told = Ended {
        at_ms: exit.at_ms,
        oom: exit.oom.map(|oom| OutOfMemory {
            limit_bytes: oom.limit,
        }),
        ..Ended::default()
    };
    match &exit.outcome {
        Outcome::Code(code) => (told.kind, told.code) = ("code", Some(*code)),
        Outcome::Signal { number, core } => {
            let name = signal_names::name_of(*number);
            let name = name.strip_prefix("SIG").map_or(name.clone(), str::to_owned);
            (told.kind, told.signal, told.core) = ("signal", Some(name), *core);
        }
        Outcome::Unknown { reason } => {
            (told.kind, told.reason) = ("unknown", Some(reason.clone()));
        }
        Outcome::Lost { reason } => (told.kind, told.reason) = ("lost", Some(reason.clone())),
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_fit_the_budget_and_what_is_left_out_is_told() {
        let lines = |n: usize| (0..n).map(|i| format!("line {i}")).collect::<Vec<_>>();
        assert_eq!(within_budget(lines(2), false), (lines(2), false));
        let (kept, left_out) = within_budget(lines(30), false);
        assert_eq!(
            (kept.first().map(String::as_str), left_out),
            (Some("line 10"), true)
        );
        let long = "x".repeat(CHARS + 1);
        let (kept, left_out) = within_budget(vec!["a".into(), long], false);
        assert_eq!((kept.len(), kept[0].len(), left_out), (1, CHARS, true));
    }
}
