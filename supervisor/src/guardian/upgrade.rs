//! Becoming another build in place: same process, same children, same descriptors.
//!
//! Three nets are under it. An exec that fails leaves everything as it was. A new guardian that
//! dies is replaced by the old build's worker, which promotes itself with the old program. A new
//! worker that does not come up makes the new guardian become the old program again.

use super::event_loop::{Guardian, Worker};
use super::messages::ToWorker;
use crate::handover::fd_table::{self, Table, Upgrade};
use crate::log::{Level, log};
use crate::platform::{descriptors, program};
use psup_proto::hello::BUILD;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

/// How long the old worker may take to finish, and the new one to be ready.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// Deaths of the new build's workers before it is given up.
pub(super) const DEATHS: u32 = 3;

impl Guardian {
    /// Becomes `program`. Returns only if that failed, with everything as before and the worker
    /// told.
    pub(super) fn upgrade(&mut self, program: &OwnedFd, id: u128) {
        if self.next.is_some() {
            // One at a time: who asks is about to be replaced itself.
            return self.tell_worker(&ToWorker::UpgradeFailed(libc::EBUSY));
        }
        let before = self.facts.upgrade.replace(Upgrade {
            id,
            from: BUILD.to_owned(),
            error: None,
        });
        let error = match fd_table::copy(fd_table::PROGRAM) {
            Ok(previous) => {
                log(
                    Level::Info,
                    "becoming another build",
                    &[("epoch", &self.facts.guardian_epoch)],
                );
                self.previous = Some(previous);
                self.become_program(program)
            }
            Err(error) => error,
        };
        log(
            Level::Error,
            "the other build cannot be executed",
            &[("error", &error)],
        );
        self.undo_program();
        self.facts.upgrade = before;
        self.tell_worker(&ToWorker::UpgradeFailed(
            error.raw_os_error().unwrap_or(libc::EINVAL),
        ));
    }

    /// The new build has failed: becomes the previous one again.
    pub(super) fn revert(&mut self) {
        log(
            Level::Error,
            "the new build does not come up; the previous one is back",
            &[],
        );
        self.restart.deaths = 0;
        if let Some(upgrade) = &mut self.facts.upgrade {
            upgrade.error = Some("its workers end before they have served for a second".into());
        }
        self.worker = Worker::Absent {
            start_at: Instant::now(),
        };
        if let Some(previous) = self.previous.take() {
            let error = self.become_program(&previous);
            log(
                Level::Error,
                "the previous build cannot be executed",
                &[("error", &error)],
            );
            // The fixed number names the previous program now, so the next worker is of that build
            // all the same.
        }
    }

    fn become_program(&self, program: &OwnedFd) -> io::Error {
        let attempt = || -> io::Result<io::Error> {
            let image = program::Image::new(&[super::GUARDIAN], program::environment());
            descriptors::place(program.as_raw_fd(), fd_table::PROGRAM)?;
            let table = self.table();
            let file = table.write()?;
            descriptors::place(file.as_raw_fd(), fd_table::TABLE)?;
            set_inherited(&table, true)?;
            let error = image.exec(fd_table::PROGRAM);
            set_inherited(&table, false)?;
            Ok(error)
        };
        attempt().unwrap_or_else(|error| error)
    }

    fn undo_program(&mut self) {
        if let Some(previous) = self.previous.take() {
            // dup2 onto an open number fails for no reason that is left here.
            let _ = descriptors::place(previous.as_raw_fd(), fd_table::PROGRAM);
        }
        for number in fd_table::CONTROL..fd_table::FREE {
            let _ = descriptors::set_inherited(number, false);
        }
    }

    /// Everything the next image needs.
    fn table(&self) -> Table {
        let (pid, control) = match &self.worker {
            Worker::Alive { pid, control, .. } => (Some(*pid), control.as_ref()),
            Worker::Absent { .. } => (None, None),
        };
        let own = [("control", control), ("previous", self.previous.as_ref())];
        let own = own.into_iter().filter_map(|(name, fd)| Some((name, fd?)));
        Table::name(&self.facts, own.chain(self.store.iter()), pid)
    }
}

fn set_inherited(table: &Table, inherited: bool) -> io::Result<()> {
    for number in table
        .fds
        .iter()
        .map(|(_, number)| *number)
        .chain(fd_table::CONTROL..fd_table::FREE)
    {
        descriptors::set_inherited(number, inherited)?;
    }
    Ok(())
}
