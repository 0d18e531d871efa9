//! Answers of many items: a capture with its bytes, and output up to a place.

use psup_link::{Item, Stream, unexpected};
use psup_proto::capture::{Captured, ScreenFacts};
use psup_proto::request::Read;
use psup_proto::{Failure, Offset, Request, Response, Target};

pub(super) struct CaptureStream {
    pub question: Request,
    pub head: Option<Captured>,
    pub bytes: Vec<u8>,
}

/// Reads, until enough has come.
pub(super) struct ReadUntil {
    pub target: Target,
    pub since: Offset,
    pub left: u64,
}

impl Stream for ReadUntil {
    type End = ();

    fn question(&self) -> Request {
        Request::Read {
            target: self.target.clone(),
            read: Read::follow(self.since),
        }
    }

    fn take(&mut self, item: Item) -> Result<Option<()>, Failure> {
        match item {
            Item::Bytes(bytes) => {
                self.since += bytes.len() as Offset;
                self.left = self.left.saturating_sub(bytes.len() as u64);
                Ok((self.left == 0).then_some(()))
            }
            Item::Response(Response::Gap { .. } | Response::End { .. }) => Ok(Some(())),
            Item::Response(_) => Ok(None),
        }
    }
}

impl Stream for CaptureStream {
    type End = ();

    fn question(&self) -> Request {
        self.question.clone()
    }

    fn take(&mut self, item: Item) -> Result<Option<()>, Failure> {
        match item {
            Item::Response(Response::Captured(head)) => {
                self.bytes.clear();
                self.head = Some(*head);
                Ok(None)
            }
            Item::Bytes(bytes) => {
                self.bytes.extend_from_slice(&bytes);
                Ok(None)
            }
            Item::Response(Response::End { .. }) => Ok(Some(())),
            Item::Response(other) => Err(unexpected(&other)),
        }
    }
}

/// A supervisor of version 1 answers with a capture of no row.
pub(super) struct ScreenStream {
    pub target: Target,
    pub facts: Option<ScreenFacts>,
}

impl Stream for ScreenStream {
    type End = ScreenFacts;

    fn question(&self) -> Request {
        Request::ScreenFacts(self.target.clone())
    }

    fn take(&mut self, item: Item) -> Result<Option<ScreenFacts>, Failure> {
        match item {
            Item::Response(Response::ScreenFacts(facts)) => Ok(Some(*facts)),
            Item::Response(Response::Captured(head)) => {
                self.facts = Some((*head).into());
                Ok(None)
            }
            Item::Bytes(_) => Ok(None),
            Item::Response(Response::End { .. }) => Ok(self.facts.take()),
            Item::Response(other) => Err(unexpected(&other)),
        }
    }
}
