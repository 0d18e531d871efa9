//! A worker of a few lines: each connection sends one line and gets one.
//!
//! `who` · `survival` · `spawn KEY COMMAND` · `type KEY` (a line) · `exit KEY` (waits for it) ·
//! `upgrade PATH` (answers only if it fails) · `loop` (for ever) · `bye`

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::unistd::{ForkResult, fork};
use psup_supervisor::guardian::{Control, Facts, Inherited, ToWorker, promote};
use psup_supervisor::journal::header::{Header, PAGE, Recorded, Witness};
use psup_supervisor::platform::signals::Signals;
use psup_supervisor::platform::watchdog;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::ExitCode;
use std::sync::atomic::Ordering;

struct Worker {
    control: Control,
    listener: UnixListener,
    held: BTreeMap<String, OwnedFd>,
    facts: Facts,
    waiting: Vec<(UnixStream, String)>,
    upgrading: Option<UnixStream>,
}

pub(crate) fn run(inherited: Inherited) -> ExitCode {
    // A build whose guardian works and whose worker does not.
    if std::env::current_exe()
        .unwrap()
        .file_name()
        .is_some_and(|name| name == "broken")
    {
        return ExitCode::from(3);
    }
    let signals = Signals::new().unwrap();
    let mut worker = Worker {
        control: inherited.control,
        listener: inherited.listener.into(),
        held: inherited.held.into_iter().collect(),
        facts: inherited.facts,
        waiting: Vec::new(),
        upgrading: None,
    };
    watchdog::watch_this_thread(std::time::Duration::from_millis(200)).unwrap();
    worker.control.ready().unwrap();
    loop {
        watchdog::feed();
        let mut watched = [
            PollFd::new(worker.control.as_fd(), PollFlags::POLLIN),
            PollFd::new(worker.listener.as_fd(), PollFlags::POLLIN),
            PollFd::new(signals.as_fd(), PollFlags::POLLIN),
        ];
        let _ = poll(&mut watched, PollTimeout::NONE);
        if signals.take().child {
            worker.reap();
        }
        match worker.control.receive() {
            Ok(None | Some(ToWorker::Poke)) => {}
            Ok(Some(ToWorker::Quit)) => return ExitCode::SUCCESS,
            Ok(Some(ToWorker::Stop)) => {
                worker.control.bye().unwrap();
                return ExitCode::SUCCESS;
            }
            Ok(Some(ToWorker::Listener(new))) => worker.listener = new.into(),
            Ok(Some(ToWorker::UpgradeFailed(errno))) => {
                writeln!(worker.upgrading.take().unwrap(), "failed {errno}").unwrap();
            }
            Err(_) => worker.promote(),
        }
        while let Ok((stream, _)) = worker.listener.accept() {
            if worker.answer(stream) {
                return ExitCode::SUCCESS;
            }
        }
        worker.answer_waiting();
    }
}

