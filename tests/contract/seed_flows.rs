//! The flows that people drive tmux for, each the way psup does it.

use psup_harness::{TestEnv, skipped};
use std::process::Command;

/// Whether a program is there; a test that cannot run says so.
fn have(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output()
        .is_ok_and(|o| o.status.success());
    if !found {
        skipped(&format!("there is no {program} on this machine"));
    }
    found
}

#[test]
fn start_it_unless_it_runs_and_say_which() {
    let env = TestEnv::new();
    assert_eq!(env.ok("ensure worker -- cat"), "started worker#1");
    assert_eq!(env.ok("ensure worker -- cat"), "unchanged worker#1");
}

#[test]
fn what_is_running() {
    let env = TestEnv::new();
    env.ok("spawn one -- cat");
    env.ok("spawn two -- cat");
    let listed = env.ok("list");
    assert!(listed.contains("one") && listed.contains("two"), "{listed}");
}

#[test]
fn the_last_thirty_lines() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'seq 500; exec cat'");
    env.ok("wait a --text '^500$'");
    let last: Vec<String> = (471..=500).map(|n| n.to_string()).collect();
    assert_eq!(env.ok("capture a -n 30"), last.join("\n"));
}

#[test]
fn is_it_idle_or_busy() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo quiet; exec cat'");
    env.ok("wait a --idle 50ms");
    assert!(env.info("a")["idle_ms"].as_u64().unwrap() >= 50);
    assert_eq!(env.info("a")["foreground"]["name"], "cat");
    env.ok("spawn busy --shell 'while :; do echo busy; sleep 0.01; done'");
    env.no(124, "wait busy --idle 10s --timeout 200ms");
}

#[test]
fn type_literal_text_then_enter() {
    let env = TestEnv::new();
    env.ok("spawn a -- sh");
    env.ok("send a 'echo \"$((6*7))\" # C-c Enter' --enter");
    env.ok("wait a --text '^42$'");
}

#[test]
fn interrupt_it() {
    let env = TestEnv::new();
    env.ok("spawn a -- sh");
    // What is interrupted says that it runs: a C-c while the shell still forks would hit the shell.
    env.ok("send a \"sh -c 'echo begun; exec sleep 1000'\" --enter");
    env.ok("wait a --text '^begun$'");
    env.ok("send a --key C-c");
    // Typed before the prompt is back, its output may stand behind the prompt; the quotes keep what
    // is typed from matching.
    env.ok("send a 'echo still \"here\"' --enter");
    env.ok("wait a --text 'still here$'");
}

#[test]
fn stop_one_and_stop_all() {
    let env = TestEnv::new();
    for name in ["a", "b", "c"] {
        env.ok(&format!("spawn {name} -- sh"));
    }
    assert!(env.ok("stop b").starts_with("stopped b#1"));
    assert_eq!(env.ok("stop --all").lines().count(), 2);
    assert_eq!(env.jsons("list").len(), 0);
}

/// Starts a REPL, waits for its prompt, asks it something and waits for the answer.
fn repl(program: &str, prompt: &str, question: &str, answer: &str) {
    if !have(program.split(' ').next().unwrap()) {
        return;
    }
    let env = TestEnv::new();
    env.ok(&format!("spawn repl -- {program}"));
    env.ok(&format!("wait repl --on screen --text '{prompt}'"));
    let offset = env.ok(&format!("send repl '{question}' --enter"));
    env.ok(&format!("wait repl --since {offset} --text '{answer}'"));
}

#[test]
fn a_python_repl_is_waited_for_before_it_is_asked() {
    repl("python3", "^>>>", "6*7", "^42$");
}

#[test]
fn a_node_repl_is_waited_for_before_it_is_asked() {
    repl("node", "^>", "6*7", "^42$");
}

#[test]
fn a_bash_is_waited_for_before_it_is_asked() {
    repl("bash --norc", "[$#] ?$", "echo $((6*7))", "^42$");
}

#[test]
fn a_dev_server_is_up_when_its_port_is() {
    if !have("python3") {
        return;
    }
    let env = TestEnv::new();
    let server = "import http.server as h; s = h.HTTPServer((\"127.0.0.1\", 0), h.SimpleHTTPRequestHandler); print(\"port\", s.server_port, flush=True); s.serve_forever()";
    env.ok(&format!("spawn web -- python3 -c '{server}'"));
    let told = env.json("wait web --text 'port (\\d+)'");
    let port = told["held"][0]["match"]["groups"][0]
        .as_str()
        .unwrap()
        .to_owned();
    env.ok(&format!("wait web --port {port}"));
    std::net::TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
}

#[test]
fn a_tunnel_prints_its_url_and_the_match_is_it() {
    let env = TestEnv::new();
    env.ok("spawn tunnel --shell 'echo connecting...; echo \"your url: https://blue-fox.example.net (ready)\"; exec cat'");
    let held = env.ok("wait tunnel --text 'https://\\S+'");
    assert_eq!(
        held.split('\t').nth(1),
        Some("https://blue-fox.example.net")
    );
}

#[test]
fn a_worker_that_dies_is_restarted() {
    let env = TestEnv::new();
    env.ok("spawn worker --restart on-failure --shell 'echo working; exec cat'");
    env.ok("wait worker --text working");
    let events = env.stream("--json events worker --since 0");
    env.ok("signal worker KILL");
    events.until("restarted");
    env.ok("wait worker --text working");
    assert_eq!(env.info("worker")["restarts"], 1);
}

#[test]
fn a_builds_exit_code_is_there_afterwards() {
    let env = TestEnv::new();
    env.ok("spawn build --shell 'echo compiling; echo failed >&2; exit 101'");
    env.ok("wait build --exit");
    assert_eq!(env.info("build")["exit"]["code"], 101);
    assert_eq!(env.ok("capture build"), "compiling\nfailed");
}
