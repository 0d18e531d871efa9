//! `psup checkpoint` and `psup restore`: what was written up to an offset, and nothing else.

use psup_harness::TestEnv;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes for as long as it lives.
const WRITER: &str = "sh -c 'i=0; while :; do echo line $i; i=$((i+1)); done'";

fn verify(env: &TestEnv, code: i32, file: &str) -> Vec<Value> {
    let line = format!("--json checkpoint --verify {file}");
    env.run(env.psup(&line)).ended(code).jsons()
}

/// What `read` gives of a session in a profile.
fn read(env: &TestEnv, profile: &str, name: &str) -> Vec<u8> {
    let line = format!("--profile {profile} read {name}");
    env.run(env.psup(&line)).ended(0).bytes
}

#[test]
fn sessions_that_write_are_restored_byte_for_byte_up_to_the_recorded_offset() {
    let env = TestEnv::new();
    let writers = ["w1", "w2", "w3", "w4"];
    for name in writers {
        env.ok(&format!("spawn {name} -- {WRITER}"));
        env.ok(&format!("wait {name} --text 'line 1000' --since 0"));
    }
    env.ok(r"spawn done -- printf '\000\377last'");
    env.ok("wait done --exit");
    env.ok("spawn plain --log-limit 64k --label a=b -- cat");
    let made = env.json("checkpoint all.tar");
    assert_eq!(made["sessions"], 6);
    let mode = std::fs::metadata(env.path("all.tar"))
        .unwrap()
        .permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    let told = verify(&env, 0, "all.tar");
    assert_eq!(told[0]["ok"], true, "{told:?}");
    assert!(env.ok("list").contains("w4"), "they run on");

    env.ok("--profile two restore all.tar");
    for copied in made["offsets"].as_array().unwrap() {
        let id = copied["id"].as_str().unwrap();
        let offset = usize::try_from(copied["offset"].as_u64().unwrap()).unwrap();
        let (here, there) = (read(&env, "default", id), read(&env, "two", id));
        assert_eq!(there.len(), offset, "{id}");
        assert!(here[..offset] == there, "{id} is another text");
    }
    let infos = env.jsons("--profile two list --all");
    assert!(
        infos.iter().all(|info| info["state"] == "ended"),
        "{infos:?}"
    );
    let exit = |name: &str| env.json(&format!("--profile two info {name}"))["exit"].clone();
    assert_eq!(exit("done")["code"], 0);
    assert_eq!(exit("w1")["kind"], "unknown");
}

#[test]
fn a_restored_session_is_captured_read_by_time_and_started_again_with_its_command() {
    let env = TestEnv::new();
    env.ok("spawn web --label tier=front --restart always -- sh -c 'echo $0 up; exec cat' it");
    env.ok("wait web --text 'it up' --since 0");
    env.ok("checkpoint web.tar web");
    env.ok("--profile two restore web.tar");
    assert_eq!(env.ok("--profile two capture web").trim(), "it up");
    assert_eq!(env.ok("--profile two read web --since 1h --text"), "it up");
    assert_eq!(env.ok("--profile two read web --grep up"), "it up");
    assert!(
        env.jsons("--profile two list").is_empty(),
        "none is started by itself"
    );
    env.ok("--profile two restart web");
    env.ok("--profile two wait web --text 'it up' --since 0");
    let info = env.json("--profile two info web");
    assert_eq!(
        (&info["id"], &info["labels"]["tier"]),
        (&"web#2".into(), &"front".into())
    );
}

#[test]
fn a_checkpoint_takes_no_files_place_and_does_not_lie_in_what_it_copies() {
    let env = TestEnv::new();
    env.ok("spawn web -- cat");
    env.write("there.tar", "mine");
    assert!(env.no(2, "checkpoint there.tar").contains("exists already"));
    assert_eq!(env.read("there.tar"), b"mine");
    let state = env.json("status")["state_dir"].as_str().unwrap().to_owned();
    for inside in [
        &state,
        Path::new(&state).parent().unwrap().to_str().unwrap(),
    ] {
        env.no(2, &format!("checkpoint {inside}/x.tar"));
    }
    env.no(3, "checkpoint new.tar nobody");
    env.no(1, "checkpoint none/new.tar");
    assert!(env.no(2, "checkpoint").contains("FILE"));
    let left: Vec<_> = env.files().into_iter().collect();
    assert!(
        !left
            .iter()
            .any(|path| path.to_string_lossy().contains("new.tar")),
        "{left:?}"
    );
}

