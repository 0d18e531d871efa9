//! Soups of what programs write, drawn by psup and by real tmux: text, colours, cursor, modes, title, history and joined lines.
//!
//! Needs tmux; where there is none it says so and checks nothing. A run is short; a long one is
//! `PSUP_SOUPS=20000 PSUP_SEED=7 cargo test --release -p psup-supervisor --test screen_soups -- --nocapture`. What differs is boiled
//! down to the few sequences that matter. What tmux does not know or where psup differs on purpose (docs/screen.md) is not among the
//! ingredients.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod terminals;

use psup_proto::Size;
use terminals::dice::Dice;
use terminals::{Step, Tmux, recordings};

/// How many are tried unless PSUP_SOUPS says otherwise.
const SOUPS: usize = 300;
/// So many differences are enough to look at.
const MOST: usize = 12;

#[test]
fn soups_look_as_in_tmux() {
    let Some(tmux) = Tmux::start() else {
        println!("tmux is not installed: nothing compared");
        return;
    };
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let soups = number("PSUP_SOUPS").unwrap_or(SOUPS);
    let seed = number("PSUP_SEED").unwrap_or(1);
    let said = vocabulary();
    let mut wrong = Vec::new();
    for soup in 0..soups {
        let mut dice = Dice::new(seed as u64 * 1_000_003 + soup as u64);
        let (size, steps) = cook(&mut dice, &said);
        if differs(&tmux, size, &steps).is_some() {
            let steps = boil_down(&tmux, size, steps);
            let difference = differs(&tmux, size, &steps).unwrap_or_default();
            let told = format!("soup {soup}, {size}: {}\n  {difference}", told(&steps));
            println!("{told}");
            wrong.push(told);
        }
        if wrong.len() == MOST {
            break;
        }
    }
    println!("{soups} soups, {} differ", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn differs(tmux: &Tmux, size: Size, steps: &[Step]) -> Option<String> {
    let steps = joined(steps);
    let (tmux, ours) = (tmux.view(size, &steps), terminals::psup(size, &steps));
    // What overwrites the right half of a wide character in column 0 leaves the left half there in tmux.
    let half = tmux
        .screen
        .iter()
        .zip(&ours.screen)
        .any(|(tmux, ours)| terminals::has_wide(&tmux[0].text) && ours[0].text == " ");
    tmux.difference(&ours).filter(|_| !half)
}

/// Portions that follow one another as one.
fn joined(steps: &[Step]) -> Vec<Step> {
    let mut joined: Vec<Step> = Vec::new();
    for step in steps {
        match (joined.last_mut(), step) {
            (Some(Step::Bytes(before)), Step::Bytes(bytes)) => before.extend_from_slice(bytes),
            _ => joined.push(step.clone()),
        }
    }
    joined
}

fn told(steps: &[Step]) -> String {
    let told = |step: &Step| match step {
        Step::Bytes(bytes) => format!("{:?}", String::from_utf8_lossy(bytes)),
        Step::Resize(size) => format!("to {size}"),
    };
    joined(steps).iter().map(told).collect::<Vec<_>>().join(" ")
}

/// Takes away what does not matter: ever smaller portions, then characters of text.
fn boil_down(tmux: &Tmux, size: Size, mut steps: Vec<Step>) -> Vec<Step> {
    let mut portion = steps.len() / 2;
    while portion > 0 {
        let mut at = 0;
        while at < steps.len() {
            let mut less = steps.clone();
            less.drain(at..(at + portion).min(less.len()));
            if differs(tmux, size, &less).is_some() {
                steps = less;
            } else {
                at += portion;
            }
        }
        portion /= 2;
    }
    for at in 0..steps.len() {
        while let Step::Bytes(bytes) = &steps[at] {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let shorter = text.char_indices().nth(1).map(|(second, _)| text.as_bytes()[second..].to_vec());
            let Some(shorter) = shorter.filter(|_| !text.starts_with('\x1b')) else {
                break;
            };
            let mut less = steps.clone();
            less[at] = Step::Bytes(shorter);
            if differs(tmux, size, &less).is_none() {
                break;
            }
            steps = less;
        }
    }
    steps
}

/// What the recorded programs said, each in its pieces.
fn vocabulary() -> Vec<Vec<Vec<u8>>> {
    recordings()
        .into_iter()
        .map(|recording| {
            let bytes = recording.steps.iter().flat_map(|step| match step {
                Step::Bytes(bytes) => bytes.clone(),
                Step::Resize(_) => Vec::new(),
            });
            pieces(&bytes.take(60_000).collect::<Vec<_>>())
        })
        .collect()
}

/// Sequences, controls and stretches of text, one by one.
fn pieces(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    let mut rest = bytes;
    while let Some(&first) = rest.first() {
        let end = match (first, rest.get(1)) {
            (0x1b, Some(b'[')) => rest
                .iter()
                .skip(2)
                .position(|b| (0x40..0x7f).contains(b))
                .map_or(rest.len(), |at| at + 3),
            (0x1b, Some(b']' | b'P' | b'_' | b'^')) => {
                let end = rest
                    .iter()
                    .skip(1)
                    .position(|b| matches!(b, 0x07 | 0x1b))
                    .map_or(rest.len(), |at| at + 1);
                if rest.get(end) == Some(&0x07) {
                    end + 1
                } else {
                    (end + 2).min(rest.len())
                }
            }
            (0x1b, Some(b' '..=b'/')) => rest.len().min(3),
            (0x1b, _) => rest.len().min(2),
            (..0x20, _) => 1,
            _ => rest.iter().position(|b| *b < 0x20).unwrap_or(rest.len()),
        };
        pieces.push(rest[..end].to_vec());
        rest = &rest[end..];
    }
    pieces
}

/// A size and what is put on a screen of it.
fn cook(dice: &mut Dice, said: &[Vec<Vec<u8>>]) -> (Size, Vec<Step>) {
    let size = size(dice);
    let kind = dice.below(10);
    let mut steps = Vec::new();
    for _ in 0..3 + dice.below(40) {
        match kind {
            0..4 => steps.push(Step::Bytes(dice.piece(kind == 3).into_bytes())),
            4..8 => {
                let program = &said[dice.below(said.len())];
                let from = dice.below(program.len());
                let some = program.iter().skip(from).take(1 + dice.below(12));
                steps.extend(some.map(|piece| Step::Bytes(changed(dice, piece))));
            }
            _ => {
                let piece = if dice.below(2) == 0 {
                    dice.piece(false).into_bytes()
                } else {
                    let program = &said[dice.below(said.len())];
                    let at = dice.below(program.len());
                    changed(dice, &program[at])
                };
                steps.push(Step::Bytes(piece));
            }
        }
    }
    steps.retain(|step| !matches!(step, Step::Bytes(bytes) if unfit(bytes, kind == 3)));
    // Where both are on a screen they are what psup does otherwise on purpose: RIS leaves the alternate screen, IL outside a region blanks.
    for (one, other) in [
        ("\x1bc", "\x1b[?1049h"),
        ("\x1bc", "\x1b[?1049l"),
        ("\x1bc", "\x1b[?47h"),
        ("\x1bc", "\x1b[?1047h"),
    ] {
        if steps.contains(&Step::Bytes(other.into())) {
            steps.retain(|step| *step != Step::Bytes(one.into()));
        }
    }
    // Soft wraps last longer in tmux when a row's end is erased, less when rows are moved down: going back over them ends elsewhere.
    let ends = |step: &Step, lasts: &[u8]| match step {
        Step::Bytes(bytes) => bytes.starts_with(b"\x1b") && bytes.last().is_some_and(|last| lasts.contains(last)),
        Step::Resize(_) => false,
    };
    if steps.iter().any(|step| ends(step, b"TLMKJXP")) {
        steps.retain(|step| !matches!(step, Step::Bytes(bytes) if bytes.contains(&8)));
    }
    if steps.iter().any(|step| ends(step, b"r")) {
        steps.retain(|step| !ends(step, b"L"));
    }
    (size, steps)
}

fn size(dice: &mut Dice) -> Size {
    let (cols, rows) = match dice.below(8) {
        0 => (80, 24),
        1 => (132, 50),
        2 => (3 + dice.below(4), 2 + dice.below(4)),
        3 => (3 + dice.below(200), 2 + dice.below(60)),
        _ => (5 + dice.below(30), 3 + dice.below(10)),
    };
    Size {
        cols: cols as u16,
        rows: rows as u16,
    }
}

/// Now and then another number stands in a sequence.
fn changed(dice: &mut Dice, piece: &[u8]) -> Vec<u8> {
    if !piece.starts_with(b"\x1b[") || dice.below(4) > 0 || piece.last() == Some(&b'h') || piece.last() == Some(&b'l') {
        return piece.to_vec();
    }
    let text = String::from_utf8_lossy(piece);
    let number = |part: &str| part.parse::<u16>().is_ok();
    let (body, last) = text[2..].split_at(text.len() - 3);
    let parts: Vec<String> = body
        .split(';')
        .map(|part| match dice.below(3) {
            0 if number(part) => dice.below(12).to_string(),
            _ => part.to_owned(),
        })
        .collect();
    format!("\x1b[{}{last}", parts.join(";")).into_bytes()
}

/// What must not go in: the question the driver asks, what tmux does not know, and what would cut wide characters in two.
fn unfit(piece: &[u8], wide: bool) -> bool {
    let unknown = [
        &b"\x1b[5n"[..],
        b"\x1b]8",
        b"\x1b]133",
        b"\x1bk",
        b"\x1bP",
        b"\x1b_",
        b"\x1b[22",
        b"\x1b[23",
    ];
    let last = piece.last().copied().unwrap_or_default();
    let sequence = piece.starts_with(b"\x1b[");
    unknown.iter().any(|start| piece.starts_with(start))
        || std::str::from_utf8(piece).is_err()
        || sequence && matches!(last, b'a' | b'e' | b'I' | b'p' | b'@')
        || !wide && std::str::from_utf8(piece).is_ok_and(terminals::has_wide)
        || wide && sequence && matches!(last, b'P' | b'X' | b'K' | b'J' | b'h')
}
