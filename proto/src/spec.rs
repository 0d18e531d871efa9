//! What a session is started from. Kept in the state directory, so that a life can be started
//! again.

use crate::hook::Hook;
use crate::limits;
use crate::owner::Owner;
use crate::resources::ResourceLimits;
use crate::restart::RestartLimit;
use crate::size::Size;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Everything needed to start a child, resolved by the client: environment and directory are the
/// caller's, never the supervisor's. Arguments, paths and variables are bytes, as the system has
/// them.
///
/// Specs lie on disk for longer than any build: a field that is missing there is its default, one
/// that this build does not know is skipped. A new field stands at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Spec {
    /// Program and arguments; never empty. The program is looked for in the `PATH` of `env`.
    #[serde(with = "crate::text_or_bytes")]
    pub command: Vec<Vec<u8>>,
    #[serde(with = "crate::text_or_bytes")]
    pub cwd: Vec<u8>,
    /// The whole environment of the child, what was asked for included.
    #[serde(with = "crate::text_or_bytes")]
    pub env: Vec<(Vec<u8>, Vec<u8>)>,
    /// The variables asked for by `--env` and `--env-file`: the part of the environment that
    /// `ensure` compares.
    #[serde(with = "crate::text_or_bytes")]
    pub asked_env: Vec<(Vec<u8>, Vec<u8>)>,
    pub size: Size,
    pub scrollback: u32,
    pub restart: Restart,
    pub on_boot: bool,
    pub labels: BTreeMap<String, String>,
    /// Bytes of log to keep; `None` keeps none beyond the ring.
    pub log_limit: Option<u64>,
    /// Stopped after this time.
    pub ttl: Option<Duration>,
    pub umask: u32,
    /// Whether a shell that psup knows is taught to mark its prompts and commands.
    pub integration: bool,
    /// What is run when something happens to it.
    pub hooks: Vec<Hook>,
    /// What it may use of the machine.
    pub resources: ResourceLimits,
    /// How often the restart policy may begin it again; `None` is without end.
    pub restart_limit: Option<RestartLimit>,
    /// It ends when this process has gone.
    pub owner: Option<Owner>,
}

/// When a new life begins after the child ended by itself. A stop is never followed by a restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    #[default]
    No,
    /// After any end but exit code 0.
    OnFailure,
    Always,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            command: Vec::new(),
            cwd: b"/".to_vec(),
            env: Vec::new(),
            asked_env: Vec::new(),
            size: Size::DEFAULT,
            scrollback: limits::SCROLLBACK,
            restart: Restart::No,
            on_boot: false,
            labels: BTreeMap::new(),
            log_limit: None,
            ttl: None,
            umask: 0o022,
            integration: true,
            hooks: Vec::new(),
            resources: ResourceLimits::default(),
            restart_limit: None,
            owner: None,
        }
    }
}

impl Spec {
    /// What `ensure` would call different, in the words of the command line.
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let mut found = Vec::new();
        let mut note = |differs: bool, what| {
            if differs {
                found.push(what);
            }
        };
        note(self.command != other.command, "command");
        note(self.cwd != other.cwd, "cwd");
        note(sorted(&self.asked_env) != sorted(&other.asked_env), "env");
        note(self.size != other.size, "size");
        note(self.scrollback != other.scrollback, "scrollback");
        note(self.restart != other.restart, "restart");
        note(self.on_boot != other.on_boot, "on-boot");
        note(self.labels != other.labels, "labels");
        note(self.log_limit != other.log_limit, "log-limit");
        note(self.ttl != other.ttl, "ttl");
        note(self.integration != other.integration, "no-integration");
        note(self.hooks != other.hooks, "hooks");
        note(!self.resources.same_as(&other.resources), "resource limits");
        note(self.restart_limit != other.restart_limit, "restart-limit");
        note(self.owner != other.owner, "owner");
        found
    }

    /// The value of a variable in the child's environment.
    pub fn var(&self, name: &str) -> Option<&[u8]> {
        self.env
            .iter()
            .rev()
            .find(|(key, _)| key == name.as_bytes())
            .map(|(_, value)| value.as_slice())
    }
}

fn sorted(env: &[(Vec<u8>, Vec<u8>)]) -> BTreeMap<&[u8], &[u8]> {
    env.iter()
        .map(|(key, value)| (key.as_slice(), value.as_slice()))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn spec() -> Spec {
        Spec {
            command: vec![b"sh".to_vec()],
            env: vec![(b"A".to_vec(), b"1".to_vec())],
            ..Spec::default()
        }
    }

    #[test]
    fn ensure_compares_what_was_asked_for_not_the_callers_environment() {
        let mut other = spec();
        other
            .env
            .push((b"RANDOM_OF_THE_CALLER".to_vec(), b"2".to_vec()));
        assert_eq!(spec().differences(&other), Vec::<&str>::new());
        other.asked_env.push((b"PORT".to_vec(), b"80".to_vec()));
        other.restart = Restart::Always;
        assert_eq!(spec().differences(&other), ["env", "restart"]);
    }

    #[test]
    fn a_spec_on_disk_may_lack_fields_and_have_unknown_ones() {
        let text = r#"{"command":["sh"],"cwd":"/srv","umask":7,"of a later build":[1]}"#;
        let read: Spec = serde_json::from_str(text).unwrap();
        let meant = Spec {
            command: vec![b"sh".to_vec()],
            cwd: b"/srv".to_vec(),
            umask: 7,
            ..Spec::default()
        };
        assert_eq!(read, meant);
    }
}
