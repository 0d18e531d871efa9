//! Conditions that hold or not outside the session: a port that somebody listens on, a file that is
//! there.
//!
//! A file is watched through its directory. For a port no system offers an event without
//! privileges, so while such a wait is parked (and only then) the kernel's table of sockets is
//! looked at, ever less often.

use super::async_fd::register_readable;
use super::mailbox::{DriverHandle, Message};
use crate::platform::process;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use psup_session::{OutsideCondition, Ticket};
use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Between looks at the table of sockets: first, and at most.
const FIRST: Duration = Duration::from_millis(5);
const MOST: Duration = Duration::from_millis(100);

/// A watch that ends with the process that owns it.
pub(crate) struct Watch(JoinHandle<()>);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(crate) fn look(
    handle: DriverHandle,
    ticket: Ticket,
    condition: u32,
    outside: OutsideCondition,
    pid: i32,
) -> Watch {
    Watch(tokio::task::spawn_local(async move {
        match outside {
            OutsideCondition::Port(port) => until_listening(pid, port).await,
            OutsideCondition::File(path) => until_there(Path::new(OsStr::from_bytes(&path))).await,
        }
        handle.post(Message::ConditionHeld { ticket, condition });
    }))
}

async fn until_listening(pid: i32, port: u16) {
    let mut pause = FIRST;
    while !process::is_port_listening(pid, port) {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(MOST);
    }
}

async fn until_there(path: &Path) {
    while !path.exists() {
        // Whatever cannot be watched (no more watches, no such file system) is looked at now and
        // then.
        if changed_near(path).await.is_none() {
            tokio::time::sleep(MOST).await;
        }
    }
}

/// Waits for something to happen in the nearest directory that exists.
async fn changed_near(path: &Path) -> Option<()> {
    let inotify = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC).ok()?;
    let directory = path.ancestors().skip(1).find(|a| a.is_dir())?;
    let flags = AddWatchFlags::IN_CREATE
        | AddWatchFlags::IN_MOVED_TO
        | AddWatchFlags::IN_DELETE_SELF
        | AddWatchFlags::IN_MOVE_SELF;
    inotify.add_watch(directory, flags).ok()?;
    // It may have come between the look and the watch.
    if path.exists() {
        return Some(());
    }
    let events = register_readable(OwnedFd::from(inotify)).ok()?;
    events.readable().await.ok().map(drop)
}
