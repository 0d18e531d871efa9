//! `psup hook`.

use super::Run;
use crate::context::{Context, Done, unexpected};
use crate::hook_args::{self, Words};
use crate::human;
use crate::items::Items;
use crate::json::Hook as Json;
use clap::Subcommand;
use psup_link::request_id::fresh_id;
use psup_proto::greeting::Caller;
use psup_proto::hook::{AddHook, Hook, HookInfo, HookRequest, HookSelector, TRIES};
use psup_proto::{Code, Failure, Name, Request, Response, units};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

/// Run a command when something happens to a session
///
/// The supervisor runs the command, so nobody has to wait or poll. It gets one JSON
/// object on stdin: the number of the event, the session, what matched, how the
/// session ended, the last lines of output. Exit code 0 means delivered; after any
/// other the command is run again, with growing pauses. Every event is delivered at
/// least once, whatever is killed, even across an upgrade or a reboot.
///
/// Events:
///   exit           the program has ended
///   match REGEX    a line of output matches; each line counts once
///   blocked WORDS  the program waits for input; without WORDS, for any of these:
///                  prompt,question,input,pager,password
///   idle DUR       nothing was written for this long
///   lost           the session was lost with the machine, or when all of psup's
///                  processes were killed
///   crash-loop     --restart has begun five short lives in a row
///
/// Hooks belong to the name of a session, so later lives have them too. They are
/// removed when the name is forgotten. psup spawn and psup ensure take hooks as
/// flags. psup events and psup hook list show each delivery.
///
/// Example:
///   psup spawn build --on-exit 'cat >> done.jsonl' -- make
///   psup hook add build match 'error: .*' -- notify-send build
///   psup hook add --all blocked password -- ./tell-me
///   psup hook list
///   psup hook remove build match
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct HookVerb {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
#[command(
    subcommand_value_name = "ACTION",
    subcommand_help_heading = "Actions",
    verbatim_doc_comment
)]
enum Action {
    /// Add a hook to a session, or to every session
    Add(Add),
    /// List hooks and how their deliveries went
    List {
        /// Only hooks that apply to this session
        #[arg(value_name = "NAME")]
        name: Option<Name>,
    },
    /// Remove hooks, with their pending deliveries
    Remove(Remove),
}

#[derive(clap::Args)]
struct Add {
    /// NAME EVENT [REGEX|DUR|WORDS]; with --all there is no NAME
    #[arg(value_name = "NAME EVENT", required = true, num_args = 1..)]
    words: Vec<String>,
    /// For every session of this profile, including later ones
    #[arg(long)]
    all: bool,
    /// Kill a run of the command after this time
    #[arg(long, value_name = "DUR", value_parser = units::duration, default_value = "30s")]
    timeout: Duration,
    /// Give up after this many runs
    #[arg(long, value_name = "N", default_value_t = TRIES)]
    tries: u32,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

#[derive(clap::Args)]
struct Remove {
    /// NAME [EVENT [REGEX|DUR|WORDS]]; with --all there is no NAME
    #[arg(value_name = "NAME EVENT", num_args = 0..)]
    words: Vec<String>,
    /// Hooks for every session; hooks of a single session stay
    #[arg(long, conflicts_with = "number")]
    all: bool,
    /// The hook of this number, as psup hook list shows it
    #[arg(long, value_name = "N", conflicts_with = "words")]
    number: Option<u32>,
}

impl Run for HookVerb {
    const ITEMS: Items = Items::many::<(Json<'static>,)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        match self.action {
            Action::Add(add) => {
                let request = HookRequest::Add(Box::new(add.request(cx.caller(None)?)?));
                let added = ask(cx, request)?;
                tell_all(cx, &added, sentence)
            }
            Action::List { name } => list(cx, name),
            Action::Remove(remove) => {
                let gone = ask(cx, HookRequest::Remove(remove.selector()?))?;
                if gone.is_empty() {
                    return Err(Failure::new(Code::No, "no such hook")
                        .hint("`psup hook list` shows all of them"));
                }
                tell_all(cx, &gone, |info| format!("removed {}", sentence(info)))
            }
        }
    }
}

