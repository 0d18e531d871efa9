//! Talk: input to the child, the screen as text, the journal's bytes, events.

use psup_harness::TestEnv;
use std::fmt::Write;

/// A program that puts its terminal in raw mode and keeps the next `n` bytes of input in the file
/// `got`.
fn keeper(env: &TestEnv, name: &str, n: usize) {
    env.ok(&format!(
        "spawn {name} --shell 'stty raw -echo; echo up; head -c {n} > got; echo kept; exec cat'"
    ));
    env.ok(&format!("wait {name} --text up"));
}

/// Bytes of every value, the same in each run.
fn noise(n: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    })
    .take(n)
    .collect()
}

#[test]
fn text_is_literal_always() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    env.ok("send a 'Enter C-c $HOME ~ * \\n' --enter");
    env.ok("wait a --text '(?m)^Enter C-c'");
    assert_eq!(
        env.ok("capture a").lines().next(),
        Some("Enter C-c $HOME ~ * \\n")
    );
}

#[test]
fn text_that_begins_with_a_dash_goes_after_two() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    env.ok("send a --enter -- --enter");
    env.ok("send a --enter");
    env.ok("wait a --text '^--enter$'");
}

#[test]
fn parts_go_in_the_order_given() {
    let env = TestEnv::new();
    env.write("part", "from-file");
    keeper(&env, "a", 28);
    env.ok("send a one --key Space two --key Enter --file part --raw-hex 00ff --paste three four");
    env.ok("wait a --text kept");
    assert_eq!(env.read("got"), b"one two\rfrom-file\x00\xffthreefour");
}

#[test]
fn keys_are_encoded_for_the_modes_the_program_has_set() {
    let env = TestEnv::new();
    let keys = "--key Up --key C-Left --key S-Tab --key BSpace --key F5 --key M-x --key PageUp";
    for (name, setup, up) in [
        ("normal", "", "^[[A"),
        ("application", r"printf '\033[?1h'; ", "^[OA"),
    ] {
        env.write(
            "show",
            format!("{setup}stty raw -echo; echo up; exec cat -v"),
        );
        env.ok(&format!("spawn {name} -- sh show"));
        env.ok(&format!("wait {name} --text up"));
        env.ok(&format!("send {name} {keys} END"));
        env.ok(&format!("wait {name} --text END"));
        let shown = env.ok(&format!("read {name} --text"));
        assert!(
            shown.contains(&format!("{up}^[[1;5D^[[Z^?^[[15~^[x^[[5~END")),
            "{name}: {shown}"
        );
    }
}

#[test]
fn a_paste_is_bracketed_when_the_program_asked_for_that() {
    let env = TestEnv::new();
    for (name, setup, shown) in [
        ("plain", "", "two words"),
        (
            "bracketed",
            r"printf '\033[?2004h'; ",
            "^[[200~two words^[[201~",
        ),
    ] {
        env.write(
            "show",
            format!("{setup}stty raw -echo; echo up; exec cat -v"),
        );
        env.ok(&format!("spawn {name} -- sh show"));
        env.ok(&format!("wait {name} --text up"));
        env.ok(&format!("send {name} --paste 'two words'"));
        env.ok(&format!("wait {name} --text words"));
        assert!(
            env.ok(&format!("read {name} --text")).contains(shown),
            "{name}"
        );
    }
}

#[test]
fn a_long_paste_is_one_paste_and_cannot_end_itself() {
    let env = TestEnv::new();
    let (begin, end) = (b"\x1b[200~", b"\x1b[201~");
    // Longer than one request, with brackets and line ends where requests meet.
    let mut text = vec![b'x'; 256 << 10];
    text.splice(text.len() - 3.., *end);
    text.resize(512 << 10, b'y');
    text.splice(text.len() - 1.., *b"\r\n");
    text.extend(b"\x1b[2\x1b[201~01~tail");
    env.write("text", &text);
    let plain: Vec<u8> = [
        vec![b'x'; (256 << 10) - 3],
        vec![b'y'; (256 << 10) - 4],
        b"\rtail".to_vec(),
    ]
    .concat();
    let want = [begin.as_slice(), &plain, end].concat();
    env.write(
        "keep",
        format!(
            "printf '\\033[?2004h'; stty raw -echo; echo up; head -c {} > got; echo kept; exec cat",
            want.len()
        ),
    );
    env.ok("spawn a -- sh keep");
    env.ok("wait a --text up");
    env.ok("send a --paste --file text");
    env.ok("wait a --text kept");
    let got = env.read("got");
    assert!(got == want, "{} bytes instead of {}", got.len(), want.len());
}

