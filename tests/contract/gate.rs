//! Gates: what is confined reaches the supervisor through one, as far as its rules go and no
//! further, whatever is done to its directory.

use nix::fcntl::OFlag;
use psup_harness::sandbox::{Forbidden, confine};
use psup_harness::{Dice, Stream, TestEnv, is_alive, kill};
use psup_proto::hello::Hello;
use psup_proto::{Kind, Request, frame, wire};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use Forbidden::{Connect, Socketpair, UnixSocket};

/// As Codex and Claude Code have it, and what else there is.
const SANDBOXES: [&[Forbidden]; 4] = [
    &[Connect],
    &[Socketpair],
    &[Connect, Socketpair],
    &[Connect, Socketpair, UnixSocket],
];

/// A gate in `DIR/gate`, open until it is dropped.
fn open(env: &TestEnv, flags: &str) -> Stream {
    let gate = env.stream(&format!("gate gate {flags}"));
    assert!(gate.line().starts_with("PSUP_VIA=/"));
    gate
}

/// A command in the strictest sandbox that has the gate.
fn inside(env: &TestEnv, line: &str) -> std::process::Command {
    let mut command = env.psup(line);
    command
        .env_remove("PSUP_DIR")
        .env("PSUP_VIA", env.path("gate"));
    confine(&mut command, SANDBOXES[3], libc::EPERM);
    command
}

#[track_caller]
fn refused(env: &TestEnv, line: &str) -> String {
    let told = env.run(inside(env, &format!("--json {line}"))).ended(1);
    let error: Value = serde_json::from_str(told.err.lines().last().unwrap()).unwrap();
    assert_eq!(error["error"]["code"], "no", "{told}");
    error["error"]["message"].as_str().unwrap().to_owned()
}

fn names_in(path: &Path) -> Vec<String> {
    let names = std::fs::read_dir(path).unwrap();
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<_> = names
        .map(|entry| name(entry).into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn verbs_go_through_a_gate_from_every_sandbox() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo hi; exec sh'");
    env.ok("wait a --prompt");
    let _gate = open(&env, "--allow send,exec,attach,stop");
    for forbidden in SANDBOXES {
        let through = |line: &str| {
            let mut command = env.psup(&format!("--via gate {line}"));
            command.env_remove("PSUP_DIR");
            confine(&mut command, forbidden, libc::EPERM);
            env.run(command)
        };
        for line in [
            "has a",
            "--json info a",
            "read a --text --tail 1",
            "capture a",
            "hook list",
        ] {
            let (told, here) = (through(line), env.run(env.psup(line)));
            if line == "hook list" {
                assert_eq!(told.code, Some(1), "{forbidden:?}: {told}");
                continue;
            }
            let same = told.bytes == here.bytes || line.starts_with("--json");
            assert!(
                told.code == here.code && same,
                "{forbidden:?}: {told}\n{here}"
            );
        }
        assert_eq!(
            through("exec a -- echo one two").ended(0).text(),
            "one two\n"
        );
        through("send a 'echo \"<$((6*7))>\"' --enter").ended(0);
        through("wait a --text '<42>' --timeout 60s").ended(0);
        assert!(through("list").ended(0).text().contains("running"));
        through("has nobody").ended(3);
    }
    // Other programs that are clients, too.
    let request = b"{\"id\":1,\"method\":\"has\",\"params\":{\"target\":\"a\"}}\n";
    let told = env.fed(inside(&env, "rpc"), request).ended(0);
    assert!(told.text().contains(r#""live":true"#), "{told}");
    let calls = [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" } } }),
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
            "name": "list", "arguments": {} } }),
    ];
    let calls = calls.map(|call| call.to_string() + "\n").concat();
    let told = env.fed(inside(&env, "mcp"), calls.as_bytes());
    assert!(told.text().contains("running"), "{told}");
}

