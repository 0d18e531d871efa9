//! What goes from one image of the supervisor to the next through an exec: the facts, and which
//! descriptor is what.
//!
//! Descriptors travel by inheritance, never in messages, so no limit of descriptors in flight can
//! lose one. Five have fixed numbers and stay open for life, so that nothing else ever gets those
//! numbers:
//!
//! | number | what |
//! |---|---|
//! | 3 | the control socket of the worker |
//! | 4 | the table, a nameless file with one JSON object |
//! | 5 | the lifetime lock: free only when guardian and worker are both gone |
//! | 6 | the program, held open: a binary deleted or replaced on disk still restarts |
//! | 7 | the listener |
//!
//! All others are named in the table: `ready`, `control`, `next`, `previous`, `after`, `pty:<key>`,
//! `ring:<key>`, `pidfd:<key>`, `ledger`, and `listener` when it comes from a service manager.
//! Readers ignore fields they do not know and default those they miss: the other image may be older
//! or newer.

use super::names::Identity;
use crate::platform::descriptors;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

pub const CONTROL: RawFd = 3;
pub const TABLE: RawFd = 4;
pub const ALIVE: RawFd = 5;
pub const PROGRAM: RawFd = 6;
pub const LISTENER: RawFd = 7;
/// The first number that is free for anything.
pub const FREE: RawFd = 8;

/// A table is about 60 bytes a descriptor: three for each of 4096 sessions fit in 1 MiB, and 8 is
/// no harm.
const LARGEST: u64 = 8 << 20;

/// What every image of one supervisor knows of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    pub profile: String,
    /// `--dir`, absolute.
    #[serde(with = "bytes::option")]
    pub dir: Option<PathBuf>,
    #[serde(with = "bytes")]
    pub run: PathBuf,
    #[serde(with = "bytes")]
    pub state: PathBuf,
    /// New at every cold start: a client that meets another nonce knows that its sessions are gone.
    pub nonce: u128,
    /// Workers this supervisor has had; the first is 1.
    pub worker_epoch: u64,
    /// Times a worker became the guardian, or the guardian a newer build.
    pub guardian_epoch: u64,
    pub guardian_pid: i32,
    /// The rung of the start ladder that was reached, by the word `status` shows.
    pub rung: String,
    /// Rungs that were tried first, and why they did not hold.
    pub refused: Vec<String>,
    /// The service manager's name for us, where there is one.
    pub unit: Option<String>,
    /// Where that listens to its services, if it keeps descriptors for them.
    #[serde(with = "bytes::option")]
    pub notify: Option<PathBuf>,
    pub started_ms: u64,
    /// The worker is to do without screens, because its predecessors died too often.
    pub safe_mode: bool,
    /// The last worker broke down by itself.
    pub crashed: bool,
    /// No worker of this supervisor was ready before: sessions the state directory calls running
    /// are lost.
    pub cold: bool,
    /// The soft limit of open files before it was raised; children get it back.
    pub open_files: u64,
    /// The socket as last published.
    pub socket: Option<Identity>,
    /// The last upgrade, for anyone who asks how it went.
    pub upgrade: Option<Upgrade>,
}

/// One build in the place of another, or the attempt.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Upgrade {
    /// Made by the client that asked for it.
    pub id: u128,
    /// The build before it.
    pub from: String,
    /// Why it was taken back.
    pub error: Option<String>,
}

/// The facts, the named descriptors, and the worker that still lives (when the guardian was
/// upgraded in place).
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Table {
    pub facts: Facts,
    pub fds: Vec<(String, RawFd)>,
    pub worker: Option<i32>,
    /// The worker that was started already to take over from the process that wrote this; its
    /// control socket is `next`.
    pub next: Option<i32>,
}

impl Table {
    pub fn write(&self) -> io::Result<File> {
        let mut file = descriptors::nameless()?;
        file.write_all(&serde_json::to_vec(self)?)?;
        Ok(file)
    }

