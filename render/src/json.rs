//! Captures as JSON: styled runs, and what stands around them.

use psup_proto::rows::{Row, RowsHead};
use psup_proto::style::{Attrs, Colour, Style};
use psup_proto::{Code, Failure};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize)]
struct Size {
    cols: u16,
    rows: u16,
}

#[derive(Serialize)]
struct Cursor {
    col: u16,
    row: u16,
    visible: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    text: &'a str,
    /// Only where there is style: a line of plain text is its text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    runs: Vec<Stretch<'a>>,
}

/// A part of a line that has one style.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Run")]
pub struct Stretch<'a> {
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

/// The object that `psup capture --json` prints, on a line of its own.
pub(crate) struct Report {
    left_out: u64,
    is_first: bool,
    /// They come behind all lines.
    runs: Vec<u8>,
}

/// The object of version 1 of the protocol.
pub(crate) struct Document {
    left_out: u64,
    is_first: bool,
}

impl Report {
    pub(crate) fn begin(head: &RowsHead, out: &mut Vec<u8>) -> Result<Self, Failure> {
        out.extend_from_slice(b"{");
        field("offset", &head.offset, out)?;
        out.push(b',');
        facts(head, out)?;
        out.extend_from_slice(b",\"lines\":[");
        Ok(Self {
            left_out: head.left_out,
            is_first: true,
            runs: Vec::new(),
        })
    }

    pub(crate) fn row(&mut self, row: Row<'_>, out: &mut Vec<u8>) -> Result<(), Failure> {
        if !std::mem::take(&mut self.is_first) {
            out.push(b',');
            self.runs.push(b',');
        }
        value(row.trimmed(), out)?;
        value(&runs(row), &mut self.runs)
    }

    pub(crate) fn end(self, out: &mut Vec<u8>) -> Result<(), Failure> {
        out.extend_from_slice(b"],\"runs\":[");
        out.extend_from_slice(&self.runs);
        out.extend_from_slice(b"],");
        field("left_out", &self.left_out, out)?;
        out.extend_from_slice(b"}\n");
        Ok(())
    }
}

impl Document {
    pub(crate) fn begin(head: &RowsHead, out: &mut Vec<u8>) -> Result<Self, Failure> {
        out.push(b'{');
        facts(head, out)?;
        out.extend_from_slice(b",\"lines\":[");
        Ok(Self {
            left_out: head.left_out,
            is_first: true,
        })
    }

    pub(crate) fn row(&mut self, row: Row<'_>, out: &mut Vec<u8>) -> Result<(), Failure> {
        if !std::mem::take(&mut self.is_first) {
            out.push(b',');
        }
        let line = Line {
            text: row.trimmed(),
            runs: runs(row),
        };
        value(&line, out)
    }

    pub(crate) fn end(self, out: &mut Vec<u8>) -> Result<(), Failure> {
        out.extend_from_slice(b"],");
        field("left_out", &self.left_out, out)?;
        out.push(b'}');
        Ok(())
    }
}

/// What stands before the lines.
fn facts(head: &RowsHead, out: &mut Vec<u8>) -> Result<(), Failure> {
    let (size, cursor) = (head.size, head.cursor);
    let size = Size {
        cols: size.cols,
        rows: size.rows,
    };
    field("size", &size, out)?;
    out.push(b',');
    let cursor = Cursor {
        col: cursor.col,
        row: cursor.row,
        visible: cursor.visible,
    };
    field("cursor", &cursor, out)?;
    out.push(b',');
    field("title", &head.title, out)?;
    if let Some(cwd) = &head.cwd {
        out.push(b',');
        field("cwd", cwd, out)?;
    }
    out.push(b',');
    field("modes", &head.modes, out)
}

fn field(name: &str, what: &impl Serialize, out: &mut Vec<u8>) -> Result<(), Failure> {
    value(name, out)?;
    out.push(b':');
    value(what, out)
}

fn value(what: &(impl Serialize + ?Sized), out: &mut Vec<u8>) -> Result<(), Failure> {
    serde_json::to_writer(out, what).map_err(|e| Failure::new(Code::Internal, e.to_string()))
}

fn runs(row: Row<'_>) -> Vec<Stretch<'_>> {
    if row.runs.is_empty() {
        return Vec::new();
    }
    let stretches = row.stretches();
    stretches
        .map(|(text, style, link)| stretch(text, &style, link.map(|link| link.uri.as_str())))
        .collect()
}

fn stretch<'a>(text: &'a str, style: &Style, link: Option<&'a str>) -> Stretch<'a> {
    let attrs = style.attrs;
    Stretch {
        text,
        fg: colour(style.fg),
        bg: colour(style.bg),
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
        underline_colour: colour(style.line),
        link,
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
