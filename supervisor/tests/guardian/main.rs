//! The guardian and the ladder with real processes and real kills, without the real worker: this
//! binary is the supervisor it tests, and its worker (`worker.rs`) understands a few lines of text.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod supervisor;
mod tests;
mod worker;

use psup_supervisor::{Role, guardian, log, role};
use std::panic::catch_unwind;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    if std::env::var_os("PSUP_RUNG").is_none() {
        // SAFETY: there is one thread. A unit of the machine's own manager is not wanted for tests.
        unsafe { std::env::set_var("PSUP_RUNG", "double-fork") };
    }
    match role(&args) {
        Some(Role::Worker) => {
            let mut inherited = guardian::inherited().unwrap();
            log::begin(&inherited.facts, "worker");
            if !inherited.predecessor_is_gone() {
                return ExitCode::SUCCESS;
            }
            worker::run(inherited)
        }
        Some(role) => role.run(),
        None if args.get(1).is_some_and(|word| word == "--ask") => {
            supervisor::ask_and_print(&args[2], args.get(3))
        }
        None => run_tests(&args),
    }
}

/// As much of the usual harness as `cargo test FILTER` needs.
fn run_tests(args: &[std::ffi::OsString]) -> ExitCode {
    let filters: Vec<String> = args[1..]
        .iter()
        .map(|a| a.to_string_lossy().into_owned())
        .filter(|a| !a.starts_with('-'))
        .collect();
    let mut failed = Vec::new();
    for (name, test) in tests::ALL {
        if !filters.is_empty() && !filters.iter().any(|filter| name.contains(filter.as_str())) {
            continue;
        }
        if args.iter().any(|a| a == "--list") {
            println!("{name}: test");
        } else if catch_unwind(test).is_ok() {
            println!("test {name} ... ok");
        } else {
            println!("test {name} ... FAILED");
            failed.push(name);
        }
    }
    println!("\ntest result: {} failed {failed:?}", failed.len());
    ExitCode::from(u8::from(!failed.is_empty()))
}
