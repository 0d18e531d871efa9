//! A recording of a session, as the supervisor keeps it.

use super::{Entry, Recording, What};
use crate::context::{Context, Done, Stream, unexpected};
use crate::human;
use crate::output::Out;
use crate::since::Since;
use psup_link::Item;
use psup_link::stream_position::StreamPosition;
use psup_proto::capture::{Capture, Captured, Extent, Format};
use psup_proto::info::Info;
use psup_proto::times::Timeline;
use psup_proto::{Failure, Offset, Request, Response, Target, request};

/// What happens at an offset.
struct Break {
    offset: Offset,
    at_ms: u64,
    what: Option<What>,
}

pub(crate) fn fetch(
    target: Target,
    since: Option<Since>,
    cx: &mut Context,
) -> Result<Recording, Failure> {
    let info = match cx.ask(&Request::Info(target))? {
        Response::Info(info) => *info,
        other => return Err(unexpected(&other)),
    };
    // One life, whatever comes after it meanwhile.
    let target = Target {
        name: info.id.name.clone(),
        life: Some(info.id.life),
    };
    let since = since.map(|since| since.of(&target, cx)).transpose()?;
    let from = since.unwrap_or(0).max(info.kept_from);
    if from > since.unwrap_or(0) {
        cx.out.warn(format_args!(
            "the output before offset {from} is not kept any more: the recording begins there"
        ));
    }
    let mut output = Output::new(&target, from);
    cx.stream(&mut output)?;
    let timeline = timeline(&target, from, cx)?;
    let before = if from > 0 {
        screen_at(&target, from, cx)
    } else {
        Vec::new()
    };
    Ok(put_together(&info, from, before, &output.bytes, timeline))
}

/// What draws the screen on which the output goes on. Without it the recording begins on a blank
/// one.
fn screen_at(target: &Target, from: Offset, cx: &mut Context) -> Vec<u8> {
    let mut screen = Output::new(target, from);
    screen.as_screen = true;
    if cx.stream(&mut screen).is_err() {
        cx.out
            .warn("the screen at the beginning cannot be had: the recording begins on a blank one");
        return Vec::new();
    }
    let mut bytes = screen.bytes;
    if let Some(head) = screen.head {
        if head.modes.iter().any(|mode| mode == "alternate-screen") {
            bytes.splice(0..0, *b"\x1b[?1049h");
        }
        if !head.cursor.visible {
            bytes.extend_from_slice(b"\x1b[?25l");
        }
    }
    bytes
}

fn timeline(target: &Target, from: Offset, cx: &mut Context) -> Result<Timeline, Failure> {
    let mut whole = Timeline::default();
    let mut since = from;
    loop {
        let (target, question) = (target.clone(), since);
        let request = Request::Timeline {
            target,
            since: question,
        };
        match cx.ask(&request)? {
            Response::Timeline(page) => {
                let page = *page;
                whole.moments.extend(page.moments);
                // Each page has all of these.
                (whole.sizes, whole.execs) = (page.sizes, page.execs);
                match page.next.filter(|next| *next > since) {
                    Some(next) => since = next,
                    None => return Ok(whole),
                }
            }
            other => return Err(unexpected(&other)),
        }
    }
}

fn put_together(
    info: &Info,
    from: Offset,
    before: Vec<u8>,
    output: &[u8],
    timeline: Timeline,
) -> Recording {
    let sizes = &timeline.sizes;
    let first_size = sizes.iter().rev().find(|size| size.moment.offset <= from);
    let size = first_size
        .or(sizes.first())
        .map_or(info.size, |size| size.size);
    let (past, coming): (Vec<_>, Vec<_>) = breaks(timeline).into_iter().partition(|b| {
        // What happened at the very beginning belongs to it, but for what it says of the output.
        b.offset < from || b.offset == from && !matches!(b.what, Some(What::Marker(_)))
    });
    let began_ms = match past.last() {
        Some(last) if from > 0 => last.at_ms,
        Some(_) | None => info.started_ms,
    };
    let mut assembly = Assembly {
        began_ms,
        latest_ms: past.last().map_or(began_ms, |b| b.at_ms.max(began_ms)),
        bytes: before,
        entries: Vec::new(),
    };
    if !assembly.bytes.is_empty() {
        assembly.push(What::Output(0..assembly.bytes.len()));
    }
    assembly.output(from, output, coming);
    if let Some(exit) = &info.exit
        && let Some(code) = exit.shell_code()
    {
        assembly.latest_ms = exit.at_ms.max(assembly.latest_ms);
        assembly.push(What::Exit(code));
    }
    let title = if info.title.is_empty() {
        info.id.name.as_str()
    } else {
        &info.title
    };
    Recording {
        title: title.to_owned(),
        command: Some(human::command(&info.command)),
        began_ms,
        size,
        bytes: assembly.bytes,
        entries: assembly.entries,
    }
}

