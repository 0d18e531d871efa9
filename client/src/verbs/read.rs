//! `psup read`.

use super::Run;
use crate::context::{Context, Done, Stream, unexpected};
use crate::items::Items;
use crate::line_selection::{LeftOut, LineSelection, LineSelector, Selected};
use crate::output::Out;
use crate::since::Since;
use crate::value_parsers;
use psup_link::Item;
use psup_link::retry::time_left;
use psup_link::stream_position::StreamPosition;
use psup_proto::response::End;
use psup_proto::{Code, Failure, Offset, Request, Response, Target, request, units};
use schemars::JsonSchema;
use serde::Serialize;
use std::time::{Duration, Instant};

/// Print what a session has written
///
/// Prints the bytes as the program wrote them, from --since on, or from the first
/// line that is kept. With --text they are printed as plain lines without control
/// sequences. With --follow it goes on until the session has ended.
///
/// Bytes that are no longer kept are reported on stderr. With --json each piece is
/// an object: from and next are offsets, and the bytes are in text, or in base64
/// if they are not UTF-8; a gap is an object too. Exit code 124: --timeout passed
/// while the session went on.
///
/// --grep selects lines that match, with --context lines around them; --tail the
/// last lines; --budget the first and last lines that fit in that many characters.
/// All three print plain lines. If --grep finds nothing and some of the output is no
/// longer kept, that is the error gap.
///
/// Example:
///   psup read build
///   psup read build --tail 20
///   psup read build --grep 'error|warning' --context 2 --budget 4000
///   psup read build --text --since 1200
///   psup read build --text --since 10m
///   psup read web --follow
#[derive(Clone, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Read {
    /// A name, or one life of it such as web#3
    #[arg(value_name = "NAME")]
    target: Target,
    /// Begin at this offset, a duration ago (10m), at a time (2026-11-28T03:00:00Z), or now
    #[arg(long, value_name = "OFFSET", value_parser = Since::parse)]
    since: Option<Since>,
    /// Keep printing until the session has ended
    #[arg(short, long)]
    follow: bool,
    /// Print plain lines instead of bytes
    #[arg(long)]
    text: bool,
    #[command(flatten)]
    lines: LineSelection,
    /// Stop following after this time
    #[arg(long, value_name = "DUR", value_parser = units::duration, requires = "follow")]
    timeout: Option<Duration>,
}

/// A read on its way.
struct Arriving {
    args: Read,
    since: Option<Offset>,
    /// Where lines are chosen.
    selector: Option<LineSelector>,
    /// Gaps that matter only if what was asked for is not found.
    gaps: Vec<(Offset, Offset, String)>,
    began: Instant,
    position: StreamPosition,
    /// Where the next byte to be told belongs; in text, the last offset that is certain.
    next: Offset,
    /// The beginning of a character, or of a line that is chosen from, whose rest has not arrived.
    held: Vec<u8>,
    /// Prints nothing at its end.
    collects: bool,
    /// The first line is not whole.
    drops_first: bool,
}

#[derive(Serialize, JsonSchema)]
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

#[derive(Serialize, JsonSchema)]
struct Missing<'a> {
    gap: Gap<'a>,
}

#[derive(Serialize, JsonSchema)]
struct Gap<'a> {
    from: Offset,
    to: Offset,
    reason: &'a str,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LeftOutLines")]
struct LeftOutOf {
    left_out: LeftOut,
}

/// The last lines are looked for in so much of the end of the journal first.
const TAIL_SPAN: Offset = 64 << 10;

impl Run for Read {
    const ITEMS: Items = Items::many::<(Piece<'static>, Missing<'static>, LeftOutOf)>();

    fn run(mut self, cx: &mut Context) -> Result<Done, Failure> {
        let since = self
            .since
            .map(|since| since.of(&self.target, cx))
            .transpose()?;
        if self.follow && self.lines.tail.is_some() {
            let follow = Self {
                lines: LineSelection {
                    tail: None,
                    ..self.lines.clone()
                },
                text: true,
                ..self.clone()
            };
            self.follow = false;
            let mut last = self.last_lines(since, cx)?;
            // A line that goes on is printed when it is followed.
            let from = last.next;
            last.held.clear();
            last.finish(&mut cx.out)?;
            return cx.stream(&mut Arriving::new(follow, Some(from)));
        }
        if self.lines.tail.is_some() {
            let mut last = self.last_lines(since, cx)?;
            return last.end(End::Whole, &mut cx.out);
        }
        cx.stream(&mut Arriving::new(self, since))
    }
}

impl Read {
    /// Reads as much of the end as has the lines asked for.
    fn last_lines(self, since: Option<Offset>, cx: &mut Context) -> Result<Arriving, Failure> {
        let info = match cx.ask(&Request::Info(self.target.clone()))? {
            Response::Info(info) => info,
            other => return Err(unexpected(&other)),
        };
        let first = since.unwrap_or(info.kept_from);
        let mut span = TAIL_SPAN;
        loop {
            let from = info.offset.saturating_sub(span);
            let whole = from <= first || self.lines.grep.is_some();
            let mut arriving = Arriving::new(self.clone(), if whole { since } else { Some(from) });
            arriving.collects = true;
            // What is read first may begin in the middle of a line.
            arriving.drops_first = !whole;
            cx.stream(&mut arriving)?;
            if whole
                || arriving
                    .selector
                    .as_ref()
                    .is_some_and(LineSelector::is_full)
            {
                return Ok(arriving);
            }
            span *= 16;
        }
    }
}

