//! Command truth: the exact result of a command in every shell.
//!
//! The table: each shell is one test, each case a cell of it: output byte for byte, exit code, and
//! at the end what is left in the history and on the screen.

mod commands;
mod prompts;
mod settings;
mod submits;

use psup_harness::{TestEnv, skipped};

/// A shell as it is started: in the session itself, or typed into a bash there.
struct Shell {
    spawn: &'static str,
    within: Option<&'static str>,
    via: &'static str,
    dialect: Dialect,
    /// Lists the history; `None` where the shell has none, or keeps what is typed whatever one
    /// does.
    history: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq)]
enum Dialect {
    Posix,
    Fish,
}

/// A command, what it prints, how it ends.
type Case = (&'static str, String, Vec<u8>, u8);

#[allow(clippy::too_many_lines)]
fn cases(dialect: Dialect) -> Vec<Case> {
    let case = |name, command: &str, printed: &str, code| -> Case {
        (name, command.to_owned(), printed.as_bytes().to_vec(), code)
    };
    let mut cases = vec![
        case("one line", "echo hello", "hello\n", 0),
        case("no newline at the end", "printf 'a b'", "a b", 0),
        case("nothing at all", "true", "", 0),
        case("exit code", "sh -c 'exit 7'", "", 7),
        case("the highest exit code", "sh -c 'exit 255'", "", 255),
        case(
            "a command that is not there",
            "sh -c no-such-command-here 2>/dev/null",
            "",
            127,
        ),
        case("the directory stays", "cd /usr", "", 0),
        case("and is there", "pwd", "/usr\n", 0),
        case(
            "a pipe",
            "printf 'b\\na\\n' | sort | tr a-z A-Z",
            "A\nB\n",
            0,
        ),
        case(
            "signs",
            r#"echo "it's" 'a "b" $x !y `z` \ %s ü 漢'"#,
            "it's a \"b\" $x !y `z` \\ %s ü 漢\n",
            0,
        ),
        case(
            "returns, tabs, escapes",
            r"printf 'a\r\nb\tc\r\033[1md\n'",
            "a\r\nb\tc\r\x1b[1md\n",
            0,
        ),
        case("bytes that are no text", r"printf '\377\376\001x'", "", 0),
        case(
            "clearing the screen",
            r"printf '\033[2J\033[Hafter\n'",
            "\x1b[2J\x1b[Hafter\n",
            0,
        ),
        case(
            "a title",
            r"printf '\033]0;title\007'",
            "\x1b]0;title\x07",
            0,
        ),
        case(
            "marks of another",
            r"printf '\033]133;D;0\007\033]133;D;9;psup=0\007'",
            "\x1b]133;D;0\x07\x1b]133;D;9;psup=0\x07",
            0,
        ),
        case(
            "a long command",
            &format!("echo {} | wc -c", "x".repeat(700)),
            "701\n",
            0,
        ),
    ];
    cases[11].2 = b"\xff\xfe\x01x".to_vec();
    let mega: Vec<u8> = (0..170_000)
        .flat_map(|i| format!("{i}\n").into_bytes())
        .collect();
    cases.push(("a megabyte", "seq 0 169999".to_owned(), mega, 0));
    match dialect {
        Dialect::Posix => cases.extend([
            case(
                "several lines",
                "for i in 1 2\ndo echo $i\ndone\necho end",
                "1\n2\nend\n",
                0,
            ),
            case(
                "a here-document",
                "cat <<'X'\n  two $words\n\tlines\nX",
                "  two $words\n\tlines\n",
                0,
            ),
            case(
                "variables and functions",
                "v=5; f() { echo f$v; return 3; }",
                "",
                0,
            ),
            case("stay", "f", "f5\n", 3),
            case("another prompt", "PS1='new> '", "", 0),
            case("after that", "echo still", "still\n", 0),
        ]),
        Dialect::Fish => cases.extend([
            case(
                "several lines",
                "for i in 1 2\necho $i\nend\necho end",
                "1\n2\nend\n",
                0,
            ),
            case(
                "variables and functions",
                "set v 5; function f; echo f$v; return 3; end",
                "",
                0,
            ),
            case("stay", "f", "f5\n", 3),
            case(
                "another prompt",
                "function fish_prompt; echo 'new> '; end",
                "",
                0,
            ),
            case("after that", "echo still", "still\n", 0),
        ]),
    }
    cases
}

/// A shell in a env of its own, at its first prompt; `None` if one of its programs is not on this
/// machine.
fn at_prompt(shell: &Shell) -> Option<TestEnv> {
    let words = shell
        .spawn
        .split(' ')
        .chain(shell.within.into_iter().flat_map(|w| w.split(' ')));
    let programs: Vec<&str> = words
        .filter(|word| ["bash", "zsh", "fish", "dash", "busybox", "script"].contains(word))
        .collect();
    if let Some(missing) = programs.iter().find(|program| !is_here(program)) {
        skipped(&format!("there is no {missing}"));
        return None;
    }
    let env = TestEnv::new();
    env.ok(&format!("spawn s --size 100x30 {}", shell.spawn));
    env.ok("wait s --prompt --timeout 30s");
    if let Some(within) = shell.within {
        let offset = env.ok(&format!("send s '{within}' --enter"));
        env.ok(&format!("wait s --prompt --since {offset} --timeout 30s"));
    }
    Some(env)
}

pub(crate) fn is_here(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path).any(|dir| dir.join(program).exists())
}

/// One command; its output, its exit code, and by which rung.
#[track_caller]
fn exec(env: &TestEnv, command: &str) -> (Vec<u8>, Option<i32>) {
    let mut psup = env.psup("exec s --timeout 60s --");
    psup.arg(command);
    let told = env.run(psup);
    (told.bytes.clone(), told.code)
}

