//! Members of the tar, as they are written: each with its SHA-256, and one of everything.

use super::MemberEntry;
use psup_proto::Failure;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{self, Write};

/// Writes members and remembers what they were.
pub(crate) struct Members<W: Write> {
    tar: tar::Builder<Hashing<W>>,
    made_s: u64,
}

/// Passes bytes on and knows the hash of all of them.
struct Hashing<W> {
    to: W,
    hash: Sha256,
    count: u64,
}

impl<W: Write> Members<W> {
    pub(crate) fn new(to: W, made_ms: u64) -> Self {
        let to = Hashing {
            to,
            hash: Sha256::new(),
            count: 0,
        };
        Self {
            tar: tar::Builder::new(to),
            made_s: made_ms / 1000,
        }
    }

    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) -> Result<MemberEntry, Failure> {
        let mut header = header(bytes.len() as u64, self.made_s);
        self.tar
            .append_data(&mut header, name, bytes)
            .map_err(cannot)?;
        Ok(MemberEntry {
            name: name.to_owned(),
            bytes: bytes.len() as u64,
            sha256: hex(&Sha256::digest(bytes)),
        })
    }

    pub(crate) fn count(&self) -> u64 {
        self.tar.get_ref().count
    }

    /// The hash of everything so far is the last member.
    pub(crate) fn finish(mut self) -> Result<(W, u64), Failure> {
        let sum = hex(&self.tar.get_ref().hash.clone().finalize());
        self.add(super::DIGEST, format!("{sum}\n").as_bytes())?;
        let mut hashing = self.tar.into_inner().map_err(cannot)?;
        hashing.to.flush().map_err(cannot)?;
        Ok((hashing.to, hashing.count))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.count += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Of a member, but for its name and its checksum.
pub(super) fn header(bytes: u64, made_s: u64) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(made_s);
    header.set_entry_type(tar::EntryType::Regular);
    header
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // A string takes everything.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn cannot(error: io::Error) -> Failure {
    Failure::system("cannot write the checkpoint", error)
}
