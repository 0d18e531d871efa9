//! The commands, by what they are about; which of them change the state; what all of them say and how.

mod access;
mod buffers;
mod clients;
mod copy;
mod environment;
mod hooks;
mod keys;
mod moves;
mod options;
mod panes;
mod pipe;
mod prompts;
mod sessions;
mod shape;
mod shell;
mod show;
mod talk;
mod waiting;
mod windows;

pub use clients::{fit, terminal_size};
pub use copy::{leave as leave_mode, page as copy_page, view};
pub use hooks::run_hook;
pub use prompts::filled;
pub use sessions::end as end_session;
pub use shell::{as_shell, at, source, words_of};
pub use show::sample;

use super::addressing::Sort;
use super::call::{self, Call};
use super::run::{CommandError, CommandResult, Run, error};
use nix::sys::signal::{SigHandler, Signal, signal};
use psup_link::terminal_text::Sink;
use std::io::Write;

/// Commands that only look.
const LOOKING: &[&str] = &[
    "has-session",
    "list-sessions",
    "list-windows",
    "list-panes",
    "list-buffers",
    "list-clients",
    "list-commands",
    "list-keys",
    "display-message",
    "send-keys",
    "show-options",
    "show-window-options",
    "show-environment",
    "show-hooks",
    "show-buffer",
    "save-buffer",
    "show-messages",
];

/// Whether a command may change the state, and so has to take its turn.
pub fn changes(call: &Call) -> bool {
    let captures = call.name == "capture-pane" && call.has('p');
    !(LOOKING.contains(&call.name) || captures)
}

/// Commands that a client may run which was attached to look.
const READ_ONLY: [&str; 4] = ["attach-session", "detach-client", "list-clients", "switch-client"];

pub fn only_looks(run: &Run, text: &str) -> bool {
    let calls = shell::calls_of(run, text);
    calls.is_ok_and(|calls| calls.iter().all(|call| READ_ONLY.contains(&call.name)))
}

pub fn execute(run: &mut Run, call: &Call) -> CommandResult {
    // Beyond it a hook runs itself.
    const DEPTH: u32 = 20;
    if run.depth > DEPTH {
        return Ok(());
    }
    let before = std::mem::replace(&mut run.command, call.name);
    let done = dispatch(run, call);
    run.command = before;
    if done.is_ok() && run.depth == 0 {
        hooks::after(run, call);
    }
    done
}

fn dispatch(run: &mut Run, call: &Call) -> CommandResult {
    match call.name {
        "new-session" => sessions::new(run, call),
        "has-session" => sessions::has(run, call),
        "kill-session" => sessions::kill(run, call),
        "rename-session" => sessions::rename(run, call),
        "kill-server" => sessions::kill_server(run),
        "start-server" | "lock-server" => Ok(()),
        "server-access" => access::change(run, call),
        "lock-session" => run.find(call.get('t'), Sort::Session).map(drop),
        "lock-client" => run.client(call.get('t')).map(drop),
        "list-sessions" => show::sessions(run, call),
        "list-windows" => show::windows(run, call),
        "list-panes" => show::panes(run, call),
        "list-clients" => show::clients(run, call),
        "list-buffers" => show::buffers(run, call),
        "list-commands" => show::commands(run, call),
        "list-keys" => keys::list(run, call),
        "display-message" => show::message(run, call),
        "show-messages" => run.client(call.get('t')).map(drop),
        "new-window" => windows::new(run, call),
        "kill-window" => windows::kill(run, call),
        "unlink-window" => windows::unlink(run, call),
        "rename-window" => windows::rename(run, call),
        "select-window" => windows::select(run, call),
        "next-window" => windows::step(run, call, 1),
        "previous-window" => windows::step(run, call, -1),
        "last-window" => windows::last(run, call),
        "move-window" | "link-window" => windows::shift(run, call),
        "swap-window" => windows::swap(run, call),
        "respawn-window" => windows::respawn(run, call),
        "rotate-window" => shape::rotate(run, call),
        "resize-window" => shape::resize_window(run, call),
        "split-window" => panes::split(run, call),
        "kill-pane" => panes::kill(run, call),
        "select-pane" | "last-pane" => panes::select(run, call),
        "respawn-pane" => panes::respawn(run, call),
        "swap-pane" => moves::swap(run, call),
        "join-pane" | "move-pane" => moves::join(run, call),
        "break-pane" => moves::break_out(run, call),
        "pipe-pane" => pipe::pipe(run, call),
        "resize-pane" => shape::resize_pane(run, call),
        "select-layout" => shape::select_layout(run, call),
        "next-layout" => shape::step_layout(run, call, 1),
        "previous-layout" => shape::step_layout(run, call, -1),
        "send-keys" | "send-prefix" => talk::send(run, call),
        "capture-pane" => talk::capture(run, call),
        "clear-history" => talk::clear(run, call),
        "copy-mode" | "clock-mode" => copy::mode(run, call),
        "set-buffer" | "delete-buffer" | "load-buffer" | "save-buffer" | "show-buffer" | "paste-buffer" => buffers::run(run, call),
        "set-option" | "set-window-option" | "set-hook" => options::set(run, call),
        "show-options" | "show-window-options" | "show-hooks" => options::show(run, call),
        "set-environment" => environment::set(run, call),
        "show-environment" => environment::show(run, call),
        "bind-key" => hooks::bind(run, call),
        "unbind-key" => hooks::unbind(run, call),
        "run-shell" => shell::run(run, call),
        "if-shell" => shell::branch(run, call),
        "source-file" => shell::source_file(run, call),
        "wait-for" => waiting::wait_for(run, call),
        "attach-session" => clients::attach(run, call),
        "switch-client" => clients::switch(run, call),
        "detach-client" => clients::detach(run, call),
        "refresh-client" => clients::refresh(run, call),
        "suspend-client" => run.client(call.get('t')).map(drop),
        "show-prompt-history" | "clear-prompt-history" => prompts::history(run, call),
        // What only a person at a terminal could use.
        "choose-tree" | "choose-client" | "choose-buffer" | "customize-mode" | "find-window" => copy::mode(run, call),
        "command-prompt" => prompts::command_prompt(run, call),
        "confirm-before" => prompts::confirm_before(run, call),
        "display-panes" => run.client(call.get('t')).map(drop),
        "display-menu" => run.client(call.get('c')).map(drop),
        "display-popup" => shell::popup(run, call),
        _ => {
            run.client(call.get('t'))?;
            error(format!("{} is not supported by psup", call.name))
        }
    }
}

