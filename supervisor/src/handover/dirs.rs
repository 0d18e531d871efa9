//! Where a supervisor lives.
//!
//! | | run (socket, locks, rings) | state (log, sessions, lifetime lock) |
//! |---|---|---|
//! | usually | `/run/user/UID/psup/PROFILE` | `~/.local/state/psup/PROFILE` |
//! | no `/run/user/UID` of ours | `/tmp/psup-UID/PROFILE` | the same |
//! | `--dir DIR` | `DIR/run/PROFILE` | `DIR/state/PROFILE` |
//!
//! The environment has no say in either: cron, sudo and ssh must find the supervisor that a login
//! started, and `~` is the directory of the user's account, not `HOME` (which counts only where the
//! account has none that can be used). Where both of the first two could be meant, the one with a
//! socket in it is. Every directory below the first that is ours alone is 0700, checked with lstat.

use super::fd_table::Facts;
use super::names::SOCKET;
use nix::unistd::{AccessFlags, Uid, access, geteuid};
use psup_proto::{Code, Failure, Name};
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Which supervisor is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub profile: String,
    /// `--dir` or `PSUP_DIR`.
    pub dir: Option<PathBuf>,
}

/// The two directories of a supervisor; both exist and are ours alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dirs {
    pub run: PathBuf,
    pub state: PathBuf,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            profile: "default".into(),
            dir: None,
        }
    }
}

impl Place {
    pub fn of(facts: &Facts) -> Self {
        Self {
            profile: facts.profile.clone(),
            dir: facts.dir.clone(),
        }
    }
}

impl Dirs {
    /// Finds the directories of `place` and makes those that are missing.
    pub fn of(place: &Place) -> Result<Self, Failure> {
        let profile = profile(&place.profile)?;
        let uid = geteuid();
        let (run, state) = match &place.dir {
            Some(dir) => {
                let dir =
                    std::path::absolute(dir).map_err(|e| Failure::system(dir.display(), e))?;
                (own(&dir.join("run"), uid)?, own(&dir.join("state"), uid)?)
            }
            None => (
                run_base(uid, &profile)?,
                own(&home(uid)?.join(".local/state/psup"), uid)?,
            ),
        };
        Ok(Self {
            run: own(&run.join(&profile), uid)?,
            state: own(&state.join(&profile), uid)?,
        })
    }

    /// Where they are or would be: nothing is made, and nothing has been looked at.
    pub fn expected(place: &Place) -> Result<Self, Failure> {
        let profile = profile(&place.profile)?;
        let run = Self::likely(place);
        let has_socket = |dir: &&PathBuf| dir.join(SOCKET).symlink_metadata().is_ok();
        let can_be = |dir: &&PathBuf| dir.ancestors().nth(2).is_some_and(Path::is_dir);
        let run = run
            .iter()
            .find(has_socket)
            .or_else(|| run.iter().find(can_be))
            .or(run.last());
        let state = match &place.dir {
            Some(dir) => std::path::absolute(dir)
                .map_err(|e| Failure::system(dir.display(), e))?
                .join("state"),
            None => home(geteuid())?.join(".local/state/psup"),
        };
        Ok(Self {
            run: run.cloned().unwrap_or_default(),
            state: state.join(profile),
        })
    }

    /// Where a socket may be, likeliest first: nothing has been looked at, so nothing may be
    /// trusted that is found there.
    pub fn likely(place: &Place) -> Vec<PathBuf> {
        let Ok(profile) = profile(&place.profile) else {
            return Vec::new();
        };
        let (login, temporary) = bases(geteuid());
        let bases = match &place.dir {
            Some(dir) => std::path::absolute(dir)
                .map(|dir| dir.join("run"))
                .into_iter()
                .collect(),
            None => vec![login.join("psup"), temporary],
        };
        bases.into_iter().map(|base| base.join(&profile)).collect()
    }
}

/// The user's login directory, and what there is without one.
fn bases(uid: Uid) -> (PathBuf, PathBuf) {
    (
        format!("/run/user/{uid}").into(),
        format!("/tmp/psup-{uid}").into(),
    )
}

fn profile(text: &str) -> Result<String, Failure> {
    match text.parse::<Name>() {
        Ok(name) => Ok(name.into()),
        Err(_) => Err(
            Failure::new(Code::Usage, format!("bad profile name {text:?}"))
                .hint(psup_proto::name::RULE.replace("a name", "a profile")),
        ),
    }
}

