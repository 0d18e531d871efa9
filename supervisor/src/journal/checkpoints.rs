//! Screen checkpoints: what a screen was at an offset, so that redrawing it need not begin at the
//! beginning.
//!
//! What is in them is the screen's business. They are hints: one that is lost costs time, nothing
//! else, so none is forced to the disk.

use super::segments;
use psup_proto::Offset;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Kept at most. They thin out where they lie densest, so that captures of the past find one not
/// far away.
const KEPT: usize = 8;

/// Stores a checkpoint whole or not at all.
pub(super) fn put(dir: &Path, offset: Offset, state: &[u8]) -> io::Result<()> {
    segments::make_dir(dir)?;
    let new = dir.join("screen.new");
    fs::write(&new, state)?;
    fs::rename(new, path(dir, offset))?;
    thin(dir)
}

/// The newest checkpoint at or before an offset.
pub(super) fn before(dir: &Path, offset: Offset) -> Option<(Offset, Vec<u8>)> {
    let at = list(dir).ok()?.into_iter().rfind(|at| *at <= offset)?;
    Some((at, fs::read(path(dir, at)).ok()?))
}

/// Removes those whose neighbours are nearest. The newest always stays.
fn thin(dir: &Path) -> io::Result<()> {
    let mut all = list(dir)?;
    while all.len() > KEPT {
        let gap_without = |i: usize| all[i + 1] - if i == 0 { 0 } else { all[i - 1] };
        let Some(victim) = (0..all.len() - 1).min_by_key(|i| gap_without(*i)) else {
            break;
        };
        fs::remove_file(path(dir, all.remove(victim)))?;
    }
    Ok(())
}

fn list(dir: &Path) -> io::Result<Vec<Offset>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        found.extend(
            name.to_str()
                .and_then(|n| n.strip_prefix("screen.")?.parse::<Offset>().ok()),
        );
    }
    found.sort_unstable();
    Ok(found)
}

fn path(dir: &Path, offset: Offset) -> PathBuf {
    dir.join(format!("screen.{offset:020}"))
}
