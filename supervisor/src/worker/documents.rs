//! Documents: bytes that clients share under a key, kept whole and replaced whole.
//!
//! Anyone who groups sessions into something larger (windows, workspaces) keeps here what it has to
//! remember, so that it survives whatever the sessions survive. The supervisor never looks inside.
//! A replacement names the version it was made from, so that of two at once one is refused and
//! makes its change again.
//!
//! ```text
//! <state>/documents/<key>    the version in 8 bytes, then the bytes; only the version where a document was dropped
//! ```

use psup_proto::{Code, Failure, Name, limits};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use tokio::sync::Notify;

pub struct Documents {
    dir: PathBuf,
    kept: RefCell<HashMap<Name, Document>>,
    news: Notify,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// 0: there never was one.
    pub version: u64,
    pub value: Option<Vec<u8>>,
}

impl Documents {
    pub fn open(state: &Path) -> Self {
        Self {
            dir: state.join("documents"),
            kept: RefCell::default(),
            news: Notify::new(),
        }
    }

    pub fn get(&self, key: &Name) -> Document {
        let mut kept = self.kept.borrow_mut();
        kept.entry(key.clone())
            .or_insert_with(|| read(&self.path(key)))
            .clone()
    }

    /// Replaces the document if it has this version; gives what is kept then.
    pub fn keep(
        &self,
        key: &Name,
        version: u64,
        value: Option<Vec<u8>>,
    ) -> Result<Document, Failure> {
        if value
            .as_ref()
            .is_some_and(|value| value.len() > limits::DOCUMENT)
        {
            let message = format!("a document has at most {} bytes", limits::DOCUMENT);
            return Err(Failure::new(Code::Limit, message));
        }
        let present = self.get(key);
        if present.version != version {
            return Ok(present);
        }
        if version == 0
            && self
                .kept
                .borrow()
                .values()
                .filter(|d| d.value.is_some())
                .count()
                >= limits::DOCUMENTS
        {
            return Err(Failure::new(
                Code::Limit,
                format!("{} documents are kept already", limits::DOCUMENTS),
            ));
        }
        let next = Document {
            version: version + 1,
            value,
        };
        self.write(key, &next)
            .map_err(|e| Failure::system("cannot keep a document", e))?;
        self.kept.borrow_mut().insert(key.clone(), next.clone());
        self.news.notify_waiters();
        Ok(next)
    }

    /// Waits until the document has a version later than this one.
    pub async fn beyond(&self, key: &Name, version: u64) {
        loop {
            let mut news = std::pin::pin!(self.news.notified());
            // Enlisted before the look, so that nothing slips in between.
            news.as_mut().enable();
            if self.get(key).version > version {
                return;
            }
            news.await;
        }
    }

    /// The files are gone with their directory: what is remembered is written again.
    pub fn write_again(&self) -> io::Result<()> {
        let kept = self.kept.borrow();
        kept.iter()
            .filter(|(_, document)| document.version > 0)
            .try_for_each(|(key, document)| self.write(key, document))
    }

    fn write(&self, key: &Name, document: &Document) -> io::Result<()> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.dir)?;
        let temporary = self.dir.join(".new");
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&temporary)?;
        file.write_all(&document.version.to_le_bytes())?;
        if let Some(value) = &document.value {
            file.write_all(value)?;
        }
        fs::rename(&temporary, self.path(key))
    }

    fn path(&self, key: &Name) -> PathBuf {
        self.dir.join(key.as_str())
    }
}

fn read(path: &Path) -> Document {
    let bytes = fs::read(path).unwrap_or_default();
    match bytes.split_first_chunk() {
        Some((version, value)) => Document {
            version: u64::from_le_bytes(*version),
            value: (!value.is_empty()).then(|| value.to_vec()),
        },
        None => Document::default(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn of_two_changes_of_one_version_the_second_is_refused_and_a_later_worker_reads_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let key: Name = "a".parse().unwrap();
        let documents = Documents::open(dir.path());
        assert_eq!(documents.get(&key), Document::default());
        let first = documents.keep(&key, 0, Some(b"one".to_vec())).unwrap();
        assert_eq!(
            (first.version, first.value.as_deref()),
            (1, Some(&b"one"[..]))
        );
        assert_eq!(
            documents.keep(&key, 0, Some(b"two".to_vec())).unwrap(),
            first
        );
        assert_eq!(Documents::open(dir.path()).get(&key), first);
        documents.keep(&key, 1, None).unwrap();
        let gone = Documents::open(dir.path()).get(&key);
        assert_eq!((gone.version, gone.value), (2, None));
    }
}
