//! `psup rpc`.

use super::{OnTarget, Run};
use crate::context::{Context, Done};
use crate::rpc;
use psup_proto::Failure;

/// Serve the verbs to a program: one JSON object per line on stdin and stdout
///
/// The methods are the verbs; the parameters are their flags and arguments, with
/// _ for -:
///
///   → {"id":1,"method":"send","params":{"target":"web","text":"hi"}}
///   ← {"id":1,"item":{"offset":1200}}
///   ← {"id":1,"end":true,"exit":0}
///
/// Each item is an object that the verb prints with --json, sent as it comes; the
/// end carries the error, if there was one. Requests run side by side, and the
/// method cancel, with the id of a request, ends it. The first line gives the
/// version and the methods. See docs/rpc.md.
///
/// Example:
///   psup rpc
///   psup rpc --schema
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Rpc {
    /// Print a JSON Schema of requests, parameters and replies
    #[arg(long)]
    schema: bool,
}

impl Run for Rpc {
    const ON_TARGET: OnTarget = OnTarget::Whole;

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let mut root = (cx.command_line)();
        if self.schema {
            cx.out.object(&rpc::schema(&mut root))?;
            return Ok(Done::OK);
        }
        let (_, place) = cx.way();
        rpc::serve(&mut root, &place).map(|()| Done::OK)
    }
}
