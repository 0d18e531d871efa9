//! Reading a checkpoint to its last byte, and telling what is wrong with it.

use super::members::{header, hex};
use super::{DIGEST, FORMAT, HEAD, Head, MANIFEST, Manifest, VERSION};
use psup_proto::{Code, Failure};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::{self, ErrorKind, Read};

/// What a tar ends with, after the padding of its last member.
const END: usize = 2 * BLOCK;
const BLOCK: usize = 512;

/// What was found in a whole file, or as far as it went.
#[derive(Default)]
pub(crate) struct Checked {
    pub head: Option<Head>,
    pub manifest: Option<Manifest>,
    pub bytes: u64,
    /// None: every byte is as it was written.
    pub problems: Vec<String>,
}

/// Members that were read, by name.
type Seen = HashMap<String, (u64, String)>;

/// Reads everything, and gives each member of a session to `take` in the order of the file. Only
/// what a problem or `take` refuses is an error; what is wrong with the file is told.
pub(crate) fn read(
    from: impl Read,
    mut take: impl FnMut(&str, Vec<u8>) -> Result<(), Failure>,
) -> Result<Checked, Failure> {
    let mut archive = tar::Archive::new(Lagging::new(from));
    let mut checked = Checked::default();
    let mut seen = Seen::new();
    let mut is_over = false;
    let entries = archive.entries().map_err(|e| unreadable(&e))?;
    for entry in entries {
        let (name, bytes, last) = match entry.and_then(member) {
            Ok(member) => member,
            Err(error) if is_of_the_file(&error) => {
                checked.problems.push(broken(&error));
                break;
            }
            Err(error) => return Err(unreadable(&error)),
        };
        if checked.head.is_none() {
            checked.head = head(&name, &bytes)?;
            if checked.head.is_none() {
                break;
            }
        } else if name == MANIFEST {
            match serde_json::from_slice(&bytes) {
                Ok(manifest) => checked.manifest = Some(manifest),
                Err(error) => checked
                    .problems
                    .push(format!("{MANIFEST} is damaged: {error}")),
            }
        } else if name == DIGEST {
            is_over = true;
            checked.problems.extend(last_member(&bytes, &last));
            break;
        } else {
            let sum = hex(&Sha256::digest(&bytes));
            seen.insert(name.clone(), (bytes.len() as u64, sum));
            take(&name, bytes)?;
        }
    }
    let mut rest = archive.into_inner();
    if is_over {
        checked.problems.extend(end(&mut rest)?);
    }
    checked.bytes = rest.count;
    if checked.head.is_some() {
        complete(&mut checked, &seen, is_over);
    } else {
        let problem = "this is no checkpoint of psup, or its beginning is damaged";
        checked.problems = vec![problem.to_owned()];
    }
    Ok(checked)
}

/// A member: its name, its bytes, and what only the last one is asked for.
type Member = (String, Vec<u8>, LastMember);

struct LastMember {
    header: Vec<u8>,
    mtime: u64,
}

