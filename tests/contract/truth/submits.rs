//! Submits: what became of a line that was sent, and screens that settle.

use super::is_here;
use psup_harness::{TestEnv, skipped};
use std::path::Path;

fn agent(env: &TestEnv, flags: &str) {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/programs/agent.py");
    env.ok(&format!("spawn a -- python3 {} {flags}", program.display()));
    env.ok("wait a --on screen --text '^(> |>$|Allow)' --timeout 60s");
}

/// Exit code and word of a submit.
#[track_caller]
fn submit(env: &TestEnv, name: &str, text: &str) -> (Option<i32>, String) {
    let mut psup = env.psup(&format!("--json send {name} --submit"));
    psup.arg(text);
    let told = env.run(psup);
    (
        told.code,
        told.jsons()[0]["submit"].as_str().unwrap().to_owned(),
    )
}

#[test]
fn a_submit_tells_what_became_of_it() {
    if !is_here("python3") {
        return skipped("there is no python3");
    }
    for (flags, code, word) in [
        ("", 0, "submitted"),
        ("spinner", 0, "submitted"),
        ("slow", 0, "submitted"),
        ("stubborn", 1, "pending"),
        ("spinner stubborn", 1, "pending"),
        ("dialog", 1, "blocked"),
    ] {
        let env = TestEnv::new();
        agent(&env, flags);
        assert_eq!(
            submit(&env, "a", "fix the test"),
            (Some(code), word.to_owned()),
            "{flags}"
        );
        let taken = env.ok("capture a").contains("you: fix the test");
        assert_eq!(taken, code == 0, "{flags}: {}", env.ok("capture a"));
    }
}

#[test]
fn shells_and_repls_take_submits_or_wait_for_more() {
    let env = TestEnv::new();
    for (program, whole, open) in [
        ("bash --norc", "echo 12", "echo \"open"),
        ("python3 -q", "print(12)", "x = \"\"\"open"),
    ] {
        let name = program.split(' ').next().unwrap();
        if !is_here(name) {
            skipped(&format!("there is no {name}"));
            continue;
        }
        env.ok(&format!(
            "spawn {name} --ready prompt --timeout 60s -- {program}"
        ));
        assert_eq!(
            submit(&env, name, whole),
            (Some(0), "submitted".into()),
            "{name}"
        );
        env.ok(&format!("wait {name} --prompt --timeout 60s"));
        assert_eq!(
            submit(&env, name, open),
            (Some(1), "pending".into()),
            "{name}"
        );
    }
}

#[test]
fn a_screen_where_only_a_spinner_turns_counts_as_idle() {
    if !is_here("python3") {
        return skipped("there is no python3");
    }
    let env = TestEnv::new();
    agent(&env, "spinner");
    env.no(124, "wait a --idle 400ms --timeout 1500ms");
    assert!(
        env.ok("wait a --idle 400ms --settle --timeout 60s")
            .starts_with("idle\t")
    );
}

#[test]
fn text_that_goes_on_is_never_settled() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'while :; do printf \"word \"; sleep 0.05; done'");
    env.no(124, "wait a --idle 400ms --settle --timeout 1500ms");
}

/// An editor takes a line for commands, a pager too: nothing of it is typed.
#[test]
fn a_submit_to_an_editor_or_a_pager_is_refused_before_it_is_typed() {
    let env = TestEnv::new();
    env.write("text", "one\ntwo\nthree\n");
    for (program, command) in [
        ("vim", "vim -n -u NONE text"),
        ("less", "less text"),
        ("sh", "sh -c 'vim -n -u NONE text; true'"),
    ] {
        if !is_here(program) || !is_here("vim") {
            skipped(&format!("there is no {program}"));
            continue;
        }
        env.ok(&format!("spawn {program} --size 60x10 -- {command}"));
        env.ok(&format!(
            "wait {program} --on screen --text three --timeout 60s"
        ));
        let before = env.ok(&format!("capture {program}"));
        assert_eq!(
            env.refused(1, &format!("send {program} --submit dd")),
            "busy",
            "{command}"
        );
        assert_eq!(env.ok(&format!("capture {program}")), before, "{command}");
    }
}
