//! A cgroup for each life, where the tree of cgroups is ours to write: no fork leaves it, so a stop
//! misses nobody.
//!
//! Ours is the unit that a service manager has delegated to us, or what the `cgroup` rung has made;
//! there the supervisor lives in a leaf of its own, for a cgroup that holds processes may not give
//! controllers to those below it. Ours is also one of our name in the root, where nobody manages
//! the tree. A controller is switched on when the first life has a limit that needs it (`limits`).
//!
//! ```text
//! <unit>/supervisor  guardian and worker        /psup.<hash>/<key>   the same without a manager; guardian and
//! <unit>/<key>       everybody of one life                           worker stay in the root
//! ```
//!
//! Nothing is written down: a directory that the kernel lets go of held nobody. So who comes next
//! sweeps, and whatever goes wrong here leaves a session to the bookkeeping that is there anyway.

pub mod limits;
pub mod unit_restart;
pub mod usage;

use super::ancestry;
use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// Where the supervisor itself lives.
const LEAF: &str = "supervisor";
/// What the name of every cgroup of ours begins with.
const OURS: &str = "psup";

/// Where the cgroups of lives are made.
#[derive(Clone)]
pub struct Cgroups {
    dir: PathBuf,
    /// The top of the tree that we see.
    mount: PathBuf,
}

/// The cgroup of one life.
#[derive(Clone)]
pub struct Cgroup(PathBuf);

impl Cgroups {
    /// Those of the supervisor that this process is part of; `name` is what it is called where no
    /// unit gives it a name.
    pub fn of_this_supervisor(name: &str) -> Option<Self> {
        let own = PathBuf::from(ancestry::cgroup(std::process::id().cast_signed())?);
        let mount = mount_point()?;
        let within = |path: &Path| mount.join(path.strip_prefix("/").unwrap_or(path));
        let unit = own
            .parent()
            .filter(|unit| called(unit).starts_with(OURS) && called(&own) == LEAF);
        let found = match unit {
            Some(unit) => within(unit),
            None if own == Path::new("/") && !is_managed() => mount.join(name),
            None => return None,
        };
        let there = if found.is_dir() { &found } else { &mount };
        nix::unistd::access(there, nix::unistd::AccessFlags::W_OK).ok()?;
        Some(Self { dir: found, mount })
    }

    /// A new cgroup, to be opened and given to the fork.
    pub fn make(&self, key: &str) -> io::Result<Cgroup> {
        let dir = self.dir.join(key);
        match fs::create_dir(&dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir_all(&dir)?,
            made => made?,
        }
        Ok(Cgroup(dir))
    }

    pub fn find(&self, key: &str) -> Option<Cgroup> {
        let dir = self.dir.join(key);
        dir.is_dir().then_some(Cgroup(dir))
    }

    /// Removes those in which nobody is, except of keys that are in use.
    pub fn sweep(&self, in_use: impl Fn(&str) -> bool) {
        for dir in below(&self.dir) {
            let key = dir.file_name().unwrap_or_default().to_string_lossy();
            if key != LEAF && !in_use(&key) {
                remove(&dir);
            }
        }
    }

    /// The supervisor ends: what is empty goes. From the leaf the way out is the cgroup above all
    /// of ours.
    pub fn leave(&self) {
        let above = self.dir.parent().unwrap_or(&self.dir);
        let is_unit = fs::symlink_metadata(self.dir.join(LEAF)).is_ok();
        if is_unit && !is_managed() {
            let _ = fs::write(above.join("cgroup.procs"), "0");
        }
        self.clear();
    }

    /// Nobody is started any more: all goes that is empty.
    pub fn clear(&self) {
        remove(&self.dir);
    }
}

impl Cgroup {
    pub fn open(&self) -> io::Result<OwnedFd> {
        File::open(&self.0).map(OwnedFd::from)
    }

    /// Everybody in it and in what they have made below it, as far as this namespace of pids knows
    /// them.
    pub fn pids(&self) -> Vec<i32> {
        let mut pids = Vec::new();
        let mut left = vec![self.0.clone()];
        while let Some(dir) = left.pop() {
            let text = fs::read_to_string(dir.join("cgroup.procs")).unwrap_or_default();
            pids.extend(
                text.lines()
                    .filter_map(|line| line.parse::<i32>().ok())
                    .filter(|pid| *pid > 0),
            );
            left.extend(below(&dir));
        }
        pids
    }

    /// Ends everybody in one step, those who are just being born too.
    pub fn kill(&self) {
        // Before Linux 5.14 there is no such file; then each is signalled.
        let _ = File::options()
            .write(true)
            .open(self.0.join("cgroup.kill"))
            .and_then(|mut file| io::Write::write_all(&mut file, b"1"));
    }

    /// Lets go of it. Processes that a life left behind when it ended by itself run on in it; the
    /// next sweep looks again.
    pub fn remove(&self) {
        remove(&self.0);
    }
}

/// Moves this process, and so all that it starts from now on, out of the unit's own cgroup into the
/// leaf below it.
pub fn move_to_leaf() -> io::Result<()> {
    let own = ancestry::cgroup(std::process::id().cast_signed()).unwrap_or_default();
    let mount = mount_point().ok_or(io::ErrorKind::NotFound)?;
    let procs = leaf(&mount.join(own.trim_start_matches('/')))?;
    fs::write(procs, "0")
}

/// Makes a leaf for a supervisor and tells the file by which one moves there.
pub fn leaf(unit: &Path) -> io::Result<PathBuf> {
    let leaf = unit.join(LEAF);
    fs::create_dir_all(&leaf)?;
    Ok(leaf.join("cgroup.procs"))
}

/// Where cgroups v2 are mounted.
pub fn mount_point() -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let line = mounts
        .lines()
        .find(|line| line.split(' ').nth(2) == Some("cgroup2"))?;
    line.split(' ').nth(1).map(PathBuf::from)
}

/// Whether systemd owns the tree.
pub fn is_managed() -> bool {
    Path::new("/run/systemd/system").exists()
}

/// The directory of this process's own cgroup.
fn own_dir() -> Option<PathBuf> {
    let own = ancestry::cgroup(std::process::id().cast_signed())?;
    Some(mount_point()?.join(own.trim_start_matches('/')))
}

/// The unit of ours that a cgroup lies in.
fn unit_above(dir: &Path) -> Option<PathBuf> {
    let unit = dir.parent()?;
    called(unit).starts_with(OURS).then(|| unit.to_owned())
}

fn called(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn below(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let dirs = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    dirs.map(|entry| entry.path()).collect()
}

/// From below upwards; the kernel keeps what somebody is in.
fn remove(dir: &Path) {
    for dir in below(dir) {
        remove(&dir);
    }
    let _ = fs::remove_dir(dir);
}
