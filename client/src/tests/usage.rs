//! What is wrong is told, and how every failure ends.

use super::*;

#[test]
fn every_failure_ends_with_its_exit_code_and_is_told() {
    for (code, exit) in [
        (Code::Usage, 2),
        (Code::BadPattern, 2),
        (Code::NoSuchSession, 3),
        (Code::NameTaken, 4),
        (Code::SpecDiffers, 4),
        (Code::Unreachable, 5),
        (Code::VersionMismatch, 5),
        (Code::Ended, 6),
        (Code::FailMatched, 6),
        (Code::TimedOut, 124),
        (Code::CannotStart, 1),
        (Code::LineTooLong, 1),
        (Code::NotRunning, 1),
        (Code::StillRunning, 1),
        (Code::Gone, 1),
        (Code::Limit, 1),
        (Code::MaybeDelivered, 1),
        (Code::Unsupported, 1),
        (Code::System, 1),
        (Code::Internal, 1),
        (Code::No, 1),
    ] {
        let ran = told("info web", refused(code));
        assert_eq!((ran.code, ran.stdout.as_str()), (exit, ""), "{code:?}");
        assert_eq!(ran.stderr, "error: no such luck\nhint: try harder\n");
        let ran = told("--json info web", refused(code));
        let wanted = format!(
            "{{\"error\":{{\"code\":\"{}\",\"message\":\"no such luck\",\"hint\":\"try harder\"}}}}\n",
            code.word()
        );
        assert_eq!((ran.code, ran.stderr), (exit, wanted));
    }
}

#[test]
fn wrong_usage_is_exit_2_with_a_way_out() {
    for (line, says) in [
        ("spwan web", "spawn"),
        ("has", "<NAME>"),
        ("has BAD", "a name is 1 to 64"),
        ("has a b", "unexpected argument 'b'"),
        ("has web#x", "name#3"),
        ("spawn web npm run dev", "unexpected argument 'npm'"),
        ("spawn web --size 80", "COLSxROWS"),
        ("spawn web --ttl 5", "a duration has a unit"),
        ("spawn web --log-limit 1k", "--no-log keeps nothing on disk"),
        ("spawn web --log-limit 64k --no-log", "cannot be used with"),
        ("spawn web --timeout 5s", "--ready"),
        ("wait web --exit --settle", "--idle"),
        ("exec web true", "unexpected argument 'true'"),
        ("exec web", "COMMAND"),
        ("spawn web --ready prompt=1", "a condition is text=REGEX"),
        ("spawn web --ready exit=1", "a condition is text=REGEX"),
        ("spawn web --ready port=0", "1 to 65535"),
        ("spawn web --shell a -- b", "cannot be used with"),
        ("spawn web --env A", "KEY=VALUE"),
        (
            "spawn web --env-file /does/not/exist",
            "cannot read the env file",
        ),
        ("send web", "nothing to send"),
        ("send web --key Entr", "keys are named as in tmux"),
        ("send web --raw-hex 1", "hexadecimal"),
        ("send web --file - --file -", "stdin can be sent once"),
        ("wait web", "nothing to wait for"),
        ("wait web --exit --any --all", "cannot be used with"),
        ("stop", "required"),
        ("stop web --all", "cannot be used with"),
        ("signal web FOO", "INT, TERM"),
        ("capture web -n 0", "0"),
        ("capture web --format gif", "gif"),
        ("read web --timeout 5s", "--follow"),
        ("resize web 0x0", "1 to 1000"),
        ("--profile A/B list", "bad profile name"),
        ("man nothing", "`psup help` lists the verbs"),
        ("exec web", "exec"),
    ] {
        let ran = run(line, vec![]);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (2, ""),
            "{line}: {}",
            ran.stderr
        );
        assert!(
            ran.stderr.starts_with("error: ") && ran.stderr.contains(says),
            "{line}: {}",
            ran.stderr
        );
        let ran = run(&format!("--json {line}"), vec![]);
        assert!(
            ran.stderr.starts_with("{\"error\":{\"code\":\"usage\",") && ran.code == 2,
            "{line}: {}",
            ran.stderr
        );
    }
}

#[test]
fn global_flags_stand_before_or_after_the_verb() {
    for line in [
        "--profile x --json -q restart web",
        "restart --profile x --json -q web",
        "--profile x restart web --json -q",
    ] {
        let ran = run(line, vec![]);
        assert_eq!(ran.code, 5);
        assert_eq!(
            ran.stderr,
            "{\"error\":{\"code\":\"unreachable\",\"message\":\"nobody at x\",\"hint\":null}}\n"
        );
    }
}

#[test]
fn without_a_supervisor_there_is_no_session_and_an_empty_list() {
    for line in [
        "has web",
        "info web",
        "stop web",
        "wait web --exit",
        "wait a b --exit",
    ] {
        let ran = run(line, vec![]);
        assert_eq!(ran.code, 3, "{line}: {}", ran.stderr);
        assert!(ran.stderr.contains("no supervisor is running"), "{line}");
    }
    for line in ["list --json", "events", "stop --all", "shutdown"] {
        let ran = run(line, vec![]);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{line}");
    }
    assert_eq!(run("status", vec![]).code, 5);
}

#[test]
fn a_command_keeps_its_own_flags() {
    let ran = told(
        "spawn web -q -- ls --json -q",
        it(spawned(Started::Started, None)),
    );
    let Request::Spawn(spawn) = &ran.asked[0] else {
        panic!("{:?}", ran.asked)
    };
    assert_eq!(
        spawn.spec.command,
        ["ls", "--json", "-q"].map(|a| a.as_bytes().to_vec())
    );
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "web#2\n"));
}