fn member<R: Read>(mut entry: tar::Entry<'_, R>) -> io::Result<Member> {
    let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    let last = LastMember {
        header: entry.header().as_bytes().to_vec(),
        mtime: entry.header().mtime()?,
    };
    let mut bytes = Vec::new();
    let size = entry.size();
    entry.read_to_end(&mut bytes)?;
    if bytes.len() as u64 != size {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok((name, bytes, last))
}

/// What the file says of itself; none where it is something else.
fn head(name: &str, bytes: &[u8]) -> Result<Option<Head>, Failure> {
    let head: Option<Head> = serde_json::from_slice(bytes).ok();
    let head = head.filter(|head| name == HEAD && head.format == FORMAT);
    match head {
        Some(head) if head.version > VERSION => {
            let message = format!("psup {} made this checkpoint, in a later format", head.psup);
            Err(Failure::new(Code::Unsupported, message).hint("a newer psup reads it"))
        }
        head => Ok(head),
    }
}

/// What is wrong with the member that has the hash of everything before it.
fn last_member(bytes: &[u8], last: &LastMember) -> Option<String> {
    let mut expected = header(bytes.len() as u64, last.mtime);
    let named = expected.set_path(DIGEST);
    expected.set_cksum();
    let is_same = named.is_ok() && expected.as_bytes()[..] == last.header[..];
    (!is_same || bytes.len() != 65).then(|| format!("the member {DIGEST} is damaged"))
}

/// What follows the last member.
fn end<R: Read>(rest: &mut Lagging<R>) -> Result<Option<String>, Failure> {
    let expected = rest.digest();
    let mut bytes = Vec::new();
    // More than this is wrong anyway.
    let most = (BLOCK + END) as u64 + 1;
    rest.by_ref()
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|e| unreadable(&e))?;
    Ok(expected.or_else(|| {
        let padding = BLOCK - 65;
        if bytes.len() < padding + END {
            Some("it is cut off at its very end".to_owned())
        } else if bytes.len() > padding + END || bytes.iter().any(|byte| *byte != 0) {
            Some("something else follows its end".to_owned())
        } else {
            None
        }
    }))
}

/// Whether everything that was written has been read; what is wrong with members comes first.
fn complete(checked: &mut Checked, seen: &Seen, is_over: bool) {
    let Some(manifest) = &checked.manifest else {
        if checked.problems.is_empty() {
            let problem = format!("it is cut off: there is no {MANIFEST}");
            checked.problems.push(problem);
        }
        return;
    };
    let mut problems = Vec::new();
    let mut listed = 0;
    for member in manifest.sessions.iter().flat_map(|one| &one.members) {
        listed += 1;
        match seen.get(&member.name) {
            None => problems.push(format!("{} is missing", member.name)),
            Some((bytes, sum)) if *bytes != member.bytes || *sum != member.sha256 => {
                problems.push(format!("{} is not what was written", member.name));
            }
            Some(_) => {}
        }
    }
    if listed < seen.len() {
        let more = seen.len() - listed;
        problems.push(format!("{more} members are not in {MANIFEST}"));
    }
    problems.append(&mut checked.problems);
    if !is_over && problems.is_empty() {
        problems.push(format!("it is cut off: there is no member {DIGEST}"));
    }
    checked.problems = problems;
}

/// Passes bytes on, and knows the hash of all but the last header and what came with it.
struct Lagging<R> {
    from: R,
    hash: Sha256,
    /// The newest bytes, not hashed yet.
    tail: Vec<u8>,
    count: u64,
}

/// The last header and the hash in it.
const TAIL: usize = BLOCK + 65;

impl<R: Read> Lagging<R> {
    fn new(from: R) -> Self {
        Self {
            from,
            hash: Sha256::new(),
            tail: Vec::new(),
            count: 0,
        }
    }

    /// Once the last member has been read: what is wrong with what came before it.
    fn digest(&self) -> Option<String> {
        let sum = format!("{}\n", hex(&self.hash.clone().finalize()));
        let told = self.tail.get(BLOCK..).unwrap_or_default();
        (told != sum.as_bytes()).then(|| {
            "its bytes are not those that were written: their SHA-256 is another one".to_owned()
        })
    }
}

impl<R: Read> Read for Lagging<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(bytes)?;
        self.count += count as u64;
        self.tail.extend_from_slice(&bytes[..count]);
        let old = self.tail.len().saturating_sub(TAIL);
        self.hash.update(&self.tail[..old]);
        self.tail.drain(..old);
        Ok(count)
    }
}

/// Whether it says something about what is in the file, not about the disk.
fn is_of_the_file(error: &io::Error) -> bool {
    error.raw_os_error().is_none()
}

fn broken(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::UnexpectedEof => "it is cut off".to_owned(),
        _ => format!("it is damaged: {error}"),
    }
}

fn unreadable(error: &io::Error) -> Failure {
    Failure::new(Code::System, format!("cannot read the checkpoint: {error}"))
}