#[test]
fn a_sandbox_without_a_gate_is_told_and_nothing_is_started_or_taken_away() {
    for errno in [libc::EPERM, libc::EACCES] {
        let env = TestEnv::new();
        let confined = |line: &str| {
            let mut command = env.psup(line);
            confine(&mut command, &[Connect, Socketpair], errno);
            env.run(command)
        };
        let lines = [
            "spawn b -- cat",
            "ensure b -- cat",
            "has b",
            "list",
            "info b",
            "stop b",
            "signal b TERM",
            "restart b",
            "forget b",
            "rename b c",
            "resize b 80x24",
            "send b x",
            "wait b --exit",
            "capture b",
            "read b",
            "events",
            "status",
            "status --start",
            "logs",
            "shutdown",
            "upgrade",
            "ask b --why x",
            "export b",
            "hook list",
            "exec b -- true",
        ];
        for line in lines {
            let told = confined(line);
            let code = if line.starts_with("exec") { 125 } else { 5 };
            assert_eq!(told.code, Some(code), "{told}");
            assert!(told.err.contains("a sandbox"), "{told}");
            assert!(told.err.contains("`psup help gate`"), "{told}");
        }
        assert!(!env.path("psup").exists(), "{:?}", env.files());
        // Beside one that runs.
        env.ok("spawn a -- cat");
        let (before, guardian) = (env.files(), env.pid_of("guardian_pid"));
        for line in lines {
            confined(line);
        }
        assert_eq!(env.files(), before);
        assert_eq!(env.pid_of("guardian_pid"), guardian);
    }
}

#[test]
fn a_gate_is_no_way_out() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let gate = open(&env, "");
    for line in [
        "spawn b -- cat",
        "ensure a -- cat",
        "ensure b -- cat",
        "send a x",
        "exec a -- true",
        "stop a",
        "stop --all",
        "signal a KILL",
        "restart a",
        "forget a",
        "rename a b",
        "resize a 90x20",
        "shutdown --force",
        "upgrade",
        "hook add a exit -- true",
        "hook list",
        "ask a --why x",
        "wait a --file /etc/passwd",
        "wait a --port 1",
    ] {
        let message = if line == "exec a -- true" {
            env.run(inside(&env, line)).ended(125).err
        } else {
            refused(&env, line)
        };
        assert!(message.contains("gate"), "{line}: {message}");
    }
    let tmux = env.run(inside(&env, "tmux new-session -d cat"));
    assert_ne!(tmux.code, Some(0), "{tmux}");
    assert_eq!(env.jsons("list --all").len(), 1);
    drop(gate);
    let _gate = open(&env, "--allow spawn");
    env.run(inside(
        &env,
        "spawn b --shell 'echo via=$PSUP_VIA; exec cat'",
    ))
    .ended(0);
    env.ok("wait b --text '^via=$' --since 0");
    assert!(refused(&env, "stop b").contains("`stop`"));
}

#[test]
fn a_gate_for_some_sessions_tells_of_no_others() {
    let env = TestEnv::new();
    env.ok("spawn agent-1 -- cat");
    env.ok("spawn web -- cat");
    let _gate = open(&env, "--allow stop --sessions 'agent-*'");
    let list = env.run(inside(&env, "--json list")).ended(0).jsons();
    assert_eq!(list.len(), 1);
    assert_eq!(list[0]["name"], "agent-1");
    let events = env
        .run(inside(&env, "--json events --no-follow"))
        .ended(0)
        .jsons();
    assert!(!events.is_empty() && events.iter().all(|event| event["name"] == "agent-1"));
    for line in [
        "info web",
        "read web",
        "wait agent-1 web --exit",
        "stop web",
        "stop --all",
        "logs",
    ] {
        refused(&env, line);
    }
    env.run(inside(&env, "stop --glob 'agent-*'")).ended(0);
    env.ok("has web");
}

