//! Waiting for a state in which something holds, while others change it.

use crate::run::{CommandResult, Run};
use crate::state::State;
use nix::sys::signal::{SigHandler, Signal, signal};
use psup_proto::Code;

impl Run<'_> {
    /// Waits for a state in which something holds; one that is over holds everything.
    pub(crate) fn wait_until(&mut self, holds: impl Fn(&State) -> bool) -> CommandResult {
        exit_cleanly_on_signals();
        self.meanwhile(|run| -> CommandResult {
            let mut version = run.version();
            loop {
                let looked = run.backend.borrow_mut().beyond(version);
                let (next, state) = match looked {
                    Ok(looked) => looked,
                    // Anyone who waits is let go by a server that ends.
                    Err(failure) if failure.code == Code::Unreachable => return Ok(()),
                    Err(failure) => return Err(failure.into()),
                };
                version = next;
                if state.as_ref().is_none_or(&holds) {
                    return Ok(());
                }
            }
        })?
    }
}

/// A client that waits and is asked to end has not failed.
fn exit_cleanly_on_signals() {
    extern "C" fn end(_: libc::c_int) {
        // SAFETY: `_exit` may be called from a handler.
        unsafe { libc::_exit(0) }
    }
    for ending in [Signal::SIGHUP, Signal::SIGTERM] {
        // SAFETY: the handler does nothing but end the process.
        let _ = unsafe { signal(ending, SigHandler::Handler(end)) };
    }
}