fn run_base(uid: Uid, profile: &str) -> Result<PathBuf, Failure> {
    let (login, temporary) = bases(uid);
    let is_ours = |path: &Path| {
        fs::symlink_metadata(path).is_ok_and(|m| m.is_dir() && m.uid() == uid.as_raw())
    };
    let has_socket = |base: &Path| is_ours(base) && base.join(profile).join(SOCKET).exists();
    if !is_ours(&login) {
        return own(&temporary, uid);
    }
    let login = login.join("psup");
    let base = if has_socket(&login) || !has_socket(&temporary) {
        login
    } else {
        temporary
    };
    own(&base, uid)
}

/// The user's own, whatever `HOME` a caller has; only where there is none that can be used, `HOME`
/// says where files may be.
fn home(uid: Uid) -> Result<PathBuf, Failure> {
    let is_usable = |dir: &PathBuf| {
        dir.is_absolute() && access(dir, AccessFlags::W_OK | AccessFlags::X_OK).is_ok()
    };
    let own = psup_accounts::by_uid(uid.as_raw()).map(|user| user.home);
    let from_environment = || {
        std::env::var_os("HOME")
            .map(PathBuf::from)
            .filter(|h| h.is_absolute())
    };
    own.filter(is_usable)
        .or_else(from_environment)
        .ok_or_else(|| {
            Failure::new(Code::System, format!("user {uid} has no home directory"))
                .hint("`--dir DIR` says where psup may keep its files")
        })
}

/// `path` as a directory of ours that nobody else can look into, made if it is missing.
fn own(path: &Path, uid: Uid) -> Result<PathBuf, Failure> {
    let hint = "--dir DIR says where psup may keep its files";
    match DirBuilder::new().mode(0o700).recursive(true).create(path) {
        Ok(()) => {}
        // Whatever it is instead of a directory is told below.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => {
            return Err(
                Failure::system(format_args!("cannot make {}", path.display()), error).hint(hint),
            );
        }
    }
    let found =
        fs::symlink_metadata(path).map_err(|error| Failure::system(path.display(), error))?;
    let refuse = |what: String, fix: String| {
        Err(Failure::new(Code::System, format!("{} {what}", path.display())).hint(fix))
    };
    if !found.is_dir() {
        return refuse("is not a directory".into(), hint.into());
    }
    if found.uid() != uid.as_raw() {
        return refuse(
            format!("belongs to user {}, not to us", found.uid()),
            hint.into(),
        );
    }
    if found.mode() & 0o077 != 0 {
        let fix = format!("chmod 700 {}", path.display());
        return refuse(
            format!("is open to others (mode {:o})", found.mode() & 0o777),
            fix,
        );
    }
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn within(dir: &Path, profile: &str) -> Result<Dirs, Failure> {
        Dirs::of(&Place {
            profile: profile.into(),
            dir: Some(dir.into()),
        })
    }

    #[test]
    fn profiles_never_share_a_directory_and_all_are_private() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (
            within(dir.path(), "run").unwrap(),
            within(dir.path(), "state").unwrap(),
        );
        let all = [&one.run, &one.state, &two.run, &two.state];
        assert_eq!(
            all.iter().collect::<std::collections::BTreeSet<_>>().len(),
            4
        );
        for path in all {
            assert_eq!(
                fs::metadata(path).unwrap().permissions().mode() & 0o777,
                0o700
            );
        }
    }

    #[test]
    fn a_bad_profile_is_wrong_usage() {
        for bad in ["", "../x", "A", "a/b"] {
            assert_eq!(
                within(Path::new("/nowhere"), bad).map_err(|f| f.code),
                Err(Code::Usage),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn a_directory_others_can_look_into_is_refused_with_the_fix() {
        let dir = tempfile::tempdir().unwrap();
        let run = within(dir.path(), "a").unwrap().run;
        fs::set_permissions(&run, fs::Permissions::from_mode(0o755)).unwrap();
        let failure = within(dir.path(), "a").unwrap_err();
        assert!(
            failure.message.contains("open to others (mode 755)"),
            "{failure}"
        );
        assert_eq!(failure.hint, Some(format!("chmod 700 {}", run.display())));
    }

    #[test]
    fn a_link_in_the_place_of_a_directory_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("elsewhere")).unwrap();
        symlink(dir.path().join("elsewhere"), dir.path().join("run")).unwrap();
        assert!(
            within(dir.path(), "a")
                .unwrap_err()
                .message
                .contains("is not a directory")
        );
    }
}
