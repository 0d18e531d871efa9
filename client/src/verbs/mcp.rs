//! `psup mcp`.

use super::{OnTarget, Run};
use crate::McpOptions;
use crate::context::{Context, Done};
use psup_proto::Failure;

/// Serve the sessions to an agent as tools of the Model Context Protocol
///
/// The agent's program starts it and talks to it on stdin and stdout. The tools are
/// start, run, send, wait, look, list, stop and ask_person; screens and output are
/// resources, psup://NAME/screen and psup://NAME/journal. The server has no state:
/// it may be killed at any time, and the next one goes on from the offsets that the
/// agent has. A wait answers within 50 seconds unless told otherwise, with "not yet"
/// if its condition does not hold by then. See docs/mcp.md for how to configure
/// clients.
///
/// Example:
///   psup mcp
///   psup mcp --allow look,list,wait
///   psup mcp --deny stop --sessions 'agent-*'
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Mcp {
    /// Serve only these tools
    #[arg(long, value_name = "TOOL", value_delimiter = ',')]
    allow: Vec<String>,
    /// Do not serve these tools
    #[arg(long, value_name = "TOOL", value_delimiter = ',')]
    deny: Vec<String>,
    /// Reach only sessions whose names match; may be repeated
    #[arg(long, value_name = "GLOB")]
    sessions: Vec<String>,
}

impl Run for Mcp {
    const ON_TARGET: OnTarget = OnTarget::Whole;

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        cx.serve_mcp(McpOptions {
            allow: self.allow,
            deny: self.deny,
            sessions: self.sessions,
        })
    }
}
