//! Command truth: the exact result of a command in every shell, prompts by the ladder of evidence, submits.
//!
//! The table: each shell is one test, each case a cell of it: output byte for byte, exit code, and at the end what is
//! left in the history and on the screen.

use crate::house::{House, skipped};
use serde_json::Value;
use std::path::Path;

/// A shell as it is started: in the session itself, or typed into a bash there.
struct Shell {
    spawn: &'static str,
    within: Option<&'static str>,
    via: &'static str,
    dialect: Dialect,
    /// Lists the history; `None` where the shell has none, or keeps what is typed whatever one does.
    history: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq)]
enum Dialect {
    Posix,
    Fish,
}

/// A command, what it prints, how it ends.
type Case = (&'static str, String, Vec<u8>, u8);

fn cases(dialect: Dialect) -> Vec<Case> {
    let case = |name, command: &str, printed: &str, code| -> Case { (name, command.to_owned(), printed.as_bytes().to_vec(), code) };
    let mut cases = vec![
        case("one line", "echo hello", "hello\n", 0),
        case("no newline at the end", "printf 'a b'", "a b", 0),
        case("nothing at all", "true", "", 0),
        case("exit code", "sh -c 'exit 7'", "", 7),
        case("the highest exit code", "sh -c 'exit 255'", "", 255),
        case("a command that is not there", "sh -c no-such-command-here 2>/dev/null", "", 127),
        case("the directory stays", "cd /usr", "", 0),
        case("and is there", "pwd", "/usr\n", 0),
        case("a pipe", "printf 'b\\na\\n' | sort | tr a-z A-Z", "A\nB\n", 0),
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
        case("clearing the screen", r"printf '\033[2J\033[Hafter\n'", "\x1b[2J\x1b[Hafter\n", 0),
        case("a title", r"printf '\033]0;title\007'", "\x1b]0;title\x07", 0),
        case(
            "marks of another",
            r"printf '\033]133;D;0\007\033]133;D;9;psup=0\007'",
            "\x1b]133;D;0\x07\x1b]133;D;9;psup=0\x07",
            0,
        ),
        case("a long command", &format!("echo {} | wc -c", "x".repeat(700)), "701\n", 0),
    ];
    cases[11].2 = b"\xff\xfe\x01x".to_vec();
    let mega: Vec<u8> = (0..170_000).flat_map(|i| format!("{i}\n").into_bytes()).collect();
    cases.push(("a megabyte", "seq 0 169999".to_owned(), mega, 0));
    match dialect {
        Dialect::Posix => cases.extend([
            case("several lines", "for i in 1 2\ndo echo $i\ndone\necho end", "1\n2\nend\n", 0),
            case(
                "a here-document",
                "cat <<'X'\n  two $words\n\tlines\nX",
                "  two $words\n\tlines\n",
                0,
            ),
            case("variables and functions", "v=5; f() { echo f$v; return 3; }", "", 0),
            case("stay", "f", "f5\n", 3),
            case("another prompt", "PS1='new> '", "", 0),
            case("after that", "echo still", "still\n", 0),
        ]),
        Dialect::Fish => cases.extend([
            case("several lines", "for i in 1 2\necho $i\nend\necho end", "1\n2\nend\n", 0),
            case("variables and functions", "set v 5; function f; echo f$v; return 3; end", "", 0),
            case("stay", "f", "f5\n", 3),
            case("another prompt", "function fish_prompt; echo 'new> '; end", "", 0),
            case("after that", "echo still", "still\n", 0),
        ]),
    }
    cases
}

/// A shell in a house of its own, at its first prompt; `None` if one of its programs is not on this machine.
fn at_prompt(shell: &Shell) -> Option<House> {
    let words = shell.spawn.split(' ').chain(shell.within.into_iter().flat_map(|w| w.split(' ')));
    let programs: Vec<&str> = words
        .filter(|word| ["bash", "zsh", "fish", "dash", "busybox", "script"].contains(word))
        .collect();
    if let Some(missing) = programs.iter().find(|program| !is_here(program)) {
        skipped(&format!("there is no {missing}"));
        return None;
    }
    let house = House::new();
    house.ok(&format!("spawn s --size 100x30 {}", shell.spawn));
    house.ok("wait s --prompt --timeout 30s");
    if let Some(within) = shell.within {
        let offset = house.ok(&format!("send s '{within}' --enter"));
        house.ok(&format!("wait s --prompt --since {offset} --timeout 30s"));
    }
    Some(house)
}

fn is_here(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path).any(|dir| dir.join(program).exists())
}

