//! `--on TARGET`: the verbs of a psup in another place, with the answers that they give there.

use crate::sshd::{self, near, program};
use psup_harness::{TestEnv, psup};
use std::time::{Duration, Instant};

/// A targets file; `@psup@` stands for the program, and `@here@` for what leads to the supervisor of
/// the test.
fn targets(env: &TestEnv, lines: &str) {
    let psup = psup().display().to_string();
    let here = format!(
        "env PSUP_DIR={} PSUP_RUNG=double-fork SHELL=/bin/sh {psup} stdio",
        env.path("psup").display()
    );
    let lines = lines.replace("@here@", &here).replace("@psup@", &psup);
    std::fs::create_dir_all(env.path("home/.config/psup")).unwrap();
    env.write("home/.config/psup/targets", lines);
}

#[test]
fn answers_on_a_target_are_those_of_the_verb_there_byte_for_byte() {
    let env = TestEnv::new();
    targets(&env, "there = @here@");
    env.ok("spawn web --shell 'seq 3; echo ready; exec cat'");
    env.ok("wait web --text ready");
    env.ok("spawn gone --shell 'exit 7'");
    env.ok("wait gone --exit");
    for line in [
        "has web",
        "has gone",
        "has webb",
        "--json has webb",
        "info gone",
        "info gone --json",
        "list --all --glob 'gon*' --json",
        "read web",
        "read web --text --tail 2",
        "capture web -n 2",
        "capture web --format json",
        "wait web --text 'rea.y' --since 0",
        "wait web --text 'rea.y' --json --since 0",
        "wait web --text never --timeout 10ms",
        "wait gone --text never --since 0",
        "wait --glob 'g*' --exit",
        "spawn web -- true",
        "ensure web --json -- true",
        "ensure web --shell 'seq 3; echo ready; exec cat'",
        "send gone x",
        "exec gone -- true",
        "stop nobody",
        "spawn x --cwd /nowhere -- true",
        "spawn x -- /no/such/program",
        "resize web 10",
    ] {
        let here = env.run(env.psup(line));
        let there = env.run(near(&env, &format!("--on there {line}")));
        assert_eq!(here.text(), there.text(), "stdout of {line}");
        assert_eq!(here.err, there.err, "stderr of {line}");
        assert_eq!(here.code, there.code, "code of {line}");
    }
    // And what changes something does.
    let on = |line: &str| env.run(near(&env, &format!("--on there {line}")));
    on("send web 'over there' --enter").ended(0);
    on("wait web --text 'over there'").ended(0);
    assert_eq!(on("exec nobody -- true").code, Some(125));
    let stopped = on("stop web").ended(0);
    assert!(stopped.text().starts_with("stopped web#1"), "{stopped}");
    assert_eq!(env.info("web")["state"], "ended");
}

#[test]
fn psup_on_says_the_target_and_a_flag_says_it_louder() {
    let env = TestEnv::new();
    targets(&env, "there = @here@\nbroken = false @psup@ stdio");
    let mut named = near(&env, "spawn a -- cat");
    named.env("PSUP_ON", "there");
    env.run(named).ended(0);
    assert_eq!(env.info("a")["state"], "running");
    let mut flag = near(&env, "has a --on there");
    flag.env("PSUP_ON", "broken");
    env.run(flag).ended(0);
    // A command that reaches a target does not ask for itself again.
    let mut whole = near(&env, "service status --json");
    whole.env("PSUP_ON", "there");
    assert!(env.run(whole).code.is_some());
    // The flag that `wait` had first keeps its words.
    env.ok("send a hello --enter");
    let both = "--on there wait a --on screen --text hello";
    env.run(near(&env, both)).ended(0);
    env.run(near(&env, "--on there wait a --in screen --text hello"))
        .ended(0);
}

#[test]
fn a_session_takes_over_what_the_callers_place_on_the_target_has() {
    let env = TestEnv::new();
    std::fs::create_dir_all(env.path("there/sub")).unwrap();
    let there = env.path("there").canonicalize().unwrap();
    targets(
        &env,
        &format!("there = env -C {} WHERE=there @here@", there.display()),
    );
    let mut spawn = near(&env, "--on there spawn a --cwd sub --shell");
    spawn.env("WHERE", "here");
    spawn.arg("pwd; echo at $WHERE; umask; touch ../made; exec cat");
    env.run(spawn).ended(0);
    env.run(near(&env, "--on there wait a --file made"))
        .ended(0);
    env.ok("wait a --text '^at there$'");
    let read = env.ok("read a --text");
    assert!(
        read.starts_with(&format!("{}/sub", there.display())),
        "{read}"
    );
    // Of the machine that is asked, too, is the shell.
    env.run(near(&env, "--on there spawn sh")).ended(0);
    assert_eq!(env.info("sh")["command"][0], "/bin/sh");
}

