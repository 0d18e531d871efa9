//! One turn at the world: it is read, what has ended meanwhile is buried, and it is kept again; then the sessions do what it says.

use super::lock::Lock;
use super::{Death, Face, Ran, Stopped};
use crate::world::{Dead, World};
use crate::{cmd, layout, options, platform, target, watch};
use psup_proto::{Code, Outcome};
use std::collections::HashMap;

impl Face<'_> {
    /// Reads the world; with the lock, if it is to be changed.
    pub fn open(&mut self, changes: bool) -> Ran {
        if changes && self.lock.is_none() {
            // Two commands at once would make the same ids.
            self.lock = Lock::take(&self.socket);
        }
        let looked = self.floor.borrow_mut().look();
        let (version, world, live) = match looked {
            Ok(looked) => looked,
            Err(failure) if failure.code == Code::Unreachable => (0, None, HashMap::new()),
            Err(failure) => return Err(failure.into()),
        };
        self.version = version;
        self.live = live;
        self.exists = world.is_some();
        self.world = world.unwrap_or_default();
        self.before = self.world.clone();
        if self.exists {
            self.bury();
            if self.is_over() {
                self.exists = false;
                if self.lock.is_some() {
                    self.keep()?;
                    self.world = World::default();
                    self.before = World::default();
                }
            }
        }
        Ok(())
    }

    /// Nothing is in the world, and nobody is about to put something there.
    fn is_over(&self) -> bool {
        let held = self.world.held.is_some_and(platform::lives);
        self.world.sessions.is_empty() && !held && options::of_server(&self.world, "exit-empty") == "on"
    }

    /// For a command that as a rule only looks: takes its turn now, unless this run has it.
    pub fn take_turn(&mut self) -> Ran {
        if self.lock.is_some() { Ok(()) } else { self.open(true) }
    }

    /// Panes whose child has ended meanwhile go, or stay as dead ones.
    fn bury(&mut self) {
        let missing: Vec<u32> = self
            .world
            .panes
            .values()
            .filter(|pane| pane.dead.is_none() && !self.live.contains_key(&pane.session))
            .map(|pane| pane.id)
            .collect();
        for id in missing {
            let Some(pane) = self.world.panes.get(&id).cloned() else { continue };
            let info = self.floor.borrow_mut().info(&pane.session);
            // It was between two looks.
            if let Some(info) = info.as_ref().filter(|info| info.state.is_live()) {
                self.live.insert(pane.session.clone(), info.clone());
                continue;
            }
            let dead = info.and_then(|info| info.exit).map_or_else(Dead::default, |exit| Dead {
                status: match exit.outcome {
                    Outcome::Code(code) => Some(code),
                    Outcome::Signal { .. } | Outcome::Unknown { .. } | Outcome::Lost { .. } => None,
                },
                signal: match exit.outcome {
                    Outcome::Signal { number, .. } => Some(number),
                    Outcome::Code(_) | Outcome::Unknown { .. } | Outcome::Lost { .. } => None,
                },
                at_ms: exit.at_ms,
                note: None,
            });
            let remains = match options::of_pane(&self.world, Some(&pane), "remain-on-exit").as_str() {
                "on" => true,
                "failed" => dead.status != Some(0),
                _ => false,
            };
            let place = target::of_pane(&self.world, id);
            let extra = vec![
                ("hook_pane".to_owned(), format!("%{id}")),
                (
                    "hook_window".to_owned(),
                    place.and_then(|p| p.window).map(|w| format!("@{w}")).unwrap_or_default(),
                ),
            ];
            self.deaths.push(Death { place, remains, extra });
            if remains {
                if let Some(pane) = self.world.panes.get_mut(&id) {
                    pane.dead = Some(dead);
                }
                let format = options::of_pane(&self.world, self.world.panes.get(&id), "remain-on-exit-format");
                let note = Some(self.expand(&format, place)).filter(|note| !note.is_empty());
                if let Some(dead) = self.world.panes.get_mut(&id).and_then(|pane| pane.dead.as_mut()) {
                    dead.note = note;
                }
            } else {
                self.world.drop_pane(id);
            }
        }
        // Clients that were killed could not say goodbye.
        self.world.clients.retain(|c| platform::lives(c.pid));
    }

    /// Keeps the world, stops what has left it and gives every pane the size of its cell.
    pub fn keep(&mut self) -> Ran {
        if self.lock.is_none() {
            return Ok(());
        }
        let over = self.killed || self.is_over();
        if over {
            self.exists = false;
        }
        if self.world != self.before || (over && self.before != World::default()) {
            let ended = World {
                killed: true,
                ..World::default()
            };
            // Clients that look are told before the world is gone altogether.
            let told = self.killed && !self.before.clients.is_empty();
            let world = if over { told.then_some(&ended) } else { Some(&self.world) };
            let mut kept = self.floor.borrow_mut().keep(self.version, world)?;
            if kept.is_none() {
                // Only a client of another kind could have been faster than the lock.
                let (version, _, _) = self.floor.borrow_mut().look()?;
                kept = self.floor.borrow_mut().keep(version, world)?;
            }
            self.version = kept.unwrap_or(self.version);
            if over || self.before == World::default() {
                self.stand(!over);
            }
        }
        self.follow();
        self.before = self.world.clone();
        Ok(())
    }

    /// The sessions do what the world says.
    fn follow(&mut self) {
        let mut gone: Vec<String> = Vec::new();
        let mut own = None;
        for pane in self.before.panes.values() {
            let stays = self.world.panes.values().any(|p| p.session == pane.session);
            if !stays {
                if Some(pane.id) == self.caller.pane {
                    own = Some(pane.session.clone());
                } else {
                    gone.push(pane.session.clone());
                }
            }
            let pipe_stays = |pipe: &String| self.world.panes.values().any(|p| p.pipe.as_ref() == Some(pipe));
            gone.extend(pane.pipe.iter().filter(|pipe| !pipe_stays(pipe)).cloned());
        }
        if !self.exists && self.before.watcher.is_some() {
            gone.push(watch::name(self));
        }
        // The caller may sit in what is stopped: then the rest goes first.
        gone.extend(own);
        if !gone.is_empty() {
            cmd::outlive_hangup();
        }
        let floor = self.floor.get_mut();
        floor.stop(&gone);
        for window in self.world.windows.values() {
            for cell in window.layout.leaves() {
                let layout::Kind::Pane(id) = cell.kind else { continue };
                let Some(pane) = self.world.panes.get(&id) else { continue };
                let before = self.before.window_of(id).and_then(|w| w.layout.find(id)).map(|c| (c.sx, c.sy));
                let same_life = self.before.panes.get(&id).is_some_and(|p| p.pid == pane.pid);
                if same_life && before != Some((cell.sx, cell.sy)) && pane.dead.is_none() {
                    floor.resize(&pane.session, cell.sx, cell.sy);
                }
            }
        }
    }

    pub fn close(&mut self) -> Ran {
        if self.lock.is_some() {
            self.settle();
            watch::ensure(self);
        }
        let kept = self.keep();
        self.lock = None;
        self.flush();
        kept
    }

    /// Lets others change the world for as long as `wait` takes, and reads it again.
    pub fn meanwhile<T>(&mut self, wait: impl FnOnce(&mut Self) -> T) -> Result<T, Stopped> {
        let locked = self.lock.is_some();
        self.world.held = self.world.sessions.is_empty().then(|| std::process::id() as i32);
        self.keep()?;
        self.lock = None;
        self.flush();
        let done = wait(self);
        self.open(locked)?;
        self.world.held = None;
        Ok(done)
    }

    pub fn version(&self) -> u64 {
        self.version
    }
}
