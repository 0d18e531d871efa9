//! Simple lines: what they are, and how they are written for the history.
//!
//! A simple line is printable text, tabs and SGR, ended by CR LF in a style without a background.
//! Without tabs, whose blanks depend on the stops of the moment, it can be kept as it came, and be
//! written when somebody asks, by the same code that found it simple.

use super::params::Params;
use super::parser::{Decoded, ascii_run, decode};
use super::style::Style;
use super::tables::{CLUSTER, Tables};
use super::width::{self, ZWJ};
use memchr::memchr;

/// How lines go to the history.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// To be written when they are asked for.
    #[default]
    AsItCame,
    Written,
}

/// Simple lines that came one after the other, in the form in which the history gives them; `style`
/// is the one they begin in.
pub(crate) fn written(lines: &[u8], style: Style) -> String {
    let (tables, mut out) = (
        Tables::default(),
        String::with_capacity(lines.len() + lines.len() / 8),
    );
    let mut scan = Scan::new(&tables, &[], style, &mut out, Form::Written);
    let mut rest = lines;
    while let Some(length) = memchr(b'\n', rest) {
        // They were found to be simple, so nothing is refused.
        let _ = scan.line(without_returns(&rest[..length]));
        scan.end_line();
        rest = &rest[length + 1..];
    }
    out
}

/// A line without the CRs at its end.
pub(crate) fn without_returns(line: &[u8]) -> &[u8] {
    let end = line
        .iter()
        .rposition(|b| *b != b'\r')
        .map_or(0, |last| last + 1);
    &line[..end]
}

/// Reads simple lines, and writes them in the history's form if that is wanted.
pub(crate) struct Scan<'a> {
    tables: &'a Tables,
    tabs: &'a [bool],
    pub style: Style,
    /// The style that the text's end is in.
    pen: Style,
    params: Params,
    pub out: &'a mut String,
    form: Form,
    /// What was refused is simple only if it is written now.
    pub must_write: bool,
}

impl<'a> Scan<'a> {
    pub(crate) fn new(
        tables: &'a Tables,
        tabs: &'a [bool],
        style: Style,
        out: &'a mut String,
        form: Form,
    ) -> Self {
        Self {
            tables,
            tabs,
            style,
            pen: Style::default(),
            params: Params::default(),
            out,
            form,
            must_write: false,
        }
    }

    /// One line without its end; `None` if it is not simple.
    pub(crate) fn line(&mut self, line: &[u8]) -> Option<()> {
        self.pen = Style::default();
        let (mut at, mut col) = (0, 0);
        // The character before was ASCII, so what combines belongs to it.
        let mut after_ascii = false;
        // Columns matter in front of a tab: then only narrow text is simple.
        let (mut wide, mut tabbed) = (false, false);
        while at < line.len() {
            let run = ascii_run(&line[at..]);
            if run > 0 {
                self.push(&line[at..at + run]);
                (at, col, after_ascii) = (at + run, col + run, true);
                continue;
            }
            match line[at] {
                0x1b => at += self.sgr(&line[at..])?,
                b'\t' if self.form == Form::AsItCame => {
                    self.must_write = true;
                    return None;
                }
                b'\t' if !wide => {
                    tabbed = true;
                    at += 1;
                    col = self.tab(&line[at..], col)?;
                }
                0x80.. if !tabbed => {
                    wide = true;
                    at += self.wide(&line[at..], after_ascii)?;
                }
                _ => return None,
            }
            after_ascii = false;
        }
        Some(())
    }

    /// Gives the length of the sequence.
    fn sgr(&mut self, bytes: &[u8]) -> Option<usize> {
        let body = bytes.strip_prefix(b"\x1b[")?;
        // Half of all there are.
        if let [b'm', ..] | [b'0', b'm', ..] = body {
            self.style.reset();
            return Some(if body[0] == b'm' { 3 } else { 4 });
        }
        let length = self.params.read(body);
        if body.get(length) != Some(&b'm') || self.params.is_over() {
            return None;
        }
        self.style.apply(&self.params);
        Some(length + 3)
    }

    /// Text, which is UTF-8.
    fn push(&mut self, text: &[u8]) {
        if self.form == Form::AsItCame {
            return;
        }
        if self.style != self.pen {
            self.tables.push_style(self.pen, self.style, self.out);
            self.pen = self.style;
        }
        self.out
            .push_str(std::str::from_utf8(text).unwrap_or_default());
    }

    pub(crate) fn end_line(&mut self) {
        if self.form == Form::Written {
            self.out.push('\n');
        }
    }

    /// A tab: blanks in the default style, if text follows. Only within the first row, where it is
    /// where it looks to be. Gives the column.
    fn tab(&mut self, rest: &[u8], col: usize) -> Option<usize> {
        let last = self.tabs.len() - 1;
        if col >= last {
            return None;
        }
        let to = (col + 1..last).find(|col| self.tabs[*col]).unwrap_or(last);
        // Blanks that nothing follows are not there; what may follow is text or another tab and
        // then text.
        if rest.iter().any(|b| matches!(b, b' '..=b'~')) && !rest.contains(&0x1b) {
            self.tables.push_style(self.pen, Style::default(), self.out);
            self.pen = Style::default();
            self.out.extend(std::iter::repeat_n(' ', to - col));
        } else if !rest.is_empty() {
            return None;
        }
        Some(to)
    }

    /// Text outside ASCII; gives its length. `None` where it is none, or a character would be
    /// dropped or stand in another cell than it seems.
    fn wide(&mut self, bytes: &[u8], after_ascii: bool) -> Option<usize> {
        let mut length = 0;
        // Bytes of the character that what combines belongs to; 0 if it is not known.
        let mut cluster = usize::from(after_ascii);
        let mut joining = false;
        loop {
            if !joining {
                let wide = width::ideographs(&bytes[length..]);
                length += wide;
                cluster = if wide > 0 { 3 } else { cluster };
            }
            if bytes.get(length).is_none_or(u8::is_ascii) {
                break;
            }
            let Decoded::Char(c, bytes_of_c) = decode(&bytes[length..]) else {
                return None;
            };
            length += bytes_of_c;
            if c == ZWJ {
                if std::mem::replace(&mut joining, true) {
                    return None;
                }
                continue;
            }
            let joined = std::mem::take(&mut joining);
            if width::of(c)? > 0 && !joined {
                cluster = bytes_of_c;
                continue;
            }
            let more = bytes_of_c + if joined { ZWJ.len_utf8() } else { 0 };
            if cluster == 0 || cluster + more > CLUSTER {
                return None;
            }
            cluster += more;
        }
        if joining {
            return None;
        }
        self.push(&bytes[..length]);
        Some(length)
    }
}
