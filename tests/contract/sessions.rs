//! Sessions: begun, found, listed, changed and ended.

use psup_harness::TestEnv;
use serde_json::json;

#[test]
fn spawn_prints_the_life_it_began_and_has_finds_it() {
    let env = TestEnv::new();
    assert_eq!(env.ok("spawn a -- cat"), "a#1");
    assert_eq!(env.ok("has a"), "");
    env.no(3, "has b");
    env.ok("stop a");
    env.no(1, "has a");
}

#[test]
fn each_life_has_an_id_that_never_comes_back() {
    let env = TestEnv::new();
    assert_eq!(env.ok("spawn a -- true"), "a#1");
    env.ok("wait a --exit");
    assert_eq!(env.ok("spawn a -- cat"), "a#2");
    env.ok("stop a");
    env.ok("forget a");
    assert_eq!(env.ok("spawn a -- cat"), "a#3");
    assert_eq!(env.info("a#3")["state"], "running");
}

#[test]
fn spawn_tells_json_on_request_before_the_verb_and_after_it() {
    let env = TestEnv::new();
    let spawned = env.json("spawn a -- cat");
    assert_eq!(spawned["id"], "a#1");
    assert_eq!(spawned["state"], "running");
    assert!(spawned["pid"].as_i64().unwrap() > 1);
    assert_eq!(env.json("list")["id"], "a#1");
    assert!(env.ok("list --json").starts_with('{'));
}

#[test]
fn without_a_command_a_session_is_the_users_shell() {
    let env = TestEnv::new();
    env.ok("spawn a");
    env.ok("send a 'echo $((40+2))' --enter");
    env.ok("wait a --text '^42$'");
}

#[test]
fn shell_runs_a_line_through_sh() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo one && echo two'");
    env.ok("wait a --exit");
    assert_eq!(env.ok("read a --text"), "one\ntwo");
}

