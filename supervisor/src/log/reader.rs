//! Reading the log from its first line that is kept, over the moment at which it is turned over.

use super::older;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

pub struct LogReader {
    path: PathBuf,
    /// What is being read. It is read to its end, whatever it is called by now.
    file: Option<File>,
}

impl LogReader {
    pub fn open(path: PathBuf) -> Self {
        let file = File::open(older(&path)).ok();
        Self { path, file }
    }

    /// What has been written since the last call.
    pub fn more(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        loop {
            if let Some(file) = &mut self.file {
                // What cannot be read now is read by the next call.
                let _ = file.read_to_end(&mut text);
            }
            let Some(next) = self.next() else {
                return text;
            };
            self.file = Some(next);
        }
    }

    /// The file that comes after the one that was read to its end.
    fn next(&self) -> Option<File> {
        let next = File::open(&self.path).ok()?;
        let number = |file: &File| file.metadata().map(|meta| (meta.dev(), meta.ino())).ok();
        let present = self.file.as_ref().and_then(number);
        if present == number(&next) {
            return None;
        }
        // Between two looks it may have been turned over: what became the older one comes first.
        let older = File::open(older(&self.path)).ok();
        let is_between = |file: &File| present.is_some() && number(file) != present;
        match older.filter(is_between) {
            Some(older) if number(&older) != number(&next) => Some(older),
            _ => Some(next),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;
    use std::io::Write;

    #[test]
    fn no_line_is_lost_or_told_twice_when_the_log_is_turned_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("supervisor.log");
        let write = |text: &str| {
            let mut options = fs::OpenOptions::new();
            let mut file = options.append(true).create(true).open(&path).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        };
        let turn_over = || fs::rename(&path, older(&path)).unwrap();
        write("a\n");
        turn_over();
        let mut reader = LogReader::open(path.clone());
        assert_eq!(reader.more(), b"a\n");
        write("b\n");
        assert_eq!(reader.more(), b"b\n");
        write("c\n");
        turn_over();
        write("d\n");
        assert_eq!(reader.more(), b"c\nd\n");
        assert_eq!(reader.more(), b"");
        // Twice between two looks: the first of both is still open, the second has the other name.
        write("e\n");
        turn_over();
        write("f\n");
        turn_over();
        write("g\n");
        assert_eq!(reader.more(), b"e\nf\ng\n");
        assert_eq!(LogReader::open(path).more(), b"f\ng\n");
    }
}
