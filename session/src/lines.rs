//! Output as clean logical lines: what patterns and `read --text` look at.
//!
//! Control sequences are removed, soft wraps never existed here (a program's line is a line,
//! however wide the screen), and every clean byte remembers where in the journal it came from.
//! Movements become what they mean to a reader: a jump to another row ends the line, a step to the
//! right is blanks, a carriage return starts the line over, a backspace takes a character back.
//! Splitting the bytes anywhere changes nothing.

use psup_proto::Offset;

/// The most of one line that is kept: a pattern sees the last of a longer one.
const LINE: usize = 64 << 10;

/// Bytes in, lines out. The rule of carriage returns differs by use, see [`Returns`].
#[derive(Debug)]
pub struct Lines {
    state: State,
    number: usize,
    line: Line,
    /// A carriage return was seen and what follows decides what it meant.
    returned: bool,
    returns: Returns,
    at: Offset,
}

/// One line so far.
#[derive(Debug, Default)]
pub struct Line {
    text: Vec<u8>,
    /// For each byte of `text`, the offset just after the journal byte that wrote it, relative to
    /// `base`.
    ends: Vec<u32>,
    base: Offset,
}

/// What a carriage return alone does to the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returns {
    /// It ends a line: a pattern must see every state of a progress bar.
    End,
    /// It starts the line over: a reader wants its last state.
    Overwrite,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ground,
    Escape,
    /// `ESC (` and the like: one more byte belongs to it.
    EscapeMore,
    Control,
    /// OSC, DCS, APC, PM, SOS: up to ST or BEL.
    Text,
    TextEscape,
}

impl Lines {
    /// Lines of the journal from `at` on.
    pub fn new(at: Offset, returns: Returns) -> Self {
        Self {
            state: State::Ground,
            number: 0,
            line: Line {
                base: at,
                ..Line::default()
            },
            returned: false,
            returns,
            at,
        }
    }

    /// A line that had begun before `at`: what the screen shows to the left of the cursor.
    pub fn begun(at: Offset, left: &str) -> Self {
        let mut lines = Self::new(at, Returns::End);
        lines.line.text.extend_from_slice(left.as_bytes());
        lines.line.ends.resize(left.len(), 0);
        lines
    }

    /// Where the next byte fed stands in the journal.
    pub fn at(&self) -> Offset {
        self.at
    }

    /// The line that has not ended yet.
    pub fn open_line(&self) -> &Line {
        &self.line
    }

    /// Bytes are missing here: whatever was open ends.
    pub fn skip_to(&mut self, at: Offset) {
        self.state = State::Ground;
        self.returned = false;
        self.at = at;
        self.line.clear(at);
    }

    /// Reads `bytes`; `ended` sees each line as it ends and may stop the reading by answering true.
    pub fn feed(&mut self, bytes: &[u8], mut ended: impl FnMut(&Line) -> bool) -> bool {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.state == State::Ground && !self.returned {
                let plain = rest
                    .iter()
                    .position(|&b| b < 0x20 || b == 0x7f)
                    .unwrap_or(rest.len());
                if plain > 0 {
                    self.line.push(&rest[..plain], self.at);
                    self.at += plain as Offset;
                    rest = &rest[plain..];
                    continue;
                }
            }
            let byte = rest[0];
            rest = &rest[1..];
            if self.step(byte, &mut ended) {
                return true;
            }
        }
        false
    }

    /// One byte that is not plain text, or that follows a carriage return.
    fn step(&mut self, byte: u8, ended: &mut impl FnMut(&Line) -> bool) -> bool {
        let mut stop = false;
        if self.state == State::Ground && self.returned && byte != b'\r' {
            self.returned = false;
            if byte != b'\n' {
                stop = self.carriage_return(ended);
            }
        }
        self.at += 1;
        match self.state {
            State::Ground => stop |= self.ground(byte, ended),
            State::Escape => self.escape(byte),
            State::EscapeMore => self.state = State::Ground,
            State::Control => stop |= self.control(byte, ended),
            State::Text => match byte {
                0x07 | 0x18 | 0x1a => self.state = State::Ground,
                0x1b => self.state = State::TextEscape,
                _ => {}
            },
            State::TextEscape => match byte {
                b'\\' => self.state = State::Ground,
                _ => self.escape(byte),
            },
        }
        stop
    }

    fn ground(&mut self, byte: u8, ended: &mut impl FnMut(&Line) -> bool) -> bool {
        match byte {
            b'\n' | 0x0b | 0x0c => return self.end(ended),
            b'\r' => self.returned = true,
            b'\t' => self.line.push(b"\t", self.at - 1),
            0x08 => self.line.take_back(),
            0x1b => self.state = State::Escape,
            0..=0x1f | 0x7f => {}
            text => self.line.push(&[text], self.at - 1),
        }
        false
    }

    fn escape(&mut self, byte: u8) {
        self.state = match byte {
            b'[' => {
                self.number = 0;
                State::Control
            }
            b']' | b'P' | b'_' | b'^' | b'X' => State::Text,
            0x20..=0x2f => State::EscapeMore,
            0x1b => State::Escape,
            _ => State::Ground,
        };
    }

    fn control(&mut self, byte: u8, ended: &mut impl FnMut(&Line) -> bool) -> bool {
        match byte {
            b'0'..=b'9' => self.number = (self.number * 10 + usize::from(byte - b'0')).min(1000),
            0x1b => self.state = State::Escape,
            0x18 | 0x1a => self.state = State::Ground,
            0x40..=0x7e => {
                self.state = State::Ground;
                let count = self.number.max(1);
                match byte {
                    // Programs that draw with libraries step over blanks instead of writing them.
                    b'C' | b'a' => self.line.blanks(count, self.at - 1),
                    b'A' | b'B' | b'E' | b'F' | b'H' | b'd' | b'f'
                        if !self.line.text.is_empty() =>
                    {
                        return self.end(ended);
                    }
                    b'G' | b'`' if self.number <= 1 => return self.carriage_return(ended),
                    _ => {}
                }
            }
            _ => {}
        }
        false
    }

    fn carriage_return(&mut self, ended: &mut impl FnMut(&Line) -> bool) -> bool {
        match self.returns {
            Returns::End if !self.line.text.is_empty() => self.end(ended),
            Returns::End => false,
            Returns::Overwrite => {
                self.line.clear(self.at);
                false
            }
        }
    }

    fn end(&mut self, ended: &mut impl FnMut(&Line) -> bool) -> bool {
        let stop = ended(&self.line);
        self.line.clear(self.at);
        stop
    }
}

