//! The tables of a screen: what the numbers in its cells mean, and cells as styled text.
//!
//! They only grow while cells are drawn. When they are long they are looked through, and what no
//! cell names any more is dropped.

use super::grid::{Cell, Glyph};
use super::style::Style;
use super::table::Table;
use super::terminal::Terminal;
use serde::{Deserialize, Serialize};

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
    fn restyle(&mut self, used: &[bool], links: &[u32]) -> Vec<u32> {
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

impl Terminal {
    /// The number of the present style.
    pub(crate) fn style_number(&mut self) -> u32 {
        if let Some(id) = self.style_id {
            return id;
        }
        let recent = &mut self.recent[self.style.place()];
        if recent.0 != self.style {
            *recent = (self.style, self.tables.styles.id(&self.style));
        }
        *self.style_id.insert(recent.1)
    }

    /// The number of the style that erasing leaves now.
    pub(crate) fn background(&mut self) -> u32 {
        let erased = self.style.erased();
        if erased == Style::default() {
            0
        } else {
            self.tables.styles.id(&erased)
        }
    }

    pub(crate) fn set_style(&mut self, style: Style) {
        if style != self.style {
            self.style = style;
            self.style_id = None;
        }
    }

    /// Drops styles and clusters that no cell has any more, when there are many.
    pub(crate) fn tidy(&mut self) {
        if self.tables.styles.len() + self.tables.clusters.len() + self.tables.links.len()
            < self.tables_limit
        {
            return;
        }
        let grids = || {
            [Some(&self.grid), self.behind.as_ref()]
                .into_iter()
                .flatten()
        };
        let mut styles = vec![false; self.tables.styles.len()];
        let mut clusters = vec![false; self.tables.clusters.len()];
        for cell in grids()
            .flat_map(super::grid::Grid::rows)
            .flat_map(|r| &r.cells)
        {
            styles[cell.style as usize] = true;
            if let Glyph::Cluster(id) = cell.glyph() {
                clusters[id as usize] = true;
            }
        }
        let mut links = vec![false; self.tables.links.len()];
        let held = [self.style, self.saved.style, self.history.pen()];
        let entered = self.entered.map(|(_, style)| style);
        for style in held.iter().chain(&entered) {
            links[style.link as usize] = true;
        }
        for (id, used) in styles.iter().enumerate() {
            links[self.tables.styles.get(id as u32).link as usize] |= used;
        }
        let links = self.tables.links.retain(|id| links[id as usize]);
        let styles = self.tables.restyle(&styles, &links);
        let clusters = self.tables.clusters.retain(|id| clusters[id as usize]);
        self.renumber(&styles, &clusters, &links);
        self.tables_limit = Tables::LEAST.max(
            2 * (self.tables.styles.len() + self.tables.clusters.len() + self.tables.links.len()),
        );
    }

    fn renumber(&mut self, styles: &[u32], clusters: &[u32], links: &[u32]) {
        let grids = [Some(&mut self.grid), self.behind.as_mut()]
            .into_iter()
            .flatten();
        for cell in grids
            .flat_map(super::grid::Grid::rows_mut)
            .flat_map(|r| &mut r.cells)
        {
            cell.style = styles[cell.style as usize];
            if let Glyph::Cluster(id) = cell.glyph() {
                *cell = Cell::new(
                    Glyph::Cluster(clusters[id as usize]),
                    cell.is_wide(),
                    cell.style,
                );
            }
        }
        self.style.link = links[self.style.link as usize];
        self.saved.style.link = links[self.saved.style.link as usize];
        self.history.relink(links);
        if let Some((_, style)) = &mut self.entered {
            style.link = links[style.link as usize];
        }
        self.style_id = None;
        self.recent = Default::default();
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
