//! The shell recipes that people drive tmux with, word for word, on a private socket; and what psup
//! makes of it natively.

use psup_harness::{Outcome, TestEnv};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixStream;

struct Tmux(TestEnv);

impl Tmux {
    fn new() -> Self {
        let env = TestEnv::new();
        std::fs::create_dir(env.path("bin")).unwrap();
        symlink(env!("CARGO_BIN_EXE_psup"), env.path("bin/tmux")).unwrap();
        Self(env)
    }

    #[track_caller]
    fn run(&self, script: &str) -> Outcome {
        let env = &self.0;
        let path = format!(
            "{}:{}",
            env.path("bin").display(),
            std::env::var("PATH").unwrap()
        );
        let mut command = env.command("sh");
        command
            .args(["-c", script])
            .env("PATH", path)
            .env("TMUX_TMPDIR", env.path(""))
            .env("SOCKET", env.path("agent.sock"));
        env.run(command)
    }

    #[track_caller]
    fn ok(&self, script: &str) -> String {
        self.run(script).ended(0).text().trim_end().to_owned()
    }
}

const START: &str = r#"tmux -S "$SOCKET" has-session -t agent 2>/dev/null || tmux -S "$SOCKET" new-session -d -s agent -x 120 -y 40 sh"#;

/// Looks until the last lines of the pane match.
const UNTIL: &str = r#"until_shown() { until tmux -S "$SOCKET" capture-pane -p -t agent -S -30 | grep -q -- "$1"; do :; done; }"#;