#[test]
fn a_pipe_carries_a_checkpoint_from_one_supervisor_to_another() {
    let env = TestEnv::new();
    env.ok("spawn a -- sh -c 'echo from a; exec cat'");
    env.ok("spawn b -- cat");
    env.ok("wait a --text 'from a' --since 0");
    let tar = env.run(env.psup("checkpoint - a")).ended(0).bytes;
    assert_eq!(
        env.fed(env.psup("checkpoint --verify -"), &tar)
            .ended(0)
            .err,
        ""
    );
    let restored = env.fed(env.psup("--profile two restore -"), &tar).ended(0);
    assert_eq!(restored.text(), "a#1\n");
    assert_eq!(env.ok("--profile two read a --text"), "from a");
}

#[test]
fn a_cut_a_changed_byte_and_a_missing_member_are_told_and_nothing_of_it_is_restored() {
    let env = TestEnv::new();
    env.ok("spawn web -- sh -c 'echo kept; exec cat'");
    env.ok("wait web --text kept --since 0");
    env.ok("checkpoint all.tar");
    let whole = env.read("all.tar");
    let problem = |bytes: &[u8]| {
        env.write("bad.tar", bytes);
        let told = verify(&env, 1, "bad.tar");
        assert_eq!(told[0]["ok"], false);
        env.no(2, "--profile two restore bad.tar");
        assert!(env.jsons("--profile two list --all").is_empty());
        told[0]["problems"][0].as_str().unwrap().to_owned()
    };
    for length in [
        0,
        1,
        511,
        512,
        whole.len() / 2,
        whole.len() - 1024,
        whole.len() - 1,
    ] {
        problem(&whole[..length]);
    }
    let finder = memchr::memmem::Finder::new("kept\r\n");
    let kept = finder.find(&whole).expect("the output as it was written");
    // Every tenth byte is one of a header, of a member, of the padding or of the end.
    for at in (0..whole.len()).step_by(whole.len() / 40).chain([kept]) {
        let mut changed = whole.clone();
        changed[at] ^= 0x20;
        let told = problem(&changed);
        if at == kept {
            assert!(told.ends_with(".log is not what was written"), "{told}");
        }
    }
    // The member is gone with its header: 512 bytes of both.
    let without = [&whole[..kept - 512], &whole[kept + 512..]].concat();
    assert!(problem(&without).ends_with(".log is missing"));
    assert!(problem(&[&whole[..], b"more"].concat()).contains("follows its end"));
    assert!(problem(b"some other file").contains("no checkpoint"));
}

#[test]
fn all_is_restored_or_nothing_and_no_id_comes_twice() {
    let env = TestEnv::new();
    for _ in 0..3 {
        env.ok("spawn web -- true");
        env.ok("wait web --exit");
    }
    env.ok("spawn db -- cat");
    env.ok("checkpoint all.tar");
    assert!(
        env.no(4, "restore all.tar")
            .contains("session named \"db\" already")
    );
    env.ok("stop db");
    env.ok("forget db");
    env.no(4, "restore all.tar");
    assert_eq!(env.no(3, "restore all.tar nobody").lines().count(), 2);
    // Its name is free again, its number is not.
    assert_eq!(env.ok("restore all.tar db"), "db#2 (was db#1)");
    assert_eq!(env.ok("--profile two restore all.tar web#2"), "web#2");
    assert_eq!(env.ok("--profile two spawn web -- true"), "web#4");
    assert_eq!(
        env.ok("--profile three restore all.tar"),
        "db#1\nweb#1\nweb#2\nweb#3"
    );
    assert_eq!(
        env.jsons("--profile four restore all.tar db")[0]["id"],
        "db#1"
    );
}

#[test]
fn what_the_limits_of_ended_sessions_would_drop_is_not_restored() {
    let env = TestEnv::new();
    for name in ["a", "b", "c"] {
        env.ok(&format!("spawn {name} -- true"));
        env.ok(&format!("wait {name} --exit"));
    }
    env.ok("checkpoint all.tar");
    env.ok("--profile two status --start");
    env.ok("--profile two forget --keep 2");
    let told = env.no(1, "--profile two restore all.tar");
    assert!(told.contains("`psup forget --keep 3`"), "{told}");
    assert!(env.jsons("--profile two list --all").is_empty());
    env.ok("--profile two forget --keep 3");
    env.ok("--profile two restore all.tar");
}
