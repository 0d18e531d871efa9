//! The line under the window: the session and its windows as the options' formats and styles say,
//! or a message, or a question.

use super::Attached;
use crate::addressing::Place;
use crate::run::Run;
use crate::state::Session;
use crate::style::{Cells, Pen};
use crate::{addressing, format, options, style};
use std::fmt::Write as _;
use std::ops::Range;
use std::time::{Duration, Instant};

/// A line that is worked out again because of output is at least so old: programs say much.
const OLD: Duration = Duration::from_secs(1);

impl Attached<'_, '_> {
    fn has_status(&self) -> bool {
        self.option("status") != "off"
    }

    /// The terminal's rows that belong to the window.
    pub(super) fn pane_rows(&self) -> Range<i32> {
        match (self.has_status(), self.option("status-position") == "top") {
            (false, _) => 0..self.size.1,
            (true, true) => 1..self.size.1,
            (true, false) => 0..self.size.1 - 1,
        }
    }

    /// Draws it; where the cursor is, if it is in it.
    pub(super) fn draw_status(&mut self, out: &mut String) -> Option<(i32, i32)> {
        let at_top = self.has_status() && self.option("status-position") == "top";
        let row = if at_top { 1 } else { self.size.1 };
        let width = self.size.0.max(1) as usize;
        let mut base = self.pen("message-style");
        let (mut line, cursor) = if let Some(message) = &self.message {
            (style::cells(&message.text, &base), None)
        } else if let Some(asking) = &self.prompt {
            let (text, cursor) = asking.shown();
            let plain = text
                .chars()
                .filter(|c| !c.is_control())
                .map(|c| (c, base.clone()));
            (plain.collect(), Some((row, cursor as i32 + 1)))
        } else if self.has_status() {
            base = self.base();
            (self.line(width), None)
        } else {
            return None;
        };
        line.truncate(width);
        let mut drawn = format!(
            "{}\x1b[{row};1H\x1b[2K{}\x1b[m",
            base.sgr(),
            style::written(&line)
        );
        if let Some((row, column)) = cursor {
            let under = line.get(column as usize - 1).map_or(' ', |(c, _)| *c);
            let _ = write!(drawn, "\x1b[{row};{column}H\x1b[33;40m{under}\x1b[m");
        }
        if !self.has_status() {
            // It lies on top of a row of the window.
            self.canvas.cover(row as usize - 1);
        }
        self.canvas.draw_status(drawn, out);
        cursor
    }

    fn pen(&self, option: &str) -> Pen {
        Pen::default().with(&self.option(option), &Pen::default())
    }

    /// Of the line where nothing else is said.
    fn base(&self) -> Pen {
        let mut style = self.option("status-style");
        for (sign, option) in [("fg", "status-fg"), ("bg", "status-bg")] {
            let colour = self.option(option);
            if colour != "default" {
                let _ = write!(style, ",{sign}={colour}");
            }
        }
        Pen::default().with(&style, &Pen::default())
    }

    fn line(&mut self, width: usize) -> Cells {
        if let Some((line, when)) = &self.status
            && when.elapsed() < OLD
        {
            return line.clone();
        }
        let line = self.worked_out(width).unwrap_or_default();
        self.status = Some((line.clone(), Instant::now()));
        line
    }

    fn worked_out(&self, width: usize) -> Option<Cells> {
        let mut run = self.run();
        run.open(false).ok()?;
        let session = run.state.session(self.own()?.session)?;
        let base = self.base();
        let left = side(&run, session, &base, "status-left");
        let right = side(&run, session, &base, "status-right");
        let list = list(&run, session, &base);
        let room = width.saturating_sub(left.len());
        let between = room.saturating_sub(right.len());
        let before = match self.option("status-justify").as_str() {
            "right" => between.saturating_sub(list.len()),
            "centre" => between.saturating_sub(list.len()) / 2,
            "absolute-centre" => (width.saturating_sub(list.len()) / 2).saturating_sub(left.len()),
            _ => 0,
        };
        let blanks = |count: usize| std::iter::repeat_n((' ', base.clone()), count);
        let mut line = left;
        line.extend(blanks(before));
        line.extend(list);
        if width >= line.len() + right.len() {
            let count = width - line.len() - right.len();
            line.extend(blanks(count));
            line.extend(right);
        }
        Some(line)
    }
}

/// The session's own part on the left or the right.
fn side(run: &Run, session: &Session, base: &Pen, option: &str) -> Cells {
    let of = |name: &str| options::of_session(&run.state, Some(session), name);
    let view = run.view(Some(addressing::of_session(&run.state, session)));
    let pen = base.with(&view.expand(&of(&format!("{option}-style"))), base);
    let mut cells = style::cells(&format::expand_time(&of(option), &view), &pen);
    cells.truncate(of(&format!("{option}-length")).parse().unwrap_or(0));
    cells
}

/// The windows.
fn list(run: &Run, session: &Session, base: &Pen) -> Cells {
    let state = &run.state;
    let mut line = Cells::new();
    let last = session.windows.keys().next_back();
    for (index, id) in &session.windows {
        let window = state.windows.get(id);
        let place = Place {
            session: session.id,
            index: Some(*index),
            window: Some(*id),
            pane: window.map(|w| w.active),
        };
        let view = run.view(Some(place));
        let of = |name: &str| options::of_window(state, window, name);
        let styled = |name: &str| Some(view.expand(&of(name))).filter(|style| style != "default");
        let current = *index == session.current;
        let usual = styled("window-status-style");
        let mut pen = base.with(&usual.clone().unwrap_or_default(), base);
        if current && let Some(style) = styled("window-status-current-style") {
            pen = base.with(&style, base);
        }
        let signs = session.alerts.get(index).map_or("", String::as_str);
        let conditions = [
            (
                session.last.first() == Some(index),
                "window-status-last-style",
            ),
            (signs.contains('!'), "window-status-bell-style"),
            (
                signs.contains(['#', '~']) && !signs.contains('!'),
                "window-status-activity-style",
            ),
        ];
        for (_, option) in conditions.iter().filter(|(holds, _)| *holds) {
            if let Some(style) = styled(option) {
                pen = pen.with(&style, base);
            }
        }
        let format = of(if current {
            "window-status-current-format"
        } else {
            "window-status-format"
        });
        line.extend(style::cells(&format::expand_time(&format, &view), &pen));
        if Some(index) != last {
            line.extend(style::cells(&of("window-status-separator"), base));
        }
    }
    line
}
