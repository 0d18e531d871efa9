//! What is known of hooks: the book of them, its file, and which commands and watches run.

use super::book::Book;
use super::entry::{Entry, StoredHook};
use super::file::{self, BookFile};
use psup_proto::hook::HookInfo;
use psup_proto::limits;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::Path;
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::task::AbortHandle;

pub struct Hooks {
    pub(super) book: RefCell<Book>,
    pub(super) file: RefCell<BookFile>,
    /// Commands that run, and who waits for their end.
    pub commands: RefCell<HashMap<i32, oneshot::Sender<i32>>>,
    pub(super) permits: Semaphore,
    /// A delivery is over, or a hook is gone.
    pub(super) news: Notify,
    pub(super) watching: RefCell<HashMap<(u32, String), AbortHandle>>,
    /// Events up to this number have been looked at, ...
    pub(super) seen: Cell<u64>,
    /// ... and this one is in the file.
    pub(super) seen_in_file: Cell<u64>,
}

impl Hooks {
    /// Goes on where the last worker ended.
    pub fn open(state: &Path, last_event: u64) -> Self {
        let (file, book) = BookFile::open(state);
        let seen = book.seen().unwrap_or(last_event);
        Self {
            book: RefCell::new(book),
            file: RefCell::new(file),
            commands: RefCell::default(),
            permits: Semaphore::new(limits::HOOK_COMMANDS),
            news: Notify::new(),
            watching: RefCell::default(),
            seen: Cell::new(seen),
            seen_in_file: Cell::new(seen),
        }
    }

    /// The file is gone with its directory.
    pub fn write_again(&self) {
        self.file.borrow_mut().write_again(&self.book.borrow());
    }

    pub(crate) fn infos(&self, wanted: impl Fn(&StoredHook) -> bool) -> Vec<HookInfo> {
        self.book.borrow().infos(wanted)
    }

    pub(super) fn change(&self, entry: Entry) {
        let mut book = self.book.borrow_mut();
        let line = file::line(&entry);
        book.apply(entry);
        self.file.borrow_mut().append(&line, &book);
    }

    pub(super) fn has_hooks(&self) -> bool {
        self.book.borrow().count() > 0
    }

    pub(super) fn remove_if_over(&self, number: u32) {
        let is_over = self.book.borrow().is_over(number);
        if is_over {
            self.remove_number(number);
        }
    }

    pub(super) fn remove_number(&self, number: u32) {
        self.change(Entry::Removed { hook: number });
        self.watching.borrow_mut().retain(|(hook, _), task| {
            if *hook == number {
                task.abort();
            }
            *hook != number
        });
        self.news.notify_waiters();
    }
}
