//! The half of psup that asks.
//!
//! ```text
//! run ── args ── verbs/<verb> ── context ── link ── (Connector) ── supervisor
//!                     └── output: data to stdout, talk to stderr
//! ```
//! It is synchronous and short-lived: one command line, one connection, one answer. It knows
//! nothing of tmux, and nothing of how a supervisor is found or started; that is behind
//! [`Connector`], which the program that holds both halves supplies.

mod args;
mod attach;
mod changed_rows;
mod conditions;
mod context;
mod env;
mod head_and_tail;
mod human;
mod json;
mod line_selection;
mod meaning;
mod output;
mod send_args;
mod since;
mod spec;
mod stream_position;
mod value_parsers;
mod verbs;

use output::Out;
use psup_link::Connector;
use std::ffi::OsString;
use std::process::ExitCode;

/// Does what the command line asks; `args` begins with the program's own name.
pub fn run(args: &[OsString], connector: &(dyn Connector + Sync)) -> ExitCode {
    ExitCode::from(answer(args, connector, Out::to_standard()))
}

/// [`run`] with the places it writes to in the caller's hand.
fn answer(args: &[OsString], connector: &(dyn Connector + Sync), mut out: Out) -> u8 {
    let told = match args::parse(args, &mut out) {
        Ok(Some(parsed)) => parsed.run(connector, out),
        Ok(None) => out.finish(),
        Err(failure) => out.fail(&failure),
    };
    told.code
}

#[cfg(test)]
mod tests;
