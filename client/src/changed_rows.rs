//! `psup capture --changed-since`: the rows of the screen that differ from an earlier one.

use crate::context::{Context, Done};
use crate::json::Dimensions;
use psup_link::capture::Shot;
use psup_proto::capture::{Capture, Extent, Format};
use psup_proto::rows::RowBuf;
use psup_proto::{Failure, Offset, Target};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChangedRows")]
pub(crate) struct Changed<'a> {
    since: Offset,
    offset: Offset,
    size: Dimensions,
    rows: Vec<Row<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChangedRow")]
struct Row<'a> {
    /// From 0, from the top of the screen.
    row: usize,
    text: &'a str,
}

/// Prints each row that is not what it was at `since`, after its number.
pub(crate) fn print(target: &Target, since: Offset, cx: &mut Context) -> Result<Done, Failure> {
    let before = screen(target, Some(since), cx)?;
    let Shot { head, rows } = screen(target, None, cx)?;
    let now = rows.iter().map(|row| text(Some(row))).enumerate();
    let changed = now.filter(|(row, now)| text(before.rows.get(*row)) != *now);
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

fn screen(target: &Target, at: Option<Offset>, cx: &mut Context) -> Result<Shot, Failure> {
    let capture = Capture {
        extent: Extent::Screen,
        format: Format::Text,
        rows: true,
        at,
        budget: None,
    };
    cx.capture(target, capture)
}

/// The text of a row, which is empty where there is none.
fn text(row: Option<&RowBuf>) -> &str {
    row.map_or("", |row| row.text.trim_end_matches(' '))
}
