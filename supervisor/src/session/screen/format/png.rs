//! Captures as a picture in PNG, painted with GNU Unifont: a bitmap font that has nearly every character, the wide ones too, so nothing
//! has to be rasterised and the same screen gives the same picture everywhere.

use super::super::line;
use super::super::query::{BACKGROUND, FOREGROUND};
use super::super::style::{Attrs, Style};
use super::super::terminal::Terminal;
use super::super::width;
use super::paint::{Rgb, paint};
use super::svg::columns;
use psup_proto::{Code, Failure};

/// A cell in pixels.
const WIDTH: usize = 8;
const HEIGHT: usize = 16;
/// The most pixels of one picture, which take three bytes each while it is made. A screen of 350x350 cells fits.
const PIXELS: usize = 16_000_000;

struct Canvas {
    pixels: Vec<u8>,
    width: usize,
}

pub fn picture(terminal: &Terminal, lines: &[String], cursor: Option<(usize, usize)>) -> Result<Vec<u8>, Failure> {
    let widest = lines.iter().map(|styled| columns(&line::plain(styled))).max().unwrap_or(0);
    let (width, height) = (WIDTH * widest.max(terminal.cols()), HEIGHT * lines.len().max(1));
    if width * height > PIXELS {
        return Err(Failure::new(Code::Limit, "the picture would have more than 16 million pixels")
            .hint("capture fewer lines, or take svg or html"));
    }
    let mut canvas = Canvas {
        pixels: [BACKGROUND.0, BACKGROUND.1, BACKGROUND.2].repeat(width * height),
        width,
    };
    for (row, styled) in lines.iter().enumerate() {
        let mut col = 0;
        for run in line::runs(styled) {
            for c in run.text.chars() {
                let cells = width::of(c).unwrap_or(0);
                // What combines is painted over the character before it.
                let at = if cells == 0 { col.max(1) - 1 } else { col };
                canvas.character(c, cells, row, at, &run.style);
                col += cells;
            }
        }
    }
    if let Some((row, col)) = cursor {
        canvas.fill(row * HEIGHT + HEIGHT - 3, col * WIDTH, 3, WIDTH, FOREGROUND);
    }
    canvas.encode(height).map_err(|e| Failure::new(Code::Internal, e.to_string()))
}

impl Canvas {
    fn character(&mut self, c: char, cells: usize, row: usize, col: usize, style: &Style) {
        let paint = paint(style);
        let (top, left) = (row * HEIGHT, col * WIDTH);
        if let Some(bg) = paint.bg.filter(|_| cells > 0) {
            self.fill(top, left, HEIGHT, cells * WIDTH, bg);
        }
        if c != ' ' {
            self.glyph(c, cells, top, left, paint.fg, style.attrs.has(Attrs::BOLD));
        }
        let width = cells * WIDTH;
        if style.attrs.underline() > 0 {
            self.fill(top + HEIGHT - 2, left, 1, width, paint.line);
        }
        if style.attrs.has(Attrs::STRIKE) {
            self.fill(top + HEIGHT / 2, left, 1, width, paint.fg);
        }
        if style.attrs.has(Attrs::OVERLINE) {
            self.fill(top, left, 1, width, paint.fg);
        }
    }

    fn glyph(&mut self, c: char, cells: usize, top: usize, left: usize, colour: Rgb, bold: bool) {
        let Some(glyph) = unifont::get_glyph(c).or_else(|| unifont::get_glyph(char::REPLACEMENT_CHARACTER)) else {
            return;
        };
        let width = glyph.get_width().min(cells.max(1) * WIDTH);
        for y in 0..HEIGHT {
            for x in (0..width).filter(|x| glyph.get_pixel(*x, y)) {
                // Bold is the same a pixel further: bitmap fonts have always done so.
                self.fill(top + y, left + x, 1, 1 + usize::from(bold && x + 1 < width), colour);
            }
        }
    }

    fn fill(&mut self, top: usize, left: usize, height: usize, width: usize, (r, g, b): Rgb) {
        for y in top..top + height {
            let from = 3 * (y * self.width + left.min(self.width));
            let to = 3 * (y * self.width + (left + width).min(self.width));
            for pixel in self.pixels.get_mut(from..to).unwrap_or_default().chunks_exact_mut(3) {
                pixel.copy_from_slice(&[r, g, b]);
            }
        }
    }

    fn encode(&self, height: usize) -> Result<Vec<u8>, png::EncodingError> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(bytes)
    }
}
