//! `psup resize`.

use super::Run;
use crate::context::{Context, Done};
use psup_proto::{Failure, Request, Size, Target};

/// Change the size of a session's terminal
///
/// The program gets the signal that a resized window sends.
///
/// Example:
///   psup resize web 80x24
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Resize {
    /// A name, or one life of it such as web#3
    #[arg(value_name = "NAME")]
    target: Target,
    /// Columns and rows, each 1 to 1000
    #[arg(value_name = "COLSxROWS")]
    size: Size,
}

impl Run for Resize {
    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        cx.ask_done(&Request::Resize {
            target: self.target,
            size: self.size,
        })
    }
}
