//! What comes from others does them no service: no link is followed to a file of ours, and nothing
//! that a program prints or that stands in an argument is obeyed by the terminal of the caller.

use psup_harness::{TestEnv, skipped};
use std::os::unix::fs::{PermissionsExt, lchown, symlink};

/// A name in the directory of sockets that is not ours is refused, and what it leads to stays as it
/// was.
#[test]
fn tmux_follows_no_link_of_another_user_and_changes_nothing_that_is_not_ours() {
    let env = TestEnv::new();
    let shared = env.path("shared");
    std::fs::create_dir(&shared).unwrap();
    let victim = env.write("victim", "mine");
    let mode = || {
        std::fs::symlink_metadata(&victim)
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    std::fs::set_permissions(&victim, PermissionsExt::from_mode(0o600)).unwrap();
    let refused = |path: &str, why: &str| {
        let told = env.run(env.psup(&format!("tmux -S {path} new-session -d cat")));
        assert!(told.err.contains(why), "{path}: {told}");
        assert!(told.err.starts_with("error creating "), "{path}: {told}");
        assert_eq!(mode(), 0o600, "{path}");
        assert_eq!(env.read("victim"), b"mine", "{path}");
    };
    // A file of our own is no socket either.
    std::fs::set_permissions(&victim, PermissionsExt::from_mode(0o600)).unwrap();
    refused("victim", "not a socket");
    symlink(&victim, shared.join("own-link")).unwrap();
    refused("shared/own-link", "not a socket");
    let foreign = shared.join("link");
    symlink(&victim, &foreign).unwrap();
    if lchown(&foreign, Some(65534), None).is_err() {
        return skipped("only root can give a file away");
    }
    refused("shared/link", "belongs to user 65534");
    assert!(foreign.is_symlink(), "what is another's stays");
    lchown(&shared, Some(65534), None).unwrap();
    refused("shared/new", "belongs to user 65534");
    assert!(!shared.join("new").exists());
    lchown(&shared, Some(0), None).unwrap();
    env.ok("tmux -S shared/new new-session -d cat");
    env.ok("tmux -S shared/new kill-server");
}

/// What a terminal shows when a command runs in it: every byte of it.
fn shown(env: &TestEnv, name: &str, command: &str) -> String {
    env.ok(&format!("spawn {name} --size 200x50 -- sh -c '{command}'"));
    env.ok(&format!("wait {name} --exit"));
    env.run(env.psup(&format!("read {name}")))
        .ended(0)
        .text()
        .to_owned()
}

fn is_safe(shown: &str) -> bool {
    !shown.chars().any(|c| {
        (c.is_control() && !"\r\n\t".contains(c)) || ('\u{202a}'..='\u{202e}').contains(&c)
    })
}

#[test]
fn clean_lines_are_obeyed_by_no_terminal_and_stay_as_they_are_in_a_pipe() {
    let env = TestEnv::new();
    let output = "a\u{9b}31mb\u{202e}c\u{2066}d\u{85}e";
    env.write("output", format!("{output}\n"));
    env.ok("spawn out -- cat output");
    env.ok("wait out --exit");
    let psup = env!("CARGO_BIN_EXE_psup");
    let clean = env.run(env.psup("read out --text")).ended(0);
    assert!(
        clean.text().contains('\u{202e}'),
        "a pipe gets the bytes: {clean}"
    );
    let text = shown(&env, "text", &format!("{psup} read out --text"));
    assert!(
        is_safe(&text) && text.contains("b\\u{202e}c\\u{2066}d"),
        "{text:?}"
    );
    let json = shown(&env, "json", &format!("{psup} read out --text --json"));
    assert!(is_safe(&json), "{json:?}");
    let object: serde_json::Value = serde_json::from_str(json.trim()).unwrap();
    assert_eq!(
        object["text"].as_str().unwrap(),
        clean.text(),
        "the same to a parser"
    );
    let waited = shown(&env, "waited", &format!("{psup} wait out --text b.+"));
    assert!(
        is_safe(&waited) && waited.contains("\\u{202e}"),
        "{waited:?}"
    );
}

#[test]
fn errors_that_quote_arguments_are_obeyed_by_no_terminal() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let evil = "x\x1b]0;evil\x07\u{9b}31m\u{202e}";
    env.write("evil", evil);
    let psup = env!("CARGO_BIN_EXE_psup");
    for (n, command) in [
        "info \"$(cat evil)\"",
        "\"$(cat evil)\"",
        "list \"--$(cat evil)\"",
        "wait a --text \"(?$(cat evil)\"",
        "send a --key \"$(cat evil)\"",
        "spawn b --cwd \"/$(cat evil)\" -- cat",
        "spawn b -- \"./$(cat evil)\"",
        "tmux \"$(cat evil)\"",
        "tmux new-session -d cat \\; kill-session -t \"$(cat evil)\"",
        "tmux display-message -p \"$(cat evil)\"",
        "tmux set -g \"$(cat evil)\" on",
        "--json info \"$(cat evil)\"",
    ]
    .into_iter()
    .enumerate()
    {
        let told = shown(&env, &format!("t{n}"), &format!("{psup} {command}"));
        assert!(told.contains('x') && is_safe(&told), "{command}: {told:?}");
    }
    env.ok("tmux kill-server");
}

/// It used to make a row of each cell: more than 100 MiB, and half a second in which nobody else was
/// answered.
#[test]
fn a_screen_of_one_column_makes_no_row_of_each_cell_of_a_long_line() {
    let env = TestEnv::new();
    let line = "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo done; exec cat";
    env.ok(&format!("spawn a --size 200x50 --shell \"{line}\""));
    env.ok("wait a --text ^done$");
    env.ok("resize a 1x1");
    env.ok("capture a");
    let worker = env.pid_of("worker_pid");
    let status = std::fs::read_to_string(format!("/proc/{worker}/status")).unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak < 64 << 10, "{peak} KiB");
}