#[test]
fn environment_directory_and_umask_are_the_callers_never_the_supervisors() {
    let env = TestEnv::new();
    env.ok("spawn first -- cat");
    let elsewhere = env.path("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let mut spawn = env.command("sh");
    spawn.args([
        "-c",
        r#"cd elsewhere && umask 027 && "$0" spawn a --shell 'pwd; umask; echo "$MINE"'"#,
        env!("CARGO_BIN_EXE_psup"),
    ]);
    spawn.env("MINE", "the caller's");
    env.run(spawn).ended(0);
    env.ok("wait a --exit");
    let told = env.ok("read a --text");
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(
        lines,
        [
            elsewhere.canonicalize().unwrap().to_str().unwrap(),
            "0027",
            "the caller's"
        ]
    );
}

#[test]
fn variables_come_from_the_caller_a_file_and_flags_and_the_last_one_counts() {
    let env = TestEnv::new();
    env.write(
        "env",
        "# a comment\nFROM_FILE=1\nBOTH=file\n\nSPACED=two words\n",
    );
    env.ok("spawn a --env-file env --env BOTH=flag --env EMPTY= --shell 'echo $FROM_FILE,$BOTH,$SPACED,${EMPTY-unset}'");
    env.ok("wait a --exit");
    assert_eq!(env.ok("read a --text"), "1,flag,two words,");
}

#[test]
fn clear_env_leaves_what_was_asked_for_who_the_user_is_and_the_terminal() {
    let env = TestEnv::new();
    let mut spawn = env.psup("spawn a --clear-env --env A=1 -- /usr/bin/env");
    spawn.env("MINE", "the caller's");
    env.run(spawn).ended(0);
    env.ok("wait a --exit");
    let told = env.ok("read a --text");
    assert!(told.lines().any(|l| l == "A=1"), "{told}");
    assert!(told.lines().any(|l| l.starts_with("TERM=")), "{told}");
    assert!(told.lines().any(|l| l.starts_with("HOME=")), "{told}");
    assert!(!told.contains("MINE="), "{told}");
}

#[test]
fn a_terminal_has_the_size_asked_for() {
    let env = TestEnv::new();
    env.ok("spawn a -- stty size");
    env.ok("spawn b --size 100x30 -- stty size");
    env.ok("wait a --exit");
    env.ok("wait b --exit");
    assert_eq!(env.ok("read a --text"), "40 120");
    assert_eq!(env.ok("read b --text"), "30 100");
}

#[test]
fn resize_reaches_the_program() {
    let env = TestEnv::new();
    env.ok("spawn a --size 80x24 --shell 'trap \"stty size\" WINCH; echo up; while :; do sleep 0.1; done'");
    env.ok("wait a --text up");
    env.ok("resize a 90x33");
    env.ok("wait a --text '^33 90$'");
    assert_eq!(env.info("a")["size"], json!({"cols": 90, "rows": 33}));
}

#[test]
fn ensure_says_what_it_did() {
    let env = TestEnv::new();
    assert_eq!(env.ok("ensure a -- cat"), "started a#1");
    assert_eq!(env.ok("ensure a -- cat"), "unchanged a#1");
    let differs = env.no(4, "ensure a --env PORT=80 -- cat -u");
    assert!(
        differs.contains("command") && differs.contains("env"),
        "{differs}"
    );
    assert_eq!(env.refused(4, "ensure a -- cat -u"), "spec-differs");
    assert_eq!(env.ok("ensure a --replace -- cat -u"), "replaced a#2");
    env.ok("stop a");
    assert_eq!(env.ok("ensure a -- cat -u"), "restarted a#3");
    assert_eq!(env.json("ensure a -- cat -u")["done"], "unchanged");
}

#[test]
fn list_shows_the_living_and_all_of_them_when_asked() {
    let env = TestEnv::new();
    assert_eq!(env.jsons("list").len(), 0);
    env.ok("spawn web-1 --label tier=front -- cat");
    env.ok("spawn web-2 --label tier=front --label blue=yes -- cat");
    env.ok("spawn db --label tier=back -- true");
    env.ok("wait db --exit");
    let names = |line: &str| -> Vec<String> {
        env.jsons(line)
            .iter()
            .map(|s| s["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("list"), ["web-1", "web-2"]);
    assert_eq!(names("list --all"), ["db", "web-1", "web-2"]);
    assert_eq!(names("list --glob 'web-*'"), ["web-1", "web-2"]);
    assert_eq!(names("list --glob web"), [""; 0]);
    assert_eq!(names("list --all --label tier=back"), ["db"]);
    assert_eq!(names("list --label tier=front --label blue=yes"), ["web-2"]);
    let people = env.ok("list");
    assert!(
        people.contains("web-1") && people.contains("running"),
        "{people}"
    );
}

#[test]
fn info_tells_what_there_is_to_know() {
    let env = TestEnv::new();
    env.ok("spawn a --label k=v --shell 'printf \"\\033]2;a title\\007\"; exec sed -u s/x/y/'");
    // Once it answers it is what runs in the foreground.
    env.ok("send a x --enter");
    env.ok("wait a --text '^y$'");
    let info = env.info("a");
    assert_eq!(info["name"], "a");
    assert_eq!(info["id"], "a#1");
    assert_eq!(info["state"], "running");
    assert_eq!(info["size"], json!({"cols": 120, "rows": 40}));
    assert_eq!(info["title"], "a title");
    assert_eq!(info["labels"], json!({"k": "v"}));
    assert_eq!(info["exit"], json!(null));
    assert_eq!(info["restarts"], 0);
    assert_eq!(
        info["cwd"],
        env.path("")
            .canonicalize()
            .unwrap()
            .to_str()
            .unwrap()
            .trim_end_matches('/')
    );
    assert!(info["offset"].as_u64().unwrap() >= 4);
    assert_eq!(info["foreground"]["name"], "sed");
    let people = env.ok("info a");
    assert!(
        people.contains("a#1") && people.contains("a title"),
        "{people}"
    );
}

#[test]
fn an_exit_is_kept_with_its_code_or_signal() {
    let env = TestEnv::new();
    env.ok("spawn code --shell 'exit 7'");
    env.ok("wait code --exit");
    assert_eq!(env.info("code")["exit"]["code"], 7);
    assert_eq!(env.info("code")["state"], "ended");
    env.ok("spawn killed --shell 'kill -SEGV $$'");
    env.ok("wait killed --exit");
    assert_eq!(env.info("killed")["exit"]["signal"], "SEGV");
}

#[test]
fn stop_is_polite_first() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'trap \"echo bye; exit 3\" TERM; echo up; while :; do read x; done'");
    env.ok("wait a --text up");
    let told = env.ok("stop a --signal TERM");
    assert!(told.starts_with("stopped a#1"), "{told}");
    assert_eq!(env.info("a")["exit"]["code"], 3);
    assert!(env.ok("read a --text").ends_with("bye"));
}

#[test]
fn stop_is_firm_when_the_grace_has_passed() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'trap \"\" HUP TERM INT; echo up; while :; do read x || :; done'");
    env.ok("wait a --text up");
    let told = env.json("stop a --grace 50ms");
    assert_eq!(told["id"], "a#1");
    assert_eq!(told["firm"], true);
    assert_eq!(env.info("a")["exit"]["signal"], "KILL");
}

#[test]
fn stop_ends_the_whole_tree() {
    let env = TestEnv::new();
    // Writers of a pipe: the reader sees its end when the last of the family is gone.
    let fifo = env.path("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    env.ok("spawn a --shell 'exec 3>fifo; (trap \"\" HUP TERM; sleep 1000) & setsid sleep 1000 & echo up; exec cat'");
    let mut reader = env.command("cat");
    reader.arg(&fifo);
    let reader = env.start(reader);
    env.ok("wait a --text up");
    env.ok("stop a --grace 200ms");
    reader.end().ended(0);
}

#[test]
fn stop_takes_several_a_glob_or_all() {
    let env = TestEnv::new();
    for name in ["a", "b", "c-1", "c-2", "d"] {
        env.ok(&format!("spawn {name} -- cat"));
    }
    assert_eq!(env.ok("stop a b").lines().count(), 2);
    assert_eq!(env.ok("stop --glob 'c-*'").lines().count(), 2);
    let told = env.ok("stop --all");
    assert!(
        told.starts_with("stopped d#1") && told.lines().count() == 1,
        "{told}"
    );
    assert_eq!(env.jsons("list").len(), 0);
    assert_eq!(env.ok("stop --all"), "");
}

#[test]
fn signal_sends_one_signal() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'trap \"echo usr1\" USR1; trap \"echo usr2\" USR2; echo up; while :; do read x || :; done'");
    env.ok("wait a --text up");
    env.ok("signal a USR1");
    env.ok("wait a --text usr1");
    env.ok("signal a SIGUSR2");
    env.ok("wait a --text usr2");
    env.no(2, "signal a NOSUCH");
    env.ok("signal a KILL");
    env.ok("wait a --exit");
    assert_eq!(env.refused(1, "signal a TERM"), "not-running");
}

#[test]
fn restart_begins_a_new_life_of_the_same_spec() {
    let env = TestEnv::new();
    env.ok("spawn a --env A=1 --shell 'echo life $A; exec cat'");
    env.ok("restart a");
    env.ok("wait a --text 'life 1'");
    assert_eq!(env.info("a")["id"], "a#2");
    env.ok("stop a");
    env.ok("restart a");
    assert_eq!(env.info("a")["id"], "a#3");
    env.no(3, "restart nobody");
}

#[test]
fn forget_drops_what_has_ended_and_nothing_else() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    assert_eq!(env.refused(1, "forget a"), "still-running");
    env.ok("stop a");
    env.ok("forget a");
    env.no(3, "info a");
    assert_eq!(env.jsons("list --all").len(), 0);
}

#[test]
fn rename_keeps_everything_but_the_name() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo mine; exec cat'");
    env.ok("wait a --text mine");
    env.ok("spawn taken -- cat");
    env.no(4, "rename a taken");
    env.ok("rename a b");
    env.no(3, "has a");
    env.ok("has b");
    assert_eq!(env.ok("read b --text"), "mine");
    env.ok("spawn a -- cat");
}

