//! The numbers by which a terminal's cells name styles, clusters and links, and when those that
//! no cell has any more are dropped.

use super::grid::{Cell, Glyph};
use super::style::Style;
use super::tables::Tables;
use super::terminal::Terminal;

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
