//! What people read on a terminal, and that pipes get it plain. The terminal is a session, in which
//! psup runs: so what a person would see can be captured.

use psup_harness::TestEnv;

/// What a command line of psup shows on a terminal of this size, as text or with its colours.
fn shown(env: &TestEnv, size: &str, line: &str, format: &str) -> String {
    let psup = env!("CARGO_BIN_EXE_psup");
    env.write(
        "look",
        format!("{line}; echo over; exec cat").replace("psup ", &format!("{psup} ")),
    );
    env.ok(&format!("spawn looker --size {size} -- sh look"));
    env.ok("wait looker --text '^over' --on screen");
    let shown = env.ok(&format!("capture looker --all --format {format}"));
    env.ok("stop looker");
    let (shown, _) = shown
        .split_once("over")
        .unwrap_or_else(|| panic!("{shown}"));
    shown.to_owned()
}

fn line<'a>(shown: &'a str, name: &str) -> &'a str {
    let found = shown
        .lines()
        .find(|line| line.split_whitespace().nth(1) == Some(name));
    found.unwrap_or_else(|| panic!("no line about {name}: {shown}"))
}

#[test]
fn a_list_on_a_terminal_tells_what_each_session_is_doing() {
    let env = TestEnv::new();
    env.ok("spawn shell -- bash --norc");
    env.ok("wait shell --prompt");
    env.ok("spawn busy -- bash --norc");
    env.ok("wait busy --prompt");
    env.ok("send busy \"sh -c 'echo begun; while :; do sleep 1000; done'\" --enter");
    env.ok("wait busy --text '^begun'");
    env.ok("spawn secret --shell 'stty -echo; printf password:; read word'");
    env.ok("wait secret --input");
    env.ok("spawn failed --shell 'exit 3'");
    env.ok("wait failed --exit");
    let events = env.stream("events --json --since 0");
    env.ok("spawn loop --restart always --shell 'exit 4'");
    events.until("\"restarts\":3");
    let told = shown(&env, "120x30", "psup list --all", "text");
    for (mark, name, doing) in [
        ('●', "shell#1", " at its prompt "),
        ('●', "busy#1", " running `sh -c 'echo begun"),
        ('◆', "secret#1", " asks for a password "),
        ('✗', "failed#1", " exited 3, "),
        ('✗', "loop#4", " crash-looping: "),
    ] {
        let line = line(&told, name);
        assert!(
            line.starts_with(mark) && line.contains(doing),
            "{doing}: {told}"
        );
    }
}

#[test]
fn a_list_is_coloured_on_a_terminal_unless_that_is_not_wanted_and_plain_in_a_pipe() {
    let env = TestEnv::new();
    env.ok("spawn web -- cat");
    env.ok("wait web --input");
    let coloured = shown(&env, "80x24", "psup list", "ansi");
    assert!(coloured.contains("\x1b["), "{coloured:?}");
    for quiet in ["NO_COLOR=1 psup list", "TERM=dumb psup list"] {
        let plain = shown(&env, "80x24", quiet, "ansi");
        assert!(!plain.contains('\x1b'), "{quiet}: {plain:?}");
        assert!(plain.contains("waits for input"), "{plain}");
    }
    let piped = shown(&env, "80x24", "psup list | cat", "ansi");
    assert!(
        piped.starts_with("NAME") && piped.contains("running"),
        "{piped}"
    );
    assert!(!piped.contains('\x1b') && !piped.contains('●'), "{piped:?}");
}

#[test]
fn no_line_of_a_list_is_wider_than_the_terminal() {
    let env = TestEnv::new();
    env.ok("spawn wide --shell 'echo 世界世界世界世界 👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧 one two three four five six seven; exec cat'");
    env.ok("wait wide --text seven");
    for size in ["200x24", "80x24", "60x24", "40x24", "20x24", "9x24"] {
        let told = shown(&env, size, "psup list --glob wide", "text");
        assert_eq!(told.lines().count(), 2, "{size}: {told}");
        assert!(told.contains("wide"), "{told}");
    }
}

#[test]
fn an_empty_list_on_a_terminal_says_so() {
    let env = TestEnv::new();
    env.ok("spawn web -- true");
    env.ok("wait web --exit");
    let told = shown(&env, "80x24", "psup list --glob 'w*'", "text");
    assert_eq!(told, "no such sessions\n");
}

#[test]
fn info_and_status_on_a_terminal_stand_in_groups() {
    let env = TestEnv::new();
    env.ok("spawn web -- cat");
    env.ok("wait web --input");
    let told = shown(&env, "100x60", "psup info web", "text");
    assert!(told.starts_with("● web#1  waits for input\n"), "{told}");
    for part in [
        "\nProgram\n",
        "\nLife\n",
        "  started ",
        "\nSurvives the kill of\n",
        "\n  ✓ ",
    ] {
        assert!(told.contains(part), "{part:?}: {told}");
    }
    let told = shown(&env, "100x60", "psup status", "text");
    assert!(
        told.starts_with("psup ") && told.contains("  up "),
        "{told}"
    );
    for part in [
        "\nSessions\n",
        "\nDirectories\n",
        "\nSurvives the kill of\n",
        "\n  ✓ ",
    ] {
        assert!(told.contains(part), "{part:?}: {told}");
    }
    assert!(
        env.ok("status").contains("kill group"),
        "pipes keep their lines"
    );
}
