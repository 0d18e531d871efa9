//! `psup shutdown`.

use super::{OnTarget, Run, stop};
use crate::context::{Context, Done, unexpected};
use crate::items::Items;
use psup_proto::{Failure, Request, Response};

/// Stop the supervisor
///
/// Refused while sessions are running; with --force they are stopped first, and
/// each is listed as by psup stop. The logs of ended sessions are kept, and the
/// next psup spawn starts a new supervisor. If none is running there is nothing to
/// do. When it returns, no process of the supervisor is left.
///
/// Example:
///   psup shutdown
///   psup shutdown --force
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Shutdown {
    /// Stop running sessions first
    #[arg(long)]
    force: bool,
}

impl Run for Shutdown {
    const ON_TARGET: OnTarget = OnTarget::Whole;
    const ITEMS: Items = stop::Stop::ITEMS;

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        match cx.ask(&Request::Shutdown { force: self.force }) {
            Ok(Response::Stopped(stopped)) => {
                let done = stop::tell(cx, &stopped)?;
                cx.wait_for_end().map(|()| done)
            }
            Ok(Response::Done) => cx.wait_for_end().map(|()| Done::OK),
            Ok(other) => Err(unexpected(&other)),
            Err(failure) if failure.is_no_supervisor() => {
                cx.out.talk("no supervisor is running");
                Ok(Done::OK)
            }
            Err(failure) => Err(failure),
        }
    }
}
