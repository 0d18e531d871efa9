//! Hooks on the command line: the flags of `spawn` and `ensure`, and the words of `psup hook`.

use psup_proto::hook::{BLOCKED_WORDS, Hook, HookEvent, TIMEOUT, TRIES};
use psup_proto::{Code, Failure, Name, units};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

// Without a doc comment: it would become the story of the verb this is flattened into.
// The fields are named as the flags.
#[allow(clippy::struct_field_names)]
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Hooks")]
pub(crate) struct HookFlags {
    /// Run CMD with sh when the program has ended; it gets one JSON object (psup help hook)
    #[arg(long, value_name = "CMD")]
    on_exit: Vec<OsString>,
    /// Run CMD when a line of output matches
    #[arg(long, num_args = 2, value_names = ["REGEX", "CMD"])]
    on_match: Vec<OsString>,
    /// Run CMD when the program waits for input: a prompt, a question, a pager, a password
    #[arg(long, value_name = "CMD")]
    on_blocked: Vec<OsString>,
    /// Run CMD when nothing was written for this long
    #[arg(long, num_args = 2, value_names = ["DUR", "CMD"])]
    on_idle: Vec<OsString>,
    /// Run CMD when the session was lost with the machine, or when all of psup was killed
    #[arg(long, value_name = "CMD")]
    on_lost: Vec<OsString>,
    /// Run CMD when --restart has begun five short lives in a row
    #[arg(long, value_name = "CMD")]
    on_crash_loop: Vec<OsString>,
}

impl HookFlags {
    pub(crate) fn hooks(&self) -> Result<Vec<Hook>, Failure> {
        let mut hooks = Vec::new();
        let mut add = |on: HookEvent, script: &OsString| {
            hooks.push(Hook {
                on,
                command: shell(script),
                timeout: TIMEOUT,
                tries: TRIES,
            });
        };
        for script in &self.on_exit {
            add(HookEvent::Exit, script);
        }
        for pair in self.on_match.chunks_exact(2) {
            add(HookEvent::Match(text(&pair[0])?), &pair[1]);
        }
        for script in &self.on_blocked {
            add(HookEvent::Blocked(Vec::new()), script);
        }
        for pair in self.on_idle.chunks_exact(2) {
            let time = units::duration(&text(&pair[0])?)?;
            add(HookEvent::Idle(time), &pair[1]);
        }
        for script in &self.on_lost {
            add(HookEvent::Lost, script);
        }
        for script in &self.on_crash_loop {
            add(HookEvent::CrashLoop, script);
        }
        Ok(hooks)
    }
}

/// What stands before the command of `psup hook`: `[NAME] EVENT [VALUE]`.
pub(crate) struct Words {
    /// `None`: every session.
    pub name: Option<Name>,
    pub on: Option<String>,
    pub value: Option<String>,
}

/// With `all` there is no name among the words.
pub(crate) fn words(words: &[String], all: bool) -> Result<Words, Failure> {
    let mut rest = words.iter();
    let name = match (all, rest.next()) {
        (true, _) => {
            rest = words.iter();
            None
        }
        (false, Some(name)) => Some(name.parse::<Name>()?),
        (false, None) => {
            return Err(
                Failure::new(Code::Usage, "the session of the hook is missing")
                    .hint("a session's NAME, or --all for the hooks of every session"),
            );
        }
    };
    let on = rest.next().cloned();
    let value = rest.next().cloned();
    if let Some(surplus) = rest.next() {
        return Err(
            Failure::new(Code::Usage, format!("unexpected argument {surplus:?}"))
                .hint("the order is [NAME] EVENT [REGEX|DUR|WORDS] -- COMMAND"),
        );
    }
    Ok(Words { name, on, value })
}

/// An event by its word and what stands after it.
pub(crate) fn event(on: &str, value: Option<&str>) -> Result<HookEvent, Failure> {
    let without = |event| match value {
        None => Ok(event),
        Some(value) => Err(Failure::new(
            Code::Usage,
            format!("the event {on} takes nothing, and {value:?} was given"),
        )),
    };
    match (on, value) {
        ("exit", _) => without(HookEvent::Exit),
        ("lost", _) => without(HookEvent::Lost),
        ("crash-loop", _) => without(HookEvent::CrashLoop),
        ("match", Some(pattern)) => Ok(HookEvent::Match(pattern.to_owned())),
        ("idle", Some(time)) => units::duration(time).map(HookEvent::Idle),
        ("blocked", words) => {
            let words = words.into_iter().flat_map(|words| words.split(','));
            let words: Vec<String> = words.map(str::to_owned).collect();
            match words
                .iter()
                .find(|word| !BLOCKED_WORDS.contains(&word.as_str()))
            {
                Some(word) => Err(Failure::new(
                    Code::Usage,
                    format!("{word:?} is nothing that a program waits for"),
                )
                .hint(format!(
                    "one or more of {}, with commas between them",
                    BLOCKED_WORDS.join(" ")
                ))),
                None => Ok(HookEvent::Blocked(words)),
            }
        }
        ("match", None) => Err(Failure::new(Code::Usage, "the event match needs a REGEX")
            .hint("`psup hook add web match 'error: .*' -- COMMAND`")),
        ("idle", None) => Err(Failure::new(Code::Usage, "the event idle needs a duration")
            .hint("`psup hook add web idle 5m -- COMMAND`")),
        _ => Err(
            Failure::new(Code::Usage, format!("no event is called {on:?}"))
                .hint("events are exit, match REGEX, blocked, idle DUR, lost and crash-loop"),
        ),
    }
}

fn shell(script: &OsString) -> Vec<Vec<u8>> {
    vec![
        b"/bin/sh".to_vec(),
        b"-c".to_vec(),
        script.clone().into_vec(),
    ]
}

fn text(word: &OsString) -> Result<String, Failure> {
    let text = word.to_str().map(str::to_owned);
    text.ok_or_else(|| Failure::new(Code::Usage, format!("{} is not UTF-8", word.display())))
}
