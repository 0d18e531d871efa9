//! `psup checkpoint`.

use super::Run;
use crate::checkpoint::file::NewFile;
use crate::checkpoint::reader::{self, Checked};
use crate::checkpoint::writer::{self, Written};
use crate::checkpoint::{rotation, sessions, size};
use crate::context::{Context, Done, unexpected};
use crate::human;
use crate::items::Items;
use crate::wanted::Wanted;
use psup_link::caller;
use psup_proto::checkpoint::{CheckpointMade, CheckpointRequest};
use psup_proto::{Code, Failure, Request, Response, Target};
use schemars::JsonSchema;
use serde::Serialize;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Copy sessions and all their output into one file
///
/// Nothing is stopped: each session is copied up to the offset that its output has
/// reached, and the file records that offset. Names select sessions with all their
/// lives, or single lives such as web#3; without names every session is copied,
/// running or ended.
///
/// The file is a tar with a manifest and mode 0600, for it contains commands,
/// environments and output. An existing file is never overwritten, and a new one
/// appears only once it is complete. - writes to stdout. With --on TARGET the
/// sessions of that target are copied to a file here.
///
/// Documents (the windows of psup tmux) and the supervisor's log are not included.
/// psup restore turns a checkpoint back into ended sessions; psup service install
/// --checkpoint daily makes one every day.
///
/// --verify reads FILE and reports everything that differs from what was written;
/// the exit code is 1 if something does.
///
/// Example:
///   psup checkpoint all.tar
///   psup checkpoint - web db#2 > some.tar
///   psup checkpoint --into /backup --keep 7
///   psup checkpoint --verify all.tar
///   psup --on box checkpoint box.tar
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Checkpoint {
    /// The file to write, or - for stdout
    #[arg(value_name = "FILE", required_unless_present = "into")]
    file: Option<PathBuf>,
    /// Names with all their lives, or single lives such as web#3
    #[arg(value_name = "NAME", conflicts_with = "verify")]
    targets: Vec<Target>,
    /// Check this file, or stdin if it is -
    #[arg(long)]
    verify: bool,
    /// Write all sessions to a new file in this directory, named after the profile and the time
    #[arg(long, value_name = "DIR", conflicts_with_all = ["file", "targets", "verify"])]
    into: Option<PathBuf>,
    /// With --into: keep this many files of this profile and remove older ones
    #[arg(long, value_name = "COUNT", requires = "into", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Checkpoint")]
struct Json<'a> {
    file: &'a str,
    sessions: usize,
    bytes: u64,
    made_ms: u64,
    offsets: Vec<JsonOffset<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CheckpointOffset")]
struct JsonOffset<'a> {
    id: &'a str,
    from: u64,
    offset: u64,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CheckpointVerdict")]
struct JsonVerdict<'a> {
    file: &'a str,
    ok: bool,
    problems: &'a [String],
    sessions: Option<usize>,
    bytes: u64,
    made_ms: Option<u64>,
    psup: Option<&'a str>,
    profile: Option<&'a str>,
    whole: Option<bool>,
}

impl Run for Checkpoint {
    const ITEMS: Items = Items::one::<(Json<'static>, JsonVerdict<'static>)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        match (self.file, self.into) {
            (Some(file), _) if self.verify => verify(&file, cx),
            (Some(file), _) if file.as_os_str() == "-" => to_stdout(&self.targets, cx),
            (Some(file), _) => to_file(&caller::absolute(&file)?, &self.targets, cx),
            (None, Some(dir)) => {
                let dir = caller::absolute(&dir)?;
                let profile = cx.way().1.profile;
                let file = rotation::new_file(&dir, &profile)?;
                let done = to_file(&file, &[], cx)?;
                if let Some(keep) = self.keep {
                    rotation::remove_older(&dir, &profile, keep as usize)?;
                }
                Ok(done)
            }
            (None, None) => Err(Failure::new(Code::Usage, "a checkpoint needs a file")
                .hint("`psup checkpoint FILE`")),
        }
    }
}

fn to_file(path: &Path, targets: &[Target], cx: &mut Context) -> Result<Done, Failure> {
    is_outside(path, cx)?;
    let new = NewFile::beside(path)?;
    let (_, written) = writer::write(targets, BufWriter::new(new.file()), cx)?;
    new.publish()?;
    made(path, &written, cx)?;
    let shown = path.display().to_string();
    let count = written.manifest.sessions.len();
    if cx.out.json {
        cx.out.object(&json(&shown, &written))?;
    } else {
        let bytes = size(written.bytes);
        cx.out
            .line(format_args!("{shown}: {}, {bytes}", sessions(count)))?;
    }
    Ok(Done::OK)
}

