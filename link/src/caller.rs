//! What a session takes over from the process that asks for it: environment, shell and file mode
//! mask; and its paths, for a supervisor that works in another directory.

use psup_proto::greeting::Caller;
use psup_proto::{Code, Failure};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// Name and value, as the system has them.
pub type Var = (Vec<u8>, Vec<u8>);

/// All of it, for a session that starts in `cwd`, or in the present directory.
pub fn here(cwd: Option<&Path>) -> Result<Caller, Failure> {
    Ok(Caller {
        environment: environment(),
        shell: users_shell(),
        umask: umask(),
        directory: absolute(Path::new("."))?.into_os_string().into_vec(),
        cwd: directory(cwd.unwrap_or(Path::new(".")))?,
    })
}

/// A directory by its one true name, so that `ensure` from two places means the same.
fn directory(path: &Path) -> Result<Vec<u8>, Failure> {
    let cannot = |why: &dyn std::fmt::Display| {
        let what = format!("cannot start in {}: {why}", path.display());
        Failure::new(Code::CannotStart, what)
    };
    let found = std::fs::canonicalize(path).map_err(|e| cannot(&e))?;
    if found.is_dir() {
        Ok(found.into_os_string().into_vec())
    } else {
        Err(cannot(&"it is not a directory"))
    }
}

/// This process's environment.
pub fn environment() -> Vec<Var> {
    std::env::vars_os()
        .map(|(key, value)| (key.into_vec(), value.into_vec()))
        .collect()
}

/// The shell in `$SHELL`, else the one in the user's line of `/etc/passwd`, else `/bin/sh`.
pub fn users_shell() -> Vec<u8> {
    let named = std::env::var_os("SHELL")
        .map(OsString::into_vec)
        .filter(|shell| shell.starts_with(b"/"));
    let own = || {
        psup_accounts::by_uid(nix::unistd::Uid::current().as_raw())
            .map(|account| account.shell.into_os_string().into_vec())
            .filter(|shell| shell.starts_with(b"/"))
    };
    named.or_else(own).unwrap_or_else(|| b"/bin/sh".to_vec())
}

/// The mask can only be read by setting it; nothing else runs in this process that could create a
/// file meanwhile.
#[allow(clippy::unnecessary_cast)] // A mask has 16 bits on macOS.
pub fn umask() -> u32 {
    use nix::sys::stat::{Mode, umask};
    let mask = umask(Mode::from_bits_truncate(0o077));
    umask(mask);
    mask.bits() as u32
}

/// A path as seen from the caller's directory.
pub fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path)
        .map_err(|e| Failure::system(format_args!("cannot tell where {} is", path.display()), e))
}
