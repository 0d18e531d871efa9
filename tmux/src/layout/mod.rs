//! How panes share a window: a tree of cells, with tmux's arithmetic, so that widths, heights and
//! layout strings are the ones its clients expect.
//!
//! Cells of a split lie side by side (`LeftRight`) or one above the other (`TopBottom`), one column
//! or row of border between two of them.

mod arrange;
mod borders;
mod divide;
mod text;

pub(crate) use arrange::{Frame, NAMES, arrange, share};
pub(crate) use divide::Wish;
pub(crate) use text::{dump, parse};

use serde::{Deserialize, Serialize};

/// The smallest pane, along either axis.
const LEAST: i32 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Way {
    LeftRight,
    TopBottom,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cell {
    pub sx: i32,
    pub sy: i32,
    pub x: i32,
    pub y: i32,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    Pane(u32),
    Split(Way, Vec<Cell>),
}

impl Way {
    fn other(self) -> Self {
        match self {
            Self::LeftRight => Self::TopBottom,
            Self::TopBottom => Self::LeftRight,
        }
    }
}

impl Cell {
    pub(crate) fn pane(pane: u32, sx: i32, sy: i32) -> Self {
        Self {
            sx,
            sy,
            x: 0,
            y: 0,
            kind: Kind::Pane(pane),
        }
    }

    fn split(way: Way, cells: Vec<Self>, sx: i32, sy: i32) -> Self {
        Self {
            sx,
            sy,
            x: 0,
            y: 0,
            kind: Kind::Split(way, cells),
        }
    }

    pub(crate) fn size(&self, way: Way) -> i32 {
        match way {
            Way::LeftRight => self.sx,
            Way::TopBottom => self.sy,
        }
    }

    fn set_size(&mut self, way: Way, size: i32) {
        match way {
            Way::LeftRight => self.sx = size,
            Way::TopBottom => self.sy = size,
        }
    }

    /// The cells with panes in them, in the tree's order.
    pub(crate) fn leaves(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::Pane(_) => vec![self],
            Kind::Split(_, cells) => cells.iter().flat_map(Self::leaves).collect(),
        }
    }

    pub(crate) fn find(&self, pane: u32) -> Option<&Self> {
        self.leaves()
            .into_iter()
            .find(|cell| cell.kind == Kind::Pane(pane))
    }

    /// The steps from here to the pane.
    fn path(&self, pane: u32) -> Option<Vec<usize>> {
        match &self.kind {
            Kind::Pane(here) => (*here == pane).then(Vec::new),
            Kind::Split(_, cells) => cells.iter().enumerate().find_map(|(at, cell)| {
                let mut path = cell.path(pane)?;
                path.insert(0, at);
                Some(path)
            }),
        }
    }

    fn at(&mut self, path: &[usize]) -> &mut Self {
        path.iter().fold(self, |cell, at| match &mut cell.kind {
            Kind::Split(_, cells) => &mut cells[*at],
            Kind::Pane(_) => unreachable!("a path goes through splits"),
        })
    }

    fn way(&self) -> Option<Way> {
        match self.kind {
            Kind::Pane(_) => None,
            Kind::Split(way, _) => Some(way),
        }
    }

    /// How much can be taken away along an axis.
    fn spare(&self, way: Way) -> i32 {
        match &self.kind {
            Kind::Pane(_) => (self.size(way) - LEAST).max(0),
            Kind::Split(here, cells) => {
                let spare = cells.iter().map(|cell| cell.spare(way));
                if *here == way {
                    spare.sum()
                } else {
                    spare.min().unwrap_or(0)
                }
            }
        }
    }

    /// Grows or shrinks; children along the axis take turns, a column or row each.
    fn adjust(&mut self, way: Way, mut change: i32) {
        self.set_size(way, self.size(way) + change);
        let Kind::Split(here, cells) = &mut self.kind else {
            return;
        };
        if *here != way {
            cells.iter_mut().for_each(|cell| cell.adjust(way, change));
            return;
        }
        while change != 0 {
            let before = change;
            for cell in cells.iter_mut() {
                if change > 0 {
                    cell.adjust(way, 1);
                    change -= 1;
                } else if change < 0 && cell.spare(way) > 0 {
                    cell.adjust(way, -1);
                    change += 1;
                }
            }
            if change == before {
                return;
            }
        }
    }

    /// Works out where every cell begins.
    pub(crate) fn place(&mut self) {
        let (mut x, mut y) = (self.x, self.y);
        let Kind::Split(way, cells) = &mut self.kind else {
            return;
        };
        for cell in cells {
            (cell.x, cell.y) = (x, y);
            match way {
                Way::LeftRight => x += cell.sx + 1,
                Way::TopBottom => y += cell.sy + 1,
            }
            cell.place();
        }
    }

    /// The window has another size.
    pub(crate) fn resize(&mut self, sx: i32, sy: i32) {
        for (way, wanted) in [(Way::LeftRight, sx), (Way::TopBottom, sy)] {
            let spare = self.spare(way);
            let mut change = (wanted - self.size(way)).max(-spare);
            if spare == 0 {
                change = change.max(0);
            }
            self.adjust(way, change);
        }
        self.place();
    }

    pub(crate) fn swap(&mut self, one: u32, two: u32) {
        self.map(&mut |pane| {
            if *pane == one {
                *pane = two;
            } else if *pane == two {
                *pane = one;
            }
        });
    }

    pub(crate) fn replace(&mut self, old: u32, new: u32) {
        self.map(&mut |pane| {
            if *pane == old {
                *pane = new;
            }
        });
    }

    fn map(&mut self, change: &mut dyn FnMut(&mut u32)) {
        match &mut self.kind {
            Kind::Pane(pane) => change(pane),
            Kind::Split(_, cells) => cells.iter_mut().for_each(|cell| cell.map(change)),
        }
    }
}
