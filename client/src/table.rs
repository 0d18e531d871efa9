//! A table for a terminal: cells in their colours, as wide as they show, and never wider than the
//! terminal.
//!
//! Where there is too little room, elastic columns give first, down to their least; then the
//! optional ones go, the last one first; at the end the line is cut. What is cut ends in `…`.

use crate::human;
use crate::tone::{Looks, Tone};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Between two columns.
const GAP: usize = 2;

pub(crate) struct Column {
    pub title: &'static str,
    /// It may be cut to this; a column without it is shown whole.
    pub least: Option<usize>,
    /// It may be left out.
    pub optional: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Cell {
    /// What a terminal would obey is written out.
    pub(crate) fn new(tone: Tone, text: &str) -> Self {
        let text = human::plain(text);
        Self { text, tone }
    }
}

impl Table {
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    pub(crate) fn show(&self, looks: Looks) -> String {
        let widths = self.widths(looks.columns);
        let titles = self
            .columns
            .iter()
            .map(|column| Cell::new(Tone::Heading, column.title))
            .collect();
        let rows = std::iter::once(&titles).chain(&self.rows);
        rows.map(|row| line(row, &widths, looks)).collect()
    }

    /// How wide each column is; `None` where it is left out.
    fn widths(&self, room: usize) -> Vec<Option<usize>> {
        let natural = |(at, column): (usize, &Column)| {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            let widest = cells.map(|cell| columns(&cell.text)).max();
            Some(widest.unwrap_or(0).max(columns(column.title)))
        };
        let mut widths: Vec<_> = self.columns.iter().enumerate().map(natural).collect();
        loop {
            if let Some(fitting) = self.shrunk(widths.clone(), room) {
                return fitting;
            }
            let mut all = (0..widths.len()).rev();
            match all.find(|at| widths[*at].is_some() && self.columns[*at].optional) {
                Some(last) => widths[last] = None,
                None => return cut_off(widths, room),
            }
        }
    }

    /// The columns with the elastic ones cut until all fit, if they can be.
    fn shrunk(&self, mut widths: Vec<Option<usize>>, room: usize) -> Option<Vec<Option<usize>>> {
        loop {
            let shown = widths.iter().flatten();
            let total = shown.clone().sum::<usize>() + GAP * shown.count().saturating_sub(1);
            if total <= room {
                return Some(widths);
            }
            // The one that has most to give, so that none is cut while another is generous.
            let slack = |at: &usize| match (widths[*at], self.columns[*at].least) {
                (Some(width), Some(least)) => width.saturating_sub(least),
                _ => 0,
            };
            let widest = (0..widths.len())
                .max_by_key(slack)
                .filter(|at| slack(at) > 0)?;
            widths[widest] = widths[widest].map(|width| width - 1);
        }
    }
}

/// What is left of the columns in so little room: the first ones.
fn cut_off(widths: Vec<Option<usize>>, room: usize) -> Vec<Option<usize>> {
    let mut left = room;
    let fit = |width: Option<usize>| {
        let width = width?.min(left);
        left = left.saturating_sub(width + GAP);
        Some(width).filter(|width| *width > 0)
    };
    widths.into_iter().map(fit).collect()
}

fn line(row: &[Cell], widths: &[Option<usize>], looks: Looks) -> String {
    let mut line = String::new();
    let mut gap = 0;
    for (cell, width) in row.iter().zip(widths) {
        let Some(width) = width else { continue };
        let text = cut(&cell.text, *width);
        line.extend(std::iter::repeat_n(' ', gap));
        line.push_str(&looks.paint(cell.tone, &text));
        gap = width.saturating_sub(columns(&text)) + GAP;
    }
    line.push('\n');
    line
}

/// The columns that text takes.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// As much of the text as fits, with `…` in the place of the rest.
pub(crate) fn cut(text: &str, room: usize) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if columns(&kept) + 1 > room {
            kept.pop();
            break;
        }
    }
    // What joins the next character to it is no use at the end.
    let visible = kept.trim_end_matches(|c: char| c.width() == Some(0) || c == ' ');
    let ellipsis = if room > 0 { "…" } else { "" };
    format!("{visible}{ellipsis}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let column = |title, least, optional| Column {
            title,
            least,
            optional,
        };
        let mut table = Table::new(vec![
            column("NAME", None, false),
            column("DOING", Some(8), false),
            column("STARTED", None, true),
            column("COMMAND", Some(10), true),
        ]);
        let cell = |text| Cell::new(Tone::Plain, text);
        table.add(vec![
            cell("web"),
            cell("running `cargo test`"),
            cell("3m ago"),
            cell("bash -c 'one two'"),
        ]);
        table.add(vec![
            cell("db"),
            cell("世界世界世界"),
            cell("2h ago"),
            cell("a\tb\x1b[2J"),
        ]);
        table
    }

    fn shown(columns: usize) -> String {
        table().show(Looks {
            colours: false,
            columns,
        })
    }

    #[test]
    fn columns_line_up_by_what_is_shown() {
        assert_eq!(
            shown(80),
            "NAME  DOING                 STARTED  COMMAND\n\
             web   running `cargo test`  3m ago   bash -c 'one two'\n\
             db    世界世界世界          2h ago   a\\tb\\u{1b}[2J\n"
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for room in 1..90 {
            for line in shown(room).lines() {
                assert!(columns(line) <= room, "{room}: {line:?}");
            }
        }
        assert_eq!(
            shown(30),
            "NAME  DOING            STARTED\n\
             web   running `cargo…  3m ago\n\
             db    世界世界世界     2h ago\n"
        );
    }

    #[test]
    fn text_is_cut_between_what_people_see_as_characters() {
        for (text, room, kept) in [
            ("plain", 5, "plain"),
            ("plain", 4, "pla…"),
            ("世界世界", 5, "世界…"),
            ("世界世界", 4, "世…"),
            ("👩‍👩‍👧x👩‍👩‍👧", 4, "👩‍👩‍👧x…"),
            ("ab", 1, "…"),
            ("ab", 0, ""),
        ] {
            assert_eq!(cut(text, room), kept, "{text} in {room}");
        }
    }

    #[test]
    fn colours_are_outside_of_the_width() {
        let mut table = Table::new(vec![Column {
            title: "A",
            least: None,
            optional: false,
        }]);
        table.add(vec![Cell::new(Tone::Bad, "x")]);
        let looks = Looks {
            colours: true,
            columns: 80,
        };
        assert_eq!(table.show(looks), "\x1b[1mA\x1b[m\n\x1b[31mx\x1b[m\n");
    }
}
