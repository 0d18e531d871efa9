//! `psup restore`.

use super::{Run, checkpoint};
use crate::checkpoint::Manifest;
use crate::checkpoint::reader::{self, Checked};
use crate::checkpoint::upload::Upload;
use crate::context::{Context, Done, unexpected};
use crate::items::Items;
use psup_link::request_id::fresh_id;
use psup_proto::checkpoint::{Restore as Step, RestoredSession};
use psup_proto::{Code, Failure, Request, Response, Target};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Turn a checkpoint back into ended sessions
///
/// Restored sessions can be listed, read, captured and exported, with the times of
/// their output, and psup restart starts a new life of each with its command. None
/// is started by itself, whatever its restart policy says. Names select sessions
/// with all their lives in the file, or single lives such as web#3.
///
/// Either all of them are restored or none: a name that exists already is refused,
/// and so is a file that is incomplete or damaged. A session keeps its id unless
/// that was used here before, and no id is used twice. The limits of psup forget
/// --keep apply: sessions that would be deleted at once are refused.
///
/// Prints the ids. - reads from stdin.
///
/// Example:
///   psup restore all.tar
///   psup restore all.tar web db#2
///   psup --profile old restore all.tar
///   psup --on a checkpoint - | psup --on b restore -
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Restore {
    /// A file written by psup checkpoint, or - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Names with all their lives, or single lives such as web#3
    #[arg(value_name = "NAME")]
    targets: Vec<Target>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RestoredSession")]
struct Json<'a> {
    id: String,
    name: &'a str,
    was: String,
}

impl Run for Restore {
    const ITEMS: Items = Items::many::<(Json<'static>,)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let restored = if self.file.as_os_str() == "-" {
            restore(io::stdin().lock(), &self, cx)?
        } else {
            restore(checkpoint::open(&self.file)?, &self, cx)?
        };
        for RestoredSession { was, id } in &restored {
            if cx.out.json {
                cx.out.object(&Json {
                    id: id.to_string(),
                    name: id.name.as_str(),
                    was: was.to_string(),
                })?;
            } else if was == id {
                cx.out.line(id)?;
            } else {
                cx.out.line(format_args!("{id} (was {was})"))?;
            }
        }
        Ok(Done::OK)
    }
}

/// All of it or nothing.
fn restore(
    from: impl Read,
    args: &Restore,
    cx: &mut Context,
) -> Result<Vec<RestoredSession>, Failure> {
    let id = fresh_id()?;
    cx.ask_done(&Request::Restore(Step::Begin { id }))?;
    let restored = send(id, from, args, cx);
    if restored.is_err() {
        cx.out.progress("");
        // The supervisor removes it later, else.
        let _ = cx.ask_done(&Request::Restore(Step::Abort { id }));
    }
    restored
}

fn send(
    id: u128,
    from: impl Read,
    args: &Restore,
    cx: &mut Context,
) -> Result<Vec<RestoredSession>, Failure> {
    let mut upload = Upload::new(id, &args.targets, cx);
    let checked = reader::read(from, |name, bytes| upload.take(name, bytes))?;
    upload.end()?;
    let manifest = whole(&args.file, checked)?;
    for target in &args.targets {
        let named = |id: &str| {
            id == target.to_string()
                || id
                    .split_once('#')
                    .is_some_and(|(name, _)| target.life.is_none() && name == target.name.as_str())
        };
        if !manifest.sessions.iter().any(|one| named(&one.id)) {
            let message = format!("there is no session {target} in {}", args.file.display());
            return Err(Failure::new(Code::NoSuchSession, message)
                .hint("`tar tf FILE` lists what is in it"));
        }
    }
    let mut last = manifest.last;
    if !args.targets.is_empty() {
        last.retain(|name, _| args.targets.iter().any(|target| target.name == *name));
    }
    match cx.ask(&Request::Restore(Step::Finish { id, last }))? {
        Response::Restored(restored) => Ok(restored),
        other => Err(unexpected(&other)),
    }
}

fn whole(file: &Path, checked: Checked) -> Result<Manifest, Failure> {
    let file = file.display();
    match (checked.manifest, checked.problems.first()) {
        (Some(manifest), None) => Ok(manifest),
        (_, problem) => Err(Failure::new(
            Code::Usage,
            format!(
                "{file} is not whole, and nothing was restored: {}",
                problem.map_or("there is no manifest", String::as_str)
            ),
        )
        .hint(format!(
            "`psup checkpoint --verify {file}` tells all that is wrong"
        ))),
    }
}
