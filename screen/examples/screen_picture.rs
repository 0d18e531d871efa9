//! Draws bytes from standard input and writes a capture of them:
//! `… | screen_picture 80x24 png > picture.png`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use psup_proto::capture::{Extent, Format};
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
    let shot = screen.capture(Extent::Screen, true, format, None).unwrap();
    std::io::stdout().write_all(&shot.bytes).unwrap();
}
