//! What a driver tells of its session: for `info`, `list` and copies of the journal.

use super::mailbox::{JournalCopy, SessionInfo};
use super::{Driver, foreground};
use crate::platform::cgroup::usage;
use crate::platform::process;
use crate::pty;
use psup_proto::info::Process;
use psup_proto::resources::Usage;
use psup_session::Event;
use std::os::fd::AsFd;
use std::time::Instant;

impl Driver {
    pub(super) fn info(&mut self) -> SessionInfo {
        self.session.handle(Instant::now(), Event::Tick);
        self.session.recall();
        while let Some(effect) = self.session.poll() {
            self.act(effect);
        }
        let holder = self
            .master
            .as_ref()
            .and_then(|master| foreground::holder(master.as_fd()));
        let foreground = holder.as_ref().map(|stat| Process {
            pid: stat.pid,
            name: stat.name.clone(),
            command: process::command(stat.pid),
        });
        let now = Instant::now();
        let sight = self.foreground();
        let sight = sight.filter(|_| !self.has_unread_output());
        let brief_info = self.brief_info();
        SessionInfo {
            blocked: self.session.blocked(now, sight),
            usage: self.usage(),
            foreground,
            cwd: brief_info.pid.and_then(process::cwd),
            ..brief_info
        }
    }

    pub(super) fn copy(&self) -> JournalCopy {
        let end = self.journal.end();
        let from = self.journal.start();
        // Where every byte is kept they draw it.
        let drawn = || self.session.drawn_screen();
        let screen = (from > 0).then(|| drawn().or_else(|| self.journal.checkpoint_before(end)));
        JournalCopy {
            from,
            end,
            events: self.journal.notes_before(end),
            screen: screen.flatten(),
        }
    }

    pub(super) fn brief_info(&self) -> SessionInfo {
        SessionInfo {
            facts: self.session.facts(),
            pid: self.pid().filter(|_| !self.session.has_ended()),
            foreground: None,
            cwd: None,
            kept_from: self.journal.start(),
            blocked: None,
            usage: None,
        }
    }

    /// What its processes use, while there are any.
    pub(super) fn usage(&self) -> Option<Usage> {
        let leader = self.pid().filter(|_| !self.session.has_ended())?;
        let cgroup = self
            .worker
            .cgroups
            .as_ref()
            .and_then(|cgroups| cgroups.find(&self.key));
        let pids = match &cgroup {
            Some(cgroup) => cgroup.pids(),
            None => pty::ProcessTree::of(leader, &self.key, None).pids(),
        };
        Some(usage::of(cgroup.as_ref(), &pids))
    }
}
