//! `psup`: the one binary, and the one place where its halves meet.
//!
//! Called for an inside role (`ptyguard`, the worker, a start) it is the supervisor; else it is the
//! client, or tmux where it is called so.
//!
//! It begins where C programs begin. Rust's own beginning reads `/proc/self/maps` for the guard of
//! the stack and sets up handlers to tell of an overflow, which is a fifth of what a short command
//! does. What is needed of it is done here: descriptors 0 to 2 are open, and a reader that goes
//! away is an error of a write.

#![no_main]

use psup_client::McpOptions;
use psup_link::{Connector, Place, Wire, caller, gate};
use psup_proto::doctor::{Examination, Finding};
use psup_proto::greeting::Caller;
use psup_proto::service::{Action, Report};
use psup_proto::{Code, Failure};
use psup_supervisor::start;
use std::ffi::{CStr, OsStr, OsString, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The system calls this, once.
#[unsafe(no_mangle)]
extern "C" fn main(count: c_int, words: *const *const c_char) -> c_int {
    // SAFETY: nothing else runs yet; the system calls take constants.
    unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
        // The lowest free number is what an open gives, so a closed one is filled by it.
        while (0..3).any(|number| libc::fcntl(number, libc::F_GETFD) < 0)
            && libc::open(c"/dev/null".as_ptr(), libc::O_RDWR) >= 0
        {}
    }
    let word = |at| {
        // SAFETY: the system gives that many strings, which stay as long as the process.
        let word = unsafe { CStr::from_ptr(*words.add(at)) };
        OsStr::from_bytes(word.to_bytes()).to_owned()
    };
    let args: Vec<OsString> = (0..count as usize).map(word).collect();
    // A panic has been told by its hook.
    let ended = std::panic::catch_unwind(|| run(&args)).unwrap_or(ExitCode::from(101));
    // It does not tell its number, but which one it is.
    let number = (0..=u8::MAX).find(|number| ExitCode::from(*number) == ended);
    std::process::exit(number.map_or(1, c_int::from))
}

fn run(args: &[OsString]) -> ExitCode {
    match psup_supervisor::role(args) {
        Some(role) => role.run(),
        None => match psup_tmux::words(args) {
            Some(words) => psup_tmux::run(words, &Here),
            None => psup_client::run(args, &Here, serve_mcp),
        },
    }
}

/// `psup mcp`.
fn serve_mcp(place: Place, options: McpOptions) -> Result<(), Failure> {
    let rules = psup_mcp::rules(&options.allow, &options.deny, options.sessions)?;
    psup_mcp::serve(&Here, place, rules)
}

/// The supervisor on this machine.
struct Here;

impl Connector for Here {
    fn connect(&self, place: &Place, start: bool) -> Result<Wire, Failure> {
        match &place.via {
            Some(dir) => gate::connect(dir),
            None => start::connect(&inside(place), start).map(Wire::from),
        }
    }

    fn wake_guardian(&self, wire: &Wire) {
        if let Some(socket) = wire.socket() {
            start::resume_guardian(socket);
        }
    }

    fn address(&self, place: &Place) -> Option<PathBuf> {
        let is_here = place.via.is_none();
        is_here.then(|| start::address(&inside(place))).flatten()
    }

    fn wait_for_end(&self, place: &Place) -> Result<(), Failure> {
        match place.via {
            Some(_) => Ok(()),
            None => start::wait_for_end(&inside(place)),
        }
    }

    fn caller(&self, place: &Place, cwd: Option<&Path>) -> Result<Caller, Failure> {
        let mut caller = caller::here(cwd)?;
        if place.via.is_some() {
            // It leads out of a sandbox, and what is started is outside.
            caller.environment.retain(|(name, _)| name != b"PSUP_VIA");
        }
        Ok(caller)
    }

    fn service(&self, place: &Place, action: Action) -> Result<Report, Failure> {
        if place.via.is_some() {
            let what = "no gate leads to a service manager";
            return Err(Failure::new(Code::Unsupported, what)
                .hint("`psup service` is for outside the sandbox"));
        }
        psup_supervisor::service::perform(&inside(place), &action)
    }

    fn examine(&self, place: &Place, what: &Examination) -> Result<Vec<Finding>, Failure> {
        psup_supervisor::doctor::examine(&inside(place), what)
    }
}

/// A client's place in the supervisor's words.
fn inside(place: &Place) -> start::Place {
    start::Place {
        profile: place.profile.clone(),
        dir: place.dir.clone(),
    }
}
