//! `psup logs`.

use super::Run;
use crate::context::{Context, Done, Stream, unexpected};
use crate::items::Items;
use crate::output::Out;
use psup_link::Item;
use psup_link::stream_position::StreamPosition;
use psup_proto::{Failure, Request, Response, Target};
use serde_json::{Map, Value};

/// Show the supervisor's own log
///
/// One JSON object per line, oldest first. Each line names the supervisor that wrote
/// it and, where there is one, the session and the request it is about. It does not
/// contain what sessions print: see psup read.
///
/// The log is rotated at 1 MiB, and one older file is kept. In a systemd unit each
/// line also goes to the journal, with the same keys as PSUP_SESSION and so on.
///
/// Example:
///   psup logs
///   psup logs --follow --level warn
///   psup logs --session web
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Logs {
    /// Keep printing new lines as they are written
    #[arg(short, long)]
    follow: bool,
    /// Only lines about this session, or about one life of it such as web#3
    #[arg(long, value_name = "NAME")]
    session: Option<Target>,
    /// Only lines of this level or a more serious one
    #[arg(long, value_enum, value_name = "LEVEL")]
    level: Option<Level>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
enum Level {
    Info,
    Warn,
    Error,
}

struct Arriving {
    args: Logs,
    position: StreamPosition,
    /// A line that has not ended.
    begun: Vec<u8>,
}

impl Run for Logs {
    const ITEMS: Items = Items::many::<(Map<String, Value>,)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        cx.stream(&mut Arriving {
            args: self,
            position: StreamPosition::default(),
            begun: Vec::new(),
        })
    }
}

impl Logs {
    fn wants(&self, line: &[u8]) -> bool {
        if self.session.is_none() && self.level.is_none() {
            return true;
        }
        let line: Map<String, Value> = serde_json::from_slice(line).unwrap_or_default();
        let text = |key: &str| line.get(key).and_then(Value::as_str).unwrap_or_default();
        let is_level = match text("level") {
            "error" => Level::Error,
            "warn" => Level::Warn,
            _ => Level::Info,
        };
        let is_of = |target: &Target| match text("session").parse::<Target>() {
            Ok(session) => {
                session.name == target.name
                    && (target.life.is_none() || session.life == target.life)
            }
            Err(_) => false,
        };
        self.level.is_none_or(|level| is_level >= level) && self.session.as_ref().is_none_or(is_of)
    }
}

impl Stream for Arriving {
    fn question(&self) -> Request {
        Request::Logs {
            follow: self.args.follow,
        }
    }

    fn take(&mut self, item: Item, out: &mut Out) -> Result<Option<Done>, Failure> {
        match item {
            Item::Bytes(bytes) => {
                self.begun.extend_from_slice(self.position.fresh(&bytes));
                while let Some(end) = self.begun.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = self.begun.drain(..=end).collect();
                    if !self.args.wants(&line) {
                        continue;
                    }
                    if out.is_terminal() {
                        out.text(&String::from_utf8_lossy(&line))?;
                    } else {
                        out.data(&line)?;
                    }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lines_are_chosen_by_session_and_by_level() {
        let wants = |session: Option<&str>, level, line: &str| {
            let logs = Logs {
                follow: false,
                session: session.map(|name| name.parse().unwrap()),
                level,
            };
            logs.wants(line.as_bytes())
        };
        let line = r#"{"level":"warn","session":"web#3"}"#;
        assert!(wants(None, None, "no JSON"));
        assert!(wants(Some("web"), Some(Level::Info), line));
        assert!(wants(Some("web#3"), Some(Level::Warn), line));
        assert!(!wants(Some("web#2"), None, line) && !wants(Some("we"), None, line));
        assert!(!wants(None, Some(Level::Error), line));
        assert!(!wants(Some("web"), None, r#"{"level":"error"}"#));
    }
}
