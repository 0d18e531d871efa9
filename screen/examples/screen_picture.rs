//! Draws bytes from standard input and writes a capture of them:
//! `… | screen_picture 80x24 png > picture.png`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use psup_proto::capture::{Capture, Extent, Format};
use psup_proto::rows::{RowBuf, RowsHead};
use psup_screen::Screen;
use std::io::{Read, Write};

fn main() {
    let mut args = std::env::args().skip(1);
    let size = args.next().unwrap().parse().unwrap();
    let format = match args.next().unwrap().as_str() {
        "ansi" => Format::Ansi,
        "json" => Format::Json,
        "html" => Format::Html,
        "svg" => Format::Svg,
        "png" => Format::Png,
        _ => Format::Text,
    };
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).unwrap();
    let mut screen = Screen::new(size, 1000);
    screen.feed(&bytes);
    let capture = Capture {
        extent: Extent::Screen,
        format,
        rows: true,
        at: None,
        budget: None,
    };
    let (rows, left_out) = screen.rows_of(&capture).unwrap().collect().unwrap();
    let head = RowsHead {
        rows: rows.len() as u64,
        left_out,
        ..screen.rows_head(0)
    };
    let rows = rows.iter().map(RowBuf::as_row);
    let picture = psup_render::whole(&capture, &head, rows).unwrap();
    std::io::stdout().write_all(&picture).unwrap();
}
