//! Writing a checkpoint.

use super::members::Members;
use super::{COPY, CopyEntry, HEAD, Head, MANIFEST, Manifest, SessionEntry};
use super::{exactly, is_meant, journal, sessions, size, unexpected};
use crate::context::Context;
use crate::human;
use psup_proto::checkpoint::{CheckpointHead, CheckpointRequest, SessionCopy};
use psup_proto::name::{SessionId, Target};
use psup_proto::{Code, Failure, Request, Response};
use serde::Serialize;
use std::io::Write;

/// What was written.
pub(crate) struct Written {
    pub manifest: Manifest,
    pub bytes: u64,
}

pub(crate) fn write<W: Write>(
    targets: &[Target],
    to: W,
    cx: &mut Context,
) -> Result<(W, Written), Failure> {
    let head = match cx.ask(&Request::Checkpoint(CheckpointRequest::Begin))? {
        Response::CheckpointHead(head) => *head,
        other => return unexpected(&other),
    };
    let lives = lives(targets, &head, cx)?;
    let made_ms = human::now_ms();
    let mut members = Members::new(to, made_ms);
    let mut manifest = Manifest {
        head: Head::new(&head, made_ms, targets.is_empty()),
        sessions: Vec::new(),
        last: head.last,
    };
    members.add(HEAD, &json(&manifest.head)?)?;
    for (count, id) in lives.iter().enumerate() {
        cx.out.progress(format_args!(
            "{count} of {}, {}",
            sessions(lives.len()),
            size(members.count())
        ));
        match session(id, &mut members, cx) {
            Ok(entry) => manifest.sessions.push(entry),
            // Nothing of it is in there.
            Err(failure) if failure.code == Code::NoSuchSession && targets.is_empty() => {
                cx.out.talk(format_args!("{id} was forgotten meanwhile"));
            }
            Err(failure) => return Err(failure),
        }
    }
    members.add(MANIFEST, &json(&manifest)?)?;
    let (to, bytes) = members.finish()?;
    cx.out.progress("");
    Ok((to, Written { manifest, bytes }))
}

/// The lives that are meant; that one is not there is told as of any verb.
fn lives(
    targets: &[Target],
    head: &CheckpointHead,
    cx: &mut Context,
) -> Result<Vec<SessionId>, Failure> {
    for target in targets {
        cx.ask(&Request::Info(target.clone()))?;
    }
    let meant = head.lives.iter().filter(|id| is_meant(targets, id));
    Ok(meant.cloned().collect())
}

fn session<W: Write>(
    id: &SessionId,
    members: &mut Members<W>,
    cx: &mut Context,
) -> Result<SessionEntry, Failure> {
    let request = Request::Checkpoint(CheckpointRequest::Session(exactly(id)));
    let copy: SessionCopy = match cx.ask(&request)? {
        Response::SessionCopy(copy) => *copy,
        other => return unexpected(&other),
    };
    let dir = format!("sessions/{id}");
    let mut entry = SessionEntry {
        id: id.to_string(),
        state: copy.state,
        from: copy.from,
        offset: copy.end,
        gaps: Vec::new(),
        members: Vec::new(),
    };
    let about = json(&CopyEntry::of(&copy))?;
    let screen = copy.screen.as_ref();
    let screen = screen.map(|(offset, bytes)| (format!("screen.{offset:020}"), &bytes[..]));
    let files = [
        (COPY.to_owned(), &about[..]),
        ("spec.json".to_owned(), &copy.spec[..]),
        ("life.json".to_owned(), &copy.life[..]),
        ("events.jsonl".to_owned(), &copy.events[..]),
    ];
    for (name, bytes) in files.into_iter().chain(screen) {
        let member = members.add(&format!("{dir}/{name}"), bytes)?;
        entry.members.push(member);
    }
    let copied = journal::copy(&copy, &dir, members, cx).map_err(|failure| match failure.code {
        // A part of it is in there by now.
        Code::NoSuchSession => Failure::new(
            Code::Gone,
            format!("{id} was forgotten while it was copied"),
        )
        .hint("`psup checkpoint` again"),
        _ => failure,
    })?;
    entry.gaps = copied.gaps;
    entry.members.extend(copied.members);
    Ok(entry)
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    let mut bytes = serde_json::to_vec_pretty(value)
        .map_err(|error| Failure::new(Code::Internal, error.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}
