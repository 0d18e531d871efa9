//! Who has the terminal of a session and what it does: the facts that the core's evidence is made of.

use crate::platform::asleep::{Asleep, asleep};
use crate::platform::process::Stat;
use crate::pty;
use crate::session::prompt::{Doing, Foreground};
use std::os::fd::BorrowedFd;

/// `child` is the session's own; `None` where nobody has the terminal, or it is gone.
pub fn look(master: BorrowedFd<'_>, child: Option<i32>) -> Option<Foreground> {
    let seen = holder(master).and_then(|stat| glance(master, child, stat));
    match &seen {
        Some(foreground) if matches!(foreground.doing, Doing::Reading | Doing::Polling) => seen,
        // A pipeline, a script: another one of the group may be the one that reads.
        Some(_) | None => {
            let reader = reader_in(pty::foreground(master)?);
            reader.and_then(|(stat, sleep)| told(master, child, stat, sleep)).or(seen)
        }
    }
}

/// The leader of the foreground group.
pub fn holder(master: BorrowedFd<'_>) -> Option<Stat> {
    Stat::of(pty::foreground(master)?)
}

/// As [`look`], at the leader of the foreground group alone: for a look at many sessions.
pub fn glance(master: BorrowedFd<'_>, child: Option<i32>, holder: Stat) -> Option<Foreground> {
    let sleep = asleep(&holder);
    told(master, child, holder, sleep)
}

fn told(master: BorrowedFd<'_>, child: Option<i32>, stat: Stat, sleep: Asleep) -> Option<Foreground> {
    let modes = pty::modes(master).ok()?;
    Some(Foreground {
        is_child: child == Some(stat.pid),
        name: stat.name,
        doing: match sleep {
            Asleep::Unknown => Doing::Unknown,
            Asleep::No => Doing::Busy,
            Asleep::InRead => Doing::Reading,
            Asleep::InPoll => Doing::Polling,
        },
        canonical: modes.canonical,
        echo: modes.echo,
    })
}

fn reader_in(group: i32) -> Option<(Stat, Asleep)> {
    let others = Stat::all().into_iter().filter(|stat| stat.group == group && stat.pid != group);
    let mut sleeping = others.map(|stat| (asleep(&stat), stat));
    sleeping
        .find(|(sleep, _)| *sleep == Asleep::InRead)
        .map(|(sleep, stat)| (stat, sleep))
}
