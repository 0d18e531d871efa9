//! The line under the window: the session and its windows as the options' formats say, or a message, or a question.

use super::Attached;
use crate::tmux::format;
use crate::tmux::target::{self, Place};
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
    pub fn pane_rows(&self) -> Range<i32> {
        match (self.has_status(), self.option("status-position") == "top") {
            (false, _) => 0..self.size.1,
            (true, true) => 1..self.size.1,
            (true, false) => 0..self.size.1 - 1,
        }
    }

    /// Draws it; where the cursor is, if it is in it.
    pub fn draw_status(&mut self, out: &mut String) -> Option<(i32, i32)> {
        let at_top = self.has_status() && self.option("status-position") == "top";
        let row = if at_top { 1 } else { self.size.1 };
        let width = self.size.0.max(1) as usize;
        let (style, text, cursor) = if let Some(message) = &self.message {
            ("30;43", message.text.clone(), None)
        } else if let Some(asking) = &self.prompt {
            let (text, cursor) = asking.shown();
            ("30;43", text, Some((row, cursor as i32 + 1)))
        } else if self.has_status() {
            ("30;42", self.line(width), None)
        } else {
            return None;
        };
        let text: String = text.chars().filter(|c| !c.is_control()).take(width).collect();
        let _ = write!(out, "\x1b[{style}m\x1b[{row};1H\x1b[2K{text}\x1b[m");
        if let Some((row, column)) = cursor {
            let under = text.chars().nth(column as usize - 1).unwrap_or(' ');
            let _ = write!(out, "\x1b[{row};{column}H\x1b[33;40m{under}\x1b[m");
        }
        if !self.has_status() {
            // It lies on top of a row of the window, which is drawn again when it goes.
            self.shown.retain(|(_, at), _| *at as i32 + 1 != row);
        }
        cursor
    }

    fn line(&mut self, width: usize) -> String {
        if let Some((line, when)) = &self.status
            && when.elapsed() < OLD
        {
            return line.clone();
        }
        let line = self.worked_out(width).unwrap_or_default();
        self.status = Some((line.clone(), Instant::now()));
        line
    }

    fn worked_out(&self, width: usize) -> Option<String> {
        let mut face = self.face();
        face.open(false).ok()?;
        let world = &face.world;
        let session = world.session(self.own()?.session)?;
        let here = target::of_session(world, session);
        let shown = |option: &str, place: Place| {
            let text = crate::tmux::options::of_session(world, Some(session), option);
            plain(&format::expand_time(&text, &face.view(Some(place))))
        };
        let cut = |text: String, option: &str| {
            let most = crate::tmux::options::of_session(world, Some(session), option).parse().unwrap_or(0);
            text.chars().take(most).collect::<String>()
        };
        let left = cut(shown("status-left", here), "status-left-length");
        let right = cut(shown("status-right", here), "status-right-length");
        let windows = session.windows.iter().map(|(index, window)| {
            let pane = world.windows.get(window).map(|w| w.active);
            let place = Place {
                index: Some(*index),
                window: Some(*window),
                pane,
                ..here
            };
            let option = if *index == session.current {
                "window-status-current-format"
            } else {
                "window-status-format"
            };
            let found = world.windows.get(window);
            let text = crate::tmux::options::of_window(world, found, option);
            plain(&format::expand_time(&text, &face.view(Some(place))))
        });
        let list = windows.collect::<Vec<_>>().join(" ");
        let begin = format!("{left}{list}");
        let room = width.saturating_sub(begin.chars().count());
        Some(if room > right.chars().count() {
            format!("{begin}{right:>room$}")
        } else {
            begin
        })
    }
}

/// Without the styles in it.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("#[") {
        out.push_str(&rest[..at]);
        let Some(end) = rest[at..].find(']') else { return out };
        rest = &rest[at + end + 1..];
    }
    out + rest
}