#[test]
fn a_megabyte_of_any_bytes_arrives_whole() {
    let env = TestEnv::new();
    let bytes = noise(1 << 20);
    env.write("blob", &bytes);
    keeper(&env, "a", bytes.len());
    env.ok("send a --file blob");
    env.ok("wait a --text kept");
    assert!(env.read("got") == bytes);
}

#[test]
fn input_comes_from_stdin_too() {
    let env = TestEnv::new();
    let bytes = noise(100_000);
    keeper(&env, "a", bytes.len());
    env.fed(env.psup("send a --file -"), &bytes).ended(0);
    env.ok("wait a --text kept");
    assert!(env.read("got") == bytes);
}

#[test]
fn one_send_is_never_interleaved_with_another() {
    let env = TestEnv::new();
    let each = 300_000;
    keeper(&env, "a", 4 * each);
    let senders: Vec<_> = "wxyz"
        .chars()
        .map(|c| {
            env.write(&format!("in-{c}"), c.to_string().repeat(each));
            env.start(env.psup(&format!("send a --file in-{c}")))
        })
        .collect();
    for sender in senders {
        sender.end().ended(0);
    }
    env.ok("wait a --text kept");
    let mut got = env.read("got");
    assert_eq!(got.len(), 4 * each);
    got.dedup();
    assert_eq!(got.len(), 4, "each sender's bytes stand together");
}

#[test]
fn a_line_longer_than_the_terminal_takes_is_refused_not_cut() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'stty -echo; echo up; exec cat'");
    env.ok("wait a --text up");
    let long = "x".repeat(5000);
    assert_eq!(
        env.refused(1, &format!("send a {long} --enter --secret")),
        "line-too-long"
    );
    env.ok(&format!("send a {} --enter --secret", "y".repeat(4000)));
    env.ok("wait a --text yyy");
    assert!(
        !env.ok("read a --text").contains('x'),
        "nothing of the refused line was typed"
    );
}

#[test]
fn send_answers_with_the_offset_before_the_input() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo up; exec cat'");
    env.ok("wait a --text up");
    let offset: u64 = env.ok("send a hello --enter").parse().unwrap();
    env.ok(&format!("wait a --since {offset} --text hello"));
    assert_eq!(offset, 4, "after `up` and its newline");
    assert!(
        env.ok(&format!("read a --since {offset}"))
            .starts_with("hello")
    );
    assert!(env.json("send a again --enter")["offset"].as_u64().unwrap() > offset);
}

#[test]
fn there_is_nothing_to_send_to_after_the_end() {
    let env = TestEnv::new();
    env.ok("spawn a -- true");
    env.ok("wait a --exit");
    assert_eq!(env.refused(1, "send a hello"), "not-running");
}

