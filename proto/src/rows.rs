//! Captures as data: rows of text, and the stretches of them that have a style.
//!
//! They travel in pieces of bounded size, many rows in one, so that plain text costs no more than
//! its bytes. What is made of them (text, JSON, a picture) is made by the client.

use crate::capture::Cursor;
use crate::style::Style;
use crate::{Offset, Size};
use serde::{Deserialize, Serialize};

/// What stands before the rows of a capture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsHead {
    /// The capture shows exactly the first `offset` bytes.
    pub offset: Offset,
    pub size: Size,
    pub cursor: Cursor,
    pub title: String,
    /// Where the program says it is (OSC 7).
    pub cwd: Option<String>,
    /// The modes that are set, by their names.
    pub modes: Vec<String>,
    /// Rows that follow.
    pub rows: u64,
    /// Older lines that were asked for and are left out: they did not fit the budget, or are not
    /// kept any more.
    pub left_out: u64,
}

/// Some rows of a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// Each row as far as it was written, ended by `\n`. The last row of a piece may go on in the
    /// next one: then it has no end here.
    pub text: String,
    /// The rows that are styled, in order; none where only text was asked for.
    pub styled: Vec<StyledRow>,
    /// The rows that the next one goes on from, in order.
    pub wraps: Vec<Wrap>,
}

/// A row with all its stretches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StyledRow {
    /// Its place in the piece, from 0.
    pub row: u32,
    pub runs: Vec<Run>,
}

/// A stretch of a row in one style.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Bytes of the row's text.
    pub length: u32,
    pub style: Style,
    pub link: Option<Link>,
}

/// A hyperlink: where to, and the id that joins its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub uri: String,
    pub id: String,
}

/// A row that the edge of the screen cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrap {
    /// Its place in the piece, from 0.
    pub row: u32,
    /// Blanks that it lacks at its end: joined with the next row it has them.
    pub blanks: u16,
}

/// One row of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    pub text: &'a str,
    /// Empty where nothing is styled; else they cover the text.
    pub runs: &'a [Run],
    /// Set where the next row goes on from this one: the blanks that this one lacks at its end.
    pub wrap: Option<u16>,
    /// Whether its end is in this piece.
    pub is_whole: bool,
}

/// A row on its own, outside of a piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowBuf {
    pub text: String,
    pub runs: Vec<Run>,
    pub wrap: Option<u16>,
}

/// Makes whole rows of pieces.
#[derive(Clone, Debug, Default)]
pub struct Assembler {
    /// The row whose end has not come.
    open: Option<RowBuf>,
    /// Rows given so far, and those of them that come again.
    given: u64,
    again: u64,
}

impl Assembler {
    /// Gives the rows that are whole with this piece.
    pub fn take<E>(
        &mut self,
        piece: &Rows,
        mut give: impl FnMut(Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for row in piece.iter() {
            let begun = self.open.take();
            if !row.is_whole {
                self.open = Some(begun.unwrap_or_default().joined(row));
                continue;
            }
            if self.again > 0 {
                self.again -= 1;
                continue;
            }
            self.given += 1;
            match begun {
                Some(begun) => give(begun.joined(row).as_row())?,
                None => give(row)?,
            }
        }
        Ok(())
    }

    /// The same rows come once more, from the first on: those that were given are passed over.
    pub fn restart(&mut self) {
        self.open = None;
        self.again = self.given;
    }
}

/// Joins rows that the edge of the screen cut.
#[derive(Clone, Debug, Default)]
pub struct Joiner {
    begun: Option<RowBuf>,
}

impl Joiner {
    /// Takes the next row; gives a line that is over with it.
    pub fn row(&mut self, row: Row<'_>) -> Option<RowBuf> {
        let mut line = match self.begun.take() {
            Some(begun) => begun.joined(row),
            None => row.into(),
        };
        let Some(blanks) = line.wrap else {
            return Some(line);
        };
        if blanks > 0 {
            line = line.joined(Row {
                text: &" ".repeat(blanks.into()),
                runs: &[],
                wrap: None,
                is_whole: true,
            });
        }
        self.begun = Some(line);
        None
    }

    /// The line that was not over.
    pub fn end(self) -> Option<RowBuf> {
        self.begun
    }
}

impl RowBuf {
    pub fn as_row(&self) -> Row<'_> {
        Row {
            text: &self.text,
            runs: &self.runs,
            wrap: self.wrap,
            is_whole: true,
        }
    }

