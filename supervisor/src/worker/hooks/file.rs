//! The file of the book: a line for each change, written before anything rests on it.
//!
//! ```text
//! <state>/hooks.jsonl    entries in their order; written again as a whole when most of it is past
//! ```
//!
//! A line that was cut off by a kill, or that only a later build knows, is passed over.

use super::book::Book;
use super::entry::Entry;
use crate::log::{Level, log};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Below this size the file is not written again.
const LEAST: u64 = 256 << 10;

pub(crate) struct BookFile {
    path: PathBuf,
    file: Option<File>,
    size: u64,
    /// Its size when it was last written as a whole.
    whole: u64,
    /// The disk has refused, which was logged.
    refused: bool,
}

impl BookFile {
    /// What earlier workers have written.
    pub(crate) fn open(state: &Path) -> (Self, Book) {
        let path = state.join("hooks.jsonl");
        let text = fs::read(&path).unwrap_or_default();
        let mut book = Book::default();
        for line in text.split(|byte| *byte == b'\n') {
            match serde_json::from_slice::<Entry>(line) {
                Ok(entry) => book.apply(entry),
                Err(error) if !line.is_empty() => {
                    log(
                        Level::Warn,
                        "a line about hooks cannot be read",
                        &[("error", &error)],
                    );
                }
                Err(_) => {}
            }
        }
        let size = text.len() as u64;
        let this = Self {
            path,
            file: None,
            size,
            whole: size / 2,
            refused: false,
        };
        (this, book)
    }

    /// Appends the line of an entry; the book has it already.
    pub(crate) fn append(&mut self, line: &[u8], book: &Book) {
        let written = if self.size > LEAST && self.size > 2 * self.whole {
            self.write(book)
        } else {
            self.put(line)
        };
        self.told(written);
    }

    /// The file is gone with its directory.
    pub(crate) fn write_again(&mut self, book: &Book) {
        if book.count() > 0 {
            let written = self.write(book);
            self.told(written);
        }
    }

    fn put(&mut self, line: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(append(&self.path)?),
        };
        self.size += line.len() as u64;
        file.write_all(line)
    }

    fn write(&mut self, book: &Book) -> io::Result<()> {
        let mut text = Vec::new();
        for entry in book.entries() {
            serde_json::to_writer(&mut text, &entry)?;
            text.push(b'\n');
        }
        let temporary = self.path.with_extension("new");
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&temporary)?;
        file.write_all(&text)?;
        fs::rename(&temporary, &self.path)?;
        self.file = Some(append(&self.path)?);
        self.size = text.len() as u64;
        self.whole = self.size;
        Ok(())
    }

    /// Deliveries go on without the file; only a kill would forget them.
    fn told(&mut self, written: io::Result<()>) {
        match written {
            Ok(()) => self.refused = false,
            Err(error) => {
                if !self.refused {
                    log(
                        Level::Warn,
                        "cannot write down what hooks have to deliver",
                        &[("error", &error)],
                    );
                }
                self.refused = true;
                self.file = None;
            }
        }
    }
}

/// The first end of a line closes one that was cut off.
pub(crate) fn line(entry: &Entry) -> Vec<u8> {
    let json = serde_json::to_vec(entry).unwrap_or_default();
    [b"\n", json.as_slice(), b"\n"].concat()
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
}
