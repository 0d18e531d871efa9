//! Where ratatui draws: escape sequences for the cells that differ, in one write for each frame,
//! which the terminal shows at once where it knows how.

use crate::attach::terminal;
use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};
use std::fmt::Write;
use std::io;
use unicode_width::UnicodeWidthStr;

/// A frame begins and ends, for terminals that can hold it back until it is whole.
const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";

#[derive(Default)]
pub(super) struct Escapes {
    frame: String,
    /// Whether the cursor shows; nobody knows at first.
    cursor: Option<bool>,
}

impl Backend for Escapes {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, cells: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut pen = None;
        let mut next = None;
        for (x, y, cell) in cells {
            if next != Some((x, y)) {
                let _ = write!(self.frame, "\x1b[{};{}H", y + 1, x + 1);
            }
            let look = (cell.fg, cell.bg, cell.modifier);
            if pen != Some(look) {
                self.set_look(look);
                pen = Some(look);
            }
            self.frame.push_str(cell.symbol());
            next = Some((x + cell.symbol().width().max(1) as u16, y));
        }
        if pen.is_some() {
            self.frame.push_str("\x1b[m");
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.show(false);
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.show(true);
        Ok(())
    }

    /// Nothing is asked of the terminal: its answer would come among the keys.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let Position { x, y } = position.into();
        let _ = write!(self.frame, "\x1b[{};{}H", y + 1, x + 1);
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.frame.push_str(match region {
            ClearType::All => "\x1b[m\x1b[2J",
            ClearType::AfterCursor => "\x1b[J",
            ClearType::BeforeCursor => "\x1b[1J",
            ClearType::CurrentLine => "\x1b[2K",
            ClearType::UntilNewLine => "\x1b[K",
        });
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        let size = terminal::size().unwrap_or(psup_proto::Size::DEFAULT);
        Ok(Size::new(size.cols, size.rows))
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size()?,
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.frame.is_empty() {
            let frame = format!("{BEGIN}{}{END}", std::mem::take(&mut self.frame));
            terminal::write_all(frame.as_bytes());
        }
        Ok(())
    }
}

impl Escapes {
    /// Written only where it is another way: a frame in which nothing differs is no frame.
    fn show(&mut self, cursor: bool) {
        if self.cursor.replace(cursor) != Some(cursor) {
            let letter = if cursor { 'h' } else { 'l' };
            let _ = write!(self.frame, "\x1b[?25{letter}");
        }
    }

    fn set_look(&mut self, (fg, bg, modifier): (Color, Color, Modifier)) {
        self.frame.push_str("\x1b[0");
        for (flag, number) in [
            (Modifier::BOLD, 1),
            (Modifier::DIM, 2),
            (Modifier::ITALIC, 3),
            (Modifier::UNDERLINED, 4),
            (Modifier::SLOW_BLINK, 5),
            (Modifier::REVERSED, 7),
            (Modifier::HIDDEN, 8),
            (Modifier::CROSSED_OUT, 9),
        ] {
            if modifier.contains(flag) {
                let _ = write!(self.frame, ";{number}");
            }
        }
        self.set_colour(fg, 30);
        self.set_colour(bg, 40);
        self.frame.push('m');
    }

    /// The parameters of a colour; `base` is 30 before the text and 40 behind it.
    fn set_colour(&mut self, colour: Color, base: u8) {
        let _ = match colour {
            Color::Reset => Ok(()),
            Color::Rgb(r, g, b) => write!(self.frame, ";{};2;{r};{g};{b}", base + 8),
            Color::Indexed(n @ 0..=7) => write!(self.frame, ";{}", base + n),
            Color::Indexed(n @ 8..=15) => write!(self.frame, ";{}", base + 52 + n),
            Color::Indexed(n) => write!(self.frame, ";{};5;{n}", base + 8),
            named => {
                let number = named_colour(named);
                let number = if number < 8 {
                    base + number
                } else {
                    base + 52 + number
                };
                write!(self.frame, ";{number}")
            }
        };
    }
}

/// Where one of the sixteen colours stands in a terminal's palette.
fn named_colour(colour: Color) -> u8 {
    match colour {
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        Color::Black | Color::Reset | Color::Rgb(..) | Color::Indexed(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_written_in_runs_with_their_look_set_where_it_changes() {
        let cell = |symbol, fg, modifier| {
            let mut cell = Cell::new(symbol);
            (cell.fg, cell.modifier) = (fg, modifier);
            cell
        };
        let cells = [
            (0, 0, cell("a", Color::Reset, Modifier::empty())),
            (1, 0, cell("漢", Color::Red, Modifier::BOLD)),
            (3, 0, cell("b", Color::Red, Modifier::BOLD)),
            (0, 2, cell("c", Color::Indexed(200), Modifier::empty())),
            (1, 2, cell("d", Color::Indexed(9), Modifier::empty())),
        ];
        let mut backend = Escapes::default();
        let drawn = cells.iter().map(|(x, y, cell)| (*x, *y, cell));
        assert!(backend.draw(drawn).is_ok());
        assert_eq!(
            backend.frame,
            "\x1b[1;1H\x1b[0ma\x1b[0;1;31m漢b\x1b[3;1H\x1b[0;38;5;200mc\x1b[0;91md\x1b[m"
        );
    }
}
