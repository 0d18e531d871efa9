//! What a line of the hooks' file says: a hook, where a watch stands, what is due, how a run went.
//!
//! The file lies on disk for longer than any build: fields are added with a default, variants at
//! the end.

use psup_proto::condition::Match;
use psup_proto::hook::{AddHook, Delivery, Hook, HookEvent, HookSelector};
use psup_proto::name::{Name, SessionId};
use psup_proto::{Exit, Offset};
use serde::{Deserialize, Serialize};

/// A hook with everything that its command needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredHook {
    pub number: u32,
    /// The request that added it.
    pub request: u128,
    /// `None`: every session.
    pub name: Option<Name>,
    pub hook: Hook,
    /// It came with a spec.
    pub of_spec: bool,
    #[serde(with = "psup_proto::text_or_bytes")]
    pub cwd: Vec<u8>,
    #[serde(with = "psup_proto::text_or_bytes")]
    pub env: Vec<(Vec<u8>, Vec<u8>)>,
    pub umask: u32,
    pub added_ms: u64,
    /// Events up to this number have been looked at.
    pub seen: u64,
    /// Its session is forgotten: it goes once it has delivered what is due.
    #[serde(default)]
    pub retired: bool,
}

/// Where a watch of one life stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    pub at: Offset,
    /// What stands before `at` has been told.
    pub fired: bool,
}

/// Something happened that a hook waits for: its command is to run until it has returned 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Due {
    pub hook: u32,
    /// The number of the event that is told.
    pub event: u64,
    pub at_ms: u64,
    pub id: SessionId,
    /// The life's directory.
    pub key: String,
    pub offset: Offset,
    pub detail: Detail,
    /// Runs so far.
    #[serde(default)]
    pub tries: u32,
}

/// What is told beside the event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Detail {
    pub matched: Option<Match>,
    pub blocked: Option<String>,
    pub exit: Option<Exit>,
    pub stopped: bool,
    pub reason: Option<String>,
    pub restarts: Option<u32>,
}

/// One change, one line of the file. Variants are only ever added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Entry {
    Added(StoredHook),
    Removed {
        hook: u32,
    },
    /// The hooks of a session follow it to its new name, those that were there before this event.
    Renamed {
        from: Name,
        to: Name,
        event: u64,
    },
    /// Its session is forgotten, and something is still to be delivered.
    Retired {
        hook: u32,
    },
    /// Every event up to this one has been looked at for every hook.
    Seen {
        event: u64,
    },
    /// A watch of one life stands there.
    Watch {
        hook: u32,
        key: String,
        cursor: Cursor,
    },
    /// Nothing will come of that life any more.
    WatchOver {
        hook: u32,
        key: String,
    },
    Due {
        due: Due,
        /// Where the watch that found it goes on.
        cursor: Option<Cursor>,
    },
    /// The command has run for a delivery.
    Ran {
        hook: u32,
        delivery: Delivery,
    },
    /// How many there were before the file was written again.
    Counted {
        hook: u32,
        delivered: u64,
        failed: u64,
        last: Option<Delivery>,
    },
    /// Numbers that were given and taken back count as given.
    Numbered {
        last: u32,
    },
}

impl StoredHook {
    pub(crate) fn new(number: u32, added: AddHook, added_ms: u64, seen: u64) -> Self {
        Self {
            number,
            request: added.id,
            name: added.name,
            hook: added.hook,
            of_spec: false,
            cwd: added.cwd,
            env: added.env,
            umask: added.umask,
            added_ms,
            seen,
            retired: false,
        }
    }

    pub(crate) fn applies_to(&self, name: &Name) -> bool {
        !self.retired && self.name.as_ref().is_none_or(|own| own == name)
    }

    /// Whether it waits for what one session does, and not for an event.
    pub(crate) fn watches(&self) -> bool {
        match self.hook.on {
            HookEvent::Match(_) | HookEvent::Blocked(_) | HookEvent::Idle(_) => true,
            HookEvent::Exit | HookEvent::Lost | HookEvent::CrashLoop => false,
        }
    }

    pub(crate) fn is_selected(&self, selector: &HookSelector) -> bool {
        match selector {
            HookSelector::Number(number) => *number == self.number,
            HookSelector::Of { name, on, value } => {
                *name == self.name
                    && on.as_ref().is_none_or(|on| on == self.hook.on.word())
                    && (value.is_none() || *value == self.hook.on.value())
            }
        }
    }
}
