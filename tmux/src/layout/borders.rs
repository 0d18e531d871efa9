//! Borders between cells, moved one by one or spread out evenly.

use super::Kind;
use crate::layout::{Cell, Way};

impl Cell {
    /// Moves the pane's border, towards the end if it is not the last one.
    pub(crate) fn resize_pane(&mut self, pane: u32, way: Way, change: i32) {
        let Some((parents, mut at)) = self.parent_along(pane, way) else {
            return;
        };
        if let Kind::Split(_, cells) = &mut self.at(&parents).kind {
            if at == cells.len() - 1 {
                at -= 1;
            }
            shift(cells, at, way, change);
        }
        self.place();
    }

    pub(crate) fn resize_pane_to(&mut self, pane: u32, way: Way, size: i32) {
        let Some((parents, at)) = self.parent_along(pane, way) else {
            return;
        };
        let change = match &self.at(&parents).kind {
            Kind::Split(_, cells) if at == cells.len() - 1 => cells[at].size(way) - size,
            Kind::Split(_, cells) => size - cells[at].size(way),
            Kind::Pane(_) => return,
        };
        self.resize_pane(pane, way, change);
    }

    fn parent_along(&mut self, pane: u32, way: Way) -> Option<(Vec<usize>, usize)> {
        let mut path = self.path(pane)?;
        while let Some(at) = path.pop() {
            if self.at(&path).way() == Some(way) {
                return Some((path, at));
            }
        }
        None
    }

    /// Makes the cells beside the pane the same size; the nearest split where that changes
    /// something.
    pub(crate) fn spread_out(&mut self, pane: u32) {
        let Some(mut path) = self.path(pane) else {
            return;
        };
        while path.pop().is_some() {
            if self.at(&path).spread() {
                break;
            }
        }
        self.place();
    }

    pub(crate) fn spread(&mut self) -> bool {
        let Kind::Split(way, cells) = &mut self.kind else {
            return false;
        };
        let way = *way;
        let size = match way {
            Way::LeftRight => self.sx,
            Way::TopBottom => self.sy,
        };
        let number = cells.len() as i32;
        if number <= 1 || size < number - 1 {
            return false;
        }
        let each = (size - (number - 1)) / number;
        if each == 0 {
            return false;
        }
        let mut changed = false;
        for (cell, at) in cells.iter_mut().zip(1..) {
            let wanted = if at == number {
                size - (each + 1) * (number - 1)
            } else {
                each
            };
            let change = wanted - cell.size(way);
            cell.adjust(way, change);
            changed |= change != 0;
        }
        changed
    }
}

/// Moves the border behind cell `at`.
fn shift(cells: &mut [Cell], at: usize, way: Way, change: i32) {
    let mut needed = change;
    while needed != 0 {
        let able = |cell: &Cell| cell.spare(way) > 0;
        let moved = if change > 0 {
            let behind = (at + 1..cells.len()).find(|i| able(&cells[*i]));
            let Some(from) = behind.or_else(|| (0..at).rev().find(|i| able(&cells[*i]))) else {
                return;
            };
            let size = cells[from].spare(way).min(needed);
            cells[at].adjust(way, size);
            cells[from].adjust(way, -size);
            size
        } else {
            let Some(from) = (0..=at).rev().find(|i| able(&cells[*i])) else {
                return;
            };
            let size = cells[from].spare(way).min(-needed);
            cells[at + 1].adjust(way, size);
            cells[from].adjust(way, -size);
            -size
        };
        needed -= moved;
    }
}
