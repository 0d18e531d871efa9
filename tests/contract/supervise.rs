//! `psup supervise`: the first process of a container.

use psup_harness::{TestEnv, psup, skipped};

#[test]
fn the_command_decides_how_it_ends_and_the_sessions_are_stopped() {
    let env = TestEnv::new();
    let psup = psup().display().to_string();
    let mut supervise = env.psup("supervise -- sh -c");
    supervise.arg(format!(
        "{psup} spawn a -- sh -c 'trap \"echo polite > polite; exit\" TERM; echo ready; while :; do sleep 1; done'; \
         {psup} wait a --text ready; exit 7"
    ));
    env.run(supervise).ended(7);
    assert_eq!(env.read("polite"), b"polite\n");
    assert_eq!(env.run(env.psup("status")).code, Some(5));
    let told = env.run(env.psup("supervise -- /no/such/program"));
    assert_eq!(told.code, Some(1), "{told}");
}

#[test]
fn signals_are_passed_on_to_the_command() {
    let env = TestEnv::new();
    env.ok("spawn s -- psup supervise -- sh -c 'trap \"echo got it; exit 3\" TERM; echo ready; while :; do sleep 1; done'"
        .replace("psup supervise", &format!("{} --dir inner supervise", psup().display()))
        .as_str());
    env.ok("wait s --text ready");
    env.ok("signal s TERM");
    env.ok("wait s --text '^got it' --since 0");
    env.ok("wait s --exit");
    assert_eq!(env.info("s")["exit"]["code"], 3);
    env.ok("spawn bare -- PSUP --dir inner supervise"
        .replace("PSUP", &psup().display().to_string())
        .as_str());
    while env.run(env.psup("--dir inner status")).code != Some(0) {
        assert!(!env.left().is_zero());
    }
    env.ok("signal bare TERM");
    env.ok("wait bare --exit");
    assert_eq!(env.info("bare")["exit"]["code"], 0);
}

#[test]
fn orphans_are_reaped_where_it_is_process_1() {
    let env = TestEnv::new();
    let in_namespace = "unshare --pid --fork --mount-proc --kill-child";
    let mut can = env.command("sh");
    can.args(["-c", &format!("{in_namespace} true")]);
    if env.run(can).code != Some(0) {
        skipped("this user may not unshare");
        return;
    }
    let script = "\
        sh -c 'sh -c \"exit 0\" & exit 0'; \
        while grep -q '^State:.Z' /proc/[0-9]*/status 2>/dev/null; do :; done; \
        [ \"$(cat /proc/1/comm)\" = psup ] && echo no zombies";
    let mut supervise = env.command("sh");
    supervise.args([
        "-c",
        &format!("{in_namespace} \"$0\" supervise -- sh -c \"$1\""),
        &psup().display().to_string(),
        script,
    ]);
    assert_eq!(env.run(supervise).ended(0).text(), "no zombies\n");
}
