//! Connections to the supervisor of a target. A way that has worked once and breaks is tried again
//! for a while: the requests that were under way are asked again by their ids and offsets.

use super::Target;
use super::greet::{Greeted, NoGreeting, start};
use crate::{Connector, Place, Wire};
use psup_proto::Failure;
use psup_proto::greeting::Caller;
use std::ffi::OsString;
use std::path::Path;
use std::process::Child;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a target that was reached before may be out of reach.
const AWAY: Duration = Duration::from_secs(60);
/// Pauses between two tries.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(3)];

/// Connects to the supervisor of a target.
pub struct TargetConnector {
    target: Target,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Some connection has been made.
    is_reached: bool,
    /// One that was made for its greeting, and has its frames before it.
    ready: Option<Wire>,
    commands: Vec<Child>,
}

impl TargetConnector {
    pub fn new(target: Target) -> Self {
        Self {
            target,
            state: Mutex::default(),
        }
    }

    /// Ends the commands that are still running.
    pub fn disconnect(&self) {
        for mut command in self.state().commands.drain(..) {
            let _ = command.kill();
            let _ = command.wait();
        }
    }

    /// Starts the command with these words behind `stdio`.
    fn greet(&self, place: &Place, words: &[OsString]) -> Result<Greeted, NoGreeting> {
        let mut all = words_for(place);
        all.push("stdio".into());
        all.extend_from_slice(words);
        let greeted = start(&self.target, &all)?;
        self.state().is_reached = true;
        match greeted.greeting.error {
            Some(error) => Err(NoGreeting::Refused(error.into())),
            None => Ok(greeted),
        }
    }

    /// [`greet`](Self::greet), again and again where the way has worked before.
    fn greet_again(&self, place: &Place, words: &[OsString]) -> Result<Greeted, Failure> {
        let until = Instant::now() + AWAY;
        let [mut pause, longest] = PAUSES;
        loop {
            match self.greet(place, words) {
                Ok(greeted) => return Ok(greeted),
                Err(NoGreeting::Refused(failure)) => return Err(failure),
                Err(NoGreeting::Broken(failure)) => {
                    if !self.state().is_reached || Instant::now() > until {
                        return Err(failure);
                    }
                }
            }
            thread::sleep(pause);
            pause = longest.min(pause * 2);
        }
    }

    /// The stream of a command that goes on.
    fn keep(&self, greeted: Greeted) -> Wire {
        let mut state = self.state();
        // Those that have ended are not left as zombies.
        state
            .commands
            .retain_mut(|command| matches!(command.try_wait(), Ok(None)));
        state.commands.push(greeted.command);
        greeted.wire
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connector for TargetConnector {
    fn connect(&self, place: &Place, start: bool) -> Result<Wire, Failure> {
        if let Some(wire) = self.state().ready.take() {
            return Ok(wire);
        }
        let words: &[OsString] = if start { &["--start".into()] } else { &[] };
        self.greet_again(place, words)
            .map(|greeted| self.keep(greeted))
    }

    fn caller(&self, place: &Place, cwd: Option<&Path>) -> Result<Caller, Failure> {
        let mut words: Vec<OsString> = ["--start", "--caller"].map(Into::into).into();
        if let Some(cwd) = cwd {
            words.extend(["--cwd".into(), cwd.into()]);
        }
        let mut greeted = self.greet_again(place, &words)?;
        let caller = greeted.greeting.caller.take().unwrap_or_default();
        let wire = self.keep(greeted);
        self.state().ready = Some(wire);
        Ok(caller)
    }
}

/// The words that lead to the supervisor of a place over there.
fn words_for(place: &Place) -> Vec<OsString> {
    let mut words = Vec::new();
    if place.profile != "default" {
        words.extend(["--profile".into(), place.profile.clone().into()]);
    }
    if let Some(dir) = &place.dir {
        words.extend(["--dir".into(), dir.clone().into()]);
    }
    words
}
