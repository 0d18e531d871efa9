//! When everything is killed, or the machine goes down: what was lost is told, what was printed is
//! there, and what was to come back comes back as a new life.

use psup_harness::TestEnv;

/// The machine goes down and comes up: processes and memory are gone, and the records are those of
/// another boot.
fn reboot(env: &TestEnv, names: &[&str]) {
    let dirs: Vec<std::path::PathBuf> = names
        .iter()
        .map(|n| env.info(n)["log"].as_str().unwrap().into())
        .collect();
    env.kill_supervisor();
    for dir in dirs {
        let record = dir.join("life.json");
        let text = std::fs::read_to_string(&record).unwrap();
        let (before, after) = text.split_once("\"boot_id\":\"").unwrap();
        std::fs::write(record, format!("{before}\"boot_id\":\"another {after}")).unwrap();
        let key = dir.file_name().unwrap();
        let shared =
            std::path::Path::new("/dev/shm").join(format!("psup-{}", nix::unistd::geteuid()));
        for rings in std::fs::read_dir(shared).into_iter().flatten().flatten() {
            drop(std::fs::remove_file(rings.path().join(key)));
        }
    }
    env.ok("status --start");
}

#[test]
fn a_session_whose_supervisor_was_killed_is_lost_and_all_of_it_is_there() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'seq 1000; echo last words; exec cat'");
    env.ok("wait a --text 'last words'");
    env.kill_supervisor();
    env.ok("status --start");
    let info = env.info("a");
    assert_eq!(
        (info["state"].as_str(), info["id"].as_str()),
        (Some("lost"), Some("a#1"))
    );
    assert!(
        info["exit"].to_string().contains("supervisor-killed"),
        "{info}"
    );
    assert!(
        env.ok("capture a").contains("last words"),
        "the last screen"
    );
    assert_eq!(env.ok("read a --text").lines().count(), 1001);
    assert_eq!(env.ok("restart a"), "a#2");
    assert_eq!(env.info("a")["state"], "running");
    assert_eq!(env.info("a#1")["state"], "lost", "each life is told apart");
}

#[test]
fn after_a_reboot_what_was_to_come_back_comes_back_and_the_rest_is_lost_with_its_last_screen() {
    let env = TestEnv::new();
    env.ok("spawn plain --shell 'echo plain words; exec cat'");
    env.ok("spawn boot --on-boot --shell 'echo boot words; exec cat'");
    env.ok("spawn always --restart always --shell 'echo always words; exec cat'");
    env.ok("spawn stopped --on-boot -- cat");
    env.ok("stop stopped");
    for name in ["plain", "boot", "always"] {
        env.ok(&format!("wait {name} --text words"));
        env.ok(&format!("wait {name} --idle 1s"));
    }
    reboot(&env, &["plain", "boot", "always"]);
    assert_eq!(env.info("plain")["state"], "lost");
    for (name, life) in [("boot", "boot#2"), ("always", "always#2")] {
        let info = env.info(name);
        assert_eq!(
            (info["id"].as_str(), info["state"].as_str()),
            (Some(life), Some("running"))
        );
        env.ok(&format!("wait {name} --text words"));
    }
    assert_eq!(
        env.info("stopped")["id"],
        "stopped#1",
        "who was stopped stays so"
    );
    for name in ["plain#1", "boot#1", "always#1"] {
        let info = env.info(name);
        assert_eq!(info["state"], "lost");
        assert!(info["exit"].to_string().contains("reboot"), "{info}");
        assert!(
            env.ok(&format!("capture {name}")).contains("words"),
            "the last screen"
        );
        assert!(env.ok(&format!("read {name} --text")).contains("words"));
    }
    assert_eq!(env.ok("restart plain"), "plain#2");
}

#[test]
fn an_exit_after_worker_and_guardian_were_both_replaced_is_right_or_told_unknown() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo up; read x; exit 42'");
    env.ok("wait a --text up");
    // First its parent dies, then the guardian that adopted it.
    for who in ["worker_pid", "guardian_pid"] {
        env.kill_half(who);
    }
    env.ok("send a --enter");
    env.ok("wait a --exit");
    let exit = &env.info("a")["exit"];
    // Linux keeps the status with the pidfd since 6.15; before, nobody may have seen it.
    let kernel = nix::sys::utsname::uname()
        .unwrap()
        .release()
        .to_string_lossy()
        .into_owned();
    let version: Vec<u32> = kernel
        .split('.')
        .map_while(|part| part.parse().ok())
        .collect();
    if version >= vec![6, 15] || exit["known"] == true {
        assert_eq!(exit["code"], 42, "{exit}");
    } else {
        assert_eq!(exit["known"], false, "{exit}");
    }
}
