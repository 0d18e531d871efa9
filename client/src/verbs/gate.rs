//! `psup gate`.

use super::Run;
use crate::context::{Context, Done};
use crate::gate::{self, Gate};
use psup_link::caller::absolute;
use psup_link::gate::GateDir;
use psup_proto::gate::Rules;
use psup_proto::{Code, Failure};
use serde::Serialize;
use std::fs::DirBuilder;
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Let a sandbox reach the supervisor, as far as you say
///
/// Programs in a sandbox that forbids them to connect to sockets (as those of Codex and
/// Claude Code do) cannot reach the supervisor. Outside of it, this verb opens a gate: FIFOs
/// in a directory which the sandbox has to let its programs open. Inside,
/// psup --via DIR VERB goes through it; so does any psup with PSUP_VIA=DIR in its
/// environment. The gate prints that line, and is open until it is stopped.
///
/// What only asks passes: has, list, info, read, capture, wait, events, status, logs.
/// All else needs its verb in --allow: ask attach exec forget rename resize restart
/// send signal spawn (and with it ensure) stop. With --sessions the gate reaches only
/// sessions of these names, and tells of no others.
///
/// Mind what you allow. A session outside is outside: spawn and restart run programs
/// there, and send and exec type into them, so that with any of them the sandbox confines
/// only as well as those sessions are confined. What the gate refuses it refuses by
/// itself, whatever is written into DIR. shutdown, upgrade, hook, tmux, and a wait for a
/// port or a file never pass.
///
/// Example:
///   psup gate ~/gate
///   psup gate ~/gate --allow send,exec --sessions 'agent-*'
///   psup --via ~/gate list
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct GateVerb {
    /// A directory of your own; made if it is not there, and taken away again
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Let these verbs through, too
    #[arg(long, value_name = "VERBS", value_delimiter = ',')]
    allow: Vec<String>,
    /// Reach only sessions whose names match
    #[arg(long, value_name = "GLOB", num_args = 1..)]
    sessions: Vec<String>,
}

#[derive(Serialize)]
struct Report<'a> {
    via: &'a str,
    allow: &'a [&'static str],
    sessions: &'a [String],
}

impl Run for GateVerb {
    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let rules = Rules::new(&self.allow, self.sessions)?;
        let path = absolute(&self.directory)?;
        gate::block_endings()?;
        let is_made = make(&path)?;
        let at_end = || {
            if is_made {
                // Where somebody has put something into it, it stays.
                let _ = std::fs::remove_dir(&path);
            }
        };
        serve(cx, &path, &rules, at_end).inspect_err(|_| at_end())?;
        Ok(Done::OK)
    }
}

fn serve(
    cx: &mut Context,
    path: &Path,
    rules: &Rules,
    at_end: impl FnOnce(),
) -> Result<(), Failure> {
    let (connector, place) = cx.way();
    let gate = Gate::open(GateDir::open(path)?, rules.clone(), connector, place)?;
    let via = path.to_string_lossy();
    if cx.out.json {
        cx.out.object(&Report {
            via: &via,
            allow: rules.verbs(),
            sessions: rules.sessions(),
        })?;
    } else {
        cx.out.line(format_args!("PSUP_VIA={via}"))?;
    }
    cx.out.flush()?;
    gate.serve(at_end)
}

/// Makes the directory; `false` where it is there.
fn make(path: &Path) -> Result<bool, Failure> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => {
            let what = format!("cannot make {}: {error}", path.display());
            Err(Failure::new(Code::System, what))
        }
    }
}
