//! Commands that run others: `run-shell`, `if-shell`, `source-file`.

use super::super::addressing::{Place, Sort, fnmatch};
use super::super::call::Call;
use super::super::format;
use super::super::language::{self, Around};
use super::super::run::{CommandError, CommandResult, Run, error};
use super::{reason, with_aliases};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitCode, Stdio};

/// `tmux -c`: as a login shell would.
pub fn as_shell(command: &str) -> ExitCode {
    let shell = String::from_utf8_lossy(&psup_link::caller::users_shell()).into_owned();
    let failed = Command::new(shell).arg("-c").arg(command).exec();
    super::tell(&format!("tmux: {}", reason(&failed)));
    ExitCode::FAILURE
}

/// A text in tmux's language as words.
pub fn words_of(run: &Run, text: &str) -> Result<Vec<Vec<String>>, String> {
    let all = parse(run, text).map_err(|(_, why)| why)?;
    Ok(all.into_iter().map(|(_, words)| words).collect())
}

fn parse(run: &Run, text: &str) -> Result<language::Commands, (usize, String)> {
    let variable = |name: &str| match run.state.environment.get(name) {
        Some(var) => var.value.clone(),
        None => std::env::var(name).ok(),
    };
    let holds = |condition: &str| format::truth(&run.expand(condition, run.here()));
    let around = Around {
        variable: &variable,
        holds: &holds,
    };
    language::read(text, &around)
}

pub fn calls_of(run: &Run, text: &str) -> Result<Vec<Call>, String> {
    with_aliases(run, &words_of(run, text)?)
}

fn place_of(run: &Run, call: &Call) -> Option<Place> {
    run.find(call.get('t'), Sort::Pane).ok()
}

pub fn run(run: &mut Run, call: &Call) -> CommandResult {
    let delay: f64 = match call.get('d') {
        Some(text) => match text.parse() {
            Ok(delay) => delay,
            Err(_) => return error(format!("invalid delay time: {text}")),
        },
        None if call.args.is_empty() => return Ok(()),
        None => 0.0,
    };
    let place = place_of(run, call);
    if call.has('C') {
        let script = run.expand(call.arg(0).unwrap_or_default(), place.or_else(|| run.here()));
        let calls = calls_of(run, &script)?;
        // Behind the caller's back nobody is told.
        let alone = run.alone;
        run.alone |= call.has('b');
        let done = nested(run, &calls);
        run.alone = alone;
        return done;
    }
    let command = call.arg(0).map(|text| run.expand(text, place.or_else(|| run.here())));
    let command = command.unwrap_or_default();
    let script = if delay > 0.0 {
        format!("sleep {delay}; {command}")
    } else {
        command.clone()
    };
    if call.has('b') {
        return run_behind(run, &script, place);
    }
    let output = run.meanwhile(|run| shell(run, &script, place).stdin(Stdio::null()).stderr(Stdio::null()).output())?;
    match output {
        Ok(output) => {
            let mut code = output.status.code().unwrap_or(0);
            if let Some(signal) = output.status.signal() {
                code = 128 + signal;
            }
            if !output.stdout.is_empty() || code != 0 {
                show_in_pane(run, &command, place, &output.stdout, code);
            }
            if code != 0 {
                run.code = code as u8;
            }
            Ok(())
        }
        Err(failed) => error(format!("failed to run command: {}", reason(&failed))),
    }
}

/// tmux shows output on top of a pane, which is in a mode until somebody ends it.
fn show_in_pane(run: &mut Run, command: &str, place: Option<Place>, output: &[u8], code: i32) {
    let Some(pane) = place.or_else(|| run.here()).and_then(|p| p.pane) else {
        return;
    };
    let mut text = String::from_utf8_lossy(output).into_owned();
    if code != 0 {
        text.push_str(&format!("'{command}' returned {code}\n"));
    }
    super::copy::view(run, pane, &text);
}

