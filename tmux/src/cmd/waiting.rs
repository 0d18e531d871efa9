//! `wait-for`: channels that are signalled once for all who wait, or locked in turn; and waiting for a world in which something holds.

use super::super::commands::Call;
use super::super::face::{Face, Ran, error};
use super::super::platform;
use super::super::world::World;
use psup_proto::Code;

pub fn wait_for(face: &mut Face, call: &Call) -> Ran {
    let name = call.arg(0).unwrap_or_default().to_owned();
    if call.has('S') {
        let channel = face.world.channels.entry(name).or_default();
        channel.waiting.retain(|pid| platform::lives(*pid));
        channel.signals += 1;
        if channel.waiting.is_empty() {
            channel.woken = true;
        }
        channel.waiting.clear();
        return Ok(());
    }
    if call.has('L') {
        return lock(face, &name);
    }
    if call.has('U') {
        return unlock(face, &name);
    }
    let own = std::process::id() as i32;
    let channel = face.world.channels.entry(name.clone()).or_default();
    if channel.woken {
        channel.woken = false;
        return Ok(());
    }
    let seen = channel.signals;
    channel.waiting.push(own);
    until(face, |world| world.channels.get(&name).is_none_or(|c| c.signals > seen))
}

/// Waits for a world in which something holds; one that is over holds everything.
pub fn until(face: &mut Face, holds: impl Fn(&World) -> bool) -> Ran {
    super::end_in_peace();
    face.meanwhile(|face| -> Ran {
        let mut version = face.version();
        loop {
            let looked = face.floor.borrow_mut().beyond(version);
            let (next, world) = match looked {
                Ok(looked) => looked,
                // Whoever waits is let go by a server that ends.
                Err(failure) if failure.code == Code::Unreachable => return Ok(()),
                Err(failure) => return Err(failure.into()),
            };
            version = next;
            if world.as_ref().is_none_or(&holds) {
                return Ok(());
            }
        }
    })?
}

fn lock(face: &mut Face, name: &str) -> Ran {
    let own = std::process::id() as i32;
    let channel = face.world.channels.entry(name.to_owned()).or_default();
    if !channel.locked {
        channel.locked = true;
        return Ok(());
    }
    channel.lockers.push(own);
    until(face, |world| world.channels.get(name).is_none_or(|c| c.granted == Some(own)))
}

fn unlock(face: &mut Face, name: &str) -> Ran {
    let Some(channel) = face.world.channels.get_mut(name).filter(|c| c.locked) else {
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
