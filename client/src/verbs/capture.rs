//! `psup capture`.

use super::{Run, word};
use crate::changed_rows;
use crate::context::{Context, Done, Stream, unexpected};
use crate::json::Dimensions;
use crate::output::Out;
use crate::since::Since;
use psup_link::Item;
use psup_link::stream_position::StreamPosition;
use psup_proto::capture::{self, Captured, Extent};
use psup_proto::{Code, Failure, Request, Response, Target};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::ffi::OsString;

/// Print the screen of a session as a person would see it
///
/// Blank lines at the end are left out, and lines that the terminal folded are
/// joined, unless --rows. With -n or --all what has scrolled away is shown as
/// well. Works on a session that has ended, too: its last screen.
///
/// With --json (the same as --format json) the lines come in one object with
/// cursor, size, title, modes, the offset that the capture shows, and for each
/// line its runs of one style. As html and svg a capture is a document that
/// needs nothing else, as png it is a picture.
///
/// With --changed-since only the rows are printed that differ from what the screen
/// showed at an offset, each after its number from 0; the offset for the next time
/// is told on stderr.
///
/// Example:
///   psup capture web
///   psup capture web -n 30
///   psup capture web --all --format ansi
///   psup capture web --format png
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Capture {
    /// A name, or one life of it such as web#3
    #[arg(value_name = "NAME")]
    target: Target,
    /// The last lines of scrollback and screen together
    #[arg(short = 'n', value_name = "LINES", conflicts_with = "all", value_parser = clap::value_parser!(u32).range(1..))]
    last: Option<u32>,
    /// All of the scrollback, and the screen
    #[arg(short, long)]
    all: bool,
    /// Plain text, text with colours, an object, or a picture
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    format: Format,
    /// Rows as they stand on the screen, instead of joined lines
    #[arg(long)]
    rows: bool,
    /// The screen as it was at this offset, so long ago (10m), or at a time
    #[arg(long, value_name = "OFFSET", value_parser = Since::parse)]
    at: Option<Since>,
    /// At most this many characters: the newest lines that fit; what is left out is told
    #[arg(long, value_name = "CHARS")]
    budget: Option<u64>,
    /// Only rows that differ from the screen at this offset or time
    #[arg(long, value_name = "OFFSET", value_parser = Since::parse, conflicts_with_all = ["last", "all", "at", "budget", "rows", "format"])]
    changed_since: Option<Since>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Ansi,
    Json,
    Html,
    Svg,
    Png,
}

/// A capture on its way.
struct Arriving {
    target: Target,
    capture: capture::Capture,
    head: Option<Box<Captured>>,
    position: StreamPosition,
    /// The supervisor's object, where ours is made of it.
    kept: Option<Vec<u8>>,
}

#[derive(Serialize)]
struct Report<'a> {
    offset: u64,
    size: Dimensions,
    cursor: Cursor,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cwd: Option<String>,
    modes: &'a [String],
    lines: Vec<String>,
    /// For each line its runs of one style, as the supervisor tells them; none where a line has no
    /// style.
    runs: Vec<Value>,
    left_out: u64,
}

/// The part of the supervisor's object that ours is made of.
#[derive(Deserialize)]
struct Document {
    cwd: Option<String>,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    text: String,
    #[serde(default)]
    runs: Vec<Value>,
}

#[derive(Serialize)]
struct Cursor {
    col: u16,
    row: u16,
    visible: bool,
}

impl Run for Capture {
    fn plain(words: &[OsString]) -> Option<Self> {
        match words {
            [target] => Some(Self {
                target: word(target)?,
                last: None,
                all: false,
                format: Format::Text,
                rows: false,
                at: None,
                budget: None,
                changed_since: None,
            }),
            _ => None,
        }
    }

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        if let Some(since) = self.changed_since {
            let since = since.of(&self.target, cx)?;
            return changed_rows::print(&self.target, since, cx);
        }
        let at = self.at.map(|at| at.of(&self.target, cx)).transpose()?;
        let as_object = cx.out.json || self.format == Format::Json;
        let extent = match (self.last, self.all) {
            (Some(lines), _) => Extent::Last(lines),
            (None, true) => Extent::All,
            (None, false) => Extent::Screen,
        };
        let format = match self.format {
            _ if as_object => capture::Format::Json,
            Format::Text => capture::Format::Text,
            Format::Ansi => capture::Format::Ansi,
            Format::Json => capture::Format::Json,
            Format::Html => capture::Format::Html,
            Format::Svg => capture::Format::Svg,
            Format::Png => capture::Format::Png,
        };
        cx.stream(&mut Arriving {
            target: self.target,
            capture: capture::Capture {
                extent,
                format,
                rows: self.rows,
                at,
                budget: self.budget,
            },
            head: None,
            position: StreamPosition::default(),
            kept: as_object.then(Vec::new),
        })
    }
}

impl Stream for Arriving {
    /// A capture at an offset is always the same, so one that broke off is asked for again at the
    /// offset it shows.
    fn question(&self) -> Request {
        Request::Capture {
            target: self.target.clone(),
            capture: capture::Capture {
                at: self.position.from(self.capture.at),
                ..self.capture.clone()
            },
        }
    }

    fn take(&mut self, item: Item, out: &mut Out) -> Result<Option<Done>, Failure> {
        match item {
            Item::Bytes(bytes) => {
                let fresh = self.position.fresh(&bytes);
                match &mut self.kept {
                    Some(kept) => kept.extend_from_slice(fresh),
                    None => out.data(fresh)?,
                }
                Ok(None)
            }
            Item::Response(Response::Captured(head)) => {
                self.position.stands_at(head.offset);
                self.head = Some(head);
                Ok(None)
            }
            Item::Response(Response::End { .. }) => self.end(out).map(Some),
            Item::Response(other) => Err(unexpected(&other)),
        }
    }
}

impl Arriving {
    fn end(&mut self, out: &mut Out) -> Result<Done, Failure> {
        let head = self
            .head
            .take()
            .ok_or_else(|| unexpected("no head before a capture"))?;
        match &self.kept {
            Some(bytes) => {
                let document: Document = serde_json::from_slice(bytes).map_err(|e| {
                    Failure::new(
                        Code::Internal,
                        format!("a capture that cannot be read: {e}"),
                    )
                })?;
                let (lines, runs) = document
                    .lines
                    .into_iter()
                    .map(|line| (line.text, Value::from(line.runs)))
                    .unzip();
                out.object(&Report {
                    offset: head.offset,
                    size: head.size.into(),
                    cursor: Cursor {
                        col: head.cursor.col,
                        row: head.cursor.row,
                        visible: head.cursor.visible,
                    },
                    title: &head.title,
                    cwd: document.cwd,
                    modes: &head.modes,
                    lines,
                    runs,
                    left_out: head.left_out,
                })?;
            }
            None if head.left_out > 0 => {
                let why = match self.capture.budget {
                    Some(_) => "they do not fit the budget, or are not kept any more",
                    None => "they are not kept any more",
                };
                out.talk(format_args!(
                    "{} older lines are left out: {why}",
                    head.left_out
                ));
            }
            None => {}
        }
        Ok(Done::OK)
    }
}
