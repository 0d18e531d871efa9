//! Prompts: the ladder of evidence, and the integration that gives the first rung.

use super::{BASH, at_prompt, exec, is_here};
use psup_harness::{TestEnv, skipped};
use serde_json::Value;

/// `wait --prompt --json`: which rung, what kind, and the line.
#[track_caller]
fn prompt(env: &TestEnv, name: &str) -> (Value, Value, Value) {
    let told = env.json(&format!("wait {name} --prompt --timeout 60s"));
    let held = &told["held"][0];
    (
        held["via"].clone(),
        held["match"]["text"].clone(),
        held["match"]["line"].clone(),
    )
}

#[test]
fn repls_have_prompts_too() {
    let env = TestEnv::new();
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
        env.ok(&format!("spawn {name} -- {program}"));
        let (via, kind, at) = prompt(&env, name);
        let at = at.as_str().unwrap().replace("$ ", "# ");
        assert_eq!(
            (via.as_str(), kind.as_str(), at.as_str()),
            (Some("kernel"), Some("prompt"), line),
            "{program}"
        );
        assert_eq!(env.info(name)["blocked"]["on"], "prompt");
        if let Some(sum) = sum {
            let mut psup = env.psup(&format!("--json exec {name} --text --timeout 60s --"));
            psup.arg(sum);
            let told = env.run(psup).ended(0).jsons();
            assert_eq!(told[0]["ran"], "prompt", "{program}");
            let printed = if name == "gdb" {
                "$1 = 1001\n"
            } else {
                "1001\n"
            };
            assert_eq!(told[0]["text"], printed, "{program}");
        }
    }
}

/// Output as it is, blocks and several lines by the program's own means, and what is not whole.
#[test]
fn a_program_with_a_prompt_answers_with_what_it_printed() {
    if !is_here("python3") {
        return skipped("there is no python3");
    }
    let env = TestEnv::new();
    env.ok("spawn s --ready prompt --timeout 60s -- python3 -q");
    for (command, printed) in [
        ("x = 5", ""),
        ("print('a'); print('b')", "a\nb\n"),
        ("print('no newline', end='')", "no newline"),
        ("for i in range(2): print(i)", "0\n1\n"),
        ("def f(a):\n    return a * x\n\nprint(f(4))", "20\n"),
        ("import time; time.sleep(0.3); print('slept')", "slept\n"),
        ("1/0", "Traceback"),
        ("'ü漢'", "'ü漢'\n"),
        ("", ""),
    ] {
        let (bytes, code) = exec(&env, command);
        let told = String::from_utf8_lossy(&bytes).into_owned();
        let is_right = told == printed || printed == "Traceback" && told.starts_with(printed);
        assert!(is_right && code == Some(0), "{command}: {code:?} {told:?}");
    }
    let mut psup = env.psup("exec s --timeout 60s --");
    psup.arg("f(");
    let told = env.run(psup).ended(125);
    assert!(told.err.contains("not complete"), "{told}");
    env.ok("send s --key C-c");
    env.ok("wait s --prompt --timeout 30s");
    assert_eq!(exec(&env, "print(x)").0, b"5\n");
    let mut psup = env.psup("exec s --timeout 1500ms --");
    psup.arg("input('name: ')");
    let told = env.run(psup).ended(124);
    assert!(told.err.contains("waits for input"), "{told}");
    env.ok("send s ada --enter");
}

