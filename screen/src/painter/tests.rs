//! A viewer shows what the screen shows, and is given back its terminal.

use super::*;

fn size(cols: u16, rows: u16) -> Size {
    Size { cols, rows }
}

/// A terminal of the viewer's that is fed what the painter says.
struct Viewer {
    painter: Painter,
    terminal: Screen,
}

impl Viewer {
    fn new(size: Size) -> Self {
        Self {
            painter: Painter::new(size, true),
            terminal: Screen::new(size, 10_000),
        }
    }

    fn paint(&mut self, screen: &Screen) -> usize {
        let bytes = self.painter.paint(screen, None);
        self.terminal.feed(&bytes);
        assert_eq!(
            self.terminal.take_replies(),
            b"",
            "the viewer's terminal was asked something"
        );
        bytes.len()
    }

    fn rows(&self) -> Vec<String> {
        (0..self.terminal.size().rows)
            .map(|at| self.terminal.styled_row(at.into()))
            .collect()
    }
}

fn rows(screen: &Screen) -> Vec<String> {
    (0..screen.size().rows)
        .map(|at| screen.styled_row(at.into()))
        .collect()
}

#[test]
fn a_viewer_of_the_same_size_shows_the_same_cells_after_every_piece() {
    let pieces: &[&[u8]] = &[
        b"plain\r\n\x1b[1;31mred\x1b[m and \x1b[48;2;1;2;3mtrue\x1b[m\r\n",
        "wide 漢字 and e\u{301} and 👩‍👩‍👧\r\n".as_bytes(),
        b"\x1b[2;2Hover\x1b[K\x1b[5;1H\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\",
        b"\x1b[?1049h\x1b[2Jalternate\x1b[3;3Hdeep",
        b"\x1b[?1h\x1b[?1002h\x1b[?1006h\x1b[?2004h\x1b[4 q",
        b"\x1b[?1049l\x1b[?1002l back",
        b"1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\r\n9\r\n",
        b"a line that is longer than the screen is wide and goes on\r\nx",
        b"\x1b[H\x1b[2J\x1b[?25lgone",
        b"\x1bP$qm\x1b\\\x1b[c\x1b[6n\x1b]11;?\x07\x1b[>q\x1b]52;c;?\x07",
    ];
    let mut session = Screen::new(size(20, 6), 1000);
    let mut viewer = Viewer::new(size(20, 6));
    viewer.paint(&session);
    for piece in pieces {
        session.feed(piece);
        viewer.paint(&session);
        assert_eq!(viewer.rows(), rows(&session), "{}", piece.escape_ascii());
        assert_eq!(
            viewer.terminal.cursor(),
            session.cursor(),
            "{}",
            piece.escape_ascii()
        );
        let ours = viewer.terminal.modes();
        assert_eq!(ours, session.modes(), "{}", piece.escape_ascii());
    }
}

#[test]
fn lines_that_scroll_away_are_in_the_viewers_own_scrollback() {
    let mut session = Screen::new(size(20, 5), 1000);
    let mut viewer = Viewer::new(size(20, 5));
    viewer.terminal.feed(b"the shell before\r\n$ psup attach");
    viewer.paint(&session);
    for n in 0..300 {
        session.feed(format!("line {n}\r\n").as_bytes());
        if n % 7 == 0 {
            viewer.paint(&session);
        }
    }
    viewer.paint(&session);
    let text = viewer.terminal.lines(psup_proto::capture::Extent::All);
    let lines: Vec<&String> = text.iter().filter(|l| l.starts_with("line ")).collect();
    assert_eq!(lines.len(), 300);
    assert!(
        lines
            .iter()
            .enumerate()
            .all(|(n, line)| **line == format!("line {n}"))
    );
    assert!(text.iter().any(|l| l == "the shell before"));
}

#[test]
fn a_smaller_viewer_shows_the_part_around_the_cursor_and_a_larger_one_is_padded() {
    let mut session = Screen::new(size(30, 10), 0);
    for row in 0..10 {
        session.feed(format!("\x1b[{};1Hrow {row} 0123456789 漢字漢字漢字", row + 1).as_bytes());
    }
    session.feed(b"\x1b[9;3H");
    let mut small = Viewer::new(size(12, 4));
    small.paint(&session);
    assert_eq!(
        small.terminal.rows(),
        [
            "row 5 012345",
            "row 6 012345",
            "row 7 012345",
            "row 8 012345"
        ]
    );
    session.feed(b"\x1b[9;29H");
    small.paint(&session);
    assert_eq!(small.painter.origin(), (17, 5));
    assert_eq!(small.terminal.rows()[0], "漢字漢字漢字");
    let mut large = Viewer::new(size(40, 12));
    large.paint(&session);
    assert_eq!(large.terminal.rows()[..10], session.rows()[..]);
    assert_eq!(large.terminal.rows()[10..], ["", ""]);
}

#[test]
fn a_typed_character_costs_a_few_bytes() {
    let mut session = Screen::new(size(80, 24), 0);
    session.feed(b"$ ls");
    let mut viewer = Viewer::new(size(80, 24));
    viewer.paint(&session);
    session.feed(b" ");
    viewer.paint(&session);
    session.feed(b"-");
    assert!(viewer.paint(&session) < 24);
    assert_eq!(viewer.paint(&session), 0);
}

#[test]
fn a_terminal_is_given_back_as_it_was() {
    let mut session = Screen::new(size(20, 5), 0);
    session.feed(b"\x1b[?1049h\x1b[?1003h\x1b[?1006h\x1b[?2004h\x1b[?1004h\x1b[=15;1u\x1b[?25l\x1b[?1h\x1b=\x1b[>4;2m");
    let mut viewer = Viewer::new(size(20, 5));
    viewer.paint(&session);
    assert!(viewer.terminal.modes().alternate);
    let bytes = viewer.painter.leave();
    viewer.terminal.feed(&bytes);
    assert_eq!(viewer.terminal.modes(), Modes::default());
    assert!(viewer.terminal.cursor().visible);
}
