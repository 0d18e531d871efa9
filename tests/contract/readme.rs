//! The README is true: every command in its `console` blocks is run, in order, in one shell, and
//! prints what is shown.
//!
//! `$ ` begins a command, `# exit N` after it is its exit code (0 if it does not say), the lines
//! that follow are its output on both streams. `…` in a shown line stands for anything; a line of
//! its own `…` for any lines.

use psup_harness::TestEnv;

const README: &str = include_str!("../../README.md");

struct Shown {
    command: String,
    code: String,
    output: Vec<String>,
}

#[test]
fn every_command_of_the_readme_does_what_it_shows() {
    let env = TestEnv::new();
    let shown = shown();
    assert!(shown.len() > 10, "the tour has commands");
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_psup"))
        .parent()
        .unwrap()
        .to_str()
        .unwrap();
    let run = |s: &Shown| [s.command.clone(), r"printf '\n\036%s\n' $?".to_owned()];
    let script = shown.iter().flat_map(run).collect::<Vec<_>>().join("\n");
    let mut bash = env.command("bash");
    bash.env("PATH", format!("{bin}:{}", std::env::var("PATH").unwrap()));
    bash.args(["-c", &format!("exec 2>&1\n{script}")]);
    let told = env.run(bash);
    let mut told = told.text().split("\n\u{1e}");
    let mut output = told.next().unwrap().to_owned();
    for (shown, next) in shown.iter().zip(told) {
        let (code, after) = next.split_once('\n').unwrap();
        let said: Vec<&str> = output.trim_end().lines().collect();
        assert_eq!(code, shown.code, "$ {}\n{output}", shown.command);
        assert!(
            matches(&shown.output, &said),
            "$ {}\nshown {:#?}\nsaid {said:#?}",
            shown.command,
            shown.output
        );
        after.clone_into(&mut output);
    }
}

#[test]
fn the_demo_shows_a_session_outlive_the_kill_of_its_starter() {
    let env = TestEnv::new();
    let mut demo = env.command(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/demo"));
    demo.env("PSUP", env!("CARGO_BIN_EXE_psup"))
        .env_remove("PSUP_DIR");
    let told = env.run(demo).ended(0);
    for part in [
        "kill -9 ",
        "left of it: nothing",
        "tick",
        "clock is still running",
        "survived",
        "stopped clock#1",
    ] {
        assert!(told.text().contains(part), "{part:?} in {told}");
    }
}

#[test]
fn the_two_commands_of_the_readme_are_there() {
    use std::os::unix::fs::PermissionsExt;
    for script in ["scripts/demo", "scripts/test"] {
        assert!(README.contains(script));
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
        assert!(
            std::fs::metadata(path).unwrap().permissions().mode() & 0o111 != 0,
            "{script} can be run"
        );
    }
}

#[test]
fn every_exit_code_of_the_readme_is_the_one_of_the_wire() {
    use psup_proto::Code;
    let row = |code: Code| README.contains(&format!("| {} |", code.exit_code()));
    let codes = [
        Code::No,
        Code::Usage,
        Code::NoSuchSession,
        Code::NameTaken,
        Code::Unreachable,
        Code::Ended,
        Code::TimedOut,
    ];
    assert!(codes.into_iter().all(row));
}

#[test]
fn every_test_that_the_architecture_names_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = include_str!("../../docs/architecture.md")
        .split('`')
        .filter_map(|word| word.split_once("::"));
    let mut checked = 0;
    for (room, test) in named {
        let places = [
            format!("tests/contract/{room}.rs"),
            format!("proto/src/{room}.rs"),
        ];
        let found = places
            .iter()
            .filter_map(|place| std::fs::read_to_string(root.join(place)).ok());
        assert!(
            found
                .into_iter()
                .any(|source| source.contains(&format!("fn {test}("))),
            "{room}::{test}"
        );
        checked += 1;
    }
    assert!(checked >= 12);
}

fn shown() -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    let blocks = README
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
