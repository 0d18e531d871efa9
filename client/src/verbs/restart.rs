//! `psup restart`.

use super::{Run, spawn};
use crate::context::{Context, Done};
use crate::items::Items;
use psup_link::request_id::fresh_id;
use psup_proto::{Failure, Request, Target};

/// Stop a session and start it again with the same spec
///
/// Stops the present life if it is still running, then starts the same command in the
/// same directory with the same environment. Prints the id of the new life, such
/// as web#4.
///
/// Example:
///   psup restart web
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Restart {
    /// A name, or one life of it such as web#3
    #[arg(value_name = "NAME")]
    target: Target,
}

impl Run for Restart {
    const ITEMS: Items = spawn::Spawn::ITEMS;

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let request = Request::Restart {
            target: self.target,
            id: fresh_id()?,
        };
        let spawned = spawn::answered(cx.ask(&request)?)?;
        let line = spawned.id.to_string();
        spawn::tell(cx, &spawned, &line, &[])
    }
}
