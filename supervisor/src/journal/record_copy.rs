//! A copy of a life's record in its ring's file, behind the header, for the case that the state
//! directory goes.
//!
//! What is in it is not this module's business. It begins in the header's own page, so that a short
//! one needs no memory of its own, and may reach up to the data. A copy that was cut off by a kill
//! is none: the hash tells.

use super::header::{Header, PAGE, hash};
use super::map::DATA_AT;
use nix::sys::uio::{pread, pwrite};
use std::io;
use std::os::fd::BorrowedFd;

/// Where it begins; fields may still be added to the header before that.
const AT: usize = 2560;
/// A length and a hash come first.
const HEAD: usize = 16;
const MOST: usize = DATA_AT - AT - HEAD;

const _: () = assert!(std::mem::size_of::<Header>() <= AT && AT + HEAD < PAGE);

/// Stores a copy in the place of the last one.
pub fn put(ring: BorrowedFd<'_>, record: &[u8]) -> io::Result<()> {
    if record.len() > MOST {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "a record has no room in its ring",
        ));
    }
    let mut bytes = Vec::with_capacity(HEAD + record.len());
    bytes.extend_from_slice(&(record.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&hash(record).to_le_bytes());
    bytes.extend_from_slice(record);
    let written = pwrite(ring, &bytes, AT as libc::off_t)?;
    if written == bytes.len() {
        Ok(())
    } else {
        Err(io::ErrorKind::StorageFull.into())
    }
}

/// The copy, if there is a whole one.
pub fn get(ring: BorrowedFd<'_>) -> Option<Vec<u8>> {
    let mut head = [0; HEAD];
    read(ring, &mut head, AT)?;
    let (length, wanted) = head.split_at(HEAD / 2);
    let length = u64::from_le_bytes(length.try_into().ok()?) as usize;
    if length == 0 || length > MOST {
        return None;
    }
    let mut record = vec![0; length];
    read(ring, &mut record, AT + HEAD)?;
    (hash(&record).to_le_bytes() == wanted).then_some(record)
}

fn read(ring: BorrowedFd<'_>, bytes: &mut [u8], at: usize) -> Option<()> {
    (pread(ring, bytes, at as libc::off_t).ok()? == bytes.len()).then_some(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileExt;

    #[test]
    fn a_copy_is_whole_or_none() {
        let ring = tempfile::tempfile().unwrap();
        ring.set_len((DATA_AT + PAGE) as u64).unwrap();
        assert_eq!(get(ring.as_fd()), None);
        for record in [vec![b'x'; 10_000], b"short".to_vec(), vec![b'y'; MOST]] {
            put(ring.as_fd(), &record).unwrap();
            assert_eq!(get(ring.as_fd()), Some(record));
        }
        assert!(put(ring.as_fd(), &vec![0; MOST + 1]).is_err());
        put(ring.as_fd(), b"cut off").unwrap();
        ring.write_all_at(b"X", (AT + HEAD + 3) as u64).unwrap();
        assert_eq!(get(ring.as_fd()), None);
    }
}
