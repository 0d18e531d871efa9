//! The worker: a stand-in that is ready and answers each connection with its end.

use crate::guardian::{Inherited, ToWorker, promote};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::os::unix::net::UnixListener;
use std::process::ExitCode;

pub fn run(inherited: Inherited) -> ExitCode {
    let Inherited {
        control,
        listener,
        held,
        facts,
        exe: _exe,
    } = inherited;
    let mut listener = UnixListener::from(listener);
    if control.ready().is_err() {
        return ExitCode::FAILURE;
    }
    loop {
        let mut watched = [
            PollFd::new(control.as_fd(), PollFlags::POLLIN),
            PollFd::new(listener.as_fd(), PollFlags::POLLIN),
        ];
        let _ = poll(&mut watched, PollTimeout::NONE);
        while listener.accept().is_ok() {}
        match control.receive() {
            Ok(None | Some(ToWorker::Poke | ToWorker::UpgradeFailed(_))) => {}
            Ok(Some(ToWorker::Quit)) => return ExitCode::SUCCESS,
            Ok(Some(ToWorker::Stop)) => {
                let _ = control.bye();
                return ExitCode::SUCCESS;
            }
            Ok(Some(ToWorker::Listener(new))) => listener = UnixListener::from(new),
            Err(_) => {
                let mut fds: Vec<(String, RawFd)> = held.iter().map(|(name, fd)| (name.clone(), fd.as_raw_fd())).collect();
                fds.push(("listener".into(), listener.as_raw_fd()));
                promote(&fds, &facts);
            }
        }
    }
}