#[test]
fn a_password_is_told_as_such_and_a_question_is_no_prompt() {
    let env = TestEnv::new();
    env.ok(r#"spawn a --shell 'stty -echo; printf "Password: "; read p; stty echo; printf "Name: "; read n; exec sleep 1000'"#);
    let (via, kind, line) = prompt(&env, "a");
    assert_eq!(
        (via, kind, line),
        ("kernel".into(), "password".into(), "Password: ".into())
    );
    assert_eq!(env.info("a")["blocked"]["on"], "password");
    let offset = env.ok("send a secret --enter --secret");
    env.ok(&format!("wait a --since {offset} --text 'Name: $'"));
    env.no(124, "wait a --prompt --timeout 300ms");
    assert_eq!(env.info("a")["blocked"]["on"], "input");
    env.ok("send a me --enter");
    let sleeps = |info: &Value| info["foreground"]["name"] == "sleep";
    while !sleeps(&env.info("a")) {}
    assert_eq!(env.info("a")["blocked"]["on"], "nothing");
    assert_eq!(env.jsons("list")[0]["blocked"]["on"], "nothing");
}

/// Any process of the foreground group may be the one that reads, on any of its threads.
#[test]
fn a_reader_that_is_not_the_leader_of_its_group_is_seen() {
    const THREAD: &str = "import threading, sys; t = threading.Thread(target=sys.stdin.readline); t.start(); t.join()";
    let env = TestEnv::new();
    env.write("makefile", "all:\n\t@python3 -q\n\t@true\n");
    env.write("thread.py", THREAD);
    for (name, command, on) in [
        ("shell", "sh -c 'python3 -q; true'", "prompt"),
        ("timeout", "timeout 1000 python3 -q", "prompt"),
        ("make", "make -s", "prompt"),
        ("pipe", "sh -c 'cat | cat; true'", "input"),
        // In a session of its own, and so in no group of this terminal.
        ("setsid", "setsid -w bash --norc", "prompt"),
        (
            "deeper",
            "sh -c 'setsid -w sh -c \"setsid -w cat; true\"; true'",
            "input",
        ),
        ("thread", "python3 thread.py", "input"),
        (
            "below",
            "sh -c 'timeout --foreground 1000 sh -c \"stty -echo; printf Key:; head -n 1\"; true'",
            "password",
        ),
    ] {
        let program = command.split(' ').next().unwrap();
        if !is_here(program) || !is_here("python3") {
            skipped(&format!("there is no {program}, or no python3"));
            continue;
        }
        env.ok(&format!("spawn {name} -- {command}"));
        if on != "input" {
            let (via, kind, _) = prompt(&env, name);
            assert_eq!(
                (via.as_str(), kind.as_str()),
                (Some("kernel"), Some(on)),
                "{command}"
            );
        }
        // A program that goes to sleep in a read makes no event.
        while env.info(name)["blocked"]["on"] != on {
            assert!(
                !env.left().is_zero(),
                "{command}: {}",
                env.info(name)["blocked"]
            );
        }
        assert_eq!(
            env.jsons(&format!("list --glob {name}"))[0]["blocked"]["on"],
            on,
            "{command}"
        );
    }
}

/// A raw terminal and a poll of something else are no sign that anybody reads the terminal.
#[test]
fn a_poll_of_something_else_is_no_wait_for_input() {
    let env = TestEnv::new();
    env.write(
        "poll.py",
        "import os, select, tty\ntty.setraw(0)\nr, w = os.pipe()\nprint('$ ', end='', flush=True)\n",
    );
    for (name, poll) in [
        ("select", "select.select([r], [], [])"),
        (
            "poll",
            "p = select.poll(); p.register(r, select.POLLIN); p.poll()",
        ),
        (
            "epoll",
            "p = select.epoll(); p.register(r, select.EPOLLIN); p.poll()",
        ),
    ] {
        let mut script = env.read("poll.py");
        script.extend_from_slice(poll.as_bytes());
        env.write(name, script);
        env.ok(&format!("spawn {name} -- python3 {name}"));
        env.ok(&format!("wait {name} --text '[$] ' --timeout 60s"));
        env.no(124, &format!("wait {name} --prompt --timeout 300ms"));
        assert_eq!(env.info(name)["blocked"]["on"], "nothing", "{name}");
    }
}

#[test]
fn a_prompt_after_a_send_is_not_the_one_before() {
    let Some(env) = at_prompt(&BASH) else {
        return;
    };
    for i in 0..20 {
        env.ok(&format!(
            "send s 'printf {i}; sleep 0.0{i}; echo +{i}' --enter"
        ));
        env.ok("wait s --prompt --timeout 60s");
        assert!(
            env.ok("capture s").contains(&format!("\n{i}+{i}\n")),
            "{i}: {}",
            env.ok("capture s")
        );
    }
}

#[test]
fn marks_survive_the_death_of_the_worker() {
    let Some(env) = at_prompt(&BASH) else {
        return;
    };
    exec(&env, "v=7");
    psup_harness::kill(env.pid_of("worker_pid"));
    let told = env.json("exec s --timeout 60s -- 'echo $v'");
    assert_eq!(
        (told["text"].as_str(), told["via"].as_str()),
        (Some("7\n"), Some("marks"))
    );
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
        let env = TestEnv::new();
        let rc = env.path("home").join(rc);
        std::fs::create_dir_all(rc.parent().unwrap()).unwrap();
        std::fs::write(rc, set).unwrap();
        env.ok(&format!("spawn s -- {shell}"));
        let (via, _, line) = prompt(&env, "s");
        assert_eq!(via, "marks", "{shell}");
        assert!(
            line.as_str().unwrap().is_empty() || line == "my prompt> ",
            "{shell}: {line}"
        );
        assert_eq!(exec(&env, "echo $mine").0, b"yes\n", "{shell}");
        let (variables, _) = exec(&env, "env");
        let variables = String::from_utf8_lossy(&variables).into_owned();
        let ours = |line: &&str| {
            !line.starts_with("PSUP_DIR=")
                && !line.starts_with("PSUP_RUNG=")
                && !line.starts_with("PSUP_SESSION=")
        };
        let traces: Vec<&str> = variables
            .lines()
            .filter(ours)
            .filter(|l| l.contains("psup") && l.contains("sessions/"))
            .collect();
        assert_eq!(traces, Vec::<&str>::new(), "{shell}");
        env.ok("wait s --prompt --timeout 30s");
        assert!(!env.ok("capture s").contains("133;"), "{shell}");
    }
}

