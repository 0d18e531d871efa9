//! The contract of the command line, end to end: the real binary, real terminals, a private
//! supervisor for each test.
//!
//! One binary, so that all of it links once. A test is a sentence; facts are taken from `--json`,
//! and what blocks is psup itself (`wait`, `--timeout`) or a file descriptor, never a clock.
//! [`psup_harness::TestEnv`] is where a test lives.

#![allow(clippy::unwrap_used)]

mod agents;
mod attach;
mod attach_kills;
mod bad_input;
mod births;
mod checkpoints;
mod clients;
mod completing;
mod cut_links;
mod disk;
mod doctor;
mod documents;
mod doors;
mod escape;
mod exec_stdin;
mod far_shell;
mod faults;
#[cfg(target_os = "linux")]
mod gate;
mod hooks;
mod idle;
#[cfg(feature = "fault-injection")]
mod injected;
mod input_once;
mod installing;
mod kept;
mod kills;
mod limits;
mod mcp;
mod metrics;
mod people;
mod policies;
mod readme;
mod reboot;
mod recipes;
mod restarts;
mod rpc;
mod rpc_schema;
mod screen;
mod seed_flows;
mod sessions;
mod skill;
mod sshd;
mod starting;
mod static_binary;
mod storm;
mod supervise;
mod survival;
mod takeovers;
mod talk;
mod targets;
mod terminal_left;
mod top;
mod truth;
mod upgrade;
mod waiting;
mod wire;