    /// With a row behind it. What the runs do not cover is plain.
    #[must_use]
    pub fn joined(mut self, more: Row<'_>) -> Self {
        let plain = |text: &str| Run {
            length: text.len() as u32,
            style: Style::default(),
            link: None,
        };
        if self.runs.is_empty() && !more.runs.is_empty() && !self.text.is_empty() {
            self.runs.push(plain(&self.text));
        }
        let rest = plain(more.text);
        let runs = if more.runs.is_empty() && !self.runs.is_empty() && rest.length > 0 {
            std::slice::from_ref(&rest)
        } else {
            more.runs
        };
        for run in runs {
            match self.runs.last_mut() {
                Some(last) if (last.style, &last.link) == (run.style, &run.link) => {
                    last.length += run.length;
                }
                Some(_) | None => self.runs.push(run.clone()),
            }
        }
        self.text.push_str(more.text);
        self.wrap = more.wrap;
        self
    }
}

impl From<Row<'_>> for RowBuf {
    fn from(row: Row<'_>) -> Self {
        Self {
            text: row.text.to_owned(),
            runs: row.runs.to_vec(),
            wrap: row.wrap,
        }
    }
}

impl Rows {
    /// The rows of the piece, the last one perhaps without its end.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        let (mut rest, mut number) = (self.text.as_str(), 0);
        let mut styled = self.styled.iter().peekable();
        let mut wraps = self.wraps.iter().peekable();
        std::iter::from_fn(move || {
            let runs = styled.next_if(|styled| styled.row == number);
            if rest.is_empty() && runs.is_none() {
                return None;
            }
            let wrap = wraps.next_if(|wrap| wrap.row == number);
            number += 1;
            let (text, is_whole) = match rest.split_once('\n') {
                Some((text, after)) => {
                    rest = after;
                    (text, true)
                }
                None => (std::mem::take(&mut rest), false),
            };
            Some(Row {
                text,
                runs: runs.map_or(&[], |styled| &styled.runs),
                wrap: wrap.map(|wrap| wrap.blanks),
                is_whole,
            })
        })
    }
}

impl<'a> Row<'a> {
    /// The stretches of the row, one where nothing is styled. What the runs do not cover is in the
    /// default style.
    pub fn stretches(&self) -> impl Iterator<Item = (&'a str, Style, Option<&'a Link>)> + use<'a> {
        let (mut rest, mut runs) = (self.text, self.runs.iter());
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let run = runs.next();
            let length = run.map_or(rest.len(), |run| run.length as usize);
            let (text, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
            rest = after;
            let style = run.map(|run| run.style).unwrap_or_default();
            Some((text, style, run.and_then(|run| run.link.as_ref())))
        })
    }

    /// The text without blanks at its end.
    pub fn trimmed(&self) -> &'a str {
        self.text.trim_end_matches(' ')
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::style::Colour;

    #[test]
    fn a_piece_gives_its_rows_with_what_is_known_of_each() {
        let red = Run {
            length: 2,
            style: Style {
                fg: Colour::Indexed(1),
                ..Style::default()
            },
            link: None,
        };
        let rows = Rows {
            text: "plain\nré\n\nopen".to_owned(),
            styled: vec![StyledRow {
                row: 1,
                runs: vec![red.clone()],
            }],
            wraps: vec![Wrap { row: 2, blanks: 7 }],
        };
        let seen: Vec<_> = rows
            .iter()
            .map(|row| (row.text, row.runs.len(), row.wrap, row.is_whole))
            .collect();
        assert_eq!(
            seen,
            [
                ("plain", 0, None, true),
                ("ré", 1, None, true),
                ("", 0, Some(7), true),
                ("open", 0, None, false),
            ]
        );
        let mut whole = Vec::new();
        let mut assembler = Assembler::default();
        let more = Rows {
            text: "ed\nlast\n".to_owned(),
            styled: vec![StyledRow {
                row: 0,
                runs: vec![red],
            }],
            wraps: Vec::new(),
        };
        let mut collect = |row: Row<'_>| {
            whole.push((row.text.to_owned(), row.runs.len()));
            Ok::<(), ()>(())
        };
        assembler.take(&rows, &mut collect).unwrap();
        // The connection broke, and both pieces come again.
        assembler.restart();
        assembler.take(&rows, &mut collect).unwrap();
        assembler.take(&more, &mut collect).unwrap();
        assert_eq!(
            whole[3..],
            [("opened".to_owned(), 2), ("last".to_owned(), 0)]
        );
        // A length that cuts a character is no reason to fall.
        let row = rows.iter().nth(1).unwrap();
        assert_eq!(
            row.stretches().map(|(text, ..)| text).collect::<String>(),
            "ré"
        );
    }
}
