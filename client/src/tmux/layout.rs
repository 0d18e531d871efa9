//! How panes share a window: a tree of cells, with tmux's arithmetic, so that widths, heights and layout strings are the ones its clients expect.
//!
//! Cells of a split lie side by side (`LeftRight`) or one above the other (`TopBottom`), one column or row of border between two of them.

use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// The smallest pane, along either axis.
const LEAST: i32 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    LeftRight,
    TopBottom,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    pub sx: i32,
    pub sy: i32,
    pub x: i32,
    pub y: i32,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Pane(u32),
    Split(Way, Vec<Cell>),
}

/// How a split is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    pub way: Way,
    /// Of the new pane; half where it is not given.
    pub size: Option<i32>,
    pub before: bool,
    /// Beside all of the window instead of one pane.
    pub full: bool,
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
    pub fn pane(pane: u32, sx: i32, sy: i32) -> Self {
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

    pub fn size(&self, way: Way) -> i32 {
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
    pub fn leaves(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::Pane(_) => vec![self],
            Kind::Split(_, cells) => cells.iter().flat_map(Self::leaves).collect(),
        }
    }

    pub fn find(&self, pane: u32) -> Option<&Self> {
        self.leaves().into_iter().find(|cell| cell.kind == Kind::Pane(pane))
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
                if *here == way { spare.sum() } else { spare.min().unwrap_or(0) }
            }
        }
    }

    /// Grows or shrinks; children along the axis take turns, a column or row each.
    fn adjust(&mut self, way: Way, mut change: i32) {
        self.set_size(way, self.size(way) + change);
        let Kind::Split(here, cells) = &mut self.kind else { return };
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
    pub fn place(&mut self) {
        let (mut x, mut y) = (self.x, self.y);
        let Kind::Split(way, cells) = &mut self.kind else { return };
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
    pub fn resize(&mut self, sx: i32, sy: i32) {
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

    /// Makes room for a new pane; false where there is none.
    pub fn divide(&mut self, pane: u32, new: u32, wish: Wish) -> bool {
        let Wish { way, size, before, full } = wish;
        let path = if full { Some(Vec::new()) } else { self.path(pane) };
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
        let (old_size, new_size) = if before { (second, first) } else { (first, second) };
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
                    let cells = if before { vec![fresh, old] } else { vec![old, fresh] };
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
        let Kind::Split(here, cells) = &mut self.kind else { return };
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
        (self.size(way) * size / previous.max(1)).min(available - least).max(LEAST)
    }

    fn fits(&self, way: Way, size: i32) -> bool {
        match &self.kind {
            Kind::Pane(_) => size >= LEAST,
            Kind::Split(here, cells) if *here == way => size >= cells.len() as i32 * 2 - 1,
            Kind::Split(_, cells) => cells.iter().all(|cell| cell.fits(way, size)),
        }
    }

    /// Takes a pane out; its neighbour gets the room. True where it was the last one.
    pub fn remove(&mut self, pane: u32) -> bool {
        let Some(path) = self.path(pane) else { return false };
        let Some((at, parents)) = path.split_last() else { return true };
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

    /// Moves the pane's border, towards the end if it is not the last one.
    pub fn resize_pane(&mut self, pane: u32, way: Way, change: i32) {
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

    pub fn resize_pane_to(&mut self, pane: u32, way: Way, size: i32) {
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

    pub fn swap(&mut self, one: u32, two: u32) {
        self.map(&mut |pane| {
            if *pane == one {
                *pane = two;
            } else if *pane == two {
                *pane = one;
            }
        });
    }

    pub fn replace(&mut self, old: u32, new: u32) {
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

    /// Makes the cells beside the pane the same size; the nearest split where that changes something.
    pub fn spread_out(&mut self, pane: u32) {
        let Some(mut path) = self.path(pane) else { return };
        while path.pop().is_some() {
            if self.at(&path).spread() {
                break;
            }
        }
        self.place();
    }

    fn spread(&mut self) -> bool {
        let Kind::Split(way, cells) = &mut self.kind else { return false };
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
            let wanted = if at == number { size - (each + 1) * (number - 1) } else { each };
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

/// The arrangements by name, in tmux's order.
pub const NAMES: [&str; 5] = ["even-horizontal", "even-vertical", "main-horizontal", "main-vertical", "tiled"];

/// What a window is like whose panes are to be arranged.
pub struct Frame<'a> {
    pub panes: &'a [u32],
    pub sx: i32,
    pub sy: i32,
    /// `main-pane-width` and `other-pane-width`, or the heights: as columns or as `50%`.
    pub main: &'a str,
    pub other: &'a str,
}

/// One of the arrangements of [`NAMES`].
pub fn arrange(which: usize, frame: &Frame) -> Cell {
    let mut root = match which {
        0 => even(Way::LeftRight, frame),
        1 => even(Way::TopBottom, frame),
        2 => main(Way::TopBottom, frame),
        3 => main(Way::LeftRight, frame),
        _ => tiled(frame),
    };
    root.place();
    root
}

fn along(way: Way, size: i32, across: i32) -> (i32, i32) {
    match way {
        Way::LeftRight => (size, across),
        Way::TopBottom => (across, size),
    }
}

fn even(way: Way, frame: &Frame) -> Cell {
    let cells = frame.panes.iter().map(|pane| Cell::pane(*pane, frame.sx, frame.sy)).collect();
    let mut root = Cell::split(way, cells, frame.sx, frame.sy);
    let least = frame.panes.len() as i32 * (LEAST + 1) - 1;
    root.set_size(way, root.size(way).max(least));
    root.spread();
    root
}

fn main(way: Way, frame: &Frame) -> Cell {
    let (size, across) = match way {
        Way::LeftRight => (frame.sx - 1, frame.sy),
        Way::TopBottom => (frame.sy - 1, frame.sx),
    };
    let others = &frame.panes[1..];
    let fallback = if way == Way::LeftRight { 80 } else { 24 };
    let mut large = share(frame.main, size).unwrap_or(fallback);
    let mut small;
    if large + LEAST >= size {
        large = if size <= LEAST + LEAST { LEAST } else { size - LEAST };
        small = LEAST;
    } else {
        small = share(frame.other, size).unwrap_or(0);
        if small == 0 || small > size || size - small < large {
            small = size - large;
        } else {
            large = size - small;
        }
    }
    let across = across.max(others.len() as i32 * (LEAST + 1) - 1);
    let (sx, sy) = along(way, large, across);
    let first = Cell::pane(frame.panes[0], sx, sy);
    let (sx, sy) = along(way, small, across);
    let rest = match others {
        [only] => Cell::pane(*only, sx, sy),
        others => {
            let cells = others
                .iter()
                .map(|pane| {
                    let (sx, sy) = along(way, small, LEAST);
                    Cell::pane(*pane, sx, sy)
                })
                .collect();
            let mut rest = Cell::split(way.other(), cells, sx, sy);
            rest.spread();
            rest
        }
    };
    let (sx, sy) = along(way, large + small + 1, across);
    Cell::split(way, vec![first, rest], sx, sy)
}

fn tiled(frame: &Frame) -> Cell {
    let count = frame.panes.len() as i32;
    let (mut rows, mut columns) = (1, 1);
    while rows * columns < count {
        rows += 1;
        if rows * columns < count {
            columns += 1;
        }
    }
    let width = ((frame.sx - (columns - 1)) / columns).max(LEAST);
    let height = ((frame.sy - (rows - 1)) / rows).max(LEAST);
    let sx = ((width + 1) * columns - 1).max(frame.sx);
    let sy = ((height + 1) * rows - 1).max(frame.sy);
    let mut cells = Vec::new();
    for row in frame.panes.chunks(columns as usize) {
        if let [only] = row {
            cells.push(Cell::pane(*only, frame.sx, height));
            continue;
        }
        let mut parts: Vec<Cell> = row.iter().map(|pane| Cell::pane(*pane, width, height)).collect();
        let used = row.len() as i32 * (width + 1) - 1;
        if let Some(last) = parts.last_mut().filter(|_| frame.sx > used) {
            last.adjust(Way::LeftRight, frame.sx - used);
        }
        cells.push(Cell::split(Way::LeftRight, parts, frame.sx, height));
    }
    let used = rows * height + rows - 1;
    if let Some(last) = cells.last_mut().filter(|_| frame.sy > used) {
        last.adjust(Way::TopBottom, frame.sy - used);
    }
    if cells.len() == 1 {
        return cells.remove(0);
    }
    Cell::split(Way::TopBottom, cells, sx, sy)
}

/// `24` or `50%` of a size.
pub fn share(text: &str, whole: i32) -> Option<i32> {
    match text.strip_suffix('%') {
        Some(percent) => percent
            .parse::<i32>()
            .ok()
            .filter(|p| (0..=100).contains(p))
            .map(|p| whole * p / 100),
        None => text.parse::<i32>().ok().filter(|n| *n >= 0),
    }
}

/// `bb62,80x24,0,0{40x24,0,0,1,39x24,41,0,2}`
pub fn dump(root: &Cell) -> String {
    let mut text = String::new();
    write_cell(root, &mut text);
    format!("{:04x},{text}", checksum(&text))
}

fn write_cell(cell: &Cell, text: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(text, "{}x{},{},{}", cell.sx, cell.sy, cell.x, cell.y);
    match &cell.kind {
        Kind::Pane(pane) => drop(write!(text, ",{pane}")),
        Kind::Split(way, cells) => {
            let (open, close) = if *way == Way::LeftRight { ('{', '}') } else { ('[', ']') };
            text.push(open);
            for (at, cell) in cells.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write_cell(cell, text);
            }
            text.push(close);
        }
    }
}

fn checksum(text: &str) -> u16 {
    text.bytes().fold(0u16, |sum, byte| sum.rotate_right(1).wrapping_add(byte.into()))
}

/// Reads what [`dump`] wrote; the panes are put into its cells in order. The error is tmux's.
pub fn parse(text: &str, panes: &[u32]) -> Result<Cell, String> {
    let invalid = || "invalid layout".to_owned();
    let (sum, rest) = text.split_once(',').ok_or_else(invalid)?;
    if u16::from_str_radix(sum, 16) != Ok(checksum(rest)) {
        return Err(invalid());
    }
    let mut left = rest;
    let mut root = read_cell(&mut left).filter(|_| left.is_empty()).ok_or_else(invalid)?;
    let cells = root.leaves().len();
    if cells < panes.len() {
        return Err(format!("have {} panes but need {cells}", panes.len()));
    }
    for _ in panes.len()..cells {
        let last = root.leaves().last().map(|cell| cell.kind.clone());
        if let Some(Kind::Pane(number)) = last {
            root.remove(number);
        }
    }
    let mut next = panes.iter();
    root.map(&mut |pane| *pane = next.next().copied().unwrap_or_default());
    root.place();
    Ok(root)
}

/// Cells are numbered anew, since what stands there are the panes of another day.
fn read_cell(left: &mut &str) -> Option<Cell> {
    let sx = number(left)?;
    *left = left.strip_prefix('x')?;
    let sy = number(left)?;
    *left = left.strip_prefix(',')?;
    let x = number(left)?;
    *left = left.strip_prefix(',')?;
    let y = number(left)?;
    // A number behind it is the pane's, if no size begins with it.
    if let Some(after) = left.strip_prefix(',') {
        let mut rest = after;
        if number(&mut rest).is_some() && !rest.starts_with('x') {
            *left = rest;
        }
    }
    let (way, close) = match left.chars().next() {
        Some('{') => (Way::LeftRight, '}'),
        Some('[') => (Way::TopBottom, ']'),
        _ => {
            let kind = Kind::Pane(left.len() as u32);
            return Some(Cell { sx, sy, x, y, kind });
        }
    };
    let mut cells = Vec::new();
    loop {
        *left = &left[1..];
        cells.push(read_cell(left)?);
        match left.chars().next()? {
            ',' => {}
            c if c == close => break,
            _ => return None,
        }
    }
    *left = &left[1..];
    let kind = Kind::Split(way, cells);
    Some(Cell { sx, sy, x, y, kind })
}

fn number(left: &mut &str) -> Option<i32> {
    let end = left.find(|c: char| !c.is_ascii_digit()).unwrap_or(left.len());
    let (digits, rest) = left.split_at(end);
    *left = rest;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn layout_strings_read_back() {
        let mut root = Cell::pane(0, 80, 24);
        let wish = |way| Wish {
            way,
            size: None,
            before: false,
            full: false,
        };
        assert!(root.divide(0, 1, wish(Way::LeftRight)));
        assert!(root.divide(1, 2, wish(Way::TopBottom)));
        let text = dump(&root);
        assert_eq!(text, "d67e,80x24,0,0{40x24,0,0,0,39x24,41,0[39x12,41,0,1,39x11,41,13,2]}");
        assert_eq!(parse(&text, &[0, 1, 2]), Ok(root.clone()));
        assert_eq!(parse(&text.replace("40x24", "41x24"), &[0, 1, 2]), Err("invalid layout".to_owned()));
        root.remove(0);
        assert_eq!(root.leaves().iter().map(|c| (c.sx, c.sy)).collect::<Vec<_>>(), [(80, 12), (80, 11)]);
    }
}
