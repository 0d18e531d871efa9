//! Children in real terminals.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::journal::{Header, Journal, ReadOutcome, Recorded, Rings, Witness, Writer};
use crate::platform::{process, reap};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use psup_proto::spec::Restart;
use psup_proto::{Failure, Size, Spec};
use std::collections::BTreeMap;
use std::fs;
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::MutexGuard;
use std::sync::atomic::Ordering::Acquire;
use tempfile::TempDir;

/// A child in its terminal, with its journal.
struct Session {
    pty: Pty,
    journal: Journal,
    child: Child,
    _dirs: (TempDir, Writer),
    _turn: MutexGuard<'static, ()>,
}

fn spec(command: &[&str]) -> Spec {
    Spec {
        command: command.iter().map(|c| c.as_bytes().to_vec()).collect(),
        cwd: b"/".to_vec(),
        env: vec![(b"PATH".to_vec(), b"/usr/local/bin:/usr/bin:/bin".to_vec())],
        asked_env: vec![],
        size: Size::DEFAULT,
        scrollback: 0,
        restart: Restart::No,
        on_boot: false,
        labels: BTreeMap::new(),
        log_limit: None,
        ttl: None,
        umask: 0o022,
        integration: false,
        hooks: Vec::new(),
        resources: psup_proto::resources::ResourceLimits::default(),
        restart_limit: None,
        owner: None,
    }
}

fn start(spec: &Spec) -> Result<Session, Failure> {
    start_with(spec, &[], &[])
}

fn start_with(
    spec: &Spec,
    extra_env: &[(&str, &str)],
    removed_env: &[&str],
) -> Result<Session, Failure> {
    let turn = reap::turn();
    let dir = TempDir::new().unwrap();
    let writer = Writer::start(|_| ()).unwrap();
    let journal = Journal::create(
        &Rings::of(dir.path()),
        &dir.path().join("state"),
        "k",
        None,
        &writer,
    )
    .unwrap();
    let pty = open(spec.size).unwrap();
    let birth = prepare(Launch {
        spec,
        extra_env,
        removed_env,
        slave: &pty.slave,
        header: journal.header_ref(),
        open_files: None,
        cgroup: None,
    });
    let child = birth.and_then(|birth| birth.spawn().map_err(|refusal| refusal.told(spec)));
    if child.is_err() {
        assert_eq!(journal.header().pid.load(Acquire), 0);
    }
    Ok(Session {
        pty,
        journal,
        child: child?,
        _dirs: (dir, writer),
        _turn: turn,
    })
}

impl Session {
    /// Reads until the text has come, or the terminal is closed.
    fn read_until(&mut self, text: &str) -> String {
        loop {
            let so_far = String::from_utf8_lossy(self.journal.view(0)).into_owned();
            if !text.is_empty() && so_far.contains(text) {
                return so_far;
            }
            match self.journal.fill(self.pty.master.as_fd()).unwrap() {
                ReadOutcome::Bytes(_) => {}
                ReadOutcome::Closed => return so_far,
                ReadOutcome::WouldBlock => {
                    let mut master = [PollFd::new(self.pty.master.as_fd(), PollFlags::POLLIN)];
                    assert!(
                        poll(&mut master, PollTimeout::from(20_000u16)).unwrap() > 0,
                        "nothing but {so_far:?}"
                    );
                }
                ReadOutcome::Full | ReadOutcome::NoMemory => {
                    unreachable!("without a log there is room")
                }
            }
        }
    }

    /// Everything it says until it ends, and its raw status.
    fn finish(mut self) -> (String, i32) {
        let output = self.read_until("");
        let pidfd = self.child.pidfd.as_ref().unwrap();
        poll(
            &mut [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)],
            PollTimeout::from(20_000u16),
        )
        .unwrap();
        let header: &Header = self.journal.header();
        let pid = header.pid.load(Acquire);
        assert_eq!(pid, self.child.pid);
        assert_eq!(
            reap::exit_of_stranger(None, pid),
            reap::exit_of_stranger(None, pid)
        );
        assert!(
            reap::exit_of_stranger(None, pid).is_some(),
            "a zombie tells its status"
        );
        let recorded = reap::reap_children(|p, raw| {
            header.record_exit(raw, 1, Witness::Worker);
            p == pid
        });
        assert!(recorded.contains(&pid));
        let Recorded::Status { raw, .. } = header.recorded() else {
            panic!("not recorded")
        };
        if let Some(late) = reap::exit_of_stranger(Some(pidfd.as_fd()), pid) {
            assert_eq!(late, raw, "what the pidfd tells after the reaping");
        }
        (output, raw)
    }
}