#[test]
fn docker_podman_kubectl_and_systemd_run_are_called_as_written() {
    let env = TestEnv::new();
    let here = format!(
        "export PSUP_DIR='{}' PSUP_RUNG=double-fork",
        env.path("psup").display()
    );
    let stub = format!(
        "printf '%s\\n' \"${{0##*/}} $*\" >> '{}'\n{here}\nwhile [ \"$1\" != psup ]; do shift; done\nshift\nexec '{}' \"$@\"",
        env.path("argv").display(),
        psup().display()
    );
    for name in ["docker", "podman", "kubectl", "systemd-run"] {
        program(&env, name, &stub);
    }
    targets(
        &env,
        "box = docker exec -i 'my box' psup stdio\npod-man = podman exec -i box psup stdio\n\
         pod = kubectl exec -i -n ci pod/agent -c main -- psup --profile ci stdio\n\
         vm = systemd-run -M vm -q --pipe psup stdio",
    );
    for target in ["box", "pod-man", "pod", "vm"] {
        env.run(near(&env, &format!("--on {target} ensure a -- cat")))
            .ended(0);
        let line = format!("--on {target} send a 'it is $HOME' --enter");
        env.run(near(&env, &line)).ended(0);
        let line = format!("--on {target} wait a --text 'it is .HOME'");
        env.run(near(&env, &line)).ended(0);
    }
    let argv = String::from_utf8(env.read("argv")).unwrap();
    for line in [
        "docker exec -i my box psup stdio --start --caller",
        "podman exec -i box psup stdio",
        "kubectl exec -i -n ci pod/agent -c main -- psup --profile ci stdio",
        "systemd-run -M vm -q --pipe psup stdio",
    ] {
        assert!(argv.lines().any(|called| called == line), "{line}:\n{argv}");
    }
    // The one of a profile of its own has a session of its own.
    env.ok("stop a");
    env.run(near(&env, "--on pod has a")).ended(0);
    env.run(near(&env, "--on pod shutdown --force")).ended(0);
}

#[test]
fn a_destination_of_ssh_is_a_target() {
    if !sshd::is_there() {
        return;
    }
    let env = TestEnv::new();
    let server = sshd::server(&env).join("' '");
    sshd::client(&env, &format!("ProxyCommand '{server}'"));
    let on = |line: &str| env.run(near(&env, &format!("--on far {line}")));
    on("spawn a --shell 'echo \"it'\"'\"'s $HOME\"; exec sh' --label 'k=a b'").ended(0);
    let line = "wait a --text \"^it's /\" --timeout 60s";
    on(line).ended(0);
    assert_eq!(on("list --label 'k=a b' --json").jsons().len(), 1);
    assert_eq!(
        on("exec a --timeout 60s -- 'echo \"$((6*7))\"; (exit 3)'").text(),
        "42\n"
    );
    let absent = env.run(near(&env, "--on nowhere.invalid has a"));
    assert_eq!(absent.code, Some(5), "{absent}");
    assert!(absent.err.contains("cannot reach nowhere.invalid: "));
}

#[test]
fn a_person_attaches_to_a_session_on_a_target() {
    let env = TestEnv::new();
    targets(&env, "there = @here@");
    env.ok("spawn inner --shell 'echo shown over there; exec cat'");
    let config = env.path("home/.config").display().to_string();
    let mut outer = env.psup("spawn outer");
    outer
        .args(["--env", &format!("XDG_CONFIG_HOME={config}"), "--"])
        .arg(psup())
        .args(["attach", "inner", "--on", "there"]);
    env.run(outer).ended(0);
    env.ok("wait outer --text 'shown over there' --in screen");
    env.ok("send outer 'typed by a person' --enter");
    env.ok("wait inner --text '^typed by a person' --since 0");
    env.ok("send outer --key 'C-\\'");
    env.ok("wait outer --exit");
    assert_eq!(env.info("inner")["state"], "running");
}

