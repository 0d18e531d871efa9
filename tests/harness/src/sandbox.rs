//! Filters of system calls as the sandboxes of agents have them: what they forbid is not permitted,
//! for the command and for whatever it starts.

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter,
};
use std::collections::BTreeMap;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// What a sandbox may forbid.
#[derive(Clone, Copy, Debug)]
pub enum Forbidden {
    Connect,
    Socketpair,
    /// Sockets of this machine, whatever for.
    UnixSocket,
}

/// Confines a command before it begins; `errno` is what a forbidden call answers.
pub fn confine(command: &mut Command, forbidden: &[Forbidden], errno: i32) {
    let rules: BTreeMap<i64, Vec<SeccompRule>> = forbidden.iter().map(|one| one.rule()).collect();
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(errno.cast_unsigned()),
        std::env::consts::ARCH.try_into().unwrap(),
    );
    let program: BpfProgram = filter.unwrap().try_into().unwrap();
    // SAFETY: system calls only, on memory that is there before the fork.
    unsafe {
        command.pre_exec(move || apply_filter(&program).map_err(|_| io::ErrorKind::Other.into()));
    }
}

impl Forbidden {
    fn rule(self) -> (i64, Vec<SeccompRule>) {
        match self {
            Self::Connect => (libc::SYS_connect, Vec::new()),
            Self::Socketpair => (libc::SYS_socketpair, Vec::new()),
            Self::UnixSocket => {
                let family = SeccompCondition::new(
                    0,
                    SeccompCmpArgLen::Dword,
                    SeccompCmpOp::Eq,
                    u64::from(libc::AF_UNIX.cast_unsigned()),
                );
                let rule = SeccompRule::new(vec![family.unwrap()]).unwrap();
                (libc::SYS_socket, vec![rule])
            }
        }
    }
}
