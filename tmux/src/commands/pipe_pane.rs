//! `pipe-pane`: the pane's output to a command, or a command's output to the pane, by a psup
//! session of its own that outlives us.

use crate::addressing::Sort;
use crate::backend::PIPE_LABEL;
use crate::format;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};
use crate::text::quoted;
use psup_link::caller;
use psup_proto::spec::Restart;
use psup_proto::{Size, Spec};
use std::collections::BTreeMap;

pub(super) const ENTRY: Entry = Entry {
    name: "pipe-pane",
    alias: "pipep",
    flags: "IOot:",
    args: (0, Some(1)),
    usage: "[-IOo] [-t target-pane] [shell-command]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let id = place.need_pane()?;
    let Some(pane) = run.state.panes.get(&id).cloned() else {
        return Ok(());
    };
    if pane.dead.is_some() {
        return error("target pane has exited");
    }
    let had = pane.pipe.is_some();
    if let Some(pane) = run.state.panes.get_mut(&id) {
        pane.pipe = None;
    }
    run.keep()?;
    let Some(command) = call
        .arg(0)
        .filter(|command| !command.is_empty())
        .filter(|_| !had || !call.has('o'))
    else {
        return Ok(());
    };
    let command = format::expand_time(command, &run.view(Some(place)));
    let own = std::env::current_exe()
        .map_or_else(|_| "psup".into(), |p| p.to_string_lossy().into_owned());
    let offset = run
        .backend
        .borrow_mut()
        .info(&pane.session)
        .map_or(0, |info| info.offset);
    let (name, session) = (format!("{}-pipe", pane.session), &pane.session);
    let read = format!("{} read {session} --since {offset} --follow", quoted(&own));
    let shell = format!("/bin/sh -c {}", quoted(&command));
    let script = match (call.has('I'), call.has('O')) {
        (true, false) => format!("{shell} | {} send {session} --file -", quoted(&own)),
        (true, true) => format!(
            "{read} | {shell} | {} send {session} --file -",
            quoted(&own)
        ),
        (false, _) => format!("{read} | {shell}"),
    };
    let mut env: Vec<(Vec<u8>, Vec<u8>)> = psup_link::caller::environment();
    env.retain(|(key, _)| key != b"TMUX_PANE");
    let spec = Spec {
        command: ["/bin/sh", "-c", &script]
            .map(|w| w.as_bytes().to_vec())
            .to_vec(),
        cwd: run.caller.cwd.clone().into_bytes(),
        env,
        asked_env: vec![],
        size: Size::DEFAULT,
        scrollback: 100,
        restart: Restart::No,
        on_boot: false,
        labels: BTreeMap::from([(PIPE_LABEL.to_owned(), format!("%{id}"))]),
        log_limit: None,
        ttl: None,
        umask: caller::umask(),
        integration: false,
        hooks: Vec::new(),
        resources: psup_proto::resources::ResourceLimits::default(),
        restart_limit: None,
        owner: None,
    };
    run.backend.borrow_mut().spawn(&name, spec)?;
    if let Some(pane) = run.state.panes.get_mut(&id) {
        pane.pipe = Some(name);
    }
    Ok(())
}
