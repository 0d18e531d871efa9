//! The screen from outside: bytes in, text out.
#![allow(clippy::unwrap_used)]

use super::*;

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
fn a_checkpoint_gives_the_same_screen() {
    let before = screen(20, 4, "one\r\n\x1b[31mtwo\x1b[?1049h\x1b[2;2Hthree \x1b[1");
    let mut after = Screen::restore(&before.checkpoint().unwrap(), 1000).unwrap();
    assert_eq!(after.rows(), before.rows());
    after.feed(b"m4\x1b[?1049l");
    assert_eq!(after.lines(Extent::All), ["one", "two"]);
}

mod laws;
