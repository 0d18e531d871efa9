//! The beginning of a state: what it has from its first caller and the configuration.

use crate::backend::native;
use crate::flags::Flags;
use crate::platform;
use crate::run::Run;
use crate::state::{Session, State, Var};
use crate::time::now_ms;
use psup_link::caller;
use std::path::PathBuf;

impl Run<'_> {
    /// Begins a state, with what the configuration says.
    pub(crate) fn create(&mut self, flags: &Flags) {
        self.exists = true;
        let environment = std::env::vars_os()
            .map(|(k, v)| {
                (
                    k.to_string_lossy().into_owned(),
                    v.to_string_lossy().into_owned(),
                )
            })
            .filter(|(k, _)| k != "TMUX" && k != "TMUX_PANE" && k != "PSUP_DIR_INSIDE")
            .map(|(k, value)| {
                let var = Var {
                    value: Some(value),
                    hidden: false,
                };
                (k, var)
            })
            .collect();
        self.state = State {
            started_ms: now_ms(),
            socket: self.socket.clone(),
            environment,
            ..State::default()
        };
        native::add(&mut self.state, &self.live);
        let shell = std::env::var("SHELL")
            .ok()
            .filter(|s| platform::is_shell(s))
            .unwrap_or_else(|| String::from_utf8_lossy(&caller::users_shell()).into_owned());
        self.state.global.insert("default-shell".to_owned(), shell);
        if let Some(editor) = ["VISUAL", "EDITOR"]
            .into_iter()
            .find_map(|v| std::env::var(v).ok())
        {
            self.state
                .server
                .insert("editor".to_owned(), editor.clone());
            if editor.rsplit('/').next().is_some_and(|e| e.contains("vi")) {
                self.state
                    .global
                    .insert("status-keys".to_owned(), "vi".to_owned());
                self.state
                    .global_window
                    .insert("mode-keys".to_owned(), "vi".to_owned());
            }
        }
        self.publish_socket(false);
        let files: Vec<PathBuf> = if flags.configured {
            flags.config.clone()
        } else {
            let home = std::env::var_os("HOME")
                .map(PathBuf::from)
                .unwrap_or_default();
            let config = std::env::var_os("XDG_CONFIG_HOME")
                .map_or_else(|| home.join(".config"), PathBuf::from);
            let usual = [
                "/etc/tmux.conf".into(),
                home.join(".tmux.conf"),
                config.join("tmux/tmux.conf"),
            ];
            usual
                .into_iter()
                .filter(|file: &PathBuf| file.exists())
                .collect()
        };
        let loaded: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
        self.state.messages.push(loaded.join(","));
        self.alone = true;
        for file in files {
            match std::fs::read_to_string(&file) {
                Ok(text) => drop(self.source(&text, &file.display().to_string())),
                Err(_) => self.mistaken |= flags.configured,
            }
        }
        self.alone = false;
        self.code = 0;
        let first = self
            .state
            .sessions
            .values()
            .next()
            .map(|session| session.id);
        if let Some(session) = first {
            self.show_mistakes(session);
        }
    }

    /// tmux shows what is wrong in a configuration on top of a session's pane, which is in a mode
    /// until somebody ends it.
    pub(crate) fn show_mistakes(&mut self, session: u32) {
        if !self.mistaken || self.alone {
            return;
        }
        let window = self.state.session(session).map(Session::current_window);
        let pane = window
            .and_then(|id| self.state.windows.get(&id))
            .map(|window| window.active);
        if let Some(pane) = pane.and_then(|id| self.state.panes.get_mut(&id)) {
            pane.mode = Some("view-mode".to_owned());
            self.mistaken = false;
        }
    }
}