#[test]
fn a_capture_is_the_screen_as_a_person_would_see_it_trimmed() {
    let env = TestEnv::new();
    env.ok(r#"spawn a --shell 'printf "one   \r\ntwo\033[1;31m red\033[0m\r\n\033[5;3Hfive"; exec cat'"#);
    env.ok("wait a --text five");
    assert_eq!(env.ok("capture a"), "one\ntwo red\n\n\n  five");
    assert!(env.ok("capture a --format ansi").contains("\x1b["));
}

#[test]
fn soft_wrapped_lines_are_joined_unless_rows_are_wanted() {
    let env = TestEnv::new();
    let long = "0123456789".repeat(3);
    env.ok(&format!(
        "spawn a --size 20x5 --shell 'echo {long}; echo end; exec cat'"
    ));
    env.ok("wait a --text end");
    assert_eq!(env.ok("capture a"), format!("{long}\nend"));
    assert_eq!(
        env.ok("capture a --rows"),
        "01234567890123456789\n0123456789\nend"
    );
}

#[test]
fn captures_reach_back_into_the_scrollback() {
    let env = TestEnv::new();
    env.ok("spawn a --size 40x10 --shell 'seq 1000; exec cat'");
    env.ok("wait a --text '^1000$'");
    assert_eq!(env.ok("capture a").lines().next(), Some("992"));
    let last: Vec<_> = env
        .ok("capture a -n 30")
        .lines()
        .map(str::to_owned)
        .collect();
    assert_eq!(
        (last.len(), last[0].as_str(), last[29].as_str()),
        (30, "971", "1000")
    );
    assert_eq!(env.ok("capture a --all").lines().count(), 1000);
    let budgeted = env.ok("capture a --all --budget 20");
    assert!(
        budgeted.ends_with("1000") && budgeted.len() <= 20,
        "{budgeted}"
    );
}

#[test]
fn a_capture_of_much_is_not_kept_in_memory() {
    let env = TestEnv::new();
    env.ok("spawn a --scrollback 1000000 --shell 'seq 300000; exec cat'");
    env.ok("wait a --text '^300000$'");
    let worker = env.pid_of("worker_pid");
    let before = resident(worker);
    assert_eq!(env.ok("capture a --all").lines().count(), 300_000);
    // It is given back when the answer has gone, before the next question on any connection is
    // read.
    env.ok("has a");
    let after = resident(worker);
    assert!(
        after < before + (8 << 20),
        "{before} bytes before the capture, {after} after it"
    );
}

/// Bytes of memory that a process has.
pub(crate) fn resident(pid: i32) -> u64 {
    let pages = std::fs::read_to_string(format!("/proc/{pid}/statm")).unwrap();
    pages.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[test]
fn a_capture_in_json_carries_cursor_size_title_modes_and_offset() {
    let env = TestEnv::new();
    env.ok(r#"spawn a --size 80x24 --shell 'printf "\033]2;mine\007\033[?2004h$ "; stty -echo; exec cat'"#);
    env.ok("wait a --text '\\$'");
    let capture = env.json("capture a --format json");
    assert_eq!(capture["cursor"]["col"], 2);
    assert_eq!(capture["cursor"]["row"], 0);
    assert_eq!(capture["size"], serde_json::json!({"cols": 80, "rows": 24}));
    assert_eq!(capture["title"], "mine");
    assert_eq!(capture["lines"], serde_json::json!(["$"]));
    assert!(
        capture["modes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|m| m.as_str().unwrap().contains("paste")),
        "{capture}"
    );
    assert_eq!(capture["offset"], env.info("a")["offset"]);
}

#[test]
fn a_capture_at_an_offset_shows_exactly_the_bytes_before_it() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'stty -echo; echo one; exec cat'");
    env.ok("wait a --text one");
    let offset = env.ok("send a two --enter --secret");
    env.ok("wait a --text two");
    assert_eq!(env.ok("capture a"), "one\ntwo");
    assert_eq!(env.ok(&format!("capture a --at {offset}")), "one");
    assert_eq!(env.ok("capture a --at 2"), "on");
}

#[test]
fn a_read_is_every_byte_the_child_wrote() {
    let env = TestEnv::new();
    let bytes = noise(150_000);
    env.write("blob", &bytes);
    env.ok("spawn a --shell 'stty raw; cat blob'");
    env.ok("wait a --exit");
    assert!(env.run(env.psup("read a")).ended(0).bytes == bytes);
    assert!(env.run(env.psup("read a --since 149990")).ended(0).bytes == bytes[149_990..]);
}

#[test]
fn a_read_that_follows_ends_with_the_session() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo one; read x; echo two; exit 3'");
    let follower = env.start(env.psup("read a --follow --text"));
    env.ok("wait a --text one");
    env.ok("send a --enter");
    assert!(follower.end().ended(0).text().ends_with("two\n"));
}

#[test]
fn a_read_that_follows_gives_up_at_its_deadline() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo one; exec cat'");
    let told = env
        .run(env.psup("read a --follow --timeout 100ms"))
        .ended(124);
    assert!("one\r\n".starts_with(told.text()), "{told}");
}

#[test]
fn text_is_clean_lines() {
    let env = TestEnv::new();
    env.ok(r#"spawn a --shell 'printf "\033[31mred\033[0m\r\n50%%\r100%%\r\ntitle\033]2;t\007less\r\n"'"#);
    env.ok("wait a --exit");
    let text = env.ok("read a --text");
    assert_eq!(
        text.lines().map(str::trim_end).collect::<Vec<_>>(),
        ["red", "100%", "titleless"]
    );
}

#[test]
fn events_are_a_stream_of_json_lines() {
    let env = TestEnv::new();
    env.ok(r#"spawn a --shell 'printf "\007\033]2;named\007"; read x; exit 4'"#);
    let events = env.stream("--json events a --since 0");
    let mut told = String::new();
    for part in ["started", "bell", "title"] {
        writeln!(told, "{}", events.until(part)).unwrap();
    }
    env.ok("send a --enter");
    let exited: serde_json::Value = serde_json::from_str(&events.until("exited")).unwrap();
    assert_eq!(exited["id"], "a#1", "{told}");
    assert!(exited["seq"].as_u64().unwrap() > 0);
    assert_eq!(exited["exit"]["code"], 4, "{exited}");
}

#[test]
fn logs_are_the_supervisors_own() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    assert!(!env.ok("logs").is_empty());
    env.stream("logs --follow").line();
}

#[test]
fn a_capture_reaches_back_to_lines_that_are_on_disk_only() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'seq 100000; exec cat'");
    env.ok("wait a --text '^100000$'");
    let all = env.ok("capture a -n 100000");
    let lines: Vec<&str> = all.lines().collect();
    assert_eq!(
        (lines.len(), lines[0], lines[99_999]),
        (100_000, "1", "100000")
    );
    assert_eq!(env.ok("capture a --all").lines().count(), 100_000);
}

#[test]
fn a_capture_is_text_colours_an_object_or_a_picture() {
    let env = TestEnv::new();
    env.ok("spawn a --size 40x5 --shell 'printf \"\\033[1;31mred\\033[0m 漢字\\n\"; exec cat'");
    env.ok("wait a --text 字");
    assert_eq!(env.ok("capture a"), "red 漢字");
    assert!(env.ok("capture a --format ansi").contains("31m"));
    let object = env.json("capture a --format json");
    assert_eq!(object["lines"][0], "red 漢字");
    assert_eq!(
        (
            &object["runs"][0][0]["text"],
            &object["runs"][0][0]["attrs"][0]
        ),
        (&"red".into(), &"bold".into())
    );
    assert!(
        env.ok("capture a --format html")
            .starts_with("<!DOCTYPE html>")
    );
    assert!(env.ok("capture a --format svg").starts_with("<svg"));
    let png = env.run(env.psup("capture a --format png")).ended(0).bytes;
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
}

#[test]
fn output_is_read_from_a_time_on_whatever_is_killed() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo one; exec cat'");
    env.ok("wait a --text one");
    for (word, kill) in [
        ("two", None),
        ("three", Some("worker_pid")),
        ("four", Some("guardian_pid")),
    ] {
        env.ok("wait a --idle 200ms");
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
        if let Some(who) = kill {
            env.kill_half(who);
        }
        env.ok(&format!("send a {word} --enter"));
        env.ok(&format!("wait a --text {word}"));
        let seconds = now.as_secs();
        let time = env.run({
            let mut date = env.command("date");
            date.args([
                "-u",
                "-d",
                &format!("@{seconds}.{:03}", now.subsec_millis()),
                "+%FT%T.%3NZ",
            ]);
            date
        });
        let since = format!("read a --text --since {}", time.ended(0).text().trim());
        assert_eq!(env.ok(&since), format!("{word}\n{word}"));
    }
    let all = "one\ntwo\ntwo\nthree\nthree\nfour\nfour";
    assert_eq!(env.ok("read a --text --since 1h"), all);
    env.ok("stop a");
    assert_eq!(env.ok("read a --text --since 1h"), all);
    assert_eq!(env.refused(2, "read a --since yesterday"), "usage");
}
