//! Captures as a picture in PNG, painted with GNU Unifont: a bitmap font that has nearly every
//! character, the wide ones too, so nothing has to be rasterised and the same screen gives the same
//! picture everywhere.

use crate::paint::{Rgb, paint};
use crate::too_large;
use psup_proto::rows::{Row, RowsHead};
use psup_proto::style::{Attrs, Style};
use psup_proto::{Code, Failure};
use psup_screen::palette::{BACKGROUND, FOREGROUND};
use psup_screen::width::{self, ZWJ};

/// A cell in pixels.
const WIDTH: usize = 8;
const HEIGHT: usize = 16;
/// The most pixels of one picture, which take three bytes each while it is made. A screen of
/// 350x350 cells fits.
const PIXELS: usize = 16_000_000;

pub(crate) struct Picture {
    canvas: Canvas,
    height: usize,
    cursor: Option<(usize, usize)>,
    row: usize,
}

struct Canvas {
    pixels: Vec<u8>,
    width: usize,
}

impl Picture {
    pub(crate) fn new(head: &RowsHead, cursor: Option<(usize, usize)>) -> Result<Self, Failure> {
        let width = WIDTH * usize::from(head.size.cols);
        let height = (HEIGHT as u64).saturating_mul(head.rows.max(1));
        if height.saturating_mul(width as u64) > PIXELS as u64 {
            return Err(
                too_large("16 million pixels").hint("capture fewer lines, or take svg or html")
            );
        }
        let height = height as usize;
        Ok(Self {
            canvas: Canvas {
                // Painted row by row, so that nothing takes long at once.
                pixels: Vec::with_capacity(3 * width * height),
                width,
            },
            height,
            cursor,
            row: 0,
        })
    }

    pub(crate) fn row(&mut self, row: Row<'_>) {
        let (canvas, number) = (&mut self.canvas, self.row);
        self.row += 1;
        canvas.paint_to(self.row * HEIGHT);
        let mut col = 0;
        for (text, style, _) in row.stretches() {
            // Where the character began that others may combine with.
            let mut base = col;
            let mut joined = false;
            for (c, cells) in width::each(text) {
                if cells > 0 {
                    base = col;
                    canvas.character(c, cells, number, col, &style);
                } else if !joined && !is_sign(c) {
                    canvas.character(c, 0, number, base, &style);
                }
                // Of what is joined the first picture stands for all.
                joined = c == ZWJ;
                col += cells;
            }
        }
    }

    pub(crate) fn end(mut self, out: &mut Vec<u8>) -> Result<(), Failure> {
        self.canvas.paint_to(self.height);
        if let Some((row, col)) = self.cursor {
            let (top, left) = (row * HEIGHT + HEIGHT - 3, col * WIDTH);
            self.canvas.fill(top, left, 3, WIDTH, FOREGROUND);
        }
        self.canvas
            .encode(self.height, out)
            .map_err(|e| Failure::new(Code::Internal, e.to_string()))
    }
}

/// Nothing to see: joiners, and signs that choose between forms of a character.
fn is_sign(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e01ef}')
}

impl Canvas {
    /// Makes it so high.
    fn paint_to(&mut self, height: usize) {
        let missing = (self.width * height).saturating_sub(self.pixels.len() / 3);
        let (r, g, b) = BACKGROUND;
        self.pixels.extend([r, g, b].repeat(missing));
    }

    fn character(&mut self, c: char, cells: usize, row: usize, col: usize, style: &Style) {
        let paint = paint(style);
        let (top, left) = (row * HEIGHT, col * WIDTH);
        if let Some(bg) = paint.bg.filter(|_| cells > 0) {
            self.fill(top, left, HEIGHT, cells * WIDTH, bg);
        }
        if c != ' ' {
            self.glyph(c, cells, (top, left), paint.fg, style.attrs);
        }
        let width = cells * WIDTH;
        self.underline(style.attrs.underline(), (top, left), width, paint.line);
        if style.attrs.has(Attrs::STRIKE) {
            self.fill(top + HEIGHT / 2, left, 1, width, paint.fg);
        }
        if style.attrs.has(Attrs::OVERLINE) {
            self.fill(top, left, 1, width, paint.fg);
        }
    }

    /// One of the kinds that SGR 4 knows, on the lowest rows of the cell.
    fn underline(&mut self, kind: u8, (top, left): (usize, usize), width: usize, colour: Rgb) {
        for x in 0..width {
            let rows: &[usize] = match kind {
                1 => &[2],
                2 => &[3, 1],
                // A wave of eight pixels, as wide as a cell.
                3 => [[3], [2], [1], [1], [1], [2], [3], [3]][x % 8].as_slice(),
                4 if x % 2 == 0 => &[2],
                5 if x % 8 < 5 => &[2],
                _ => &[],
            };
            for row in rows {
                self.fill(top + HEIGHT - row, left + x, 1, 1, colour);
            }
        }
    }

    fn glyph(
        &mut self,
        c: char,
        cells: usize,
        (top, left): (usize, usize),
        colour: Rgb,
        attrs: Attrs,
    ) {
        let room = cells.max(1) * WIDTH;
        let Some(glyph) = unifont::get_glyph(c) else {
            return self.frame((top + 2, left + 1), room - 2, colour);
        };
        // Some characters are drawn wider than they are counted: two of their pixels are one then.
        let halved = glyph.get_width() > room;
        let inked = |x: usize, y: usize| {
            if halved {
                glyph.get_pixel(2 * x, y) || glyph.get_pixel(2 * x + 1, y)
            } else {
                glyph.get_pixel(x, y)
            }
        };
        let width = glyph.get_width().min(room);
        let bold = attrs.has(Attrs::BOLD);
        for y in 0..HEIGHT {
            // Italic leans, the upper rows by a pixel to the right and the lower ones to the left.
            let left = match (attrs.has(Attrs::ITALIC), y) {
                (true, 0..6) => left + 1,
                (true, 10..) => left.saturating_sub(1),
                _ => left,
            };
            for x in (0..width).filter(|x| inked(*x, y)) {
                // Bold is the same a pixel further: bitmap fonts have always done so.
                self.fill(
                    top + y,
                    left + x,
                    1,
                    1 + usize::from(bold && x + 1 < width),
                    colour,
                );
            }
        }
    }

    /// Stands for a character that the font has no picture of, an emoji for instance.
    fn frame(&mut self, (top, left): (usize, usize), width: usize, colour: Rgb) {
        let height = HEIGHT - 4;
        self.fill(top, left, 1, width, colour);
        self.fill(top + height - 1, left, 1, width, colour);
        self.fill(top, left, height, 1, colour);
        self.fill(top, left + width - 1, height, 1, colour);
    }

    fn fill(&mut self, top: usize, left: usize, height: usize, width: usize, (r, g, b): Rgb) {
        for y in top..top + height {
            let from = 3 * (y * self.width + left.min(self.width));
            let to = 3 * (y * self.width + (left + width).min(self.width));
            for pixel in self
                .pixels
                .get_mut(from..to)
                .unwrap_or_default()
                .chunks_exact_mut(3)
            {
                pixel.copy_from_slice(&[r, g, b]);
            }
        }
    }

    fn encode(&self, height: usize, out: &mut Vec<u8>) -> Result<(), png::EncodingError> {
        let mut encoder = png::Encoder::new(out, self.width as u32, height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()
    }
}
