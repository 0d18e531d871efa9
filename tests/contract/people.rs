//! What people read on a terminal, and that pipes get it plain; recordings of sessions, and replays.
//! The terminal is a session, in which psup runs: so what a person would see can be captured.

use psup_harness::TestEnv;
use serde_json::Value;

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
    events.until("\"restarts\":5");
    let told = shown(&env, "120x30", "psup list --all", "text");
    for (mark, name, doing) in [
        ('●', "shell#1", " at its prompt "),
        ('●', "busy#1", " running `sh -c 'echo begun"),
        ('◆', "secret#1", " asks for a password "),
        ('✗', "failed#1", " exited 3, "),
        ('✗', "loop#6", " crash-looping: "),
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

/// A session of known output: a word, a wait, a command by `exec`, another size, and its end.
fn recorded(env: &TestEnv) {
    env.ok("spawn work --size 60x10 -- bash --norc");
    env.ok("wait work --prompt");
    env.ok("exec work -- 'echo from-exec 世界'");
    env.ok("wait work --idle 300ms");
    env.ok("resize work 70x12");
    env.ok("send work 'exit 7' --enter");
    env.ok("wait work --exit");
}

#[test]
fn an_export_is_an_asciicast_with_times_sizes_markers_and_the_exit_code() {
    let env = TestEnv::new();
    recorded(&env);
    let cast = env.ok("export work");
    let mut lines = cast.lines();
    let header: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(header["version"], 3);
    assert_eq!(header["term"]["cols"], 60);
    let events: Vec<(f64, String, String)> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |code: &str| {
        let found = events.iter().filter(|(_, kind, _)| kind == code);
        found.map(|(_, _, data)| data.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(of("r"), ["70x12"], "{cast}");
    assert_eq!(of("m"), ["echo from-exec 世界"], "{cast}");
    assert_eq!(of("x"), ["7"], "{cast}");
    let output = env.ok("read work");
    assert_eq!(of("o").concat().trim_end(), output.trim_end());
    let whole: f64 = events.iter().map(|(time, _, _)| time).sum();
    assert!(
        (0.3..60.0).contains(&whole),
        "the times are those of the session: {whole}"
    );
    let marker = events.iter().position(|(_, code, _)| code == "m").unwrap();
    assert!(events[marker + 1].2.starts_with("from-exec"), "{cast}");
}

#[test]
fn an_export_is_the_last_screen_too_also_from_a_file() {
    let env = TestEnv::new();
    recorded(&env);
    env.ok("export work -o work.cast");
    let text = env.ok("capture work --all");
    assert_eq!(
        env.ok("export work --format text").trim_end(),
        text.trim_end()
    );
    assert_eq!(
        env.ok("export work.cast --format text").trim_end(),
        text.trim_end()
    );
    assert!(env.ok("export work.cast --format svg").starts_with("<svg"));
    assert!(
        env.ok("export work.cast --format html")
            .contains("from-exec")
    );
    assert_eq!(
        env.ok("export ./work.cast").trim_end(),
        env.ok("export work").trim_end()
    );
    env.ok("export work.cast -o work.png");
    assert!(env.read("work.png").starts_with(b"\x89PNG"));
    env.write("no.cast", "text");
    assert_eq!(env.refused(2, "export no.cast"), "usage");
    env.no(3, "export nobody");
    env.no(2, "export work --format gif");
    env.no(2, "replay work");
}

#[test]
fn an_export_of_the_end_begins_with_the_screen_there() {
    let env = TestEnv::new();
    env.ok("spawn work --size 60x10 --shell 'printf \"\\033[31mfirst\\033[m\\n\"; exec cat'");
    env.ok("wait work --text first");
    let since = env.ok("send work second --enter");
    env.ok("wait work --since 0 --text '^second'");
    env.ok("wait work --idle 100ms");
    env.ok(&format!("export work --since {since} -o end.cast"));
    let screen = env.ok("capture work");
    assert_eq!(
        env.ok("export end.cast --format text").trim_end(),
        screen.trim_end()
    );
}

#[test]
fn asciinema_plays_what_was_exported() {
    let env = TestEnv::new();
    let version = env.command("asciinema").arg("--version").output();
    let Ok(version) = version else {
        psup_harness::skipped("asciinema is not installed");
        return;
    };
    recorded(&env);
    // Version 2 of asciinema reads version 2 of the format.
    let is_new = String::from_utf8_lossy(&version.stdout).contains(" 3.");
    let format = if is_new { "cast" } else { "cast-v2" };
    env.ok(&format!("export work --format {format} -o work.cast"));
    let mut play = env.command("asciinema");
    play.args(["cat", "work.cast"]);
    let played = env.run(play).ended(0);
    assert!(String::from_utf8_lossy(&played.bytes).contains("from-exec 世界"));
}

#[test]
fn a_replay_shows_the_session_again_pauses_and_seeks() {
    let env = TestEnv::new();
    env.ok("spawn work --size 60x10 --shell 'echo one; read x; echo two; read x; echo three'");
    for word in ["one", "two"] {
        env.ok(&format!("wait work --text '^{word}'"));
        env.ok("wait work --idle 200ms");
        env.ok("send work --enter");
    }
    env.ok("wait work --exit");
    let psup = env!("CARGO_BIN_EXE_psup");
    env.write(
        "play",
        format!("stty -a >before; {psup} replay work --speed 0.1; code=$?; stty -a >after; echo code $code; exec cat"),
    );
    env.ok("spawn player --size 60x10 -- sh play");
    env.ok("wait player --text '^one' --on screen");
    env.ok("send player ' '");
    env.ok("wait player --text 'paused at 0:00 of 0:00' --on screen");
    env.ok("send player G");
    env.ok("wait player --text '^three' --on screen");
    env.ok("send player g");
    env.ok("wait player --gone '^three' --on screen");
    env.ok("send player q");
    env.ok("wait player --text 'code 0' --on screen");
    assert_eq!(
        env.read("before"),
        env.read("after"),
        "the terminal is as it was"
    );
}
