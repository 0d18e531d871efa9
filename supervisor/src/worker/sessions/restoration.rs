//! Restoring lives from a checkpoint: they are put together aside, and become sessions all at once
//! or not at all.
//!
//! ```text
//! <state>/restoring/<id>/<number>/   one life, in the form of <state>/sessions/<key>/
//! <state>/restoring/<id>/plan.json   under which key and id each of them becomes a session: written
//!                                    once that is decided, so that the next worker goes on with it
//! ```

use super::records::{self, Record};
use super::start::fresh_id;
use super::start_claims::Claim;
use super::takeover;
use crate::fs::disk_usage;
use crate::journal::restored;
use crate::log::{Level, log, now_ms};
use crate::platform::watchdog;
use crate::worker::context::SharedWorker;
use crate::worker::shells;
use psup_proto::checkpoint::{RestoredSession, SessionCopy};
use psup_proto::name::{Name, SessionId, Target};
use psup_proto::{Code, Exit, Failure, Moment, Offset, Outcome, Spec};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What is known of the last checkpoint of everything.
pub const LAST_CHECKPOINT: &str = "checkpoint.json";
const DIR: &str = "restoring";
const PLAN: &str = "plan.json";
/// The client of a restoration that was touched longer ago is gone.
const STALE: Duration = Duration::from_secs(3600);
/// Sessions that are made known before others get their turn.
const BATCH: usize = 16;

/// A life that becomes a session.
#[derive(Clone, Serialize, Deserialize)]
struct Planned {
    number: u32,
    key: String,
    was: SessionId,
    id: SessionId,
}

/// A life that was put together.
struct Staged {
    number: u32,
    record: Record,
    bytes: u64,
}

/// Refused where anything of this name is kept or about to be started.
pub fn is_free(worker: &SharedWorker, name: &Name) -> Result<(), Failure> {
    worker.starting.is_free(name)?;
    let target = Target {
        name: name.clone(),
        life: None,
    };
    match worker.registry.known(&target) {
        None => Ok(()),
        Some(known) => Err(Failure::new(
            Code::NameTaken,
            format!(
                "there is a session named {:?} already: {}",
                name.as_str(),
                known.id
            ),
        )
        .hint(format!(
            "`psup forget {name}` makes room once it has ended, `psup rename {name} NEW` as well; \
             `psup restore --profile OTHER FILE` restores beside it"
        ))),
    }
}

pub fn begin(state: &Path, id: u128) -> Result<(), Failure> {
    remove_stale(state);
    records::make_dir(&dir(state, id)).map_err(|e| cannot(state, e))
}