fn shell(run: &Run, script: &str, place: Option<Place>) -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(script);
    let session = place.or_else(|| run.here()).map_or(0, |p| p.session);
    command.env("TMUX", format!("{},{},{session}", run.socket, run.pid()));
    for (name, var) in &run.state.environment {
        if name.starts_with("PSUP_") || var.value.is_none() {
            continue;
        }
        if std::env::var_os(name).is_none() {
            command.env(name, var.value.as_deref().unwrap_or_default());
        }
    }
    let of_session = || run.state.session(session).map(|s| s.cwd.clone()).unwrap_or_default();
    let directory = Some(run.caller.cwd.clone())
        .filter(|cwd| !cwd.is_empty())
        .unwrap_or_else(of_session);
    if std::path::Path::new(&directory).is_dir() {
        command.current_dir(directory);
    }
    command
}

/// Gives a command a text on its stdin; what it says goes nowhere, and it goes on when we are gone.
pub fn fed(run: &mut Run, script: &str, place: Option<Place>, text: &[u8]) -> CommandResult {
    let mut child = detached(run, script, place, Stdio::piped())?;
    if let Some(mut stdin) = child.stdin.take() {
        // A command that does not read is not made to.
        let _ = std::io::Write::write_all(&mut stdin, text);
    }
    Ok(())
}

/// Runs commands as text at a place, as a key's binding does.
pub fn at(run: &mut Run, place: Place, text: &str) -> CommandResult {
    let mut calls = Vec::new();
    for words in words_of(run, text)? {
        // A binding is kept with `\;` between its commands.
        calls.extend(with_aliases(run, &super::super::call::split(&words))?);
    }
    let before = run.current.replace(place);
    let done = nested(run, &calls);
    run.current = before;
    done
}

/// Goes on when we are gone, when it is the system's: nobody waits for it.
fn background(run: &mut Run, script: &str, place: Option<Place>) -> CommandResult {
    detached(run, script, place, Stdio::null()).map(drop)
}

fn detached(run: &Run, script: &str, place: Option<Place>, stdin: Stdio) -> Result<Child, CommandError> {
    let mut command = shell(run, script, place);
    command.stdin(stdin).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let child = command.spawn();
    child.map_err(|failed| CommandError::Error(format!("failed to run command: {}", reason(&failed))))
}

/// Commands of a command: what goes wrong in them has been told there.
fn nested(run: &mut Run, calls: &[Call]) -> CommandResult {
    run.depth += 1;
    let done = run.execute(calls);
    run.depth -= 1;
    done
}

pub fn branch(run: &mut Run, call: &Call) -> CommandResult {
    let place = place_of(run, call).or_else(|| run.here());
    let condition = run.expand(call.arg(0).unwrap_or_default(), place);
    let holds = if call.has('F') {
        format::truth(&condition) && !condition.starts_with('0')
    } else {
        if call.has('b') {
            return branch_behind(run, call, &condition, place);
        }
        let status = run.meanwhile(|run| {
            shell(run, &condition, place)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
        })?;
        match status {
            Ok(status) => status.success(),
            Err(_) => return error(format!("failed to run command: {condition}")),
        }
    };
    let Some(script) = call.arg(if holds { 1 } else { 2 }) else {
        return Ok(());
    };
    let calls = calls_of(run, script)?;
    run.current = run.current.or(place.filter(|_| call.has('t')));
    nested(run, &calls)
}

/// The same without `-b` by a psup of its own, which shows what it says when it has ended.
fn run_behind(run: &mut Run, script: &str, place: Option<Place>) -> CommandResult {
    let Some(pane) = place.or_else(|| run.here()).and_then(|p| p.pane) else {
        return background(run, script, place);
    };
    // It is expanded once more, and a `;` at its end would end the command.
    let script = format!("{} ", script.replace('#', "##"));
    run.keep()?;
    let own = own_tmux(run);
    background(run, &format!("exec {own} run-shell -t %{pane} {}", quoted(&script)), place)
}

/// This binary as tmux, for this state.
fn own_tmux(run: &Run) -> String {
    let own = std::env::current_exe().map_or_else(|_| "psup".into(), |p| p.to_string_lossy().into_owned());
    format!("{} tmux -S {}", quoted(&own), quoted(&run.socket))
}

