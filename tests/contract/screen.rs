//! The screen as programs and people meet it: frames, answers, the keyboard, what it tells.

use psup_harness::TestEnv;

/// Draws frame after frame in one letter each, every one of them in two pieces.
const FRAMES: &str = r"
import os, itertools
for letter in itertools.cycle(b'ABCDEFGHIJKLMNOPQRSTUVWXYZ'):
    frame = b'\x1b[?2026h\x1b[H' + b'\r\n'.join(bytes([letter]) * 30 for _ in range(12)) + b'\x1b[?2026l'
    os.write(1, frame[:100])
    os.write(1, frame[100:])
";

#[test]
fn a_capture_never_shows_half_a_frame() {
    let env = TestEnv::new();
    env.write("frames.py", FRAMES);
    env.ok("spawn a -- python3 frames.py");
    env.ok("wait a --text A");
    for _ in 0..30 {
        let shown = env.ok("capture a");
        let first = shown.chars().next().unwrap();
        assert!(
            shown.chars().all(|c| c == first || c == '\n'),
            "half a frame: {shown}"
        );
    }
}

#[test]
fn a_frame_that_is_never_finished_is_shown() {
    let env = TestEnv::new();
    env.write("hung", r"printf 'before\033[?2026hhalf'; exec cat");
    env.ok("spawn a -- sh hung");
    env.ok("wait a --since 0 --text half");
    assert_eq!(env.ok("capture a").trim_end(), "beforehalf");
}

#[test]
fn what_a_program_tells_its_terminal_is_told_in_events() {
    let env = TestEnv::new();
    env.write(
        "tell",
        r"printf '\a\033]2;named\a\033]7;file://here/tmp/a%%20b\033\\\033]9;done\a\033]777;notify;Head;body\a\033]9;4;1;40\a\033]9;4;0\a'
        printf '\033]52;c;aGVsbG8=\a\033]99;i=1;kitty\033\\\033]52;c;?\aover'; exec cat",
    );
    env.ok("spawn a -- sh tell");
    env.ok("wait a --text over");
    env.ok("stop a");
    let told: Vec<String> = env
        .jsons("events a --since 0 --no-follow")
        .iter()
        .filter_map(|event| {
            let field = ["text", "title", "path", "percent"]
                .iter()
                .map(|name| &event[*name])
                .find(|field| !field.is_null());
            let kind = event["event"].as_str().unwrap();
            (!["started", "exited", "ready"].contains(&kind))
                .then(|| format!("{kind} {}", field.unwrap_or(&serde_json::Value::Null)))
        })
        .collect();
    assert_eq!(
        told,
        [
            "bell null",
            "title \"named\"",
            "cwd \"/tmp/a b\"",
            "notification \"done\"",
            "notification \"Head: body\"",
            "progress 40",
            "progress null",
            "clipboard \"hello\"",
            "notification \"kitty\"",
        ]
    );
}

/// Asks its terminal and keeps the answers in the file `answers`; the last question is the end.
const ASK: &str = r"
import os, sys, tty
tty.setraw(0)
os.write(1, b'ready')
os.read(0, 1)
os.write(1, b'\x1b[2;5r\x1b[1;4;38;5;99m\x1b[4 q'
    b'\x1bP$qm\x1b\\\x1bP$qr\x1b\\\x1bP$q q\x1b\\\x1bP$qx\x1b\\\x1bP+q544e;436f;524742;7878\x1b\\\x1b[14t\x1b[16t\x1b[18t\x1b[21t'
    b'\x1b]4;1;?\x1b\\\x1b]10;?\x07\x1b]11;?\x1b\\\x1b]12;?\x07\x1b[>q\x1b[?2026$p\x1b[?u\x1b[?996n\x1b[>5u\x1b[?u\x1b[<u\x1b[?u\x1b[c')
got = b''
while not got.endswith(b'c'):
    got += os.read(0, 4096)
open('answers', 'wb').write(got)
os.write(1, b'asked')
os.read(0, 1)
";

#[test]
fn questions_are_answered_the_same_watched_or_not() {
    let env = TestEnv::new();
    env.write("ask.py", ASK);
    let mut answers = Vec::new();
    for watched in [false, true] {
        let name = if watched { "watched" } else { "alone" };
        env.ok(&format!("spawn {name} --size 80x24 -- python3 ask.py"));
        env.ok(&format!("wait {name} --text ready"));
        let watcher = watched.then(|| env.stream(&format!("read {name} --follow --since 0")));
        env.ok(&format!("send {name} x"));
        env.ok(&format!("wait {name} --text asked"));
        answers.push(String::from_utf8(env.read("answers")).unwrap());
        drop(watcher);
    }
    let expected = [
        "\x1bP1$r0;1;4;38;5;99m\x1b\\",
        "\x1bP1$r2;5r\x1b\\",
        "\x1bP1$r4 q\x1b\\",
        "\x1bP0$r\x1b\\",
        "\x1bP1+r544E=746D75782D323536636F6C6F72\x1b\\\x1bP1+r436F=323536\x1b\\\x1bP1+r524742=382F382F38\x1b\\\x1bP0+r\x1b\\",
        "\x1b[4;480;800t\x1b[6;20;10t\x1b[8;24;80t",
        "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\\x1b]10;rgb:d0d0/d0d0/d0d0\x07\x1b]11;rgb:0000/0000/0000\x1b\\\x1b]12;rgb:d0d0/d0d0/d0d0\x07",
        &format!("\x1bP>|psup {}\x1b\\", env!("CARGO_PKG_VERSION")),
        "\x1b[?2026;2$y\x1b[?0u\x1b[?997;1n\x1b[?5u\x1b[?0u",
        "\x1b[?62;22;52c",
    ];
    assert_eq!(answers[0], expected.concat());
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn keys_follow_the_kitty_flags_a_program_sets() {
    let env = TestEnv::new();
    let cases = [
        (
            "1",
            "a A Enter C-a Escape S-Up",
            "aA^M^[[97;5u^[[27u^[[1;2A",
        ),
        (
            "3",
            "a Enter C-a F5",
            "a^M^[[97;5u^[[97;5:3u^[[15~^[[15;1:3~",
        ),
        ("5", "M-S-a", "^[[97:65;4u"),
        ("9", "a A Enter Space", "^[[97u^[[97;2u^[[13u^[[32u"),
        ("25", "a A C-a", "^[[97;;97u^[[97;2;65u^[[97;5u"),
        ("11", "a", "^[[97u^[[97;1:3u"),
    ];
    for (flags, keys, sent) in cases {
        env.write(
            "show",
            format!("printf '\\033[>{flags}u'; stty raw -echo; echo up; exec cat -v"),
        );
        let name = format!("flags-{flags}");
        env.ok(&format!("spawn {name} -- sh show"));
        env.ok(&format!("wait {name} --text up"));
        let keys: Vec<String> = keys.split(' ').map(|key| format!("--key {key}")).collect();
        env.ok(&format!("send {name} {} END", keys.join(" ")));
        env.ok(&format!("wait {name} --text END"));
        let shown = env.ok(&format!("read {name} --text"));
        assert!(shown.contains(&format!("{sent}END")), "{flags}: {shown}");
    }
}
