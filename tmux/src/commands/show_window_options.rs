//! `show-window-options`: `show-options -w`.

use super::show_options;
use crate::run::{Access, Entry};

pub(super) const ENTRY: Entry = Entry {
    name: "show-window-options",
    alias: "showw",
    flags: "gvt:",
    args: (0, Some(1)),
    usage: "[-gv] [-t target-window] [option]",
    access: Access::LOOK,
    run: show_options::run,
};
