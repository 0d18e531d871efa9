//! One call on its way: the link it asks over, the rules it keeps, and the questions that several
//! tools ask.

use crate::excerpt::Excerpt;
use crate::rules::Rules;
use psup_link::capture::Shot;
use psup_link::stream_position::StreamPosition;
use psup_link::{Connector, Item, Link, Place, Stream, no_session};
use psup_proto::capture::Capture;
use psup_proto::condition::{Wait, Waited};
use psup_proto::info::{BlockedOn, Info};
use psup_proto::request::Read;
use psup_proto::{Failure, Offset, Request, Response, Target};

pub(crate) use psup_link::unexpected;

pub(crate) struct Call<'a> {
    pub rules: &'a Rules,
    pub umask: u32,
    link: Link<'a>,
}

/// Text with the offset at which it ends.
#[derive(Debug)]
pub(crate) struct TextAt {
    pub text: String,
    pub left_out: Option<u64>,
    pub offset: Offset,
}

impl<'a> Call<'a> {
    pub(crate) fn new(
        connector: &'a dyn Connector,
        place: Place,
        rules: &'a Rules,
        umask: u32,
    ) -> Self {
        Self {
            rules,
            umask,
            link: Link::new(connector, place),
        }
    }

    pub(crate) fn ask(&mut self, request: &Request) -> Result<Response, Failure> {
        self.link
            .ask(request)
            .map_err(|failure| no_session(failure, request))
    }

    pub(crate) fn stream<S: Stream>(&mut self, stream: &mut S) -> Result<S::End, Failure> {
        let question = stream.question();
        self.link
            .stream(stream)
            .map_err(|failure| no_session(failure, &question))
    }

    /// Leaves an answer that goes on.
    pub(crate) fn hang_up(&mut self) {
        self.link.hang_up();
    }

    /// The session a call names, if this client may reach it.
    pub(crate) fn target(&self, name: &str) -> Result<Target, Failure> {
        let target: Target = name.parse()?;
        self.rules.check_session(&target.name)?;
        Ok(target)
    }

    pub(crate) fn info(&mut self, target: Target) -> Result<Info, Failure> {
        match self.ask(&Request::Info(target))? {
            Response::Info(info) => Ok(*info),
            other => Err(unexpected(other)),
        }
    }

    pub(crate) fn wait(&mut self, target: &Target, wait: Wait) -> Result<Waited, Failure> {
        let target = target.clone();
        match self.ask(&Request::Wait { target, wait })? {
            Response::Waited(waited) => Ok(waited),
            other => Err(unexpected(other)),
        }
    }

    /// Clean lines of output from an offset on.
    pub(crate) fn text_since(
        &mut self,
        target: Target,
        since: Option<Offset>,
        budget: Option<usize>,
    ) -> Result<TextAt, Failure> {
        self.stream(&mut Output {
            target,
            since,
            position: StreamPosition::default(),
            excerpt: Some(Excerpt::new(budget)),
        })
    }

    pub(crate) fn screen(&mut self, target: Target, capture: Capture) -> Result<TextAt, Failure> {
        let Shot { head, rows } = Shot::take(&mut self.link, target, capture)?;
        let rows: Vec<&str> = rows
            .iter()
            .map(|row| row.text.trim_end_matches(' '))
            .collect();
        Ok(TextAt {
            text: rows.join("\n").trim_end().to_owned(),
            left_out: (head.left_out > 0).then_some(head.left_out),
            offset: head.offset,
        })
    }
}

/// What a program waits for, in one word.
pub(crate) fn waits_for(on: BlockedOn) -> &'static str {
    match on {
        BlockedOn::Nothing => "nothing",
        BlockedOn::Input => "input",
        BlockedOn::Prompt => "prompt",
        BlockedOn::Password => "password",
    }
}

struct Output {
    target: Target,
    since: Option<Offset>,
    position: StreamPosition,
    excerpt: Option<Excerpt>,
}

impl Stream for Output {
    type End = TextAt;

    fn question(&self) -> Request {
        Request::Read {
            target: self.target.clone(),
            read: Read {
                since: self.position.from(self.since),
                follow: false,
                text: true,
                timeout: None,
            },
        }
    }

    fn take(&mut self, item: Item) -> Result<Option<TextAt>, Failure> {
        let excerpt = self.excerpt.get_or_insert_with(|| Excerpt::new(None));
        match item {
            Item::Bytes(bytes) => excerpt.push_bytes(self.position.fresh(&bytes)),
            Item::Response(Response::Reading { from }) => self.position.stands_at(from),
            Item::Response(Response::Gap { from, to, .. }) => {
                excerpt.push_gap(from, to);
                self.position.stands_at(to);
            }
            Item::Response(Response::End { next, .. }) => {
                let excerpt = self.excerpt.take();
                let (text, left_out) = excerpt.map(Excerpt::finish).unwrap_or_default();
                return Ok(Some(TextAt {
                    text,
                    left_out,
                    offset: next,
                }));
            }
            Item::Response(other) => return Err(unexpected(other)),
        }
        Ok(None)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::tools::Tool;

    /// There is no supervisor.
    struct Nowhere;

    impl Connector for Nowhere {
        fn connect(&self, _: &Place, _: bool) -> Result<psup_link::Wire, Failure> {
            Err(Failure::new(
                psup_proto::Code::Unreachable,
                "no supervisor runs",
            ))
        }
    }

    /// How a call is refused that never gets to a supervisor.
    pub(crate) fn refusal(tool: &Tool, arguments: &serde_json::Value) -> String {
        let place = Place {
            profile: "default".into(),
            dir: None,
            via: None,
        };
        let rules = Rules::default();
        let mut call = Call::new(&Nowhere, place, &rules, 0o022);
        let arguments = arguments.as_object().unwrap().clone();
        (tool.run)(arguments, &mut call).unwrap_err().message
    }
}
