//! Who calls: its directory, its pane and what its terminal can show.

use crate::flags::Flags;
use std::path::{Path, PathBuf};

/// Who calls.
pub(crate) struct Caller {
    pub cwd: String,
    pub pane: Option<u32>,
    pub utf8: bool,
    pub control: bool,
}

impl Caller {
    pub(crate) fn new(flags: &Flags) -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(variable)
            .unwrap_or_default()
            .to_uppercase();
        let utf8 = flags.utf8
            || variable("TMUX").is_some()
            || locale.contains("UTF-8")
            || locale.contains("UTF8");
        Self {
            cwd: cwd(),
            pane: variable("TMUX_PANE").and_then(|pane| pane.strip_prefix('%')?.parse().ok()),
            utf8,
            control: flags.control > 0,
        }
    }
}

impl Caller {
    /// What this process is called among the clients.
    pub(crate) fn client_name(&self) -> String {
        if self.control {
            return format!("client-{}", std::process::id());
        }
        let terminal = nix::unistd::ttyname(std::io::stdin());
        terminal.map_or_else(
            |_| String::new(),
            |path| path.to_string_lossy().into_owned(),
        )
    }

    /// A file as the caller names it.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        Path::new(&self.cwd).join(path)
    }
}

/// As the shell calls it, where that is the same directory.
fn cwd() -> String {
    use std::os::unix::fs::MetadataExt;
    let real =
        std::env::current_dir().map_or_else(|_| "/".into(), |d| d.to_string_lossy().into_owned());
    let same = |path: &str| {
        let id = |p: &str| std::fs::metadata(p).map(|m| (m.dev(), m.ino())).ok();
        id(path).is_some() && id(path) == id(&real)
    };
    std::env::var("PWD")
        .ok()
        .filter(|pwd| pwd.starts_with('/') && same(pwd))
        .unwrap_or(real)
}