#[test]
fn a_child_has_no_descriptor_but_its_terminal() {
    let env = TestEnv::new();
    let mut spawn = env.command("sh");
    spawn.args([
        "-c",
        r#"exec 7>/dev/null 9</dev/null; "$0" spawn a -- ls /proc/self/fd"#,
        env!("CARGO_BIN_EXE_psup"),
    ]);
    env.run(spawn).ended(0);
    env.ok("wait a --exit");
    // 3 is the directory that `ls` itself reads.
    assert_eq!(
        env.ok("read a --text")
            .split_whitespace()
            .collect::<Vec<_>>(),
        ["0", "1", "2", "3"]
    );
}

#[test]
fn a_child_starts_with_clean_signals() {
    let env = TestEnv::new();
    let mut spawn = env.command("sh");
    spawn.args([
        "-c",
        r#"trap "" INT HUP PIPE TERM; "$0" spawn a -- grep -E "Sig(Ign|Blk)" /proc/self/status"#,
        env!("CARGO_BIN_EXE_psup"),
    ]);
    env.run(spawn).ended(0);
    env.ok("wait a --exit");
    let told = env.ok("read a --text");
    assert_eq!(told.matches("0000000000000000").count(), 2, "{told}");
}

#[test]
fn status_tells_of_the_supervisor() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    env.ok("spawn b -- true");
    env.ok("wait b --exit");
    let status = env.json("status");
    assert_eq!(status["sessions_live"], 1);
    assert_eq!(status["rung"], "double-fork");
    assert_ne!(status["guardian_pid"], status["worker_pid"]);
    for kill in [
        "group",
        "session",
        "tree",
        "subreaper",
        "cgroup",
        "namespace",
        "both",
        "env-marker",
        "logout",
        "reboot",
    ] {
        let told = &status["survival"][kill];
        assert!(told["evidence"].is_string(), "{kill}: {status}");
        assert!(
            told["survives"] == true || told["fix"].is_string(),
            "what it will not outlive has a fix: {kill}"
        );
    }
    assert!(env.ok("status").contains("double-fork"));
}

