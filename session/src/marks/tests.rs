#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;

fn mark(letter: &str) -> String {
    format!("\x1b]133;{letter};psup=n1\x07")
}

#[test]
fn marks_tell_where_the_shell_stands() {
    let mut marks = Marks::new("n1", 0);
    marks.feed(0, format!("{}$ {}", mark("A"), mark("B")).as_bytes());
    let Stage::Ready { since, typed } = marks.stage() else {
        panic!("{marks:?}")
    };
    assert_eq!((since, typed), (34, LineState::Nothing));
    marks.typed(b"ls");
    assert!(matches!(
        marks.stage(),
        Stage::Ready {
            typed: LineState::Something,
            ..
        }
    ));
    marks.typed(b"\r");
    assert!(matches!(
        marks.stage(),
        Stage::Ready {
            typed: LineState::Line,
            ..
        }
    ));
    marks.feed(34, mark("C").as_bytes());
    assert_eq!(marks.stage(), Stage::Running);
    let found = marks.feed(50, mark("D;7").as_bytes());
    assert_eq!(found[0].kind, MarkKind::End(Some(7)));
    assert_eq!(marks.stage(), Stage::Ended);
}

#[test]
fn a_mark_of_another_session_says_nothing() {
    let mut marks = Marks::new("n1", 0);
    marks.feed(
        0,
        b"\x1b]133;B\x07\x1b]133;B;psup=n2\x07\x1b]133;D;0\x07\x1b]133;B;psup=n1x\x07",
    );
    assert_eq!(marks.stage(), Stage::Unknown);
    marks.feed(100, b"\x1b]133;B;psup=n1\x1b\\");
    assert!(marks.is_alive());
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

proptest! {
    /// Invariant 6.
    #[test]
    fn splitting_changes_nothing(parts in prop::collection::vec(0usize..6, 0..12), cut in 1usize..9) {
        let text: String = parts
            .iter()
            .map(|i| [mark("C"), mark("D;3"), "a\r\nb\r\r\n".into(), "\x1b]133".into(), "\x1b[1m\x1b".into(), "\r".into()][*i].clone())
            .collect();
        let whole = Scanner::new("n1").scan(0, text.as_bytes());
        let mut scanner = Scanner::new("n1");
        let mut printed = Printed::new("n1", 0);
        let (mut found, mut out, mut at) = (Vec::new(), Vec::new(), 0);
        for part in text.as_bytes().chunks(cut) {
            found.extend(scanner.scan(at, part));
            out.extend(printed.take(part));
            at += part.len() as Offset;
        }
        out.extend(printed.rest());
        prop_assert_eq!(found, whole);
        let mut once = Printed::new("n1", 0);
        let mut want = once.take(text.as_bytes());
        want.extend(once.rest());
        prop_assert_eq!(&out, &want);
        let plain = text.replace(&mark("C"), "").replace(&mark("D;3"), "").replace("\r\n", "\n");
        prop_assert_eq!(out, plain.into_bytes());
    }
}