/// One command; its output, its exit code, and by which rung.
#[track_caller]
fn exec(house: &House, command: &str) -> (Vec<u8>, Option<i32>) {
    let mut psup = house.psup("exec s --timeout 60s --");
    psup.arg(command);
    let told = house.run(psup);
    (told.bytes.clone(), told.code)
}

#[track_caller]
fn check(shell: &Shell) {
    let Some(house) = at_prompt(shell) else { return };
    let cases = cases(shell.dialect);
    for (name, command, printed, code) in &cases {
        let (bytes, ended) = exec(&house, command);
        let show = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).into_owned();
        assert!(bytes == *printed, "{name}: {:?} instead of {:?}", show(&bytes), show(printed));
        assert_eq!(ended, Some(i32::from(*code)), "{name}");
    }
    let told = house.json("exec s -- 'echo via'");
    assert_eq!((told["via"].as_str(), told["text"].as_str()), (Some(shell.via), Some("via\n")));
    reads_the_terminal(&house);
    runs_on_after_its_time(&house);
    if let Some(history) = shell.history {
        let (history, _) = exec(&house, history);
        let history = String::from_utf8_lossy(&history).into_owned();
        // A fish that is typed to keeps nothing of it at all.
        assert!(
            history.contains("echo still") || (shell.dialect, shell.via) == (Dialect::Fish, "kernel"),
            "the command itself is there: {history}"
        );
        assert!(!history.contains("__psup"), "nothing else is: {history}");
    }
    house.ok("wait s --prompt --timeout 30s");
    let screen = house.ok("capture s -n 120");
    assert!(screen.contains("echo via\nvia"), "the screen shows the command: {screen}");
    assert!(!screen.contains("__psup"), "and no more: {screen}");
}

/// While a command runs, others may type to it.
#[track_caller]
fn reads_the_terminal(house: &House) {
    let offset = house.info("s")["offset"].to_string();
    let mut psup = house.psup("exec s --timeout 60s --");
    psup.arg("printf 'your name: '; head -n 1 | tr a-z A-Z");
    let running = house.start(psup);
    house.ok(&format!("wait s --since {offset} --text '^your name: $' --timeout 30s"));
    house.ok("send s ada --enter");
    assert_eq!(running.end().ended(0).text(), "your name: ada\nADA\n");
}

#[track_caller]
fn runs_on_after_its_time(house: &House) {
    let gate = house.path("gate");
    let _ = std::fs::remove_file(&gate);
    assert!(std::process::Command::new("mkfifo").arg(&gate).status().unwrap().success());
    let line = format!("echo before; cat {}; echo after", gate.display());
    let mut psup = house.psup("exec s --timeout 300ms --");
    psup.arg(&line);
    let told = house.run(psup).ended(124);
    assert_eq!(told.text(), "before\n");
    assert!(told.err.contains("runs on"), "{told}");
    // Not at its prompt: nothing is typed.
    let refused = house.refused(125, "exec s -- 'echo no'");
    assert_eq!(refused, "busy");
    let offset = house.info("s")["offset"].to_string();
    std::fs::write(&gate, "").unwrap();
    house.ok(&format!("wait s --prompt --since {offset} --timeout 30s"));
    assert_eq!(exec(house, "echo next").0, b"next\n");
}

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

#[test]
fn many_commands_in_a_row_are_all_right() {
    let Some(house) = at_prompt(&BASH) else { return };
    let count = std::env::var("PSUP_EXECS").ok().and_then(|n| n.parse().ok()).unwrap_or(100);
    for i in 0..count {
        let (bytes, code) = exec(&house, &format!("echo {i}; printf x; sh -c 'exit {}'", i % 100));
        assert_eq!((String::from_utf8(bytes).unwrap(), code), (format!("{i}\nx"), Some(i % 100)));
    }
}

const BASH: Shell = Shell {
    spawn: "-- bash",
    within: None,
    via: "marks",
    dialect: Dialect::Posix,
    history: None,
};

