//! The journal as a whole: the ring under kills, the log, full disks, and the death of everybody.
#![allow(clippy::unwrap_used)]

mod shortage;
mod storm;

use super::ring::{Keeps, Ring};
use super::*;
use crate::platform::memory;
use proptest::prelude::*;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::mpsc::{Receiver, channel};
use tempfile::TempDir;

/// The stream the producers write: byte k is a function of k.
#[derive(Clone, Copy)]
enum Stream {
    Text,
    Random,
}

impl Stream {
    fn byte(self, offset: u64) -> u8 {
        let mut x = (offset / 8).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        x ^= x >> 31;
        x = x.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let random = (x >> (8 * (offset % 8))) as u8;
        match self {
            Self::Text => b' ' + random % 95,
            Self::Random => random,
        }
    }

    fn check(self, from: u64, bytes: &[u8]) {
        for (i, byte) in bytes.iter().enumerate() {
            let at = from + i as u64;
            assert!(
                *byte == self.byte(at),
                "byte {at} is {byte:#x}, written was {:#x}",
                self.byte(at)
            );
        }
    }
}

fn in_memory() -> TempDir {
    let shm = Path::new("/dev/shm");
    if shm.is_dir() {
        TempDir::new_in(shm).unwrap()
    } else {
        TempDir::new().unwrap()
    }
}

fn ring(keeps: Keeps) -> Ring {
    Ring::create(memory::nameless(c"test").unwrap(), keeps).unwrap()
}

/// A ring's other end as a pipe: what the terminal is for these purposes.
fn pipe() -> (OwnedFd, File) {
    let (read, write) = nix::unistd::pipe().unwrap();
    for fd in [&read, &write] {
        nix::fcntl::fcntl(
            fd,
            nix::fcntl::FcntlArg::F_SETFL(nix::fcntl::OFlag::O_NONBLOCK),
        )
        .unwrap();
    }
    (read, write.into())
}

fn writer() -> (Writer, Receiver<LogNews>) {
    let (tell, told) = channel();
    (Writer::start(move |t| drop(tell.send(t))).unwrap(), told)
}

/// Lets the terminal say this, reading it as it goes.
fn say(
    journal: &mut Journal,
    (read, write): &mut (OwnedFd, File),
    told: &Receiver<LogNews>,
    bytes: &[u8],
) {
    let mut rest = bytes;
    let end = journal.end() + bytes.len() as u64;
    while journal.end() < end {
        if let Ok(n) = write.write(&rest[..rest.len().min(4000)]) {
            rest = &rest[n..];
        }
        while let ReadOutcome::Full = journal.fill(read.as_fd()).unwrap() {
            while !matches!(told.recv().unwrap(), LogNews::Room { .. }) {}
        }
    }
}

/// Reads all there is from an offset on; panics on a gap.
fn everything(read: impl Fn(u64, &mut Vec<u8>) -> io::Result<Chunk>, from: u64) -> Vec<u8> {
    let (mut out, mut at) = (Vec::new(), from);
    loop {
        let chunk = read(at, &mut out).unwrap();
        assert_eq!(chunk.gap, None);
        if chunk.next == at {
            return out;
        }
        at = chunk.next;
    }
}

fn stream(from: u64, n: u64) -> Vec<u8> {
    (from..from + n).map(|at| Stream::Random.byte(at)).collect()
}

fn await_sealed(told: &Receiver<LogNews>) {
    while !matches!(told.recv().unwrap(), LogNews::Sealed { .. }) {}
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the sizes of writes, log steps, give-backs and adoptions: byte k is byte k.
    #[test]
    fn the_ring_holds_what_was_written(steps in prop::collection::vec((0u8..8, 0usize..6000), 1..300)) {
        let (master, mut child) = pipe();
        let mut ring = ring(Keeps::Unlogged);
        let mut model: Vec<u8> = Vec::new();
        for (what, n) in steps {
            match what {
                0 => ring.set_logged((ring.logged() + 40 * n as u64).min(ring.end())),
                1 if n < 600 => ring.give_back(),
                2 if n < 600 => ring = Ring::adopt(ring.fd().try_clone_to_owned().unwrap(), Keeps::Unlogged).unwrap(),
                _ => {
                    let bytes = stream(model.len() as u64, n as u64);
                    if let Ok(n) = child.write(&bytes) {
                        model.extend_from_slice(&bytes[..n]);
                    }
                    for _ in 0..what {
                        ring.read_from(master.as_fd()).unwrap();
                    }
                }
            }
            prop_assert!(ring.start() <= ring.logged());
            prop_assert_eq!(ring.bytes(ring.start(), ring.end()).unwrap(), &model[ring.start() as usize..ring.end() as usize]);
        }
    }
}

