//! `psup read`.

use super::Run;
use crate::context::{Context, Done, Stream, unexpected};
use crate::output::Out;
use crate::stream_position::StreamPosition;
use crate::value_parsers;
use psup_link::Item;
use psup_link::retry::time_left;
use psup_proto::response::End;
use psup_proto::{Code, Failure, Offset, Request, Response, Target, request, units};
use serde::Serialize;
use std::time::{Duration, Instant};

/// Print what a session has written
///
/// The bytes as the program wrote them, from --since on, or from the first line
/// that is kept. With --text they come as clean lines, control sequences removed. With
/// --follow it goes on until the session has ended.
///
/// Bytes that are not kept any more are told on stderr. With --json each piece is
/// an object: from and next are offsets, and the bytes stand in text, or in
/// base64 where they are not UTF-8; a gap is an object too. Exit code 124:
/// --timeout passed while the session went on.
///
/// Example:
///   psup read build
///   psup read build --text --since 1200
///   psup read web --follow
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Read {
    /// A name, or one life of it such as web#3
    #[arg(value_name = "NAME")]
    target: Target,
    /// Begin at this offset
    #[arg(long, value_name = "OFFSET")]
    since: Option<Offset>,
    /// Go on until the session has ended
    #[arg(short, long)]
    follow: bool,
    /// Clean lines instead of bytes
    #[arg(long)]
    text: bool,
    /// Stop following after this time
    #[arg(long, value_name = "DUR", value_parser = units::duration, requires = "follow")]
    timeout: Option<Duration>,
}

/// A read on its way.
struct Arriving {
    args: Read,
    began: Instant,
    position: StreamPosition,
    /// Where the next byte to be told belongs; in text, the last offset that is certain.
    next: Offset,
    /// The beginning of a character whose rest has not arrived.
    held: Vec<u8>,
}

#[derive(Serialize)]
struct Piece<'a> {
    from: Offset,
    /// Absent in text, which has no offset of its own for each piece.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Offset>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

#[derive(Serialize)]
struct Missing<'a> {
    gap: Gap<'a>,
}

#[derive(Serialize)]
struct Gap<'a> {
    from: Offset,
    to: Offset,
    reason: &'a str,
}

impl Run for Read {
    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        cx.stream(&mut Arriving {
            args: self,
            began: Instant::now(),
            position: StreamPosition::default(),
            next: 0,
            held: Vec::new(),
        })
    }
}

impl Stream for Arriving {
    fn question(&self) -> Request {
        Request::Read {
            target: self.args.target.clone(),
            read: request::Read {
                since: self.position.from(self.args.since),
                follow: self.args.follow,
                text: self.args.text,
                timeout: time_left(self.args.timeout, self.began.elapsed()),
            },
        }
    }

    fn take(&mut self, item: Item, out: &mut Out) -> Result<Option<Done>, Failure> {
        match item {
            Item::Bytes(bytes) => {
                self.bytes(&bytes, out)?;
                Ok(None)
            }
            Item::Response(Response::Reading { from }) => {
                self.position.stands_at(from);
                // Bytes held back belong before the place where the stream goes on.
                self.next = from - (self.held.len() as u64).min(from);
                Ok(None)
            }
            Item::Response(Response::Gap { from, to, reason }) => {
                self.gap(from, to, &reason, out)?;
                Ok(None)
            }
            Item::Response(Response::End { why, .. }) => self.end(why, out).map(Some),
            Item::Response(other) => Err(unexpected(&other)),
        }
    }
}

impl Arriving {
    fn bytes(&mut self, bytes: &[u8], out: &mut Out) -> Result<(), Failure> {
        let fresh = self.position.fresh(bytes);
        let length = fresh.len();
        if out.json {
            self.held.extend_from_slice(fresh);
            let whole = self.held.len() - unfinished(&self.held);
            self.piece(whole, out)?;
        } else if self.is_shown(out) {
            self.held.extend_from_slice(fresh);
            let whole = self.held.len() - unfinished(&self.held);
            self.show(whole, out)?;
        } else {
            out.data(fresh)?;
        }
        if !self.args.text {
            let stands =
                self.next + self.held.len() as u64 + if out.json { 0 } else { length as u64 };
            self.position.stands_at(stands);
            if !out.json {
                self.next = stands;
            }
        }
        out.flush()
    }

