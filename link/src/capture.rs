//! All rows of a capture at once, for who wants a screen and not a stream.

use crate::link::{Link, Stream};
use crate::stream_position::StreamPosition;
use crate::{Item, unexpected};
use psup_proto::capture::{Capture, Captured, Format};
use psup_proto::rows::{Assembler, Link as Hyperlink, Row, RowBuf, RowsHead, Run};
use psup_proto::style::{Attrs, Colour, Style};
use psup_proto::{Code, Failure, Request, Response, Target};
use serde::Deserialize;

/// A capture as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shot {
    pub head: RowsHead,
    pub rows: Vec<RowBuf>,
}

impl Shot {
    /// Asks for text, or for rows with their runs where the format is JSON. A supervisor of version
    /// 1 does not tell which rows go on in the next.
    pub fn take(link: &mut Link<'_>, target: Target, capture: Capture) -> Result<Self, Failure> {
        link.stream(&mut Arriving {
            target,
            capture,
            head: None,
            whole: Assembler::default(),
            rows: Vec::new(),
            position: StreamPosition::default(),
            drawn: None,
        })
    }

    /// Each row's text on a line.
    pub fn text(&self) -> String {
        let lines = self.rows.iter().flat_map(|row| [row.text.as_str(), "\n"]);
        lines.collect()
    }
}

struct Arriving {
    target: Target,
    capture: Capture,
    head: Option<RowsHead>,
    whole: Assembler,
    rows: Vec<RowBuf>,
    position: StreamPosition,
    /// What a supervisor of version 1 made of the rows.
    drawn: Option<Vec<u8>>,
}

impl Stream for Arriving {
    type End = Shot;

    /// A capture at an offset is always the same.
    fn question(&self) -> Request {
        let shown = self.head.as_ref().map(|head| head.offset);
        Request::CaptureRows {
            target: self.target.clone(),
            capture: Capture {
                at: shown.or(self.capture.at),
                ..self.capture.clone()
            },
        }
    }

    fn take(&mut self, item: Item) -> Result<Option<Shot>, Failure> {
        match item {
            Item::Response(Response::RowsHead(head)) => {
                self.whole.restart();
                self.head = Some(*head);
            }
            Item::Response(Response::Rows(piece)) => {
                let rows = &mut self.rows;
                self.whole.take(&piece, |row| {
                    rows.push(row.into());
                    Ok::<(), Failure>(())
                })?;
            }
            Item::Response(Response::Captured(head)) => {
                self.position.stands_at(head.offset);
                self.drawn.get_or_insert_default();
                self.head = Some(rows_head(*head));
            }
            Item::Bytes(bytes) => {
                let fresh = self.position.fresh(&bytes);
                self.drawn.get_or_insert_default().extend_from_slice(fresh);
            }
            Item::Response(Response::End { .. }) => return self.end().map(Some),
            Item::Response(other) => return Err(unexpected(&other)),
        }
        Ok(None)
    }
}

impl Arriving {
    fn end(&mut self) -> Result<Shot, Failure> {
        let head = self.head.take();
        let mut head = head.ok_or_else(|| unexpected("no head before a capture"))?;
        let mut rows = std::mem::take(&mut self.rows);
        if let Some(drawn) = self.drawn.take() {
            rows = match self.capture.format {
                Format::Json => rows_of_document(&drawn)?,
                _ => rows_of_text(&String::from_utf8_lossy(&drawn)),
            };
            head.rows = rows.len() as u64;
        }
        Ok(Shot { head, rows })
    }
}

fn rows_head(head: Captured) -> RowsHead {
    RowsHead {
        offset: head.offset,
        size: head.size,
        cursor: head.cursor,
        title: head.title,
        cwd: None,
        modes: head.modes,
        rows: head.lines,
        left_out: head.left_out,
    }
}

fn rows_of_text(text: &str) -> Vec<RowBuf> {
    let row = |text: &str| RowBuf {
        text: text.to_owned(),
        ..RowBuf::default()
    };
    text.lines().map(row).collect()
}

/// The object that a supervisor of version 1 makes.
#[derive(Deserialize)]
struct Document {
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    text: String,
    #[serde(default)]
    runs: Vec<Stretch>,
}

#[derive(Deserialize)]
struct Stretch {
    text: String,
    fg: Option<String>,
    bg: Option<String>,
    #[serde(default)]
    attrs: Vec<String>,
    underline: Option<String>,
    underline_colour: Option<String>,
    link: Option<String>,
}

fn rows_of_document(bytes: &[u8]) -> Result<Vec<RowBuf>, Failure> {
    let document: Document = serde_json::from_slice(bytes).map_err(|e| {
        let message = format!("a capture that cannot be read: {e}");
        Failure::new(Code::Internal, message)
    })?;
    Ok(document.lines.iter().map(row_of_line).collect())
}

fn row_of_line(line: &Line) -> RowBuf {
    if line.runs.is_empty() {
        return RowBuf {
            text: line.text.clone(),
            ..RowBuf::default()
        };
    }
    let mut row = RowBuf::default();
    for stretch in &line.runs {
        let run = Run {
            length: stretch.text.len() as u32,
            style: style(stretch),
            link: stretch.link.clone().map(|uri| Hyperlink {
                uri,
                id: String::new(),
            }),
        };
        row = row.joined(Row {
            text: &stretch.text,
            runs: &[run],
            wrap: None,
            is_whole: true,
        });
    }
    row
}

fn style(stretch: &Stretch) -> Style {
    let mut attrs = Attrs::default();
    for (attr, name, _) in Attrs::NAMES {
        if stretch.attrs.iter().any(|told| told == name) {
            attrs.set(attr);
        }
    }
    let kinds = ["single", "double", "curly", "dotted", "dashed"];
    let kind = kinds
        .iter()
        .position(|kind| stretch.underline.as_deref() == Some(kind));
    attrs.set_underline(kind.map_or(0, |kind| kind as u8 + 1));
    Style {
        fg: colour(stretch.fg.as_deref()),
        bg: colour(stretch.bg.as_deref()),
        line: colour(stretch.underline_colour.as_deref()),
        attrs,
    }
}

/// `4`, or `#rrggbb`.
fn colour(told: Option<&str>) -> Colour {
    let Some(told) = told else {
        return Colour::Default;
    };
    match told
        .strip_prefix('#')
        .map(|hex| u32::from_str_radix(hex, 16))
    {
        Some(Ok(rgb)) => {
            let [_, r, g, b] = rgb.to_be_bytes();
            Colour::Rgb(r, g, b)
        }
        Some(Err(_)) => Colour::Default,
        None => told.parse().map_or(Colour::Default, Colour::Indexed),
    }
}
