//! What is shown: captures of the panes, the borders between them, and the status line.

use super::terminal::write;
use super::{Attached, Mode};
use crate::tmux::layout::{Cell, Kind, Way};
use crate::tmux::options;
use std::fmt::Write as _;

impl Attached<'_, '_> {
    pub fn draw(&mut self) {
        let Some(window) = self.window().cloned() else { return };
        let mut out = String::from("\x1b[?25l");
        let mut cursor = None;
        let fresh = self.shown.is_empty();
        if fresh {
            out.push_str("\x1b[m\x1b[H\x1b[2J");
            border(&window.layout, &mut out);
        }
        for cell in window.layout.leaves() {
            let Kind::Pane(id) = cell.kind else { continue };
            let Some(pane) = self.world.panes.get(&id).cloned() else { continue };
            let Ok(shot) = self.at.floor().capture(&pane.session, 0, i64::from(cell.sy) - 1, true, false) else {
                continue;
            };
            let text = String::from_utf8_lossy(&shot.bytes).into_owned();
            for (row, line) in text.lines().enumerate().take(cell.sy as usize) {
                let known = self.shown.insert((id, row), line.to_owned());
                if known.as_deref() != Some(line) {
                    // Blanks first: then a row need not be measured.
                    let _ = write!(out, "\x1b[m\x1b[{};{}H\x1b[{}X{line}", cell.y + row as i32 + 1, cell.x + 1, cell.sx);
                }
            }
            if id == window.active && shot.head.cursor.visible {
                cursor = Some((
                    cell.y + i32::from(shot.head.cursor.row) + 1,
                    cell.x + i32::from(shot.head.cursor.col) + 1,
                ));
            }
        }
        self.status(&mut out);
        if let Some((row, col)) = cursor {
            let _ = write!(out, "\x1b[m\x1b[{row};{col}H\x1b[?25h");
        }
        write(&out);
    }

    fn status(&self, out: &mut String) {
        let Some(session) = self.own().and_then(|c| self.world.session(c.session)) else {
            return;
        };
        if options::of_session(&self.world, Some(session), "status") == "off" {
            return;
        }
        let line = match &self.mode {
            Mode::Confirm(command) => format!("{command}? (y/n)"),
            Mode::Prompt(line) => format!(":{line}"),
            Mode::Plain | Mode::Prefix => {
                let windows = session.windows.iter().filter_map(|(index, id)| {
                    let window = self.world.windows.get(id)?;
                    let flag = if *index == session.current {
                        "*"
                    } else if session.last.first() == Some(index) {
                        "-"
                    } else {
                        " "
                    };
                    Some(format!("{index}:{}{flag}", window.name))
                });
                format!("[{}] {}", session.name, windows.collect::<Vec<_>>().join(" "))
            }
        };
        let line: String = line.chars().take(self.size.0.max(1) as usize).collect();
        let _ = write!(out, "\x1b[30;42m\x1b[{};1H\x1b[2K{line}\x1b[m", self.size.1);
    }
}

fn border(cell: &Cell, out: &mut String) {
    let Kind::Split(way, cells) = &cell.kind else { return };
    for part in &cells[..cells.len().saturating_sub(1)] {
        match way {
            Way::LeftRight => {
                for row in 0..cell.sy {
                    let _ = write!(out, "\x1b[{};{}H│", cell.y + row + 1, part.x + part.sx + 1);
                }
            }
            Way::TopBottom => {
                let _ = write!(
                    out,
                    "\x1b[{};{}H{}",
                    part.y + part.sy + 1,
                    cell.x + 1,
                    "─".repeat(cell.sx.max(0) as usize)
                );
            }
        }
    }
    cells.iter().for_each(|cell| border(cell, out));
}
