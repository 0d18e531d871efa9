//! What exec takes, made ready before there is a process to take it; and what to say when exec
//! refuses.

use super::launch::{Launch, Step};
use nix::errno::Errno;
use psup_proto::{Code, Failure, Spec};
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A null-terminated array of strings, as exec takes it.
pub(super) struct Pointers {
    _strings: Vec<CString>,
    pub array: Vec<*const libc::c_char>,
}

// SAFETY: the pointers are to the strings beside them, which do not move on the heap; nothing is
// bound to a thread.
unsafe impl Send for Pointers {}

impl Pointers {
    pub(super) fn of(strings: impl Iterator<Item = Vec<u8>>) -> Option<Self> {
        let strings = strings
            .map(|s| CString::new(s).ok())
            .collect::<Option<Vec<_>>>()?;
        let array = strings
            .iter()
            .map(|s| s.as_ptr())
            .chain([std::ptr::null()])
            .collect();
        Some(Self {
            _strings: strings,
            array,
        })
    }
}

/// The child's variables, each once; the last of a name counts.
pub(super) fn environment(launch: &Launch<'_>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut env: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut set = |name: &[u8], value: &[u8]| {
        env.retain(|(other, _)| other != name);
        env.push((name.to_vec(), value.to_vec()));
    };
    let stays = |name: &[u8]| {
        !launch
            .removed_env
            .iter()
            .any(|removed| removed.as_bytes() == name)
    };
    for (name, value) in launch.spec.env.iter().filter(|(name, _)| stays(name)) {
        set(name, value);
    }
    for (name, value) in launch.extra_env {
        set(name.as_bytes(), value.as_bytes());
    }
    env
}

/// Where the program may be: itself if it names a path, else in each directory of the child's own
/// `PATH`.
pub(super) fn candidates(program: &[u8], path: Option<&[u8]>) -> Option<Vec<CString>> {
    if program.is_empty() {
        return Some(Vec::new());
    }
    if program.contains(&b'/') {
        return Some(vec![CString::new(program).ok()?]);
    }
    let dirs = path.unwrap_or(b"/bin:/usr/bin").split(|b| *b == b':');
    let full = |dir: &[u8]| match dir {
        b"" => [b"./", program].concat(),
        dir => [dir, b"/", program].concat(),
    };
    dirs.map(|dir| CString::new(full(dir)).ok()).collect()
}

/// The wanted soft limit under the present hard one.
pub(super) fn soft_limit(wanted: u64) -> Option<libc::rlimit> {
    let (soft, hard) =
        nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE).ok()?;
    (wanted < soft).then_some(libc::rlimit {
        rlim_cur: wanted,
        rlim_max: hard,
    })
}

/// Processes that a supervisor keeps for itself where their number is limited: the next worker and
/// its threads, a client.
const PROCESSES: libc::rlim_t = 16;

/// The limit of processes for the child, below our own. A session that forks without end takes all
/// that it may have, and then no worker could be started in the place of one that was killed. Root
/// is not limited.
pub(super) fn process_limit() -> Option<libc::rlimit> {
    use nix::sys::resource::{Resource, getrlimit};
    let (soft, hard) = getrlimit(Resource::RLIMIT_NPROC).ok()?;
    let is_limited =
        soft != libc::RLIM_INFINITY && soft >= 4 * PROCESSES && !nix::unistd::geteuid().is_root();
    is_limited.then_some(libc::rlimit {
        rlim_cur: soft - PROCESSES,
        rlim_max: hard,
    })
}

pub(super) fn told_failure(spec: &Spec, told: [u8; 8]) -> Failure {
    let [a, b, c, d, rest @ ..] = told;
    let step = i32::from_ne_bytes([a, b, c, d]);
    let errno = Errno::from_raw(i32::from_ne_bytes(rest));
    let (what, why) = (cannot_start(spec), errno.desc());
    let failure = |message| Failure::new(Code::CannotStart, message);
    if step == Step::Directory as i32 {
        let cwd = String::from_utf8_lossy(&spec.cwd).into_owned();
        failure(format!("{what} in {cwd:?}: {why}")).hint("choose another directory with --cwd")
    } else if step == Step::Terminal as i32 {
        failure(format!("{what}: its terminal: {why}"))
    } else if step == Step::Priority as i32 {
        failure(format!("{what}: its priority: {why}")).hint("`--best-effort` starts it without")
    } else if step == Step::Session as i32 {
        failure(format!("{what}: setsid: {why}"))
    } else {
        let failure = failure(format!("{what}: {why}"));
        match exec_hint(spec, errno) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// The usual reasons behind the two usual errors.
fn exec_hint(spec: &Spec, errno: Errno) -> Option<String> {
    let program = spec.command.first()?;
    if errno != Errno::ENOENT {
        return None;
    }
    if program.contains(&b'/') {
        let path = Path::new(OsStr::from_bytes(&spec.cwd)).join(OsStr::from_bytes(program));
        return path.exists().then(|| {
            "the file is there; its interpreter (the first line, or the loader) is not".into()
        });
    }
    Some(match spec.var("PATH") {
        Some(path) => format!("looked for in {}", String::from_utf8_lossy(path)),
        None => "PATH is not set; looked for in /bin:/usr/bin".into(),
    })
}

pub(super) fn cannot_start(spec: &Spec) -> String {
    let program = spec
        .command
        .first()
        .map(|p| String::from_utf8_lossy(p).into_owned());
    format!("cannot start {:?}", program.unwrap_or_default())
}