pub fn abort(state: &Path, id: u128) -> Result<(), Failure> {
    match fs::remove_dir_all(dir(state, id)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot(state, error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

pub fn session(state: &Path, id: u128, number: u32, copy: &SessionCopy) -> Result<(), Failure> {
    let bad = |what: &str, error: serde_json::Error| {
        let message = format!(
            "the {what} of {} in the checkpoint cannot be read: {error}",
            copy.id
        );
        Failure::new(Code::Usage, message)
    };
    let spec: Spec = serde_json::from_slice(&copy.spec).map_err(|e| bad("spec", e))?;
    let record: Record = serde_json::from_slice(&copy.life).map_err(|e| bad("record", e))?;
    let record = as_ended(record, copy);
    let dir = begun(state, id)?.join(number.to_string());
    let write = || {
        restored::write_notes(&dir, &copy.events, copy.end)?;
        if let Some((offset, screen)) = &copy.screen {
            restored::write_screen(&dir, *offset, screen)?;
        }
        records::write_new(&dir, &spec, &record)
    };
    write().map_err(|e| cannot(state, e))
}

pub fn output(
    state: &Path,
    id: u128,
    number: u32,
    at: Offset,
    bytes: &[u8],
    moments: &[Moment],
) -> Result<(), Failure> {
    let dir = begun(state, id)?.join(number.to_string());
    restored::write_output(&dir, at, bytes, moments).map_err(|e| cannot(state, e))
}

/// The lives become sessions. Asked again it goes on with what was decided.
pub async fn finish(
    worker: &SharedWorker,
    id: u128,
    last: &BTreeMap<Name, u32>,
) -> Result<Vec<RestoredSession>, Failure> {
    let state = worker.facts.state.clone();
    let staging = begun(&state, id)?;
    let plan_file = staging.join(PLAN);
    // Nothing of these names begins until they are known.
    let (plan, claims) = match records::read(&plan_file) {
        Some(plan) => (plan, Vec::new()),
        None => plan_all(worker, &staging, last).await?,
    };
    move_all(worker, &staging, &plan).map_err(|e| {
        // Nothing of it was decided then.
        let _ = fs::remove_file(&plan_file);
        cannot(&state, e)
    })?;
    make_known(worker, &plan).await;
    drop(claims);
    log(
        Level::Info,
        "sessions were restored from a checkpoint",
        &[("count", &plan.len())],
    );
    let told = plan.into_iter().map(|planned| RestoredSession {
        was: planned.was,
        id: planned.id,
    });
    Ok(told.collect())
}

/// Under which key and id each life becomes a session.
async fn plan_all(
    worker: &SharedWorker,
    staging: &Path,
    last: &BTreeMap<Name, u32>,
) -> Result<(Vec<Planned>, Vec<Claim>), Failure> {
    let state = &worker.facts.state;
    let from = staging.to_owned();
    let staged = tokio::task::spawn_blocking(move || staged(&from)).await;
    let staged = staged.map_err(|e| Failure::new(Code::Internal, e.to_string()))?;
    has_room(worker, &staged)?;
    let claims = claim(worker, &staged)?;
    let write = || {
        let plan = decide(worker, staging, staged)?;
        worker.ids.borrow_mut().note_all(last)?;
        records::replace(&staging.join(PLAN), &plan)?;
        Ok(plan)
    };
    let plan = write().map_err(|e| cannot(state, e))?;
    Ok((plan, claims))
}

/// Whatever it was: its program does not run here, and nothing is started by itself.
fn as_ended(mut record: Record, copy: &SessionCopy) -> Record {
    if record.nonce.is_empty() {
        // It was a part of the key, which is another one here.
        let key = format!("{:032x}", record.request);
        shells::nonce("", &key).clone_into(&mut record.nonce);
    }
    record.id = copy.id.clone();
    record.orphaned = false;
    record.command_file = None;
    record.stopped = true;
    record.restored_ms = Some(now_ms());
    record.exit.get_or_insert_with(|| Exit {
        outcome: Outcome::Unknown {
            reason: "it ran when the checkpoint was made".into(),
        },
        at_ms: copy.at_ms,
        oom: None,
    });
    record
}

fn staged(staging: &Path) -> Vec<Staged> {
    let entries = fs::read_dir(staging).into_iter().flatten().flatten();
    let mut found: Vec<Staged> = entries
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            let dir = entry.path();
            Some(Staged {
                number,
                record: records::read(&dir.join("life.json"))?,
                bytes: disk_usage::of(&dir),
            })
        })
        .collect();
    found.sort_by(|a, b| a.record.id.cmp(&b.record.id));
    found
}

/// What would be forgotten at once is not restored.
fn has_room(worker: &SharedWorker, staged: &[Staged]) -> Result<(), Failure> {
    let ended = worker.registry.kept_count() - worker.registry.live_count();
    let kept = worker.kept.tell(ended);
    let count = kept.count as usize + staged.len();
    if count > kept.limits.count as usize {
        let message = format!(
            "{} ended sessions are kept at most, and these would be {count}",
            kept.limits.count
        );
        let hint = format!("`psup forget --keep {count}` keeps so many");
        return Err(Failure::new(Code::Limit, message).hint(hint));
    }
    let bytes = kept.bytes + staged.iter().map(|one| one.bytes).sum::<u64>();
    match kept.limits.bytes {
        Some(most) if bytes > most => {
            let message = format!(
                "ended sessions take at most {most} bytes of disk, and these would take {bytes}"
            );
            let hint = format!(
                "`psup forget --keep-bytes {}m` makes room",
                (bytes >> 20) + 64
            );
            Err(Failure::new(Code::Limit, message).hint(hint))
        }
        Some(_) | None => Ok(()),
    }
}

/// Nothing of these names begins meanwhile.
fn claim(worker: &SharedWorker, staged: &[Staged]) -> Result<Vec<Claim>, Failure> {
    let mut names: Vec<&Name> = staged.iter().map(|one| &one.record.id.name).collect();
    names.dedup();
    let claim = |name: &Name| {
        is_free(worker, name)?;
        Claim::of(&worker.starting, name, "")
    };
    names.into_iter().map(claim).collect()
}

fn decide(worker: &SharedWorker, staging: &Path, staged: Vec<Staged>) -> io::Result<Vec<Planned>> {
    let mut plan = Vec::with_capacity(staged.len());
    for Staged {
        number, mut record, ..
    } in staged
    {
        let was = record.id.clone();
        record.id = worker.ids.borrow_mut().keep_or_next(&was);
        // The request that began it elsewhere has no answer here.
        record.request = fresh_id();
        let planned = Planned {
            number,
            key: format!("{:032x}", record.request),
            was,
            id: record.id.clone(),
        };
        let file = staging.join(number.to_string()).join("life.json");
        records::replace(&file, &record)?;
        plan.push(planned);
    }
    Ok(plan)
}

/// All of them lie where sessions are, or none.
fn move_all(worker: &SharedWorker, staging: &Path, plan: &[Planned]) -> io::Result<()> {
    let from = |planned: &Planned| staging.join(planned.number.to_string());
    records::make_dir(&worker.facts.state.join("sessions"))?;
    for (count, planned) in plan.iter().enumerate() {
        let to = worker.session_dir(&planned.key);
        // An earlier worker may have come that far.
        let moved = if to.exists() {
            Ok(())
        } else {
            fs::rename(from(planned), to)
        };
        if let Err(error) = moved {
            for planned in &plan[..count] {
                let _ = fs::rename(worker.session_dir(&planned.key), from(planned));
            }
            return Err(error);
        }
    }
    Ok(())
}

async fn make_known(worker: &SharedWorker, plan: &[Planned]) {
    for (count, planned) in plan.iter().enumerate() {
        if worker.registry.has_key(&planned.key) {
            continue;
        }
        if let Some(found) = records::find(&worker.facts.state, &planned.key) {
            takeover::ended(worker, &found);
        }
        if count % BATCH == BATCH - 1 {
            watchdog::feed();
            tokio::task::yield_now().await;
        }
    }
    worker.kept.ended();
}

fn dir(state: &Path, id: u128) -> PathBuf {
    state.join(DIR).join(format!("{id:032x}"))
}

fn begun(state: &Path, id: u128) -> Result<PathBuf, Failure> {
    let dir = dir(state, id);
    if dir.is_dir() {
        return Ok(dir);
    }
    Err(Failure::new(Code::Gone, "this restoration was given up").hint("`psup restore` again"))
}

/// What restorations have left whose clients are gone.
fn remove_stale(state: &Path) {
    let old = |path: &Path| {
        let changed = fs::metadata(path).and_then(|meta| meta.modified());
        changed.is_ok_and(|at| {
            SystemTime::now()
                .duration_since(at)
                .is_ok_and(|age| age > STALE)
        })
    };
    let entries = fs::read_dir(state.join(DIR))
        .into_iter()
        .flatten()
        .flatten();
    for entry in entries.filter(|entry| old(&entry.path())) {
        // What cannot be removed now is tried again by the next one.
        let _ = fs::remove_dir_all(entry.path());
    }
}

fn cannot(state: &Path, error: io::Error) -> Failure {
    Failure::system(format!("cannot write to {}", state.display()), error)
}
