//! `psup forget`.

use super::Run;
use crate::context::{Context, Done};
use psup_proto::{Failure, Request, Target};

/// Drop an ended session with its log
///
/// A session that still runs is refused: psup stop comes first.
///
/// Example:
///   psup forget build
///   psup forget build#2
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Forget {
    /// A name with all its lives, or one life of it such as web#3
    #[arg(value_name = "NAME")]
    target: Target,
}

impl Run for Forget {
    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        cx.ask_done(&Request::Forget(self.target))
    }
}
