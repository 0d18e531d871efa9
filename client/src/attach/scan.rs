//! What a person types, on its way to the session: the detach key is found, and where the view has
//! been moved, mouse positions are counted from the session's own corner.

use psup_proto::key::{Code, Key};
use psup_proto::{Failure, Size};
use std::str::FromStr;

/// The key that leaves the session running and ends `attach`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DetachKey {
    /// Control and this character, lower case.
    Control(char),
    None,
}

impl FromStr for DetachKey {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        if text.eq_ignore_ascii_case("none") {
            return Ok(Self::None);
        }
        let key: Option<Key> = text.parse().ok();
        match key {
            Some(Key {
                code: Code::Char(c),
                ctrl: true,
                meta: false,
                shift: false,
            }) if c.is_ascii_lowercase() || "@[\\]^_".contains(c) => Ok(Self::Control(c)),
            _ => {
                let message = format!("{text:?} is no key to detach with");
                let hint = "give C- and a letter, or C- and one of @ [ \\ ] ^ _, or `none`";
                Err(Failure::new(psup_proto::Code::Usage, message).hint(hint))
            }
        }
    }
}

impl DetachKey {
    /// What the person is told.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Control(c) => format!("C-{c} detaches"),
            Self::None => "there is no key to detach".to_owned(),
        }
    }

    /// Every form in which a terminal may send it.
    fn forms(self) -> Vec<Vec<u8>> {
        match self {
            Self::None => Vec::new(),
            Self::Control(c) => vec![
                vec![c as u8 & 0x1f],
                format!("\x1b[{};5u", c as u32).into_bytes(),
                format!("\x1b[27;5;{}~", c as u32).into_bytes(),
            ],
        }
    }
}

/// Looks through what is typed, piece by piece.
pub(super) struct Scanner {
    forms: Vec<Vec<u8>>,
    pasting: bool,
}

/// What to do with a piece.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scanned {
    pub bytes: Vec<u8>,
    /// The detach key came behind these bytes.
    pub detached: bool,
}

/// Where the view stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The session's cell in the upper left corner, as column and row.
    pub origin: (usize, usize),
    pub session: Size,
    pub viewer: Size,
}

impl Place {
    /// Whether positions on the viewer's terminal are the session's.
    fn is_plain(&self) -> bool {
        self.origin == (0, 0) && self.session == self.viewer
    }
}

const PASTE: &[u8] = b"\x1b[200~";
const PASTED: &[u8] = b"\x1b[201~";

impl Scanner {
    pub(super) fn new(key: DetachKey) -> Self {
        Self {
            forms: key.forms(),
            pasting: false,
        }
    }

    pub(super) fn scan(&mut self, typed: &[u8], place: Place) -> Scanned {
        let mut bytes = Vec::with_capacity(typed.len());
        let mut rest = typed;
        while let Some(&first) = rest.first() {
            if self.pasting {
                if rest.starts_with(PASTED) {
                    self.pasting = false;
                }
            } else if self.forms.iter().any(|form| rest.starts_with(form)) {
                return Scanned {
                    bytes,
                    detached: true,
                };
            } else if rest.starts_with(PASTE) {
                self.pasting = true;
            } else if let Some((mouse, length)) = Mouse::parse(rest)
                && !place.is_plain()
            {
                mouse.write_moved(place, &mut bytes);
                rest = &rest[length..];
                continue;
            }
            bytes.push(first);
            rest = &rest[1..];
        }
        Scanned {
            bytes,
            detached: false,
        }
    }
}

/// A mouse report in SGR's form: `CSI < button ; column ; row M` or `m`.
struct Mouse {
    button: u16,
    col: usize,
    row: usize,
    last: char,
}

impl Mouse {
    /// The report at the beginning, and its length.
    fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        let body = bytes.strip_prefix(b"\x1b[<")?;
        let end = body
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b';'))?;
        let last = char::from(body[end]);
        let mut numbers = std::str::from_utf8(&body[..end]).ok()?.split(';');
        let mouse = Self {
            button: numbers.next()?.parse().ok()?,
            col: numbers.next()?.parse().ok()?,
            row: numbers.next()?.parse().ok()?,
            last,
        };
        (matches!(last, 'M' | 'm') && numbers.next().is_none()).then_some((mouse, 3 + end + 1))
    }

    /// The same report from the session's corner; nothing if it points beside the session.
    fn write_moved(&self, place: Place, out: &mut Vec<u8>) {
        let (col, row) = (self.col + place.origin.0, self.row + place.origin.1);
        if col <= usize::from(place.session.cols) && row <= usize::from(place.session.rows) {
            let report = format!("\x1b[<{};{col};{row}{}", self.button, self.last);
            out.extend_from_slice(report.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const SAME: Size = Size { cols: 80, rows: 24 };

    fn scan(pieces: &[&[u8]], place: Place) -> (Vec<u8>, bool) {
        let mut scanner = Scanner::new("C-\\".parse().unwrap());
        let mut all = Vec::new();
        for piece in pieces {
            let scanned = scanner.scan(piece, place);
            all.extend(scanned.bytes);
            if scanned.detached {
                return (all, true);
            }
        }
        (all, false)
    }

    fn place(origin: (usize, usize)) -> Place {
        Place {
            origin,
            session: SAME,
            viewer: SAME,
        }
    }

    #[test]
    fn the_detach_key_is_found_in_each_of_its_forms_but_not_in_a_paste() {
        let check = |pieces: &[&[u8]], bytes: &[u8], detached| {
            assert_eq!(
                scan(pieces, place((0, 0))),
                (bytes.to_vec(), detached),
                "{pieces:?}"
            );
        };
        check(&[b"ls\r"], b"ls\r", false);
        check(&[b"l\x1cs"], b"l", true);
        check(&[b"a", b"\x1b[92;5u"], b"a", true);
        check(&[b"\x1b[27;5;92~"], b"", true);
        check(
            &[b"\x1b[200~a\x1cb\x1b[201~"],
            b"\x1b[200~a\x1cb\x1b[201~",
            false,
        );
        check(
            &[b"\x1b[200~a", b"\x1cb\x1b[201~", b"\x1c"],
            b"\x1b[200~a\x1cb\x1b[201~",
            true,
        );
        check(&[b"\x1b[A\x1bOB\xff\x00"], b"\x1b[A\x1bOB\xff\x00", false);
    }

    #[test]
    fn a_click_in_a_moved_view_is_counted_from_the_sessions_corner() {
        let moved = place((10, 5));
        assert_eq!(scan(&[b"\x1b[<0;3;4M"], moved).0, b"\x1b[<0;13;9M");
        assert_eq!(scan(&[b"x\x1b[<0;3;4my"], moved).0, b"x\x1b[<0;13;9my");
        assert_eq!(scan(&[b"\x1b[<0;79;4M"], moved).0, b"");
        assert_eq!(scan(&[b"\x1b[<0;3;4M"], place((0, 0))).0, b"\x1b[<0;3;4M");
        assert_eq!(scan(&[b"\x1b[<0;3"], moved).0, b"\x1b[<0;3");
    }

    #[test]
    fn a_detach_key_is_control_and_a_character() {
        for good in ["C-a", "C-\\", "C-]", "none"] {
            assert!(good.parse::<DetachKey>().is_ok(), "{good}");
        }
        for bad in ["a", "F1", "C-M-a", "", "C-1"] {
            assert!(bad.parse::<DetachKey>().is_err(), "{bad}");
        }
    }
}
