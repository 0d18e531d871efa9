//! A machine behind ssh: a real sshd for each connection, without a port of its own, and an `ssh`
//! whose configuration knows the way to the host `far`. The psup over there is the one of the test,
//! with the test's supervisor.

use psup_harness::{TestEnv, psup, skipped};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

const SSHD: &str = "/usr/sbin/sshd";
const SSH: &str = "/usr/bin/ssh";

/// Whether there is an ssh server and client; says so where there is none.
pub(crate) fn is_there() -> bool {
    let is_there = [SSHD, SSH].iter().all(|path| Path::new(path).exists());
    if !is_there {
        skipped("there is no ssh server and client");
    }
    if is_there && nix::unistd::geteuid().is_root() {
        // The server wants its empty directory, which an init system would make.
        std::fs::create_dir_all("/run/sshd").unwrap();
    }
    is_there
}

/// The command of a server for one connection on its stdin and stdout.
pub(crate) fn server(env: &TestEnv) -> Vec<String> {
    for key in ["host", "user"] {
        let mut keygen = env.command("ssh-keygen");
        keygen
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(env.path(key));
        env.run(keygen).ended(0);
    }
    let bin = env.path("home/.local/bin");
    std::fs::create_dir_all(&bin).unwrap();
    symlink(psup(), bin.join("psup")).unwrap();
    let path = |name| env.path(name).display().to_string();
    let variables = format!(
        "SetEnv=HOME={} PSUP_DIR={} PSUP_RUNG=double-fork LANG=C.UTF-8",
        path("home"),
        path("psup")
    );
    let options = [
        format!("HostKey={}", path("host")),
        format!("AuthorizedKeysFile={}", path("user.pub")),
        variables,
        "StrictModes=no".to_owned(),
        "UsePAM=no".to_owned(),
        "PermitRootLogin=yes".to_owned(),
        "PrintMotd=no".to_owned(),
    ];
    let words = [SSHD, "-i", "-f", "/dev/null"].map(str::to_owned);
    let options = options
        .into_iter()
        .flat_map(|option| ["-o".to_owned(), option]);
    words.into_iter().chain(options).collect()
}

/// Makes an `ssh` that knows `far`: `way` are the lines of its configuration that lead there.
pub(crate) fn client(env: &TestEnv, way: &str) {
    let config = format!(
        "Host far\n  IdentityFile {}\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  {way}\n",
        env.path("user").display()
    );
    let config = env.write("ssh_config", config);
    program(
        env,
        "ssh",
        &format!("exec {SSH} -F '{}' \"$@\"", config.display()),
    );
}

/// A script in the directory that [`near`] has on its path.
pub(crate) fn program(env: &TestEnv, name: &str, script: &str) {
    std::fs::create_dir_all(env.path("bin")).unwrap();
    let path = env.write(&format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
}

/// `psup` on the near side: it knows the programs of the test, and no supervisor of its own.
pub(crate) fn near(env: &TestEnv, line: &str) -> Command {
    let mut command = env.psup(line);
    let path = std::env::var("PATH").unwrap();
    command
        .env("PATH", format!("{}:{path}", env.path("bin").display()))
        .env("PSUP_DIR", env.path("near"));
    command
}
