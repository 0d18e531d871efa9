//! A recording as one piece of text or one picture: what is on the screen at its end.

use super::{Recording, What};
use psup_proto::capture::{Capture, Extent, Format};
use psup_proto::{Failure, Offset, limits};
use psup_render::Renderer;
use psup_screen::Screen;

/// Scrollback and screen; of a picture the screen.
pub(crate) fn still(recording: &Recording, format: Format) -> Result<Vec<u8>, Failure> {
    let history = recording
        .bytes
        .len()
        .saturating_mul(4)
        .max(psup_screen::HISTORY);
    let mut screen = Screen::with_history(recording.size, limits::SCROLLBACK_MOST, history);
    for entry in &recording.entries {
        match &entry.what {
            What::Output(range) => {
                screen.feed(&recording.bytes[range.clone()]);
                screen.take_replies();
                screen.take_signs();
            }
            What::Resize(size) => screen.resize(*size),
            What::Marker(_) | What::Exit(_) => {}
        }
    }
    let extent = match format {
        Format::Svg | Format::Png => Extent::Screen,
        Format::Text | Format::Ansi | Format::Json | Format::Html => Extent::All,
    };
    let capture = Capture {
        extent,
        format,
        rows: false,
        at: None,
        budget: None,
    };
    let mut head = screen.rows_head(recording.bytes.len() as Offset);
    let (rows, left_out) = screen.into_rows_of(&capture)?.collect()?;
    (head.rows, head.left_out) = (rows.len() as u64, left_out);
    let mut renderer = Renderer::new(&capture, &head)?;
    for row in &rows {
        renderer.row(row.as_row())?;
    }
    renderer.end()
}