#[test]
fn a_fix_names_the_program_and_the_directory_of_this_supervisor() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let reboot = env.json("status")["survival"]["reboot"]["fix"]
        .as_str()
        .unwrap()
        .to_owned();
    let psup = format!(
        "{} --dir {} status --start",
        env!("CARGO_BIN_EXE_psup"),
        env.path("psup").display()
    );
    assert!(reboot.contains(&psup), "{reboot}");
}

#[test]
fn a_mark_of_a_runner_is_kept_from_the_supervisor_and_told_where_a_session_has_it() {
    let env = TestEnv::new();
    let spawn = |name: &str| {
        let mut spawn = env.psup(&format!(
            "spawn {name} --shell 'env > {name}; echo done; exec cat'"
        ));
        spawn
            .env("VSTS_PROCESS_LOOKUP_ID", "1")
            .env("JENKINS_NODE_COOKIE", "1")
            .env("HUDSON_COOKIE", "1");
        spawn
    };
    env.run(spawn("cookies")).ended(0);
    env.ok("wait cookies --text done");
    let environment = String::from_utf8(env.read("cookies")).unwrap();
    assert!(
        !environment.contains("COOKIE=") && !environment.contains("LOOKUP"),
        "{environment}"
    );
    assert_eq!(
        env.json("status")["survival"]["env-marker"]["survives"],
        true
    );
    let mut marked = spawn("marked");
    marked.env("CI_JOB_ID", "7");
    env.run(marked).ended(0);
    env.ok("wait marked --text done");
    let told = env.json("status")["survival"]["env-marker"].clone();
    assert_eq!(told["survives"], false);
    assert!(
        told["evidence"]
            .as_str()
            .unwrap()
            .contains("marked#1 has CI_JOB_ID"),
        "{told}"
    );
    let guardian = std::fs::read(format!("/proc/{}/environ", env.pid_of("guardian_pid"))).unwrap();
    assert!(
        !guardian.windows(3).any(|w| w == b"CI_"),
        "the supervisor itself has none"
    );
}

#[test]
fn an_id_is_never_given_twice_whatever_becomes_of_its_directory() {
    let env = TestEnv::new();
    assert_eq!(env.ok("spawn a -- true"), "a#1");
    env.ok("wait a --exit");
    let dir = env.info("a")["log"].as_str().unwrap().to_owned();
    std::fs::remove_dir_all(dir).unwrap();
    env.kill_half("worker_pid");
    assert_eq!(env.ok("spawn a -- cat"), "a#2");
}

#[test]
fn shutdown_asks_before_it_ends_sessions() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    env.no(1, "shutdown");
    env.ok("has a");
    let told = env.ok("shutdown --force");
    assert!(told.contains("stopped a#1"), "{told}");
    env.no(3, "has a");
    env.ok("status --start");
    env.no(1, "has a");
}

#[test]
fn quiet_says_nothing_on_stderr_but_errors() {
    let env = TestEnv::new();
    let told = env.run(env.psup("--quiet spawn a -- cat")).ended(0);
    assert_eq!((told.text(), told.err.as_str()), ("a#1\n", ""));
    assert!(env.no(3, "--quiet info nobody").starts_with("error: "));
}
