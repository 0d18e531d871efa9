//! Text on its way to a terminal: what the terminal would obey instead of showing is written out.
//!
//! Output of programs, arguments and file names may contain control characters (C0, C1) and
//! characters that reorder the text around them (bidi controls). A terminal obeys both, so anyone
//! who chose the text would move the cursor, change the title or make one name look like another.
//! Pipes and files get the bytes as they are: nothing there obeys them, and a program may want
//! them.

use std::borrow::Cow;
use std::io::{IsTerminal, stderr, stdout};

/// Where the text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sink {
    Stdout,
    Stderr,
    /// No terminal, whatever this process has for stdout.
    Other,
}

impl Sink {
    /// The text as it may be written here. Asks the system only where it makes a difference.
    pub fn safe(self, text: &str) -> Cow<'_, str> {
        if text.chars().any(is_obeyed) && self.is_terminal() {
            Cow::Owned(written_out(text))
        } else {
            Cow::Borrowed(text)
        }
    }

    /// JSON as it may be written here: the same text to a parser.
    pub fn safe_json(self, json: &str) -> Cow<'_, str> {
        if !json.chars().any(is_obeyed) || !self.is_terminal() {
            return Cow::Borrowed(json);
        }
        // None of them stands outside of a string, and all are in the basic plane.
        let escaped = |c: char| {
            if is_obeyed(c) {
                format!("\\u{:04x}", u32::from(c))
            } else {
                c.to_string()
            }
        };
        Cow::Owned(json.chars().map(escaped).collect())
    }

    pub fn is_terminal(self) -> bool {
        match self {
            Self::Stdout => stdout().is_terminal(),
            Self::Stderr => stderr().is_terminal(),
            Self::Other => false,
        }
    }
}

/// Every character that a terminal obeys as an escape; line ends and tabs stay.
pub fn written_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_obeyed(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether a terminal does something at this character instead of showing it.
pub fn is_obeyed(c: char) -> bool {
    let is_bidi = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (c.is_control() && !matches!(c, '\n' | '\t')) || is_bidi
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_written_out_and_all_else_stays() {
        for (text, safe) in [
            (
                "plain\ttext\nüß 世界 👩‍👩‍👧 مرحبا",
                "plain\ttext\nüß 世界 👩‍👩‍👧 مرحبا",
            ),
            ("\x1b]0;title\x07", "\\u{1b}]0;title\\u{7}"),
            ("\u{9b}31m\u{85}\x7f\r", "\\u{9b}31m\\u{85}\\u{7f}\\u{d}"),
            (
                "a\u{202e}b\u{2066}c\u{200f}",
                "a\\u{202e}b\\u{2066}c\\u{200f}",
            ),
        ] {
            assert_eq!(written_out(text), safe);
        }
    }

    #[test]
    fn what_is_no_terminal_gets_the_text_as_it_is() {
        assert_eq!(Sink::Other.safe("\x1b[31m\u{9b}"), "\x1b[31m\u{9b}");
        assert_eq!(Sink::Other.safe_json("\"\u{9b}\""), "\"\u{9b}\"");
    }
}
