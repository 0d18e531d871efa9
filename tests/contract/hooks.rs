//! Hooks: the command runs, once or more often, whatever happens to psup meanwhile.
//!
//! `PSUP_HOOK_KILLS=300` makes it that many kills between an event and its delivery.

use psup_harness::{Dice, Stream, TestEnv, is_alive, kill};
use serde_json::Value;
use std::io::Write;

/// What hooks have written with `cat >> FILE`.
fn told(env: &TestEnv, file: &str) -> Vec<Value> {
    let text = String::from_utf8(env.read(file)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The outcome of the next delivery of a hook.
fn outcome(events: &Stream, hook: u32) -> Value {
    let own = format!("\"hook\":{hook},");
    loop {
        let event: Value = serde_json::from_str(&events.until(&own)).unwrap();
        if event["event"] != "hook-due" {
            return event;
        }
    }
}

#[test]
fn a_hook_reads_what_happened_and_its_outcome_is_told() {
    let env = TestEnv::new();
    env.ok("status --start");
    let events = env.stream("--json events --since 0");
    env.ok(
        "spawn a --on-exit 'cat >> exit' --on-match 'port (\\d+)' 'cat >> match' --shell 'echo one; echo on port 80 and port 81; echo port 82; read x; exit 4'",
    );
    outcome(&events, 2);
    outcome(&events, 2);
    env.ok("send a --enter");
    let exited: Value = serde_json::from_str(&events.until("\"exited\"")).unwrap();
    let ran = outcome(&events, 1);
    assert_eq!(
        (&ran["event"], &ran["of"], &ran["tries"]),
        (&"hook-delivered".into(), &exited["seq"], &1.into())
    );
    // A line is told once.
    let matches = told(&env, "match");
    let texts: Vec<_> = matches.iter().map(|m| m["match"]["text"].clone()).collect();
    assert_eq!(texts, ["port 80", "port 82"]);
    assert_eq!(matches[0]["match"]["groups"][0], "80");
    let exit = &told(&env, "exit")[0];
    assert_eq!(exit["event"], exited["seq"]);
    assert_eq!(
        (&exit["on"], &exit["id"], &exit["name"], &exit["generation"]),
        (&"exit".into(), &"a#1".into(), &"a".into(), &1.into())
    );
    assert_eq!(exit["exit"]["code"], 4);
    assert_eq!(exit["lines"][2], "port 82");
    assert_eq!(exit["left_out"], false);
    let list = env.jsons("hook list a");
    assert_eq!(list[0]["delivered"], 1);
    assert_eq!(list[1]["last"]["state"], "delivered");
}

#[test]
fn a_program_that_waits_is_told_once_for_each_question() {
    let env = TestEnv::new();
    env.ok("status --start");
    let events = env.stream("--json events --since 0");
    env.write(
        "ask",
        "printf 'Continue? '; read a; stty -echo; printf 'Password: '; read b; stty echo; echo; echo over; read c",
    );
    env.ok("spawn a --on-blocked 'cat >> blocked' -- sh ask");
    outcome(&events, 1);
    // A key that is echoed is no other question.
    env.ok("send a y");
    env.ok("send a --enter");
    outcome(&events, 1);
    env.ok("send a secret --enter --secret");
    outcome(&events, 1);
    let words: Vec<_> = told(&env, "blocked")
        .iter()
        .map(|m| m["blocked"].clone())
        .collect();
    assert_eq!(words, ["question", "password", "input"]);
    assert!(!String::from_utf8_lossy(&env.read("blocked")).contains("secret"));

    env.ok("hook add a blocked password -- sh -c 'cat >> passwords'");
    env.ok("send a --enter");
    events.until("\"exited\"");
    assert!(told(&env, "passwords").is_empty());
}

#[test]
fn quiet_is_told_again_after_output_only() {
    let env = TestEnv::new();
    env.ok("status --start");
    let events = env.stream("--json events --since 0");
    env.ok("spawn a --on-idle 300ms 'cat >> idle' -- cat");
    outcome(&events, 1);
    env.ok("send a hello --enter");
    outcome(&events, 1);
    // The second of these is no third one.
    assert_eq!(told(&env, "idle").len(), 2);
    assert_eq!(told(&env, "idle")[1]["lines"][1], "hello");
}

#[test]
fn a_command_that_fails_is_run_again_until_it_returns_0_or_too_often() {
    let env = TestEnv::new();
    env.ok("status --start");
    let events = env.stream("--json events --since 0");
    env.write(
        "flaky",
        "echo try >> tries; [ $(wc -l < tries) -ge 2 ] && exit 0; echo no such door >&2; exit 9",
    );
    env.ok("hook add --all exit -- sh flaky");
    env.ok("hook add --all exit --tries 1 -- ./nowhere");
    env.ok("spawn a -- true");
    let failed = outcome(&events, 2);
    assert_eq!(failed["event"], "hook-failed");
    assert_eq!(failed["reason"], "exit code 127: No such file or directory");
    let again = outcome(&events, 1);
    assert_eq!(
        (&again["event"], &again["reason"]),
        (&"hook-retrying".into(), &"exit code 9: no such door".into())
    );
    let delivered = outcome(&events, 1);
    assert_eq!(
        (&delivered["event"], &delivered["tries"]),
        (&"hook-delivered".into(), &2.into())
    );
    assert_eq!(env.jsons("hook list")[1]["failed"], 1);
}

#[test]
fn a_command_whose_time_is_over_is_ended_with_all_that_it_started() {
    let env = TestEnv::new();
    env.ok("status --start");
    let events = env.stream("--json events --since 0");
    env.ok(
        "hook add --all exit --timeout 500ms --tries 1 -- sh -c 'echo $$ > pid; sleep 1000 & wait'",
    );
    env.ok("spawn a -- true");
    let failed = outcome(&events, 1);
    assert_eq!(failed["reason"], "it ran longer than 500ms");
    let pid: i32 = String::from_utf8(env.read("pid"))
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    assert!(!is_alive(pid));
}

#[test]
fn commands_that_hang_keep_nobody_waiting_and_are_few() {
    let env = TestEnv::new();
    env.ok("status --start");
    let events = env.stream("--json events --since 0");
    env.ok("hook add --all exit -- sh -c 'echo x >> begun; exec sleep 1000'");
    for n in 0..12 {
        env.ok(&format!("spawn s{n} -- true"));
        events.until("\"exited\"");
    }
    env.ok("spawn b -- cat");
    env.ok("send b hello --enter");
    env.ok("wait b --text '^hello' --timeout 20s");
    assert!(env.read("begun").len() <= 2 * 8, "eight at once");
    assert_eq!(env.jsons("hook list")[0]["due"], 12);
    // What a hook has to deliver goes with it.
    env.ok("hook remove --all");
    assert!(env.jsons("hook list").is_empty());
}

#[test]
fn a_command_belongs_to_no_session() {
    let env = TestEnv::new();
    env.ok("status --start");
    let events = env.stream("--json events --since 0");
    // The caller is in a session itself.
    env.write(
        "add",
        "psup hook add --all match '^go$' -- sh -c 'ps -o sid= -p $$ > sid; echo $$ > pid; env > env; exec sleep 1000' > /dev/null",
    );
    let psup = psup_harness::psup();
    let path = psup.parent().unwrap().display().to_string();
    env.ok(&format!(
        "spawn caller --shell 'PATH={path}:$PATH sh add && echo go; exec cat'"
    ));
    events.until("hook-due");
    let id = env.ok("spawn tail --shell 'tail -F pid env 2>/dev/null'");
    assert_eq!(id, "tail#1");
    env.ok("wait tail --text '^PSUP_HOOK=1$'");
    env.ok("stop caller");
    let number = |file| -> i32 {
        String::from_utf8(env.read(file))
            .unwrap()
            .trim()
            .parse()
            .unwrap()
    };
    assert_eq!(number("sid"), number("pid"));
    assert!(is_alive(number("pid")), "a stop of its caller ended it");
    assert!(!String::from_utf8_lossy(&env.read("env")).contains("PSUP_SESSION"));
    kill(number("pid"));
}

#[test]
fn a_session_that_is_lost_or_dies_again_and_again_is_told() {
    let env = TestEnv::new();
    env.ok("hook add --all lost -- sh -c 'cat >> lost'");
    env.ok("hook add --all crash-loop -- sh -c 'cat >> loop'");
    env.ok("spawn a --shell 'echo last words; exec cat'");
    env.ok("wait a --text words");
    env.kill_supervisor();
    env.ok("status --start");
    let events = env.stream("--json events --since 0");
    outcome(&events, 1);
    let lost = &told(&env, "lost")[0];
    assert_eq!(
        (&lost["id"], &lost["reason"], &lost["lines"][0]),
        (
            &"a#1".into(),
            &"supervisor-killed".into(),
            &"last words".into()
        )
    );
    env.ok("spawn b --restart always -- false");
    outcome(&events, 2);
    assert_eq!(told(&env, "loop")[0]["restarts"], 5);
    env.ok("stop b");
}

#[test]
fn hooks_belong_to_a_name_and_what_is_wrong_is_told() {
    let env = TestEnv::new();
    assert!(env.no(3, "hook add web exit -- true").contains("--on-exit"));
    env.ok("spawn web --on-exit true -- cat");
    let added = env.ok("hook add web match 'error: .*' -- notify");
    assert_eq!(added, "hook 2: web match error: .*");
    assert!(
        env.no(2, "hook add web match '(' -- true")
            .contains("pattern")
    );
    assert!(
        env.no(2, "hook add web exits -- true")
            .contains("crash-loop")
    );
    assert!(env.no(2, "hook add web idle -- true").contains("duration"));
    assert!(env.no(2, "hook add web exit").contains("COMMAND"));
    // The same spec is the same hooks; other ones are another spec.
    env.ok("ensure web --on-exit true -- cat");
    assert!(
        env.no(4, "ensure web --on-exit false -- cat")
            .contains("hooks")
    );
    env.ok("rename web www");
    env.ok("restart www");
    let list = env.jsons("hook list www");
    assert_eq!(list.len(), 2, "{list:?}");
    assert_eq!(
        env.ok("hook remove www match 'error: .*'"),
        "removed hook 2: www match error: .*"
    );
    assert!(env.no(1, "hook remove --number 2").contains("hook list"));
    let events = env.stream("--json events");
    env.ok("stop www");
    outcome(&events, 1);
    env.ok("forget www");
    assert!(env.jsons("hook list").is_empty());
}

#[test]
fn what_is_due_when_the_supervisor_ends_is_delivered_by_the_next_one() {
    let env = TestEnv::new();
    let newer = env.path("newer");
    std::fs::copy(env!("CARGO_BIN_EXE_psup"), newer).unwrap();
    env.ok("status --start");
    let events = env.stream("--json events --since 0");
    env.ok("hook add --all exit -- sh -c 'cat > last; test -e door'");
    env.ok("spawn a -- true");
    assert_eq!(outcome(&events, 1)["event"], "hook-retrying");
    env.ok("upgrade --binary newer");
    assert_eq!(outcome(&events, 1)["event"], "hook-retrying");
    drop(events);
    env.ok("shutdown --force");
    env.write("door", "");
    env.ok("status --start");
    let events = env.stream("--json events --since 0");
    events.until("hook-delivered");
    assert_eq!(told(&env, "last")[0]["id"], "a#1");
}

#[test]
fn no_kill_between_an_event_and_its_delivery_loses_the_delivery() {
    let kills: usize = std::env::var("PSUP_HOOK_KILLS").map_or(20, |text| text.parse().unwrap());
    let env = TestEnv::with_time(std::time::Duration::from_secs(60 + 2 * kills as u64));
    let mut dice = Dice(0x5eed_1234_9876);
    env.ok("hook add --all exit -- sh -c 'cat >> exits'");
    env.ok("spawn s --on-match 'tick \\d+' 'cat >> ticks' --shell 'stty -echo; while read n; do echo tick $n; done'");
    for round in 0..kills {
        env.ok(&format!("send s {round} --enter --secret"));
        env.ok(&format!("spawn e{round} -- true"));
        let who = ["worker_pid", "guardian_pid"][dice.below(2)];
        env.kill_half(who);
    }
    let mut missing: Vec<String> = (0..kills)
        .flat_map(|n| [format!("tick {n}"), format!("e{n}#1")])
        .collect();
    let events = env.stream("--json events --since 0");
    while !missing.is_empty() {
        events.until("hook-delivered");
        let exits = told(&env, "exits").into_iter().map(|m| m["id"].clone());
        let ticks = told(&env, "ticks")
            .into_iter()
            .map(|m| m["match"]["text"].clone());
        let seen: Vec<Value> = exits.chain(ticks).collect();
        missing.retain(|one| !seen.contains(&one.as_str().into()));
    }
    let twice = told(&env, "exits").len() + told(&env, "ticks").len() - 2 * kills;
    let mut stderr = std::io::stderr();
    writeln!(
        stderr,
        "{kills} kills: every delivery made, {twice} made again"
    )
    .unwrap();
}
