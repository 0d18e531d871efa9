//! The one static binary, in a root where there is nothing: no libraries, no terminfo, no locale,
//! no `/run/user`.
//!
//! `scripts/test` builds the program that way and names it in `PSUP_STATIC`. Without it, or
//! without the right to make a root, the test says that it was skipped.

use psup_harness::{TestEnv, skipped};
use std::path::{Path, PathBuf};

/// Runs `$2` with the root `$1`, which has `/dev` and a `/proc` of its own. All of it ends with the
/// namespace.
const IN_ROOT: &str = r#"
mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" && exec chroot "$1" /bin/busybox sh -e -c "$2"
"#;

#[test]
fn the_static_binary_runs_in_a_root_with_nothing_but_dev_proc_and_a_busybox() {
    let env = TestEnv::new();
    let (Some(psup), Some(busybox)) = (static_psup(), static_busybox()) else {
        return;
    };
    let root = env.path("root");
    for dir in ["bin", "dev", "proc"] {
        std::fs::create_dir_all(root.join(dir)).unwrap();
    }
    std::fs::copy(psup, root.join("bin/psup")).unwrap();
    std::fs::copy(busybox, root.join("bin/busybox")).unwrap();
    std::os::unix::fs::symlink("busybox", root.join("bin/sh")).unwrap();
    if !can_make_a_root(&env, &root) {
        skipped("this user may not unshare and chroot");
        return;
    }
    let inside = "
        psup spawn a --shell 'echo alive; exec busybox cat'
        psup wait a --text alive --timeout 60s
        psup send a 'over the wire' --enter
        psup wait a --text over --timeout 60s
        psup capture a
        psup spawn gone --shell 'exit 7'
        psup wait gone --exit
        psup stop --all
        psup shutdown --force
    ";
    let told = env.run(in_root(&env, &root, inside)).ended(0);
    for part in ["a#1\n", "alive\nover the wire\n", "stopped a#1"] {
        assert!(told.text().contains(part), "{part:?} in {told}");
    }
}

fn in_root(env: &TestEnv, root: &Path, script: &str) -> std::process::Command {
    let mut command = env.command("unshare");
    command
        .env("PATH", "/bin:/usr/bin:/sbin:/usr/sbin")
        .env("PSUP_DIR", "/psup")
        .env("HOME", "/");
    if !nix::unistd::geteuid().is_root() {
        command.arg("--map-root-user");
    }
    command
        .args([
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "sh",
            "-c",
            IN_ROOT,
            "sh",
        ])
        .arg(root)
        .arg(script);
    command
}

fn can_make_a_root(env: &TestEnv, root: &Path) -> bool {
    env.run(in_root(env, root, "true")).code == Some(0)
}

fn static_psup() -> Option<PathBuf> {
    let path = std::env::var_os("PSUP_STATIC").map(PathBuf::from);
    if path.is_none() {
        skipped(
            "PSUP_STATIC names no static binary; scripts/test builds one where it can be linked",
        );
    }
    path
}

fn static_busybox() -> Option<PathBuf> {
    let found = ["/bin/busybox", "/usr/bin/busybox"]
        .map(PathBuf::from)
        .into_iter()
        .find(|path| {
            // No program interpreter: nothing that a root without libraries would miss.
            std::fs::read(path)
                .is_ok_and(|elf| !elf[..elf.len().min(4096)].windows(4).any(|w| w == b"/lib"))
        });
    if found.is_none() {
        skipped("there is no static busybox on this machine");
    }
    found
}
