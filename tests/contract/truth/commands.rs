//! Commands in one bash: many, at once, cut short, where none may be typed.

use super::{BASH, at_prompt, exec};
use crate::house::House;

#[test]
fn many_commands_in_a_row_are_all_right() {
    let Some(house) = at_prompt(&BASH) else {
        return;
    };
    let count = std::env::var("PSUP_EXECS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(100);
    for i in 0..count {
        let (bytes, code) = exec(
            &house,
            &format!("echo {i}; printf x; sh -c 'exit {}'", i % 100),
        );
        assert_eq!(
            (String::from_utf8(bytes).unwrap(), code),
            (format!("{i}\nx"), Some(i % 100))
        );
    }
}

#[test]
fn callers_at_once_are_served_one_after_the_other() {
    let Some(house) = at_prompt(&BASH) else {
        return;
    };
    let start = |i: i32| {
        let mut psup = house.psup("exec s --timeout 60s --");
        psup.arg(format!("echo {i}; cat </dev/null; echo {i}"));
        (i, house.start(psup))
    };
    for (i, running) in (0..8).map(start).collect::<Vec<_>>() {
        assert_eq!(running.end().ended(0).text(), format!("{i}\n{i}\n"));
    }
}

#[test]
fn a_command_that_is_not_whole_is_taken_back() {
    let Some(house) = at_prompt(&BASH) else {
        return;
    };
    for open in ["echo \"open", "if true", "cat <<X\nnever ended"] {
        let (bytes, code) = exec(&house, open);
        // bash itself ends a here-document at the end of what there is.
        assert!(
            code == Some(125) || bytes == b"never ended\n",
            "{open}: {code:?}"
        );
    }
    assert_eq!(exec(&house, "echo fine").0, b"fine\n");
}

#[test]
fn nothing_is_typed_where_no_shell_is_at_its_prompt() {
    let house = House::new();
    house.ok("spawn s --shell 'stty -echo; echo up; cat'");
    house.ok("wait s --text up");
    assert_eq!(house.refused(125, "exec s -- 'echo no'"), "busy");
    house.ok("send s --enter --key C-d");
    house.ok("wait s --exit");
    assert!(!house.ok("read s --text").contains("no"));
    assert_eq!(house.refused(125, "exec s -- true"), "not-running");
    assert_eq!(house.refused(125, "exec nobody -- true"), "no-such-session");
}

#[test]
fn a_line_that_somebody_has_begun_is_left_alone() {
    let Some(house) = at_prompt(&BASH) else {
        return;
    };
    house.ok("send s 'echo mine'");
    assert_eq!(house.refused(125, "exec s -- 'echo no'"), "busy");
    let offset = house.ok("send s --enter");
    house.ok(&format!("wait s --prompt --since {offset} --timeout 30s"));
    assert_eq!(house.ok("capture s").matches("mine").count(), 2);
}

#[test]
fn a_command_may_end_its_shell() {
    let Some(house) = at_prompt(&BASH) else {
        return;
    };
    let told = house
        .run(house.psup("--json exec s -- 'echo bye; exit 3'"))
        .ended(3);
    assert_eq!(told.jsons()[0]["ran"], "session-ended");
    assert!(
        told.jsons()[0]["text"]
            .as_str()
            .unwrap()
            .starts_with("bye\n")
    );
}

#[test]
fn a_command_that_takes_the_marks_away_is_told_without_a_code() {
    let Some(house) = at_prompt(&BASH) else {
        return;
    };
    let told = house
        .run(
            house.psup("--json exec s --timeout 60s -- \"unset PROMPT_COMMAND PS0; PS1='bare$ '\""),
        )
        .ended(125);
    assert_eq!(told.jsons()[0]["ran"], "unknown");
    assert_eq!(house.json("exec s -- 'echo still'")["text"], "still\n");
}