/// A recording as it is put together, in the order of time.
struct Assembly {
    began_ms: u64,
    latest_ms: u64,
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

impl Assembly {
    fn push(&mut self, what: What) {
        let at_ms = self.latest_ms.saturating_sub(self.began_ms);
        self.entries.push(Entry { at_ms, what });
    }

    /// The output from an offset on, cut where something happened.
    fn output(&mut self, from: Offset, output: &[u8], breaks: Vec<Break>) {
        let mut rest = output;
        for next in breaks {
            let at = from + (output.len() - rest.len()) as Offset;
            let before = next.offset.saturating_sub(at).min(rest.len() as Offset);
            let (piece, after) = rest.split_at(before as usize);
            rest = after;
            self.piece(piece);
            self.latest_ms = next.at_ms.max(self.latest_ms);
            if let Some(what) = next.what {
                self.push(what);
            }
        }
        self.piece(rest);
    }

    fn piece(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            let from = self.bytes.len();
            self.bytes.extend_from_slice(bytes);
            self.push(What::Output(from..self.bytes.len()));
        }
    }
}

fn breaks(timeline: Timeline) -> Vec<Break> {
    let moments = timeline.moments.into_iter().map(|moment| Break {
        offset: moment.offset,
        at_ms: moment.at_ms,
        what: None,
    });
    let sizes = timeline.sizes.into_iter().map(|size| Break {
        offset: size.moment.offset,
        at_ms: size.moment.at_ms,
        what: Some(What::Resize(size.size)),
    });
    let execs = timeline.execs.into_iter().map(|exec| Break {
        offset: exec.moment.offset,
        at_ms: exec.moment.at_ms,
        what: Some(What::Marker(human::plain(&exec.command))),
    });
    let mut all: Vec<_> = moments.chain(sizes).chain(execs).collect();
    all.sort_by_key(|b| (b.offset, b.at_ms));
    all
}

/// The bytes of the output from an offset on, or of the screen there.
struct Output<'a> {
    target: &'a Target,
    from: Offset,
    as_screen: bool,
    head: Option<Box<Captured>>,
    position: StreamPosition,
    bytes: Vec<u8>,
}

impl<'a> Output<'a> {
    fn new(target: &'a Target, from: Offset) -> Self {
        Self {
            target,
            from,
            as_screen: false,
            head: None,
            position: StreamPosition::default(),
            bytes: Vec::new(),
        }
    }
}

impl Stream for Output<'_> {
    fn question(&self) -> Request {
        let target = self.target.clone();
        if self.as_screen {
            let capture = Capture {
                extent: Extent::Screen,
                format: Format::Ansi,
                rows: false,
                at: Some(self.from),
                budget: None,
            };
            return Request::Capture { target, capture };
        }
        let read = request::Read {
            since: self.position.from(Some(self.from)),
            follow: false,
            text: false,
            timeout: None,
        };
        Request::Read { target, read }
    }

    fn take(&mut self, item: Item, out: &mut Out) -> Result<Option<Done>, Failure> {
        match item {
            Item::Bytes(bytes) => {
                let fresh = self.position.fresh(&bytes);
                self.bytes.extend_from_slice(fresh);
                Ok(None)
            }
            Item::Response(Response::Reading { from }) => {
                self.position.stands_at(from);
                Ok(None)
            }
            Item::Response(Response::Captured(head)) => {
                self.position.stands_at(head.offset);
                self.head = Some(head);
                Ok(None)
            }
            Item::Response(Response::Gap { from, to, reason }) => {
                out.warn(format_args!("offsets {from} to {to} are missing: {reason}"));
                self.position.stands_at(to);
                // So that every other byte keeps its place, and a terminal draws nothing for these.
                let missing = (to - from.max(self.from)) as usize;
                self.bytes.resize(self.bytes.len() + missing, 0);
                Ok(None)
            }
            Item::Response(Response::End { .. }) => Ok(Some(Done::OK)),
            Item::Response(other) => Err(unexpected(&other)),
        }
    }
}
