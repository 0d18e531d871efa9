//! `exec --stdin`: what the caller has on stdin becomes the stdin of the command.
//!
//! Nothing of it is typed: a terminal would echo it, end lines at 4095 bytes and give what the
//! command leaves to the shell. The shell opens a pipe of this process by its place in `/proc`
//! instead, so the bytes are exact and have an end. Where the caller dies first there is nothing to
//! open, and the command does not run.

use crate::context::{Context, unexpected};
use psup_proto::condition::{Condition, MatchOn, Quorum, Wait};
use psup_proto::info::Info;
use psup_proto::{Code, Failure, Request, Response, Target};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

/// Shells whose redirections are known, and whether they are written as fish writes them.
const SHELLS: &[(&str, bool)] = &[
    ("sh", false),
    ("dash", false),
    ("ash", false),
    ("busybox", false),
    ("bash", false),
    ("zsh", false),
    ("ksh", false),
    ("ksh93", false),
    ("mksh", false),
    ("fish", true),
];

/// A shell takes less from one command to its next prompt.
const MOMENT: Duration = Duration::from_secs(2);

/// Keeps the pipe open until the command has ended.
pub(crate) struct Forwarded {
    _reader: OwnedFd,
}

/// Begins to pass stdin on; the command that reads it is what is to be run.
pub(crate) fn forward(
    cx: &mut Context,
    target: &Target,
    command: &[u8],
) -> Result<(Vec<u8>, Forwarded), Failure> {
    let is_fish = shell(cx, target)?;
    let failed = |error: io::Error| Failure::system("cannot pass stdin on", error);
    let (reader, writer) = nix::unistd::pipe().map_err(|error| failed(error.into()))?;
    let path = format!("/proc/{}/fd/{}", std::process::id(), reader.as_raw_fd());
    std::thread::Builder::new()
        .spawn(move || {
            // A command that does not read all of it has had enough.
            let _ = io::copy(&mut io::stdin().lock(), &mut File::from(writer));
        })
        .map_err(failed)?;
    let redirected = if is_fish {
        [b"begin\n", command, b"\nend <", path.as_bytes()].concat()
    } else {
        [b"{ ", command, b"\n} <", path.as_bytes()].concat()
    };
    Ok((redirected, Forwarded { _reader: reader }))
}

/// Whether the session is at a shell that can open what this process has open; whether it is fish.
fn shell(cx: &mut Context, target: &Target) -> Result<bool, Failure> {
    let mut info = info(cx, target)?;
    if known(&info).is_none() {
        // A shell that makes its prompt may have another program before it for a moment.
        settle(cx, target)?;
        info = self::info(cx, target)?;
    }
    let no = |why: String| {
        Failure::new(
            Code::Unsupported,
            format!("stdin cannot be passed on: {why}; nothing was typed"),
        )
        .hint(format!("`psup send {target} --file FILE` types a file"))
    };
    let Some(process) = &info.foreground else {
        return Err(no(format!("what runs in {} is not known", info.id)));
    };
    let name = &process.name;
    let Some(is_fish) = known(&info) else {
        return Err(no(format!("{name} is no shell that psup knows")));
    };
    if !sees_the_same(process.pid) {
        return Err(no(format!("{name} sees other processes than this one")));
    }
    Ok(is_fish)
}

fn info(cx: &mut Context, target: &Target) -> Result<Info, Failure> {
    match cx.ask(&Request::Info(target.clone()))? {
        Response::Info(info) => Ok(*info),
        other => Err(unexpected(&other)),
    }
}

/// Whether the shell that has the terminal is fish; `None` if that is no shell.
fn known(info: &Info) -> Option<bool> {
    let name = info.foreground.as_ref()?.name.trim_start_matches('-');
    let shell = SHELLS.iter().find(|(shell, _)| *shell == name);
    shell.map(|(_, is_fish)| *is_fish)
}

/// Returns once the session waits for input, or does not within a moment.
fn settle(cx: &mut Context, target: &Target) -> Result<(), Failure> {
    let wait = Wait {
        conditions: vec![Condition::Prompt, Condition::Input],
        quorum: Quorum::Any,
        on: MatchOn::default(),
        since: None,
        fail: None,
        timeout: Some(MOMENT),
        settle: false,
    };
    let target = target.clone();
    cx.ask(&Request::Wait { target, wait }).map(drop)
}

/// Whether `/proc` is the same for a process as for this one.
fn sees_the_same(pid: i32) -> bool {
    ["mnt", "pid"].iter().all(|kind| {
        let namespace = |of: &str| std::fs::read_link(format!("/proc/{of}/ns/{kind}")).ok();
        let own = namespace("self");
        own.is_some() && own == namespace(&pid.to_string())
    })
}
