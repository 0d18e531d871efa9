//! Checkpoints in one directory, named by profile and time, of which only the newest are kept.

use crate::human;
use psup_proto::Failure;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A name that sorts by time; the directory is made if it is missing.
pub(crate) fn new_file(dir: &Path, profile: &str) -> Result<PathBuf, Failure> {
    DirBuilder::new()
        .mode(0o700)
        .recursive(true)
        .create(dir)
        .map_err(|e| Failure::system(format!("cannot make {}", dir.display()), e))?;
    let time = human::time(human::now_ms()).replace(':', "");
    Ok(dir.join(format!("{}{time}.tar", prefix(profile))))
}

/// Nothing but what [`new_file`] has named is removed.
pub(crate) fn remove_older(dir: &Path, profile: &str, keep: usize) -> Result<(), Failure> {
    let entries = fs::read_dir(dir)
        .map_err(|e| Failure::system(format!("cannot read {}", dir.display()), e))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut ours: Vec<String> = names.filter(|name| is_ours(name, profile)).collect();
    ours.sort();
    let older = ours.len().saturating_sub(keep);
    for name in &ours[..older] {
        let path = dir.join(name);
        fs::remove_file(&path)
            .map_err(|e| Failure::system(format!("cannot remove {}", path.display()), e))?;
    }
    Ok(())
}

fn prefix(profile: &str) -> String {
    format!("psup-{profile}-")
}

fn is_ours(name: &str, profile: &str) -> bool {
    let time = name
        .strip_prefix(&prefix(profile))
        .and_then(|rest| rest.strip_suffix(".tar"));
    // `2026-11-28T130414.811Z`: another profile's name may begin as ours does.
    let form = |c: char| if c.is_ascii_digit() { '0' } else { c };
    time.is_some_and(|time| time.chars().map(form).eq("0000-00-00T000000.000Z".chars()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_oldest_of_this_profile_go_and_nothing_else() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("new");
        let ours = new_file(&dir, "ci").unwrap();
        fs::write(&ours, "").unwrap();
        let name = |day: u32| format!("psup-ci-2020-01-0{day}T000000.000Z.tar");
        let others = [
            "psup-ci-2-2020-01-01T000000.000Z.tar",
            "psup-ci-mine.tar",
            "x",
        ];
        for name in others
            .iter()
            .map(|name| (*name).to_owned())
            .chain([1, 2, 3].map(name))
        {
            fs::write(dir.join(name), "").unwrap();
        }
        remove_older(&dir, "ci", 2).unwrap();
        assert!(ours.exists() && dir.join(name(3)).exists() && !dir.join(name(2)).exists());
        assert!(others.iter().all(|name| dir.join(name).exists()));
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 5);
    }
}