fn output(command: &[&str]) -> String {
    start(&spec(command)).unwrap().finish().0
}

fn refusal(spec: &Spec) -> Failure {
    start(spec).err().expect("it started")
}

#[test]
fn what_cannot_be_started_is_told_in_the_systems_words() {
    let missing = refusal(&spec(&["nosuch"]));
    assert_eq!(
        missing.message,
        "cannot start \"nosuch\": No such file or directory"
    );
    assert_eq!(
        missing.hint.unwrap(),
        "looked for in /usr/local/bin:/usr/bin:/bin"
    );
    assert_eq!(
        refusal(&spec(&["/etc/passwd"])).message,
        "cannot start \"/etc/passwd\": Permission denied"
    );
    assert_eq!(
        refusal(&spec(&["/etc"])).message,
        "cannot start \"/etc\": Permission denied"
    );
    let nowhere = Spec {
        cwd: b"/no/where".to_vec(),
        ..spec(&["sh"])
    };
    assert_eq!(
        refusal(&nowhere).message,
        "cannot start \"sh\" in \"/no/where\": No such file or directory"
    );
    let dir = TempDir::new().unwrap();
    let script = executable(dir.path(), "lost", "#!/no/interpreter\n");
    assert!(
        refusal(&spec(&[&script]))
            .hint
            .unwrap()
            .contains("interpreter")
    );
    assert!(refusal(&spec(&["a\0b"])).message.contains("NUL"));
}

#[test]
fn exit_codes_and_signals_are_recorded_before_the_child_is_reaped() {
    let raw = |script| start(&spec(&["sh", "-c", script])).unwrap().finish().1;
    assert_eq!(raw("exit 3"), 3 << 8);
    assert_eq!(raw("kill -KILL $$"), libc::SIGKILL);
    let realtime = libc::SIGRTMIN() + 1;
    assert_eq!(raw(&format!("kill -{realtime} $$")), realtime);
}

#[test]
fn a_child_inherits_no_descriptor_but_its_terminal() {
    let leaky = fs::File::open("/").unwrap();
    nix::fcntl::fcntl(
        &leaky,
        nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::empty()),
    )
    .unwrap();
    let open = output(&["ls", "/proc/self/fd"]);
    assert_eq!(
        open.split_whitespace().collect::<Vec<_>>(),
        ["0", "1", "2", "3"],
        "3 is the directory that ls reads"
    );
    let terminals = output(&[
        "readlink",
        "/proc/self/fd/0",
        "/proc/self/fd/1",
        "/proc/self/fd/2",
    ]);
    let terminals: Vec<&str> = terminals.lines().collect();
    assert!(
        terminals.len() == 3
            && terminals
                .iter()
                .all(|t| t.starts_with("/dev/") && *t == terminals[0]),
        "{terminals:?}"
    );
    drop(leaky);
}

#[test]
fn signals_are_as_a_program_expects_them() {
    // The Rust runtime ignores SIGPIPE, and we block all signals while we start a child.
    let status = output(&["cat", "/proc/self/status"]);
    let signals = status.lines().filter(|line| {
        ["SigBlk", "SigIgn", "SigCgt"]
            .iter()
            .any(|name| line.starts_with(name))
    });
    for line in signals {
        assert!(line.trim_end().ends_with("0000000000000000"), "{status}");
    }
}

#[test]
fn the_path_is_the_childs_own() {
    let dir = TempDir::new().unwrap();
    executable(dir.path(), "only-here", "#!/bin/sh\necho found $1\n");
    let mut spec = spec(&["only-here", "it"]);
    assert!(start(&spec).is_err());
    spec.env = vec![(
        b"PATH".to_vec(),
        format!("/no/where:{}:/bin", dir.path().display()).into_bytes(),
    )];
    assert_eq!(start(&spec).unwrap().finish().0, "found it\r\n");
}

#[test]
fn a_script_without_an_interpreter_line_runs_in_the_shell() {
    let dir = TempDir::new().unwrap();
    let script = executable(dir.path(), "plain", "echo plain $0 $1\n");
    assert_eq!(output(&[&script, "x"]), format!("plain {script} x\r\n"));
}

