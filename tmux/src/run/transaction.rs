//! One turn at the state: it is read, what has ended meanwhile is buried, and it is kept again;
//! then the sessions do what it says.

use super::lock::Lock;
use crate::backend::native;
use crate::run::{CommandError, CommandResult, Death, Run};
use crate::state::{Dead, State};
use crate::{addressing, layout, options, platform};
use psup_proto::{Code, Outcome};
use std::collections::HashMap;

impl Run<'_> {
    /// Reads the state; with the lock, if it is to be changed.
    pub(crate) fn open(&mut self, changes: bool) -> CommandResult {
        if changes && self.lock.is_none() {
            // Two commands at once would make the same ids.
            self.lock = Lock::take(&self.socket);
        }
        let looked = self.backend.borrow_mut().look();
        let (version, state, live) = match looked {
            Ok(looked) => looked,
            Err(failure) if failure.code == Code::Unreachable => (0, None, HashMap::new()),
            Err(failure) => return Err(failure.into()),
        };
        let has_natives = native::any(&live);
        // What `kill-server` left for clients to see is no state for sessions that go on.
        let state = state.filter(|state| !(state.killed && has_natives));
        self.version = version;
        self.live = live;
        self.documented = state.is_some();
        self.exists = self.documented || has_natives;
        self.state = state.unwrap_or_default();
        native::add(&mut self.state, &self.live);
        self.before = self.state.clone();
        if self.exists {
            self.reap_dead_panes();
            if self.is_over() {
                self.exists = false;
                if self.lock.is_some() {
                    self.keep()?;
                    self.state = State::default();
                    self.before = State::default();
                }
            }
        }
        Ok(())
    }

    /// Nothing is in the state, and nobody is about to put something there.
    fn is_over(&self) -> bool {
        let held = self.state.held.is_some_and(platform::lives);
        self.state.sessions.is_empty()
            && !held
            && options::of_server(&self.state, "exit-empty") == "on"
    }

    /// For a command that as a rule only looks: takes its turn now, unless this run has it.
    pub(crate) fn take_lock(&mut self) -> CommandResult {
        if self.lock.is_some() {
            Ok(())
        } else {
            self.open(true)
        }
    }

    /// Panes whose child has ended meanwhile go, or stay as dead ones.
    fn reap_dead_panes(&mut self) {
        let missing: Vec<u32> = self
            .state
            .panes
            .values()
            .filter(|pane| pane.dead.is_none() && !native::goes_on(pane, &self.live))
            .map(|pane| pane.id)
            .collect();
        for id in missing {
            let Some(pane) = self.state.panes.get(&id).cloned() else {
                continue;
            };
            let info = self.backend.borrow_mut().info(&pane.session);
            let info = info.filter(|_| !self.live.contains_key(&pane.session));
            // It was between two looks.
            if let Some(info) = info.as_ref().filter(|info| info.state.is_live()) {
                self.live.insert(pane.session.clone(), info.clone());
                continue;
            }
            let dead = info
                .and_then(|info| info.exit)
                .map_or_else(Dead::default, |exit| Dead {
                    status: match exit.outcome {
                        Outcome::Code(code) => Some(code),
                        Outcome::Signal { .. } | Outcome::Unknown { .. } | Outcome::Lost { .. } => {
                            None
                        }
                    },
                    signal: match exit.outcome {
                        Outcome::Signal { number, .. } => Some(number),
                        Outcome::Code(_) | Outcome::Unknown { .. } | Outcome::Lost { .. } => None,
                    },
                    at_ms: exit.at_ms,
                    note: None,
                });
            let remains =
                match options::of_pane(&self.state, Some(&pane), "remain-on-exit").as_str() {
                    "on" => true,
                    "failed" => dead.status != Some(0),
                    _ => false,
                };
            let place = addressing::of_pane(&self.state, id);
            let extra = vec![
                ("hook_pane".to_owned(), format!("%{id}")),
                (
                    "hook_window".to_owned(),
                    place
                        .and_then(|p| p.window)
                        .map(|w| format!("@{w}"))
                        .unwrap_or_default(),
                ),
            ];
            self.deaths.push(Death {
                place,
                remains,
                extra,
            });
            if remains {
                if let Some(pane) = self.state.panes.get_mut(&id) {
                    pane.dead = Some(dead);
                }
                let format = options::of_pane(
                    &self.state,
                    self.state.panes.get(&id),
                    "remain-on-exit-format",
                );
                let note = Some(self.expand(&format, place)).filter(|note| !note.is_empty());
                if let Some(dead) = self
                    .state
                    .panes
                    .get_mut(&id)
                    .and_then(|pane| pane.dead.as_mut())
                {
                    dead.note = note;
                }
            } else {
                self.state.drop_pane(id);
            }
        }
        // Clients that were killed could not say goodbye.
        self.state.clients.retain(|c| platform::lives(c.pid));
    }

    /// Keeps the state, stops what has left it and gives every pane the size of its cell.
    pub(crate) fn keep(&mut self) -> CommandResult {
        if self.lock.is_none() {
            return Ok(());
        }
        let over = self.killed || self.is_over();
        if over {
            self.exists = false;
        }
        if self.state != self.before || (over && self.before != State::default()) {
            let ended = State {
                killed: true,
                ..State::default()
            };
            // Clients that look are told before the state is gone altogether.
            let told = self.killed && !self.before.clients.is_empty();
            let own = native::without(&self.state, &self.live);
            let state = if over {
                told.then_some(&ended)
            } else {
                Some(&own)
            };
            let mut kept = self.backend.borrow_mut().keep(self.version, state)?;
            if kept.is_none() {
                // Only a client of another kind could have been faster than the lock.
                let (version, _, _) = self.backend.borrow_mut().look()?;
                kept = self.backend.borrow_mut().keep(version, state)?;
            }
            self.version = kept.unwrap_or(self.version);
            if over || !self.documented {
                self.publish_socket(!over);
            }
            self.documented = !over;
        }
        self.follow();
        self.before = self.state.clone();
        Ok(())
    }

    /// The sessions do what the state says.
    fn follow(&mut self) {
        let mut gone: Vec<String> = Vec::new();
        let mut natives: Vec<String> = Vec::new();
        let mut own = None;
        for pane in self.before.panes.values() {
            let stays = self.state.panes.values().any(|p| p.session == pane.session);
            if !stays {
                if native::is_native(pane.id) {
                    let life = self.live.get(&pane.session);
                    let life = life.filter(|_| native::goes_on(pane, &self.live));
                    natives.extend(life.map(|info| info.id.to_string()));
                } else if Some(pane.id) == self.caller.pane {
                    own = Some(pane.session.clone());
                } else {
                    gone.push(pane.session.clone());
                }
            }
            let pipe_stays = |pipe: &String| {
                self.state
                    .panes
                    .values()
                    .any(|p| p.pipe.as_ref() == Some(pipe))
            };
            gone.extend(pane.pipe.iter().filter(|pipe| !pipe_stays(pipe)).cloned());
        }
        if !self.exists && self.before.watcher.is_some() {
            gone.push(self.watcher_name());
        }
        // The caller may sit in what is stopped: then the rest goes first.
        gone.extend(own);
        if !gone.is_empty() {
            platform::ignore_hangup();
        }
        let backend = self.backend.get_mut();
        backend.stop(&gone);
        // What `psup spawn` began ends when it is named, not with what tmux began.
        natives.retain(|_| !self.killed);
        for native in natives {
            backend.hang_up(&native);
        }
        for window in self.state.windows.values() {
            for cell in window.layout.leaves() {
                let layout::Kind::Pane(id) = cell.kind else {
                    continue;
                };
                let Some(pane) = self.state.panes.get(&id) else {
                    continue;
                };
                let before = self
                    .before
                    .window_of(id)
                    .and_then(|w| w.layout.find(id))
                    .map(|c| (c.sx, c.sy));
                let same_life = self
                    .before
                    .panes
                    .get(&id)
                    .is_some_and(|p| p.pid == pane.pid);
                if same_life && before != Some((cell.sx, cell.sy)) && pane.dead.is_none() {
                    backend.resize(&pane.session, cell.sx, cell.sy);
                }
            }
        }
    }

    pub(crate) fn close(&mut self) -> CommandResult {
        if self.lock.is_some() {
            self.settle();
            self.ensure_watcher();
        }
        let kept = self.keep();
        self.lock = None;
        self.flush();
        kept
    }

    /// Lets others change the state for as long as `wait` takes, and reads it again.
    pub(crate) fn meanwhile<T>(
        &mut self,
        wait: impl FnOnce(&mut Self) -> T,
    ) -> Result<T, CommandError> {
        let locked = self.lock.is_some();
        let own = std::process::id() as i32;
        // A command that another one waits for leaves the state to that one.
        let others = self
            .state
            .held
            .is_some_and(|pid| pid != own && platform::lives(pid));
        if !others {
            self.state.held = self.state.sessions.is_empty().then_some(own);
        }
        self.keep()?;
        self.lock = None;
        self.flush();
        let done = wait(self);
        self.open(locked)?;
        if self.state.held == Some(own) {
            self.state.held = None;
        }
        Ok(done)
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }
}
