//! Whether the state wants a watcher, and the session that is one: hooks about ends and alerts then
//! run at once.

use crate::backend::WATCH_LABEL;
use crate::run::Run;
use crate::state::{Options, State, Window};
use crate::{options, platform};
use psup_link::caller;
use psup_proto::spec::Restart;
use psup_proto::{Size, Spec};
use std::collections::BTreeMap;
use std::time::Duration;

/// The word by which a psup becomes the watcher of a state.
pub(crate) const WORD: &str = "--watch";

/// Hooks that nobody else would run in time.
const HOOKS: [&str; 6] = [
    "pane-died",
    "pane-exited",
    "session-closed",
    "alert-activity",
    "alert-bell",
    "alert-silence",
];

fn sets(state: &State) -> impl Iterator<Item = &Options> {
    let sessions = state.sessions.values().map(|s| &s.options);
    let windows = state.windows.values().map(|w| &w.options);
    let panes = state.panes.values().map(|p| &p.options);
    [&state.global, &state.global_window]
        .into_iter()
        .chain(sessions)
        .chain(windows)
        .chain(panes)
}

pub(crate) fn is_monitored(state: &State, window: &Window) -> bool {
    options::of_window(state, Some(window), "monitor-activity") == "on"
        || silence(state, window).is_some()
}

pub(crate) fn silence(state: &State, window: &Window) -> Option<Duration> {
    let seconds = options::of_window(state, Some(window), "monitor-silence")
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds)).filter(|time| !time.is_zero())
}

/// Whether there is a hook, a monitored window or an attached client that needs a watcher.
pub(crate) fn wants_watcher(state: &State) -> bool {
    let is_hook = |key: &String| HOOKS.contains(&options::indexed(key).0);
    !state.panes.is_empty()
        && (state.clients.iter().any(|c| !c.control)
            || sets(state).any(|set| set.keys().any(is_hook))
            || state.windows.values().any(|w| is_monitored(state, w)))
}

impl Run<'_> {
    /// Begins to watch the state if it wants that and nobody does.
    pub(crate) fn ensure_watcher(&mut self) {
        let lives = self.state.watcher.is_some_and(platform::lives);
        if lives || !self.exists || !wants_watcher(&self.state) {
            return;
        }
        let own = std::env::current_exe()
            .map_or_else(|_| "psup".into(), |p| p.to_string_lossy().into_owned());
        let mut env: Vec<(Vec<u8>, Vec<u8>)> = caller::environment();
        env.retain(|(key, _)| key != b"TMUX_PANE" && key != b"TMUX");
        let command = [own.as_str(), "tmux", WORD, &self.socket];
        let spec = Spec {
            command: command.map(|w| w.as_bytes().to_vec()).to_vec(),
            cwd: b"/".to_vec(),
            env,
            asked_env: vec![],
            size: Size::DEFAULT,
            scrollback: 100,
            restart: Restart::OnFailure,
            on_boot: false,
            labels: BTreeMap::from([(
                WATCH_LABEL.to_owned(),
                self.backend.borrow().key().to_string(),
            )]),
            log_limit: None,
            ttl: None,
            umask: caller::umask(),
            integration: false,
            hooks: Vec::new(),
            resources: psup_proto::resources::ResourceLimits::default(),
            restart_limit: None,
            owner: None,
        };
        let name = self.watcher_name();
        let spawned = self.backend.borrow_mut().spawn(&name, spec);
        // Without it everything is found by the next command that looks.
        self.state.watcher = spawned.ok().map(|spawned| spawned.pid);
    }

    /// The session that watches.
    pub(crate) fn watcher_name(&self) -> String {
        format!("{}-watch", self.backend.borrow().key())
    }
}
