//! `psup mcp`: the sessions as tools of the Model Context Protocol, over stdin and stdout.
//!
//! ```text
//! client ── JSON-RPC ── server (rmcp) ── call ── tools/<tool> ── link ── supervisor
//!                                         └── rules: which tools, which sessions
//! ```
//! The server has no state: every call asks the supervisor over a connection of its own, and goes
//! on by the offset that an earlier answer gave. A server that is killed loses nothing, and another
//! one answers the next call. A wait whose time is over is answered with `not yet`, never with an
//! error. Every other failure is an answer too: its code, what happened, and what to do next.

mod answer;
mod arguments;
mod asker;
mod call;
mod condition;
mod excerpt;
mod interrupt;
mod resources;
mod rules;
mod server;
mod subscriptions;
mod tools;

pub use rules::Rules;

use psup_link::{Connector, Place, caller};
use psup_proto::{Code, Failure};
use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use rmcp::transport::{stdio, stdio_pipes};
use std::os::unix::net::UnixStream;
use tokio::runtime::{Builder, Runtime};

/// Calls that are answered at once; what comes beyond them waits for its turn.
const CALLS: usize = 128;

/// A connector for calls that run beside each other.
pub type SharedConnector = &'static (dyn Connector + Sync);

/// What a client may reach. `allow` names the only tools there are, all if it is empty; `deny`
/// takes some away.
pub fn rules(allow: &[String], deny: &[String], sessions: Vec<String>) -> Result<Rules, Failure> {
    let known: Vec<&str> = tools::TOOLS.iter().map(|tool| tool.name).collect();
    Rules::new(&known, allow, deny, sessions)
}

/// Serves one client on stdin and stdout until it closes them.
pub fn serve(connector: SharedConnector, place: Place, rules: Rules) -> Result<(), Failure> {
    // Reading the mask sets it for a moment, so it is read while there is one thread.
    let umask = caller::umask();
    let (runtime, has_drivers) =
        runtime().map_err(|e| Failure::system("cannot start serving", e))?;
    let server = server::Server::new(connector, place, rules, umask);
    let served = runtime.block_on(async {
        let served = if has_drivers {
            server.serve(stdio_pipes()).await
        } else {
            server.serve(stdio()).await
        };
        match served {
            Ok(running) => running.waiting().await.map(drop).map_err(internal),
            Err(ServerInitializeError::ConnectionClosed(_)) => Err(Failure::new(
                Code::Usage,
                "stdin was closed before a client said `initialize`",
            )
            .hint("an MCP client starts `psup mcp`; docs/mcp.md shows how it is told to")),
            Err(error) => Err(internal(error)),
        }
    });
    // Calls that are still open belong to nobody any more.
    runtime.shutdown_background();
    served
}

/// Without drivers of descriptors where a sandbox forbids the pair of sockets that tokio makes for
/// them, without which it panics: then threads read and write.
fn runtime() -> std::io::Result<(Runtime, bool)> {
    let has_drivers = UnixStream::pair().is_ok();
    let mut builder = Builder::new_current_thread();
    builder.max_blocking_threads(CALLS).enable_time();
    if has_drivers {
        builder.enable_io();
    }
    Ok((builder.build()?, has_drivers))
}

fn internal(error: impl std::fmt::Display) -> Failure {
    Failure::new(Code::Internal, error.to_string())
}
