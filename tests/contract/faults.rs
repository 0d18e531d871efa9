//! Full disks, full memory, vanished directories, escapees: each is told, and costs nobody else
//! anything.
//!
//! Those that need a file system of their own mount it where only this test's thread and what it
//! starts can see it, which only root may.

use psup_harness::{TestEnv, skipped};
use std::ffi::{CStr, CString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A file system in memory of a fixed size, seen by this thread and its children.
pub(crate) struct Small(PathBuf);

impl Small {
    pub(crate) fn at(path: &Path, size: &str) -> Option<Self> {
        let place = CString::new(path.as_os_str().as_bytes()).unwrap();
        let options = CString::new(format!("size={size},mode=1777")).unwrap();
        let private = || {
            // SAFETY: a system call on a number; it makes this thread's view of the file systems
            // its own.
            done(unsafe { libc::unshare(libc::CLONE_NEWNS) })?;
            mount(c"none", c"/", libc::MS_REC | libc::MS_PRIVATE, c"")?;
            mount(c"tmpfs", &place, 0, &options)
        };
        match private() {
            Ok(()) => Some(Self(path.to_owned())),
            Err(error) => {
                skipped(&format!(
                    "a file system of its own cannot be mounted: {error}"
                ));
                None
            }
        }
    }
}

impl Small {
    /// Writes until nothing more goes in, and gives the file that takes the room.
    pub(crate) fn fill(&self) -> PathBuf {
        use std::io::Write;
        let path = self.0.join("filler");
        let mut file = std::fs::File::create(&path).unwrap();
        for length in [1 << 16, 1 << 10, 1] {
            while file.write(&vec![1; length]).is_ok_and(|n| n == length) {}
        }
        path
    }

    /// Makes a directory in it read-only, whatever files are open elsewhere in it.
    pub(crate) fn read_only(&self, dir: &str) {
        let place = CString::new(self.0.join(dir).as_os_str().as_bytes()).unwrap();
        let again = libc::MS_REMOUNT | libc::MS_BIND | libc::MS_RDONLY;
        for (source, flags) in [(place.as_c_str(), libc::MS_BIND), (c"none", again)] {
            mount(source, &place, flags, c"").unwrap();
        }
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let place = CString::new(self.0.as_os_str().as_bytes()).unwrap();
        // SAFETY: a system call on a string. What stays mounted ends with the thread.
        unsafe { libc::umount2(place.as_ptr(), libc::MNT_DETACH) };
    }
}

fn mount(kind: &CStr, place: &CStr, flags: libc::c_ulong, options: &CStr) -> io::Result<()> {
    // SAFETY: a system call on strings that outlive it.
    done(unsafe {
        libc::mount(
            kind.as_ptr(),
            place.as_ptr(),
            kind.as_ptr(),
            flags,
            options.as_ptr().cast(),
        )
    })
}

fn done(result: i32) -> io::Result<()> {
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

#[test]
fn a_full_disk_blocks_no_child_and_what_is_missing_is_told() {
    let env = TestEnv::new();
    let state = env.path("psup/state");
    std::fs::create_dir_all(&state).unwrap();
    // Private, as psup wants what it finds.
    for dir in [env.path("psup"), state.clone()] {
        std::fs::set_permissions(dir, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    }
    let Some(disk) = Small::at(&state, "1m") else {
        return;
    };
    std::fs::set_permissions(&state, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    env.ok("spawn a --shell 'seq 500000; exit 7'");
    env.ok("spawn b --shell 'echo up; exec cat'");
    env.ok("wait a --text '^500000$'");
    env.ok("send b hello --enter");
    env.ok("wait b --text hello");
    assert!(
        env.ok("capture a").contains("500000"),
        "the screen shows the end"
    );
    let full = std::process::Command::new("df")
        .arg(&state)
        .output()
        .unwrap();
    assert!(
        env.ok("logs").contains("cannot be written"),
        "{}",
        String::from_utf8_lossy(&full.stdout)
    );
    let told = env.run(env.psup("read a")).ended(0);
    assert!(
        told.err.contains("gap") || told.err.contains("not kept"),
        "what is missing is told: {}",
        told.err
    );
    assert!(
        told.bytes.len() < 3_000_000,
        "{} bytes on a disk of one megabyte",
        told.bytes.len()
    );
    env.ok("wait a --exit");
    assert_eq!(env.info("a")["exit"]["code"], 7);
    env.ok("shutdown --force");
    drop(disk);
}

#[test]
fn full_shared_memory_refuses_new_sessions_and_loses_nothing_of_the_old() {
    let env = TestEnv::new();
    let Some(memory) = Small::at(Path::new("/dev/shm"), "512k") else {
        return;
    };
    env.ok("spawn a --shell 'stty -echo; read x; seq 100000; exec cat'");
    let filler = PathBuf::from("/dev/shm/filler");
    // As much as goes in.
    drop(std::fs::write(&filler, vec![1; 1 << 20]));
    let refused = env.run(env.psup("spawn b -- cat")).ended(1);
    assert!(refused.err.contains("No space left"), "{refused}");
    env.ok("send a --enter --secret");
    std::fs::remove_file(filler).unwrap();
    env.ok("wait a --text '^100000$'");
    let told = env.run(env.psup("read a --text")).ended(0);
    let numbers: Vec<u32> = told
        .text()
        .lines()
        .filter_map(|line| line.parse().ok())
        .collect();
    let first = numbers
        .iter()
        .zip(1..)
        .position(|(got, wanted)| *got != wanted);
    assert!(
        numbers.iter().copied().eq(1..=100_000),
        "{} numbers, differs at {first:?} {:?}: {}",
        numbers.len(),
        first.map(|f| &numbers[f..f + 3]),
        told.err
    );
    env.ok("spawn b -- cat");
    env.ok("shutdown --force");
    drop(memory);
}

#[test]
fn a_vanished_run_directory_is_made_again() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo up; exec cat'");
    env.ok("wait a --text up");
    let guardian = env.pid_of("guardian_pid");
    // In one step: one that empties a directory first is overtaken by the socket that is bound
    // again in it.
    std::fs::rename(env.socket().parent().unwrap(), env.path("away")).unwrap();
    env.ok("send a hello --enter");
    env.ok("wait a --text hello");
    assert_eq!(
        env.pid_of("guardian_pid"),
        guardian,
        "the same supervisor, not a second one"
    );
}

#[test]
fn a_session_whose_record_is_gone_goes_on_running() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo up; exec cat'");
    env.ok("wait a --text up");
    let info = env.info("a");
    let dir = Path::new(info["log"].as_str().unwrap()).to_owned();
    for name in ["life.json", "spec.json"] {
        std::fs::remove_file(dir.join(name)).unwrap();
        for who in ["worker_pid", "guardian_pid"] {
            env.kill_half(who);
            assert_eq!(env.info("a")["pid"], info["pid"]);
        }
        assert!(dir.join(name).exists());
    }
    env.ok("send a hello --enter");
    env.ok("wait a --text hello");
}

#[test]
fn a_stop_ends_who_escaped_before_it_was_asked() {
    let env = TestEnv::new();
    // A daemon as it should be: a session of its own, and its parent has gone.
    env.ok("spawn a --shell 'setsid sh -c \"sh -c \\\"echo \\\\$\\\\$ > daemon; exec sleep 1000\\\" & sleep 0.1\"; echo gone; exec cat'");
    env.ok("wait a --text gone");
    env.ok("wait a --file daemon");
    let daemon: i32 = loop {
        let text = String::from_utf8(env.read("daemon")).unwrap();
        if let Ok(pid) = text.trim().parse() {
            break pid;
        }
    };
    let alive = || {
        Path::new(&format!("/proc/{daemon}/cwd"))
            .read_link()
            .is_ok()
    };
    assert!(alive());
    env.ok("stop a");
    assert!(!alive(), "the daemon outlived its session");
}
