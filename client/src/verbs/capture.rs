//! `psup capture`.

use super::{Run, word};
use crate::capture_v1::Drawn;
use crate::changed_rows;
use crate::context::{Context, Done, Stream, unexpected};
use crate::items::Items;
use crate::output::Out;
use crate::since::Since;
use psup_link::Item;
use psup_proto::capture::{self, Extent};
use psup_proto::rows::{Assembler, RowsHead};
use psup_proto::{Failure, Offset, Request, Response, Target};
use psup_render::Renderer;
use std::ffi::OsString;

/// Print the screen of a session as a person would see it
///
/// Blank lines at the end are left out, and lines that the terminal wrapped are
/// joined, unless --rows is given. -n and --all include what has scrolled away.
/// Works on sessions that have ended too: it prints their last screen.
///
/// With --json (the same as --format json) the result is one object: lines, each
/// with its runs of one style, cursor, size, title, modes, and the offset that the
/// capture shows. html and svg are documents that need no other file; png is a
/// picture.
///
/// With --changed-since only the rows that differ from the screen at an offset are
/// printed, each after its number, counted from 0; the offset to use next time is
/// printed on stderr.
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
    /// The last LINES lines of scrollback and screen together
    #[arg(short = 'n', value_name = "LINES", conflicts_with = "all", value_parser = clap::value_parser!(u32).range(1..))]
    last: Option<u32>,
    /// All of the scrollback and the screen
    #[arg(short, long)]
    all: bool,
    /// Plain text, coloured text, an object, a document or a picture
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    format: Format,
    /// Rows as they are on the screen, instead of joined lines
    #[arg(long)]
    rows: bool,
    /// The screen as it was at this offset, a duration ago (10m), or at a time
    #[arg(long, value_name = "OFFSET", value_parser = Since::parse)]
    at: Option<Since>,
    /// At most this many characters: the newest lines that fit, and a note of what is left out
    #[arg(long, value_name = "CHARS")]
    budget: Option<u64>,
    /// Only the rows that differ from the screen at this offset or time
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
    offset: Option<Offset>,
    left_out: u64,
    from: From,
}

/// What the supervisor answers with.
enum From {
    /// Nothing yet.
    Unknown,
    /// Rows that are drawn here.
    Rows(Renderer, Assembler),
    /// A supervisor of version 1 draws itself.
    Bytes(Drawn),
}

impl Run for Capture {
    const ITEMS: Items = Items::one::<(
        crate::capture_v1::Report<'static>,
        changed_rows::Changed<'static>,
    )>();

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
            offset: None,
            left_out: 0,
            from: From::Unknown,
        })
    }
}

impl Stream for Arriving {
    /// A capture at an offset is always the same, so one that broke off is asked for again at the
    /// offset it shows.
    fn question(&self) -> Request {
        Request::CaptureRows {
            target: self.target.clone(),
            capture: capture::Capture {
                at: self.offset.or(self.capture.at),
                ..self.capture.clone()
            },
        }
    }

    fn take(&mut self, item: Item, out: &mut Out) -> Result<Option<Done>, Failure> {
        match item {
            Item::Response(Response::RowsHead(head)) => self.begin(&head)?,
            Item::Response(Response::Rows(piece)) => {
                let From::Rows(renderer, whole) = &mut self.from else {
                    return Err(unexpected("rows before their head"));
                };
                whole.take(&piece, |row| renderer.row(row))?;
                print(&renderer.take(), self.capture.format, out)?;
            }
            Item::Response(Response::Captured(head)) => {
                self.offset = Some(head.offset);
                self.left_out = head.left_out;
                match &mut self.from {
                    From::Bytes(drawn) => drawn.restart(*head),
                    From::Unknown | From::Rows(..) => {
                        self.from = From::Bytes(Drawn::new(*head, self.capture.format));
                    }
                }
            }
            Item::Bytes(bytes) => {
                let From::Bytes(drawn) = &mut self.from else {
                    return Err(unexpected("no head before a capture"));
                };
                drawn.take(&bytes, out)?;
            }
            Item::Response(Response::End { .. }) => return self.end(out).map(Some),
            Item::Response(other) => return Err(unexpected(&other)),
        }
        Ok(None)
    }
}

impl Arriving {
    fn begin(&mut self, head: &RowsHead) -> Result<(), Failure> {
        self.offset = Some(head.offset);
        self.left_out = head.left_out;
        match &mut self.from {
            From::Rows(_, whole) => whole.restart(),
            From::Unknown | From::Bytes(_) => {
                let renderer = Renderer::new(&self.capture, head)?;
                self.from = From::Rows(renderer, Assembler::default());
            }
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Out) -> Result<Done, Failure> {
        match std::mem::replace(&mut self.from, From::Unknown) {
            From::Unknown => return Err(unexpected("no head before a capture")),
            From::Rows(renderer, _) => print(&renderer.end()?, self.capture.format, out)?,
            From::Bytes(drawn) => drawn.end(out)?,
        }
        if self.left_out > 0 && self.capture.format != capture::Format::Json {
            let why = match self.capture.budget {
                Some(_) => "they do not fit the budget, or are not kept any more",
                None => "they are not kept any more",
            };
            out.talk(format_args!(
                "{} older lines are left out: {why}",
                self.left_out
            ));
        }
        Ok(Done::OK)
    }
}

fn print(bytes: &[u8], format: capture::Format, out: &mut Out) -> Result<(), Failure> {
    match format {
        // It is made of whole characters.
        capture::Format::Json => out.json(&String::from_utf8_lossy(bytes)),
        capture::Format::Text
        | capture::Format::Ansi
        | capture::Format::Html
        | capture::Format::Svg
        | capture::Format::Png => out.data(bytes),
    }
}
