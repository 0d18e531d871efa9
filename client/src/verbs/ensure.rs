//! `psup ensure`.

use super::{Run, spawn};
use crate::context::{Context, Done};
use crate::items::Items;
use crate::spec::SpecArgs;
use psup_proto::Failure;
use psup_proto::request::IfExists;
use psup_proto::response::Started;

/// Start a session unless it is running already
///
/// Takes the same arguments as psup spawn, and is safe to repeat. Prints what was
/// done and the id of the session:
///
///   started    there was no session of that name
///   restarted  it had ended and was started again
///   unchanged  it is running with the same spec: nothing was done
///   replaced   it was running with another spec and was started again (only with
///              --replace)
///
/// A running session with a different spec is left alone, and the differences are
/// listed (exit code 4). The comparison covers command, directory, size,
/// scrollback, restart policy, labels, limits and the variables given by --env and
/// --env-file, but not the rest of the caller's environment. With --ready it
/// returns when the condition holds, however the session was started; output that
/// the present life has already printed counts.
///
/// Example:
///   psup ensure db --ready text='ready to accept' --timeout 20s -- postgres -D data
///   psup ensure web --replace -- npm run dev
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Ensure {
    #[command(flatten)]
    spec: SpecArgs,
    /// Stop a running session that has a different spec, and start it again
    #[arg(long)]
    replace: bool,
}

impl Run for Ensure {
    const ITEMS: Items = spawn::Spawn::ITEMS;

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let how = if self.replace {
            IfExists::Replace
        } else {
            IfExists::Ensure
        };
        let (spawned, ready) = spawn::ask(cx, &self.spec, how)?;
        let line = format!("{} {}", word(spawned.done), spawned.id);
        spawn::tell(cx, &spawned, &line, &ready)
    }
}

pub(super) fn word(done: Started) -> &'static str {
    match done {
        Started::Started => "started",
        Started::Restarted => "restarted",
        Started::Unchanged => "unchanged",
        Started::Replaced => "replaced",
    }
}
