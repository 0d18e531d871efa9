//! Frames: the unit on the wire, and the one decoder of them that knows no socket.
//!
//! ```text
//! +-----------------+--------+----------------+
//! | length  u32 LE  | kind u8| payload        |   length counts the payload only
//! +-----------------+--------+----------------+
//! ```
//! The decoder's memory grows with bytes received, not announced: a length is a promise, not a
//! reason to allocate.

use crate::error::{Code, Failure};
use crate::limits;

const HEAD: usize = 5;

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Who is speaking, and which versions it knows. First on both sides.
    Hello = 1,
    /// A bincode [`Request`](crate::Request) of version 1.
    Request = 2,
    /// A bincode [`Response`](crate::Response).
    Response = 3,
    /// Raw bytes: output on the way to the client, input on the way to the supervisor. Empty ends a
    /// stream.
    Bytes = 4,
    /// An upgrade asked for, or refused, across versions: see [`across`](crate::upgrade_frame).
    Upgrade = 5,
    /// A request of a later version: the version (u16 LE), then a bincode
    /// [`Request`](crate::Request). A client sends it before it has heard which versions the
    /// supervisor knows; one that knows only version 1 refuses the frame by its kind, unread.
    VersionedRequest = 6,
}

/// One frame, borrowed from the decoder that read it.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    pub kind: Kind,
    pub payload: &'a [u8],
}

/// Bytes in, frames out.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    /// Where the next frame begins; what lies before it has been given out.
    start: usize,
}

impl Decoder {
    /// Takes bytes as they arrive, in any portions.
    pub fn push(&mut self, bytes: &[u8]) {
        self.discard();
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame; `None` until more bytes arrive. After an error the connection is of no
    /// use.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, Failure> {
        let rest = &self.buffer[self.start..];
        let Some((head, body)) = rest.split_at_checked(HEAD) else {
            return Ok(None);
        };
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let kind = Kind::from_byte(head[4])?;
        if length > limits::FRAME {
            return Err(Failure::new(
                Code::Limit,
                format!(
                    "a frame of {length} bytes is over the limit of {}",
                    limits::FRAME
                ),
            ));
        }
        if body.len() < length {
            return Ok(None);
        }
        let from = self.start + HEAD;
        self.start = from + length;
        Ok(Some(Frame {
            kind,
            payload: &self.buffer[from..from + length],
        }))
    }

    /// Whether the next frame is whole.
    pub fn has_frame(&self) -> bool {
        let rest = &self.buffer[self.start..];
        let length = rest
            .first_chunk::<4>()
            .map(|head| u32::from_le_bytes(*head) as usize);
        length.is_some_and(|length| rest.len() >= HEAD + length)
    }

    /// Bytes received and not given out.
    pub fn pending(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// True when a frame has begun to arrive but is not whole.
    pub fn is_partial(&self) -> bool {
        self.start < self.buffer.len()
    }

    fn discard(&mut self) {
        if self.start == self.buffer.len() {
            self.buffer.clear();
            // A large frame must not keep its memory for the life of an idle connection.
            self.buffer.shrink_to(limits::BYTES_FRAME);
        } else {
            self.buffer.drain(..self.start);
        }
        self.start = 0;
    }
}

impl Kind {
    fn from_byte(byte: u8) -> Result<Self, Failure> {
        match byte {
            1 => Ok(Self::Hello),
            2 => Ok(Self::Request),
            3 => Ok(Self::Response),
            4 => Ok(Self::Bytes),
            5 => Ok(Self::Upgrade),
            6 => Ok(Self::VersionedRequest),
            other => Err(Failure::new(
                Code::Usage,
                format!("no frame is of kind {other}"),
            )),
        }
    }
}

/// Appends one frame to `out`.
pub fn put(out: &mut Vec<u8>, kind: Kind, payload: &[u8]) {
    debug_assert!(
        payload.len() <= limits::FRAME,
        "the writer keeps the limit it enforces on readers"
    );
    out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    out.push(kind as u8);
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds() -> impl Strategy<Value = Kind> {
        prop_oneof![
            Just(Kind::Hello),
            Just(Kind::Request),
            Just(Kind::Response),
            Just(Kind::Bytes),
            Just(Kind::Upgrade),
            Just(Kind::VersionedRequest)
        ]
    }

    proptest! {
        #[test]
        fn frames_survive_any_splitting(
            frames in prop::collection::vec((kinds(), prop::collection::vec(any::<u8>(), 0..300)), 0..8),
            cut in 1usize..50,
        ) {
            let mut wire = Vec::new();
            for (kind, payload) in &frames {
                put(&mut wire, *kind, payload);
            }
            let mut decoder = Decoder::default();
            let mut got = Vec::new();
            for part in wire.chunks(cut) {
                decoder.push(part);
                while let Some(frame) = decoder.next_frame().expect("legal frames") {
                    got.push((frame.kind, frame.payload.to_vec()));
                }
            }
            prop_assert_eq!(got, frames);
            prop_assert!(!decoder.is_partial());
        }

        #[test]
        fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut decoder = Decoder::default();
            decoder.push(&bytes);
            while let Ok(Some(_)) = decoder.next_frame() {}
        }
    }

    /// Invariant 8.
    #[test]
    fn memory_for_a_frame_grows_with_bytes_received_not_announced() {
        let mut decoder = Decoder::default();
        let mut head = (limits::FRAME as u32).to_le_bytes().to_vec();
        head.push(Kind::Request as u8);
        decoder.push(&head);
        assert_eq!(decoder.next_frame(), Ok(None));
        assert!(decoder.buffer.capacity() < 1024);
    }

    #[test]
    fn an_oversized_frame_is_refused_by_its_head() {
        let mut decoder = Decoder::default();
        let mut head = (limits::FRAME as u32 + 1).to_le_bytes().to_vec();
        head.push(Kind::Request as u8);
        decoder.push(&head);
        assert_eq!(decoder.next_frame().map_err(|f| f.code), Err(Code::Limit));
    }
}
