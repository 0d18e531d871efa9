//! Captures as JSON: styled runs, and what stands around them.

use crate::line::{self, Run};
use crate::style::{Attrs, Colour};
use crate::terminal::Terminal;
use psup_proto::{Code, Failure};
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    size: Size,
    cursor: Cursor,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cwd: Option<&'a str>,
    modes: Vec<String>,
    lines: Vec<Line<'a>>,
    left_out: u64,
}

#[derive(Serialize)]
struct Size {
    cols: usize,
    rows: usize,
}

#[derive(Serialize)]
struct Cursor {
    col: usize,
    row: usize,
    visible: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    text: String,
    /// Only where there is style: a line of plain text is its text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    runs: Vec<Styled<'a>>,
}

#[derive(Serialize)]
struct Styled<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bg: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attrs: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    underline: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    underline_colour: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
}

pub(super) fn document(
    terminal: &Terminal,
    lines: &[String],
    left_out: u64,
) -> Result<Vec<u8>, Failure> {
    let document = Document {
        size: Size {
            cols: terminal.cols(),
            rows: terminal.rows(),
        },
        cursor: Cursor {
            col: terminal.cursor.col.min(terminal.cols() - 1),
            row: terminal.cursor.row,
            visible: terminal.drawing.cursor_visible,
        },
        title: &terminal.title,
        cwd: terminal.cwd.as_deref(),
        modes: terminal.modes.names(&terminal.drawing),
        lines: lines.iter().map(|styled| of(styled)).collect(),
        left_out,
    };
    serde_json::to_vec(&document).map_err(|e| Failure::new(Code::Internal, e.to_string()))
}

fn of(styled: &str) -> Line<'_> {
    let runs = if styled.contains('\x1b') {
        line::runs(styled).map(|run| styled_run(&run)).collect()
    } else {
        Vec::new()
    };
    Line {
        text: line::plain(styled),
        runs,
    }
}

fn styled_run<'a>(run: &Run<'a>) -> Styled<'a> {
    let attrs = run.style.attrs;
    Styled {
        text: run.text,
        fg: colour(run.style.fg),
        bg: colour(run.style.bg),
        attrs: Attrs::NAMES
            .iter()
            .filter(|(attr, _, _)| attrs.has(*attr))
            .map(|(_, name, _)| *name)
            .collect(),
        underline: match attrs.underline() {
            0 => None,
            1 => Some("single"),
            2 => Some("double"),
            3 => Some("curly"),
            4 => Some("dotted"),
            _ => Some("dashed"),
        },
        underline_colour: colour(run.style.line),
        link: run.link.map(|(_, uri)| uri),
    }
}

/// `"4"` is a number of the palette, `"#rrggbb"` a colour of its own.
fn colour(colour: Colour) -> Option<String> {
    match colour {
        Colour::Default => None,
        Colour::Indexed(n) => Some(n.to_string()),
        Colour::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
    }
}
