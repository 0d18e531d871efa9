//! Captures in their formats, each made from the same styled lines.

mod ansi;
mod html;
mod json;
mod paint;
mod png;
mod svg;

use super::line;
use super::terminal::Terminal;
use psup_proto::Failure;
use psup_proto::capture::{Extent, Format};

/// A capture's bytes and how many lines are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub bytes: Vec<u8>,
    pub lines: u64,
    /// Older lines that were asked for and are not in it: they did not fit the budget, or are not
    /// kept any more.
    pub left_out: u64,
}

pub(crate) fn capture(
    terminal: &Terminal,
    extent: Extent,
    rows: bool,
    format: Format,
    budget: Option<u64>,
) -> Result<Picture, Failure> {
    // A picture has the shape of the screen.
    let rows = rows || matches!(format, Format::Svg | Format::Png);
    if let Extent::Rows { first, last } = extent {
        let (lines, above) = terminal.styled_rows(first, last, !rows);
        let bytes = match format {
            Format::Text => text(&lines, line::whole),
            Format::Ansi => ansi::lines(&lines),
            Format::Json => json::document(terminal, &lines, above)?,
            Format::Html => html::page(terminal, &lines),
            Format::Svg => svg::picture(terminal, &lines, None),
            Format::Png => png::picture(terminal, &lines, None)?,
        };
        return Ok(Picture {
            bytes,
            lines: lines.len() as u64,
            left_out: above,
        });
    }
    let mut lines = terminal.styled_lines(extent, rows);
    if !(rows && extent == Extent::Screen) {
        let used = lines
            .iter()
            .rposition(|styled| !line::plain(styled).is_empty())
            .map_or(0, |last| last + 1);
        lines.truncate(used);
    }
    let missed = missed(terminal, extent, lines.len() as u64);
    if let Extent::Last(count) = extent {
        lines.drain(..lines.len().saturating_sub(count as usize));
    }
    let beyond = budget.map_or(0, |budget| beyond(&lines, budget));
    lines.drain(..beyond);
    let left_out = missed + beyond as u64;
    // In a picture of the screen itself its rows stand where they are, so the cursor has a place.
    let pictured = extent == Extent::Screen && rows && terminal.drawing.cursor_visible;
    let cursor = pictured.then_some((
        terminal.cursor.row,
        terminal.cursor.col.min(terminal.cols() - 1),
    ));
    let bytes = match format {
        Format::Text => text(&lines, line::plain),
        Format::Ansi if extent == Extent::Screen && !rows && budget.is_none() => {
            ansi::redraw(terminal)
        }
        Format::Ansi => ansi::lines(&lines),
        Format::Json => json::document(terminal, &lines, left_out)?,
        Format::Html => html::page(terminal, &lines),
        Format::Svg => svg::picture(terminal, &lines, cursor),
        Format::Png => png::picture(terminal, &lines, cursor)?,
    };
    Ok(Picture {
        bytes,
        lines: lines.len() as u64,
        left_out,
    })
}

/// How many lines that were asked for are not kept any more, when so many are there.
fn missed(terminal: &Terminal, extent: Extent, there: u64) -> u64 {
    let history = terminal.history.missed();
    match extent {
        // The scrollback belongs to the other screen.
        _ if terminal.behind.is_some() => 0,
        Extent::Screen | Extent::Rows { .. } => 0,
        Extent::Last(count) => u64::from(count).saturating_sub(there).min(history),
        Extent::All => history,
    }
}

/// How many of the oldest lines do not fit in so many characters, the ends of lines counted.
fn beyond(lines: &[String], budget: u64) -> usize {
    let mut left = budget;
    let fits = lines.iter().rev().take_while(|styled| {
        let cost = line::plain(styled).chars().count() as u64 + 1;
        let fits = cost <= left;
        left = left.saturating_sub(cost);
        fits
    });
    lines.len() - fits.count()
}

fn text(lines: &[String], plain: fn(&str) -> String) -> Vec<u8> {
    let mut bytes = Vec::new();
    for styled in lines {
        bytes.extend_from_slice(plain(styled).as_bytes());
        bytes.push(b'\n');
    }
    bytes
}
