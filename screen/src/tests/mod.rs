//! The screen from outside: bytes in, text out.
#![allow(clippy::unwrap_used, clippy::format_collect)]

use super::*;
use psup_proto::capture::Format;
use psup_proto::rows::RowBuf;

/// A capture in its format, how many lines are in it, and how many are left out.
pub(crate) fn shot(
    screen: &Screen,
    extent: Extent,
    rows: bool,
    format: Format,
    budget: Option<u64>,
) -> (Vec<u8>, u64, u64) {
    let capture = Capture {
        extent,
        format,
        rows,
        at: None,
        budget,
    };
    let reader = screen.rows_of(&capture).unwrap();
    let (rows, left_out) = reader.collect().unwrap();
    let head = RowsHead {
        rows: rows.len() as u64,
        left_out,
        ..screen.rows_head(0)
    };
    let bytes = psup_render::whole(&capture, &head, rows.iter().map(RowBuf::as_row));
    (bytes.unwrap(), rows.len() as u64, left_out)
}

fn screen(cols: u16, rows: u16, text: &str) -> Screen {
    let mut screen = Screen::new(Size::new(cols, rows).unwrap(), 1000);
    screen.feed(text.as_bytes());
    screen
}

#[test]
fn text_is_drawn_wrapped_and_scrolled() {
    let screen = screen(5, 3, "hello world\r\nab\r\n世界x");
    assert_eq!(screen.rows(), ["d", "ab", "世界x"]);
    assert_eq!(screen.lines(Extent::All), ["hello world", "ab", "世界x"]);
    assert_eq!(screen.lines(Extent::Last(2)), ["ab", "世界x"]);
    assert_eq!((screen.cursor().row, screen.cursor().col), (2, 4));
}

#[test]
fn questions_are_answered_in_order() {
    let mut screen = screen(
        80,
        24,
        "\x1b[5n\x1b[3;4H\x1b[6n\x1b[?2004h\x1b[?2004$p\x1bP$qm\x1b\\\x1b]2;evil\x07\x1b[21t",
    );
    assert_eq!(
        String::from_utf8(screen.take_replies()).unwrap(),
        "\x1b[0n\x1b[3;4R\x1b[?2004;1$y\x1bP1$r0m\x1b\\"
    );
    assert_eq!(screen.take_signs(), [Sign::Title("evil".to_owned())]);
}

#[test]
fn no_answer_repeats_what_the_program_asked_with() {
    // `touch x` in hexadecimal, an unknown setting, and names that are known in a spelling of the
    // program's choice.
    let mut screen = screen(
        80,
        24,
        "\x1bP+q746f7563682078;544e\x1b\\\x1bP$qtouch x\x1b\\\x1bP+q436f\x1b\\",
    );
    assert_eq!(
        String::from_utf8(screen.take_replies()).unwrap(),
        "\x1bP0+r\x1b\\\x1bP1+r544E=746D75782D323536636F6C6F72\x1b\\\x1bP0$r\x1b\\\x1bP1+r436F=323536\x1b\\"
    );
}

#[test]
fn a_checkpoint_gives_the_same_screen() {
    let before = screen(20, 4, "one\r\n\x1b[31mtwo\x1b[?1049h\x1b[2;2Hthree \x1b[1");
    let mut after = Screen::restore(&before.checkpoint().unwrap(), 1000).unwrap();
    assert_eq!(after.rows(), before.rows());
    after.feed(b"m4\x1b[?1049l");
    assert_eq!(after.lines(Extent::All), ["one", "two"]);
}

mod laws;
mod pieces;

#[test]
fn what_a_screen_holds_does_not_grow_with_its_output() {
    let mut screen = Screen::new(Size::new(80, 24).unwrap(), 100_000);
    let lines: String = (0..60_000)
        .map(|n| format!("line {n} of some length and then some more\r\n"))
        .collect();
    screen.feed(lines.as_bytes());
    assert!(
        screen.memory() < HISTORY + (64 << 10),
        "{}",
        screen.memory()
    );
    assert!(!screen.reaches(Extent::Last(60_000)));
    assert!(screen.reaches(Extent::Last(1000)));
    assert_eq!(
        screen.lines(Extent::Last(1))[0],
        "line 59999 of some length and then some more"
    );
    screen.shrink();
    assert!(screen.memory() < 40 << 10, "{}", screen.memory());
    assert_eq!(screen.lines(Extent::Last(2)).len(), 2);
}

#[test]
fn the_journal_drawn_again_has_the_lines_that_memory_forgot() {
    let size = Size::new(40, 10).unwrap();
    let journal: String = (0..90_000)
        .map(|n| format!("\x1b[3{}mline {n}\x1b[m\r\n", n % 8))
        .collect();
    let mut session = Screen::new(size, 100_000);
    session.feed(journal.as_bytes());
    assert!(session.history_start() > 0 && !session.reaches(Extent::All));
    let mut again = Screen::with_history(size, 100_000, usize::MAX);
    again.feed(journal.as_bytes());
    assert!(again.reaches(Extent::All));
    let lines = again.lines(Extent::All);
    assert_eq!(lines.len(), 90_000);
    assert_eq!(
        (lines[0].as_str(), lines[89_999].as_str()),
        ("line 0", "line 89999")
    );
    assert_eq!(lines[lines.len() - 100..], session.lines(Extent::Last(100)));
}

