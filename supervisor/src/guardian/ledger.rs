//! What lies in the service manager's descriptor store, by name, and the facts of the supervisor
//! that put it there: a nameless file that lies in the store itself.
//!
//! ```text
//! start  8 bytes    where the content begins
//! …                 given back to the system
//! content           one line for each change: +NAME, -NAME, or the facts as JSON
//! ```
//! Lines are only appended, and begin with their newline: one that was cut short spoils no other.
//! A file that has grown is begun again behind its end, and the new beginning is told in one write.

use crate::handover::fd_table::Facts;
use crate::platform::{descriptors, memory};
use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;

const START: u64 = 8;
/// Content that is not worth beginning again.
const SMALL: u64 = 256 << 10;
/// More than 4096 sessions and their changes take.
const LARGEST: u64 = 64 << 20;

pub(crate) struct Ledger {
    file: File,
    /// The length at which the content is begun again.
    limit: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) facts: Option<Facts>,
    pub(crate) names: HashSet<String>,
}

impl Ledger {
    pub(crate) fn create() -> io::Result<(Self, OwnedFd)> {
        let file = descriptors::nameless()?;
        file.write_all_at(&START.to_le_bytes(), 0)?;
        let fd = file.try_clone()?.into();
        Ok((Self { file, limit: SMALL }, fd))
    }

    pub(crate) fn over(fd: OwnedFd) -> Self {
        Self {
            file: fd.into(),
            limit: SMALL,
        }
    }

    pub(crate) fn read(&self) -> io::Result<Content> {
        let (start, end) = (self.start()?, self.file.metadata()?.len());
        let length = end.saturating_sub(start);
        if length > LARGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = vec![0; length as usize];
        self.file.read_exact_at(&mut bytes, start)?;
        let mut content = Content::default();
        for line in String::from_utf8_lossy(&bytes).lines() {
            if let Some(name) = line.strip_prefix('+') {
                content.names.insert(name.to_owned());
            } else if let Some(name) = line.strip_prefix('-') {
                content.names.remove(name);
            } else if let Ok(facts) = serde_json::from_str(line) {
                content.facts = Some(facts);
            }
        }
        Ok(content)
    }

    pub(crate) fn added(&mut self, name: &str) -> io::Result<()> {
        self.append(&format!("\n+{name}"))
    }

    pub(crate) fn removed(&mut self, name: &str) -> io::Result<()> {
        self.append(&format!("\n-{name}"))
    }

    pub(crate) fn note(&mut self, facts: &Facts) -> io::Result<()> {
        self.append(&format!("\n{}", serde_json::to_string(facts)?))
    }

    fn append(&mut self, lines: &str) -> io::Result<()> {
        let end = self.file.metadata()?.len().max(START);
        self.file.write_all_at(lines.as_bytes(), end)?;
        let length = end + lines.len() as u64 - self.start()?;
        if length > self.limit {
            self.begin_again()?;
        }
        Ok(())
    }

    /// Writes what is true behind everything, and gives what was before it back.
    fn begin_again(&mut self) -> io::Result<()> {
        let content = self.read()?;
        let mut text = String::new();
        for name in &content.names {
            text.push_str("\n+");
            text.push_str(name);
        }
        if let Some(facts) = &content.facts {
            text.push('\n');
            text.push_str(&serde_json::to_string(facts)?);
        }
        let begin = self.file.metadata()?.len();
        self.file.write_all_at(text.as_bytes(), begin)?;
        self.file.write_all_at(&begin.to_le_bytes(), 0)?;
        self.limit = SMALL.max(4 * text.len() as u64);
        memory::give_back(self.file.as_fd(), START, begin - START);
        Ok(())
    }

    fn start(&self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.file.read_exact_at(&mut bytes, 0)?;
        Ok(u64::from_le_bytes(bytes).max(START))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn names(ledger: &Ledger) -> Vec<String> {
        let mut names: Vec<String> = ledger.read().unwrap().names.into_iter().collect();
        names.sort();
        names
    }

    #[test]
    fn what_was_noted_is_read_by_the_next_owner() {
        let (mut ledger, fd) = Ledger::create().unwrap();
        let facts = Facts {
            nonce: 7,
            ..Facts::default()
        };
        ledger.note(&facts).unwrap();
        ledger.added("pty:a").unwrap();
        ledger.added("pty:b").unwrap();
        ledger.removed("pty:a").unwrap();
        drop(ledger);
        let next = Ledger::over(fd);
        assert_eq!(names(&next), ["pty:b"]);
        assert_eq!(next.read().unwrap().facts.unwrap().nonce, 7);
    }

    #[test]
    fn a_line_that_was_cut_short_spoils_no_other() {
        let (mut ledger, _fd) = Ledger::create().unwrap();
        ledger.note(&Facts::default()).unwrap();
        ledger.append("\n{\"nonce\":9").unwrap();
        ledger.added("pty:a").unwrap();
        let content = ledger.read().unwrap();
        assert_eq!(content.facts.unwrap().nonce, 0);
        assert!(content.names.contains("pty:a"));
    }

    #[test]
    fn a_thousand_lives_that_come_and_go_leave_a_small_file_that_is_true() {
        use std::os::unix::fs::MetadataExt;
        let (mut ledger, _fd) = Ledger::create().unwrap();
        ledger.note(&Facts::default()).unwrap();
        ledger.added("pty:kept").unwrap();
        for n in 0..20_000 {
            ledger.added(&format!("pty:{n:032x}")).unwrap();
            ledger.removed(&format!("pty:{n:032x}")).unwrap();
        }
        assert_eq!(names(&ledger), ["pty:kept"]);
        assert!(ledger.read().unwrap().facts.is_some());
        let held = ledger.file.metadata().unwrap().blocks() * 512;
        assert!(held < 2 * SMALL, "{held} bytes");
    }
}
