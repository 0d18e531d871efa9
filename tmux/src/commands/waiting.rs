//! `wait-for`: channels that are signalled once for all who wait, or locked in turn; and waiting for a state in which something holds.

use super::super::call::Call;
use super::super::platform;
use super::super::run::{CommandResult, Run, error};
use super::super::state::State;
use psup_proto::Code;

pub fn wait_for(run: &mut Run, call: &Call) -> CommandResult {
    let name = call.arg(0).unwrap_or_default().to_owned();
    if call.has('S') {
        let channel = run.state.channels.entry(name).or_default();
        channel.waiting.retain(|pid| platform::lives(*pid));
        channel.signals += 1;
        if channel.waiting.is_empty() {
            channel.woken = true;
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
    until(run, |state| state.channels.get(&name).is_none_or(|c| c.signals > seen))
}

/// Waits for a state in which something holds; one that is over holds everything.
pub fn until(run: &mut Run, holds: impl Fn(&State) -> bool) -> CommandResult {
    super::exit_cleanly_on_signals();
    run.meanwhile(|run| -> CommandResult {
        let mut version = run.version();
        loop {
            let looked = run.backend.borrow_mut().beyond(version);
            let (next, state) = match looked {
                Ok(looked) => looked,
                // Whoever waits is let go by a server that ends.
                Err(failure) if failure.code == Code::Unreachable => return Ok(()),
                Err(failure) => return Err(failure.into()),
            };
            version = next;
            if state.as_ref().is_none_or(&holds) {
                return Ok(());
            }
        }
    })?
}

fn lock(run: &mut Run, name: &str) -> CommandResult {
    let own = std::process::id() as i32;
    let channel = run.state.channels.entry(name.to_owned()).or_default();
    if !channel.locked {
        channel.locked = true;
        return Ok(());
    }
    channel.lockers.push(own);
    until(run, |state| state.channels.get(name).is_none_or(|c| c.granted == Some(own)))
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
