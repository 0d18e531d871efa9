//! Where in a session's output: an offset, a time, so long ago, or where it stands now.

use crate::context::{Context, unexpected};
use crate::{human, timestamp};
use psup_proto::{Code, Failure, Offset, Request, Response, Target, units};
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    At(Offset),
    Ago(Duration),
    /// Milliseconds since 1970.
    Time(u64),
    Now,
}

impl Since {
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        if text == "now" {
            return Ok(Self::Now);
        }
        let offset = || text.parse().ok().map(Self::At);
        let ago = || units::duration(text).ok().map(Self::Ago);
        let time = || timestamp::parse(text).map(Self::Time);
        offset().or_else(ago).or_else(time).ok_or_else(|| {
            Failure::new(
                Code::Usage,
                format!("{text:?} is not a place in the output"),
            )
            .hint(
                "an offset that `psup send` or `psup wait` printed, how long ago such as 10m, \
                 a time such as 2026-11-28T03:00:00Z, or now",
            )
        })
    }

    /// The offset it means in this session.
    pub(crate) fn of(self, target: &Target, cx: &mut Context) -> Result<Offset, Failure> {
        match self {
            Self::At(offset) => Ok(offset),
            Self::Ago(ago) => {
                let ago = u64::try_from(ago.as_millis()).unwrap_or(u64::MAX);
                at_time(human::now_ms().saturating_sub(ago), target, cx)
            }
            Self::Time(at_ms) => at_time(at_ms, target, cx),
            Self::Now => match cx.ask(&Request::Info(target.clone()))? {
                Response::Info(info) => Ok(info.offset),
                other => Err(unexpected(&other)),
            },
        }
    }
}

fn at_time(at_ms: u64, target: &Target, cx: &mut Context) -> Result<Offset, Failure> {
    let target = target.clone();
    match cx.ask(&Request::OffsetAt { target, at_ms })? {
        // The byte before it is among those that are not kept: so the gap is told.
        Response::OffsetAt(at) if at.cut_off => Ok(at.offset.saturating_sub(1)),
        Response::OffsetAt(at) => Ok(at.offset),
        other => Err(unexpected(&other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_an_offset_a_time_or_now() {
        for (text, place) in [
            ("0", Since::At(0)),
            ("1200", Since::At(1200)),
            ("now", Since::Now),
            ("10m", Since::Ago(Duration::from_secs(600))),
            ("2026-11-20T16:52:01.123Z", Since::Time(1_795_193_521_123)),
        ] {
            assert_eq!(Since::parse(text), Ok(place), "{text}");
        }
        for bad in ["", "-1", "yesterday", "2026-13-01", "10x"] {
            let failure = Since::parse(bad).map_err(|failure| failure.code);
            assert_eq!(failure, Err(Code::Usage), "{bad}");
        }
    }
}
