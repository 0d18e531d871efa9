//! Quiet on a screen where something always moves: which changes are news, and which are a
//! spinner's.
//!
//! A cell that has changed twice before in its place says nothing new by changing again, and
//! neither does a sign that is no letter (a digit of a timer, a step of a progress bar) in a row
//! that changes all the time. Letters where none have changed before are news; so are lines that
//! scroll, and a change of many rows at once.

use psup_screen::Screen;

/// So often a cell or a row may change until its changes are no news any more.
const OFTEN: u8 = 2;
/// More rows than this do not change together for a spinner's sake.
const ROWS: usize = 4;

#[derive(Debug, Default)]
pub(crate) struct ActivityFilter {
    rows: Vec<Vec<char>>,
    /// How often each cell has changed.
    cells: Vec<Vec<u8>>,
    lines: u64,
}

impl ActivityFilter {
    /// Looks at the screen again; true if there is news on it.
    pub(crate) fn look(&mut self, screen: &Screen) -> bool {
        let rows: Vec<Vec<char>> = screen
            .rows()
            .iter()
            .map(|row| row.chars().collect())
            .collect();
        let scrolled = std::mem::replace(&mut self.lines, screen.history_end()) != self.lines;
        if scrolled || rows.len() != self.rows.len() {
            self.cells = vec![Vec::new(); rows.len()];
            self.rows = rows;
            return true;
        }
        let changed: Vec<usize> = (0..rows.len())
            .filter(|i| rows[*i] != self.rows[*i])
            .collect();
        let mut news = changed.len() > ROWS;
        for i in changed {
            news |= is_news(&self.rows[i], &rows[i], &mut self.cells[i]);
        }
        self.rows = rows;
        news
    }
}

/// Compares a row with what it was, and counts its changes.
fn is_news(was: &[char], is: &[char], counts: &mut Vec<u8>) -> bool {
    let width = was.len().max(is.len());
    // The first count is the row's own.
    counts.resize(counts.len().max(width + 1), 0);
    let lively = counts[0] >= OFTEN;
    counts[0] = counts[0].saturating_add(1);
    let cell = |row: &[char], i: usize| row.get(i).copied().unwrap_or(' ');
    // A timer that gets one more digit only moves its letters.
    let letters = |row: &[char]| {
        row.iter()
            .copied()
            .filter(|c| c.is_alphabetic())
            .collect::<String>()
    };
    let says_more = letters(was) != letters(is);
    let mut news = false;
    for i in (0..width).filter(|i| cell(was, *i) != cell(is, *i)) {
        let is_letter = cell(is, i).is_alphabetic();
        news |= counts[i + 1] < OFTEN && (is_letter && says_more || !lively);
        counts[i + 1] = counts[i + 1].saturating_add(1);
    }
    news
}

#[cfg(test)]
mod tests {
    use super::*;
    use psup_proto::Size;

    /// For each piece of output, whether it is news.
    fn news(pieces: &[&str]) -> Vec<bool> {
        let mut screen = Screen::new(Size { cols: 40, rows: 8 }, 100);
        let mut settled = ActivityFilter::default();
        let mut look = |piece: &&str| {
            screen.feed(piece.as_bytes());
            settled.look(&screen)
        };
        pieces.iter().map(&mut look).collect()
    }

    #[test]
    fn a_spinner_a_timer_and_a_bar_become_no_news() {
        assert_eq!(
            news(&["-", "\r\\", "\r|", "\r/", "\r-", "\r\\"]),
            [true, true, true, false, false, false]
        );
        let timer: Vec<String> = (0..20).map(|i| format!("\r{i}s")).collect();
        assert_eq!(
            news(&timer.iter().map(String::as_str).collect::<Vec<_>>())[4..],
            [false; 16]
        );
        let bar: Vec<String> = (0..20).map(|i| format!("\r[{}>", "=".repeat(i))).collect();
        assert_eq!(
            news(&bar.iter().map(String::as_str).collect::<Vec<_>>())[4..],
            [false; 16]
        );
    }

    #[test]
    fn text_that_goes_on_and_lines_that_scroll_are_news() {
        assert_eq!(news(&["a", "b", "c", "d", "e", "f"]), [true; 6]);
        assert_eq!(news(&["a\r\n"; 30]), [true; 30]);
    }
}
