#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;

fn mark(letter: &str, number: u64) -> String {
    format!("\x1b]133;{letter};psup=n1.{number}\x07")
}

fn ready(marks: &Marks) -> Option<LineState> {
    match marks.stage() {
        Stage::Ready { typed, .. } => Some(typed),
        Stage::Unknown | Stage::Running | Stage::Ended => None,
    }
}

#[test]
fn marks_tell_where_the_shell_stands() {
    let mut marks = Marks::new("n1", 0);
    marks.feed(0, format!("$ {}", mark("B", 1)).as_bytes());
    assert_eq!(ready(&marks), Some(LineState::Nothing));
    marks.typed(b"ls");
    assert_eq!(ready(&marks), Some(LineState::Something));
    marks.typed(b"\r");
    assert_eq!(ready(&marks), Some(LineState::Line));
    marks.feed(34, mark("C", 1).as_bytes());
    assert_eq!(marks.stage(), Stage::Running);
    let found = marks.feed(60, mark("D;7", 1).as_bytes());
    assert_eq!(found[0].kind, MarkKind::End(Some(7)));
    assert_eq!(marks.stage(), Stage::Ended);
}

#[test]
fn a_mark_of_another_session_says_nothing() {
    let mut marks = Marks::new("n1", 0);
    marks.feed(
        0,
        b"\x1b]133;B\x07\x1b]133;B;psup=n2.1\x07\x1b]133;D;0\x07\x1b]133;B;psup=n1x.1\x07\x1b]133;B;psup=n1\x07",
    );
    assert_eq!(marks.stage(), Stage::Unknown);
    marks.feed(200, b"\x1b]133;B;psup=n1.1\x1b\\");
    assert!(marks.is_alive());
}

#[test]
fn a_mark_that_was_used_is_dead() {
    let mut marks = Marks::new("n1", 0);
    let past = [mark("B", 1), mark("C", 1), mark("D;0", 1), mark("B", 2)].concat();
    marks.feed(0, past.as_bytes());
    let begun = mark("C", 2);
    marks.feed(past.len() as Offset, begun.as_bytes());
    let at = (past.len() + begun.len()) as Offset;
    let recording = [past.as_str(), &begun].concat();
    assert_eq!(
        marks.feed(at, recording.as_bytes()),
        [],
        "a recording of all there was"
    );
    assert_eq!(marks.stage(), Stage::Running);
    marks.feed(
        at + recording.len() as Offset,
        [mark("D;0", 2), mark("B", 3)].concat().as_bytes(),
    );
    assert_eq!(ready(&marks), Some(LineState::Nothing));
}

#[test]
fn a_commands_marks_count_once_and_while_they_are_due() {
    let mut marks = Marks::new("n1", 0);
    let tokens = Tokens::new(5);
    let both = format!(
        "\x1b]133;C;psup={}.1\x07\x1b]133;D;3;psup={}.1\x07",
        tokens.begin, tokens.end
    );
    marks.feed(0, [&mark("B", 1), both.as_str()].concat().as_bytes());
    assert_eq!(
        ready(&marks),
        Some(LineState::Nothing),
        "nobody expects them"
    );
    marks.expect(tokens);
    marks.feed(500, both.as_bytes());
    assert_eq!(marks.stage(), Stage::Ended);
    marks.feed(600, mark("B", 2).as_bytes());
    marks.feed(700, both.as_bytes());
    assert_eq!(ready(&marks), Some(LineState::Nothing), "they have been");
}

#[test]
fn of_old_output_a_prompt_is_believed_once_a_command_has_ended_before_it() {
    let mut marks = Marks::new("n1", 1 << 20);
    marks.past((1 << 20) - 30, mark("B", 9).as_bytes(), 1 << 20);
    assert!(!marks.is_sure());
    let tokens = Tokens::new(5);
    let end = format!("\x1b]133;D;3;psup={}.1\x07", tokens.end);
    marks.expect(tokens);
    marks.feed(1 << 20, [end, mark("B", 12)].concat().as_bytes());
    assert!(marks.is_sure());
}

#[test]
fn what_fish_writes_before_the_command_is_not_the_commands() {
    let own = |bytes: &'static [u8]| after_fish(bytes);
    assert_eq!(
        own(b"\x1b[?2004l\x1b]0;ls /tmp\x07\x1b[30m\x1b[m\x0f\r\x1b[1mout"),
        b"\x1b[1mout"
    );
    assert_eq!(own(b"\x1b(B\x1b[m\rout\r\n"), b"out\r\n");
    assert_eq!(own(b"\x1b[1mout"), b"\x1b[1mout");
    assert_eq!(own(b""), b"");
}

#[test]
fn what_may_be_the_end_of_a_command_is_held_back() {
    let held = |bytes: &[u8]| bytes.len() - may_end(bytes);
    assert_eq!(held(b"plain"), 0);
    assert_eq!(held(b"plain\x1b[1mbold"), 0);
    assert_eq!(held(b"plain\x1b"), 1);
    assert_eq!(held(b"plain\x1b]133;D;0;psup=1"), 16);
    assert_eq!(held(b"plain\x1b[?2004h\x1b]13"), 12);
    assert_eq!(held(b"plain\x1b[?2004hmore"), 0);
    assert_eq!(held(b"plain\x1b]133;D;0;psup=1.1\x07"), 19);
    assert_eq!(held(b"plain\x1b]133;D;0;psup=1.1\x07and more"), 0);
}

proptest! {
    /// Invariant 6.
    #[test]
    fn splitting_changes_nothing(parts in prop::collection::vec(0usize..6, 0..12), cut in 1usize..9) {
        let text: String = parts
            .iter()
            .map(|i| [mark("C", 1), mark("D;3", 1), "a\r\nb\r\r\n".into(), "\x1b]133".into(), "\x1b[1m\x1b".into(), "\r".into()][*i].clone())
            .collect();
        let whole = Scanner::new("n1").scan(0, text.as_bytes());
        let mut scanner = Scanner::new("n1");
        let mut printed = Printed::default();
        let (mut found, mut out, mut at) = (Vec::new(), Vec::new(), 0);
        for part in text.as_bytes().chunks(cut) {
            found.extend(scanner.scan(at, part));
            out.extend(printed.take(part));
            at += part.len() as Offset;
        }
        out.extend(printed.rest());
        prop_assert_eq!(found, whole);
        let mut once = Printed::default();
        let mut want = once.take(text.as_bytes());
        want.extend(once.rest());
        prop_assert_eq!(&out, &want);
        prop_assert_eq!(out, text.replace("\r\n", "\n").into_bytes());
    }
}
