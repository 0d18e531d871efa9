//! What a directory takes on its disk.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The blocks of a directory and of the files in it; what cannot be looked at counts as nothing.
pub fn of(dir: &Path) -> u64 {
    let own = fs::metadata(dir).map_or(0, |found| found.blocks());
    let files = fs::read_dir(dir).into_iter().flatten().flatten();
    let blocks = files.filter_map(|file| Some(file.metadata().ok()?.blocks()));
    (own + blocks.sum::<u64>()) * 512
}
