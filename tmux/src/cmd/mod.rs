//! The commands, by what they are about; which of them change the world; what all of them say and how.

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

use super::commands::{self, Call};
use super::face::{Face, Ran, Stopped, error};
use super::target::Sort;
use nix::sys::signal::{SigHandler, Signal, signal};
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

/// Whether a command may change the world, and so has to take its turn.
pub fn changes(call: &Call) -> bool {
    let captures = call.name == "capture-pane" && call.has('p');
    !(LOOKING.contains(&call.name) || captures)
}

/// Commands that a client may run which was attached to look.
const READ_ONLY: [&str; 4] = ["attach-session", "detach-client", "list-clients", "switch-client"];

pub fn only_looks(face: &Face, text: &str) -> bool {
    let calls = shell::calls_of(face, text);
    calls.is_ok_and(|calls| calls.iter().all(|call| READ_ONLY.contains(&call.name)))
}

pub fn execute(face: &mut Face, call: &Call) -> Ran {
    // Beyond it a hook runs itself.
    const DEPTH: u32 = 20;
    if face.depth > DEPTH {
        return Ok(());
    }
    let before = std::mem::replace(&mut face.command, call.name);
    let done = dispatch(face, call);
    face.command = before;
    if done.is_ok() && face.depth == 0 {
        hooks::after(face, call);
    }
    done
}

fn dispatch(face: &mut Face, call: &Call) -> Ran {
    match call.name {
        "new-session" => sessions::new(face, call),
        "has-session" => sessions::has(face, call),
        "kill-session" => sessions::kill(face, call),
        "rename-session" => sessions::rename(face, call),
        "kill-server" => sessions::kill_server(face),
        "start-server" | "lock-server" => Ok(()),
        "server-access" => access::change(face, call),
        "lock-session" => face.find(call.get('t'), Sort::Session).map(drop),
        "lock-client" => face.client(call.get('t')).map(drop),
        "list-sessions" => show::sessions(face, call),
        "list-windows" => show::windows(face, call),
        "list-panes" => show::panes(face, call),
        "list-clients" => show::clients(face, call),
        "list-buffers" => show::buffers(face, call),
        "list-commands" => show::commands(face, call),
        "list-keys" => keys::list(face, call),
        "display-message" => show::message(face, call),
        "show-messages" => face.client(call.get('t')).map(drop),
        "new-window" => windows::new(face, call),
        "kill-window" => windows::kill(face, call),
        "unlink-window" => windows::unlink(face, call),
        "rename-window" => windows::rename(face, call),
        "select-window" => windows::select(face, call),
        "next-window" => windows::step(face, call, 1),
        "previous-window" => windows::step(face, call, -1),
        "last-window" => windows::last(face, call),
        "move-window" | "link-window" => windows::shift(face, call),
        "swap-window" => windows::swap(face, call),
        "respawn-window" => windows::respawn(face, call),
        "rotate-window" => shape::rotate(face, call),
        "resize-window" => shape::resize_window(face, call),
        "split-window" => panes::split(face, call),
        "kill-pane" => panes::kill(face, call),
        "select-pane" | "last-pane" => panes::select(face, call),
        "respawn-pane" => panes::respawn(face, call),
        "swap-pane" => moves::swap(face, call),
        "join-pane" | "move-pane" => moves::join(face, call),
        "break-pane" => moves::break_out(face, call),
        "pipe-pane" => pipe::pipe(face, call),
        "resize-pane" => shape::resize_pane(face, call),
        "select-layout" => shape::select_layout(face, call),
        "next-layout" => shape::step_layout(face, call, 1),
        "previous-layout" => shape::step_layout(face, call, -1),
        "send-keys" | "send-prefix" => talk::send(face, call),
        "capture-pane" => talk::capture(face, call),
        "clear-history" => talk::clear(face, call),
        "copy-mode" | "clock-mode" => copy::mode(face, call),
        "set-buffer" | "delete-buffer" | "load-buffer" | "save-buffer" | "show-buffer" | "paste-buffer" => buffers::run(face, call),
        "set-option" | "set-window-option" | "set-hook" => options::set(face, call),
        "show-options" | "show-window-options" | "show-hooks" => options::show(face, call),
        "set-environment" => environment::set(face, call),
        "show-environment" => environment::show(face, call),
        "bind-key" => hooks::bind(face, call),
        "unbind-key" => hooks::unbind(face, call),
        "run-shell" => shell::run(face, call),
        "if-shell" => shell::branch(face, call),
        "source-file" => shell::source_file(face, call),
        "wait-for" => waiting::wait_for(face, call),
        "attach-session" => clients::attach(face, call),
        "switch-client" => clients::switch(face, call),
        "detach-client" => clients::detach(face, call),
        "refresh-client" => clients::refresh(face, call),
        "suspend-client" => face.client(call.get('t')).map(drop),
        "show-prompt-history" | "clear-prompt-history" => prompts::history(face, call),
        // What only a person at a terminal could use.
        "choose-tree" | "choose-client" | "choose-buffer" | "customize-mode" | "find-window" => copy::mode(face, call),
        "command-prompt" => prompts::command_prompt(face, call),
        "confirm-before" => prompts::confirm_before(face, call),
        "display-panes" => face.client(call.get('t')).map(drop),
        "display-menu" => face.client(call.get('c')).map(drop),
        "display-popup" => shell::popup(face, call),
        _ => {
            face.client(call.get('t'))?;
            error(format!("{} is not supported by psup", call.name))
        }
    }
}

/// Words as commands, tried once more with the world's own names for commands.
pub fn with_aliases(face: &Face, all: &[Vec<String>]) -> Result<Vec<Call>, String> {
    let aliases = super::options::find("command-alias")
        .map(|entry| super::options::global(&face.world, entry))
        .unwrap_or_default();
    let mut calls = Vec::new();
    for words in all {
        let alias = aliases.iter().find_map(|(_, alias)| {
            let (name, meaning) = alias.split_once('=')?;
            (words.first().is_some_and(|w| w == name)).then_some(meaning)
        });
        let Some(meaning) = alias else {
            calls.push(commands::parse(words)?);
            continue;
        };
        for mut expanded in shell::words_of(face, meaning)? {
            expanded.extend(words[1..].iter().cloned());
            calls.push(commands::parse(&expanded)?);
        }
    }
    Ok(calls)
}

/// To stderr, in one write.
pub fn tell(line: &str) {
    if !line.is_empty() {
        // Where stderr is gone there is nobody left to tell.
        let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
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
pub fn outlive_hangup() {
    for ignored in [Signal::SIGHUP, Signal::SIGTERM] {
        // SAFETY: ignoring runs no code of ours.
        let _ = unsafe { signal(ignored, SigHandler::SigIgn) };
    }
}

/// A client that waits and is asked to end has not failed.
fn end_in_peace() {
    extern "C" fn end(_: libc::c_int) {
        // SAFETY: `_exit` may be called from a handler.
        unsafe { libc::_exit(0) }
    }
    for ending in [Signal::SIGHUP, Signal::SIGTERM] {
        // SAFETY: the handler does nothing but end the process.
        let _ = unsafe { signal(ending, SigHandler::Handler(end)) };
    }
}

fn invalid_name(face: &Face, name: &str) -> Option<String> {
    let _ = face;
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

fn window_or_error(place: super::target::Place) -> Result<u32, Stopped> {
    place.window.ok_or_else(|| Stopped::Error("no such window".to_owned()))
}

fn pane_or_error(place: super::target::Place) -> Result<u32, Stopped> {
    place.pane.ok_or_else(|| Stopped::Error("no such pane".to_owned()))
}
