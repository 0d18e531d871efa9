//! The law of the third copy: whatever a guardian was killed over, the next one brings the manager
//! to what is held.

#![allow(clippy::unwrap_used)]
use super::*;
use nix::sys::socket::{ControlMessageOwned, bind, recvmsg};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::IoSliceMut;
use std::os::fd::FromRawFd;

/// What systemd does with the messages of a service.
struct FakeManager {
    socket: OwnedFd,
    path: std::path::PathBuf,
    _dir: tempfile::TempDir,
    stored: BTreeMap<String, u64>,
}

impl FakeManager {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let flags = SockFlag::SOCK_NONBLOCK;
        let socket = socket(AddressFamily::Unix, SockType::Datagram, flags, None).unwrap();
        bind(socket.as_raw_fd(), &UnixAddr::new(&path).unwrap()).unwrap();
        Self {
            socket,
            path,
            _dir: dir,
            stored: BTreeMap::new(),
        }
    }

    /// Takes every message there is.
    fn hear(&mut self) {
        while let Some((text, fd)) = self.receive() {
            let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
            let name = line("FDNAME=").unwrap();
            assert!(!name.contains(':'), "{name}");
            match (line("FDSTORE=1"), line("FDSTOREREMOVE=1")) {
                (Some(_), None) => {
                    assert_eq!(line("FDPOLL=0"), Some(""));
                    self.stored.insert(name.to_owned(), number_in(&fd.unwrap()));
                }
                (None, Some(_)) => drop(self.stored.remove(name)),
                _ => panic!("{text}"),
            }
        }
    }

    fn receive(&self) -> Option<(String, Option<OwnedFd>)> {
        let mut bytes = [0; 256];
        let mut space = nix::cmsg_space!(RawFd);
        let (length, fd) = {
            let mut slices = [IoSliceMut::new(&mut bytes)];
            let socket = self.socket.as_raw_fd();
            let flags = MsgFlags::empty();
            let message = recvmsg::<UnixAddr>(socket, &mut slices, Some(&mut space), flags).ok()?;
            let fd = message.cmsgs().unwrap().find_map(|control| match control {
                ControlMessageOwned::ScmRights(numbers) => numbers.first().copied(),
                _ => None,
            });
            (message.bytes, fd)
        };
        let text = String::from_utf8(bytes[..length].to_vec()).unwrap();
        // SAFETY: the kernel made it for us just now.
        Some((text, fd.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) })))
    }
}

/// A file that can be told from others: its length is the number.
fn numbered(number: u64) -> OwnedFd {
    let file = tempfile::tempfile().unwrap();
    file.set_len(number).unwrap();
    file.into()
}

fn number_in(fd: &OwnedFd) -> u64 {
    let file = File::from(fd.try_clone().unwrap());
    file.metadata().unwrap().len()
}

#[derive(Clone, Debug)]
enum Event {
    Hold(u8),
    Release(u8),
    /// The guardian is killed, and what is held goes to the next one, in part: the change that was
    /// under way is known to the worker alone.
    Killed {
        held: bool,
        at: u8,
    },
    /// The manager reads what was said.
    Heard,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0u8..6).prop_map(Event::Hold),
        3 => (0u8..6).prop_map(Event::Release),
        1 => (any::<bool>(), 0u8..6).prop_map(|(held, at)| Event::Killed { held, at }),
        2 => Just(Event::Heard),
    ]
}

fn facts(manager: &FakeManager) -> Facts {
    Facts {
        notify: Some(manager.path.clone()),
        ..Facts::default()
    }
}

fn name(n: u8) -> String {
    format!("pty:{n}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_guardian_is_killed_over_the_manager_has_what_is_held(
        events in prop::collection::vec(event(), 0..60)
    ) {
        let mut manager = FakeManager::new();
        let mut held = HeldFds::default();
        let mut store = FdStore::of(&facts(&manager), &mut held).unwrap();
        store.settle(&held);
        let mut made = 0;
        let mut fresh = || { made += 1; numbered(made) };
        for event in events {
            match event {
                Event::Hold(n) => {
                    let fd = fresh();
                    store.hold(&name(n), fd.as_fd());
                    held.hold(name(n), fd);
                }
                Event::Release(n) => {
                    store.release(&name(n));
                    held.release(&name(n));
                }
                Event::Killed { held: is_held, at } => {
                    if is_held {
                        held.release(&name(at));
                    } else if held.get(&name(at)).is_none() {
                        held.add(name(at), fresh());
                    }
                    store = FdStore::of(&facts(&manager), &mut held).unwrap();
                    store.settle(&held);
                }
                Event::Heard => manager.hear(),
            }
            // Its queue is short.
            manager.hear();
            if store.retry_at.is_some() {
                store.settle(&held);
            }
        }
        manager.hear();
        let expected: BTreeMap<String, u64> = held
            .iter()
            .map(|(name, fd)| (stored_name(name), number_in(fd)))
            .collect();
        // The listener's number is the test's own business here.
        manager.stored.remove(LISTENER);
        // The ledger grows.
        prop_assert_eq!(manager.stored.remove(LEDGER).is_some(), true);
        let expected: BTreeMap<String, u64> =
            expected.into_iter().filter(|(name, _)| name != LEDGER).collect();
        prop_assert_eq!(manager.stored, expected);
    }
}

#[test]
fn a_manager_that_is_busy_is_told_later() {
    let mut manager = FakeManager::new();
    let mut held = HeldFds::default();
    let mut store = FdStore::of(&facts(&manager), &mut held).unwrap();
    store.settle(&held);
    for n in 0..=255 {
        let fd = numbered(u64::from(n));
        store.hold(&name(n), fd.as_fd());
        held.hold(name(n), fd);
    }
    while store.retry_at.is_some() {
        manager.hear();
        store.settle(&held);
    }
    manager.hear();
    manager.stored.remove(LISTENER);
    assert_eq!(manager.stored.len(), held.len());
}

#[test]
fn the_name_in_the_store_tells_what_it_is_held_under() {
    for name in ["pty:0123abcd", "pidfd:ff", "ring:0", LEDGER, LISTENER] {
        assert_eq!(held_name(&stored_name(name)), name);
    }
}
