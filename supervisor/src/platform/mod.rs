//! What differs between systems. Everything outside this room is the same code on Linux and macOS;
//! in here each file holds one question and its answer per system. Linux is proven by tests; macOS
//! has no subreaper, pidfd, memfd or inotify, and gets what is nearest.

pub mod ancestry;
pub mod background;
pub mod blocked_in;
pub mod boot;
pub mod cgroup;
pub mod descriptors;
pub mod lock;
pub mod long_path;
pub mod malloc_trim;
pub mod memory;
pub mod process;
pub mod process_setup;
pub mod program;
pub mod reap;
pub mod signal_names;
pub mod signals;
pub mod watch;
pub mod watchdog;
