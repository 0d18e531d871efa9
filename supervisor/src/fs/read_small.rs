//! Reading small files whole, with as few system calls as it takes: a worker that takes over reads
//! three for each session.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Larger than nearly all of them.
const PIECE: usize = 8 << 10;

/// What a file holds, up to a little more than `most` bytes of it. A regular file gives less than
/// was asked for at its end only, so nobody has to ask how long it is, nor whether that was all.
pub fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    let mut piece = [0; PIECE];
    while bytes.len() < most {
        let count = match file.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        bytes.extend_from_slice(&piece[..count]);
        if count < PIECE {
            break;
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn files_of_every_length_are_read_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let bytes: Vec<u8> = (0..length).map(|n| n as u8).collect();
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(read(&path, usize::MAX).unwrap(), bytes);
        }
        assert_eq!(read(&path, 1).unwrap().len(), PIECE);
        assert!(read(&dir.path().join("none"), 1).is_err());
    }
}