#[test]
fn no_more_lines_are_kept_than_the_session_asked_for() {
    let mut screen = Screen::new(Size::new(20, 4).unwrap(), 10);
    for n in 0..5000 {
        screen.feed(format!("{n}\r\n").as_bytes());
    }
    let lines = screen.lines(Extent::All);
    assert_eq!((lines.len(), lines[0].as_str()), (13, "4987"));
}

#[test]
fn the_smallest_and_the_largest_sizes_work() {
    for (cols, rows) in [(1, 1), (1000, 1), (1, 1000), (1000, 1000), (2, 2)] {
        let mut screen = Screen::new(Size::new(cols, rows).unwrap(), 100);
        screen.feed(
            "text 世界 e\u{301}\t\x1b[999;999H*\x1b[1;1H\x1b[5L\x1b[5M\x1b[2;3r\r\n"
                .repeat(20)
                .as_bytes(),
        );
        screen.resize(Size::new(rows, cols).unwrap());
        screen.feed(b"after");
        assert_eq!(screen.faults(), 0);
        assert_eq!(
            Screen::restore(&screen.checkpoint().unwrap(), 100)
                .unwrap()
                .rows(),
            screen.rows()
        );
    }
}

#[test]
fn signs_tell_what_is_not_drawn() {
    let mut screen = screen(
        80,
        24,
        "\x07\x07\x1b]0;title\x07\x1b]7;file://host/tmp/a%20b\x1b\\\x1b]9;done\x07\x1b]777;notify;Head;body\x07\x1b]9;4;1;40\x07\x1b]9;4;0\x07\
         \x1b]52;c;aGVsbG8=\x07\x1b]52;c;?\x07\x1b[?2026h\x1b[?2026l",
    );
    let expected = [
        Sign::Bell,
        Sign::Title("title".to_owned()),
        Sign::Cwd("/tmp/a b".to_owned()),
        Sign::Notification("done".to_owned()),
        Sign::Notification("Head: body".to_owned()),
        Sign::Progress(Some(40)),
        Sign::Progress(None),
        Sign::Clipboard("hello".to_owned()),
        Sign::SyncBegin,
        Sign::SyncEnd,
    ];
    assert_eq!(screen.take_signs(), expected);
    assert!(screen.take_replies().is_empty());
}

#[test]
fn marks_know_their_line_and_their_byte() {
    let text =
        "first\r\n\x1b]133;A\x07$ \x1b]133;B\x07ls\r\n\x1b]133;C\x07out\r\n\x1b]133;D;2;k=v\x07";
    let mut screen = screen(80, 24, text);
    let marks: Vec<_> = screen
        .take_signs()
        .into_iter()
        .map(|sign| match sign {
            Sign::Mark(mark) => (mark.kind, mark.line, mark.col, &text[..mark.at as usize]),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        marks[0],
        (MarkKind::Prompt, 1, 0, "first\r\n\x1b]133;A\x07")
    );
    assert_eq!(
        (marks[1].0, marks[1].1, marks[1].2),
        (MarkKind::Input, 1, 2)
    );
    assert_eq!((marks[2].0, marks[2].1), (MarkKind::Output, 2));
    assert_eq!(marks[3], (MarkKind::End { exit: Some(2) }, 3, 0, text));
}

#[test]
fn the_alternate_screen_has_captures_of_its_own_and_no_history() {
    let mut screen = screen(
        20,
        3,
        "one\r\ntwo\r\nthree\r\nfour\x1b[?1049h\x1b[Hfull screen",
    );
    assert_eq!(screen.lines(Extent::All), ["full screen"]);
    assert!(screen.modes().alternate);
    screen.feed(b"\x1b[?1049l");
    assert_eq!(screen.lines(Extent::All), ["one", "two", "three", "four"]);
}

#[test]
fn links_are_in_the_capture() {
    let screen = screen(
        40,
        3,
        "see \x1b]8;;https://example.com/a\x1b\\this\x1b]8;;\x1b\\ page",
    );
    let json: serde_json::Value =
        serde_json::from_slice(&shot(&screen, Extent::Screen, false, Format::Json, None).0)
            .unwrap();
    assert_eq!(json["runs"][0][1]["link"], "https://example.com/a");
    let html =
        String::from_utf8(shot(&screen, Extent::Screen, false, Format::Html, None).0).unwrap();
    assert!(
        html.contains("<a href=\"https://example.com/a\">this</a>"),
        "{html}"
    );
}

#[test]
fn a_budget_keeps_the_newest_lines_and_counts_the_others() {
    let screen = screen(20, 10, "one\r\ntwo\r\nthree\r\n");
    let (text, lines, left_out) = shot(&screen, Extent::All, false, Format::Text, Some(10));
    assert_eq!(
        (String::from_utf8(text).unwrap().as_str(), lines, left_out),
        ("two\nthree\n", 2, 1)
    );
}

#[test]
fn a_damaged_checkpoint_is_refused() {
    let good = screen(20, 4, "text \x1b[31mred").checkpoint().unwrap();
    assert!(Screen::restore(&[], 10).is_none());
    assert!(Screen::restore(&good[..good.len() - 1], 10).is_none());
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x55;
        assert!(Screen::restore(&bad, 10).is_none(), "byte {at}");
    }
}
