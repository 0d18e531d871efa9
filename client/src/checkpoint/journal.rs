//! The journal of one session on its way into a checkpoint: stretch by stretch, each with the times
//! at which it came.

use super::members::Members;
use super::{GapEntry, MemberEntry, STRETCH, exactly, unexpected};
use crate::context::Context;
use psup_link::Item;
use psup_link::stream_position::StreamPosition;
use psup_proto::checkpoint::SessionCopy;
use psup_proto::{Failure, Moment, Offset, Request, Response, Target, request};
use std::fmt::Write as _;
use std::io::Write;

/// What of it is in the checkpoint.
#[derive(Default)]
pub(super) struct Copied {
    pub gaps: Vec<GapEntry>,
    pub members: Vec<MemberEntry>,
}

pub(super) fn copy<W: Write>(
    copy: &SessionCopy,
    dir: &str,
    members: &mut Members<W>,
    cx: &mut Context,
) -> Result<Copied, Failure> {
    let target = exactly(&copy.id);
    // Before the bytes: times of bytes that are dropped meanwhile do no harm.
    let moments = moments(&target, copy, cx)?;
    let mut reading = Reading {
        target,
        end: copy.end,
        at: copy.from,
        position: StreamPosition::default(),
        stretch: Vec::new(),
        dir,
        moments: &moments,
        members,
        copied: Copied::default(),
    };
    if copy.from < copy.end {
        cx.link().stream(&mut reading)?;
        reading.flush()?;
        reading.missing(copy.end, "not kept");
    }
    Ok(reading.copied)
}

/// When the bytes of the copy came.
fn moments(target: &Target, copy: &SessionCopy, cx: &mut Context) -> Result<Vec<Moment>, Failure> {
    let mut all: Vec<Moment> = Vec::new();
    let mut since = copy.from;
    loop {
        let request = Request::Timeline {
            target: target.clone(),
            since,
        };
        let page = match cx.ask(&request)? {
            Response::Timeline(page) => page,
            other => return unexpected(&other),
        };
        for moment in page.moments {
            // A page begins with the moment before it.
            let is_new = all.last().is_none_or(|last| moment.offset > last.offset);
            if is_new && moment.offset < copy.end {
                all.push(moment);
            }
        }
        match page.next.filter(|next| *next > since && *next < copy.end) {
            Some(next) => since = next,
            None => return Ok(all),
        }
    }
}

struct Reading<'a, W: Write> {
    target: Target,
    end: Offset,
    /// Where the next byte belongs.
    at: Offset,
    position: StreamPosition,
    /// Bytes before `at` that are in no member yet.
    stretch: Vec<u8>,
    dir: &'a str,
    moments: &'a [Moment],
    members: &'a mut Members<W>,
    copied: Copied,
}

impl<W: Write> Reading<'_, W> {
    fn bytes(&mut self, mut bytes: &[u8]) -> Result<(), Failure> {
        // What was written since the copy was begun is not in it.
        let wanted = (self.end - self.at).min(bytes.len() as Offset);
        bytes = &bytes[..wanted as usize];
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(STRETCH - self.stretch.len()));
            self.stretch.extend_from_slice(now);
            self.at += now.len() as Offset;
            bytes = later;
            if self.stretch.len() == STRETCH {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Failure> {
        if self.stretch.is_empty() {
            return Ok(());
        }
        let first = self.at - self.stretch.len() as Offset;
        // The last one before it tells when its first byte came.
        let begin = self
            .moments
            .partition_point(|moment| moment.offset <= first);
        let end = self
            .moments
            .partition_point(|moment| moment.offset < self.at);
        let times = text(&self.moments[begin.saturating_sub(1)..end]);
        let name = format!("{}/out.{first:020}", self.dir);
        for (name, bytes) in [
            (format!("{name}.times"), times.as_bytes()),
            (format!("{name}.log"), &self.stretch),
        ] {
            self.copied.members.push(self.members.add(&name, bytes)?);
        }
        self.stretch.clear();
        Ok(())
    }

    fn missing(&mut self, to: Offset, reason: &str) {
        let to = to.min(self.end);
        if to > self.at {
            self.copied.gaps.push(GapEntry {
                from: self.at,
                to,
                reason: reason.to_owned(),
            });
            self.at = to;
        }
    }
}

impl<W: Write> psup_link::Stream for Reading<'_, W> {
    type End = ();

    fn question(&self) -> Request {
        let read = request::Read {
            since: self.position.from(Some(self.at)),
            follow: false,
            text: false,
            timeout: None,
        };
        Request::Read {
            target: self.target.clone(),
            read,
        }
    }

    fn take(&mut self, item: Item) -> Result<Option<()>, Failure> {
        match item {
            Item::Bytes(bytes) => {
                let fresh = self.position.fresh(&bytes).to_vec();
                self.bytes(&fresh).map(|()| None)
            }
            Item::Response(Response::Reading { from }) => {
                self.position.stands_at(from);
                Ok(None)
            }
            Item::Response(Response::Gap { to, reason, .. }) => {
                self.flush()?;
                self.missing(to, &reason);
                self.position.stands_at(to);
                Ok(None)
            }
            Item::Response(Response::End { .. }) => Ok(Some(())),
            Item::Response(other) => unexpected(&other),
        }
    }
}

fn text(moments: &[Moment]) -> String {
    moments.iter().fold(String::new(), |mut text, moment| {
        // A string takes everything.
        let _ = writeln!(text, "{} {}", moment.offset, moment.at_ms);
        text
    })
}
