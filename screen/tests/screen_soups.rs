//! Soups of what programs write, drawn by psup and by real tmux: text, colours, cursor, modes,
//! title, history and joined lines.
//!
//! Needs tmux; where there is none it says so and checks nothing. A run is short; a long one is
//! `PSUP_SOUPS=20000 PSUP_SEED=7 cargo test --release -p psup-screen --test screen_soups -- --nocapture`.
//! What differs is boiled down to the few sequences that matter. What tmux does not know or where
//! psup differs on purpose (docs/screen.md) is not among the ingredients.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod terminals;

use psup_proto::Size;
use terminals::dice::Dice;
use terminals::{Step, Tmux, recordings, story};

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
            let steps = story::boil_down(steps, &|steps| differs(&tmux, size, steps).is_some());
            let difference = differs(&tmux, size, &steps).unwrap_or_default();
            let told = format!(
                "soup {soup}, {size}: {}\n  {difference}",
                story::told(&joined(&steps))
            );
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
    let (mut tmux, mut ours) = (tmux.view(size, &steps), terminals::psup(size, &steps));
    // Rows of the history keep blanks at their ends here and there that only tmux or only psup
    // folds.
    if tmux.folded {
        (tmux.history, ours.history) = (Vec::new(), Vec::new());
        (tmux.lines, ours.lines) = (Vec::new(), Vec::new());
    }
    // A full row may end in a blank that was typed, and a blank row follow it.
    tmux.folded = true;
    // What overwrites the right half of a wide character in column 0 leaves the left half there in
    // tmux.
    let half = tmux
        .screen
        .iter()
        .zip(&ours.screen)
        .any(|(tmux, ours)| terminals::has_wide(&tmux[0].text) && ours[0].text == " ");
    tmux.difference(&ours).filter(|_| !half)
}

/// As it is given to both. What is below the cursor is kept here when the screen gets lower, and
/// gone in tmux: it goes down before.
fn joined(steps: &[Step]) -> Vec<Step> {
    let lowered = steps.iter().flat_map(|step| match step {
        Step::Resize(size) if size.cols % 2 == 0 => {
            vec![Step::Bytes(b"\x1b[r\x1b[999;5H".to_vec()), step.clone()]
        }
        Step::Resize(_) => vec![
            Step::Bytes(b"\x1b[r\x1b[999H\r\nlast".to_vec()),
            step.clone(),
        ],
        Step::Bytes(_) => vec![step.clone()],
    });
    story::joined(&lowered.collect::<Vec<_>>())
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
            story::pieces(&bytes.take(60_000).collect::<Vec<_>>())
        })
        .filter(|pieces| !pieces.is_empty())
        .collect()
}

/// A size and what is put on a screen of it.
fn cook(dice: &mut Dice, said: &[Vec<Vec<u8>>]) -> (Size, Vec<Step>) {
    let size = size(dice);
    let kind = dice.below(10);
    let resized = dice.below(6) == 0;
    let mut steps = Vec::new();
    for _ in 0..3 + dice.below(40) {
        if resized && dice.below(12) == 0 {
            steps.push(Step::Resize(self::size(dice)));
        }
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
    keep_comparable(&mut steps);
    (size, steps)
}

/// Takes out what psup does otherwise on purpose where it would be seen.
fn keep_comparable(steps: &mut Vec<Step>) {
    let is = |step: &Step, pieces: &[&str]| matches!(step, Step::Bytes(bytes) if pieces.iter().any(|piece| bytes == piece.as_bytes()));
    let ends = |step: &Step, lasts: &[u8]| match step {
        Step::Bytes(bytes) => {
            bytes.starts_with(b"\x1b") && bytes.last().is_some_and(|last| lasts.contains(last))
        }
        Step::Resize(_) => false,
    };
    // RIS leaves the alternate screen.
    if steps.iter().any(|step| {
        is(
            step,
            &["\x1b[?1049h", "\x1b[?1049l", "\x1b[?47h", "\x1b[?1047h"],
        )
    }) {
        steps.retain(|step| !is(step, &["\x1bc"]));
    }
    // In tmux these leave cells behind that are only seen in another size, and what was on the
    // alternate screen too.
    if steps.iter().any(|step| matches!(step, Step::Resize(_))) {
        steps.retain(|step| !ends(step, b"PXKJ@TLMr8Sh"));
    }
    // Soft wraps last longer in tmux when a row's end is erased, less when rows are moved down:
    // going back over them ends elsewhere.
    if steps.iter().any(|step| ends(step, b"TLMKJXP")) {
        steps.retain(|step| !matches!(step, Step::Bytes(bytes) if bytes.contains(&8)));
    }
    // IL outside the region blanks.
    if steps.iter().any(|step| ends(step, b"r")) {
        steps.retain(|step| !ends(step, b"L"));
    }
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
    if !piece.starts_with(b"\x1b[")
        || dice.below(4) > 0
        || piece.last() == Some(&b'h')
        || piece.last() == Some(&b'l')
    {
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

/// What must not go in: the question the driver asks, what tmux does not know, and what would cut
/// wide characters in two.
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
        || sequence && piece.windows(4).any(|mode| mode == b"1015")
        || sequence && matches!(last, b'a' | b'e' | b'I' | b'p' | b'@')
        || !wide && std::str::from_utf8(piece).is_ok_and(terminals::has_wide)
        || wide && sequence && matches!(last, b'P' | b'X' | b'K' | b'J' | b'h')
}
