//! Room for a new pane, and where the room of a closed one goes.

use super::{Kind, LEAST};
use crate::layout::{Cell, Way};

/// How a split is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    pub way: Way,
    /// Of the new pane; half where it is not given.
    pub size: Option<i32>,
    pub before: bool,
    /// Beside all of the window instead of one pane.
    pub full: bool,
}

impl Cell {
    /// Makes room for a new pane; false where there is none.
    pub(crate) fn divide(&mut self, pane: u32, new: u32, wish: Wish) -> bool {
        let Wish {
            way,
            size,
            before,
            full,
        } = wish;
        let path = if full {
            Some(Vec::new())
        } else {
            self.path(pane)
        };
        let Some(path) = path else { return false };
        let cell = self.at(&path);
        let (sx, sy, whole) = (cell.sx, cell.sy, cell.size(way));
        if whole < LEAST * 2 + 1 {
            return false;
        }
        let second = match size {
            None => (whole + 1) / 2 - 1,
            Some(size) if before => whole - size - 1,
            Some(size) => size,
        };
        // The later one may be as large as leaves one column or row for the other.
        let second = second.clamp(LEAST, (whole - 2).max(LEAST));
        let first = whole - 1 - second;
        let (old_size, new_size) = if before {
            (second, first)
        } else {
            (first, second)
        };
        if full && !self.fits(way, old_size) {
            return false;
        }
        let mut fresh = Self::pane(new, sx, sy);
        fresh.set_size(way, new_size);
        if !full
            && let Some((last, parents)) = path.split_last()
            && self.at(parents).way() == Some(way)
        {
            self.at(&path).set_size(way, old_size);
            if let Kind::Split(_, cells) = &mut self.at(parents).kind {
                cells.insert(last + usize::from(!before), fresh);
            }
        } else {
            let cell = self.at(&path);
            if full {
                cell.refit(way, old_size);
            } else {
                cell.set_size(way, old_size);
            }
            match &mut cell.kind {
                Kind::Split(here, cells) if *here == way => {
                    cells.insert(if before { 0 } else { cells.len() }, fresh);
                    cell.set_size(way, whole);
                }
                Kind::Split(..) | Kind::Pane(_) => {
                    let (x, y) = (cell.x, cell.y);
                    let old = std::mem::replace(cell, Self::pane(0, 0, 0));
                    let cells = if before {
                        vec![fresh, old]
                    } else {
                        vec![old, fresh]
                    };
                    *cell = Self {
                        x,
                        y,
                        ..Self::split(way, cells, sx, sy)
                    };
                }
            }
        }
        self.place();
        true
    }

    /// Gives everything another size along one axis, each part in proportion.
    fn refit(&mut self, way: Way, size: i32) {
        self.set_size(way, size);
        let Kind::Split(here, cells) = &mut self.kind else {
            return;
        };
        if *here != way {
            cells.iter_mut().for_each(|cell| cell.refit(way, size));
            return;
        }
        let count = cells.len() as i32;
        let previous = cells.iter().map(|cell| cell.size(way)).sum::<i32>() + count - 1;
        let mut available = size;
        for (at, cell) in cells.iter_mut().enumerate() {
            let part = cell.part(way, previous, size, count - at as i32, available);
            available -= part + 1;
            cell.refit(way, part);
        }
    }

    fn part(&self, way: Way, previous: i32, size: i32, left: i32, available: i32) -> i32 {
        if left == 1 {
            return available;
        }
        let least = ((LEAST + 1) * (left - 1)).max(self.size(way) - self.spare(way));
        (self.size(way) * size / previous.max(1))
            .min(available - least)
            .max(LEAST)
    }

    fn fits(&self, way: Way, size: i32) -> bool {
        match &self.kind {
            Kind::Pane(_) => size >= LEAST,
            Kind::Split(here, cells) if *here == way => size >= cells.len() as i32 * 2 - 1,
            Kind::Split(_, cells) => cells.iter().all(|cell| cell.fits(way, size)),
        }
    }

    /// Takes a pane out; its neighbour gets the room. True where it was the last one.
    pub(crate) fn remove(&mut self, pane: u32) -> bool {
        let Some(path) = self.path(pane) else {
            return false;
        };
        let Some((at, parents)) = path.split_last() else {
            return true;
        };
        let parent = self.at(parents);
        if let Kind::Split(way, cells) = &mut parent.kind {
            let gone = cells.remove(*at);
            let other = at.saturating_sub(1);
            cells[other].adjust(*way, gone.size(*way) + 1);
            if cells.len() == 1 {
                let only = cells.remove(0);
                *parent = Self {
                    x: parent.x,
                    y: parent.y,
                    ..only
                };
            }
        }
        self.place();
        false
    }
}
