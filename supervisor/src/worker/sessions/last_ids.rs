//! The last life of every name, so that an id never comes back: it is written down before anything
//! is started under it, whatever happens to its directory.
//!
//! It is written to the state directory, and to memory where rings have a directory there: one
//! still knows it when the other is gone.
//!
//! ```text
//! lives.json   the last life of every name ...
//! lives.new    ... and the ids that were given since that was written, a line each
//! ```

use super::records;
use crate::fs::read_small;
use crate::log::{Level, log};
use psup_proto::name::{Name, SessionId, Target};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

const ALL: &str = "lives.json";
const NEW: &str = "lives.new";

pub struct LastIds {
    last: BTreeMap<Name, u32>,
    state: Place,
    memory: Option<Place>,
}

/// A directory where it is written down.
struct Place {
    dir: PathBuf,
    /// Ids in it.
    new: usize,
    /// Something could not be written.
    lacks: bool,
}

/// Ids that `lives.new` may have, or as many as there are names, before all is written again.
const GIVEN: usize = 1000;

impl LastIds {
    pub fn open(state: &Path, memory: Option<&Path>) -> Self {
        let mut this = Self {
            last: BTreeMap::new(),
            state: Place::of(state),
            memory: memory.map(Place::of),
        };
        let in_state = this.state.read();
        let in_memory = this.memory.as_ref().map(Place::read);
        for (all, _) in [&in_state].into_iter().chain(&in_memory) {
            for (name, life) in all {
                let last = this.last.entry(name.clone()).or_default();
                *last = (*last).max(*life);
            }
        }
        let is_good =
            |(all, new): &(BTreeMap<Name, u32>, usize)| *new <= GIVEN && *all == this.last;
        if !is_good(&in_state) {
            told(this.state.write(&this.last));
        }
        if let (Some(place), Some(found)) = (&mut this.memory, &in_memory)
            && !is_good(found)
        {
            told(place.write(&this.last));
        }
        this
    }

    /// A life that is on disk was given, whatever the file says.
    pub fn note(&mut self, id: &SessionId) {
        let last = self.last.entry(id.name.clone()).or_default();
        *last = (*last).max(id.life);
    }

    /// The id of the next life.
    pub fn next(&mut self, name: &Name) -> SessionId {
        let life = self.last.get(name).copied().unwrap_or(0) + 1;
        self.last.insert(name.clone(), life);
        let id = SessionId {
            name: name.clone(),
            life,
        };
        // The directory of the life tells it too, as long as that is there.
        told(self.state.add(&id));
        if let Some(memory) = &mut self.memory {
            told(memory.add(&id));
        }
        for place in [&mut self.state].into_iter().chain(&mut self.memory) {
            if place.new > GIVEN.max(self.last.len()) {
                told(place.write(&self.last));
            }
        }
        id
    }

    pub fn all(&self) -> &BTreeMap<Name, u32> {
        &self.last
    }

    /// This id, unless it or a later one of its name was given already; else the next.
    pub fn keep_or_next(&mut self, id: &SessionId) -> SessionId {
        let last = self.last.entry(id.name.clone()).or_default();
        // The next one is the one after this.
        *last = (*last).max(id.life.saturating_sub(1));
        self.next(&id.name)
    }

    /// None of these is given again.
    pub fn note_all(&mut self, last: &BTreeMap<Name, u32>) -> io::Result<()> {
        for (name, life) in last {
            let known = self.last.entry(name.clone()).or_default();
            *known = (*known).max(*life);
        }
        self.write_again()
    }

    /// Sees to it that all is written down. A life that is kept tells its number itself, so this
    /// comes before one goes or changes its name.
    pub fn save(&mut self) -> io::Result<()> {
        if self.state.lacks {
            self.write_again()
        } else {
            Ok(())
        }
    }

    /// The state directory is another one.
    pub fn write_again(&mut self) -> io::Result<()> {
        self.state.write(&self.last)
    }

    /// The supervisor ends in order: the state directory knows all there is to know.
    pub fn leave_memory(&self) {
        for file in self
            .memory
            .iter()
            .flat_map(|place| [place.dir.join(ALL), place.dir.join(NEW)])
        {
            // Gone already is gone.
            let _ = fs::remove_file(file);
        }
    }
}

impl Place {
    fn of(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            new: 0,
            lacks: false,
        }
    }

    /// What is written here, and how many ids of it stand in `lives.new`.
    fn read(&self) -> (BTreeMap<Name, u32>, usize) {
        let mut all: BTreeMap<Name, u32> = records::read(&self.dir.join(ALL)).unwrap_or_default();
        let given = read_small::read(&self.dir.join(NEW), usize::MAX).unwrap_or_default();
        let lines = given.split(|byte| *byte == b'\n');
        // A line that was cut off by a full disk or a kill gave no id to anybody.
        let ids = lines.filter_map(|line| std::str::from_utf8(line).ok()?.parse::<Target>().ok());
        let mut new = 0;
        for (name, life) in ids.filter_map(|id| Some((id.name, id.life?))) {
            let last = all.entry(name).or_default();
            *last = (*last).max(life);
            new += 1;
        }
        (all, new)
    }

    fn write(&mut self, all: &BTreeMap<Name, u32>) -> io::Result<()> {
        // Not again at once where it fails.
        self.new = 0;
        self.lacks = true;
        records::make_dir(&self.dir)?;
        records::replace(&self.dir.join(ALL), all)?;
        self.lacks = false;
        match fs::remove_file(self.dir.join(NEW)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn add(&mut self, id: &SessionId) -> io::Result<()> {
        let added = self.append(id);
        self.new += 1;
        self.lacks |= added.is_err();
        added
    }

    fn append(&self, id: &SessionId) -> io::Result<()> {
        let open = || {
            let mut options = fs::OpenOptions::new();
            let file = options.append(true).create(true).mode(0o600);
            file.open(self.dir.join(NEW))
        };
        let mut file = open().or_else(|error| {
            if error.kind() != io::ErrorKind::NotFound {
                return Err(error);
            }
            records::make_dir(&self.dir)?;
            open()
        })?;
        // The first end of a line closes one that was cut off.
        io::Write::write_all(&mut file, format!("\n{id}\n").as_bytes())
    }
}

fn told(written: io::Result<()>) {
    if let Err(error) = written {
        log(
            Level::Warn,
            "cannot write down which ids were given",
            &[("error", &error)],
        );
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn no_id_comes_back_whichever_of_both_places_is_lost() {
        let (state, memory) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let name: Name = "a".parse().unwrap();
        let next = || {
            LastIds::open(state.path(), Some(memory.path()))
                .next(&name)
                .life
        };
        assert_eq!((next(), next()), (1, 2));
        for lost in [&state, &memory, &state] {
            let before = next();
            std::fs::remove_dir_all(lost.path()).unwrap();
            assert_eq!(next(), before + 1);
        }
    }
}
