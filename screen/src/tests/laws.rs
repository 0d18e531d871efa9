//! The laws of the screen, over escape soup.

use super::shot;
use crate::*;
use proptest::prelude::*;
use psup_proto::capture::Format;
use std::fmt::Write;

/// Anything a program might write: text of every width, controls, sequences good and bad, strings,
/// broken bytes.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        "[ -~]{1,30}".prop_map(String::into_bytes),
        "[a-z世界é\u{301}\u{200d}❤\u{fe0f}👩💻─]{1,12}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 1..6),
    ];
    let control =
        prop::sample::select(&b"\r\n\t\x08\x07\x0e\x0f\x0b\x1b\x18\x7f"[..]).prop_map(|b| vec![b]);
    let csi = (
        "[?>=]?",
        "[0-9;:]{0,6}",
        "[ $!]?",
        prop::sample::select(&b"ABCDEFGHIJKLMPSTXZ`abcdefghlmnpqrstu@"[..]),
    )
        .prop_map(|(prefix, params, inter, last)| {
            [
                b"\x1b[",
                prefix.as_bytes(),
                params.as_bytes(),
                inter.as_bytes(),
                &[last],
            ]
            .concat()
        });
    let mode = (
        "(1|3|4|6|7|25|47|1000|1047|1048|1049|2004|2026)",
        prop::sample::select(&b"hl"[..]),
    )
        .prop_map(|(mode, last)| [b"\x1b[?", mode.as_bytes(), &[last]].concat());
    let insert = prop::sample::select(vec![
        &b"\x1b[4h"[..],
        b"\x1b[4l",
        b"\x1b[2;4r",
        b"\x1b[r",
        b"\x1b(0",
        b"\x1b(B",
        b"\x1b[m",
        b"\r\n",
    ])
    .prop_map(<[u8]>::to_vec);
    let sgr =
        "\x1b\\[([0-9]|1[0-9]|2[0-9]|3[0-9]|4[0-9]|9[0-7]|38;5;[0-9]{1,3}|48;2;1;2;3|4:3|58:5:9)m"
            .prop_map(String::into_bytes);
    let escape = prop::sample::select(&b"78DEMHc=>#(Z\\"[..]).prop_map(|b| vec![0x1b, b]);
    let string = prop::sample::select(vec![
        &b"\x1b]0;title\x07"[..],
        b"\x1b]8;id=a;http://a/\x1b\\",
        b"\x1b]8;;\x1b\\",
        b"\x1b]133;A\x07",
        b"\x1bP$qm\x1b\\",
        b"\x1b]11;?\x07",
        b"\x1b_apc\x1b\\",
        b"\x1b]52;c;aGk=\x07",
        b"\x1bP+q544e\x1b\\",
    ])
    .prop_map(<[u8]>::to_vec);
    let piece = prop_oneof![6 => text, 3 => control, 4 => csi, 2 => mode, 2 => insert, 3 => sgr, 1 => escape, 1 => string];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Simple lines as programs print them, enough for some to scroll away.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(
        "([ -~]{0,60}|[a-z世界 ]{0,40}|\x1b\\[3[0-7]m[a-z ]{0,20}\x1b\\[m[a-z]{0,9})",
        0..60,
    )
    .prop_map(|lines| lines.concat_with("\r\n").into_bytes())
}

/// Output of which most can be skipped, and some that only looks so.
fn bulk() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        8 => "[ -~]{0,60}",
        2 => "[a-z世界é\u{301}\u{200d}❤\u{fe0f}👩💻🇫─]{0,20}",
        2 => "([a-z]{0,9}\t){1,3}[a-z ]{0,5}",
        4 => "(\x1b\\[([0-9]|3[0-7]|38;5;200|48;5;3|1;31)?m[a-z é]{0,9}){1,5}(\x1b\\[m)?",
        1 => "[a-z]{0,5}(\x1b\\[[2-5]A|\x1b\\[K|\r[a-z]{2}|\x08|\x1b\\[2;3r|\x1b\\[r|\x1b\\[\\?7l|\x1b\\[\\?7h)[a-z]{0,3}",
        1 => "[a-z]{100,300}",
    ];
    let end = prop_oneof![30 => Just("\r\n"), 1 => Just("\n"), 1 => Just("\r\r\n")];
    // The same lines over and over: what matters is what stands next to what.
    (prop::collection::vec((line, end), 1..40), 1..12_usize).prop_map(|(lines, times)| {
        let once: String = lines
            .iter()
            .flat_map(|(line, end)| [line.as_str(), end])
            .collect();
        once.repeat(times).into_bytes()
    })
}

trait ConcatWith {
    fn concat_with(&self, end: &str) -> String;
}

impl ConcatWith for Vec<String> {
    fn concat_with(&self, end: &str) -> String {
        self.iter().flat_map(|line| [line.as_str(), end]).collect()
    }
}

fn size() -> impl Strategy<Value = Size> {
    prop_oneof![
        (1..12_u16, 1..8_u16).prop_map(|(cols, rows)| Size { cols, rows }),
        (20..90_u16, 4..30_u16).prop_map(|(cols, rows)| Size { cols, rows }),
    ]
}

