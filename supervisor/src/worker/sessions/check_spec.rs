//! What a spec has to say so that something can be started from it.

use super::owner_process;
use crate::worker::hooks;
use psup_proto::resources::ResourceLimits;
use psup_proto::{Code, Failure, Size, Spec, limits};

/// A spec comes from a client: what it says is checked before anything is made of it.
pub(super) fn check(spec: &Spec) -> Result<(), Failure> {
    let usage = |message: String| Err(Failure::new(Code::Usage, message));
    if spec.command.first().is_none_or(Vec::is_empty) {
        return usage("there is no command to start".into());
    }
    if Size::new(spec.size.cols, spec.size.rows).is_none() {
        return usage(format!("bad size {}", spec.size));
    }
    if spec.scrollback > limits::SCROLLBACK_MOST {
        return usage(format!(
            "--scrollback is at most {}",
            limits::SCROLLBACK_MOST
        ));
    }
    if spec
        .log_limit
        .is_some_and(|limit| limit < limits::LOG_LEAST)
    {
        return usage(format!(
            "--log-limit is at least {} bytes",
            limits::LOG_LEAST
        ));
    }
    if spec.labels.len() > limits::LABELS
        || spec
            .labels
            .iter()
            .any(|(k, v)| k.is_empty() || k.len() > limits::LABEL || v.len() > limits::LABEL)
    {
        return usage(format!(
            "a session has at most {} labels of at most {} bytes",
            limits::LABELS,
            limits::LABEL
        ));
    }
    check_resources(&spec.resources)?;
    owner_process::check(spec)?;
    if spec.hooks.len() > limits::SPEC_HOOKS {
        return usage(format!(
            "a session is started with at most {} hooks",
            limits::SPEC_HOOKS
        ));
    }
    for hook in &spec.hooks {
        hooks::check(hook)?;
    }
    let texts = spec
        .command
        .iter()
        .chain([&spec.cwd])
        .chain(spec.env.iter().flat_map(|(k, v)| [k, v]));
    if texts.into_iter().any(|text| text.contains(&0)) {
        return usage("commands, directories and variables cannot hold a zero byte".into());
    }
    if spec
        .env
        .iter()
        .any(|(key, _)| key.is_empty() || key.contains(&b'='))
    {
        return usage("a variable needs a name without \"=\"".into());
    }
    Ok(())
}

fn check_resources(resources: &ResourceLimits) -> Result<(), Failure> {
    let ResourceLimits {
        memory,
        pids,
        cpu,
        nice,
        best_effort: _,
    } = *resources;
    let message = if memory.is_some_and(|bytes| bytes < limits::MEMORY_LEAST) {
        format!("--memory is at least {} bytes", limits::MEMORY_LEAST)
    } else if pids == Some(0) {
        "--pids is at least 1".into()
    } else if cpu.is_some_and(|percent| !(1..=limits::CPU_MOST).contains(&percent)) {
        format!("--cpu is 1% to {}%", limits::CPU_MOST)
    } else if nice.is_some_and(|nice| !(-20..=19).contains(&nice)) {
        "--nice is -20 to 19".into()
    } else {
        return Ok(());
    };
    Err(Failure::new(Code::Usage, message))
}