#[test]
fn callers_at_once_are_served_one_after_the_other() {
    let Some(house) = at_prompt(&BASH) else { return };
    let start = |i: i32| {
        let mut psup = house.psup("exec s --timeout 60s --");
        psup.arg(format!("echo {i}; cat </dev/null; echo {i}"));
        (i, house.start(psup))
    };
    for (i, running) in (0..8).map(start).collect::<Vec<_>>() {
        assert_eq!(running.end().ended(0).text(), format!("{i}\n{i}\n"));
    }
}

#[test]
fn a_command_that_is_not_whole_is_taken_back() {
    let Some(house) = at_prompt(&BASH) else { return };
    for open in ["echo \"open", "if true", "cat <<X\nnever ended"] {
        let (bytes, code) = exec(&house, open);
        // bash itself ends a here-document at the end of what there is.
        assert!(code == Some(125) || bytes == b"never ended\n", "{open}: {code:?}");
    }
    assert_eq!(exec(&house, "echo fine").0, b"fine\n");
}

#[test]
fn nothing_is_typed_where_no_shell_is_at_its_prompt() {
    let house = House::new();
    house.ok("spawn s --shell 'stty -echo; echo up; cat'");
    house.ok("wait s --text up");
    assert_eq!(house.refused(125, "exec s -- 'echo no'"), "busy");
    house.ok("send s --enter --key C-d");
    house.ok("wait s --exit");
    assert!(!house.ok("read s --text").contains("no"));
    assert_eq!(house.refused(125, "exec s -- true"), "not-running");
    assert_eq!(house.refused(125, "exec nobody -- true"), "no-such-session");
}

#[test]
fn a_line_that_somebody_has_begun_is_left_alone() {
    let Some(house) = at_prompt(&BASH) else { return };
    house.ok("send s 'echo mine'");
    assert_eq!(house.refused(125, "exec s -- 'echo no'"), "busy");
    let offset = house.ok("send s --enter");
    house.ok(&format!("wait s --prompt --since {offset} --timeout 30s"));
    assert_eq!(house.ok("capture s").matches("mine").count(), 2);
}

#[test]
fn a_command_may_end_its_shell() {
    let Some(house) = at_prompt(&BASH) else { return };
    let told = house.run(house.psup("--json exec s -- 'echo bye; exit 3'")).ended(3);
    assert_eq!(told.jsons()[0]["ran"], "session-ended");
    assert!(told.jsons()[0]["text"].as_str().unwrap().starts_with("bye\n"));
}

#[test]
fn a_command_that_takes_the_marks_away_is_told_without_a_code() {
    let Some(house) = at_prompt(&BASH) else { return };
    let told = house
        .run(house.psup("--json exec s --timeout 60s -- \"PROMPT_COMMAND= PS0= PS1='bare$ '\""))
        .ended(125);
    assert_eq!(told.jsons()[0]["ran"], "unknown");
    assert_eq!(house.json("exec s -- 'echo still'")["text"], "still\n");
}

/// `wait --prompt --json`: which rung, what kind, and the line.
#[track_caller]
fn prompt(house: &House, name: &str) -> (Value, Value, Value) {
    let told = house.json(&format!("wait {name} --prompt --timeout 60s"));
    let held = &told["held"][0];
    (held["via"].clone(), held["match"]["text"].clone(), held["match"]["line"].clone())
}

#[test]
fn repls_have_prompts_too() {
    let house = House::new();
    for (program, line, sum) in [
        ("python3 -q", ">>> ", Some("1000 + 1")),
        ("node", "> ", Some("1000 + 1")),
        ("sqlite3", "sqlite> ", Some("select 1000 + 1;")),
        ("gdb -q", "(gdb) ", Some("print 1000 + 1")),
        ("dash", "# ", None),
    ] {
        let name = program.split(' ').next().unwrap();
        if !is_here(name) {
            skipped(&format!("there is no {name}"));
            continue;
        }
        house.ok(&format!("spawn {name} -- {program}"));
        let (via, kind, at) = prompt(&house, name);
        let at = at.as_str().unwrap().replace("$ ", "# ");
        assert_eq!(
            (via.as_str(), kind.as_str(), at.as_str()),
            (Some("kernel"), Some("prompt"), line),
            "{program}"
        );
        assert_eq!(house.info(name)["blocked"]["on"], "prompt");
        if let Some(sum) = sum {
            assert_eq!(house.refused(125, &format!("exec {name} -- true")), "busy");
            let offset = house.ok(&format!("send {name} '{sum}' --enter"));
            house.ok(&format!("wait {name} --prompt --since {offset} --timeout 60s"));
            assert!(house.ok(&format!("capture {name}")).contains("1001"), "{program}");
        }
    }
}

