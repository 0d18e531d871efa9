//! `psup ensure`.

use super::{Run, spawn};
use crate::context::{Context, Done};
use crate::spec::SpecArgs;
use psup_proto::Failure;
use psup_proto::request::IfExists;
use psup_proto::response::Started;

/// Have a session running, whether or not it runs already
///
/// The same as psup spawn, but safe to say twice. Prints what was done and the id
/// of the session:
///
///   started    there was none of that name
///   restarted  it had ended and was started again
///   unchanged  it runs from the same spec: nothing was done
///   replaced   it ran from another spec and was started again (only with --replace)
///
/// A running session of a different spec is left alone, and what differs is told
/// (exit code 4). Compared are command, directory, size, scrollback, restart
/// policy, labels, limits and the variables asked for by --env and --env-file,
/// not the rest of the caller's environment. With --ready it returns when the
/// condition holds, however it was started; what the present life has printed
/// already counts.
///
/// Example:
///   psup ensure db --ready text='ready to accept' --timeout 20s -- postgres -D data
///   psup ensure web --replace -- npm run dev
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Ensure {
    #[command(flatten)]
    spec: SpecArgs,
    /// Stop a running session of a different spec and start it again
    #[arg(long)]
    replace: bool,
}

impl Run for Ensure {
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
