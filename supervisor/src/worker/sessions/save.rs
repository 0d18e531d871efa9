//! Writing down how lives stand, at once or as soon as the disk takes it.

use super::records;
use crate::log::{Level, log};
use crate::worker::context::{SharedWorker, Worker};
use std::io;
use std::time::Duration;

/// Between tries on a disk that refuses.
const RETRY: Duration = Duration::from_secs(1);

/// Writes a life's record, to the disk and to where the guardian has it.
pub fn save(worker: &SharedWorker, key: &str) {
    let Some((spec, record)) = worker.registry.record(key) else {
        return;
    };
    worker.copy_record(&spec, &record);
    if let Err(error) = records::write_record(&worker.session_dir(key), &spec, &record) {
        log(
            Level::Warn,
            "cannot write down how a life stands",
            &[("session", &record.id), ("error", &error)],
        );
        save_later(worker, key);
    }
}

/// Writes a life's record to the disk; one that is forgotten has none to write.
pub fn write_record(worker: &Worker, key: &str) -> io::Result<()> {
    worker
        .registry
        .record(key)
        .map_or(Ok(()), |(spec, record)| {
            records::write_record(&worker.session_dir(key), &spec, &record)
        })
}

/// Tries the record of this life again until it is on the disk.
pub fn save_later(worker: &SharedWorker, key: &str) {
    if worker.unsaved.add(key) {
        tokio::task::spawn_local(save_all(worker.clone()));
    }
}

async fn save_all(worker: SharedWorker) {
    let mut count = 0;
    loop {
        tokio::time::sleep(RETRY).await;
        for key in worker.unsaved.keys() {
            if write_record(&worker, &key).is_ok() {
                count += 1;
                worker.unsaved.remove(&key);
            }
        }
        if worker.unsaved.keys().is_empty() {
            return log(
                Level::Info,
                "records that the disk had refused are written",
                &[("records", &count)],
            );
        }
    }
}
