//! The half of psup that asks.
//!
//! ```text
//! run ── args ── verbs/<verb> ── context ── link ── (Connector) ── supervisor
//!                     └── output: data to stdout, talk to stderr
//! ```
//! It is synchronous and short-lived: one command line, one connection, one answer. It knows
//! nothing of tmux, and nothing of how a supervisor is found or started; that is behind
//! [`Connector`], which the program that holds both halves supplies.

mod all_targets;
mod args;
mod attach;
mod capture_v1;
mod changed_rows;
mod checkpoint;
mod completion;
mod conditions;
mod context;
mod doing;
mod done;
mod env;
mod exec_stdin;
mod gate;
mod groups;
mod head_and_tail;
mod hook_args;
mod human;
mod items;
mod json;
mod json_resources;
mod line_selection;
mod meaning;
mod metrics;
mod output;
mod recording;
mod replay;
mod resource_args;
mod restart_args;
mod rpc;
mod send_args;
mod since;
mod spec;
mod supervisor_status;
mod table;
mod target_run;
mod timestamp;
mod tone;
mod top;
mod value_parsers;
mod verbs;
mod wanted;

use output::Out;
use psup_link::{Connector, Place};
use psup_proto::Failure;
use std::ffi::OsString;
use std::process::ExitCode;

/// What `psup mcp` was asked to serve.
#[derive(Debug, Default)]
pub struct McpOptions {
    /// Names of tools: the only ones, all if there are none; and those that are taken away.
    pub allow: Vec<String>,
    pub deny: Vec<String>,
    /// Globs of the sessions that may be reached, all if there are none.
    pub sessions: Vec<String>,
}

/// Serves the Model Context Protocol on stdin and stdout. The program that holds all parts supplies
/// it, as it does the [`Connector`].
pub type ServeMcp = fn(Place, McpOptions) -> Result<(), Failure>;

/// Does what the command line asks; `args` begins with the program's own name.
pub fn run(args: &[OsString], connector: &(dyn Connector + Sync), serve_mcp: ServeMcp) -> ExitCode {
    ExitCode::from(answer(args, connector, serve_mcp, Out::to_standard()))
}

/// [`run`] with the places it writes to in the caller's hand.
fn answer(
    args: &[OsString],
    connector: &(dyn Connector + Sync),
    serve_mcp: ServeMcp,
    mut out: Out,
) -> u8 {
    if let Some(shell) = std::env::var_os(completion::VARIABLE) {
        let answer = completion::answer(&shell, args, connector);
        return match out.data(&answer) {
            Ok(()) => out.finish().code,
            Err(failure) => out.fail(&failure).code,
        };
    }
    let told = match args::parse(args, &mut out) {
        Ok(Some(parsed)) => parsed.run(connector, serve_mcp, out),
        Ok(None) => out.finish(),
        Err(failure) => out.fail(&failure),
    };
    told.code
}

#[cfg(test)]
mod tests;
