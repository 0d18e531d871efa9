//! Commands in one bash: many, at once, cut short, where none may be typed.

use super::{BASH, at_prompt, exec, is_here};
use psup_harness::{TestEnv, skipped};

#[test]
fn many_commands_in_a_row_are_all_right() {
    let Some(env) = at_prompt(&BASH) else {
        return;
    };
    let count = std::env::var("PSUP_EXECS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(100);
    for i in 0..count {
        let (bytes, code) = exec(
            &env,
            &format!("echo {i}; printf x; sh -c 'exit {}'", i % 100),
        );
        assert_eq!(
            (String::from_utf8(bytes).unwrap(), code),
            (format!("{i}\nx"), Some(i % 100))
        );
    }
}

#[test]
fn callers_at_once_are_served_one_after_the_other() {
    let Some(env) = at_prompt(&BASH) else {
        return;
    };
    let start = |i: i32| {
        let mut psup = env.psup("exec s --timeout 60s --");
        psup.arg(format!("echo {i}; cat </dev/null; echo {i}"));
        (i, env.start(psup))
    };
    for (i, running) in (0..8).map(start).collect::<Vec<_>>() {
        assert_eq!(running.end().ended(0).text(), format!("{i}\n{i}\n"));
    }
}

#[test]
fn a_command_that_is_not_whole_is_taken_back() {
    let Some(env) = at_prompt(&BASH) else {
        return;
    };
    for open in ["echo \"open", "if true", "cat <<X\nnever ended"] {
        let (bytes, code) = exec(&env, open);
        // bash itself ends a here-document at the end of what there is.
        assert!(
            code == Some(125) || bytes == b"never ended\n",
            "{open}: {code:?}"
        );
    }
    assert_eq!(exec(&env, "echo fine").0, b"fine\n");
}

#[test]
fn nothing_is_typed_where_no_shell_is_at_its_prompt() {
    let env = TestEnv::new();
    env.ok("spawn s --shell 'stty -echo; echo up; cat'");
    env.ok("wait s --text up");
    assert_eq!(env.refused(125, "exec s -- 'echo no'"), "busy");
    env.ok("send s --enter --key C-d --secret");
    env.ok("wait s --exit");
    assert!(!env.ok("read s --text").contains("no"));
    assert_eq!(env.refused(125, "exec s -- true"), "not-running");
    assert_eq!(env.refused(125, "exec nobody -- true"), "no-such-session");
}

#[test]
fn a_line_that_somebody_has_begun_is_left_alone() {
    let Some(env) = at_prompt(&BASH) else {
        return;
    };
    env.ok("send s 'echo mine'");
    assert_eq!(env.refused(125, "exec s -- 'echo no'"), "busy");
    let offset = env.ok("send s --enter");
    env.ok(&format!("wait s --prompt --since {offset} --timeout 30s"));
    assert_eq!(env.ok("capture s").matches("mine").count(), 2);
}

#[test]
fn a_command_may_end_its_shell() {
    let Some(env) = at_prompt(&BASH) else {
        return;
    };
    let told = env
        .run(env.psup("--json exec s -- 'echo bye; exit 3'"))
        .ended(3);
    assert_eq!(told.jsons()[0]["ran"], "session-ended");
    assert!(
        told.jsons()[0]["text"]
            .as_str()
            .unwrap()
            .starts_with("bye\n")
    );
}

#[test]
fn a_command_that_takes_the_marks_away_is_told_without_a_code() {
    let Some(env) = at_prompt(&BASH) else {
        return;
    };
    let told = env
        .run(env.psup("--json exec s --timeout 60s -- \"unset PROMPT_COMMAND PS0; PS1='bare$ '\""))
        .ended(125);
    assert_eq!(told.jsons()[0]["ran"], "unknown");
    assert_eq!(env.json("exec s -- 'echo still'")["text"], "still\n");
}

#[test]
fn output_comes_while_the_command_runs() {
    for shell in ["bash", "zsh", "fish", "dash"] {
        if !is_here(shell) {
            skipped(&format!("there is no {shell}"));
            continue;
        }
        let env = TestEnv::new();
        env.ok(&format!("spawn s --ready prompt --timeout 60s -- {shell}"));
        let gate = env.path("gate");
        let made = std::process::Command::new("mkfifo").arg(&gate).status();
        assert!(made.unwrap().success());
        let mut psup = env.psup("exec s --timeout 60s --");
        psup.arg(format!("echo first; cat {}; echo last", gate.display()));
        let stream = env.follow(psup);
        assert_eq!(stream.line(), "first", "{shell}");
        std::fs::write(&gate, "").unwrap();
        assert_eq!(stream.line(), "last", "{shell}");
    }
}

/// More than the log keeps, and more than the memory of a session without one.
#[test]
fn no_output_is_dropped_before_its_reader_has_it() {
    let lines: Vec<String> = (1..=300_000).map(|i| i.to_string()).collect();
    let all = lines.join("\n") + "\n";
    for keeps in ["--log-limit 64k", "--no-log"] {
        let env = TestEnv::new();
        env.ok(&format!(
            "spawn s {keeps} --ready prompt --timeout 60s -- bash"
        ));
        let told = env
            .run(env.psup("exec s --timeout 120s -- 'seq 300000'"))
            .ended(0);
        assert!(
            told.bytes == all.as_bytes(),
            "{keeps}: {} of {}",
            told.bytes.len(),
            all.len()
        );
        let told = env.json("exec s --timeout 120s -- 'seq 300000'");
        assert_eq!(told["left_out"], 0, "{keeps}");
        assert!(told["text"] == all.as_str(), "{keeps}");
    }
}

#[test]
fn a_budget_gives_the_beginning_and_the_end() {
    let Some(env) = at_prompt(&BASH) else {
        return;
    };
    let told = env
        .run(env.psup("exec s --budget 20 -- 'seq 1000'"))
        .ended(0);
    let (first, rest) = told.text().split_once("\n[").unwrap();
    let (note, last) = rest.split_once("]\n").unwrap();
    assert_eq!((first, last), ("1\n2\n3\n4\n5\n", "\n999\n1000\n"));
    assert!(
        note.starts_with("3873 bytes left out: `psup read s --since "),
        "{note}"
    );
    let since = note.split(' ').nth(8).unwrap().trim_end_matches('`');
    assert!(env.ok(&format!("read s --since {since}")).contains("\n500"));
    let told = env.json("exec s --budget 20 -- 'seq 1000'");
    assert_eq!(told["left_out"], 3873);
    assert_eq!(env.ok("exec s --budget 20 -- 'seq 5'"), "1\n2\n3\n4\n5");
}

#[test]
fn text_is_clean_lines() {
    let Some(env) = at_prompt(&BASH) else {
        return;
    };
    let mut psup = env.psup("exec s --text --");
    psup.arg(r"printf '\033[1mbold\033[0m\n10%%\r20%%\r30%%\nend'");
    assert_eq!(env.run(psup).ended(0).text(), "bold\n30%\nend");
}

#[test]
fn a_command_that_goes_on_is_told_with_what_it_does() {
    let Some(env) = at_prompt(&BASH) else {
        return;
    };
    for (command, word, on) in [
        ("read -p 'name: ' n", "waits for input", "input"),
        ("read -s -p 'secret: ' n", "asks for a password", "password"),
        ("sleep 1000", "runs on", "nothing"),
    ] {
        let mut psup = env.psup("exec s --timeout 1500ms --");
        psup.arg(command);
        let told = env.run(psup).ended(124);
        assert!(told.err.contains(word), "{told}");
        let offset = env.ok("send s --key C-c");
        env.ok(&format!("wait s --prompt --since {offset} --timeout 30s"));
        let mut psup = env.psup("--json exec s --timeout 1500ms --");
        psup.arg(command);
        let told = env.run(psup).ended(124).jsons();
        assert_eq!(told[0]["doing"]["blocked"]["on"], on, "{command}");
        let offset = env.ok("send s --key C-c");
        env.ok(&format!("wait s --prompt --since {offset} --timeout 30s"));
    }
}

/// A reader that stands still slows the command, and does not stop it for ever: see `followers.rs`.
#[test]
fn a_reader_that_leaves_lets_the_command_go_on() {
    let Some(env) = at_prompt(&BASH) else {
        return;
    };
    let mark = env.path("done");
    let mut psup = env.psup("exec s --timeout 60s --");
    psup.arg(format!("seq 300000; echo >{}", mark.display()));
    let stream = env.follow(psup);
    assert_eq!(stream.line(), "1");
    psup_harness::kill(stream.pid());
    env.ok(&format!("wait s --file {} --timeout 60s", mark.display()));
}
