//! Where to begin in a session's output: an offset, or where it stands now.

use crate::context::{Context, unexpected};
use psup_proto::{Code, Failure, Offset, Request, Response, Target};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    At(Offset),
    Now,
}

impl Since {
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        match text {
            "now" => Ok(Self::Now),
            number => number.parse().map(Self::At).map_err(|_| {
                Failure::new(Code::Usage, format!("{text:?} is not an offset"))
                    .hint("an offset is a number that `psup send` or `psup wait` printed, or now")
            }),
        }
    }

    /// The offset it means in this session.
    pub(crate) fn of(self, target: &Target, cx: &mut Context) -> Result<Offset, Failure> {
        match self {
            Self::At(offset) => Ok(offset),
            Self::Now => match cx.ask(&Request::Info(target.clone()))? {
                Response::Info(info) => Ok(info.offset),
                other => Err(unexpected(&other)),
            },
        }
    }
}