#[track_caller]
fn check(shell: &Shell) {
    let Some(env) = at_prompt(shell) else {
        return;
    };
    let cases = cases(shell.dialect);
    for (name, command, printed, code) in &cases {
        let (bytes, ended) = exec(&env, command);
        let show =
            |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).into_owned();
        assert!(
            bytes == *printed,
            "{name}: {:?} instead of {:?}",
            show(&bytes),
            show(printed)
        );
        assert_eq!(ended, Some(i32::from(*code)), "{name}");
    }
    let told = env.json("exec s -- 'echo via'");
    assert_eq!(
        (told["via"].as_str(), told["text"].as_str()),
        (Some(shell.via), Some("via\n"))
    );
    reads_the_terminal(&env);
    runs_on_after_its_time(&env);
    if let Some(history) = shell.history {
        let (history, _) = exec(&env, history);
        let history = String::from_utf8_lossy(&history).into_owned();
        // A fish that is typed to keeps nothing of it at all.
        assert!(
            history.contains("echo still")
                || (shell.dialect, shell.via) == (Dialect::Fish, "kernel"),
            "the command itself is there: {history}"
        );
        assert!(!history.contains("__psup"), "nothing else is: {history}");
    }
    env.ok("wait s --prompt --timeout 30s");
    let screen = env.ok("capture s -n 120");
    assert!(
        screen.contains("echo via\nvia"),
        "the screen shows the command: {screen}"
    );
    assert!(!screen.contains("__psup"), "and no more: {screen}");
}

/// While a command runs, others may type to it.
#[track_caller]
fn reads_the_terminal(env: &TestEnv) {
    let offset = env.info("s")["offset"].to_string();
    let mut psup = env.psup("exec s --timeout 60s --");
    psup.arg("printf 'your name: '; head -n 1 | tr a-z A-Z");
    let running = env.start(psup);
    env.ok(&format!(
        "wait s --since {offset} --text '^your name: $' --timeout 30s"
    ));
    env.ok("send s ada --enter");
    assert_eq!(running.end().ended(0).text(), "your name: ada\nADA\n");
}

#[track_caller]
fn runs_on_after_its_time(env: &TestEnv) {
    let gate = env.path("gate");
    let _ = std::fs::remove_file(&gate);
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&gate)
            .status()
            .unwrap()
            .success()
    );
    let line = format!("echo before; cat {}; echo after", gate.display());
    let mut psup = env.psup("exec s --timeout 300ms --");
    psup.arg(&line);
    let told = env.run(psup).ended(124);
    assert_eq!(told.text(), "before\n");
    assert!(told.err.contains("runs on"), "{told}");
    // Not at its prompt: nothing is typed.
    let refused = env.refused(125, "exec s -- 'echo no'");
    assert_eq!(refused, "busy");
    let offset = env.info("s")["offset"].to_string();
    std::fs::write(&gate, "").unwrap();
    env.ok(&format!("wait s --prompt --since {offset} --timeout 30s"));
    assert_eq!(exec(env, "echo next").0, b"next\n");
}

const BASH: Shell = Shell {
    spawn: "-- bash",
    within: None,
    via: "marks",
    dialect: Dialect::Posix,
    history: None,
};

#[test]
fn bash_tells_the_truth() {
    check(&Shell {
        spawn: "-- bash",
        within: None,
        via: "marks",
        dialect: Dialect::Posix,
        history: Some("history"),
    });
}

#[test]
fn a_login_bash_tells_the_truth() {
    check(&Shell {
        spawn: "-- bash -l",
        within: None,
        via: "marks",
        dialect: Dialect::Posix,
        history: Some("history"),
    });
}

#[test]
fn zsh_tells_the_truth() {
    check(&Shell {
        spawn: "-- zsh",
        within: None,
        via: "marks",
        dialect: Dialect::Posix,
        history: Some("fc -l 1"),
    });
}

#[test]
fn fish_tells_the_truth() {
    check(&Shell {
        spawn: "-- fish",
        within: None,
        via: "marks",
        dialect: Dialect::Fish,
        history: Some("history | cat"),
    });
}

#[test]
fn dash_tells_the_truth() {
    check(&Shell {
        spawn: "-- dash",
        within: None,
        via: "kernel",
        dialect: Dialect::Posix,
        history: None,
    });
}

#[test]
fn busybox_tells_the_truth() {
    check(&Shell {
        spawn: "-- busybox sh",
        within: None,
        via: "kernel",
        dialect: Dialect::Posix,
        history: None,
    });
}

#[test]
fn a_bash_without_integration_tells_the_truth() {
    check(&Shell {
        spawn: "--no-integration -- bash --norc",
        within: None,
        via: "kernel",
        dialect: Dialect::Posix,
        history: Some("history"),
    });
}

#[test]
fn a_bash_in_a_zsh_tells_the_truth() {
    check(&Shell {
        spawn: "-- zsh",
        within: Some("bash --norc"),
        via: "kernel",
        dialect: Dialect::Posix,
        history: Some("history"),
    });
}

#[test]
fn a_fish_in_a_bash_tells_the_truth() {
    check(&Shell {
        spawn: "-- bash",
        within: Some("fish"),
        via: "kernel",
        dialect: Dialect::Fish,
        history: Some("history | cat"),
    });
}

/// As behind ssh, docker exec -it and sudo: another terminal, of which only the screen is seen.
#[test]
fn a_bash_behind_another_terminal_tells_the_truth() {
    check(&Shell {
        spawn: "-- bash",
        within: Some("script -qc \"bash --norc\" /dev/null"),
        via: "screen",
        dialect: Dialect::Posix,
        history: Some("history"),
    });
}
