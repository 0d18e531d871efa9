//! `server-access`: who besides the owner may use the world. The list is kept and told; the socket is the owner's all the same.

use super::super::commands::Call;
use super::super::face::{Face, Ran, error};
use nix::unistd::{User, getuid};

pub fn change(face: &mut Face, call: &Call) -> Ran {
    if call.has('l') {
        let lines: Vec<String> = face.world.guests.iter().map(|(name, writes)| line(name, *writes)).collect();
        lines.iter().for_each(|line| face.print(line));
        return Ok(());
    }
    let Some(given) = call
        .arg(0)
        .map(|name| face.expand(name, face.here()))
        .filter(|name| !name.is_empty())
    else {
        return error("missing user argument");
    };
    let Some(user) = User::from_name(&given).ok().flatten() else {
        return error(format!("unknown user: {given}"));
    };
    let name = user.name;
    if user.uid.is_root() || user.uid == getuid() {
        return error(format!("{name} owns the server, can't change access"));
    }
    for (one, other) in [('a', 'd'), ('r', 'w')] {
        if call.has(one) && call.has(other) {
            return error(format!("-{one} and -{other} cannot be used together"));
        }
    }
    let known = face.world.guests.contains_key(&name);
    if call.has('d') {
        if !known {
            return error(format!("user {name} not found"));
        }
        face.world.guests.remove(&name);
        return Ok(());
    }
    if call.has('a') {
        if known {
            return error(format!("user {name} is already added"));
        }
        face.world.guests.insert(name.clone(), true);
    } else if (call.has('r') || call.has('w')) && !known {
        face.world.guests.insert(name.clone(), true);
    }
    if let Some(writes) = face.world.guests.get_mut(&name) {
        *writes = (*writes || call.has('w')) && !call.has('r');
    }
    Ok(())
}

fn line(name: &str, writes: bool) -> String {
    format!("{name} ({})", if writes { 'W' } else { 'R' })
}