/// All that can be seen of a screen.
fn seen(screen: &mut Screen) -> (String, Vec<String>, Vec<Sign>, String) {
    let json = shot(screen, Extent::All, false, Format::Json, None).0;
    let replies = String::from_utf8(screen.take_replies()).unwrap();
    (
        String::from_utf8(json).unwrap(),
        screen.rows(),
        screen.take_signs(),
        replies,
    )
}

/// A styled row for comparing, without the blanks in the default style at its end.
fn visible(row: &str) -> String {
    let mut text = String::new();
    for run in crate::line::runs(row) {
        let plain = run.style == crate::style::Style::default() && run.link.is_none();
        if plain {
            text.push_str(run.text);
        } else {
            write!(text, "<{:?} {:?} {:?}>", run.style, run.link, run.text).unwrap();
        }
    }
    text.trim_end_matches(' ').to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn splitting_output_anywhere_changes_nothing(size in size(), soup in soup(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12)) {
        let mut whole = Screen::new(size, 100);
        whole.feed(&soup);
        let mut split = Screen::new(size, 100);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(soup.len() + 1)).collect();
        cuts.extend([0, soup.len()]);
        cuts.sort_unstable();
        for pair in cuts.windows(2) {
            split.feed(&soup[pair[0]..pair[1]]);
        }
        prop_assert_eq!(whole.faults(), 0);
        prop_assert_eq!(seen(&mut whole), seen(&mut split));
    }

    #[test]
    fn skipping_lines_changes_nothing(size in size(), bulk in bulk(), part in 1..900_usize) {
        let mut skipped = Screen::new(size, 5000);
        skipped.feed(&bulk);
        let mut drawn = Screen::new(size, 5000);
        for part in bulk.chunks(part) {
            drawn.feed(part);
        }
        prop_assert_eq!(skipped.faults(), 0);
        prop_assert_eq!(seen(&mut skipped), seen(&mut drawn));
        prop_assert_eq!(skipped.fed(), drawn.fed());
    }

    #[test]
    fn a_capture_gives_the_lines_there_are(size in size(), bulk in bulk(), soup in soup(), last in 1..60_u32) {
        let mut screen = Screen::new(size, 5000);
        screen.feed(&bulk);
        screen.feed(&soup);
        for extent in [Extent::Screen, Extent::Last(last), Extent::All] {
            let text = String::from_utf8(shot(&screen, extent, false, Format::Text, None).0).unwrap();
            prop_assert_eq!(text.lines().collect::<Vec<_>>(), screen.lines(extent));
        }
    }

    #[test]
    fn no_bytes_and_no_sizes_make_it_panic(feeds in prop::collection::vec((size(), soup()), 1..5)) {
        let mut screen = Screen::new(feeds[0].0, 50);
        for (size, soup) in &feeds {
            screen.resize(*size);
            screen.feed(soup);
            prop_assert_eq!(screen.rows().len(), usize::from(size.rows));
            screen.shrink();
            for format in [Format::Text, Format::Ansi, Format::Json, Format::Html, Format::Svg, Format::Png] {
                shot(&screen, Extent::All, true, format, Some(100));
                shot(&screen, Extent::Screen, false, format, None);
            }
        }
        prop_assert_eq!(screen.faults(), 0);
    }

    #[test]
    fn feeding_a_capture_in_ansi_gives_the_screen(size in size(), soup in soup()) {
        prop_assume!(size.cols > 1);
        let mut screen = Screen::new(size, 100);
        screen.feed(&soup);
        let ansi = shot(&screen, Extent::Screen, false, Format::Ansi, None).0;
        let mut again = Screen::new(size, 100);
        again.feed(&ansi);
        // Blanks in the default style at the end of a row cannot be seen.
        let rows = |screen: &Screen| -> Vec<String> { (0..size.rows).map(|row| visible(&screen.styled_row(row.into()))).collect() };
        prop_assert_eq!(screen.cursor(), again.cursor());
        prop_assert_eq!(rows(&screen), rows(&again));
    }

    #[test]
    fn a_checkpoint_can_be_made_at_any_byte(size in size(), soup in soup(), cut in any::<prop::sample::Index>()) {
        let cut = cut.index(soup.len() + 1);
        let mut whole = Screen::new(size, 100);
        whole.feed(&soup);
        let mut first = Screen::new(size, 100);
        first.feed(&soup[..cut]);
        let mut second = Screen::restore(&first.checkpoint().unwrap(), 100).unwrap();
        second.feed(&soup[cut..]);
        prop_assert_eq!(seen(&mut whole), seen(&mut second));
    }

    #[test]
    fn another_size_and_back_loses_nothing(text in lines(), narrow in 2..80_u16, rows in 1..24_u16) {
        let size = Size { cols: 80, rows: 24 };
        let mut screen = Screen::new(size, 1000);
        screen.feed(&text);
        let before = (screen.lines(Extent::All), screen.rows());
        screen.resize(Size { cols: narrow, rows });
        prop_assert_eq!(&screen.lines(Extent::All), &before.0);
        screen.resize(size);
        prop_assert_eq!((screen.lines(Extent::All), screen.rows()), before);
        prop_assert_eq!(screen.faults(), 0);
    }
}