#[test]
fn a_password_is_told_as_such_and_a_question_is_no_prompt() {
    let house = House::new();
    house.ok(r#"spawn a --shell 'stty -echo; printf "Password: "; read p; stty echo; printf "Name: "; read n; exec sleep 1000'"#);
    let (via, kind, line) = prompt(&house, "a");
    assert_eq!((via, kind, line), ("kernel".into(), "password".into(), "Password: ".into()));
    assert_eq!(house.info("a")["blocked"]["on"], "password");
    let offset = house.ok("send a secret --enter");
    house.ok(&format!("wait a --since {offset} --text 'Name: $'"));
    house.no(124, "wait a --prompt --timeout 300ms");
    assert_eq!(house.info("a")["blocked"]["on"], "input");
    house.ok("send a me --enter");
    let sleeps = |info: &Value| info["foreground"]["name"] == "sleep";
    while !sleeps(&house.info("a")) {}
    assert_eq!(house.info("a")["blocked"]["on"], "nothing");
    assert_eq!(house.jsons("list")[0]["blocked"]["on"], "nothing");
}

#[test]
fn a_prompt_after_a_send_is_not_the_one_before() {
    let Some(house) = at_prompt(&BASH) else { return };
    for i in 0..20 {
        house.ok(&format!("send s 'printf {i}; sleep 0.0{i}; echo +{i}' --enter"));
        house.ok("wait s --prompt --timeout 60s");
        assert!(
            house.ok("capture s").contains(&format!("\n{i}+{i}\n")),
            "{i}: {}",
            house.ok("capture s")
        );
    }
}

#[test]
fn marks_survive_the_death_of_the_worker() {
    let Some(house) = at_prompt(&BASH) else { return };
    exec(&house, "v=7");
    crate::house::kill(house.pid_of("worker_pid"));
    let told = house.json("exec s --timeout 60s -- 'echo $v'");
    assert_eq!((told["text"].as_str(), told["via"].as_str()), (Some("7\n"), Some("marks")));
}

#[test]
fn the_integration_comes_after_the_users_own_files_and_leaves_no_trace() {
    for (shell, rc, set) in [
        ("bash", ".bashrc", "mine=yes; PS1='my prompt> '"),
        ("zsh", ".zshrc", "mine=yes; PS1='my prompt> '"),
        (
            "fish",
            ".config/fish/config.fish",
            "set mine yes; function fish_prompt; echo 'my prompt> '; end",
        ),
    ] {
        if !is_here(shell) {
            skipped(&format!("there is no {shell}"));
            continue;
        }
        let house = House::new();
        let rc = house.path("home").join(rc);
        std::fs::create_dir_all(rc.parent().unwrap()).unwrap();
        std::fs::write(rc, set).unwrap();
        house.ok(&format!("spawn s -- {shell}"));
        let (via, _, line) = prompt(&house, "s");
        assert_eq!(via, "marks", "{shell}");
        assert!(line.as_str().unwrap().is_empty() || line == "my prompt> ", "{shell}: {line}");
        assert_eq!(exec(&house, "echo $mine").0, b"yes\n", "{shell}");
        let (env, _) = exec(&house, "env");
        let env = String::from_utf8_lossy(&env).into_owned();
        let ours = |line: &&str| !line.starts_with("PSUP_DIR=") && !line.starts_with("PSUP_RUNG=") && !line.starts_with("PSUP_SESSION=");
        let traces: Vec<&str> = env
            .lines()
            .filter(ours)
            .filter(|l| l.contains("psup") && l.contains("sessions/"))
            .collect();
        assert_eq!(traces, Vec::<&str>::new(), "{shell}");
        house.ok("wait s --prompt --timeout 30s");
        assert!(!house.ok("capture s").contains("133"), "{shell}");
    }
}

#[test]
fn without_integration_nothing_is_injected() {
    let house = House::new();
    house.ok("spawn s --no-integration -- bash --norc");
    house.ok("wait s --prompt --timeout 30s");
    assert!(!house.ok("read s").contains("133;"));
    assert_eq!(house.json("exec s -- 'echo x'")["via"], "kernel");
}

#[test]
fn what_is_sent_before_a_shell_is_ready_is_held_and_not_lost() {
    let house = House::new();
    let races = std::env::var("PSUP_RACES").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    let shells: Vec<&str> = ["bash", "zsh", "fish", "dash", "python3 -q"]
        .into_iter()
        .filter(|shell| is_here(shell.split(' ').next().unwrap()))
        .collect();
    for i in 0..races {
        let shell = shells[i % shells.len()];
        let file = house.path(&format!("out{i}"));
        let line = match shell {
            "python3 -q" => format!(
                "n = open(\"{0}.new\", \"w\").write(\"abcdefghijklmnopqrstuvwxyz {i}\"); import os; os.rename(\"{0}.new\", \"{0}\")",
                file.display()
            ),
            _ => format!(
                "printf %s \"abcdefghijklmnopqrstuvwxyz {i}\" >{0}.new; mv {0}.new {0}",
                file.display()
            ),
        };
        house.ok(&format!("spawn r{i} --size 200x20 -- {shell}"));
        let mut send = house.psup(&format!("send r{i}"));
        send.arg(&line).arg("--enter");
        house.run(send).ended(0);
        house.ok(&format!("wait r{i} --file {} --timeout 60s", file.display()));
        assert_eq!(
            house.read(&format!("out{i}")),
            format!("abcdefghijklmnopqrstuvwxyz {i}").into_bytes(),
            "{shell}"
        );
        assert_eq!(
            house
                .ok(&format!("capture r{i} --all"))
                .matches("abcdefghijklmnopqrstuvwxyz")
                .count(),
            1,
            "{shell}: typed once, seen once"
        );
        house.ok(&format!("stop r{i} --grace 0s"));
    }
}

#[test]
fn spawn_returns_at_the_prompt() {
    let house = House::new();
    house.ok("spawn s --ready prompt --timeout 60s -- bash --norc");
    assert_eq!(house.info("s")["blocked"]["on"], "prompt");
    assert_eq!(exec(&house, "echo at once").0, b"at once\n");
}

fn agent(house: &House, flags: &str) {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/programs/agent.py");
    house.ok(&format!("spawn a -- python3 {} {flags}", program.display()));
    house.ok("wait a --on screen --text '^(> |>$|Allow)' --timeout 60s");
}

/// Exit code and word of a submit.
#[track_caller]
fn submit(house: &House, name: &str, text: &str) -> (Option<i32>, String) {
    let mut psup = house.psup(&format!("--json send {name} --submit"));
    psup.arg(text);
    let told = house.run(psup);
    (told.code, told.jsons()[0]["submit"].as_str().unwrap().to_owned())
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
        let house = House::new();
        agent(&house, flags);
        assert_eq!(submit(&house, "a", "fix the test"), (Some(code), word.to_owned()), "{flags}");
        let taken = house.ok("capture a").contains("you: fix the test");
        assert_eq!(taken, code == 0, "{flags}: {}", house.ok("capture a"));
    }
}

