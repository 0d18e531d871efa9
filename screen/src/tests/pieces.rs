//! Captures are read in pieces, each of which is small whatever stands on the screen.

use crate::*;
use psup_proto::capture::Format;
use psup_proto::limits;
use psup_proto::rows::Rows;

fn all(format: Format, rows: bool) -> Capture {
    Capture {
        extent: Extent::All,
        format,
        rows,
        at: None,
        budget: None,
    }
}

fn pieces(screen: &Screen, capture: &Capture) -> Vec<Rows> {
    let mut reader = screen.rows_of(capture).unwrap();
    while !reader.count().unwrap() {}
    std::iter::from_fn(|| reader.piece().unwrap()).collect()
}

/// About what a piece takes on the wire.
fn size(piece: &Rows) -> usize {
    let runs = piece.styled.iter().flat_map(|row| &row.runs);
    let links = runs.map(|run| 12 + run.link.as_ref().map_or(0, |l| l.uri.len() + l.id.len()));
    piece.text.len() + links.sum::<usize>() + 8 * piece.wraps.len()
}

#[test]
fn a_piece_is_small_whatever_it_is_of() {
    let size_of = |cols, rows| Size::new(cols, rows).unwrap();
    let link = format!("\x1b]8;;https://example.com/{}\x1b\\", "a".repeat(1900));
    let cases = [
        (
            "many lines",
            size_of(80, 24),
            "some line\r\n".repeat(60_000),
        ),
        ("empty lines", size_of(80, 24), "\r\n".repeat(200_000) + "x"),
        ("one line", size_of(80, 24), "word ".repeat(100_000)),
        (
            "a link in every row",
            size_of(1, 24),
            format!("{link}{}", "x".repeat(5000)),
        ),
        (
            "colours",
            size_of(80, 24),
            "\x1b[31mr\x1b[4mu\x1b[m.".repeat(40_000),
        ),
        ("wide", size_of(3, 5), "世界世".repeat(20_000)),
    ];
    for (what, size_of, text) in cases {
        let mut screen = Screen::with_history(size_of, 1_000_000, 64 << 20);
        screen.feed(text.as_bytes());
        for (format, rows) in [
            (Format::Text, false),
            (Format::Json, false),
            (Format::Json, true),
        ] {
            let pieces = pieces(&screen, &all(format, rows));
            let largest = pieces.iter().map(size).max().unwrap_or(0);
            assert!(largest < 4 * limits::BYTES_FRAME, "{what}: {largest} bytes");
            assert!(pieces.len() > 1 || text.len() < 400_000, "{what}");
        }
    }
}

#[test]
fn pieces_make_the_same_rows_as_the_whole() {
    let mut screen = Screen::new(Size::new(20, 5).unwrap(), 100_000);
    for n in 0..30_000 {
        screen.feed(format!("\x1b[3{}mline {n} and more than a row\r\n", n % 8).as_bytes());
    }
    for capture in [all(Format::Json, false), all(Format::Json, true)] {
        let reader = screen.rows_of(&capture).unwrap();
        let (whole, left_out) = reader.collect().unwrap();
        let per_line = if capture.rows { 2 } else { 1 };
        assert_eq!(whole.len() as u64 / per_line + left_out, 30_000);
        assert!(whole.iter().all(|row| !row.runs.is_empty()));
        let ends: u64 = pieces(&screen, &capture)
            .iter()
            .map(|piece| piece.text.matches('\n').count() as u64)
            .sum();
        assert_eq!(ends, whole.len() as u64);
    }
}