/// For a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The condition and what follows from it, by a psup of its own.
fn branch_behind(run: &mut Run, call: &Call, condition: &str, place: Option<Place>) -> CommandResult {
    for script in [call.arg(1), call.arg(2)].into_iter().flatten() {
        calls_of(run, script)?;
    }
    let tmux = format!("{} if-shell -F", own_tmux(run));
    let script = |at: usize| call.arg(at).map_or_else(|| ":".to_owned(), |s| format!("{tmux} 1 {}", quoted(s)));
    run.keep()?;
    background(run, &format!("if {condition}\nthen {}\nelse {}\nfi", script(1), script(2)), place)
}

/// Runs a configuration's text; nothing of it where a line is wrong.
pub fn source(run: &mut Run, text: &str, name: &str) -> CommandResult {
    let all = match parse(run, text) {
        Ok(all) => all,
        Err((line, why)) => return mistake(run, name, line, &why),
    };
    let mut steps = Vec::new();
    for (line, words) in all {
        match with_aliases(run, &[words]) {
            Ok(calls) => steps.push(calls),
            Err(why) => return mistake(run, name, line, &why),
        }
    }
    steps.iter().try_for_each(|calls| nested(run, calls))
}

/// Mistakes in files are told like answers.
fn mistake(run: &mut Run, name: &str, line: usize, why: &str) -> CommandResult {
    run.print(&format!("{name}:{line}: {why}"));
    run.mistaken |= run.alone;
    run.code = 1;
    Ok(())
}

pub fn source_file(run: &mut Run, call: &Call) -> CommandResult {
    let mut failed = None;
    for path in call.args.clone() {
        let path = if call.has('F') { run.expand(&path, run.here()) } else { path };
        if path == "-" {
            let text = std::io::read_to_string(std::io::stdin()).unwrap_or_default();
            source(run, &text, "-")?;
            continue;
        }
        let found = glob(&std::path::Path::new(&run.caller.cwd).join(&path).to_string_lossy());
        if found.is_empty() {
            if !call.has('q') {
                failed = Some(format!("{path}: No such file or directory"));
            }
            continue;
        }
        for file in found {
            match std::fs::read_to_string(&file) {
                Ok(text) if call.has('n') => {
                    drop(parse(run, &text).map_err(|(line, why)| CommandError::Error(format!("{file}:{line}: {why}")))?);
                }
                Ok(text) => source(run, &text, &file)?,
                Err(error) if !call.has('q') => failed = Some(format!("{path}: {}", reason(&error))),
                Err(_) => {}
            }
        }
    }
    failed.map_or(Ok(()), error)
}

/// Files that match, where the last part of a path is a pattern.
fn glob(path: &str) -> Vec<String> {
    if !path.contains(['*', '?', '[']) {
        return if std::path::Path::new(path).exists() {
            vec![path.to_owned()]
        } else {
            vec![]
        };
    }
    let (directory, pattern) = path.rsplit_once('/').unwrap_or((".", path));
    let names = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut found: Vec<String> = names
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| fnmatch(pattern, name) && (!name.starts_with('.') || pattern.starts_with('.')))
        .map(|name| format!("{directory}/{name}"))
        .collect();
    found.sort();
    found
}

/// A popup's command runs; what it would show is for a person at a terminal.
pub fn popup(run: &mut Run, call: &Call) -> CommandResult {
    run.client(call.get('c'))?;
    let place = place_of(run, call);
    let script = call.args.join(" ");
    if call.has('C') || script.is_empty() {
        return Ok(());
    }
    let place = place.or_else(|| run.here());
    let mut command = shell(run, &script, place);
    if let Some(directory) = call.get('d') {
        command.current_dir(run.expand(directory, place));
    }
    for (name, value) in call.all('e').filter_map(|pair| pair.split_once('=')) {
        command.env(name, value);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    command
        .spawn()
        .map(drop)
        .map_err(|failed| CommandError::Error(format!("failed to run command: {}", reason(&failed))))
}
