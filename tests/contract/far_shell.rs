//! A shell on the other end of a real ssh connection: psup sees only what comes back over it.

use psup_harness::{TestEnv, skipped};

const SSHD: &str = "/usr/sbin/sshd";

/// A server for this one connection, on the other end of a pipe: no port, no daemon.
fn connected() -> Option<TestEnv> {
    if !std::path::Path::new(SSHD).exists() || !std::path::Path::new("/usr/bin/ssh").exists() {
        skipped("there is no ssh server and client");
        return None;
    }
    if nix::unistd::geteuid().is_root() {
        // The server wants its empty directory, which an init system would make.
        std::fs::create_dir_all("/run/sshd").unwrap();
    }
    let env = TestEnv::new();
    for key in ["host", "user"] {
        let mut keygen = env.command("ssh-keygen");
        keygen
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(env.path(key));
        env.run(keygen).ended(0);
    }
    let [host, user, allowed] =
        ["host", "user", "user.pub"].map(|file| env.path(file).display().to_string());
    // The shell is the user's, its start-up files are not: what they do is the machine's affair,
    // and what they were doing when a session is stopped they may leave half done. A lock of theirs
    // that stays holds up the next login for a minute.
    let home = env.path("home").display().to_string();
    let server = format!(
        "{SSHD} -i -f /dev/null -o HostKey={host} -o AuthorizedKeysFile={allowed} -o SetEnv=HOME={home} -o StrictModes=no -o UsePAM=no -o PermitRootLogin=yes -o PrintMotd=no"
    );
    let mut spawn = env.psup("spawn s -- ssh -tt -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR");
    spawn
        .arg("-i")
        .arg(user)
        .arg("-o")
        .arg(format!("ProxyCommand={server}"))
        .arg("far");
    env.run(spawn).ended(0);
    env.ok("wait s --prompt --timeout 60s");
    Some(env)
}

#[test]
fn a_command_runs_behind_ssh_with_its_shells_state() {
    let Some(env) = connected() else { return };
    let exec = |command: &str| {
        let mut psup = env.psup("exec s --timeout 60s --");
        psup.arg(command);
        let told = env.run(psup);
        (told.text().to_owned(), told.code)
    };
    assert_eq!(exec("cd /usr; v=3; (exit 4)"), (String::new(), Some(4)));
    assert_eq!(
        exec("echo $v; pwd; printf 'no end'"),
        ("3\n/usr\nno end".to_owned(), Some(0))
    );
    assert_eq!(env.json("exec s --timeout 60s -- true")["via"], "screen");
}
