//! The core's own tests: a harness that plays the worker, laws, stories, and the table of states.

mod harness;
mod laws;
mod people_stories;
mod state_table;
mod stories;
