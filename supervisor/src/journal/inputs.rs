//! Input of known id, in the ring's header: so that a send that is put again after a kill is not
//! typed again.
//!
//! A slot is `[id high, id low, state, offset]`. The state is a running number in whose lowest two
//! bits stands how far the input got: 1 before its first byte is written, 2 after its last; 0 as a
//! whole is a free slot. The oldest slot is used again.

use super::header::{Header, INPUTS};
use std::sync::atomic::Ordering::{Acquire, Release};

const BEGUN: u64 = 1;
const DONE: u64 = 2;
const MASK: u64 = 3;

/// What is known of an input that an earlier worker wrote, or began to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// All of it is in the terminal; the journal's end was here before it.
    Done { offset: u64 },
    /// Some of it may be.
    Maybe,
}

/// The place of an input that is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(usize);

impl Header {
    /// Before the first byte.
    pub fn input_begins(&self, id: u128, offset: u64) -> Slot {
        let state =
            |slot: &[_; 4]| -> u64 { std::sync::atomic::AtomicU64::load(&slot[2], Acquire) };
        let newest = self.inputs.iter().map(state).max().unwrap_or(0);
        let oldest = (0..INPUTS)
            .min_by_key(|at| state(&self.inputs[*at]))
            .unwrap_or(0);
        let slot = &self.inputs[oldest];
        // Free while it names nobody.
        slot[2].store(0, Release);
        slot[0].store((id >> 64) as u64, Release);
        slot[1].store(id as u64, Release);
        slot[3].store(offset, Release);
        slot[2].store((newest | MASK) + 1 + BEGUN, Release);
        Slot(oldest)
    }

    /// After the last byte.
    pub fn input_done(&self, slot: Slot) {
        let state = &self.inputs[slot.0][2];
        state.store((state.load(Acquire) & !MASK) | DONE, Release);
    }

    /// The terminal took nothing of it yet.
    pub fn input_not_begun(&self, slot: Slot) {
        self.inputs[slot.0][2].store(0, Release);
    }

    /// What is known, oldest first.
    pub fn deliveries(&self) -> Vec<(u128, Delivery)> {
        let mut known: Vec<(u64, u128, Delivery)> = Vec::new();
        for slot in &self.inputs {
            let [high, low, state, offset] = slot.each_ref().map(|field| field.load(Acquire));
            let id = (u128::from(high) << 64) | u128::from(low);
            match state & MASK {
                BEGUN => known.push((state, id, Delivery::Maybe)),
                DONE => known.push((state, id, Delivery::Done { offset })),
                _ => {}
            }
        }
        known.sort_unstable_by_key(|(state, ..)| *state);
        known
            .into_iter()
            .map(|(_, id, delivery)| (id, delivery))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Box<Header> {
        // SAFETY: every field is an atomic number, for which zeros are valid.
        unsafe { Box::new(std::mem::zeroed()) }
    }

    #[test]
    fn what_was_begun_and_what_was_done_are_told_apart() {
        let header = header();
        let first = header.input_begins(u128::MAX - 1, 10);
        header.input_done(first);
        let second = header.input_begins(2, 20);
        let third = header.input_begins(3, 30);
        header.input_not_begun(third);
        assert_eq!(
            header.deliveries(),
            [
                (u128::MAX - 1, Delivery::Done { offset: 10 }),
                (2, Delivery::Maybe)
            ]
        );
        header.input_done(second);
        assert_eq!(header.deliveries()[1], (2, Delivery::Done { offset: 20 }));
    }

    #[test]
    fn the_oldest_make_room() {
        let header = header();
        for id in 0..200 {
            header.input_done(header.input_begins(id, 0));
        }
        let ids: Vec<u128> = header.deliveries().into_iter().map(|(id, _)| id).collect();
        assert!(ids.iter().copied().eq(200 - INPUTS as u128..200), "{ids:?}");
    }
}
