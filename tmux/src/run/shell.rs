//! Shell commands that tmux's commands start: in the background, or waited for.

use crate::addressing::Place;
use crate::output::reason;
use crate::run::{CommandError, CommandResult, Run};
use crate::text::quoted;
use nix::sys::signal::SigSet;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

impl Run<'_> {
    /// A shell for a script, with the variables by which the tmux commands in it find this state.
    pub(crate) fn shell(&self, script: &str, place: Option<Place>) -> Command {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(script);
        let session = place.or_else(|| self.here()).map_or(0, |p| p.session);
        command.env(
            "TMUX",
            format!(
                "{},{},{session}",
                self.socket,
                self.backend.borrow_mut().pid()
            ),
        );
        for (name, var) in &self.state.environment {
            if name.starts_with("PSUP_") || var.value.is_none() {
                continue;
            }
            if std::env::var_os(name).is_none() {
                command.env(name, var.value.as_deref().unwrap_or_default());
            }
        }
        let of_session = || {
            self.state
                .session(session)
                .map(|s| s.cwd.clone())
                .unwrap_or_default()
        };
        let directory = Some(self.caller.cwd.clone())
            .filter(|cwd| !cwd.is_empty())
            .unwrap_or_else(of_session);
        if std::path::Path::new(&directory).is_dir() {
            command.current_dir(directory);
        }
        unblock_signals(&mut command);
        command
    }

    /// Gives a command a text on its stdin; what it says goes nowhere, and it goes on when we are
    /// gone.
    pub(crate) fn feed(
        &mut self,
        script: &str,
        place: Option<Place>,
        text: &[u8],
    ) -> CommandResult {
        let mut child = self.start_detached(script, place, Stdio::piped())?;
        if let Some(mut stdin) = child.stdin.take() {
            // A command that does not read is not made to.
            let _ = std::io::Write::write_all(&mut stdin, text);
        }
        Ok(())
    }

    /// Goes on when we are gone, when it is the system's: nobody waits for it.
    pub(crate) fn start_in_background(
        &mut self,
        script: &str,
        place: Option<Place>,
    ) -> CommandResult {
        self.start_detached(script, place, Stdio::null()).map(drop)
    }

    fn start_detached(
        &self,
        script: &str,
        place: Option<Place>,
        stdin: Stdio,
    ) -> Result<Child, CommandError> {
        let mut command = self.shell(script, place);
        command
            .stdin(stdin)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        let child = command.spawn();
        child.map_err(|failed| {
            CommandError::Error(format!("failed to run command: {}", reason(&failed)))
        })
    }

    /// This binary as tmux, for this state.
    pub(crate) fn own_tmux(&self) -> String {
        let own = std::env::current_exe()
            .map_or_else(|_| "psup".into(), |p| p.to_string_lossy().into_owned());
        format!("{} tmux -S {}", quoted(&own), quoted(&self.socket))
    }
}

/// A client waits for its signals and has them blocked; what it starts has none.
fn unblock_signals(command: &mut Command) {
    let none = SigSet::empty();
    if SigSet::thread_get_mask().is_ok_and(|mask| mask != none) {
        // SAFETY: setting the mask may be done between fork and exec.
        unsafe { command.pre_exec(move || Ok(none.thread_set_mask()?)) };
    }
}
