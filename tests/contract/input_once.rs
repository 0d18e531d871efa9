//! Input is typed once, whatever is killed: a send is done, or it is told that it may be.

use psup_harness::{TestEnv, kill};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

const SENDERS: usize = 4;
const SENDS: usize = 30;

#[test]
fn a_send_over_which_workers_die_is_typed_once_or_told_to_be_in_doubt() {
    let env = TestEnv::new();
    env.ok("spawn sink --shell 'stty raw -echo; echo ready; exec tee got'");
    env.ok("wait sink --text ready");
    let over = AtomicBool::new(false);
    let codes: BTreeMap<String, String> = std::thread::scope(|scope| {
        let env = &env;
        let senders: Vec<_> = (0..SENDERS)
            .map(|n| scope.spawn(move || send_all(env, n)))
            .collect();
        let killer = scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                env.ok("info sink");
                kill(env.pid_of("worker_pid"));
            }
        });
        let codes = senders
            .into_iter()
            .flat_map(|sender| sender.join().unwrap())
            .collect();
        over.store(true, Ordering::Relaxed);
        killer.join().unwrap();
        codes
    });
    env.ok("send sink 'the last word'");
    env.ok("wait sink --text 'the last word' --on output --since 0");
    let got = String::from_utf8(env.read("got")).unwrap();
    for (line, code) in &codes {
        let times = got.matches(line.as_str()).count();
        match code.as_str() {
            "done" => assert_eq!(times, 1, "{line} was done"),
            "maybe-delivered" => assert!(times <= 1, "{line} came {times} times"),
            other => panic!("{}: {other}", &line[..8]),
        }
    }
    let done = codes.values().filter(|code| *code == "done").count();
    assert!(
        done > 0 && codes.len() == SENDERS * SENDS,
        "{done} of {}",
        codes.len()
    );
}

/// Sends lines that are like no other, each larger than what a terminal takes at once, and tells
/// what was answered.
fn send_all(env: &TestEnv, sender: usize) -> Vec<(String, String)> {
    let send = |n| {
        let line = format!("<{sender}.{n}>{}", "x".repeat(6000));
        let mut command = env.psup("--json send sink --");
        command.arg(&line);
        let told = env.run(command);
        let answer = match told.code {
            Some(0) => "done".to_owned(),
            _ => serde_json::from_str::<serde_json::Value>(&told.err).unwrap()["error"]["code"]
                .as_str()
                .unwrap()
                .to_owned(),
        };
        (line, answer)
    };
    (0..SENDS).map(send).collect()
}
