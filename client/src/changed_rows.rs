//! `psup capture --changed-since`: the rows of the screen that differ from an earlier one.

use crate::context::{Context, Done, Stream, unexpected};
use crate::json::Dimensions;
use crate::output::Out;
use psup_link::Item;
use psup_link::stream_position::StreamPosition;
use psup_proto::capture::{Capture, Captured, Extent, Format};
use psup_proto::{Failure, Offset, Request, Response, Target};
use serde::Serialize;

/// A screen as rows of text, on its way.
struct Rows<'a> {
    target: &'a Target,
    at: Option<Offset>,
    position: StreamPosition,
    head: Option<Box<Captured>>,
    bytes: Vec<u8>,
}

#[derive(Serialize)]
struct Changed<'a> {
    since: Offset,
    offset: Offset,
    size: Dimensions,
    rows: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    /// From 0, from the top of the screen.
    row: usize,
    text: &'a str,
}

/// Prints each row that is not what it was at `since`, after its number.
pub(crate) fn print(target: &Target, since: Offset, cx: &mut Context) -> Result<Done, Failure> {
    let (_, before) = rows(target, Some(since), cx)?;
    let (head, now) = rows(target, None, cx)?;
    let before: Vec<&str> = before.lines().collect();
    let differs = |(row, text): &(usize, &str)| before.get(*row).copied().unwrap_or("") != *text;
    let changed = now.lines().enumerate().filter(differs);
    if cx.out.json {
        return cx
            .out
            .object(&Changed {
                since,
                offset: head.offset,
                size: head.size.into(),
                rows: changed.map(|(row, text)| Row { row, text }).collect(),
            })
            .map(|()| Done::OK);
    }
    for (row, text) in changed {
        cx.out.line(format_args!("{row}\t{text}"))?;
    }
    cx.out.talk(format_args!("the offset is {}", head.offset));
    Ok(Done::OK)
}

fn rows(
    target: &Target,
    at: Option<Offset>,
    cx: &mut Context,
) -> Result<(Box<Captured>, String), Failure> {
    let mut rows = Rows {
        target,
        at,
        position: StreamPosition::default(),
        head: None,
        bytes: Vec::new(),
    };
    cx.stream(&mut rows)?;
    let head = rows
        .head
        .ok_or_else(|| unexpected("no head before a capture"))?;
    Ok((head, String::from_utf8_lossy(&rows.bytes).into_owned()))
}

impl Stream for Rows<'_> {
    fn question(&self) -> Request {
        Request::Capture {
            target: self.target.clone(),
            capture: Capture {
                extent: Extent::Screen,
                format: Format::Text,
                rows: true,
                at: self.position.from(self.at),
                budget: None,
            },
        }
    }

    fn take(&mut self, item: Item, _out: &mut Out) -> Result<Option<Done>, Failure> {
        match item {
            Item::Bytes(bytes) => self.bytes.extend_from_slice(self.position.fresh(&bytes)),
            Item::Response(Response::Captured(head)) => {
                self.position.stands_at(head.offset);
                self.head = Some(head);
            }
            Item::Response(Response::End { .. }) => return Ok(Some(Done::OK)),
            Item::Response(other) => return Err(unexpected(&other)),
        }
        Ok(None)
    }
}