/// Words as commands, tried once more with the state's own names for commands.
pub fn with_aliases(run: &Run, all: &[Vec<String>]) -> Result<Vec<Call>, String> {
    let aliases = super::options::find("command-alias")
        .map(|entry| super::options::global(&run.state, entry))
        .unwrap_or_default();
    let mut calls = Vec::new();
    for words in all {
        let alias = aliases.iter().find_map(|(_, alias)| {
            let (name, meaning) = alias.split_once('=')?;
            (words.first().is_some_and(|w| w == name)).then_some(meaning)
        });
        let Some(meaning) = alias else {
            calls.push(call::parse(words)?);
            continue;
        };
        for mut expanded in shell::words_of(run, meaning)? {
            expanded.extend(words[1..].iter().cloned());
            calls.push(call::parse(&expanded)?);
        }
    }
    Ok(calls)
}

/// To stderr, in one write.
pub fn tell(line: &str) {
    if !line.is_empty() {
        // Where stderr is gone there is nobody left to tell.
        let _ = std::io::stderr().write_all(format!("{}\n", Sink::Stderr.safe(line)).as_bytes());
    }
}

pub fn print(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// The system's reason without Rust's number behind it.
pub fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// The terminal this command runs in may be one of those it ends.
pub fn ignore_hangup() {
    for ignored in [Signal::SIGHUP, Signal::SIGTERM] {
        // SAFETY: ignoring runs no code of ours.
        let _ = unsafe { signal(ignored, SigHandler::SigIgn) };
    }
}

/// A client that waits and is asked to end has not failed.
fn exit_cleanly_on_signals() {
    extern "C" fn end(_: libc::c_int) {
        // SAFETY: `_exit` may be called from a handler.
        unsafe { libc::_exit(0) }
    }
    for ending in [Signal::SIGHUP, Signal::SIGTERM] {
        // SAFETY: the handler does nothing but end the process.
        let _ = unsafe { signal(ending, SigHandler::Handler(end)) };
    }
}

fn invalid_name(run: &Run, name: &str) -> Option<String> {
    let _ = run;
    if name.is_empty() {
        return None;
    }
    Some(
        name.chars()
            .map(|c| if c == ':' || c == '.' { '_' } else { c })
            .flat_map(visible)
            .collect(),
    )
}

/// What cannot be shown is shown as its escape.
fn visible(c: char) -> Vec<char> {
    match c {
        '\t' => vec!['\\', 't'],
        '\n' => vec!['\\', 'n'],
        '\\' => vec!['\\', '\\'],
        c if c.is_control() => format!("\\{:03o}", c as u32).chars().collect(),
        c => vec![c],
    }
}

fn window_or_error(place: super::addressing::Place) -> Result<u32, CommandError> {
    place.window.ok_or_else(|| CommandError::Error("no such window".to_owned()))
}

fn pane_or_error(place: super::addressing::Place) -> Result<u32, CommandError> {
    place.pane.ok_or_else(|| CommandError::Error("no such pane".to_owned()))
}