#[test]
fn without_integration_nothing_is_injected() {
    let env = TestEnv::new();
    env.ok("spawn s --no-integration -- bash --norc");
    env.ok("wait s --prompt --timeout 30s");
    assert!(!env.ok("read s").contains("133;"));
    assert_eq!(env.json("exec s -- 'echo x'")["via"], "kernel");
}

#[test]
fn what_is_sent_before_a_shell_is_ready_is_held_and_not_lost() {
    let env = TestEnv::new();
    let races = std::env::var("PSUP_RACES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(12);
    let shells: Vec<&str> = ["bash", "zsh", "fish", "dash", "python3 -q"]
        .into_iter()
        .filter(|shell| is_here(shell.split(' ').next().unwrap()))
        .collect();
    for i in 0..races {
        let shell = shells[i % shells.len()];
        let file = env.path(&format!("out{i}"));
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
        env.ok(&format!("spawn r{i} --size 200x20 -- {shell}"));
        let mut send = env.psup(&format!("send r{i}"));
        send.arg(&line).arg("--enter");
        env.run(send).ended(0);
        env.ok(&format!(
            "wait r{i} --file {} --timeout 60s",
            file.display()
        ));
        assert_eq!(
            env.read(&format!("out{i}")),
            format!("abcdefghijklmnopqrstuvwxyz {i}").into_bytes(),
            "{shell}"
        );
        assert_eq!(
            env.ok(&format!("capture r{i} --all"))
                .matches("abcdefghijklmnopqrstuvwxyz")
                .count(),
            1,
            "{shell}: typed once, seen once"
        );
        env.ok(&format!("stop r{i} --grace 0s"));
    }
}

#[test]
fn spawn_returns_at_the_prompt() {
    let env = TestEnv::new();
    env.ok("spawn s --ready prompt --timeout 60s -- bash --norc");
    assert_eq!(env.info("s")["blocked"]["on"], "prompt");
    assert_eq!(exec(&env, "echo at once").0, b"at once\n");
}
