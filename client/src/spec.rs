//! What `spawn` and `ensure` are told about a session, and the spec that comes of it.

use crate::conditions;
use crate::env::{self, Var};
use crate::hook_args::HookFlags;
use crate::resource_args::ResourceArgs;
use crate::restart_args::{self, OwnerArg};
use crate::value_parsers;
use crate::wanted::Wanted;
use psup_proto::condition::{Condition, MatchOn, Quorum, Wait};
use psup_proto::greeting::Caller;
use psup_proto::restart::RestartLimit;
use psup_proto::spec::Restart;
use psup_proto::{Code, Failure, Name, Size, Spec, limits, units};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::time::Duration;

// Without a doc comment: it would become the story of the verb this is flattened into.
#[derive(Debug, clap::Args)]
pub(crate) struct SpecArgs {
    /// The name of the session: 1 to 64 of a-z 0-9 - _ .
    #[arg(value_name = "NAME")]
    pub name: Name,
    /// Run this through /bin/sh -c instead of a command
    #[arg(long, value_name = "SCRIPT", conflicts_with = "command")]
    shell: Option<OsString>,
    /// Start it in this directory instead of the current one
    #[arg(long, value_name = "DIR")]
    pub cwd: Option<PathBuf>,
    /// Set a variable; takes precedence over --env-file
    #[arg(long, value_name = "KEY=VALUE", value_parser = value_parsers::pair)]
    env: Vec<(String, String)>,
    /// Set the variables in this file: KEY=VALUE lines and # comments; quotes are allowed, nothing
    /// is expanded
    #[arg(long, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// Pass on nothing of the current environment but HOME PATH USER LOGNAME SHELL LANG LC_ALL
    /// LC_CTYPE
    #[arg(long)]
    clear_env: bool,
    /// Columns and rows of the terminal
    #[arg(long, value_name = "COLSxROWS", default_value_t = Size::DEFAULT)]
    size: Size,
    /// Lines of scrollback to keep
    #[arg(long, value_name = "LINES", default_value_t = limits::SCROLLBACK, value_parser = clap::value_parser!(u32).range(..=i64::from(limits::SCROLLBACK_MOST)))]
    scrollback: u32,
    /// Start it again when it ends by itself, never after a stop
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = When::No)]
    restart: When,
    /// Give it up as crash-looping when --restart would start it more than N times within DUR
    #[arg(long, value_name = "N/DUR", value_parser = restart_args::restart_limit)]
    restart_limit: Option<RestartLimit>,
    /// Start it again after a reboot of the machine
    #[arg(long)]
    on_boot: bool,
    /// Add a label, for psup list --label
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = value_parsers::label)]
    labels: Vec<(String, String)>,
    /// Keep at most this much of its output on disk [default: 64m]
    #[arg(long, value_name = "BYTES", value_parser = value_parsers::log_limit)]
    log_limit: Option<u64>,
    /// Keep its output in memory only
    #[arg(long, conflicts_with = "log_limit")]
    no_log: bool,
    /// Stop it after this time
    #[arg(long, value_name = "DUR", value_parser = units::duration)]
    ttl: Option<Duration>,
    /// Return when this holds: text=REGEX gone=REGEX prompt idle=DUR port=N file=PATH exit; if
    /// repeated, when all of them hold
    #[arg(long, value_name = "CONDITION", value_parser = conditions::ready)]
    ready: Vec<Condition>,
    /// Stop waiting for --ready after this time; the session keeps running
    #[arg(long, value_name = "DUR", value_parser = units::duration, requires = "ready")]
    timeout: Option<Duration>,
    /// Do not teach bash, zsh and fish to mark their prompts and commands
    #[arg(long)]
    no_integration: bool,
    /// Stop it when this process has gone; self is the one that calls psup
    #[arg(long, value_name = "PID|self", allow_hyphen_values = true, value_parser = restart_args::owner)]
    owner: Option<OwnerArg>,
    #[command(flatten)]
    resources: ResourceArgs,
    #[command(flatten)]
    hooks: HookFlags,
    /// The program and its arguments; without one, the user's shell
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum When {
    No,
    OnFailure,
    Always,
}

