//! `psup help`.

use super::{OnTarget, Run};
use crate::context::{Context, Done};
use clap::Command;
use psup_proto::{Code, Failure};

/// Describe a verb, or the exit codes
///
/// Example:
///   psup help
///   psup help spawn
///   psup help exit-codes
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Help {
    /// A verb, or exit-codes
    #[arg(value_name = "TOPIC")]
    topic: Option<String>,
}

/// The same for every verb.
const EXIT_CODES: &str = "\
0    done / yes / matched
1    no, or failed for a reason that stderr tells
2    wrong usage
3    no session of that name
4    name taken, or the running session differs from what ensure asked for
5    supervisor cannot be reached or started
6    the session ended before the condition came true, or its fail pattern matched first
124  timed out
125  exec only: psup itself failed (the command's own code is passed through otherwise)
";

impl Run for Help {
    const ON_TARGET: OnTarget = OnTarget::Nowhere;

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let text = match self.topic.as_deref() {
            Some("exit-codes") => EXIT_CODES.to_owned(),
            topic => command(cx, topic)?.render_long_help().to_string(),
        };
        cx.out.data(text.as_bytes())?;
        Ok(Done::OK)
    }
}

/// All there is to say about psup, or about a verb.
pub(super) fn command(cx: &Context, verb: Option<&str>) -> Result<Command, Failure> {
    let mut root = (cx.command_line)();
    root.build();
    let Some(verb) = verb else {
        return Ok(root);
    };
    root.find_subcommand(verb).cloned().ok_or_else(|| {
        Failure::new(Code::Usage, format!("there is no verb {verb:?}"))
            .hint("`psup help` lists the verbs; `psup help exit-codes` explains the exit codes")
    })
}
