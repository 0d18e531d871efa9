//! Version 1 of the protocol, for clients and supervisors of released builds.
//!
//! Version 2 differs from it in one way: types have gained fields. A field is added at the end of a
//! struct, with `#[serde(default)]`, and the struct gets a line in [`FIELDS`] that says how many
//! fields it has in version 1. In version 1 what comes after those is not written, and is its
//! default when read. Variants at the end of an enum need nothing: a side that does not know one
//! refuses that frame. A variant with named fields never gains one: it has no line here.

mod reader;
mod writer;

use crate::capture::Capture;
use crate::{Code, Failure, Request};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// Structs that have gained fields since version 1, with the number of fields they have in it.
const FIELDS: &[(&str, usize)] = &[
    ("Status", 17),
    ("Info", 22),
    ("Send", 4),
    ("Spec", 13),
    ("Process", 2),
    ("Happened", 5),
    ("Exit", 2),
    ("Spawned", 6),
];

/// A request in the words of version 1, which asks some questions in disguise.
pub(crate) fn request(request: &Request) -> Cow<'_, Request> {
    match request {
        Request::Alive(target) => Cow::Owned(Request::Signal {
            target: target.clone(),
            signal: 0,
        }),
        Request::ScreenFacts(target) => Cow::Owned(Request::Capture {
            target: target.clone(),
            capture: Capture::NOTHING,
        }),
        Request::CaptureRows { target, capture } => Cow::Owned(Request::Capture {
            target: target.clone(),
            capture: capture.clone(),
        }),
        other => Cow::Borrowed(other),
    }
}

/// Why a supervisor of version 1 cannot be asked this: it would leave out what it does not know.
pub(crate) fn refusal(request: &Request) -> Option<Failure> {
    let Request::Spawn(spawn) = request else {
        return None;
    };
    let spec = &spawn.spec;
    let unknown = [
        ("resource limits", !spec.resources.is_empty()),
        ("restart limit", spec.restart_limit.is_some()),
        ("owner", spec.owner.is_some()),
    ];
    let (what, _) = unknown.into_iter().find(|(_, is_asked)| *is_asked)?;
    let message = format!("the supervisor is of an older build, which knows no {what}");
    Some(
        Failure::new(Code::VersionMismatch, message)
            .hint("`psup upgrade` replaces it, and its sessions go on"),
    )
}

/// How many of its fields a struct has in version 1.
fn fields(name: &str, now: usize) -> usize {
    let known = FIELDS.iter().find(|(known, _)| *known == name);
    known.map_or(now, |(_, fields)| *fields)
}

/// A value that is written as in version 1.
pub(crate) struct Written<'a, T: ?Sized>(pub &'a T);

impl<T: Serialize + ?Sized> Serialize for Written<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(writer::Writer(to))
    }
}

/// A value that is read as in version 1.
pub(crate) struct Parsed<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(reader::Reader(from)).map(Parsed)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::status::Status;
    use crate::{hello::NEWEST, wire};
    use std::time::Duration;

    fn status() -> Status {
        Status {
            version: "1".into(),
            build: "b".into(),
            protocol: NEWEST,
            guardian_pid: 1,
            worker_pid: 2,
            uptime: Duration::from_secs(3),
            worker_epoch: 4,
            guardian_epoch: 5,
            sessions_live: 6,
            sessions_kept: 7,
            connections: 8,
            memory_bytes: 9,
            run_dir: b"/run".to_vec(),
            state_dir: b"/state".to_vec(),
            safe_mode: false,
            rung: "double-fork".into(),
            survival: Vec::new(),
            stops_by: Some("cgroup".into()),
            worker_uptime: None,
            kept: None,
        }
    }

    /// Two in a row, so that a field too many or too few would be seen in the second.
    #[test]
    fn a_field_that_version_1_lacks_is_neither_written_nor_read() {
        let config = bincode::config::standard();
        let both = [status(), status()];
        let old = bincode::serde::encode_to_vec(Written(&both), config).unwrap();
        let new = bincode::serde::encode_to_vec(&both, config).unwrap();
        assert_eq!(new.len() - old.len(), 2 * "\x01\x06cgroup\x00\x00".len());

        let read: [Status; 2] = wire::parse(1, &old).unwrap();
        let without = Status {
            stops_by: None,
            ..status()
        };
        assert_eq!(read, [without.clone(), without]);
        assert_eq!(wire::parse::<[Status; 2]>(NEWEST, &new).unwrap(), both);
    }
}