#[test]
fn clients_of_a_gate_do_not_wait_for_each_other() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let _gate = open(&env, "");
    let waits: Vec<_> = (0..12)
        .map(|number| env.start(inside(&env, &format!("wait a --text 'go {number}$'"))))
        .collect();
    // One dies, one is stopped; both have asked.
    let dead = env.follow(inside(&env, "read a --follow"));
    let stopped = env.follow(inside(&env, "read a --follow"));
    while env.json("status")["connections"].as_u64().unwrap() < 15 {
        assert!(!env.left().is_zero());
    }
    let stop = |signal| {
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(stopped.pid()), signal).unwrap();
    };
    stop(nix::sys::signal::Signal::SIGSTOP);
    kill(dead.pid());
    // More than its FIFO and its socket hold, for one that does not read.
    let flood: Vec<String> = (0..40_000)
        .map(|line| format!("line {line} of many"))
        .collect();
    env.write("flood", flood.join("\n"));
    env.ok("spawn loud --shell 'cat flood; exec cat'");
    env.ok("wait loud --text 'line 39999 '");
    for number in (0..12).rev() {
        env.ok(&format!("send a 'go {number}' --enter"));
    }
    for wait in waits {
        wait.end().ended(0);
    }
    env.run(inside(&env, "has a")).ended(0);
    // A killed worker is another's answer, as anywhere.
    let wait = env.start(inside(&env, "wait a --text 'after it'"));
    env.kill_half("worker_pid");
    env.ok("send a 'after it' --enter");
    wait.end().ended(0);
    drop((dead, stopped));
    while env.json("status")["connections"] != 1 {
        assert!(!env.left().is_zero(), "{}", env.json("status"));
    }
    assert_eq!(
        names_in(&env.path("gate")),
        ["psup-gate.knock", "psup-gate.tickets"]
    );
}

#[test]
fn a_gate_ends_with_a_signal_and_leaves_its_directory_as_it_was() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let gate = open(&env, "");
    let wait = env.start(inside(&env, "wait a --exit"));
    while env.json("status")["connections"].as_u64().unwrap() < 2 {
        assert!(!env.left().is_zero());
    }
    let pid = nix::unistd::Pid::from_raw(gate.pid());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    let told = wait.end().ended(5);
    assert!(told.err.contains("psup gate"), "{told}");
    drop(gate);
    assert!(!env.path("gate").exists(), "it was made by the gate");

    std::fs::create_dir(env.path("gate")).unwrap();
    env.write("gate/mine", "x");
    let gate = open(&env, "");
    let other = env.no(1, "gate gate");
    assert!(other.contains("is open in"), "{other}");
    kill(gate.pid());
    while is_alive(gate.pid()) {
        assert!(!env.left().is_zero());
    }
    drop(gate);
    let told = env.run(inside(&env, "has a")).ended(5);
    assert!(told.err.contains("no gate is open"), "{told}");
    // The next one takes away what it has left.
    let gate = open(&env, "");
    env.run(inside(&env, "has a")).ended(0);
    let pid = nix::unistd::Pid::from_raw(gate.pid());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGHUP).unwrap();
    while is_alive(gate.pid()) {
        assert!(!env.left().is_zero());
    }
    assert_eq!(names_in(&env.path("gate")), ["mine"]);
}

#[test]
fn what_others_put_into_the_directory_does_a_gate_no_harm() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let gate = env.path("gate");
    std::fs::create_dir(&gate).unwrap();
    let victim = env.write("victim", "mine");
    for name in ["psup-gate.knock", "psup-gate.tickets"] {
        symlink(&victim, gate.join(name)).unwrap();
        env.no(1, "gate gate");
        std::fs::remove_file(gate.join(name)).unwrap();
        std::fs::write(gate.join(name), "kept").unwrap();
        env.no(1, "gate gate");
        assert_eq!(std::fs::read(gate.join(name)).unwrap(), b"kept");
        std::fs::remove_file(gate.join(name)).unwrap();
        // What was made before the refusal is gone.
        assert_eq!(names_in(&gate), Vec::<String>::new());
    }
    std::fs::set_permissions(&gate, PermissionsExt::from_mode(0o770)).unwrap();
    assert!(env.no(1, "gate gate").contains("other users may write"));
    std::fs::set_permissions(&gate, PermissionsExt::from_mode(0o700)).unwrap();
    symlink(&gate, env.path("link")).unwrap();
    assert!(env.no(5, "gate link").contains("it is a link"));

    // Every pair that appears is replaced by links to what is not the gate's.
    let _gate = open(&env, "");
    let (watched, aim) = (gate.clone(), victim.clone());
    let is_over = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let over = std::sync::Arc::clone(&is_over);
    let attack = std::thread::spawn(move || {
        let mut replaced = 0;
        while !over.load(std::sync::atomic::Ordering::Relaxed) {
            for name in names_in(&watched)
                .iter()
                .filter(|name| name.starts_with("psup-gate-"))
            {
                let path = watched.join(name);
                let is_gone = std::fs::remove_file(&path).is_ok();
                replaced += usize::from(is_gone && symlink(&aim, &path).is_ok());
            }
        }
        replaced
    });
    let mut replaced = 0;
    for _ in 0..30 {
        // It may be kept out, and nothing else.
        let told = env.run(inside(&env, "has a"));
        assert!([Some(0), Some(5)].contains(&told.code), "{told}");
        replaced += 1;
    }
    is_over.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(attack.join().unwrap() + replaced > 0);
    assert_eq!(std::fs::read(&victim).unwrap(), b"mine");
    env.run(inside(&env, "has a")).ended(0);
}

