//! Messages and questions for a client: `display-message`, `command-prompt`, `confirm-before`.
//!
//! They are put into the state, where the client finds them. Who asks waits there for the answer and does what follows; with `-b`, or
//! when a key of the client itself asks, the client does.

use super::super::addressing::of_session;
use super::super::call::{self, Call};
use super::super::format;
use super::super::options;
use super::super::run::{CommandResult, Run, error};
use super::super::state::{Answer, Message, Prompt, PromptKind};
use super::{shell, waiting};

const SORTS: [&str; 4] = ["command", "search", "target", "window-target"];

/// `show-prompt-history` and `clear-prompt-history`: the lines given to prompts are not kept, so there are none.
pub fn history(run: &mut Run, call: &Call) -> CommandResult {
    let only = call.get('T');
    if let Some(sort) = only.filter(|sort| !SORTS.contains(sort)) {
        return error(format!("invalid type: {sort}"));
    }
    if call.name == "show-prompt-history" {
        for sort in SORTS.iter().filter(|sort| only.is_none_or(|only| only == **sort)) {
            run.print(&format!("History for {sort}:\n\n"));
        }
    }
    Ok(())
}

/// Shows a text on a client's status line.
pub fn tell(run: &mut Run, call: &Call, text: &str) -> CommandResult {
    if run.state.clients.is_empty() {
        return Ok(());
    }
    // `display-message` as a rule only looks; this takes its turn late.
    run.take_lock()?;
    let Ok(at) = run.client(call.get('c')) else { return Ok(()) };
    let session = run.state.session(run.state.clients[at].session);
    let usual = || options::of_session(&run.state, session, "display-time").parse().ok();
    let time: Option<u64> = call
        .number('d', 0, i64::from(u32::MAX))
        .ok()
        .flatten()
        .map(|n| n as u64)
        .or_else(usual);
    run.state.clients[at].message = Some(Message {
        text: text.to_owned(),
        at_ms: run.moment(),
        for_ms: time.filter(|ms| *ms > 0),
        ignores_keys: call.has('N'),
    });
    run.keep()
}

pub fn command_prompt(run: &mut Run, call: &Call) -> CommandResult {
    let at = run.client(call.get('t'))?;
    if run.state.clients[at].prompt.is_some() {
        return Ok(());
    }
    let template = call.arg(0).unwrap_or("%1").to_owned();
    let labels: Vec<String> = match (call.get('p'), call.arg(0)) {
        (Some(labels), _) => labels.split(',').map(|label| format!("{label} ")).collect(),
        (None, Some(template)) => {
            let first = template.split([' ', ',']).next().unwrap_or_default();
            let name = call::find(first).map_or(first, |entry| entry.name);
            vec![format!("({name}) ")]
        }
        (None, None) => vec![":".to_owned()],
    };
    if let Some(sort) = call.get('T').filter(|sort| !SORTS.contains(sort)) {
        return error(format!("unknown type: {sort}"));
    }
    let sort = match () {
        () if call.has('1') => PromptKind::Single,
        () if call.has('N') => PromptKind::Number,
        () if call.has('i') => PromptKind::Incremental,
        () if call.has('k') => PromptKind::Key,
        () => PromptKind::Line,
    };
    let inputs = call
        .get('I')
        .map(|all| all.split(',').map(str::to_owned).collect())
        .unwrap_or_default();
    let waits = !call.has('b') && !call.has('i');
    ask(run, at, sort, labels, inputs, template, waits)
}

pub fn confirm_before(run: &mut Run, call: &Call) -> CommandResult {
    let at = run.client(call.get('t'))?;
    let template = call.arg(0).unwrap_or_default().to_owned();
    let calls = shell::calls_of(run, &template)?;
    let label = match call.get('p') {
        Some(label) => format!("{label} "),
        None => format!("Confirm '{}'? (y/n) ", calls.first().map_or("", |call| call.name)),
    };
    ask(run, at, PromptKind::Confirm, vec![label], vec![], template, !call.has('b'))
}

fn ask(
    run: &mut Run,
    at: usize,
    sort: PromptKind,
    labels: Vec<String>,
    inputs: Vec<String>,
    template: String,
    waits: bool,
) -> CommandResult {
    let client = &run.state.clients[at];
    let name = client.name.clone();
    let place = run.state.session(client.session).map(|s| of_session(&run.state, s));
    let view = run.view(place);
    let expanded = |all: Vec<String>| all.iter().map(|text| format::expand_time(text, &view)).collect();
    let own = run.own_client.as_ref() == Some(&name);
    let prompt = Prompt {
        at_ms: run.moment(),
        sort,
        labels: expanded(labels),
        inputs: expanded(inputs),
        template: template.clone(),
        asker: (waits && !own).then(|| std::process::id() as i32),
        answer: None,
    };
    let at_ms = prompt.at_ms;
    run.state.clients[at].prompt = Some(prompt);
    if own || !waits {
        return Ok(());
    }
    let mine = |state: &super::super::state::State| {
        let client = state.clients.iter().find(|c| c.name == name);
        client.and_then(|c| c.prompt.clone()).filter(|p| p.at_ms == at_ms)
    };
    waiting::until(run, |state| mine(state).is_none_or(|prompt| prompt.answer.is_some()))?;
    let answer = mine(&run.state).and_then(|prompt| prompt.answer);
    if let Some(client) = run.state.clients.iter_mut().find(|c| c.name == name) {
        client.prompt = None;
    }
    match answer {
        Some(Answer::Given(answers)) => {
            run.keep()?;
            match place {
                Some(place) => shell::at(run, place, &filled(&template, &answers)),
                None => Ok(()),
            }
        }
        Some(Answer::Refused) | None => {
            if sort == PromptKind::Confirm {
                run.code = 1;
            }
            Ok(())
        }
    }
}

/// A template with its answers: `%%` and `%1` the first, `%2` the second; `%%%` with what is special in quotes escaped.
pub fn filled(template: &str, answers: &[String]) -> String {
    let mut out = String::new();
    let mut rest = template;
    let mut first_used = false;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let number = rest.chars().next().and_then(|c| c.to_digit(10)).filter(|n| *n > 0);
        let index = match number {
            Some(number) => number as usize - 1,
            None if rest.starts_with('%') && !first_used => {
                first_used = true;
                0
            }
            None => {
                out.push('%');
                continue;
            }
        };
        let Some(answer) = answers.get(index) else {
            out.push('%');
            continue;
        };
        rest = &rest[1..];
        match rest.strip_prefix('%') {
            Some(behind) => {
                rest = behind;
                for c in answer.chars() {
                    if "\"\\$;~".contains(c) {
                        out.push('\\');
                    }
                    out.push(c);
                }
            }
            None => out.push_str(answer),
        }
    }
    out + rest
}
