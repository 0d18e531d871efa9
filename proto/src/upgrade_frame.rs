//! The way out where two builds have no version in common: an upgrade, asked for in a form that
//! never changes.
//!
//! The payload is the id of the request (16 bytes LE) and the path of the program. If the
//! supervisor becomes it the connection breaks, and the new build is asked by the same id in the
//! usual way. If not, a frame of the same kind says why, as text.

use crate::error::{Code, Failure};
use crate::frame::{self, Kind};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpgradeFrame<'a> {
    pub id: u128,
    pub binary: &'a [u8],
}

impl<'a> UpgradeFrame<'a> {
    pub fn put(&self, out: &mut Vec<u8>) {
        let mut payload = self.id.to_le_bytes().to_vec();
        payload.extend_from_slice(self.binary);
        frame::put(out, Kind::Upgrade, &payload);
    }

    pub fn parse(payload: &'a [u8]) -> Result<Self, Failure> {
        let (id, binary) = payload
            .split_first_chunk()
            .ok_or_else(|| Failure::new(Code::Usage, "an upgrade without an id"))?;
        Ok(Self {
            id: u128::from_le_bytes(*id),
            binary,
        })
    }
}

/// The answer: why not.
pub fn put_refusal(out: &mut Vec<u8>, failure: &Failure) {
    frame::put(out, Kind::Upgrade, failure.message.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_reads_back() {
        let across = UpgradeFrame {
            id: 7,
            binary: b"/p",
        };
        let mut out = Vec::new();
        across.put(&mut out);
        assert_eq!(UpgradeFrame::parse(&out[5..]), Ok(across));
        assert!(UpgradeFrame::parse(&out[5..20]).is_err());
    }
}
