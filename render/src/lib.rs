//! Captures in their formats, made of rows one by one.
//!
//! It knows the rows that travel and nothing of where they come from or go to: no session, no
//! connection, no file. What it holds does not grow with the rows it is given, but for a picture's
//! pixels and the runs of JSON.

mod ansi;
mod html;
mod json;
mod paint;
mod png;
mod svg;
mod text;

pub use json::Stretch;

use psup_proto::capture::{Capture, Extent, Format};
use psup_proto::rows::{Row, RowsHead};
use psup_proto::{Code, Failure};

/// One capture on its way into its format.
pub struct Renderer {
    picture: Picture,
    out: Vec<u8>,
}

enum Picture {
    Text(text::Text),
    Ansi,
    Redraw(ansi::Redraw),
    Json(json::Report),
    Document(json::Document),
    Html,
    Svg(svg::Picture),
    Png(png::Picture),
}

impl Renderer {
    /// Of rows that were asked for by `capture`. Refused where the picture would be too large.
    pub fn new(capture: &Capture, head: &RowsHead) -> Result<Self, Failure> {
        let mut out = Vec::new();
        let picture = match capture.format {
            Format::Json => Picture::Json(json::Report::begin(head, &mut out)?),
            _ => picture(capture, head, &mut out)?,
        };
        Ok(Self { picture, out })
    }

    /// As version 1 of the protocol has it: its JSON is an object of another shape.
    pub fn for_version_1(capture: &Capture, head: &RowsHead) -> Result<Self, Failure> {
        let mut out = Vec::new();
        let picture = picture(capture, head, &mut out)?;
        Ok(Self { picture, out })
    }

    /// The next row.
    pub fn row(&mut self, row: Row<'_>) -> Result<(), Failure> {
        let out = &mut self.out;
        match &mut self.picture {
            Picture::Text(text) => text.row(row, out),
            Picture::Ansi => ansi::line(row, out),
            Picture::Redraw(redraw) => redraw.row(row),
            Picture::Json(report) => return report.row(row, out),
            Picture::Document(document) => return document.row(row, out),
            Picture::Html => html::line(row, out),
            Picture::Svg(picture) => picture.row(row, out),
            Picture::Png(picture) => picture.row(row),
        }
        Ok(())
    }

    /// What can be written down already.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// What is left to write once there are no more rows.
    pub fn end(mut self) -> Result<Vec<u8>, Failure> {
        let out = &mut self.out;
        match self.picture {
            Picture::Text(_) | Picture::Ansi => {}
            Picture::Redraw(redraw) => redraw.end(out),
            Picture::Json(report) => report.end(out)?,
            Picture::Document(document) => document.end(out)?,
            Picture::Html => html::end(out),
            Picture::Svg(picture) => picture.end(out),
            Picture::Png(picture) => picture.end(out)?,
        }
        Ok(self.out)
    }
}

fn picture(capture: &Capture, head: &RowsHead, out: &mut Vec<u8>) -> Result<Picture, Failure> {
    // In a picture of the screen itself its rows stand where they are, so the cursor has a place.
    let cursor = (capture.extent == Extent::Screen && head.cursor.visible)
        .then_some((usize::from(head.cursor.row), usize::from(head.cursor.col)));
    Ok(match capture.format {
        Format::Text => Picture::Text(text::Text::new(capture.extent)),
        Format::Ansi if capture.is_redraw() => Picture::Redraw(ansi::Redraw::new(head)),
        Format::Ansi => Picture::Ansi,
        Format::Json => Picture::Document(json::Document::begin(head, out)?),
        Format::Html => {
            html::begin(&head.title, out);
            Picture::Html
        }
        Format::Svg => Picture::Svg(svg::Picture::begin(head, cursor, out)?),
        Format::Png => Picture::Png(png::Picture::new(head, cursor)?),
    })
}

/// All rows of a capture at once.
pub fn whole<'a>(
    capture: &Capture,
    head: &RowsHead,
    rows: impl IntoIterator<Item = Row<'a>>,
) -> Result<Vec<u8>, Failure> {
    let mut renderer = Renderer::new(capture, head)?;
    for row in rows {
        renderer.row(row)?;
    }
    renderer.end()
}

fn too_large(limit: &str) -> Failure {
    let message = format!("the picture would have more than {limit}");
    Failure::new(Code::Limit, message)
}
