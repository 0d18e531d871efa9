//! The first frame of both sides: who speaks, which versions of the protocol it knows.
//!
//! The layout of a hello never changes, so that any two builds can tell each other that they do not
//! fit: magic `psup`, lowest and highest version (u16 LE each), then the build as text.

use crate::error::{Code, Failure};
use crate::frame::{self, Kind};

/// The versions this build serves.
pub const VERSIONS: std::ops::RangeInclusive<u16> = 1..=2;

/// The version in which a client asks a supervisor that it does not know yet.
pub const NEWEST: u16 = *VERSIONS.end();

/// This build, as `psup status` tells it.
pub const BUILD: &str = concat!(env!("CARGO_PKG_VERSION"));

const MAGIC: &[u8; 4] = b"psup";

/// What one side says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    pub lowest: u16,
    pub highest: u16,
    pub build: String,
}

impl Hello {
    pub fn ours() -> Self {
        Self {
            lowest: *VERSIONS.start(),
            highest: *VERSIONS.end(),
            build: BUILD.to_owned(),
        }
    }

    pub fn put(&self, out: &mut Vec<u8>) {
        let mut payload = MAGIC.to_vec();
        payload.extend_from_slice(&self.lowest.to_le_bytes());
        payload.extend_from_slice(&self.highest.to_le_bytes());
        payload.extend_from_slice(self.build.as_bytes());
        frame::put(out, Kind::Hello, &payload);
    }

    pub fn parse(payload: &[u8]) -> Result<Self, Failure> {
        let bad = || {
            Failure::new(
                Code::VersionMismatch,
                "the other side does not speak psup's protocol",
            )
        };
        let rest = payload.strip_prefix(MAGIC).ok_or_else(bad)?;
        let (versions, build) = rest.split_at_checked(4).ok_or_else(bad)?;
        Ok(Self {
            lowest: u16::from_le_bytes([versions[0], versions[1]]),
            highest: u16::from_le_bytes([versions[2], versions[3]]),
            build: String::from_utf8_lossy(&build[..build.len().min(256)]).into_owned(),
        })
    }

    /// The highest version both sides know, or one sentence for the user.
    pub fn agree(&self) -> Result<u16, Failure> {
        let version = self.highest.min(*VERSIONS.end());
        if version >= self.lowest && VERSIONS.contains(&version) {
            return Ok(version);
        }
        let message = format!(
            "psup {} speaks protocol {}-{}, the other side (psup {}) {}-{}",
            BUILD,
            VERSIONS.start(),
            VERSIONS.end(),
            self.build,
            self.lowest,
            self.highest
        );
        Err(Failure::new(Code::VersionMismatch, message)
            .hint("`psup upgrade` replaces the running supervisor without ending a session"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_reads_back() {
        let mut out = Vec::new();
        Hello::ours().put(&mut out);
        assert_eq!(Hello::parse(&out[5..]), Ok(Hello::ours()));
    }

    #[test]
    fn ranges_that_overlap_agree_on_the_highest_common_version() {
        let other = |lowest, highest| Hello {
            lowest,
            highest,
            build: "9".into(),
        };
        assert_eq!(other(1, 7).agree(), Ok(2));
        assert_eq!(other(1, 1).agree(), Ok(1));
        assert_eq!(
            other(3, 7).agree().map_err(|f| f.code),
            Err(Code::VersionMismatch)
        );
        assert!(other(0, 0).agree().is_err());
    }
}
