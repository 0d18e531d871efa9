//! The core's own tests: a harness that plays the worker, laws, stories, and the table of states.

// A test may say what time it is.
#![allow(clippy::disallowed_methods)]

mod harness;
mod laws;
mod state_table;
mod stories;
