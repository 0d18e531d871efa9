//! The output of panes: followed from when a pane is first seen, and told with what is special
//! escaped.

use super::{Control, Heard};
use crate::time::now_ms;
use std::io::Write;

impl<'a> Control<'_, 'a> {
    /// Every pane of the session has its output told, from when it is first seen.
    pub(super) fn follow<'scope>(&mut self, scope: &'scope std::thread::Scope<'scope, '_>)
    where
        'a: 'scope,
        Self: 'scope,
    {
        let own = self.own().map(|own| own.session);
        let Some(session) = own.and_then(|id| self.state.session(id)) else {
            return;
        };
        let panes: Vec<u32> = session
            .windows
            .values()
            .filter_map(|w| self.state.windows.get(w))
            .flat_map(|w| w.panes.clone())
            .collect();
        for id in panes {
            let Some(pane) = self.state.panes.get(&id) else {
                continue;
            };
            let life = format!("{} {}", pane.session, pane.pid);
            if pane.dead.is_some() || self.followed.get(&id) == Some(&life) {
                continue;
            }
            let known = self.followed.insert(id, life).is_some() || !self.state.clients.is_empty();
            let Ok(target) = pane.session.parse() else {
                continue;
            };
            let Some(info) = self.backend.info(&pane.session) else {
                continue;
            };
            // What a pane had said before anybody looked is on its screen already; a pane of our
            // own making begins at its beginning.
            let young = now_ms().saturating_sub(info.started_ms) < 2000 && known;
            let since = if young { 0 } else { info.offset };
            let queue = self.queue.clone();
            let at = self.at.clone();
            // An empty piece is the end.
            scope.spawn(move || {
                at.follow(target, since, |bytes| {
                    queue.send(Heard::Output(id, bytes)).is_ok()
                });
            });
        }
    }

    pub(super) fn output(&mut self, pane: u32, bytes: &[u8]) {
        if bytes.is_empty() {
            // The pane's child has ended: buried by the next who takes the lock, and that is us.
            let mut run = self.run();
            if run.open(true).is_ok() {
                let _ = run.execute(&[]);
                let _ = run.close();
            }
            return;
        }
        let Some(own) = self.own() else { return };
        let flag = |name: &str| {
            own.flags
                .iter()
                .any(|flag| flag.split('=').next() == Some(name))
        };
        if flag("no-output") || own.flows.contains_key(&pane) {
            return;
        }
        let head = if flag("pause-after") {
            // Nothing is kept back here, so nothing is ever late.
            format!("%extended-output %{pane} 0 : ")
        } else {
            format!("%output %{pane} ")
        };
        let mut out = head.into_bytes();
        for byte in bytes {
            if *byte < b' ' || *byte == b'\\' {
                out.extend_from_slice(format!("\\{byte:03o}").as_bytes());
            } else {
                out.push(*byte);
            }
        }
        out.push(b'\n');
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(&out).and_then(|()| stdout.flush());
    }
}
