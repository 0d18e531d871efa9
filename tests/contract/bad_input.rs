//! Bad input is a clear error, in the same words and with the same exit code whichever verb it was
//! given to.

use psup_harness::TestEnv;

#[test]
fn an_unknown_name_is_three_with_a_suggestion() {
    let env = TestEnv::new();
    env.ok("spawn build -- cat");
    let told = env.no(3, "info biuld");
    assert!(
        told.starts_with("error: no session named \"biuld\"\nhint: "),
        "{told}"
    );
    assert!(told.contains("did you mean \"build\"?"), "{told}");
    for line in [
        "has nobody",
        "stop nobody",
        "restart nobody",
        "forget nobody",
        "capture nobody",
        "read nobody",
        "send nobody text",
        "wait nobody --exit",
        "signal nobody TERM",
        "resize nobody 80x24",
    ] {
        env.no(3, line);
    }
    assert_eq!(env.refused(3, "info build#7"), "no-such-session");
    env.no(3, "rename nobody somebody");
}

#[test]
fn a_taken_name_is_four() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    assert_eq!(env.refused(4, "spawn a -- cat"), "name-taken");
    let told = env.no(4, "spawn a -- cat");
    assert!(
        told.starts_with("error: ") && told.contains("\nhint: "),
        "{told}"
    );
}

#[test]
fn a_bad_name_is_two_with_the_rule() {
    let env = TestEnv::new();
    let too_long = "x".repeat(65);
    for name in ["Build", ".a", "'a b'", "a/b", "é", "''", &too_long] {
        let told = env.no(2, &format!("spawn {name} -- cat"));
        assert!(told.contains("1 to 64"), "{name}: {told}");
    }
}

#[test]
fn a_bad_size_duration_or_number_of_bytes_is_two() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    for line in [
        "spawn b --size 80 -- cat",
        "spawn b --size 0x24 -- cat",
        "spawn b --size 80x1001 -- cat",
        "resize a 80*24",
        "spawn b --ttl 5 -- cat",
        "wait a --exit --timeout 10",
        "wait a --idle soon",
        "stop a --grace 1x",
        "spawn b --log-limit 64 -- cat",
        "spawn b --log-limit 1b -- cat",
        "wait a --port 0",
        "wait a --port 65536",
        "spawn b --restart sometimes -- cat",
        "spawn b --label novalue -- cat",
        "spawn b --env NOVALUE -- cat",
    ] {
        let told = env.no(2, line);
        assert!(told.starts_with("error: "), "{line}: {told}");
    }
    assert_eq!(env.jsons("list --all").len(), 1);
}

#[test]
fn a_bad_pattern_is_two_and_is_shown() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    assert_eq!(env.refused(2, "wait a --text '(open'"), "bad-pattern");
    assert!(
        env.no(2, "wait a --text fine --fail '[z-a]'")
            .contains("[z-a]")
    );
}

#[test]
fn an_unknown_key_is_an_error_not_its_letters() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    env.no(2, "send a before --key Entr");
    env.no(2, "send a --raw-hex 0g");
    assert_eq!(env.ok("read a"), "", "nothing of a refused send was typed");
}

#[test]
fn a_missing_program_is_told_at_once_with_the_systems_reason() {
    let env = TestEnv::new();
    let told = env.no(1, "spawn a -- /no/such/program");
    assert!(
        told.contains("/no/such/program") && told.contains("No such file or directory"),
        "{told}"
    );
    assert_eq!(
        env.refused(1, "spawn a -- no-such-program-anywhere"),
        "cannot-start"
    );
    let plain = env.write("plain", "not a program");
    assert!(
        env.no(1, &format!("spawn a -- {}", plain.display()))
            .contains("Permission denied")
    );
    assert_eq!(
        env.ok("spawn a -- cat").split('#').next(),
        Some("a"),
        "the name is free"
    );
}

#[test]
fn a_missing_directory_is_told_and_nothing_starts_elsewhere() {
    let env = TestEnv::new();
    let told = env.no(1, "spawn a --cwd /no/such/dir -- touch here");
    assert!(told.contains("/no/such/dir"), "{told}");
    assert_eq!(env.jsons("list").len(), 0);
}

#[test]
fn an_unreadable_environment_file_is_told_by_its_name() {
    let env = TestEnv::new();
    assert!(
        env.no(2, "spawn a --env-file no-such-file -- cat")
            .contains("no-such-file")
    );
    env.write("bad", "FINE=1\nno equals sign\n");
    assert!(
        env.no(2, "spawn a --env-file bad -- cat")
            .contains("bad line 2")
    );
}

#[test]
fn an_unreadable_input_file_types_nothing() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    assert!(
        env.no(1, "send a before --file no-such-file")
            .contains("no-such-file")
    );
    assert_eq!(env.ok("read a"), "");
}

#[test]
fn wrong_usage_is_two_and_says_what_would_be_right() {
    let env = TestEnv::new();
    for line in [
        "spwan a",
        "spawn",
        "wait",
        "spawn a --no-such-flag -- cat",
        "stop",
        "list --json=maybe",
    ] {
        let told = env.run(env.psup(line)).ended(2);
        assert!(
            told.err.contains("error: ") || told.err.contains("Usage"),
            "{told}"
        );
    }
}

#[test]
fn a_wait_without_a_condition_is_two() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    env.no(2, "wait a");
}

#[test]
fn help_is_the_manual() {
    let env = TestEnv::new();
    for line in [
        "help",
        "--help",
        "help exit-codes",
        "help spawn",
        "wait --help",
        "--version",
    ] {
        assert!(!env.ok(line).is_empty(), "{line}");
    }
    let codes = env.ok("help exit-codes");
    for code in ["0", "1", "2", "3", "4", "5", "6", "124", "125"] {
        assert!(
            codes
                .lines()
                .any(|l| l.split_whitespace().next() == Some(code)),
            "{code} in {codes}"
        );
    }
}

#[test]
fn a_closed_stdout_is_no_panic() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'seq 100000; exec cat'");
    env.ok("wait a --text '^100000$'");
    let mut pipeline = env.command("sh");
    pipeline.args([
        "-c",
        r#""$0" read a | head -n 1"#,
        env!("CARGO_BIN_EXE_psup"),
    ]);
    let told = env.run(pipeline).ended(0);
    assert_eq!((told.text(), told.err.as_str()), ("1\r\n", ""));
}

#[test]
fn a_supervisor_that_cannot_be_started_is_five() {
    let env = TestEnv::new();
    env.write("plain", "");
    let told = env.no(5, "--dir plain/below spawn a -- cat");
    assert!(told.starts_with("error: "), "{told}");
}