#[test]
fn start_it_if_it_is_missing() {
    let tmux = Tmux::new();
    tmux.ok(START);
    tmux.ok(START);
    assert_eq!(
        tmux.ok(r#"tmux -S "$SOCKET" list-sessions -F '#{session_name}'"#),
        "agent"
    );
}

#[test]
fn send_text_and_enter_and_read_the_last_thirty_lines() {
    let tmux = Tmux::new();
    tmux.ok(START);
    let script = format!(
        r#"{UNTIL}
        tmux -S "$SOCKET" send-keys -t agent -l 'echo "$((6*7))" done'
        tmux -S "$SOCKET" send-keys -t agent Enter
        until_shown '^42 done'
        tmux -S "$SOCKET" capture-pane -p -t agent -S -30"#
    );
    assert!(tmux.ok(&script).contains("\n42 done\n"));
}

#[test]
fn interrupt_it_and_see_that_it_is_idle() {
    let tmux = Tmux::new();
    tmux.ok(START);
    let script = format!(
        r#"{UNTIL}
        tmux -S "$SOCKET" send-keys -t agent 'sleep 1000' Enter
        until [ "$(tmux -S "$SOCKET" display-message -p -t agent '#{{pane_current_command}}')" = sleep ]; do :; done
        tmux -S "$SOCKET" send-keys -t agent C-c
        until [ "$(tmux -S "$SOCKET" display-message -p -t agent '#{{pane_current_command}}')" = sh ]; do :; done
        echo idle"#
    );
    assert_eq!(tmux.ok(&script), "idle");
}

#[test]
fn kill_one_kill_all_and_find_a_stale_socket() {
    let tmux = Tmux::new();
    tmux.ok(START);
    tmux.ok(
        r#"tmux -S "$SOCKET" new-session -d -s other cat; tmux -S "$SOCKET" kill-session -t agent"#,
    );
    assert_eq!(
        tmux.ok(r#"tmux -S "$SOCKET" list-sessions -F '#{session_name}'"#),
        "other"
    );
    tmux.ok(r#"tmux -S "$SOCKET" kill-server"#);
    let told = tmux
        .run(r#"test -S "$SOCKET" && tmux -S "$SOCKET" list-sessions"#)
        .ended(1);
    assert!(told.err.starts_with("no server running on "), "{told}");
    // The stale socket is in nobody's way.
    tmux.ok(START);
}

#[test]
fn panes_are_sessions_with_readable_names_for_every_native_verb() {
    let tmux = Tmux::new();
    tmux.ok("tmux -L work new-session -d -s Main 'exec cat' && tmux -L work split-window -h -t Main 'exec cat'");
    let names: Vec<String> = tmux
        .0
        .jsons("list")
        .iter()
        .map(|s| s["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(
        names
            .iter()
            .all(|name| name.starts_with("tmux-work-") && name.contains("-main-")),
        "{names:?}"
    );
    let first = names.iter().find(|name| name.ends_with("-0")).unwrap();
    tmux.0.ok(&format!("send {first} typed --enter"));
    tmux.0
        .ok(&format!("wait {first} --text typed --timeout 30s"));
    assert!(
        tmux.ok("tmux -L work capture-pane -p -t %0")
            .contains("typed")
    );
    assert_eq!(tmux.0.info(first)["size"]["cols"], 40);
}

#[test]
fn windows_and_panes_survive_the_kill_of_either_process() {
    let tmux = Tmux::new();
    tmux.ok("tmux new-session -d -s a -n one 'exec cat' ';' new-window -n two 'exec cat' ';' split-window 'exec cat'");
    let before =
        tmux.ok("tmux list-panes -a -F '#S:#I.#P #W #{pane_id} #{pane_pid} #{window_layout}'");
    for process in ["worker_pid", "guardian_pid"] {
        psup_harness::kill(tmux.0.pid_of(process));
        assert_eq!(
            tmux.ok("tmux list-panes -a -F '#S:#I.#P #W #{pane_id} #{pane_pid} #{window_layout}'"),
            before,
            "{process}"
        );
    }
}

#[test]
fn the_two_worlds_of_two_sockets_do_not_see_each_other() {
    let tmux = Tmux::new();
    tmux.ok(
        "tmux -L one new-session -d -s a 'exec cat' && tmux -L two new-session -d -s a 'exec cat'",
    );
    tmux.ok("tmux -L one kill-server");
    assert_eq!(tmux.ok("tmux -L two list-sessions -F '#S'"), "a");
}

#[test]
fn the_socket_takes_connections_as_long_as_the_world_is_there() {
    let tmux = Tmux::new();
    let connects = || UnixStream::connect(tmux.0.path("agent.sock")).is_ok();
    tmux.ok("tmux -S \"$SOCKET\" new-session -d -s a 'exec cat'");
    assert!(connects(), "a server that runs takes connections");
    tmux.ok("tmux -S \"$SOCKET\" kill-server");
    assert!(
        !connects() && tmux.0.path("agent.sock").exists(),
        "one that has gone leaves its socket behind"
    );
    tmux.ok("tmux -S \"$SOCKET\" new-session -d -s b 'exec cat'");
    assert!(connects(), "the next one takes its place");
}

#[test]
fn the_link_is_made_by_install() {
    let tmux = Tmux::new();
    tmux.0.ok("tmux --install .");
    assert_eq!(tmux.ok("./tmux -V"), "tmux 3.3a");
}

#[test]
fn a_pane_that_dies_and_stays_is_told_with_its_status() {
    // Not compared with tmux: 3.3a loses the status of a program whose terminal ends first, now and
    // then.
    let tmux = Tmux::new();
    tmux.ok(START);
    let script = r#"tmux() { command tmux -S "$SOCKET" "$@"; }
        tmux set -g remain-on-exit on
        tmux set-hook -g pane-died 'run-shell "echo #{hook_pane} #{pane_dead_status} > told; tmux -S #{socket_path} wait-for -S died"'
        tmux new-window -d -P -F '#{pane_id}' 'exit 7'
        tmux wait-for died
        cat told"#;
    assert_eq!(tmux.ok(script), "%1\n%1 7");
    let script = r#"tmux() { command tmux -S "$SOCKET" "$@"; }
        tmux set-hook -gu pane-died
        tmux set-hook -g pane-died 'wait-for -S died'
        tmux set -g remain-on-exit-format 'gone #{pane_dead_status} #{pane_dead_signal}'
        tmux new-window 'kill -9 $$'
        tmux wait-for died
        tmux display-message -p '#{pane_dead} [#{pane_dead_status}] [#{pane_dead_signal}]'
        tmux capture-pane -p | grep gone
        tmux set -g remain-on-exit failed
        tmux new-window -n bad 'exit 4'
        tmux wait-for died
        tmux capture-pane -p | grep gone
        tmux set-hook -g pane-exited 'wait-for -S left'
        tmux new-window -n good 'exit 0'
        tmux wait-for left
        tmux list-windows -F '#W' | grep -c good || true"#;
    assert_eq!(tmux.ok(script), "1 [] [9]\ngone  9\ngone 4\n0");
}
