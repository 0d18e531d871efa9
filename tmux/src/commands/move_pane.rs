//! `move-pane`: another name of `join-pane`.

use super::join_pane;
use crate::run::{Access, Entry};

pub(super) const ENTRY: Entry = Entry {
    name: "move-pane",
    alias: "movep",
    flags: "bdfhvp:l:s:t:",
    args: (0, Some(0)),
    usage: "[-bdfhv] [-l size] [-s src-pane] [-t dst-pane]",
    access: Access::CHANGE,
    run: join_pane::run,
};