fn to_stdout(targets: &[Target], cx: &mut Context) -> Result<Done, Failure> {
    if cx.out.is_terminal() {
        return Err(Failure::new(Code::Usage, "a checkpoint is nothing for a terminal")
            .hint("`psup checkpoint FILE` writes a file; `psup checkpoint - | ssh BOX 'cat > FILE'` a pipe"));
    }
    let (_, written) = writer::write(targets, BufWriter::new(io::stdout()), cx)?;
    made(Path::new("-"), &written, cx)?;
    if cx.out.json {
        // stdout has the checkpoint.
        let text = serde_json::to_string(&json("-", &written));
        cx.out
            .talk(text.map_err(|e| Failure::new(Code::Internal, e.to_string()))?);
    }
    Ok(Done::OK)
}

/// A checkpoint among what it copies would be lost with it.
fn is_outside(path: &Path, cx: &mut Context) -> Result<(), Failure> {
    if !matches!(cx.on, Wanted::Here) {
        return Ok(());
    }
    let status = match cx.ask(&Request::Status)? {
        Response::Status(status) => status,
        other => return Err(unexpected(&other)),
    };
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let file_dir = real(path.parent().unwrap_or(path));
    for own in [status.state_dir, status.run_dir] {
        // Above it are the directories of all profiles.
        let own = PathBuf::from(std::ffi::OsString::from_vec(own));
        let own = real(own.parent().unwrap_or(&own));
        if file_dir.starts_with(&own) {
            let message = format!("{} is where psup keeps its own files", own.display());
            return Err(Failure::new(Code::Usage, message)
                .hint("`psup checkpoint FILE` with a FILE elsewhere, best on another disk"));
        }
    }
    Ok(())
}

/// `psup doctor` knows how old the last one is.
fn made(path: &Path, written: &Written, cx: &mut Context) -> Result<(), Failure> {
    let manifest = &written.manifest;
    if !manifest.head.whole {
        return Ok(());
    }
    let made = CheckpointMade {
        at_ms: manifest.head.made_ms,
        file: path.as_os_str().as_bytes().to_vec(),
        sessions: manifest.sessions.len() as u32,
        bytes: written.bytes,
    };
    cx.ask_done(&Request::Checkpoint(CheckpointRequest::Made(made)))
        .map(drop)
}

fn json<'a>(file: &'a str, written: &'a Written) -> Json<'a> {
    let sessions = &written.manifest.sessions;
    Json {
        file,
        sessions: sessions.len(),
        bytes: written.bytes,
        made_ms: written.manifest.head.made_ms,
        offsets: sessions
            .iter()
            .map(|one| JsonOffset {
                id: &one.id,
                from: one.from,
                offset: one.offset,
            })
            .collect(),
    }
}

fn verify(file: &Path, cx: &mut Context) -> Result<Done, Failure> {
    let checked = if file.as_os_str() == "-" {
        reader::read(io::stdin().lock(), |_, _| Ok(()))?
    } else {
        reader::read(open(file)?, |_, _| Ok(()))?
    };
    let shown = file.display().to_string();
    if cx.out.json {
        cx.out.object(&verdict(&shown, &checked))?;
    } else if checked.problems.is_empty() {
        cx.out
            .line(format_args!("{shown} is whole: {}", about(&checked)))?;
    } else {
        for problem in &checked.problems {
            cx.out.line(format_args!("{shown}: {problem}"))?;
        }
    }
    Ok(if checked.problems.is_empty() {
        Done::OK
    } else {
        Done::like(Code::No)
    })
}

pub(super) fn open(file: &Path) -> Result<impl io::Read + use<>, Failure> {
    File::open(file)
        .map(BufReader::new)
        .map_err(|e| Failure::system(format!("cannot read {}", file.display()), e))
}

fn verdict<'a>(file: &'a str, checked: &'a Checked) -> JsonVerdict<'a> {
    let head = checked.head.as_ref();
    JsonVerdict {
        file,
        ok: checked.problems.is_empty(),
        problems: &checked.problems,
        sessions: checked.manifest.as_ref().map(|m| m.sessions.len()),
        bytes: checked.bytes,
        made_ms: head.map(|head| head.made_ms),
        psup: head.map(|head| head.psup.as_str()),
        profile: head.map(|head| head.profile.as_str()),
        whole: head.map(|head| head.whole),
    }
}

fn about(checked: &Checked) -> String {
    let (Some(head), Some(manifest)) = (&checked.head, &checked.manifest) else {
        return String::new();
    };
    format!(
        "{} of profile {}, {}, made {}",
        sessions(manifest.sessions.len()),
        head.profile,
        size(checked.bytes),
        human::time(head.made_ms)
    )
}
