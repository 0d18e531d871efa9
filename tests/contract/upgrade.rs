//! `psup upgrade`: another build in the place of the running one, and back where it does not come
//! up.

use crate::house::House;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// A copy of the binary, as a later build would be.
fn copy(house: &House) -> PathBuf {
    let copy = house.path("newer");
    std::fs::copy(env!("CARGO_BIN_EXE_psup"), &copy).unwrap();
    copy
}

/// A program that answers as a psup when it is asked, and does as `guardian` and `worker` say in
/// these roles.
fn impostor(house: &House, guardian: &str, worker: &str) {
    let psup = env!("CARGO_BIN_EXE_psup");
    let script = format!(
        "#!/bin/bash\ncase \"$1\" in __probe) exec {psup} __probe;; __worker) {worker};; *) {guardian};; esac\n"
    );
    let path = house.write("impostor", script);
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
}

/// A session that works, and a supervisor whose two processes are known.
struct Before {
    guardian: i32,
    child: i64,
}

fn before(house: &House) -> Before {
    house.ok("spawn kept --shell 'echo up; exec cat'");
    house.ok("wait kept --text up");
    Before {
        guardian: house.pid_of("guardian_pid"),
        child: house.info("kept")["pid"].as_i64().unwrap(),
    }
}

impl Before {
    fn session_is_untouched(&self, house: &House) {
        let info = house.info("kept");
        assert_eq!(
            (info["id"].as_str(), info["pid"].as_i64()),
            (Some("kept#1"), Some(self.child))
        );
        house.ok("send kept hello --enter");
        house.ok("wait kept --text hello");
    }
}

#[test]
fn an_upgrade_under_full_output_loses_no_byte_and_no_exit() {
    let house = House::new();
    let copy = copy(&house);
    let before = before(&house);
    house.ok("spawn load --log-limit 1g --shell 'stty raw; seq 1000000; read x; exit 9'");
    let worker = house.pid_of("worker_pid");
    assert_eq!(house.ok("upgrade --binary newer"), "0.1.0 -> 0.1.0");
    assert_eq!(
        house.pid_of("guardian_pid"),
        before.guardian,
        "the guardian becomes the new build in place"
    );
    assert_ne!(house.pid_of("worker_pid"), worker);
    let image = std::fs::read_link(format!("/proc/{}/exe", before.guardian)).unwrap();
    assert_eq!(image, copy);
    house.ok("wait load --text '^1000000$'");
    house.ok("send load --raw-hex 0a");
    house.ok("wait load --exit");
    assert_eq!(house.info("load")["exit"]["code"], 9);
    let numbers: Vec<u32> = house
        .ok("read load --text")
        .lines()
        .filter_map(|line| line.trim().parse().ok())
        .collect();
    assert!(
        numbers.iter().copied().eq(1..=1_000_000),
        "{} numbers",
        numbers.len()
    );
    before.session_is_untouched(&house);
}

/// The old worker has gone and the new one is not there yet: for that moment the guardian had
/// everything alone.
#[test]
fn a_guardian_killed_in_the_middle_of_an_upgrade_loses_no_session() {
    let house = House::new();
    copy(&house);
    let before = before(&house);
    for _ in 0..12 {
        let (guardian, worker) = (house.pid_of("guardian_pid"), house.pid_of("worker_pid"));
        let upgrade = house.start(house.psup("upgrade --binary newer"));
        while is_running(worker) {
            assert!(!house.left().is_zero(), "the old worker does not finish");
            std::hint::spin_loop();
        }
        crate::house::kill(guardian);
        // Told as done by whoever is there then, or as taken back.
        drop(upgrade.outcome());
        house.until_replaced("guardian_pid", guardian);
        assert_eq!(house.info("kept")["pid"].as_i64(), Some(before.child));
    }
    before.session_is_untouched(&house);
}

/// Whether a process is there and not a zombie.
fn is_running(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ")
        .next()
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['Z', 'X']))
}

#[test]
fn a_wait_and_a_follower_go_on_over_an_upgrade() {
    let house = House::new();
    copy(&house);
    let before = before(&house);
    let waiter = house.start(house.psup("wait kept --text '^later$'"));
    house.ok("upgrade --binary newer");
    house.ok("send kept later --enter");
    waiter.end().ended(0);
    before.session_is_untouched(&house);
}

#[test]
fn what_is_no_psup_is_refused_before_anything_changes() {
    let house = House::new();
    let before = before(&house);
    let worker = house.pid_of("worker_pid");
    house.write("text", "hello\n");
    let executable = house.write("executable-text", "hello\n");
    std::fs::set_permissions(executable, PermissionsExt::from_mode(0o755)).unwrap();
    for binary in ["/bin/false", "text", "executable-text", "missing", "."] {
        assert_eq!(
            house.refused(1, &format!("upgrade --binary {binary}")),
            "cannot-start",
            "{binary}"
        );
    }
    assert_eq!(
        (house.pid_of("guardian_pid"), house.pid_of("worker_pid")),
        (before.guardian, worker)
    );
    before.session_is_untouched(&house);
}