    /// Whether a terminal is to show clean lines; bytes are asked for as they are.
    fn is_shown(&self, out: &Out) -> bool {
        self.args.text && !out.json && out.is_terminal()
    }

    /// Shows the first `length` of the bytes held back.
    fn show(&mut self, length: usize, out: &mut Out) -> Result<(), Failure> {
        let bytes: Vec<u8> = self.held.drain(..length).collect();
        out.text(&String::from_utf8_lossy(&bytes))
    }

    /// Tells the first `length` of the bytes held back.
    fn piece(&mut self, length: usize, out: &mut Out) -> Result<(), Failure> {
        if length == 0 {
            return Ok(());
        }
        let bytes: Vec<u8> = self.held.drain(..length).collect();
        let text = std::str::from_utf8(&bytes).ok();
        let next = self.next + length as u64;
        out.object(&Piece {
            from: self.next,
            next: (!self.args.text).then_some(next),
            text,
            base64: text.is_none().then(|| value_parsers::base64(&bytes)),
        })?;
        if !self.args.text {
            self.next = next;
        }
        Ok(())
    }

    /// Tells all that is held back: nothing follows that belongs to it.
    fn rest(&mut self, out: &mut Out) -> Result<(), Failure> {
        if out.json {
            self.piece(self.held.len(), out)
        } else {
            self.show(self.held.len(), out)
        }
    }

    fn gap(
        &mut self,
        from: Offset,
        to: Offset,
        reason: &str,
        out: &mut Out,
    ) -> Result<(), Failure> {
        self.rest(out)?;
        if out.json {
            out.object(&Missing {
                gap: Gap { from, to, reason },
            })?;
        } else {
            // Told where it is: between what stands before it and what follows.
            out.flush()?;
            out.warn(format_args!(
                "gap: bytes {from} to {to} are missing: {reason}"
            ));
        }
        self.position.stands_at(to);
        self.next = to;
        Ok(())
    }

    fn end(&mut self, why: End, out: &mut Out) -> Result<Done, Failure> {
        self.rest(out)?;
        match why {
            End::Whole | End::SessionEnded => Ok(Done::OK),
            End::TimedOut => {
                out.talk("timed out; the session goes on");
                Ok(Done::like(Code::TimedOut))
            }
        }
    }
}

/// How many bytes at the end are the beginning of a character.
fn unfinished(bytes: &[u8]) -> usize {
    let tail = &bytes[bytes.len().saturating_sub(4)..];
    // The last byte that begins a character, if one does within the reach of a character.
    let Some(begins) = tail.iter().rposition(|b| b & 0xc0 != 0x80) else {
        return 0;
    };
    match std::str::from_utf8(&tail[begins..]) {
        Err(error) if error.error_len().is_none() => tail.len() - begins,
        Ok(_) | Err(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value_parsers::base64;

    #[test]
    fn the_beginning_of_a_character_is_held_back() {
        for (bytes, held) in [
            (&b"abc"[..], 0),
            ("é".as_bytes(), 0),
            (&"é".as_bytes()[..1], 1),
            (&"a😀".as_bytes()[..4], 3),
            (&"a😀".as_bytes()[..2], 1),
            (b"\xff", 0),
            (b"\x80\x80\x80\x80\x80", 0),
            ("xxxé".as_bytes(), 0),
            ("xxxx€".as_bytes(), 0),
            (b"", 0),
        ] {
            assert_eq!(unfinished(bytes), held, "{bytes:?}");
        }
    }

    #[test]
    fn base64_is_padded() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"f", "Zg=="),
            (b"fo", "Zm8="),
            (b"foo", "Zm9v"),
            (b"\xff\xfe", "//4="),
        ] {
            assert_eq!(base64(bytes), text);
        }
    }
}
