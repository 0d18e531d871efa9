//! The way through a gate: FIFOs in a directory, for programs in a sandbox that forbids to connect.
//!
//! ```text
//! client ── a byte ──▶ knock          gate: makes a pair of FIFOs for one client
//! client ◀── ticket ── tickets        the name of the pair, to one of those that knock
//! client ── frames ──▶ TICKET.in ──▶ gate ──▶ supervisor
//! client ◀── frames ── TICKET.out ◀── gate ◀── supervisor
//! ```
//! Every name is made by the gate, and a ticket is read by one client only, so no two clients meet
//! in a pair. The client makes no file: it works where the directory can only be read.

mod client;
mod dir;

pub use client::connect;
pub use dir::{Direction, GateDir, Ticket};