impl SpecArgs {
    /// `NAME -- COMMAND`, and all the rest as it is when nothing is said.
    pub(crate) fn plain(name: Name, command: &[OsString]) -> Self {
        Self {
            name,
            shell: None,
            cwd: None,
            env: Vec::new(),
            env_file: Vec::new(),
            clear_env: false,
            size: Size::DEFAULT,
            scrollback: limits::SCROLLBACK,
            restart: When::No,
            restart_limit: None,
            owner: None,
            on_boot: false,
            labels: Vec::new(),
            log_limit: None,
            no_log: false,
            ttl: None,
            ready: Vec::new(),
            timeout: None,
            no_integration: false,
            resources: ResourceArgs::default(),
            hooks: HookFlags::default(),
            command: command.to_vec(),
        }
    }

    /// Everything the child needs, resolved where the caller is.
    pub(crate) fn spec(&self, caller: Caller, on: &Wanted) -> Result<Spec, Failure> {
        if self.restart_limit.is_some() && matches!(self.restart, When::No) {
            let message = "--restart-limit limits what --restart does, and there is none";
            return Err(Failure::new(Code::Usage, message)
                .hint("`--restart on-failure` or `--restart always` starts it again"));
        }
        let asked_env = self.asked_env()?;
        let command = self.command(&caller);
        let mut env = env::of_caller(caller.environment, self.clear_env);
        env::set(&mut env, &asked_env);
        Ok(Spec {
            command,
            cwd: caller.cwd,
            env,
            asked_env,
            size: self.size,
            scrollback: self.scrollback,
            restart: match self.restart {
                When::No => Restart::No,
                When::OnFailure => Restart::OnFailure,
                When::Always => Restart::Always,
            },
            on_boot: self.on_boot,
            labels: self.labels()?,
            log_limit: (!self.no_log).then(|| self.log_limit.unwrap_or(limits::LOG)),
            ttl: self.ttl,
            umask: caller.umask,
            integration: !self.no_integration,
            hooks: self.hooks.hooks()?,
            resources: self.resources.limits(),
            restart_limit: self.restart_limit,
            owner: self.owner.map(|owner| owner.find(on)).transpose()?,
        })
    }

    /// What has to hold before the answer. What this life has printed already counts, so that
    /// `ensure` of a session that has long been ready returns at once.
    pub(crate) fn wait(&self, caller: &Caller) -> Result<Option<Wait>, Failure> {
        let resolved = |ready: &Condition| conditions::from_directory(ready.clone(), caller);
        let conditions: Vec<_> = self.ready.iter().map(resolved).collect::<Result<_, _>>()?;
        Ok((!conditions.is_empty()).then(|| Wait {
            conditions,
            quorum: Quorum::All,
            on: MatchOn::default(),
            since: Some(0),
            fail: None,
            timeout: self.timeout,
            settle: false,
        }))
    }

    fn command(&self, caller: &Caller) -> Vec<Vec<u8>> {
        if let Some(script) = &self.shell {
            return vec![
                b"/bin/sh".to_vec(),
                b"-c".to_vec(),
                script.clone().into_vec(),
            ];
        }
        if self.command.is_empty() {
            return vec![caller.shell.clone()];
        }
        self.command
            .iter()
            .map(|arg| arg.clone().into_vec())
            .collect()
    }

    fn asked_env(&self) -> Result<Vec<Var>, Failure> {
        let mut asked = Vec::new();
        for file in &self.env_file {
            env::set(&mut asked, &env::from_file(file)?);
        }
        let flags: Vec<Var> = self
            .env
            .iter()
            .map(|(key, value)| (key.clone().into_bytes(), value.clone().into_bytes()))
            .collect();
        env::set(&mut asked, &flags);
        Ok(asked)
    }

    fn labels(&self) -> Result<BTreeMap<String, String>, Failure> {
        let labels: BTreeMap<_, _> = self.labels.iter().cloned().collect();
        if labels.len() > limits::LABELS {
            return Err(Failure::new(
                Code::Usage,
                format!("a session has at most {} labels", limits::LABELS),
            ));
        }
        Ok(labels)
    }
}