/// A client that says what it likes.
struct Raw {
    write: File,
    read: File,
}

impl Raw {
    fn new(gate: &Path) -> Self {
        let read = Self::open(&gate.join("psup-gate.tickets"), true);
        Self::open(&gate.join("psup-gate.knock"), false)
            .write_all(b"k")
            .unwrap();
        let mut ticket = [0; 17];
        (&read).read_exact(&mut ticket).unwrap();
        let name = std::str::from_utf8(&ticket[..16]).unwrap();
        let path = |end: &str| -> PathBuf { gate.join(format!("psup-gate-{name}.{end}")) };
        // Reading first: the gate opens nothing by name.
        let flags = OFlag::O_NONBLOCK.bits();
        let read = File::options()
            .read(true)
            .custom_flags(flags)
            .open(path("out"))
            .unwrap();
        let write = Self::open(&path("in"), false);
        Self { write, read }
    }

    fn open(path: &Path, reads: bool) -> File {
        File::options()
            .read(reads)
            .write(!reads)
            .open(path)
            .unwrap()
    }

    /// Everything that the gate says until it hangs up.
    fn all(mut self) -> Vec<u8> {
        use nix::fcntl::{FcntlArg, fcntl};
        fcntl(&self.read, FcntlArg::F_SETFL(OFlag::empty())).unwrap();
        let mut all = Vec::new();
        self.read.read_to_end(&mut all).unwrap();
        all
    }
}

#[test]
fn what_is_no_frame_of_a_client_ends_that_visit_and_no_other() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let _gate = open(&env, "");
    let gate = env.path("gate");
    let mut hello = Vec::new();
    Hello::ours().put(&mut hello);
    let after_hello = |kind: Kind, payload: &[u8]| {
        let mut bytes = hello.clone();
        frame::put(&mut bytes, kind, payload);
        bytes
    };
    let mut large = hello.clone();
    large.extend_from_slice(&u32::MAX.to_le_bytes());
    large.push(Kind::VersionedRequest as u8);
    let mut upgrade = hello.clone();
    psup_proto::upgrade_frame::UpgradeFrame {
        id: 7,
        binary: b"/bin/false",
    }
    .put(&mut upgrade);
    let mut early = Vec::new();
    wire::put_request(&mut early, 2, &Request::Status).unwrap();
    for bytes in [
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        large,
        upgrade,
        early,
        after_hello(Kind::Bytes, b"rm -rf"),
        after_hello(Kind::Response, b"x"),
        after_hello(Kind::Hello, b"psup"),
    ] {
        let mut raw = Raw::new(&gate);
        raw.write.write_all(&bytes).unwrap();
        let told = raw.all();
        let told = String::from_utf8_lossy(&told);
        assert!(told.len() > 20, "{told:?}");
    }
    // Some say nothing, some half of something, some anything.
    let silent: Vec<Raw> = (0..20).map(|_| Raw::new(&gate)).collect();
    let mut whole = hello.clone();
    wire::put_request(&mut whole, 2, &Request::Info("a".parse().unwrap())).unwrap();
    let mut dice = Dice(0x5eed);
    for _ in 0..200 {
        let mut bytes = whole.clone();
        for _ in 0..=dice.below(4) {
            let at = dice.below(bytes.len());
            bytes[at] = dice.below(256) as u8;
        }
        bytes.truncate(1 + dice.below(bytes.len()));
        let mut raw = Raw::new(&gate);
        // It may have hung up already.
        let _ = raw.write.write_all(&bytes);
    }
    env.run(inside(&env, "has a")).ended(0);
    drop(silent);
    while env.json("status")["connections"] != 1 {
        assert!(!env.left().is_zero());
    }
    let list = env.run(inside(&env, "--json list")).ended(0).jsons();
    assert_eq!(list[0]["state"], json!("running"));
}
