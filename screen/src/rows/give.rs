//! Rows as they are given: pieces of bounded size.

use super::walk::{Pen, Sink};
use psup_proto::limits;
use psup_proto::rows::{Rows, Run, StyledRow, Wrap};
use psup_proto::style::Style;

/// About what a run takes on the wire, besides its link.
const RUN: usize = 32;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Give {
    /// Rows to pass over, and rows to give after them.
    pub(super) skip: u64,
    pub(super) left: u64,
    /// Whether the text alone is not enough.
    pub(super) styled: bool,
    piece: Rows,
    /// The place of the row in the piece.
    row: u32,
    runs: Vec<Run>,
    /// About the size of what the runs in the piece say.
    size: usize,
}

impl Give {
    pub(super) fn new(skip: u64, left: u64, styled: bool) -> Self {
        Self {
            skip,
            left,
            styled,
            piece: Rows::default(),
            row: 0,
            runs: Vec::new(),
            size: 0,
        }
    }

    /// What has come together; a row that is not over goes on in the next piece.
    pub(super) fn take(&mut self) -> Rows {
        self.close_row();
        (self.row, self.size) = (0, 0);
        std::mem::take(&mut self.piece)
    }

    /// The runs of a row matter only if there is something to see in them.
    fn close_row(&mut self) {
        let is_plain = |run: &Run| run.style == Style::default() && run.link.is_none();
        if self.runs.iter().all(is_plain) {
            self.runs.clear();
        } else {
            self.piece.styled.push(StyledRow {
                row: self.row,
                runs: std::mem::take(&mut self.runs),
            });
        }
    }
}

impl Sink for Give {
    fn text(&mut self, text: &str, pen: &Pen) {
        if self.skip > 0 || self.left == 0 {
            return;
        }
        self.piece.text.push_str(text);
        if !self.styled {
            return;
        }
        let (length, style) = (text.len() as u32, pen.style.look());
        match self.runs.last_mut() {
            Some(run) if run.style == style && run.link == pen.link => run.length += length,
            Some(_) | None => {
                self.size += RUN + pen.link.as_ref().map_or(0, |l| l.uri.len() + l.id.len());
                self.runs.push(Run {
                    length,
                    style,
                    link: pen.link.clone(),
                });
            }
        }
    }

    fn end(&mut self, wrap: Option<u16>) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.left > 0 {
            self.left -= 1;
            self.piece.text.push('\n');
            self.close_row();
            if let Some(blanks) = wrap {
                let row = self.row;
                self.piece.wraps.push(Wrap { row, blanks });
            }
            self.row += 1;
        }
    }

    fn is_full(&self) -> bool {
        self.left == 0 || self.piece.text.len() + self.size >= limits::BYTES_FRAME
    }
}
