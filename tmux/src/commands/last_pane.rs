//! `last-pane`: the pane that was active before.

use super::select_pane;
use crate::run::{Access, Entry};

pub(super) const ENTRY: Entry = Entry {
    name: "last-pane",
    alias: "lastp",
    flags: "det:Z",
    args: (0, Some(0)),
    usage: "[-deZ] [-t target-window]",
    access: Access::CHANGE,
    run: select_pane::run,
};
