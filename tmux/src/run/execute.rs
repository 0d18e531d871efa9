//! Commands one after the other, each with its hook.

use crate::run::{Call, CommandError, CommandResult, Run};

/// Beyond it a hook runs itself.
const DEPTH: u32 = 20;

impl Run<'_> {
    /// Runs commands until one fails, which is told. A server without sessions is there until its
    /// caller has gone.
    pub(crate) fn execute(&mut self, calls: &[Call]) -> CommandResult {
        self.hook_deaths();
        for call in calls {
            if self.killed {
                return Ok(());
            }
            // Commands of a command answer behind it.
            let outer = self.begin_answer();
            let done = self.execute_one(call);
            let failed = done.is_err();
            if let Err(CommandError::Error(why)) = done {
                self.fail(&why);
            }
            self.end_answer(outer);
            if failed {
                return Ok(());
            }
        }
        Ok(())
    }

    fn execute_one(&mut self, call: &Call) -> CommandResult {
        if self.depth > DEPTH {
            return Ok(());
        }
        let before = std::mem::replace(&mut self.command, call.name());
        let done = (call.entry.run)(self, call);
        self.command = before;
        if done.is_ok() && self.depth == 0 && !call.entry.access.runs_own_hook {
            self.hook_after(call.name(), None);
        }
        done
    }

    fn hook_deaths(&mut self) {
        if !self.is_locked() {
            return;
        }
        for death in std::mem::take(&mut self.deaths) {
            let hook = if death.remains {
                "pane-died"
            } else {
                "pane-exited"
            };
            self.hook(hook, death.place, death.extra);
        }
    }

    /// Whether a client that was attached to look may run these commands.
    pub(crate) fn only_looks(&self, text: &str) -> bool {
        let calls = self.calls_of(text);
        calls.is_ok_and(|calls| calls.iter().all(|call| call.entry.access.read_only))
    }
}
