//! `exec --stdin`: the command reads what the caller has, to the byte and to its end, or nothing is
//! run.

use psup_harness::TestEnv;

fn is_installed(env: &TestEnv, program: &str) -> bool {
    let mut which = env.command("which");
    which.arg(program);
    which.output().unwrap().status.success()
}

#[test]
fn the_command_reads_the_callers_stdin_to_the_byte_and_to_its_end() {
    let env = TestEnv::new();
    // Bytes that a terminal would echo, drop or take for signals.
    let bytes: Vec<u8> = (0..300_000u32).map(|n| (n * 7 % 251) as u8).collect();
    for shell in ["bash --norc", "dash", "zsh -f", "fish --no-config"] {
        let name = shell.split(' ').next().unwrap();
        if !is_installed(&env, name) {
            psup_harness::skipped(&format!("exec --stdin: {name} is not installed"));
            continue;
        }
        env.ok(&format!("spawn {name} -- {shell}"));
        let copy = format!("exec {name} --stdin -- 'cat > copy; false'");
        assert_eq!(env.fed(env.psup(&copy), &bytes).ended(1).text(), "");
        assert!(env.read("copy") == bytes, "{shell}");
        // It runs in the shell itself.
        let read = format!("exec {name} --stdin -- 'read line'");
        env.fed(env.psup(&read), b"kept\n").ended(0);
        assert_eq!(env.ok(&format!("exec {name} -- 'echo $line'")), "kept");
    }
}

#[test]
fn a_command_that_has_had_enough_ends_and_the_rest_goes_to_nobody() {
    let env = TestEnv::new();
    env.ok("spawn a -- bash --norc");
    let lines = "exit 7\n".repeat(100_000);
    let head = env.psup("exec a --stdin -- head -n1");
    assert_eq!(env.fed(head, lines.as_bytes()).ended(0).text(), "exit 7\n");
    assert_eq!(env.ok("exec a -- echo there"), "there");
}

#[test]
fn where_stdin_cannot_reach_the_command_nothing_is_run() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let told = env
        .fed(env.psup("exec a --stdin -- echo x"), b"typed?\n")
        .ended(125);
    assert!(told.err.contains("nothing was typed"), "{told}");
    assert!(told.err.contains("psup send a --file"), "{told}");
    assert_eq!(env.info("a")["offset"], 0);
}
