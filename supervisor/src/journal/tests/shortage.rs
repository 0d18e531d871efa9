//! Too little disk for the log, too little memory for the ring.

use super::*;

/// A file system of its own, of this size; none where we may not mount one.
struct Small(TempDir);

impl Small {
    fn of(size: &str) -> Option<Self> {
        let small = Self(TempDir::new().unwrap());
        if small.mount(size, 0) {
            return Some(small);
        }
        #[allow(clippy::print_stderr)]
        {
            eprintln!(
                "skipped: mounting a tmpfs is not permitted here ({})",
                io::Error::last_os_error()
            );
        }
        None
    }

    fn grow(&self, size: &str) {
        assert!(self.mount(size, libc::MS_REMOUNT));
    }

    fn mount(&self, size: &str, flags: libc::c_ulong) -> bool {
        let at = std::ffi::CString::new(self.path().as_os_str().as_encoded_bytes()).unwrap();
        let options = std::ffi::CString::new(format!("size={size}")).unwrap();
        // SAFETY: all strings end in NUL.
        unsafe {
            libc::mount(
                c"tmpfs".as_ptr(),
                at.as_ptr(),
                c"tmpfs".as_ptr(),
                flags,
                options.as_ptr().cast(),
            ) == 0
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let at = std::ffi::CString::new(self.path().as_os_str().as_encoded_bytes()).unwrap();
        // SAFETY: the string ends in NUL. Detached, so that an open file cannot keep it.
        unsafe { libc::umount2(at.as_ptr(), libc::MNT_DETACH) };
    }
}

#[test]
fn a_full_disk_blocks_no_child_and_leaves_one_told_gap() {
    let Some(disk) = Small::of("1m") else { return };
    let run = in_memory();
    let (writer, told) = writer();
    let mut terminal = pipe();
    let mut journal = Journal::create(
        &Rings::of(run.path()),
        &disk.path().join("session"),
        "k",
        Some(64 << 20),
        &writer,
    )
    .unwrap();
    let all = stream(0, 4 << 20);
    let (first, second) = all.split_at(3 << 20);
    say(&mut journal, &mut terminal, &told, first);
    disk.grow("8m");
    say(&mut journal, &mut terminal, &told, second);
    let gap = loop {
        if let LogNews::Gap { gap, .. } = told.recv().unwrap() {
            break gap;
        }
    };
    assert!(
        gap.from >= 900_000 && gap.to > gap.from && gap.to <= all.len() as u64,
        "{gap:?}"
    );
    assert!(gap.reason.contains("No space left"), "{gap:?}");
    journal.seal();
    await_sealed(&told);
    drop(journal);
    let past = EndedJournal::open(
        &disk.path().join("session"),
        &Rings::of(run.path()),
        "k",
        Some(64 << 20),
    )
    .unwrap();
    let mut before = Vec::new();
    while (before.len() as u64) < gap.from {
        past.read(
            before.len() as u64,
            (gap.from as usize - before.len()).min(65_536),
            &mut before,
        )
        .unwrap();
    }
    assert!(before == all[..gap.from as usize]);
    let chunk = past.read(gap.from, 1, &mut Vec::new()).unwrap();
    assert_eq!(chunk.gap, Some(gap.clone()));
    assert!(everything(|at, out| past.read(at, 65_536, out), gap.to) == all[gap.to as usize..]);
}

/// Takes what room there is.
fn fill(dir: &Small) {
    let mut filler = File::create(dir.path().join("filler")).unwrap();
    while filler.write(&[1; 4096]).is_ok() {}
}

#[test]
fn a_full_run_directory_refuses_new_rings_and_lets_the_old_ones_work_on() {
    let Some(run) = Small::of("1m") else { return };
    let state = TempDir::new().unwrap();
    let (writer, told) = writer();
    let mut journal = Journal::create(
        &Rings::of(run.path()),
        &state.path().join("a"),
        "a",
        Some(64 << 20),
        &writer,
    )
    .unwrap();
    fill(&run);
    assert!(
        Journal::create(
            &Rings::of(run.path()),
            &state.path().join("b"),
            "b",
            Some(64 << 20),
            &writer
        )
        .is_err()
    );
    assert!(!run.path().join("ring/b").exists());
    let all = stream(0, 600_000);
    say(&mut journal, &mut pipe(), &told, &all);
    assert!(everything(|at, out| journal.read(at, 65_536, out), 0) == all);
}

/// A turn's first bytes were logged and their memory given back before its last were read: the core
/// was told of none of them.
#[test]
fn bytes_given_back_within_a_turn_are_told_all_the_same() {
    let Some(run) = Small::of("1m") else { return };
    let state = TempDir::new().unwrap();
    let (writer, told) = writer();
    let mut journal = Journal::create(
        &Rings::of(run.path()),
        &state.path().join("a"),
        "a",
        Some(64 << 20),
        &writer,
    )
    .unwrap();
    fill(&run);
    let all = stream(0, 16 << 10);
    for part in all.chunks(4000) {
        say(&mut journal, &mut pipe(), &told, part);
        while journal.ring.logged() < journal.end() {
            std::thread::yield_now();
        }
    }
    assert!(
        journal.view(0).is_empty(),
        "memory was short, so the first bytes are in the log only"
    );
    assert!(journal.since(0)[..] == all[..]);
}