impl Worker {
    /// Whether this was goodbye.
    fn answer(&mut self, mut stream: UnixStream) -> bool {
        stream.set_nonblocking(false).unwrap();
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).unwrap();
        let words: Vec<&str> = line.trim_end().splitn(3, ' ').collect();
        match words[..] {
            ["who"] => {
                let facts = &self.facts;
                let held: Vec<&str> = self.held.keys().map(String::as_str).collect();
                // An asker that was killed needs no answer.
                let _ = writeln!(
                    stream,
                    "worker={} guardian={} epoch={} resumed={} held={} nonce={} cold={} rung={} run={}",
                    std::process::id(),
                    std::os::unix::process::parent_id(),
                    facts.worker_epoch,
                    facts.guardian_epoch,
                    held.join(","),
                    facts.nonce,
                    facts.cold,
                    facts.rung,
                    facts.run.display()
                );
            }
            ["spawn", key, command] => {
                let pid = self.spawn(key, command);
                writeln!(stream, "pid={pid}").unwrap();
            }
            ["type", key] => {
                nix::unistd::write(&self.held[&format!("pty:{key}")], b"line\n").unwrap();
                writeln!(stream, "typed").unwrap();
            }
            ["exit", key] => self.waiting.push((stream, key.to_owned())),
            ["survival"] => {
                let all = psup_supervisor::start::survival(&self.facts, Vec::new());
                let words: Vec<String> = all
                    .iter()
                    .map(|s| format!("{}={}", s.kill, s.survives))
                    .collect();
                writeln!(stream, "{}", words.join(" ")).unwrap();
            }
            ["upgrade", path] => {
                self.upgrading = Some(stream);
                self.control
                    .upgrade(File::open(path).unwrap().as_fd(), 1)
                    .unwrap();
            }
            ["loop"] => loop {
                std::hint::spin_loop();
            },
            ["bye"] => {
                self.control.bye().unwrap();
                return true;
            }
            _ => {}
        }
        false
    }

    fn spawn(&mut self, key: &str, command: &str) -> i32 {
        let ring = memfd_create(c"ring", MFdFlags::MFD_CLOEXEC).unwrap();
        File::from(ring.try_clone().unwrap())
            .set_len(PAGE as u64)
            .unwrap();
        let header = map(&ring);
        header.initialise(0);
        let terminal = openpty(None, None).unwrap();
        self.hold(format!("ring:{key}"), ring);
        self.hold(format!("pty:{key}"), terminal.master);
        let command = std::ffi::CString::new(command).unwrap();
        // SAFETY: this process has one thread.
        match unsafe { fork() }.unwrap() {
            ForkResult::Parent { child } => {
                // The child does the same, in case we die now; we do, in case it is killed before
                // it runs.
                header.pid.store(child.as_raw(), Ordering::Release);
                child.as_raw()
            }
            ForkResult::Child => {
                header
                    .pid
                    .store(std::process::id() as i32, Ordering::Release);
                psup_supervisor::platform::process_setup::default_signals();
                for number in 0..3 {
                    psup_supervisor::platform::descriptors::place(
                        terminal.slave.as_raw_fd(),
                        number,
                    )
                    .unwrap();
                }
                psup_supervisor::platform::descriptors::close_from(3);
                let arguments = [
                    c"sh".as_ptr(),
                    c"-c".as_ptr(),
                    command.as_ptr(),
                    std::ptr::null(),
                ];
                // SAFETY: the list ends in null and its strings live.
                unsafe {
                    libc::setsid();
                    // With a terminal of its own the child ends when the supervisor does.
                    libc::ioctl(0, libc::TIOCSCTTY, 0);
                    libc::execv(c"/bin/sh".as_ptr(), arguments.as_ptr());
                    libc::_exit(127)
                }
            }
        }
    }

    fn hold(&mut self, name: String, fd: OwnedFd) {
        self.control.hold(&name, fd.as_fd()).unwrap();
        self.held.insert(name, fd);
    }

    fn headers(&self) -> impl Iterator<Item = (&str, &'static Header)> {
        self.held
            .iter()
            .filter_map(|(name, fd)| Some((name.strip_prefix("ring:")?, map(fd))))
    }

    fn reap(&self) {
        let mut raw = 0;
        // SAFETY: waitpid writes one int.
        while let pid @ 1.. = unsafe { libc::waitpid(-1, &raw mut raw, libc::WNOHANG) } {
            for (_, header) in self
                .headers()
                .filter(|(_, header)| header.pid.load(Ordering::Acquire) == pid)
            {
                header.record_exit(raw, log_now(), Witness::Worker);
            }
        }
    }

    fn answer_waiting(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        for (mut stream, key) in waiting {
            let recorded = self
                .headers()
                .find(|(name, _)| *name == key)
                .map(|(_, header)| header.recorded());
            match recorded {
                Some(Recorded::No) => self.waiting.push((stream, key)),
                Some(Recorded::Status { raw, by, .. }) => {
                    drop(writeln!(stream, "raw={raw} by={by}"));
                }
                Some(Recorded::Gone { .. }) | None => drop(writeln!(stream, "unknown")),
            }
        }
    }

    fn promote(&self) -> ! {
        let fds: Vec<(String, RawFd)> = self
            .held
            .iter()
            .map(|(name, fd)| (name.clone(), fd.as_raw_fd()))
            .collect();
        promote(&fds, &self.facts)
    }
}

fn log_now() -> u64 {
    psup_supervisor::log::now_ms()
}

/// Maps a ring's header page for as long as the process lives.
fn map(ring: &OwnedFd) -> &'static Header {
    use nix::sys::mman::{MapFlags, ProtFlags, mmap};
    let length = std::num::NonZeroUsize::new(PAGE).unwrap();
    // SAFETY: the file is a page long, the mapping is never undone, and every field of the header
    // is an atomic.
    unsafe {
        mmap(
            None,
            length,
            ProtFlags::PROT_READ | ProtFlags::PROT_WRITE,
            MapFlags::MAP_SHARED,
            ring,
            0,
        )
        .unwrap()
        .cast::<Header>()
        .as_ref()
    }
}
