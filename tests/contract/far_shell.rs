//! A shell on the other end of a real ssh connection: psup sees only what comes back over it.

use crate::house::{House, skipped};

const SSHD: &str = "/usr/sbin/sshd";

/// A server for this one connection, on the other end of a pipe: no port, no daemon.
fn connected() -> Option<House> {
    if !std::path::Path::new(SSHD).exists() || !std::path::Path::new("/usr/bin/ssh").exists() {
        skipped("there is no ssh server and client");
        return None;
    }
    if nix::unistd::geteuid().is_root() {
        // The server wants its empty directory, which an init system would make.
        std::fs::create_dir_all("/run/sshd").unwrap();
    }
    let house = House::new();
    for key in ["host", "user"] {
        let mut keygen = house.command("ssh-keygen");
        keygen
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(house.path(key));
        house.run(keygen).ended(0);
    }
    let [host, user, allowed] =
        ["host", "user", "user.pub"].map(|file| house.path(file).display().to_string());
    // The shell is the user's, its start-up files are not: what they do is the machine's affair,
    // and what they were doing when a session is stopped they may leave half done. A lock of theirs
    // that stays holds up the next login for a minute.
    let home = house.path("home").display().to_string();
    let server = format!(
        "{SSHD} -i -f /dev/null -o HostKey={host} -o AuthorizedKeysFile={allowed} -o SetEnv=HOME={home} -o StrictModes=no -o UsePAM=no -o PermitRootLogin=yes -o PrintMotd=no"
    );
    let mut spawn = house.psup("spawn s -- ssh -tt -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR");
    spawn
        .arg("-i")
        .arg(user)
        .arg("-o")
        .arg(format!("ProxyCommand={server}"))
        .arg("far");
    house.run(spawn).ended(0);
    house.ok("wait s --prompt --timeout 60s");
    Some(house)
}

#[test]
fn a_command_runs_behind_ssh_with_its_shells_state() {
    let Some(house) = connected() else { return };
    let exec = |command: &str| {
        let mut psup = house.psup("exec s --timeout 60s --");
        psup.arg(command);
        let told = house.run(psup);
        (told.text().to_owned(), told.code)
    };
    assert_eq!(exec("cd /usr; v=3; (exit 4)"), (String::new(), Some(4)));
    assert_eq!(
        exec("echo $v; pwd; printf 'no end'"),
        ("3\n/usr\nno end".to_owned(), Some(0))
    );
    assert_eq!(house.json("exec s --timeout 60s -- true")["via"], "screen");
}
