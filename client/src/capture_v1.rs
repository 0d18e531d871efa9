//! Captures of a supervisor of version 1, which draws them itself: its bytes are printed as they
//! are, but for its object, which is not the one that `--json` prints.

use crate::json::Dimensions;
use crate::output::Out;
use psup_link::stream_position::StreamPosition;
use psup_proto::capture::{Captured, Format};
use psup_proto::{Code, Failure};
use psup_render::Stretch;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct Drawn {
    head: Captured,
    position: StreamPosition,
    /// The supervisor's object, where ours is made of it.
    kept: Option<Vec<u8>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Capture")]
pub(crate) struct Report<'a> {
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
    #[schemars(with = "Vec<Vec<Stretch<'static>>>")]
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

#[derive(Serialize, JsonSchema)]
struct Cursor {
    col: u16,
    row: u16,
    visible: bool,
}

impl Drawn {
    pub(crate) fn new(head: Captured, format: Format) -> Self {
        let mut position = StreamPosition::default();
        position.stands_at(head.offset);
        Self {
            head,
            position,
            kept: (format == Format::Json).then(Vec::new),
        }
    }

    /// The same bytes come again.
    pub(crate) fn restart(&mut self, head: Captured) {
        self.position.stands_at(head.offset);
        self.head = head;
    }

    pub(crate) fn take(&mut self, bytes: &[u8], out: &mut Out) -> Result<(), Failure> {
        let fresh = self.position.fresh(bytes);
        match &mut self.kept {
            Some(kept) => kept.extend_from_slice(fresh),
            None => out.data(fresh)?,
        }
        Ok(())
    }

    pub(crate) fn end(self, out: &mut Out) -> Result<(), Failure> {
        let (Some(bytes), head) = (self.kept, self.head) else {
            return Ok(());
        };
        let document: Document = serde_json::from_slice(&bytes).map_err(|e| {
            let message = format!("a capture that cannot be read: {e}");
            Failure::new(Code::Internal, message)
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
        })
    }
}
