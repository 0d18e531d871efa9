//! `link-window`: a window in one more place.

use super::move_window;
use crate::run::{Access, Entry};

pub(super) const ENTRY: Entry = Entry {
    name: "link-window",
    alias: "linkw",
    flags: "abdks:t:",
    args: (0, Some(0)),
    usage: "[-abdk] [-s src-window] [-t dst-window]",
    access: Access::CHANGE,
    run: move_window::run,
};
