//! Bytes to actions: the one place that knows how control sequences are spelled.
//!
//! The states are those of the VT500 parser, with UTF-8 in the ground state and 8-bit controls
//! unknown. What is unfinished at the end of the bytes given waits here for the next ones, so
//! splitting output anywhere changes nothing. Nothing collected grows past its limit: a sequence
//! that is too long is read to its end and dropped.

use super::params::Params;
use serde::{Deserialize, Serialize};

/// What a parser finds. Positions do not matter to it; a receiver that needs them asks
/// [`Parser::feed`]'s caller.
pub(crate) trait Act {
    /// Printable ASCII.
    fn text(&mut self, ascii: &[u8]);
    /// Any other character; what is not UTF-8 comes as U+FFFD.
    fn character(&mut self, c: char);
    /// A C0 control other than ESC.
    fn control(&mut self, byte: u8);
    /// `ESC [intermediate] last`.
    fn escape(&mut self, intermediate: u8, last: u8);
    fn csi(&mut self, csi: &Csi);
    /// An OSC, DCS or APC and its body; `after` is how many of the fed bytes came behind it.
    fn string(&mut self, string: Str, body: &[u8], bell: bool, after: usize);
}

/// The kinds of strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Str {
    Osc,
    Dcs,
    Apc,
    /// PM and SOS: read, never used.
    Other,
}

/// A control sequence: `CSI prefix params intermediate last`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Csi {
    /// One of `< = > ?`, or 0.
    pub prefix: u8,
    pub intermediate: u8,
    pub last: u8,
    pub params: Params,
}

/// Reads bytes; see the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Parser {
    state: State,
    csi: Csi,
    string: Vec<u8>,
    /// The string is over its limit and will be dropped.
    over: bool,
    /// The beginning of a character whose end has not come.
    partial: [u8; 4],
    partial_len: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    Ground,
    Escape,
    EscapeIntermediate(u8),
    Csi,
    CsiIntermediate,
    CsiIgnore,
    String(Str),
}

/// The longest OSC kept: a clipboard write of some size fits.
const OSC: usize = 128 << 10;
/// The longest DCS kept: a few terminal capabilities asked for at once.
const DCS: usize = 4 << 10;

impl Csi {
    fn clear(&mut self) {
        (self.prefix, self.intermediate, self.last) = (0, 0, 0);
        self.params.clear();
    }
}

impl Default for Parser {
    fn default() -> Self {
        Self {
            state: State::Ground,
            csi: Csi::default(),
            string: Vec::new(),
            over: false,
            partial: [0; 4],
            partial_len: 0,
        }
    }
}

impl Parser {
    /// Nothing is unfinished.
    pub(crate) fn is_ground(&self) -> bool {
        self.state == State::Ground && self.partial_len == 0
    }

    pub(crate) fn feed(&mut self, bytes: &[u8], act: &mut impl Act) {
        let mut at = 0;
        while at < bytes.len() {
            at += match self.state {
                State::Ground => self.ground(&bytes[at..], act),
                State::String(string) => self.string(string, &bytes[at..], act),
                State::Escape
                | State::EscapeIntermediate(_)
                | State::Csi
                | State::CsiIntermediate
                | State::CsiIgnore => {
                    self.sequence(bytes[at], act);
                    1
                }
            };
        }
    }

    /// Text up to a control, or one control. Gives the number of bytes read.
    fn ground(&mut self, bytes: &[u8], act: &mut impl Act) -> usize {
        if self.partial_len > 0 {
            return self.complete(bytes, act);
        }
        match bytes[0] {
            0x20..0x7f => {
                let run = ascii_run(bytes);
                act.text(&bytes[..run]);
                return run;
            }
            0x1b => match self.whole(bytes, act) {
                Some(length) => return length,
                None => self.state = State::Escape,
            },
            byte @ 0..0x20 => act.control(byte),
            0x7f => {}
            0x80.. => return self.wide(bytes, act),
        }
        1
    }

    /// A control sequence of nothing but parameters, all of it here, as nearly every one is: read
    /// without a state for each byte.
    fn whole(&mut self, bytes: &[u8], act: &mut impl Act) -> Option<usize> {
        let body = bytes.strip_prefix(b"\x1b[")?;
        self.csi.clear();
        let length = self.csi.params.read(body);
        self.csi.last = *body.get(length).filter(|last| matches!(last, 0x40..0x7f))?;
        if !self.csi.params.is_over() {
            act.csi(&self.csi);
        }
        Some(length + 3)
    }

    /// Characters outside ASCII, as long as they follow one another.
    fn wide(&mut self, bytes: &[u8], act: &mut impl Act) -> usize {
        let mut at = 0;
        while at < bytes.len() && bytes[at] >= 0x80 {
            match decode(&bytes[at..]) {
                Decoded::Char(c, len) => {
                    act.character(c);
                    at += len;
                }
                Decoded::Bad(len) => {
                    act.character(char::REPLACEMENT_CHARACTER);
                    at += len;
                }
                Decoded::Short => {
                    let rest = &bytes[at..];
                    self.partial[..rest.len()].copy_from_slice(rest);
                    self.partial_len = rest.len() as u8;
                    return bytes.len();
                }
            }
        }
        at
    }

    /// Goes on with a character that an earlier feed began.
    fn complete(&mut self, bytes: &[u8], act: &mut impl Act) -> usize {
        let had = usize::from(self.partial_len);
        let take = (4 - had).min(bytes.len());
        let mut joined = self.partial;
        joined[had..had + take].copy_from_slice(&bytes[..take]);
        match decode(&joined[..had + take]) {
            Decoded::Char(c, len) => {
                self.partial_len = 0;
                act.character(c);
                len - had
            }
            // What was kept is a good beginning, so the fault lies behind it.
            Decoded::Bad(len) => {
                self.partial_len = 0;
                act.character(char::REPLACEMENT_CHARACTER);
                len - had
            }
            Decoded::Short => {
                self.partial = joined;
                self.partial_len = (had + take) as u8;
                take
            }
        }
    }