#[test]
fn directory_umask_and_environment_are_the_specs() {
    let mut spec = spec(&["sh", "-c", "pwd; umask; echo $A-$B-$C"]);
    spec.cwd = b"/usr".to_vec();
    spec.umask = 0o077;
    spec.env.extend([
        (b"A".to_vec(), b"spec".to_vec()),
        (b"B".to_vec(), b"gone".to_vec()),
    ]);
    let session = start_with(&spec, &[("A", "extra"), ("C", "new")], &["B"]).unwrap();
    assert_eq!(session.finish().0, "/usr\r\n0077\r\nextra--new\r\n");
}

#[test]
fn the_terminal_controls_the_child() {
    let mut session = start(&spec(&["sh", "-c", "stty size; tty; echo ready; exec cat"])).unwrap();
    session.read_until("ready");
    assert!(
        session.journal.view(0).starts_with(b"40 120\r\n/dev/"),
        "{:?}",
        session.journal.view(0)
    );
    let master = session.pty.master.as_fd();
    assert_eq!(foreground(master), Some(session.child.pid));
    assert_eq!(session_leader(master), Some(session.child.pid));
    assert!(modes(master).unwrap().canonical && modes(master).unwrap().echo);
    let wide = Size::new(200, 50).unwrap();
    set_size(master, wide).unwrap();
    assert_eq!(size(master), Some(wide));
    nix::unistd::write(&session.pty.master, b"hello\n").unwrap();
    session.read_until("hello\r\nhello");
    // Ctrl-C reaches the foreground group through the terminal.
    nix::unistd::write(&session.pty.master, b"\x03").unwrap();
    assert_eq!(session.finish().1, libc::SIGINT);
}

#[test]
fn stopping_the_tree_ends_those_who_left_the_session_too() {
    let script = "setsid sh -c 'trap \"\" HUP; (setsid sleep 1000 & echo escaped; wait)' & sleep 1000 & echo started; wait";
    let mut session = start(&spec(&["sh", "-c", script])).unwrap();
    session.read_until("escaped");
    session.read_until("started");
    let mut tree = ProcessTree::of(session.child.pid, "none", None);
    // Shell, its two children, and the escapees below one of them, however many shells these are.
    while tree.pids().len() < 4 {
        tree.refresh();
    }
    let escaped = tree
        .pids()
        .into_iter()
        .filter(|pid| process::Stat::of(*pid).is_some_and(|s| s.session != session.child.pid));
    assert!(escaped.count() >= 2);
    assert!(tree.signal(0) >= 4);
    while !tree.is_gone() {
        tree.signal(libc::SIGKILL);
        std::thread::yield_now();
    }
    assert_eq!(session.finish().1, libc::SIGKILL);
}

#[test]
fn the_best_terminal_is_one_the_machine_knows() {
    let home = TempDir::new().unwrap();
    let entry = |name: &str| {
        let dir = home.path().join(".terminfo").join(&name[..1]);
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join(name), "").unwrap();
    };
    let path = home.path().to_str().unwrap().to_owned();
    let var = |name: &str| (name == "HOME").then_some(path.as_bytes());
    let system = best_term(|_| None);
    assert!(["tmux-256color", "screen-256color", "xterm-256color"].contains(&system));
    entry("tmux-256color");
    assert_eq!(best_term(var), "tmux-256color");
}

fn executable(dir: &Path, name: &str, text: &str) -> String {
    // A child born meanwhile would hold the file open for writing, and nobody could run it.
    let _turn = reap::turn();
    let path = dir.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(path.metadata().unwrap().permissions().mode() & 0o111 != 0);
    path.to_str().unwrap().to_owned()
}

/// Stops that come together share one look at the machine; a session that was born after it must
/// not be missed.
#[test]
fn a_leader_younger_than_the_shared_look_is_found() {
    let _turn = reap::turn();
    let before = ProcessTree::of(std::process::id().cast_signed(), "none", None);
    assert!(!before.pids().is_empty());
    let mut child = std::process::Command::new("sleep")
        .arg("1000")
        .spawn()
        .unwrap();
    let tree = ProcessTree::of(child.id().cast_signed(), "none", None);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(tree.pids(), [child.id().cast_signed()]);
}
