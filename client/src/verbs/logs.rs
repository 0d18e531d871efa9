//! `psup logs`.

use super::Run;
use crate::context::{Context, Done, Stream, unexpected};
use crate::items::Items;
use crate::output::Out;
use psup_link::Item;
use psup_link::stream_position::StreamPosition;
use psup_proto::{Failure, Request, Response};
use serde_json::{Map, Value};

/// Show the supervisor's own log
///
/// One JSON object per line, oldest first. It does not contain what sessions
/// print: see psup read.
///
/// Example:
///   psup logs
///   psup logs --follow
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Logs {
    /// Keep printing new lines as they are written
    #[arg(short, long)]
    follow: bool,
}

struct Arriving {
    follow: bool,
    position: StreamPosition,
}

impl Run for Logs {
    const ITEMS: Items = Items::many::<(Map<String, Value>,)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        cx.stream(&mut Arriving {
            follow: self.follow,
            position: StreamPosition::default(),
        })
    }
}

impl Stream for Arriving {
    fn question(&self) -> Request {
        Request::Logs {
            follow: self.follow,
        }
    }

    fn take(&mut self, item: Item, out: &mut Out) -> Result<Option<Done>, Failure> {
        match item {
            Item::Bytes(bytes) => {
                let fresh = self.position.fresh(&bytes);
                if out.is_terminal() {
                    out.text(&String::from_utf8_lossy(fresh))?;
                } else {
                    out.data(fresh)?;
                }
                out.flush()?;
                Ok(None)
            }
            // The log always comes from its beginning.
            Item::Response(Response::Reading { from }) => {
                self.position.stands_at(from);
                Ok(None)
            }
            Item::Response(Response::End { .. }) => Ok(Some(Done::OK)),
            Item::Response(other) => Err(unexpected(&other)),
        }
    }
}