    /// Names descriptors for the next image.
    pub fn name<'a>(
        facts: &Facts,
        fds: impl Iterator<Item = (&'a str, &'a OwnedFd)>,
        worker: Option<i32>,
    ) -> Self {
        Self {
            facts: facts.clone(),
            fds: fds
                .map(|(name, fd)| (name.to_owned(), fd.as_raw_fd()))
                .collect(),
            worker,
            next: None,
        }
    }
}

/// Reads the table this process was started with. The descriptor stays open to keep its number.
pub fn read() -> io::Result<Table> {
    // SAFETY: the number is reserved for the table; ManuallyDrop leaves it open.
    let file = std::mem::ManuallyDrop::new(unsafe { File::from_raw_fd(TABLE) });
    let length = file.metadata()?.len();
    if length > LARGEST {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the table of descriptors is too large",
        ));
    }
    let mut bytes = vec![0; length as usize];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(serde_json::from_slice(&bytes)?)
}

/// Another descriptor of what has the fixed `number`.
pub fn copy(number: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: the fixed numbers are open for life.
    descriptors::above(unsafe { BorrowedFd::borrow_raw(number) }, FREE)
}

/// Gives the fixed `number` to another thing; a copy of it, as before closed by exec.
pub fn put(fd: &OwnedFd, number: RawFd) -> io::Result<()> {
    descriptors::place(fd.as_raw_fd(), number)?;
    descriptors::set_inherited(number, false)
}

/// Takes every named descriptor as its own, closed by the next exec.
pub fn take_descriptors(table: &mut Table) -> Vec<(String, OwnedFd)> {
    for number in CONTROL..FREE {
        // One that is not open stays so; nothing is lost by that here.
        let _ = descriptors::set_inherited(number, false);
    }
    let taken = std::mem::take(&mut table.fds)
        .into_iter()
        .filter_map(|(name, number)| {
            descriptors::set_inherited(number, false).ok()?;
            // SAFETY: the image before us put exactly its own descriptors into the table, and the
            // table is read once.
            Some((name, unsafe { OwnedFd::from_raw_fd(number) }))
        });
    taken.collect()
}

/// Paths as bytes, because a path need not be UTF-8.
mod bytes {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::ffi::OsString;
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    use std::path::{Path, PathBuf};

    pub(super) fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        path.as_os_str().as_bytes().serialize(to)
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<PathBuf, D::Error> {
        Ok(OsString::from_vec(Vec::deserialize(from)?).into())
    }

    pub(super) mod option {
        use super::{
            Deserialize, Deserializer, OsStrExt, OsString, OsStringExt, PathBuf, Serialize,
            Serializer,
        };

        #[allow(clippy::ref_option)] // the signature is serde's
        pub(crate) fn serialize<S: Serializer>(
            path: &Option<PathBuf>,
            to: S,
        ) -> Result<S::Ok, S::Error> {
            path.as_ref()
                .map(|p| p.as_os_str().as_bytes())
                .serialize(to)
        }

        pub(crate) fn deserialize<'a, D: Deserializer<'a>>(
            from: D,
        ) -> Result<Option<PathBuf>, D::Error> {
            Ok(Option::<Vec<u8>>::deserialize(from)?.map(|b| OsString::from_vec(b).into()))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn facts_read_back_and_strangers_are_ignored() {
        let facts = Facts {
            run: PathBuf::from("/r"),
            nonce: u128::MAX - 1,
            dir: Some("/d".into()),
            ..Facts::default()
        };
        let table = Table {
            facts,
            ..Table::default()
        };
        let text = serde_json::to_string(&table).unwrap();
        let other = text.replacen("\"rung\":\"\",", "\"new\":1,", 1);
        assert_ne!(text, other);
        let back: Table = serde_json::from_str(&other).unwrap();
        assert_eq!(back.facts.nonce, u128::MAX - 1);
        assert_eq!(back.facts.dir.as_deref(), Some("/d".as_ref()));
        assert_eq!(back.facts.rung, "");
    }
}
