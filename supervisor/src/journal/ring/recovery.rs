//! Poison before a read, so that what was read and not counted is found after a kill.

use super::Ring;
use crate::journal::fill_pattern;
use psup_proto::Offset;
use std::io;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Release};

/// A read of known length that was cut off may end in this many bytes that look like poison by
/// chance.
const CHANCE: u64 = 4;

impl Ring {
    /// Finds what a killed reader had read but not counted.
    ///
    /// The last byte that is not poison ends it. Bytes behind that which look like poison by chance
    /// are known where the length was asked for before the read: such a read takes all of that or
    /// nothing.
    pub(super) fn recover(&self) -> io::Result<()> {
        let h = self.header();
        let head = h.head.load(Acquire);
        let poisoned = h.poisoned.load(Acquire).max(head);
        let window = self.map.copy(head, (poisoned - head) as usize)?;
        let strange = window
            .iter()
            .enumerate()
            .rposition(|(i, byte)| *byte != fill_pattern::at(head + i as u64));
        let Some(last) = strange else { return Ok(()) };
        let found = head + last as u64 + 1;
        let expected = h.expected.load(Acquire).min(poisoned);
        let end = if expected > found && expected - found <= CHANCE {
            expected
        } else {
            found
        };
        h.head.store(end, Release);
        h.rescued.fetch_add(end - head, AcqRel);
        h.rescues.fetch_add(1, AcqRel);
        Ok(())
    }

    pub(super) fn poison(&self, from: Offset, to: Offset) {
        let mut at = from;
        while at < to {
            let table = fill_pattern::from(at);
            let n = table.len().min((to - at) as usize);
            // SAFETY: [head, logged + capacity) is ours to write, committed by `commit`, and not
            // referred to by anyone.
            unsafe { std::ptr::copy_nonoverlapping(table.as_ptr(), self.map.at(at), n) };
            at += n as u64;
        }
    }
}
