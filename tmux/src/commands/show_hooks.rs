//! `show-hooks`: hooks are options.

use super::show_options;
use crate::run::{Access, Entry};

pub(super) const ENTRY: Entry = Entry {
    name: "show-hooks",
    alias: "",
    flags: "gpt:w",
    args: (0, Some(1)),
    usage: "[-gpw] [-t target-pane]",
    access: Access::LOOK,
    run: show_options::run,
};