#[test]
fn all_targets_are_asked_at_once_and_those_that_hang_are_told() {
    let env = TestEnv::new();
    let fine = (0..16).map(|n| format!("fine-{n} = @here@\n"));
    let hang = (0..3).map(|n| format!("hang-{n} = sh -c 'exec sleep 1000' psup stdio\n"));
    let lines: String = fine.chain(hang).collect();
    targets(&env, &(lines + "none = sh -c 'exit 1' psup stdio\n"));
    env.ok("spawn a --shell 'echo here I am; exec cat'");
    let began = Instant::now();
    let listed = env.run(near(&env, "list --on all --json")).ended(0).jsons();
    assert!(began.elapsed() < Duration::from_secs(30));
    let row = |target: &str| {
        let found = listed.iter().find(|row| row["target"] == target);
        found.unwrap_or_else(|| panic!("{target}: {listed:?}"))
    };
    assert_eq!(listed.len(), 20);
    assert_eq!(row("fine-0")["name"], "a");
    assert_eq!(row("fine-15")["id"], "a#1");
    assert_eq!(row("hang-1")["error"]["code"], "unreachable");
    assert_eq!(row("none")["error"]["code"], "unreachable");

    targets(&env, "one = @here@\nnone = sh -c 'exit 1' psup stdio\n");
    let table = env.run(near(&env, "list --on all")).ended(0);
    let lines: Vec<&str> = table.text().lines().collect();
    assert!(lines[0].starts_with("TARGET  NAME"), "{table}");
    assert!(lines[1].starts_with("one     a "), "{table}");
    assert!(lines[2].starts_with("none    -     unreachable: cannot reach none"));
    let status = env
        .run(near(&env, "status --on all --json"))
        .ended(0)
        .jsons();
    assert_eq!(status[0]["sessions_live"], 1);
    assert_eq!(status[1]["error"]["code"], "unreachable");
    let waited = env
        .run(near(&env, "wait a --on all --text 'here .*'"))
        .ended(0);
    assert!(
        waited.text().starts_with("one\ta\ttext\there I am\t"),
        "{waited}"
    );
    let late = "wait a --on all --text never --timeout 10ms";
    let late = env.run(near(&env, late)).ended(124);
    assert!(late.err.contains("none: cannot reach none"), "{late}");
    assert_eq!(env.run(near(&env, "stop a --on all")).code, Some(2));

    targets(&env, "none = sh -c 'exit 1' psup stdio\n");
    assert_eq!(env.run(near(&env, "list --on all")).code, Some(5));
}

#[test]
fn a_target_without_psup_or_with_an_old_one_is_told_with_the_line_that_installs_it() {
    let env = TestEnv::new();
    let old = "echo \"error: unrecognized verb '\"'\"'stdio'\"'\"'\" >&2; exit 2";
    program(&env, "old", old);
    let opt = env.path("opt/psup").display().to_string();
    targets(
        &env,
        &format!("bare = env A=1 {opt} stdio\nold = old psup stdio\n"),
    );
    for (target, word, says) in [
        ("bare", "unreachable", "there is no psup on bare"),
        ("old", "version-mismatch", "the psup on old is older"),
    ] {
        let told = env.run(near(&env, &format!("--json --on {target} has a")));
        assert_eq!(told.code, Some(5), "{told}");
        let error: serde_json::Value = serde_json::from_str(told.err.trim()).unwrap();
        assert_eq!(error["error"]["code"], word);
        assert!(told.err.contains(says), "{told}");
        assert!(told.err.contains(&format!("`psup --on {target} install`")));
    }
    let install = || {
        let told = env.run(near(&env, "--on bare install --json")).ended(0);
        told.jsons().remove(0)
    };
    assert_eq!(install()["done"], "installed");
    let again = install();
    assert_eq!(
        (&again["done"], &again["path"]),
        (&"unchanged".into(), &opt.as_str().into())
    );
    std::fs::write(&opt, "#!/bin/sh\n").unwrap();
    assert_eq!(install()["done"], "replaced");
    assert_eq!(
        std::fs::read(&opt).unwrap(),
        std::fs::read(psup()).unwrap(),
        "the whole program is there"
    );
    assert_eq!(std::fs::read_dir(env.path("opt")).unwrap().count(), 1);
    // One that does not run there leaves what was there.
    let broken = env.write("broken", "no program");
    let mut install = near(&env, "--on bare install --binary");
    install.arg(broken);
    let told = env.run(install);
    assert!(told.err.contains("this psup does not run there"), "{told}");
    assert_eq!(std::fs::read(&opt).unwrap(), std::fs::read(psup()).unwrap());
}