#[test]
fn shells_and_repls_take_submits_or_wait_for_more() {
    let house = House::new();
    for (program, whole, open) in [
        ("bash --norc", "echo 12", "echo \"open"),
        ("python3 -q", "print(12)", "x = \"\"\"open"),
    ] {
        let name = program.split(' ').next().unwrap();
        if !is_here(name) {
            skipped(&format!("there is no {name}"));
            continue;
        }
        house.ok(&format!("spawn {name} --ready prompt --timeout 60s -- {program}"));
        assert_eq!(submit(&house, name, whole), (Some(0), "submitted".into()), "{name}");
        house.ok(&format!("wait {name} --prompt --timeout 60s"));
        assert_eq!(submit(&house, name, open), (Some(1), "pending".into()), "{name}");
    }
}

#[test]
fn a_screen_where_only_a_spinner_turns_counts_as_idle() {
    if !is_here("python3") {
        return skipped("there is no python3");
    }
    let house = House::new();
    agent(&house, "spinner");
    house.no(124, "wait a --idle 400ms --timeout 1500ms");
    assert!(house.ok("wait a --idle 400ms --settle --timeout 60s").starts_with("idle\t"));
}

#[test]
fn text_that_goes_on_is_never_settled() {
    let house = House::new();
    house.ok("spawn a --shell 'while :; do printf \"word \"; sleep 0.05; done'");
    house.no(124, "wait a --idle 400ms --settle --timeout 1500ms");
}