impl Stream for Arriving {
    fn question(&self) -> Request {
        Request::Read {
            target: self.args.target.clone(),
            read: request::Read {
                since: self.position.from(self.since),
                follow: self.args.follow,
                text: self.is_text(),
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
    fn new(args: Read, since: Option<Offset>) -> Self {
        let selector = args
            .lines
            .is_any()
            .then(|| LineSelector::new(args.lines.clone()));
        Self {
            args,
            since,
            selector,
            gaps: Vec::new(),
            began: Instant::now(),
            position: StreamPosition::default(),
            next: 0,
            held: Vec::new(),
            collects: false,
            drops_first: false,
        }
    }

    /// Clean lines are asked for.
    fn is_text(&self) -> bool {
        self.args.text || self.selector.is_some()
    }

    /// Takes the whole lines of what is held back.
    fn choose(&mut self, out: &mut Out) -> Result<(), Failure> {
        let Some(selector) = &mut self.selector else {
            return Ok(());
        };
        let whole = self
            .held
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let bytes: Vec<u8> = self.held.drain(..whole).collect();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if std::mem::take(&mut self.drops_first) {
                continue;
            }
            selector.line(self.next, String::from_utf8_lossy(line).into_owned());
        }
        let ready = selector.take_ready();
        print(&ready, out)
    }

    /// Prints what was chosen, at the end of all.
    fn finish(&mut self, out: &mut Out) -> Result<(), Failure> {
        let held = std::mem::take(&mut self.held);
        let Some(selector) = &mut self.selector else {
            return Ok(());
        };
        if !held.is_empty() && !self.drops_first {
            selector.line(
                self.next,
                String::from_utf8_lossy(&held).into_owned() + "\n",
            );
        }
        let full = selector.is_full();
        let fitted = selector.finish();
        for (from, to, reason) in std::mem::take(&mut self.gaps) {
            if !full {
                tell_gap(from, to, &reason, out)?;
            }
        }
        print(&fitted.head, out)?;
        if let Some(left_out) = fitted.left_out {
            if out.json {
                out.object(&LeftOutOf { left_out })?;
            } else {
                let (lines, chars) = (left_out.lines, left_out.chars);
                out.line(format_args!("[{lines} lines, {chars} characters left out]"))?;
                out.talk(format_args!(
                    "`psup read {} --text --since {}` prints what is left out",
                    self.args.target, left_out.from
                ));
            }
        }
        print(&fitted.tail, out)
    }

    /// What a search that found nothing answers.
    fn found(&self, gaps: bool) -> Result<Done, Failure> {
        match &self.selector {
            Some(selector) if self.args.lines.grep.is_some() && selector.matched == 0 => {
                if gaps {
                    let message =
                        "not known: output is not kept any more that may have had a match";
                    let hint = format!(
                        "`psup info {}` tells from which offset on it is kept",
                        self.args.target
                    );
                    return Err(Failure::new(Code::Gap, message).hint(hint));
                }
                Ok(Done::like(Code::No))
            }
            Some(_) | None => Ok(Done::OK),
        }
    }

    fn bytes(&mut self, bytes: &[u8], out: &mut Out) -> Result<(), Failure> {
        let fresh = self.position.fresh(bytes);
        let length = fresh.len();
        if self.selector.is_some() {
            self.held.extend_from_slice(fresh);
            self.choose(out)?;
        } else if out.json {
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
        if !self.is_text() {
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
        if self.selector.is_some() {
            self.choose(out)?;
            self.gaps.push((from, to, reason.to_owned()));
        } else {
            self.rest(out)?;
            tell_gap(from, to, reason, out)?;
        }
        self.position.stands_at(to);
        self.next = to;
        Ok(())
    }

    fn end(&mut self, why: End, out: &mut Out) -> Result<Done, Failure> {
        if std::mem::take(&mut self.collects) {
            return Ok(Done::OK);
        }
        let gaps = !self.gaps.is_empty();
        if self.selector.is_some() {
            self.finish(out)?;
        } else {
            self.rest(out)?;
        }
        match why {
            End::Whole | End::SessionEnded => self.found(gaps),
            End::TimedOut => {
                out.talk("timed out; the session goes on");
                Ok(Done::like(Code::TimedOut))
            }
        }
    }
}

fn tell_gap(from: Offset, to: Offset, reason: &str, out: &mut Out) -> Result<(), Failure> {
    if out.json {
        return out.object(&Missing {
            gap: Gap { from, to, reason },
        });
    }
    // Report where it is: between what stands before it and what follows.
    out.flush()?;
    out.warn(format_args!(
        "gap: bytes {from} to {to} are missing: {reason}"
    ));
    Ok(())
}

/// Lines that were chosen; as JSON one object each.
fn print(lines: &[Selected], out: &mut Out) -> Result<(), Failure> {
    for line in lines {
        if out.json {
            out.object(&Piece {
                from: line.from,
                next: None,
                text: Some(&line.text),
                base64: None,
            })?;
        } else {
            out.text(&line.print())?;
        }
    }
    out.flush()
}

/// How many bytes at the end are the beginning of a character.
pub(super) fn unfinished(bytes: &[u8]) -> usize {
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
