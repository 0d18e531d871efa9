//! Documents are true: every command in a `console` block of them is run, in order, in one shell,
//! and prints what is shown.
//!
//! `$ ` begins a command, `# exit N` after it is its exit code (0 if it does not say), the lines
//! that follow are its output on both streams. `…` in a shown line stands for anything; a line of
//! its own `…` for any lines.

use psup_harness::{TestEnv, skipped};
use std::path::Path;

struct Shown {
    command: String,
    code: String,
    output: Vec<String>,
}

#[test]
fn every_command_of_the_readme_does_what_it_shows() {
    check(include_str!("../../README.md"), &[]);
}

#[test]
fn every_command_of_the_skill_does_what_it_shows() {
    check(include_str!("../../skills/psup/SKILL.md"), &[]);
}

#[test]
fn every_command_of_the_page_for_users_of_tmux_does_what_it_shows() {
    check(include_str!("../../docs/from-tmux.md"), &["python3"]);
}

#[test]
fn a_shown_line_is_compared_with_what_was_said() {
    assert!(line_matches("a…c", "abc") && line_matches("a…", "a") && line_matches("a", "a"));
    assert!(!line_matches("a…c", "ab") && !line_matches("a", "ab"));
    let lines = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(matches(&lines(&["a", "…", "d"]), &["a", "b", "c", "d"]));
    assert!(!matches(&lines(&["a", "d"]), &["a", "b", "d"]));
    assert!(!matches(&[], &["a"]) && !matches(&lines(&["a"]), &[]));
}

/// Runs a document's commands where `programs` are installed.
#[track_caller]
fn check(document: &str, programs: &[&str]) {
    for program in programs {
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .any(|dir| dir.join(program).is_file());
        if !found {
            return skipped(&format!("there is no {program} on this machine"));
        }
    }
    let shown = shown(document);
    assert!(shown.len() > 10, "the document has commands");
    let env = TestEnv::new();
    let said = run(&env, &shown);
    assert_eq!(said.len(), shown.len(), "commands that were run");
    for (shown, (code, output)) in shown.iter().zip(said) {
        let lines: Vec<&str> = output.trim_end().lines().collect();
        assert_eq!(code, shown.code, "$ {}\n{output}", shown.command);
        assert!(
            matches(&shown.output, &lines),
            "$ {}\nshown {:#?}\nsaid {lines:#?}",
            shown.command,
            shown.output
        );
    }
}

/// The exit code and the output of each command, of one shell that finds this psup as `psup`.
fn run(env: &TestEnv, shown: &[Shown]) -> Vec<(String, String)> {
    let bin = Path::new(env!("CARGO_BIN_EXE_psup")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let with_mark = |s: &Shown| [s.command.clone(), r"printf '\n\036%s\n' $?".to_owned()];
    let script = shown
        .iter()
        .flat_map(with_mark)
        .collect::<Vec<_>>()
        .join("\n");
    let mut bash = env.command("bash");
    bash.env("PATH", path);
    bash.args(["-c", &format!("exec 2>&1\n{script}")]);
    let told = env.run(bash);
    let mut parts = told.text().split("\n\u{1e}");
    let mut output = parts.next().unwrap().to_owned();
    let mut said = Vec::new();
    for part in parts {
        let (code, after) = part.split_once('\n').unwrap();
        said.push((
            code.to_owned(),
            std::mem::replace(&mut output, after.to_owned()),
        ));
    }
    said
}

fn shown(document: &str) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    let blocks = document
        .split("```console\n")
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap());
    for line in blocks.flat_map(str::lines) {
        if let Some(command) = line.strip_prefix("$ ") {
            let (command, code) = command.split_once("# exit ").unwrap_or((command, "0"));
            found.push(Shown {
                command: command.trim_end().to_owned(),
                code: code.trim().to_owned(),
                output: Vec::new(),
            });
        } else if !line.is_empty() {
            found
                .last_mut()
                .expect("a block begins with a command")
                .output
                .push(line.to_owned());
        }
    }
    found
}

fn matches(shown: &[String], said: &[&str]) -> bool {
    match shown {
        [] => said.iter().all(|line| line.is_empty()),
        [any, rest @ ..] if any == "…" => (0..=said.len()).any(|n| matches(rest, &said[n..])),
        [line, rest @ ..] => match said {
            [first, after @ ..] if first.is_empty() && !line.is_empty() => matches(shown, after),
            [first, after @ ..] => line_matches(line, first) && matches(rest, after),
            [] => false,
        },
    }
}

fn line_matches(shown: &str, said: &str) -> bool {
    let parts: Vec<&str> = shown.split('…').collect();
    let [first, between @ .., last] = parts.as_slice() else {
        return shown == said;
    };
    let Some(mut rest) = said
        .strip_prefix(first)
        .and_then(|rest| rest.strip_suffix(last))
    else {
        return false;
    };
    for part in between {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    true
}
