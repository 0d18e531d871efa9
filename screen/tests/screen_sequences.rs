//! The sequences psup claims, one by one, drawn by psup and by real tmux on a small screen and
//! compared: cells, colours and cursor.
//!
//! Needs tmux; where there is none it says so and checks nothing. With `-- --nocapture` it prints
//! how many there are.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod terminals;

use psup_proto::Size;
use terminals::{Step, Tmux};

const SIZE: Size = Size { cols: 20, rows: 6 };

/// Six rows to do something with.
const FIELD: &str = "\x1b[Habcdefghijklmnopqrst\x1b[2;1HABCDEFGHIJ\x1b[3;1H0123456789012345678\x1b[4;1Hfour\x1b[5;1Hfive 世界\x1b[6;1Hsix\x1b[3;5H";

/// Name and what is fed behind the field.
const CASES: &[(&str, &str)] = &[
    ("CUU", "\x1b[2A*"),
    ("CUU 0 is 1", "\x1b[0A*"),
    ("CUU stops at the region", "\x1b[2;5r\x1b[3;3H\x1b[9A*"),
    ("CUU above the region", "\x1b[4;5r\x1b[2;3H\x1b[9A*"),
    ("CUD", "\x1b[2B*"),
    ("CUD stops at the region", "\x1b[2;4r\x1b[3;3H\x1b[9B*"),
    ("CUD below the region", "\x1b[2;4r\x1b[5;3H\x1b[9B*"),
    ("CUF", "\x1b[4C*"),
    ("CUF stops at the edge", "\x1b[99C*"),
    ("CUF behind the last column", "\x1b[1;20Hx\x1b[C*"),
    ("CUB", "\x1b[3D*"),
    ("CUB stops at the edge", "\x1b[99D*"),
    ("CUB behind the last column", "\x1b[1;20Hx\x1b[D*"),
    ("CNL", "\x1b[2E*"),
    ("CPL", "\x1b[2F*"),
    ("CHA", "\x1b[7G*"),
    ("HPA", "\x1b[7`*"),
    ("VPA", "\x1b[5d*"),
    ("VPA in origin mode", "\x1b[2;4r\x1b[?6h\x1b[2d*"),
    ("CUP", "\x1b[4;9H*"),
    ("CUP beyond", "\x1b[99;99H*"),
    ("CUP with zeros", "\x1b[0;0H*"),
    ("HVP", "\x1b[4;9f*"),
    ("CHT is no business of tmux 3.3a, HT is", "\t\t*"),
    ("HT at the edge", "\x1b[20G\t*"),
    ("CBT", "\x1b[15G\x1b[Z*"),
    ("CBT twice", "\x1b[19G\x1b[2Z*"),
    ("HTS", "\x1b[4G\x1bH\r\t*"),
    ("TBC here", "\x1b[9G\x1b[g\r\t*"),
    ("TBC all", "\x1b[3g\r\t*"),
    ("ED 0", "\x1b[J"),
    ("ED 0 at home", "\x1b[H\x1b[J*"),
    ("ED 1", "\x1b[1J"),
    ("ED 2", "\x1b[2J*"),
    ("ED with a background", "\x1b[44m\x1b[J*"),
    (
        "ED keeps no attribute but the background",
        "\x1b[7;4;31;42m\x1b[1J*",
    ),
    ("EL 0", "\x1b[K"),
    ("EL 1", "\x1b[1K"),
    ("EL 2", "\x1b[2K"),
    ("EL 0 with a background", "\x1b[45m\x1b[K*"),
    ("EL behind the last column", "\x1b[1;20Hx\x1b[K*"),
    ("EL cuts a wide character", "\x1b[5;7H\x1b[K"),
    ("EL 1 cuts a wide character", "\x1b[5;6H\x1b[1K"),
    ("ECH", "\x1b[3X"),
    ("ECH with a background", "\x1b[46m\x1b[3X"),
    ("ICH", "\x1b[3@"),
    ("ICH to the edge", "\x1b[99@"),
    ("DCH", "\x1b[3P"),
    ("DCH to the edge", "\x1b[99P"),
    ("DCH with a background", "\x1b[41m\x1b[2P"),
    ("IL", "\x1b[2L*"),
    ("IL in a region", "\x1b[2;4r\x1b[3;3H\x1b[L*"),
    ("IL outside a region", "\x1b[2;3r\x1b[5;3H\x1b[L*"),
    ("IL with a background", "\x1b[43m\x1b[L"),
    ("DL", "\x1b[2M*"),
    ("DL in a region", "\x1b[2;4r\x1b[3;3H\x1b[M*"),
    ("DL with a background", "\x1b[43m\x1b[M"),
    ("SU", "\x1b[2S*"),
    ("SU in a region", "\x1b[2;4r\x1b[S*"),
    ("SD", "\x1b[2T*"),
    ("SD with a background", "\x1b[43m\x1b[T"),
    ("IND at the bottom", "\x1b[6;3H\x1bD*"),
    ("IND", "\x1bD*"),
    ("NEL", "\x1bE*"),
    ("RI", "\x1bM*"),
    ("RI at the top", "\x1b[H\x1bM*"),
    ("RI at the top of a region", "\x1b[2;4r\x1b[2;3H\x1bM*"),
    ("LF at the bottom of a region", "\x1b[2;4r\x1b[4;3H\n*"),
    ("LF below a region at the bottom", "\x1b[2;4r\x1b[6;3H\n*"),
    ("LF with a background", "\x1b[44m\x1b[6;1H\n*"),
    ("VT and FF", "\x0b\x0c*"),
    ("BS", "\x08\x08*"),
    ("BS behind the last column", "\x1b[1;20Hx\x08*"),
    ("BS over a soft wrap", "\x1b[1;20Hxy\r\x08*"),
    ("CR behind the last column", "\x1b[1;20Hx\r*"),
    ("LF behind the last column", "\x1b[1;20Hx\n*"),
    ("wrap at the bottom", "\x1b[6;19Hxyz"),
    ("a wide character that does not fit", "\x1b[2;20H世*"),
    ("a wide character overwritten on its left", "\x1b[5;6H*"),
    ("a wide character overwritten on its right", "\x1b[5;7H*"),
    ("a wide character over two halves", "\x1b[5;7H国"),
    ("a combining character", "e\u{301}*"),
    ("a combining character after a wide one", "世\u{301}*"),
    ("a combining character at the left edge", "\r\u{301}*"),
    ("a joined emoji", "👩\u{200d}💻*"),
    ("DECSTBM", "\x1b[2;4r*"),
    ("DECSTBM of one row is none", "\x1b[3;3r*"),
    ("DECSTBM upside down is none", "\x1b[5;2r*"),
    ("DECSTBM beyond", "\x1b[2;99r\x1b[6;1H\n*"),
    ("DECOM", "\x1b[3;5r\x1b[?6h\x1b[H*"),
    ("DECOM off", "\x1b[3;5r\x1b[?6h\x1b[?6l*"),
    ("DECAWM off", "\x1b[?7l\x1b[2;18Hwxyz"),
    ("DECAWM off, wide", "\x1b[?7l\x1b[2;20H世*"),
    ("IRM", "\x1b[4hxyz\x1b[4l*"),
    ("IRM with wide text", "\x1b[4h世\x1b[4l*"),
    ("REP", "x\x1b[4b*"),
    ("REP of a line", "\x1b(0q\x1b[4b\x1b(B*"),
    ("REP stops at the edge", "x\x1b[99b"),
    ("REP after a control does nothing", "x\r\x1b[4b*"),
    ("DECSC and DECRC", "\x1b[31m\x1b7\x1b[H\x1b[m\x1b8*"),
    ("SCOSC and SCORC", "\x1b[s\x1b[H\x1b[u*"),
    ("DECRC without DECSC", "\x1b8*"),
    ("DECALN", "\x1b#8"),
    ("line drawing", "\x1b(0lqqk\x1b(B*"),
    ("line drawing in G1", "\x1b)0\x0elqk\x0f*"),
    ("the alternate screen", "\x1b[?1049hALT"),
    (
        "the alternate screen and back",
        "\x1b[?1049hALT\x1b[?1049l*",
    ),
    ("the alternate screen 47", "\x1b[?47hALT\x1b[?47l*"),
    ("the alternate screen 1047", "\x1b[?1047hALT\x1b[?1047l*"),
    (
        "1049 brings the colour of 47 back",
        "\x1b[?1049h\x1b[?1049l\x1b[31m\x1b[?47h\x1b[32mALT\x1b[?1049l*",
    ),
    (
        "1049 brings the colour back",
        "\x1b[31m\x1b[?1049h\x1b[32mALT\x1b[?1049l*",
    ),
    ("DECCOLM clears", "\x1b[?3h*"),
    ("RIS", "\x1b[31m\x1b[2;4r\x1bc*"),
    (
        "SGR, the attributes",
        "\x1b[1;2;3;4;5;7;8;9ma\x1b[22mb\x1b[23mc\x1b[24md\x1b[25me\x1b[27mf\x1b[28mg\x1b[29mh",
    ),
    (
        "SGR, 16 colours",
        "\x1b[31;42ma\x1b[91;102mb\x1b[39mc\x1b[49md",
    ),
    ("SGR, 256 colours", "\x1b[38;5;200;48;5;17ma\x1b[38:5:99mb"),
    (
        "SGR, RGB",
        "\x1b[38;2;1;2;3ma\x1b[48:2:4:5:6mb\x1b[38:2::7:8:9mc",
    ),
    (
        "SGR, colours out of range",
        "\x1b[31m\x1b[38;5;300;1ma\x1b[38;2;300;1;1mb",
    ),
    (
        "SGR, underline colours do not leak",
        "\x1b[4;58;2;1;3;7ma\x1b[58:5:9mb\x1b[59mc",
    ),
    ("SGR, kinds of underline", "\x1b[4:3ma\x1b[4:0mb\x1b[21mc"),
    ("SGR, overline", "\x1b[53ma\x1b[55mb"),
    ("a control inside a sequence", "\x1b[2\n;3H*"),
    ("CAN ends a sequence", "\x1b[2\x18A*"),
    ("ESC starts over", "\x1b[2\x1b[A*"),
    ("an unknown sequence", "\x1b[5y\x1b[?5z\x1b[1$z*"),
    ("an unknown escape", "\x1b&\x1bV*"),
    ("OSC ended by BEL", "\x1b]0;title\x07*"),
    ("OSC ended by ST", "\x1b]2;title\x1b\\*"),
    (
        "titles on the stack",
        "\x1b]2;one\x07\x1b[22;0t\x1b]2;two\x07\x1b[23;0t*",
    ),
    (
        "titles on the stack, by 2",
        "\x1b]2;one\x07\x1b[22;2t\x1b]2;two\x07\x1b[23;2t*",
    ),
    (
        "icons on the stack",
        "\x1b]2;one\x07\x1b[22;1t\x1b]2;two\x07\x1b[23;1t*",
    ),
    (
        "nothing on the stack",
        "\x1b]2;one\x07\x1b[22t\x1b]2;two\x07\x1b[23t*",
    ),
    ("DCS is not shown", "\x1bPabc\x07def\x1b\\*"),
    ("APC and PM are not shown", "\x1b_abc\x1b\\\x1b^def\x1b\\*"),
    ("DEL and NUL", "a\x7fb\x00c"),
    ("8-bit controls are none", "a\u{9b}31mb"),
];