impl Add {
    fn request(self, caller: Caller) -> Result<AddHook, Failure> {
        let Words { name, on, value } = hook_args::words(&self.words, self.all)?;
        let on = on.ok_or_else(|| {
            Failure::new(Code::Usage, "the event of the hook is missing")
                .hint("events are exit, match REGEX, blocked, idle DUR, lost and crash-loop")
        })?;
        let command = self.command.into_iter().map(OsStringExt::into_vec);
        Ok(AddHook {
            id: fresh_id()?,
            name,
            hook: Hook {
                on: hook_args::event(&on, value.as_deref())?,
                command: command.collect(),
                timeout: self.timeout,
                tries: self.tries,
            },
            cwd: caller.directory,
            env: caller.environment,
            umask: caller.umask,
        })
    }
}

impl Remove {
    fn selector(&self) -> Result<HookSelector, Failure> {
        if let Some(number) = self.number {
            return Ok(HookSelector::Number(number));
        }
        let Words { name, on, value } = hook_args::words(&self.words, self.all)?;
        if let (Some(on), Some(value)) = (&on, &value) {
            // A duration has more than one spelling.
            let value = hook_args::event(on, Some(value))?.value();
            return Ok(HookSelector::Of {
                name,
                on: Some(on.clone()),
                value,
            });
        }
        Ok(HookSelector::Of { name, on, value })
    }
}

fn ask(cx: &mut Context, request: HookRequest) -> Result<Vec<HookInfo>, Failure> {
    match cx.ask(&Request::Hook(request))? {
        Response::Hooks(infos) => Ok(infos),
        other => Err(unexpected(&other)),
    }
}

fn tell_all(
    cx: &mut Context,
    infos: &[HookInfo],
    sentence: impl Fn(&HookInfo) -> String,
) -> Result<Done, Failure> {
    for info in infos {
        if cx.out.json {
            cx.out.object(&Json::from(info))?;
        } else {
            cx.out.line(human::plain(&sentence(info)))?;
        }
    }
    Ok(Done::OK)
}

fn sentence(info: &HookInfo) -> String {
    let value = info.hook.on.value();
    let value = value.map(|value| format!(" {value}")).unwrap_or_default();
    format!(
        "hook {}: {} {}{value}",
        info.number,
        owner(info),
        info.hook.on.word()
    )
}

fn owner(info: &HookInfo) -> &str {
    info.name.as_ref().map_or("--all", Name::as_str)
}

fn list(cx: &mut Context, name: Option<Name>) -> Result<Done, Failure> {
    let infos = ask(cx, HookRequest::List { name })?;
    if cx.out.json {
        return tell_all(cx, &infos, sentence);
    }
    let mut rows = vec![
        [
            "N",
            "NAME",
            "EVENT",
            "DELIVERED",
            "FAILED",
            "DUE",
            "LAST",
            "COMMAND",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for info in &infos {
        let value = info.hook.on.value();
        let event = match value {
            Some(value) => format!("{} {value}", info.hook.on.word()),
            None => info.hook.on.word().to_owned(),
        };
        rows.push(vec![
            info.number.to_string(),
            owner(info).to_owned(),
            event,
            info.delivered.to_string(),
            info.failed.to_string(),
            info.due.to_string(),
            last(info),
            human::command(&info.hook.command),
        ]);
    }
    cx.out.text(&human::table(&rows))?;
    Ok(Done::OK)
}

fn last(info: &HookInfo) -> String {
    let Some(last) = &info.last else {
        return "-".into();
    };
    let state = last.state.word();
    if last.reason.is_empty() {
        format!("{state} event {}", last.event)
    } else {
        format!("{state} event {}: {}", last.event, last.reason)
    }
}
