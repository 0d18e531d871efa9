//! What the README and the map of the code name is there: scripts, exit codes, tests.

use psup_harness::TestEnv;

const README: &str = include_str!("../../README.md");

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
        .filter_map(|word| word.split_once("::"))
        .filter(|(room, _)| room.chars().all(|c| c.is_lowercase() || c == '_'));
    let mut checked = 0;
    for (room, test) in named {
        let places = [
            format!("tests/contract/{room}.rs"),
            format!("proto/src/{room}.rs"),
            format!("session/src/tests/{room}.rs"),
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
