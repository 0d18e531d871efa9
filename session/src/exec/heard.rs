//! What came since a command was typed, as far as it tells where the command's own output begins or
//! ends when no mark stands exactly there.

use crate::marks::Mark;
use psup_proto::Offset;

/// So much is kept: enough for what a shell says of a line that it does not run.
const KEPT: usize = 64 << 10;

/// What line editors write when they hand over a line, and when they take the next.
const LEAVE: &[u8] = b"\x1b[?2004l";
const ENTER: &[u8] = b"\x1b[?2004h";

#[derive(Debug, Default)]
pub(super) struct Heard {
    from: Offset,
    bytes: Vec<u8>,
    /// The shell prints more than its commands do: a trace, a trap.
    pub noisy: bool,
}

impl Heard {
    pub(super) fn take(&mut self, from: Offset, bytes: &[u8]) {
        if self.bytes.is_empty() {
            self.from = from;
        }
        let room = KEPT.saturating_sub(self.bytes.len());
        self.bytes
            .extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// Where output that began at `from` ended, by the mark of its end, and whether that is sure. A
    /// late mark only tells where nothing was printed at all: what there is may be the command's or
    /// that of whatever runs before a prompt.
    pub(super) fn until(&self, from: Offset, mark: &Mark) -> (Offset, bool) {
        if !mark.late && !self.noisy {
            return (mark.start, true);
        }
        let entered = self.between(mark.start.saturating_sub(ENTER.len() as Offset), mark.start)
            == Some(ENTER);
        let to = mark.start - if entered { ENTER.len() as Offset } else { 0 };
        (to.max(from), to <= from)
    }

    /// What a shell said instead of running the line. The end stands before the beginning where
    /// that cannot be told.
    pub(super) fn instead(&self, mark: &Mark) -> (Offset, Offset) {
        let unknown = (mark.start, mark.start.saturating_sub(1));
        let Some(all) = self.between(self.from, mark.start) else {
            return unknown;
        };
        let Some(left) = memchr::memmem::find(all, LEAVE) else {
            return unknown;
        };
        let mut from = left + LEAVE.len();
        // zsh goes to the line's last row first.
        let down = all[from..].strip_prefix(b"\x1b[").and_then(|rest| {
            let digits = rest.iter().position(|byte| !byte.is_ascii_digit())?;
            (rest[digits] == b'B').then_some(digits + 3)
        });
        from += down.unwrap_or(0);
        from += all[from..]
            .iter()
            .take_while(|byte| **byte == b'\r')
            .count();
        from += usize::from(all.get(from) == Some(&b'\n'));
        let said = &all[from..];
        let to = if mark.late {
            said.strip_suffix(ENTER).unwrap_or(said).len()
        } else {
            said.len()
        };
        (
            self.from + from as Offset,
            self.from + (from + to) as Offset,
        )
    }

    fn between(&self, from: Offset, to: Offset) -> Option<&[u8]> {
        let at = |offset: Offset| usize::try_from(offset.checked_sub(self.from)?).ok();
        self.bytes.get(at(from)?..at(to)?)
    }
}