impl Line {
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The place in the journal just after the first `length` bytes of the line.
    pub fn offset_after(&self, length: usize) -> Offset {
        match length.checked_sub(1) {
            Some(last) => self.base + Offset::from(self.ends[last]),
            None => self.base,
        }
    }

    /// Where the part begins that was written after an offset; none if nothing was.
    pub fn written_after(&self, offset: Offset) -> Option<usize> {
        let place = self
            .ends
            .partition_point(|end| self.base + Offset::from(*end) <= offset);
        (place < self.text.len()).then_some(place)
    }

    fn push(&mut self, bytes: &[u8], at: Offset) {
        let first = (at - self.base) as u32;
        self.text.extend_from_slice(bytes);
        self.ends
            .extend((0..bytes.len() as u32).map(|i| first + i + 1));
        self.limit();
    }

    /// What a step to the right leaves behind; all of it comes from one place.
    fn blanks(&mut self, count: usize, at: Offset) {
        self.text.resize(self.text.len() + count, b' ');
        self.ends
            .resize(self.text.len(), (at - self.base) as u32 + 1);
        self.limit();
    }

    fn limit(&mut self) {
        if self.text.len() > LINE {
            let over = self.text.len() - LINE / 2;
            self.text.drain(..over);
            self.ends.drain(..over);
        }
    }

    fn take_back(&mut self) {
        while let Some(byte) = self.text.pop() {
            self.ends.pop();
            if byte & 0xc0 != 0x80 {
                return;
            }
        }
    }

    fn clear(&mut self, base: Offset) {
        self.text.clear();
        self.ends.clear();
        self.base = base;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn clean(returns: Returns, parts: &[&[u8]]) -> (Vec<String>, String) {
        let mut lines = Lines::new(0, returns);
        let mut got = Vec::new();
        for part in parts {
            lines.feed(part, |line| {
                got.push(String::from_utf8_lossy(line.text()).into_owned());
                false
            });
        }
        (
            got,
            String::from_utf8_lossy(lines.open_line().text()).into_owned(),
        )
    }

    fn check(input: &str, want: &[&str], open: &str) {
        let (got, rest) = clean(Returns::End, &[input.as_bytes()]);
        assert_eq!(
            (
                got.iter().map(String::as_str).collect::<Vec<_>>(),
                rest.as_str()
            ),
            (want.to_vec(), open),
            "{input:?}"
        );
    }

    #[test]
    fn control_sequences_are_removed_and_movements_mean_what_a_reader_sees() {
        check("a\r\nb", &["a"], "b");
        check("\x1b[1;31mred\x1b[0m\n", &["red"], "");
        check(
            "\x1b]0;title\x07x\x1b]8;;http://a\x1b\\link\n",
            &["xlink"],
            "",
        );
        check("10%\r20%\r\n", &["10%", "20%"], "");
        check("ab\x08c\n", &["ac"], "");
        check("a\x1b[3Cb\n", &["a   b"], "");
        check("one\x1b[5;1Htwo", &["one"], "two");
        check("\x1b(0x\x1b(B\n", &["x"], "");
        check("\x1bP1$r0m\x1b\\y\n", &["y"], "");
        check("é\x08e\n", &["e"], "");
    }

    #[test]
    fn a_reader_sees_the_last_state_of_an_overwritten_line() {
        let (got, _) = clean(Returns::Overwrite, &[b"10%\r20%\r", b"\n"]);
        assert_eq!(got, ["20%"]);
    }

    #[test]
    fn every_clean_byte_knows_its_place_in_the_journal() {
        let mut lines = Lines::new(100, Returns::End);
        let mut places = Vec::new();
        lines.feed(b"\x1b[1mab\x1b[0mc\n", |line| {
            places = (0..=3).map(|n| line.offset_after(n)).collect();
            false
        });
        assert_eq!(places, [100, 105, 106, 111]);
    }

    #[test]
    fn an_endless_line_keeps_its_end() {
        let mut lines = Lines::new(0, Returns::End);
        for _ in 0..100 {
            lines.feed(&[b'x'; 4096], |_| false);
        }
        lines.feed(b"tail", |_| false);
        assert!(lines.open_line().text().len() <= LINE);
        assert!(lines.open_line().text().ends_with(b"xtail"));
        assert_eq!(
            lines
                .open_line()
                .offset_after(lines.open_line().text().len()),
            409_604
        );
    }

    proptest! {
        /// Invariant 6.
        #[test]
        fn splitting_changes_nothing(
            input in prop::collection::vec(prop::sample::select(b"ab\r\n\x1b[]0;31mCHJ\x07\\\x08(\xc3\xa9\tP".to_vec()), 0..200),
            cut in 1usize..20,
        ) {
            for returns in [Returns::End, Returns::Overwrite] {
                let whole = clean(returns, &[&input]);
                let parts: Vec<&[u8]> = input.chunks(cut).collect();
                prop_assert_eq!(clean(returns, &parts), whole);
            }
        }
    }
}
