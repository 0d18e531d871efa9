//! `start`: a session that is there afterwards, whether or not it was there before.

use super::{Effect, Tool, described, of_type, plain};
use crate::answer::Answer;
use crate::arguments;
use crate::call::{Call, unexpected};
use psup_link::{caller, request_id};
use psup_proto::condition::{Condition, MatchOn, Quorum, Verdict, Wait};
use psup_proto::request::{IfExists, Spawn};
use psup_proto::response::Started;
use psup_proto::spec::Restart;
use psup_proto::{Code, Failure, Request, Response, Size, Spec, limits};
use rmcp::model::JsonObject;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::time::Duration;

pub(super) const TOOL: Tool = Tool {
    name: "start",
    description: "Start a program in a terminal that outlives this conversation; unchanged if it \
                  runs",
    effect: Effect::Begins,
    input: || {
        let properties = json!({
            "name": described("string", "session: a-z 0-9 - _ ."),
            "command": described("string", "for sh -c; else the user's shell"),
            "cwd": of_type("string"),
            "env": of_type("object"),
            "size": described("string", "COLSxROWS"),
        });
        (properties, json!(["name"]))
    },
    output: || {
        json!({
            "session": plain(),
            "did": described("string", "started, restarted or unchanged"),
            "offset": plain(),
            "exit_code": plain(),
        })
    },
    run,
};

/// A shell is at its prompt long before that.
const PROMPT_TIME: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    name: String,
    command: Option<String>,
    cwd: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    size: Option<String>,
}

fn run(arguments: JsonObject, call: &mut Call<'_>) -> Result<Answer, Failure> {
    let arguments: Arguments = arguments::read(arguments)?;
    let target = call.target(&arguments.name)?;
    if target.life.is_some() {
        return Err(Failure::new(
            Code::Usage,
            "a session is started by its name alone",
        ));
    }
    let is_shell = arguments.command.is_none();
    let request = Request::Spawn(Box::new(Spawn {
        id: request_id::fresh_id()?,
        name: target.name,
        spec: spec(arguments, call.umask)?,
        how: IfExists::Ensure,
        // `run` needs a shell that is at its prompt.
        ready: is_shell.then(prompt),
    }));
    let spawned = match call.ask(&request)? {
        Response::Spawned(spawned) => spawned,
        other => return Err(unexpected(other)),
    };
    let did = match spawned.done {
        Started::Started => "started",
        Started::Restarted => "restarted",
        Started::Unchanged => "unchanged",
        Started::Replaced => "replaced",
    };
    let waited = spawned.ready.as_ref();
    let is_waiting = waited.is_none_or(|waited| matches!(waited.verdict, Verdict::Held(_)));
    Ok(Answer::default()
        .with("session", spawned.id.to_string())
        .with("did", did)
        .with("offset", spawned.offset)
        .with_some(
            "hint",
            (!is_waiting).then_some("no prompt yet: `look` shows what it does"),
        )
        .with_exit(waited.and_then(|waited| waited.exit.as_ref())))
}

fn spec(arguments: Arguments, umask: u32) -> Result<Spec, Failure> {
    let asked_env: Vec<caller::Var> = arguments
        .env
        .into_iter()
        .map(|(key, value)| (key.into_bytes(), value.into_bytes()))
        .collect();
    let mut env = caller::environment();
    env.retain(|(key, _)| asked_env.iter().all(|(asked, _)| asked != key));
    env.extend(asked_env.iter().cloned());
    Ok(Spec {
        command: match arguments.command {
            Some(script) => vec![b"/bin/sh".to_vec(), b"-c".to_vec(), script.into_bytes()],
            None => vec![caller::users_shell()],
        },
        cwd: directory(arguments.cwd.as_deref().unwrap_or("."))?,
        env,
        asked_env,
        size: match arguments.size {
            Some(size) => size.parse()?,
            None => Size::DEFAULT,
        },
        scrollback: limits::SCROLLBACK,
        restart: Restart::No,
        on_boot: false,
        labels: BTreeMap::new(),
        log_limit: Some(limits::LOG),
        ttl: None,
        umask,
        integration: true,
        hooks: Vec::new(),
        resources: psup_proto::resources::ResourceLimits::default(),
        restart_limit: None,
        owner: None,
    })
}

/// What this life has printed already counts, so that one at its prompt is answered at once.
fn prompt() -> Wait {
    Wait {
        conditions: vec![Condition::Prompt],
        quorum: Quorum::Any,
        on: MatchOn::default(),
        since: Some(0),
        fail: None,
        timeout: Some(PROMPT_TIME),
        settle: false,
    }
}

/// By its one true name, so that the same directory said in two ways is the same.
fn directory(path: &str) -> Result<Vec<u8>, Failure> {
    let cannot = |why: &dyn std::fmt::Display| {
        Failure::new(Code::CannotStart, format!("cannot start in {path}: {why}"))
    };
    let found = std::fs::canonicalize(Path::new(path)).map_err(|e| cannot(&e))?;
    if found.is_dir() {
        Ok(found.into_os_string().into_vec())
    } else {
        Err(cannot(&"it is not a directory"))
    }
}
