//! Going on with a stream where it broke off.
//!
//! The journal's offset says where, so nothing is lost and nothing comes twice. Text made of the
//! journal is longer or shorter than its bytes: there the stream is asked for again from the last
//! offset that is certain, and what has been written since then is passed over, for the same bytes
//! give the same text.

use psup_proto::Offset;

#[derive(Debug, Default, PartialEq, Eq)]
pub struct StreamPosition {
    /// The last offset that is certain.
    at: Option<Offset>,
    /// Bytes written since `at`.
    written: u64,
    /// Bytes of the stream asked for again that have been written before.
    skip: u64,
}

impl StreamPosition {
    /// Where to ask from: where the stream got to, else where the caller wanted to begin.
    pub fn from(&self, wanted: Option<Offset>) -> Option<Offset> {
        self.at.or(wanted)
    }

    /// The supervisor says that the next byte of its stream belongs to this offset.
    pub fn stands_at(&mut self, offset: Offset) {
        if self.at == Some(offset) {
            self.skip = self.written;
        } else {
            // The pieces of a stream that is asked for again need not end where the first ones did:
            // what is still to be passed over lies beyond this offset, too.
            *self = Self {
                at: Some(offset),
                written: self.skip,
                skip: self.skip,
            };
        }
    }

    /// The part of `bytes` that has not been written yet; it counts as written from now on.
    pub fn fresh<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let old = self.skip.min(bytes.len() as u64);
        self.skip -= old;
        let fresh = &bytes[old as usize..];
        self.written += fresh.len() as u64;
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_before_the_break_is_passed_over() {
        let mut resume = StreamPosition::default();
        resume.stands_at(10);
        assert_eq!(resume.fresh(b"abc"), b"abc");
        // The connection breaks; the stream is asked for from 10 again.
        assert_eq!(resume.from(Some(0)), Some(10));
        resume.stands_at(10);
        assert_eq!(resume.fresh(b"ab"), b"");
        assert_eq!(resume.fresh(b"cde"), b"de");
        // A certain offset later on makes the next break cheaper.
        resume.stands_at(20);
        assert_eq!(resume.from(Some(0)), Some(20));
        assert_eq!(resume.fresh(b"f"), b"f");
    }

    #[test]
    fn smaller_pieces_after_the_break_bring_nothing_twice() {
        let mut position = StreamPosition::default();
        position.stands_at(10);
        assert_eq!(position.fresh(b"abcdef"), b"abcdef");
        position.stands_at(10);
        assert_eq!(position.fresh(b"ab"), b"");
        // Four bytes beyond this offset have been written before.
        position.stands_at(12);
        assert_eq!(position.fresh(b"cd"), b"");
        // It breaks again, before all of them have come.
        assert_eq!(position.from(Some(0)), Some(12));
        position.stands_at(12);
        assert_eq!(position.fresh(b"cdefgh"), b"gh");
    }
}