    fn sequence(&mut self, byte: u8, act: &mut impl Act) {
        match byte {
            0x1b => self.state = State::Escape,
            0x18 | 0x1a => self.state = State::Ground,
            0..0x20 => act.control(byte),
            0x7f.. => {}
            0x20..0x7f => match self.state {
                State::Escape | State::EscapeIntermediate(_) => self.escape(byte, act),
                State::Csi | State::CsiIntermediate | State::CsiIgnore => self.csi(byte, act),
                State::Ground | State::String(_) => {}
            },
        }
    }

    fn escape(&mut self, byte: u8, act: &mut impl Act) {
        let before = match self.state {
            State::EscapeIntermediate(before) => before,
            _ => 0,
        };
        self.state = match (before, byte) {
            // A second intermediate: no such sequence is known, 0xff makes it unknown to everyone.
            (_, 0x20..0x30) => State::EscapeIntermediate(if before == 0 { byte } else { 0xff }),
            (0, b'[') => {
                self.csi.clear();
                State::Csi
            }
            (0, b']') => self.begin(Str::Osc),
            (0, b'P') => self.begin(Str::Dcs),
            (0, b'_') => self.begin(Str::Apc),
            (0, b'^' | b'X') => self.begin(Str::Other),
            _ => {
                act.escape(before, byte);
                State::Ground
            }
        };
    }

    fn begin(&mut self, string: Str) -> State {
        self.string.clear();
        self.over = false;
        State::String(string)
    }

    fn csi(&mut self, byte: u8, act: &mut impl Act) {
        match (byte, self.state) {
            (0x40.., _) => {
                if self.state != State::CsiIgnore && !self.csi.params.is_over() {
                    self.csi.last = byte;
                    act.csi(&self.csi);
                }
                self.state = State::Ground;
            }
            (b'0'..=b';', State::Csi) => self.csi.params.push(byte),
            (b'<'..=b'?', State::Csi) if self.csi.params.len() == 0 && self.csi.prefix == 0 => {
                self.csi.prefix = byte;
            }
            (0x20..0x30, State::Csi) => {
                self.csi.intermediate = byte;
                self.state = State::CsiIntermediate;
            }
            _ => self.state = State::CsiIgnore,
        }
    }

    /// A string up to its end. ESC ends it whatever follows, as in tmux: a string cut short does
    /// not swallow what comes next.
    fn string(&mut self, string: Str, bytes: &[u8], act: &mut impl Act) -> usize {
        let end = bytes
            .iter()
            .position(|b| matches!(b, 0x07 | 0x18 | 0x1a | 0x1b));
        let body = &bytes[..end.unwrap_or(bytes.len())];
        let limit = match string {
            Str::Osc => OSC,
            Str::Dcs => DCS,
            Str::Apc | Str::Other => 0,
        };
        self.over |= self.string.len() + body.len() > limit;
        if !self.over {
            self.string.extend(body.iter().filter(|b| **b >= 0x20));
        }
        let Some(end) = end else { return bytes.len() };
        match bytes[end] {
            // BEL ends an OSC only.
            0x07 if string != Str::Osc => return end + 1,
            0x07 | 0x1b => {
                self.state = if bytes[end] == 0x1b {
                    State::Escape
                } else {
                    State::Ground
                };
                let body = std::mem::take(&mut self.string);
                if !self.over {
                    act.string(string, &body, bytes[end] == 0x07, bytes.len() - end - 1);
                }
            }
            _ => self.state = State::Ground,
        }
        end + 1
    }
}

/// What bytes outside ASCII begin with.
pub(crate) enum Decoded {
    Char(char, usize),
    /// So many bytes are no beginning of any character.
    Bad(usize),
    /// A good beginning, and the bytes are at their end.
    Short,
}

/// One character outside ASCII.
pub(crate) fn decode(bytes: &[u8]) -> Decoded {
    let (len, least, most) = match bytes[0] {
        0xc2..=0xdf => (2, 0x80, 0xbf),
        0xe0 => (3, 0xa0, 0xbf),
        0xed => (3, 0x80, 0x9f),
        0xe1..=0xef => (3, 0x80, 0xbf),
        0xf0 => (4, 0x90, 0xbf),
        0xf1..=0xf3 => (4, 0x80, 0xbf),
        0xf4 => (4, 0x80, 0x8f),
        _ => return Decoded::Bad(1),
    };
    let mut code = u32::from(bytes[0]) & (0xff >> (len + 1));
    for at in 1..len {
        let Some(&byte) = bytes.get(at) else {
            return Decoded::Short;
        };
        let (least, most) = if at == 1 { (least, most) } else { (0x80, 0xbf) };
        if !(least..=most).contains(&byte) {
            return Decoded::Bad(at);
        }
        code = code << 6 | u32::from(byte & 0x3f);
    }
    Decoded::Char(
        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
        len,
    )
}

/// How many printable ASCII bytes come first. Blocks of 16 without a branch in them become vector
/// code.
pub(crate) fn ascii_run(bytes: &[u8]) -> usize {
    let printable = |b: u8| b.wrapping_sub(0x20) < 0x5f;
    let whole = bytes
        .chunks_exact(16)
        .take_while(|chunk| chunk.iter().fold(true, |all, b| all & printable(*b)))
        .count()
        * 16;
    whole + bytes[whole..].iter().take_while(|b| printable(**b)).count()
}
