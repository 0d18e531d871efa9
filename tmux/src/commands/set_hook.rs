//! `set-hook`: hooks are options.

use super::set_option;
use crate::run::{Access, Entry};

pub(super) const ENTRY: Entry = Entry {
    name: "set-hook",
    alias: "",
    flags: "agpRt:uw",
    args: (1, Some(2)),
    usage: "[-agpRuw] [-t target-pane] hook [command]",
    access: Access::CHANGE,
    run: set_option::run,
};
