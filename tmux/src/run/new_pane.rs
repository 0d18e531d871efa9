//! New panes: what runs in them, where, and with which environment.

use crate::addressing::fnmatch;
use crate::backend::LABEL;
use crate::language::escape;
use crate::layout::Cell;
use crate::run::{CommandError, Run};
use crate::state::{Environment, Pane, Var, Window};
use crate::text::readable;
use crate::time::now_ms;
use crate::variables::names::short_name;
use crate::version::VERSION;
use crate::{options, platform};
use psup_link::caller;
use psup_proto::response::Spawned;
use psup_proto::spec::Restart;
use psup_proto::{Code, Size, Spec, limits};
use std::collections::BTreeMap;

/// What is wanted of a new pane.
pub(crate) struct Wanted {
    pub session: u32,
    pub arguments: Vec<String>,
    pub cwd: Option<String>,
    pub environment: Vec<String>,
    pub sx: i32,
    pub sy: i32,
}

impl Run<'_> {
    /// Starts a child for a pane of this id; it belongs to no window yet.
    pub(crate) fn start_pane(&mut self, id: u32, wanted: &Wanted) -> Result<Pane, CommandError> {
        let session = self
            .state
            .session(wanted.session)
            .ok_or_else(|| CommandError::Error("no such session".to_owned()))?;
        let session_name = session.name.clone();
        let shell = {
            let shell = options::of_session(&self.state, Some(session), "default-shell");
            if platform::is_shell(&shell) {
                shell
            } else {
                "/bin/sh".to_owned()
            }
        };
        let cwd = wanted
            .cwd
            .clone()
            .unwrap_or_else(|| self.caller.cwd.clone());
        let mut arguments = wanted.arguments.clone();
        if arguments.is_empty() {
            let default = options::of_session(&self.state, Some(session), "default-command");
            if !default.is_empty() {
                arguments.push(default);
            }
        }
        let command = match arguments.as_slice() {
            [] => login(&shell),
            [script] => vec![shell.clone(), "-c".to_owned(), script.clone()],
            words => words.to_vec(),
        };
        let name = self.pane_name(&session_name, id);
        let spec = self.spec(id, wanted, command, &shell, &cwd);
        let spawned = self.spawn_pane(&name, spec)?;
        if let Some(info) = self.backend.borrow_mut().info(&name) {
            self.live.insert(name.clone(), info);
        }
        let tty = platform::terminal(spawned.pid).unwrap_or_default();
        let start_command = arguments
            .iter()
            .map(|a| escape(a))
            .collect::<Vec<_>>()
            .join(" ");
        Ok(Pane {
            id,
            session: name,
            pid: spawned.pid,
            tty,
            title: None,
            options: BTreeMap::new(),
            start_command,
            start_path: cwd,
            arguments,
            dead: None,
            pipe: None,
            empty: false,
            mode: None,
            copy: None,
            choosing: None,
            input_off: false,
            cleared: 0,
        })
    }

    /// What psup is told of a pane's session.
    fn spec(&self, id: u32, wanted: &Wanted, command: Vec<String>, shell: &str, cwd: &str) -> Spec {
        let session = self.state.session(wanted.session);
        let history: u32 = options::of_session(&self.state, session, "history-limit")
            .parse()
            .unwrap_or(2000);
        let env = self.environment_of(wanted, id, shell, cwd);
        let real_cwd = std::fs::canonicalize(cwd).ok().filter(|d| d.is_dir());
        let real_cwd = real_cwd.or_else(|| {
            std::env::var_os("HOME")
                .map(Into::into)
                .filter(|h: &std::path::PathBuf| h.is_dir())
        });
        let size = |n: i32| n.clamp(1, i32::from(Size::MOST)) as u16;
        Spec {
            command: command.into_iter().map(String::into_bytes).collect(),
            cwd: real_cwd.map_or_else(
                || b"/".to_vec(),
                |d| d.to_string_lossy().into_owned().into_bytes(),
            ),
            asked_env: ["TMUX", "TMUX_PANE", "TERM"]
                .into_iter()
                .filter_map(|name| {
                    Some((
                        name.as_bytes().to_vec(),
                        env.get(name)?.clone().into_bytes(),
                    ))
                })
                .collect(),
            env: env
                .into_iter()
                .map(|(k, v)| (k.into_bytes(), v.into_bytes()))
                .collect(),
            size: Size {
                cols: size(wanted.sx),
                rows: size(wanted.sy),
            },
            scrollback: history.max(1),
            restart: Restart::No,
            on_boot: false,
            labels: BTreeMap::from([
                (LABEL.to_owned(), self.backend.borrow().key().to_string()),
                ("pane".to_owned(), format!("%{id}")),
            ]),
            log_limit: Some(limits::LOG),
            ttl: None,
            umask: caller::umask(),
            integration: false,
            hooks: Vec::new(),
            resources: psup_proto::resources::ResourceLimits::default(),
            restart_limit: None,
            owner: None,
        }
    }

    /// A pane whose program is not there has ended, and is no mistake of who asked for it.
    fn spawn_pane(&mut self, name: &str, spec: Spec) -> Result<Spawned, CommandError> {
        let mut backend = self.backend.borrow_mut();
        match backend.spawn(name, spec.clone()) {
            Err(failure) if failure.code == Code::CannotStart => {
                let ended = ["/bin/sh", "-c", "exit 1"].map(|word| word.as_bytes().to_vec());
                let spec = Spec {
                    command: ended.to_vec(),
                    ..spec
                };
                Ok(backend.spawn(name, spec)?)
            }
            spawned => Ok(spawned?),
        }
    }

    /// A pane without a program: its terminal is held by one that does nothing.
    pub(crate) fn start_empty_pane(
        &mut self,
        id: u32,
        wanted: &Wanted,
    ) -> Result<Pane, CommandError> {
        let held = Wanted {
            arguments: ["tail", "-f", "/dev/null"].map(str::to_owned).to_vec(),
            cwd: wanted.cwd.clone(),
            environment: wanted.environment.clone(),
            ..*wanted
        };
        let pane = self.start_pane(id, &held)?;
        Ok(Pane {
            empty: true,
            start_command: wanted
                .arguments
                .iter()
                .map(|a| escape(a))
                .collect::<Vec<_>>()
                .join(" "),
            arguments: wanted.arguments.clone(),
            ..pane
        })
    }

    /// A window with one pane; nobody shows it yet.
    pub(crate) fn start_window(
        &mut self,
        wanted: &Wanted,
        name: Option<&str>,
    ) -> Result<u32, CommandError> {
        let (window, id) = (self.state.next_window, self.state.next_pane);
        self.state.next_window += 1;
        self.state.next_pane += 1;
        let pane = self.start_pane(id, wanted)?;
        let command = self.usual_name(&pane);
        let mut opts = BTreeMap::new();
        if name.is_some() {
            opts.insert("automatic-rename".to_owned(), "off".to_owned());
        }
        self.state.panes.insert(id, pane);
        let fresh = Window {
            id: window,
            name: name.map_or(command, str::to_owned),
            sx: wanted.sx,
            sy: wanted.sy,
            layout: Cell::pane(id, wanted.sx, wanted.sy),
            panes: vec![id],
            active: id,
            last: vec![],
            zoomed: None,
            behind: None,
            options: opts,
            activity_ms: now_ms(),
            last_layout: None,
            old_layout: None,
            manual: false,
        };
        self.state.windows.insert(window, fresh);
        Ok(window)
    }

    /// What a window is called after the pane it begins with.
    pub(crate) fn usual_name(&self, pane: &Pane) -> String {
        short_name(&if pane.arguments.is_empty() {
            options::of_session(&self.state, None, "default-shell")
        } else {
            pane.arguments.join(" ")
        })
    }

    /// How the pane's session is called natively: readable, and of this state alone.
    fn pane_name(&mut self, session: &str, pane: u32) -> String {
        let key = self.backend.borrow().key().to_string();
        let name = format!("{key}-{}-{pane}", readable(session, 24));
        let mut name: String = name.chars().take(60).collect();
        // Another state's, or what was left by one that was lost.
        while self.state.panes.values().any(|p| p.session == name) {
            name.push('x');
        }
        name
    }

    fn environment_of(
        &self,
        wanted: &Wanted,
        pane: u32,
        shell: &str,
        cwd: &str,
    ) -> BTreeMap<String, String> {
        let mut env: BTreeMap<String, String> = BTreeMap::new();
        let mut apply = |vars: &Environment| {
            for (key, var) in vars.iter().filter(|(_, var)| !var.hidden) {
                match &var.value {
                    Some(value) => drop(env.insert(key.clone(), value.clone())),
                    None => drop(env.remove(key)),
                }
            }
        };
        apply(&self.state.environment);
        if let Some(session) = self.state.session(wanted.session) {
            apply(&session.environment);
        }
        if let Ok(path) = std::env::var("PATH") {
            env.insert("PATH".to_owned(), path);
        }
        for pair in &wanted.environment {
            if let Some((key, value)) = pair.split_once('=') {
                env.insert(key.to_owned(), value.to_owned());
            }
        }
        env.insert(
            "TMUX".to_owned(),
            format!(
                "{},{},{}",
                self.socket,
                self.backend.borrow_mut().pid(),
                wanted.session
            ),
        );
        env.insert("TMUX_PANE".to_owned(), format!("%{pane}"));
        env.insert(
            "TERM".to_owned(),
            options::of_server(&self.state, "default-terminal"),
        );
        env.insert("TERM_PROGRAM".to_owned(), "tmux".to_owned());
        env.insert("TERM_PROGRAM_VERSION".to_owned(), VERSION.to_owned());
        env.insert("SHELL".to_owned(), shell.to_owned());
        env.insert("PWD".to_owned(), cwd.to_owned());
        // The supervisor by which the pane's own tmux commands find this state.
        for name in ["PSUP_DIR", "PSUP_PROFILE"] {
            if let Ok(value) = std::env::var(name) {
                env.insert(name.to_owned(), value);
            }
        }
        env
    }

    /// The session's variables from the caller's environment, as `update-environment` says.
    pub(crate) fn updated_environment(&self) -> Environment {
        let Ok(entry) = options::find("update-environment") else {
            return Environment::new();
        };
        let mut env = Environment::new();
        for (_, name) in options::global(&self.state, entry) {
            let before = env.len();
            let like = std::env::vars().filter(|(own, _)| fnmatch(&name, own));
            env.extend(like.map(|(own, value)| {
                let value = Some(value);
                (
                    own,
                    Var {
                        value,
                        hidden: false,
                    },
                )
            }));
            if env.len() == before {
                env.entry(name).or_insert(Var {
                    value: None,
                    hidden: false,
                });
            }
        }
        env
    }
}

/// Shells that take `-l` are login shells; others are just started.
fn login(shell: &str) -> Vec<String> {
    let knows = matches!(
        shell.rsplit('/').next(),
        Some("bash" | "sh" | "dash" | "zsh" | "ksh" | "mksh" | "fish" | "ash")
    );
    if knows {
        vec![shell.to_owned(), "-l".to_owned()]
    } else {
        vec![shell.to_owned()]
    }
}
