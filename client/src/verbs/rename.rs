//! `psup rename`.

use super::Run;
use crate::context::{Context, Done};
use psup_proto::{Failure, Name, Request, Target};

/// Give a session another name
///
/// The program is not affected. A name that is taken is refused (exit code 4).
///
/// Example:
///   psup rename build build-old
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Rename {
    /// Its present name
    #[arg(value_name = "NAME")]
    target: Target,
    /// Its new name
    #[arg(value_name = "NEW-NAME")]
    name: Name,
}

impl Run for Rename {
    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        cx.ask_done(&Request::Rename {
            target: self.target,
            name: self.name,
        })
    }
}
