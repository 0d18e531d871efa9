//! `set-window-option`: `set-option -w`.

use super::set_option;
use crate::run::{Access, Entry};

pub(super) const ENTRY: Entry = Entry {
    name: "set-window-option",
    alias: "setw",
    flags: "aFgoqt:u",
    args: (1, Some(2)),
    usage: "[-aFgoqu] [-t target-window] option [value]",
    access: Access::CHANGE,
    run: set_option::run,
};
