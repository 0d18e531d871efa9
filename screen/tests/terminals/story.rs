//! What a screen is given, in its pieces, and which of them matter.

use super::Step;

/// Portions that follow one another as one.
pub(crate) fn joined(steps: &[Step]) -> Vec<Step> {
    let mut joined: Vec<Step> = Vec::new();
    for step in steps {
        match (joined.last_mut(), step) {
            (Some(Step::Bytes(before)), Step::Bytes(bytes)) => before.extend_from_slice(bytes),
            _ => joined.push(step.clone()),
        }
    }
    joined
}

/// For people to read.
pub(crate) fn told(steps: &[Step]) -> String {
    let told = |step: &Step| match step {
        Step::Bytes(bytes) => format!("{:?}", String::from_utf8_lossy(bytes)),
        Step::Resize(size) => format!("to {size}"),
    };
    steps.iter().map(told).collect::<Vec<_>>().join(" ")
}

/// Takes away what does not matter: ever smaller portions, then characters of text.
pub(crate) fn boil_down(mut steps: Vec<Step>, differs: &dyn Fn(&[Step]) -> bool) -> Vec<Step> {
    let mut portion = steps.len() / 2;
    while portion > 0 {
        let mut at = 0;
        while at < steps.len() {
            let mut less = steps.clone();
            less.drain(at..(at + portion).min(less.len()));
            if differs(&less) {
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
            let shorter = text
                .char_indices()
                .nth(1)
                .map(|(second, _)| text.as_bytes()[second..].to_vec());
            let Some(shorter) = shorter.filter(|_| !text.starts_with('\x1b')) else {
                break;
            };
            let mut less = steps.clone();
            less[at] = Step::Bytes(shorter);
            if !differs(&less) {
                break;
            }
            steps = less;
        }
    }
    steps
}

/// Sequences, controls and stretches of text, one by one.
pub(crate) fn pieces(bytes: &[u8]) -> Vec<Vec<u8>> {
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
