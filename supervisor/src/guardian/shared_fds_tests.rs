//! The law of what is held, over random histories: at any moment the worker's table, the
//! descriptors behind it and what the guardian holds are the same things under the same names.

#![allow(clippy::unwrap_used)]
use super::*;
use crate::guardian::held_fds::HeldFds;
use crate::guardian::messages::{self, Incoming, ToGuardian};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What can happen to descriptors.
#[derive(Clone, Debug)]
enum Event {
    /// A session begins: three descriptors, or fewer if the start is cut short.
    Hold {
        key: u8,
        kinds: u8,
    },
    /// A terminal closes, a child ends, a log is sealed.
    Release {
        at: usize,
    },
    /// A session is forgotten, with whatever of it is still held.
    Forget {
        key: u8,
    },
    /// Something else of the process takes the lowest free number, as a gate, a connection or a
    /// file does.
    Stranger,
    StrangersGo,
    /// The worker dies and the next one inherits what the guardian holds.
    KillWorker,
    /// The guardian dies and the worker takes its place; the next worker inherits the table.
    KillGuardian,
    /// The worker is told to finish: it drops everything it has, in order.
    Upgrade,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (0..5u8, 1..8u8).prop_map(|(key, kinds)| Event::Hold { key, kinds }),
        4 => any::<usize>().prop_map(|at| Event::Release { at }),
        3 => (0..5u8).prop_map(|key| Event::Forget { key }),
        3 => Just(Event::Stranger),
        1 => Just(Event::StrangersGo),
        2 => Just(Event::KillWorker),
        2 => Just(Event::KillGuardian),
        1 => Just(Event::Upgrade),
    ]
}

/// Which file a descriptor is of.
fn inode(fd: BorrowedFd<'_>) -> u64 {
    nix::sys::stat::fstat(fd).unwrap().st_ino
}

fn file() -> OwnedFd {
    tempfile::tempfile().unwrap().into()
}

/// Both processes in one: the guardian's store, the worker's table, and the socket between them.
struct Pair {
    store: HeldFds,
    guardian_end: OwnedFd,
    table: SharedFds,
    held: Vec<SharedFd>,
    serving: Option<Serving>,
}

impl Pair {
    fn new(store: HeldFds) -> Self {
        let (guardian_end, worker_end) = messages::pair().unwrap();
        let table = SharedFds::new(Rc::new(Control::over(worker_end)));
        // A worker starts with copies of its own, as a fork makes them.
        let held = store
            .iter()
            .map(|(name, fd)| table.adopt(name.to_owned(), fd.try_clone().unwrap()))
            .collect();
        Self {
            store,
            guardian_end,
            serving: Some(table.serve()),
            table,
            held,
        }
    }

    fn hear(&mut self) {
        while let Incoming::Message(message) = messages::receive(self.guardian_end.as_fd()).unwrap()
        {
            match ToGuardian::parse(message).unwrap() {
                ToGuardian::Hold(name, fd) => self.store.hold(name, fd),
                ToGuardian::Release(name) => self.store.release(&name),
                other => panic!("{other:?}"),
            }
        }
    }

    fn happen(mut self, event: &Event, strangers: &mut Vec<OwnedFd>) -> Self {
        match event {
            Event::Hold { key, kinds } => {
                for (bit, kind) in ["ring", "pty", "pidfd"]
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| kinds & 1 << bit != 0)
                {
                    // Two owners of one descriptor, as a ring has.
                    let fd = Arc::new(file());
                    strangers.extend((bit == 0).then(|| fd.try_clone().unwrap()));
                    self.held
                        .push(self.table.hold(format!("{kind}:{key}"), fd).unwrap());
                }
            }
            Event::Release { at } if !self.held.is_empty() => {
                drop(self.held.swap_remove(at % self.held.len()));
            }
            Event::Release { .. } => {}
            Event::Forget { key } => self
                .held
                .retain(|held| !held.name.ends_with(&format!(":{key}"))),
            Event::Stranger => strangers.push(file()),
            Event::StrangersGo => strangers.clear(),
            Event::KillWorker => {
                self.hear();
                let store = std::mem::take(&mut self.store);
                return self.succeeded_with(store);
            }
            Event::KillGuardian => {
                let mut store = HeldFds::default();
                for (name, number) in self.table.numbers() {
                    // SAFETY: borrowed for a copy, as an exec leaves it; were the number closed,
                    // the copy would fail the law.
                    let fd = unsafe { BorrowedFd::borrow_raw(number) }
                        .try_clone_to_owned()
                        .unwrap();
                    store.add(name, fd);
                }
                return self.succeeded_with(store);
            }
            Event::Upgrade => {
                self.hear();
                let mut store = HeldFds::default();
                for (name, fd) in self.store.iter() {
                    store.add(name.to_owned(), fd.try_clone().unwrap());
                }
                return self.succeeded_with(store);
            }
        }
        self
    }

    /// This worker ends, which drops what it has and releases nothing; the next one inherits from
    /// `store`.
    fn succeeded_with(mut self, store: HeldFds) -> Self {
        drop(self.serving.take());
        self.held.clear();
        Self::new(store)
    }

    fn check(&mut self) {
        self.hear();
        let guardian: BTreeMap<String, u64> = self
            .store
            .iter()
            .map(|(name, fd)| (name.to_owned(), inode(fd.as_fd())))
            .collect();
        let mut numbers = BTreeMap::new();
        for (name, number) in self.table.numbers() {
            // SAFETY: borrowed for the look only; a number that is closed makes the look fail,
            // which is what it is for.
            numbers.insert(name, inode(unsafe { BorrowedFd::borrow_raw(number) }));
        }
        assert_eq!(
            guardian, numbers,
            "what the guardian holds, and what the next image would inherit"
        );
    }
}

/// A later hold under the same name takes the place of an earlier one, whichever owner goes first.
#[test]
fn an_earlier_owner_of_a_name_does_not_let_go_of_a_later_one() {
    let mut pair = Pair::new(HeldFds::default());
    let first = pair.table.hold("pty:a".into(), file()).unwrap();
    let second = pair.table.hold("pty:a".into(), file()).unwrap();
    drop(first);
    pair.check();
    assert_eq!(pair.table.count(), 1);
    drop(second);
    pair.check();
    assert_eq!((pair.table.count(), pair.store.len()), (0, 0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn entry_descriptor_and_the_guardians_copy_live_and_end_together(history in prop::collection::vec(event(), 1..60)) {
        let mut pair = Pair::new(HeldFds::default());
        let mut strangers = Vec::new();
        for event in &history {
            pair = pair.happen(event, &mut strangers);
            pair.check();
        }
        pair.held.clear();
        pair.check();
        prop_assert_eq!((pair.table.count(), pair.store.len()), (0, 0));
    }
}
