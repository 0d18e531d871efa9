//! Rows of a capture as lines of ratatui's.

use psup_link::capture::Shot;
use psup_proto::rows::RowBuf;
use psup_proto::style::{Attrs, Colour, Style as Look};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

/// As many rows of a screen as there is room for: those with the cursor or the last text at their
/// end.
pub(super) fn part(shot: &Shot, room: usize, colours: bool) -> Vec<Line<'_>> {
    let text = |row: &RowBuf| !row.as_row().trimmed().is_empty();
    let last = shot.rows.iter().rposition(text).map_or(0, |at| at + 1);
    let cursor = usize::from(shot.head.cursor.row) + 1;
    let end = last.max(cursor).max(room).min(shot.rows.len());
    let rows = &shot.rows[end.saturating_sub(room)..end];
    rows.iter().map(|row| line(row, colours)).collect()
}

pub(super) fn line(row: &RowBuf, colours: bool) -> Line<'_> {
    let stretches = row.as_row().stretches();
    let spans = stretches.map(|(text, look, _)| Span::styled(text, style(look, colours)));
    Line::from(spans.collect::<Vec<_>>())
}

fn style(look: Look, colours: bool) -> Style {
    let mut style = Style::new();
    if colours {
        style = style.fg(colour(look.fg)).bg(colour(look.bg));
    }
    for (attribute, modifier) in [
        (Attrs::BOLD, Modifier::BOLD),
        (Attrs::DIM, Modifier::DIM),
        (Attrs::ITALIC, Modifier::ITALIC),
        (Attrs::INVERSE, Modifier::REVERSED),
        (Attrs::HIDDEN, Modifier::HIDDEN),
        (Attrs::STRIKE, Modifier::CROSSED_OUT),
    ] {
        if look.attrs.has(attribute) {
            style = style.add_modifier(modifier);
        }
    }
    if look.attrs.underline() > 0 {
        style = style.add_modifier(Modifier::UNDERLINED);
    }
    style
}

fn colour(colour: Colour) -> Color {
    match colour {
        Colour::Default => Color::Reset,
        Colour::Indexed(n) => Color::Indexed(n),
        Colour::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}
