//! `server-access`: who besides the owner may use the state. The list is kept and told; the socket
//! is the owner's all the same.

use crate::run::{Access, Call, CommandResult, Entry, Run, error};
use nix::unistd::getuid;

pub(super) const ENTRY: Entry = Entry {
    name: "server-access",
    alias: "",
    flags: "adlrw",
    args: (0, Some(1)),
    usage: "[-adlrw] [-t target-pane] [user]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    if call.has('l') {
        let lines: Vec<String> = run
            .state
            .guests
            .iter()
            .map(|(name, writes)| line(name, *writes))
            .collect();
        lines.iter().for_each(|line| run.print(line));
        return Ok(());
    }
    let Some(given) = call
        .arg(0)
        .map(|name| run.expand(name, run.here()))
        .filter(|name| !name.is_empty())
    else {
        return error("missing user argument");
    };
    let Some(user) = psup_accounts::by_name(&given) else {
        return error(format!("unknown user: {given}"));
    };
    let name = user.name;
    if user.uid == 0 || user.uid == getuid().as_raw() {
        return error(format!("{name} owns the server, can't change access"));
    }
    for (one, other) in [('a', 'd'), ('r', 'w')] {
        if call.has(one) && call.has(other) {
            return error(format!("-{one} and -{other} cannot be used together"));
        }
    }
    let known = run.state.guests.contains_key(&name);
    if call.has('d') {
        if !known {
            return error(format!("user {name} not found"));
        }
        run.state.guests.remove(&name);
        return Ok(());
    }
    if call.has('a') {
        if known {
            return error(format!("user {name} is already added"));
        }
        run.state.guests.insert(name.clone(), true);
    } else if (call.has('r') || call.has('w')) && !known {
        run.state.guests.insert(name.clone(), true);
    }
    if let Some(writes) = run.state.guests.get_mut(&name) {
        *writes = (*writes || call.has('w')) && !call.has('r');
    }
    Ok(())
}

fn line(name: &str, writes: bool) -> String {
    format!("{name} ({})", if writes { 'W' } else { 'R' })
}
