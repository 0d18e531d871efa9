//! `wait-for`: channels that are signalled once for all who wait, or locked in turn.

use crate::platform;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};

pub(super) const ENTRY: Entry = Entry {
    name: "wait-for",
    alias: "wait",
    flags: "LSU",
    args: (1, Some(1)),
    usage: "[-L|-S|-U] channel",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let name = call.arg(0).unwrap_or_default().to_owned();
    if call.has('S') {
        let channel = run.state.channels.entry(name).or_default();
        channel.waiting.retain(|pid| platform::lives(*pid));
        channel.signals += 1;
        if channel.waiting.is_empty() {
            // A second signal that nobody has waited for takes the first one back.
            channel.woken = !channel.woken || channel.locked;
        }
        channel.waiting.clear();
        return Ok(());
    }
    if call.has('L') {
        return lock(run, &name);
    }
    if call.has('U') {
        return unlock(run, &name);
    }
    let own = std::process::id() as i32;
    let channel = run.state.channels.entry(name.clone()).or_default();
    if channel.woken {
        channel.woken = false;
        return Ok(());
    }
    let seen = channel.signals;
    channel.waiting.push(own);
    run.wait_until(|state| state.channels.get(&name).is_none_or(|c| c.signals > seen))
}

fn lock(run: &mut Run, name: &str) -> CommandResult {
    let own = std::process::id() as i32;
    let channel = run.state.channels.entry(name.to_owned()).or_default();
    if !channel.locked {
        channel.locked = true;
        return Ok(());
    }
    channel.lockers.push(own);
    run.wait_until(|state| {
        state
            .channels
            .get(name)
            .is_none_or(|c| c.granted == Some(own))
    })
}

fn unlock(run: &mut Run, name: &str) -> CommandResult {
    let Some(channel) = run.state.channels.get_mut(name).filter(|c| c.locked) else {
        return error(format!("channel {name} not locked"));
    };
    channel.lockers.retain(|pid| platform::lives(*pid));
    if channel.lockers.is_empty() {
        channel.locked = false;
        channel.granted = None;
    } else {
        channel.granted = Some(channel.lockers.remove(0));
    }
    Ok(())
}
