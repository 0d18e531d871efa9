//! What is promised, one sentence a test.

use crate::supervisor::{Process, Supervisor, is_readable, kill_and_wait};
use psup_proto::Code;
use psup_supervisor::platform::lock::{self, Patience};
use psup_supervisor::platform::watch::{For, Watch};
use psup_supervisor::start::connect;
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

type Test = (&'static str, fn());

/// Each by the name of its function.
macro_rules! all {
    ($($test:ident),* $(,)?) => { &[$((stringify!($test), $test)),*] };
}

pub(crate) const ALL: &[Test] = all![
    without_leave_to_start_nobody_is_reached,
    forty_starters_at_once_make_one_guardian,
    a_stale_socket_heals,
    a_live_supervisor_that_does_not_listen_is_left_alone,
    a_pipe_of_the_starter_is_at_its_end_when_the_starter_is,
    nothing_of_the_starter_is_left_in_the_guardian,
    a_killed_worker_is_replaced_and_everything_is_still_held,
    a_killed_guardian_is_replaced_by_its_worker,
    mixed_kills_keep_what_is_held_and_every_exit,
    the_guardian_records_the_exit_of_an_adopted_child,
    a_worker_that_hangs_ends_itself,
    a_stopped_worker_goes_on,
    a_deleted_socket_is_bound_again,
    a_deleted_run_directory_comes_back,
    a_long_path_works,
    goodbye_ends_both_and_removes_the_socket,
    a_start_during_an_end_waits_for_the_end,
    signals_that_ask_for_the_end_are_logged_and_end_nothing,
    a_deleted_binary_still_restarts,
    an_upgrade_keeps_the_guardians_pid_and_what_is_held,
    an_upgrade_to_no_program_is_told_and_changes_nothing,
    an_upgrade_to_a_program_that_dies_is_rolled_back,
    an_upgrade_whose_worker_dies_is_rolled_back,
];

fn without_leave_to_start_nobody_is_reached() {
    let failure = connect(&Supervisor::absent().place, false).unwrap_err();
    assert_eq!(
        (failure.code, failure.message.as_str()),
        (Code::Unreachable, "no supervisor is running")
    );
}

/// A client in a process of its own, which starts the supervisor of `dir` if there is none.
fn starter(dir: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .arg("--ask")
        .arg(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn forty_starters_at_once_make_one_guardian() {
    let supervisor = Supervisor::absent();
    let starters: Vec<_> = (0..40)
        .map(|_| starter(supervisor.dir()).spawn().unwrap())
        .collect();
    let guardians: BTreeSet<String> = starters
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            String::from_utf8(output.stdout)
                .unwrap()
                .split(' ')
                .nth(1)
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(guardians.len(), 1, "{guardians:?}");
}

fn a_stale_socket_heals() {
    let supervisor = Supervisor::absent();
    drop(UnixListener::bind(supervisor.dirs.run.join("sock")).unwrap());
    assert!(connect(&supervisor.place, false).is_err());
    connect(&supervisor.place, true).unwrap();
    assert_eq!(supervisor.ask("who")["cold"], "true");
}

fn a_live_supervisor_that_does_not_listen_is_left_alone() {
    let supervisor = Supervisor::absent();
    let socket = supervisor.dirs.run.join("sock");
    drop(UnixListener::bind(&socket).unwrap());
    let _alive = lock::take(&supervisor.dirs.state.join(lock::ALIVE), Patience::Ask)
        .unwrap()
        .unwrap();
    let failure = connect(&supervisor.place, true).unwrap_err();
    assert_eq!(
        (failure.code, failure.message.as_str()),
        (
            Code::Unreachable,
            "a supervisor is alive but does not listen"
        )
    );
    assert!(socket.exists());
}

fn a_pipe_of_the_starter_is_at_its_end_when_the_starter_is() {
    let supervisor = Supervisor::absent();
    // Both ends are inherited by every child that does not close them.
    let (read, write) = nix::unistd::pipe().unwrap();
    assert!(starter(supervisor.dir()).output().unwrap().status.success());
    drop(write);
    assert!(is_readable(&read));
    assert_eq!(fs::File::from(read).read(&mut [0]).unwrap(), 0);
}

fn nothing_of_the_starter_is_left_in_the_guardian() {
    let supervisor = Supervisor::absent();
    assert!(
        starter(supervisor.dir())
            .env("RUNNER_TRACKING_ID", "github_1")
            .output()
            .unwrap()
            .status
            .success()
    );
    for who in ["guardian", "worker"] {
        let pid = supervisor.number(who);
        let environment = fs::read_to_string(format!("/proc/{pid}/environ")).unwrap();
        assert!(!environment.contains("RUNNER_TRACKING_ID"), "{environment}");
        assert_eq!(
            fs::read_link(format!("/proc/{pid}/cwd")).unwrap(),
            Path::new("/")
        );
    }
    let guardian = supervisor.number("guardian");
    assert_eq!(
        fs::read_to_string(format!("/proc/{guardian}/comm")).unwrap(),
        "ptyguard\n"
    );
    assert_eq!(
        fs::read_to_string(format!("/proc/{guardian}/cmdline")).unwrap(),
        "ptyguard\0"
    );
}

fn a_killed_worker_is_replaced_and_everything_is_still_held() {
    let supervisor = Supervisor::started();
    supervisor.ask("spawn a exec sleep 1000");
    let before = supervisor.ask("who");
    for _ in 0..50 {
        supervisor.kill_worker();
    }
    let after = supervisor.ask("who");
    for same in ["guardian", "held", "nonce", "resumed"] {
        assert_eq!(before[same], after[same]);
    }
    assert_eq!(after["held"], "pty:a,ring:a");
    assert_eq!(
        (after["epoch"].as_str(), after["cold"].as_str()),
        ("51", "false")
    );
}

fn a_killed_guardian_is_replaced_by_its_worker() {
    let supervisor = Supervisor::started();
    supervisor.ask("spawn a exec sleep 1000");
    let before = supervisor.ask("who");
    supervisor.kill_guardian();
    let after = supervisor.ask("who");
    assert_eq!(after["guardian"], before["worker"]);
    assert_eq!(
        (
            after["held"].as_str(),
            after["resumed"].as_str(),
            after["cold"].as_str()
        ),
        ("pty:a,ring:a", "1", "false")
    );
    assert_eq!(after["nonce"], before["nonce"]);
    let log = supervisor.log();
    assert!(
        log.contains("the guardian is gone, taking its place"),
        "{log}"
    );
}

fn mixed_kills_keep_what_is_held_and_every_exit() {
    let supervisor = Supervisor::started();
    // Each child ends with its own number when it has read a line.
    let keys = ["a", "b", "c", "d", "e", "f"];
    let spawn =
        |number: usize| supervisor.ask(&format!("spawn {} read x; exit {number}", keys[number]));
    // A child of a worker that becomes the guardian stays its child; one of a worker that dies is
    // adopted by the guardian. (One that was adopted and whose guardian dies then has strangers for
    // witnesses: that is the worker's part.)
    spawn(0);
    supervisor.kill_guardian();
    spawn(1);
    supervisor.kill_worker();
    for number in 2..keys.len() {
        spawn(number);
        supervisor.kill_worker();
    }
    let after = supervisor.ask("who");
    assert_eq!(
        (after["held"].split(',').count(), after["epoch"].as_str()),
        (12, "7")
    );
    for (number, key) in keys.into_iter().enumerate() {
        supervisor.ask(&format!("type {key}"));
        let exit = supervisor.ask(&format!("exit {key}"));
        assert_eq!(
            exit.get("raw"),
            Some(&(number << 8).to_string()),
            "{key}: {exit:?}"
        );
    }
}

fn the_guardian_records_the_exit_of_an_adopted_child() {
    let supervisor = Supervisor::started();
    let pid: i32 = supervisor.ask("spawn a exec sleep 1000")["pid"]
        .parse()
        .unwrap();
    supervisor.kill_worker();
    let waiting = supervisor.begin("exit a");
    kill_and_wait(pid);
    let exit = waiting.answer().unwrap();
    assert_eq!((exit["raw"].as_str(), exit["by"].as_str()), ("9", "2"));
}

fn a_worker_that_hangs_ends_itself() {
    let supervisor = Supervisor::started();
    supervisor.ask("spawn a exec sleep 1000");
    let before = supervisor.ask("who");
    // Some processor time later there is no answer but a new worker.
    assert_eq!(supervisor.ask_once("loop"), None);
    let after = supervisor.ask("who");
    assert_eq!(
        (&after["guardian"], &after["held"], after["epoch"].as_str()),
        (&before["guardian"], &before["held"], "2")
    );
}

fn a_stopped_worker_goes_on() {
    let supervisor = Supervisor::started();
    let worker = supervisor.number("worker");
    Process::open(worker).signal(libc::SIGSTOP);
    assert_eq!(supervisor.number("worker"), worker);
}

fn a_deleted_socket_is_bound_again() {
    let supervisor = Supervisor::started();
    let before = supervisor.ask("who");
    fs::remove_file(supervisor.dirs.run.join("sock")).unwrap();
    // The ladder finds the supervisor alive and waits for its socket.
    connect(&supervisor.place, true).unwrap();
    let after = supervisor.ask("who");
    assert_eq!(
        (&after["guardian"], &after["worker"]),
        (&before["guardian"], &before["worker"])
    );
    supervisor.kill_worker();
    assert_eq!(supervisor.ask("who")["guardian"], before["guardian"]);
}

fn a_deleted_run_directory_comes_back() {
    let supervisor = Supervisor::started();
    let before = supervisor.ask("who");
    // In one step, because a slow deletion finds the socket back in the directory before it has
    // gone.
    fs::rename(&supervisor.dirs.run, supervisor.dir().join("away")).unwrap();
    connect(&supervisor.place, true).unwrap();
    assert_eq!(supervisor.ask("who")["guardian"], before["guardian"]);
}

fn a_long_path_works() {
    let dir = tempfile::tempdir().unwrap();
    let long = dir.path().join("x".repeat(120));
    let supervisor = Supervisor::at(&long, Some(dir));
    connect(&supervisor.place, true).unwrap();
    supervisor.kill_worker();
    supervisor.kill_guardian();
    assert_eq!(supervisor.ask("who")["resumed"], "1");
}

fn goodbye_ends_both_and_removes_the_socket() {
    let supervisor = Supervisor::started();
    let both = ["guardian", "worker"].map(|who| Process::open(supervisor.number(who)));
    supervisor.ask_once("bye");
    for process in both {
        process.wait();
    }
    assert!(!supervisor.dirs.run.join("sock").exists());
    assert!(connect(&supervisor.place, false).is_err());
}

fn a_start_during_an_end_waits_for_the_end() {
    let supervisor = Supervisor::absent();
    // Somebody who holds the lock, has no socket any more, and ends when a starter has come.
    let alive = lock::take(&supervisor.dirs.state.join(lock::ALIVE), Patience::Ask)
        .unwrap()
        .unwrap();
    let watch = Watch::new().unwrap();
    watch.look_at(&supervisor.dirs.run, For::Arrival).unwrap();
    let starter = starter(supervisor.dir()).spawn().unwrap();
    assert!(is_readable(&watch));
    drop(alive);
    assert!(starter.wait_with_output().unwrap().status.success());
    assert_eq!(supervisor.ask("who")["epoch"], "1");
}

fn signals_that_ask_for_the_end_are_logged_and_end_nothing() {
    let supervisor = Supervisor::started();
    let before = ["guardian", "worker"].map(|who| supervisor.number(who));
    for signal in [
        libc::SIGTERM,
        libc::SIGHUP,
        libc::SIGINT,
        libc::SIGUSR1,
        libc::SIGQUIT,
        libc::SIGALRM,
    ] {
        for pid in before {
            Process::open(pid).signal(signal);
        }
    }
    assert_eq!(
        ["guardian", "worker"].map(|who| supervisor.number(who)),
        before
    );
    let sender = format!(r#""sender":"{}""#, std::process::id());
    // The guardian has its turn when it pleases.
    let deadline = Instant::now() + Duration::from_secs(20);
    while supervisor.log().matches(&sender).count() < 3 {
        assert!(Instant::now() < deadline, "{}", supervisor.log());
        supervisor.ask("who");
    }
}

/// A copy of this program under another name.
fn copy_of_us(supervisor: &Supervisor, name: &str) -> std::path::PathBuf {
    let path = supervisor.dir().join(name);
    fs::copy(std::env::current_exe().unwrap(), &path).unwrap();
    path
}

fn a_deleted_binary_still_restarts() {
    let supervisor = Supervisor::absent();
    let program = copy_of_us(&supervisor, "program");
    let mut command = Command::new(&program);
    assert!(
        command
            .arg("--ask")
            .arg(supervisor.dir())
            .output()
            .unwrap()
            .status
            .success()
    );
    fs::remove_file(program).unwrap();
    supervisor.kill_worker();
    supervisor.kill_guardian();
    supervisor.kill_worker();
    assert_eq!(supervisor.ask("who")["resumed"], "1");
}

fn an_upgrade_keeps_the_guardians_pid_and_what_is_held() {
    let supervisor = Supervisor::started();
    supervisor.ask("spawn a exec sleep 1000");
    let before = supervisor.ask("who");
    let next = copy_of_us(&supervisor, "next");
    let old_worker = Process::open(before["worker"].parse().unwrap());
    assert_eq!(
        supervisor.ask_once(&format!("upgrade {}", next.display())),
        None
    );
    old_worker.wait();
    let after = supervisor.ask("who");
    assert_eq!(
        (
            &after["guardian"],
            &after["held"],
            after["resumed"].as_str()
        ),
        (&before["guardian"], &before["held"], "1")
    );
    for who in ["guardian", "worker"] {
        assert_eq!(
            fs::read_link(format!("/proc/{}/exe", after[who])).unwrap(),
            next
        );
    }
}

fn an_upgrade_to_no_program_is_told_and_changes_nothing() {
    let supervisor = Supervisor::started();
    supervisor.ask("spawn a exec sleep 1000");
    let before = supervisor.ask("who");
    let text = supervisor.dir().join("text");
    fs::write(&text, "not a program").unwrap();
    assert!(
        supervisor
            .ask_once(&format!("upgrade {}", text.display()))
            .unwrap()
            .contains_key("failed")
    );
    assert_eq!(supervisor.ask("who"), before);
    supervisor.kill_worker();
    assert_eq!(supervisor.ask("who")["held"], before["held"]);
}

fn an_upgrade_to_a_program_that_dies_is_rolled_back() {
    let supervisor = Supervisor::started();
    supervisor.ask("spawn a exec sleep 1000");
    let before = supervisor.ask("who");
    let guardian = Process::open(before["guardian"].parse().unwrap());
    assert_eq!(supervisor.ask_once("upgrade /bin/false"), None);
    guardian.wait();
    let mut after = supervisor.ask("who");
    while after["guardian"] != before["worker"] {
        after = supervisor.ask("who");
    }
    assert_eq!(after["held"], before["held"]);
}

fn an_upgrade_whose_worker_dies_is_rolled_back() {
    let supervisor = Supervisor::started();
    supervisor.ask("spawn a exec sleep 1000");
    let before = supervisor.ask("who");
    let old_worker = Process::open(before["worker"].parse().unwrap());
    let broken = copy_of_us(&supervisor, "broken");
    assert_eq!(
        supervisor.ask_once(&format!("upgrade {}", broken.display())),
        None
    );
    old_worker.wait();
    // The connection waits until a worker of the old build serves again.
    let after = supervisor.ask("who");
    assert_eq!(
        (
            &after["guardian"],
            &after["held"],
            after["resumed"].as_str()
        ),
        (&before["guardian"], &before["held"], "2")
    );
    assert_eq!(
        fs::read_link(format!("/proc/{}/exe", after["guardian"])).unwrap(),
        std::env::current_exe().unwrap()
    );
    assert!(supervisor.log().contains("the new build does not come up"));
}