#[test]
fn without_a_log_the_newest_replace_the_oldest_and_a_late_reader_is_told() {
    let (run, state) = (in_memory(), TempDir::new().unwrap());
    let (writer, told) = writer();
    let mut journal =
        Journal::create(&Rings::of(run.path()), state.path(), "k", None, &writer).unwrap();
    let all = stream(0, 3 * CAPACITY);
    say(&mut journal, &mut pipe(), &told, &all);
    let mut out = Vec::new();
    let chunk = journal.read(5, usize::MAX >> 1, &mut out).unwrap();
    assert_eq!(chunk.gap.unwrap().to, journal.start());
    assert_eq!(out, all[journal.start() as usize..]);
    assert!(out.len() as u64 > CAPACITY / 2);
    journal.give_back();
    assert_eq!(journal.view(journal.start()), out);
}

#[test]
fn a_quiet_ring_needs_little_memory_and_loses_nothing() {
    let (run, state) = (in_memory(), TempDir::new().unwrap());
    let (writer, told) = writer();
    let mut terminal = pipe();
    let mut journal = Journal::create(
        &Rings::of(run.path()),
        state.path(),
        "k",
        Some(1 << 20),
        &writer,
    )
    .unwrap();
    let blocks = |journal: &Journal| {
        nix::sys::stat::fstat(journal.ring_file())
            .unwrap()
            .st_blocks
            * 512
    };
    assert!(blocks(&journal) <= 20 << 10, "{}", blocks(&journal));
    let all = stream(0, 400_000);
    say(&mut journal, &mut terminal, &told, &all[..390_000]);
    while journal
        .header()
        .logged
        .load(std::sync::atomic::Ordering::Acquire)
        < 390_000
    {
        std::thread::yield_now();
    }
    journal.give_back();
    assert!(blocks(&journal) <= 20 << 10, "{}", blocks(&journal));
    say(&mut journal, &mut terminal, &told, &all[390_000..]);
    assert_eq!(everything(|at, out| journal.read(at, 10_000, out), 0), all);
}

#[test]
fn the_log_keeps_the_newest_segments_within_its_limit() {
    let (run, state) = (in_memory(), TempDir::new().unwrap());
    let (writer, told) = writer();
    let mut journal = Journal::create(
        &Rings::of(run.path()),
        state.path(),
        "k",
        Some(512 << 10),
        &writer,
    )
    .unwrap();
    let all = stream(0, 2 << 20);
    say(&mut journal, &mut pipe(), &told, &all);
    journal.seal();
    await_sealed(&told);
    let segments = segments::segments(state.path()).unwrap();
    let total: u64 = segments.iter().map(|s| s.length).sum();
    assert!(total <= 512 << 10 && total > 400 << 10, "{segments:?}");
    assert!(
        segments
            .windows(2)
            .all(|w| w[0].first + w[0].length == w[1].first),
        "{segments:?}"
    );
    drop(journal);
    assert!(!run.path().join("ring/k").exists());
    let past =
        EndedJournal::open(state.path(), &Rings::of(run.path()), "k", Some(512 << 10)).unwrap();
    assert_eq!(past.end(), all.len() as u64);
    assert_eq!(
        everything(|at, out| past.read(at, 100_000, out), past.start()),
        all[past.start() as usize..]
    );
    let chunk = past.read(0, 10, &mut Vec::new()).unwrap();
    assert_eq!(
        chunk.gap.map(|gap| (gap.from, gap.to)),
        Some((0, past.start()))
    );
}