#[test]
fn a_program_that_others_may_change_is_refused_before_any_of_it_runs() {
    let house = House::new();
    let before = before(&house);
    for (mode, why) in [
        (0o4755, "setuid"),
        (0o2755, "setgid"),
        (0o757, "everybody may write"),
    ] {
        let script = house.write("theirs", "#!/bin/sh\ntouch ran\n");
        std::fs::set_permissions(script, PermissionsExt::from_mode(mode)).unwrap();
        let said = house.no(1, "upgrade --binary theirs");
        assert!(said.contains(why), "{said}");
    }
    let script = house.write("foreign", "#!/bin/sh\ntouch ran\n");
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    // Only root can give a file away.
    if nix::unistd::geteuid().is_root() {
        nix::unistd::chown(&script, Some(65_533.into()), None).unwrap();
        let said = house.no(1, "upgrade --binary foreign");
        assert!(said.contains("belongs to user 65533"), "{said}");
    }
    assert!(!house.path("ran").exists());
    before.session_is_untouched(&house);
}

#[test]
fn a_build_of_another_protocol_is_refused_with_both_versions() {
    let house = House::new();
    let before = before(&house);
    let script = "#!/bin/sh\necho '{\"psup\":\"9.0.0\",\"protocol\":[7,9],\"guardian\":1}'\n";
    std::fs::set_permissions(
        house.write("later", script),
        PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    let said = house.no(5, "upgrade --binary later");
    assert!(
        said.contains("protocol 7-9") && said.contains("9.0.0"),
        "{said}"
    );
    before.session_is_untouched(&house);
}

#[test]
fn a_build_whose_guardian_ends_is_taken_back() {
    let house = House::new();
    let before = before(&house);
    impostor(&house, "exit 1", "exit 1");
    assert_eq!(
        house.refused(1, "upgrade --binary impostor"),
        "cannot-start"
    );
    before.session_is_untouched(&house);
}

#[test]
fn a_build_whose_guardian_does_nothing_is_ended_and_taken_back() {
    let house = House::new();
    let before = before(&house);
    impostor(&house, "exec sleep 1000", "exit 1");
    assert_eq!(
        house.refused(1, "upgrade --binary impostor"),
        "cannot-start"
    );
    assert!(
        !std::path::Path::new(&format!("/proc/{}/environ", before.guardian)).exists()
            || house.pid_of("guardian_pid") != before.guardian
    );
    before.session_is_untouched(&house);
}

#[test]
fn a_build_whose_worker_ends_is_taken_back() {
    let house = House::new();
    let before = before(&house);
    let psup = env!("CARGO_BIN_EXE_psup");
    impostor(&house, &format!("exec -a ptyguard {psup}"), "exit 3");
    assert_eq!(
        house.refused(1, "upgrade --binary impostor"),
        "cannot-start"
    );
    assert_eq!(house.pid_of("guardian_pid"), before.guardian);
    before.session_is_untouched(&house);
}

#[test]
fn a_build_whose_worker_ends_after_its_hello_is_taken_back() {
    let house = House::new();
    let before = before(&house);
    let psup = env!("CARGO_BIN_EXE_psup");
    // The worker serves, and breaks down a moment later by its own doing.
    let worker = format!("{{ sleep 0.2; kill -ABRT $$; }} & exec {psup} __worker");
    impostor(&house, &format!("exec -a ptyguard {psup}"), &worker);
    assert_eq!(
        house.refused(1, "upgrade --binary impostor"),
        "cannot-start"
    );
    assert_eq!(house.pid_of("guardian_pid"), before.guardian);
    before.session_is_untouched(&house);
}

#[test]
fn a_binary_that_was_replaced_or_removed_still_restarts() {
    let house = House::new();
    let copy = copy(&house);
    let before = before(&house);
    house.ok("upgrade --binary newer");
    std::fs::remove_file(&copy).unwrap();
    for who in ["worker_pid", "guardian_pid", "worker_pid"] {
        let pid = house.pid_of(who);
        crate::house::kill(pid);
        before.session_is_untouched(&house);
        // The next kill is to leave one of two.
        house.until_replaced(who, pid);
    }
}

#[test]
fn without_a_supervisor_there_is_nothing_to_upgrade() {
    let house = House::new();
    assert_eq!(house.refused(5, "upgrade"), "unreachable");
}