/// Where psup draws something else on purpose.
const DIFFERENT: &[(&str, &str)] = &[
    (
        "EL cuts a wide character",
        "tmux leaves half a character standing",
    ),
    (
        "EL 1 cuts a wide character",
        "tmux leaves half a character standing",
    ),
    ("APC and PM are not shown", "tmux takes an APC for a title"),
    (
        "ICH to the edge",
        "tmux does nothing if nothing remains to be moved; what was pushed out is gone in every other terminal",
    ),
];

#[test]
fn sequences_do_what_they_do_in_tmux() {
    let Some(tmux) = Tmux::start() else {
        println!("tmux is not installed: nothing compared");
        return;
    };
    let mut wrong = Vec::new();
    for (name, text) in CASES {
        let steps = [Step::Bytes([FIELD.as_bytes(), text.as_bytes()].concat())];
        let difference = tmux
            .view(SIZE, &steps)
            .difference(&terminals::psup(SIZE, &steps));
        if DIFFERENT.iter().any(|(different, _)| different == name) {
            if difference.is_none() {
                wrong.push(format!("{name}: is as in tmux now"));
            }
        } else if let Some(difference) = difference {
            wrong.push(format!("{name}: {difference}"));
        }
    }
    println!(
        "{} sequences compared, {} differ on purpose, {} otherwise",
        CASES.len(),
        DIFFERENT.len(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