#[test]
fn writing_a_stretch_again_changes_nothing() {
    let state = TempDir::new().unwrap();
    let all = stream(0, 100_000);
    let write = |from: usize, to: usize| {
        // As after a crash: a new log that knows only the files.
        let mut log = segments::Segments::open(state.path(), 1 << 20).unwrap();
        let mut at = from;
        while at < to {
            at += log.write(at as u64, &all[at..to]).unwrap();
        }
    };
    for (from, to) in [
        (0, 50_000),
        (20_000, 60_000),
        (60_000, 60_000),
        (60_000, 100_000),
        (99_999, 100_000),
    ] {
        write(from, to);
    }
    let past = EndedJournal::open(
        state.path(),
        &Rings::of(state.path()),
        "none",
        Some(1 << 20),
    )
    .unwrap();
    assert_eq!(everything(|at, out| past.read(at, 77_777, out), 0), all);
}

#[test]
fn notes_are_read_back_and_a_torn_line_costs_only_itself() {
    let state = TempDir::new().unwrap();
    let notes = SessionEvents::of(state.path());
    let size = |cols| Size::new(cols, 24).unwrap();
    notes
        .add(
            0,
            JournalEvent::Started {
                pid: 1,
                size: size(80),
            },
        )
        .unwrap();
    let mut file = OpenOptions::new()
        .append(true)
        .open(state.path().join("events.jsonl"))
        .unwrap();
    file.write_all(b"{\"offset\":5,\"at_").unwrap();
    notes
        .add(9, JournalEvent::Resized { size: size(90) })
        .unwrap();
    assert_eq!(notes.sizes(), [(0, size(80)), (9, size(90))]);
    for cols in 0..5000 {
        notes
            .add(
                10,
                JournalEvent::Resized {
                    size: size(1 + cols % 1000),
                },
            )
            .unwrap();
    }
    assert_eq!(notes.sizes()[0], (0, size(80)));
    assert_eq!(notes.sizes().last(), Some(&(10, size(1000))));
    assert!(file.metadata().unwrap().len() < 400 << 10);
}

#[test]
fn checkpoints_are_few_and_the_nearest_is_found() {
    let state = TempDir::new().unwrap();
    for i in 0..100u64 {
        checkpoints::put(state.path(), i * 1000, &i.to_le_bytes()).unwrap();
    }
    assert_eq!(
        checkpoints::before(state.path(), 1 << 40),
        Some((99_000, 99u64.to_le_bytes().to_vec()))
    );
    assert!(
        checkpoints::before(state.path(), 60_000)
            .is_some_and(|(at, _)| at > 20_000 && at <= 60_000)
    );
    assert!(fs::read_dir(state.path()).unwrap().count() <= 8);
}

#[test]
fn after_both_processes_died_the_ring_file_completes_the_log() {
    let (run, state) = (in_memory(), TempDir::new().unwrap());
    let all = stream(0, 300_000);
    // A journal whose log thread never had the time: as if killed at once.
    let fd = Rings::of(run.path()).create("k").unwrap();
    let ring = Ring::create(fd, Keeps::Unlogged).unwrap();
    let (master, mut child) = pipe();
    let mut log = segments::Segments::open(state.path(), 1 << 20).unwrap();
    for piece in all.chunks(3000) {
        child.write_all(piece).unwrap();
        ring.read_from(master.as_fd()).unwrap();
        if ring.end() < 200_000 {
            let written = log.write(ring.logged(), ring.unlogged(3000)).unwrap();
            ring.set_logged(ring.logged() + written as u64);
        }
    }
    // The last bytes were read and not counted.
    let head = ring.end();
    ring.header()
        .head
        .store(head - 1000, std::sync::atomic::Ordering::Release);
    let fd = ring.fd().as_raw_fd();
    drop(ring);
    assert!(fd >= 0);
    let past =
        EndedJournal::open(state.path(), &Rings::of(run.path()), "k", Some(1 << 20)).unwrap();
    assert_eq!(
        everything(|at, out| past.read(at, 65_536, out), 0),
        all[..past.end() as usize]
    );
    assert!(past.end() >= head - 1000);
    assert!(!run.path().join("ring/k").exists());
    drop(past);
    let again =
        EndedJournal::open(state.path(), &Rings::of(run.path()), "k", Some(1 << 20)).unwrap();
    assert!(again.end() >= head - 1000);
}
