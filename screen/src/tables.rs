//! The tables of a screen: what the numbers in its cells mean, and cells as styled text.
//!
//! They only grow while cells are drawn. When they are long they are looked through, and what no
//! cell names any more is dropped.

use super::grid::{Cell, Glyph};
use super::style::Style;
use super::table::Table;
use serde::{Deserialize, Serialize};

/// Bytes of one cluster: tmux's limit.
pub(crate) const CLUSTER: usize = 21;

/// A hyperlink: where to, and the id that joins its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Link {
    pub uri: String,
    pub id: String,
}

/// Styles, clusters and links, by the numbers that cells hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Tables {
    pub styles: Table<Style>,
    pub clusters: Table<String>,
    pub links: Table<Link>,
}

impl Tables {
    /// The least length worth looking through for what is not used any more.
    pub(crate) const LEAST: usize = 4096;

    /// Drops unused styles and gives the kept ones their links' new numbers.
    pub(super) fn restyle(&mut self, used: &[bool], links: &[u32]) -> Vec<u32> {
        let numbers = self.styles.retain(|id| used[id as usize]);
        let styles: Vec<Style> = std::mem::take(&mut self.styles).into();
        let relinked = styles.into_iter().map(|style| Style {
            link: links[style.link as usize],
            ..style
        });
        self.styles = relinked.collect::<Vec<_>>().into();
        numbers
    }

    /// The text of a cell.
    pub(crate) fn push_glyph(&self, glyph: Glyph, text: &mut String) {
        match glyph {
            Glyph::Blank => text.push(' '),
            Glyph::Char(c) => text.push(c),
            Glyph::Cluster(id) => text.push_str(self.clusters.get(id)),
            Glyph::Tail => {}
        }
    }

    /// The text of cells with the sequences that style them, coming from `pen`. Gives the style at
    /// the end.
    pub(crate) fn push_cells(&self, cells: &[Cell], mut pen: Style, text: &mut String) -> Style {
        let mut at = 0;
        while at < cells.len() {
            let number = cells[at].style;
            let style = *self.styles.get(number);
            self.push_style(pen, style, text);
            pen = style;
            while let Some(cell) = cells.get(at).filter(|c| c.style == number) {
                if cell.ascii() == 0 {
                    self.push_glyph(cell.glyph(), text);
                    at += 1;
                } else {
                    at += push_ascii(&cells[at..], number, text);
                }
            }
        }
        pen
    }

    /// As [`push_cells`](Self::push_cells), with blanks behind them that nobody has written.
    pub(crate) fn push_row(
        &self,
        cells: &[Cell],
        blanks: usize,
        pen: Style,
        text: &mut String,
    ) -> Style {
        let pen = self.push_cells(cells, pen, text);
        if blanks == 0 {
            return pen;
        }
        self.push_style(pen, Style::default(), text);
        text.extend(std::iter::repeat_n(' ', blanks));
        Style::default()
    }

    /// The sequences that lead from one style to another.
    pub(crate) fn push_style(&self, from: Style, to: Style, text: &mut String) {
        if (Style {
            link: to.link,
            ..from
        }) != to
        {
            to.write_sgr(text);
        }
        if from.link != to.link {
            let link = self.links.get(to.link);
            text.push_str("\x1b]8;");
            if !link.id.is_empty() {
                text.push_str("id=");
                text.push_str(&link.id);
            }
            text.push(';');
            text.push_str(&link.uri);
            text.push_str("\x1b\\");
        }
    }
}

/// The ASCII that cells of one style begin with, as far as it goes in one piece: most of what ever
/// leaves a screen. Gives its length.
fn push_ascii(cells: &[Cell], style: u32, text: &mut String) -> usize {
    let mut piece = [0; 128];
    let mut length = 0;
    for (cell, byte) in cells.iter().zip(&mut piece) {
        *byte = cell.ascii();
        if *byte == 0 || cell.style != style {
            break;
        }
        length += 1;
    }
    text.push_str(std::str::from_utf8(&piece[..length]).unwrap_or_default());
    length
}
