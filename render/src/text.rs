//! Captures as text.

use psup_proto::capture::Extent;
use psup_proto::rows::Row;

pub(crate) struct Text {
    /// Blanks at the ends of rows stay as far as they were written.
    is_whole: bool,
}

impl Text {
    pub(crate) fn new(extent: Extent) -> Self {
        Self {
            is_whole: matches!(extent, Extent::Rows { .. }),
        }
    }

    pub(crate) fn row(&self, row: Row<'_>, out: &mut Vec<u8>) {
        let text = if self.is_whole {
            row.text
        } else {
            row.trimmed()
        };
        out.extend_from_slice(text.as_bytes());
        out.push(b'\n');
    }
}
