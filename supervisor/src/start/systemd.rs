//! The systemd rung: a transient service, forked by the manager and so outside the starter's
//! process tree, cgroup, environment and subreaper. Not a scope: a scope's processes stay the
//! starter's descendants.
//!
//! The manager is looked for by its socket, because cron, sudo and `docker exec` lack the
//! environment that would name it. It is asked through `systemd-run` and `systemctl`, with a
//! deadline.

use super::rung::Rung;
use super::unreachable::unreachable;
use crate::handover::dirs::Place;
use crate::handover::fd_table::Facts;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::geteuid;
use psup_proto::Failure;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// `systemd-run` returns when the supervisor is ready; a bus that hangs must not hang the client.
const PATIENCE: Duration = Duration::from_secs(8);

/// The unit's main process is the keeper, and neither guardian nor worker, which take each other's
/// place. A restart of the unit, or a child killed for memory, must end nothing else. The guardian
/// ends the unit itself when it leaves. What it holds lies in the manager's store as well, three
/// descriptors for each session.
pub const PROPERTIES: [&str; 11] = [
    "Type=notify",
    "NotifyAccess=all",
    "FileDescriptorStoreMax=16384",
    "KillMode=process",
    "Restart=always",
    "RestartSec=100ms",
    "OOMPolicy=continue",
    "Delegate=yes",
    "TasksMax=infinity",
    "LimitNOFILE=65536",
    "UMask=0077",
];

/// A supervisor that cannot come up gives in after some time; one whose user starts and ends it
/// often does not. An installed unit has no such limit.
const START_LIMIT: [&str; 2] = ["StartLimitIntervalSec=60", "StartLimitBurst=40"];

/// The unit of a place. One installed under this name is started instead of a transient one.
pub fn unit(place: &Place) -> String {
    match &place.dir {
        None => format!("psup-{}.service", place.profile),
        Some(dir) => {
            let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.clone());
            format!(
                "psup-{}-{:016x}.service",
                place.profile,
                hash(dir.as_os_str().as_bytes())
            )
        }
    }
}

pub fn start(rung: Rung, facts: &Facts) -> Result<(), Failure> {
    let manager = manager(rung)?;
    let unit = facts.unit.as_deref().unwrap_or("psup.service");
    let program = std::env::current_exe()
        .map_err(|e| Failure::system("cannot tell which program this is", e))?;
    let mut run = Command::new("systemd-run");
    run.args([
        "--quiet",
        "--collect",
        "--no-ask-password",
        manager,
        "--unit",
        unit,
    ]);
    let properties = PROPERTIES.iter().chain(&START_LIMIT);
    run.args(properties.flat_map(|property| ["-p", property]));
    for name in ["HOME", "PATH", "LANG"] {
        run.args(std::env::var(name).map(|value| format!("--setenv={name}={value}")));
    }
    run.arg("-p").arg(exec_stop(&program, rung, unit, facts));
    run.arg("-p").arg(exec_stop_post(&program, facts));
    run.arg("--")
        .arg(program)
        .args([super::START, rung.word(), &facts.profile])
        .args(facts.dir.as_deref().map(literally));
    let Err(refusal) = finish(run, PATIENCE) else {
        return Ok(());
    };
    // The unit may exist already: installed, or waiting to be restarted after both processes were
    // killed.
    if fragment_exists(manager, unit) {
        return finish(control(manager, &["start", unit]), PATIENCE)
            .map(drop)
            .map_err(unreachable);
    }
    Err(unreachable(refusal))
}

/// The supervisor ends on purpose: its unit must not bring it back.
pub fn forget(rung: &str, unit: &str) {
    let Some(rung @ (Rung::SystemdUser | Rung::SystemdSystem)) = Rung::parse(rung) else {
        return;
    };
    if let Ok(manager) = manager(rung) {
        // A unit that cannot be stopped starts a supervisor without sessions: a nuisance, no loss.
        let _ = finish(control(manager, &["stop", "--no-block", unit]), PATIENCE);
    }
}

/// What the manager runs to stop the unit. A signal ends no supervisor, and a restart of the unit
/// must end no session.
fn exec_stop(program: &Path, rung: Rung, unit: &str, facts: &Facts) -> OsString {
    let words = [
        program.into(),
        super::STOP.into(),
        rung.word().into(),
        unit.into(),
        facts.profile.clone().into(),
    ];
    exec_line("ExecStop=-", words, facts)
}

/// What the manager runs once the main process has ended, whatever the reason.
fn exec_stop_post(program: &Path, facts: &Facts) -> OsString {
    let words = [
        program.into(),
        super::ENDED.into(),
        facts.profile.clone().into(),
    ];
    exec_line("ExecStopPost=-", words, facts)
}

fn exec_line<const N: usize>(name: &str, words: [OsString; N], facts: &Facts) -> OsString {
    let dir = facts.dir.as_deref().map(|dir| dir.as_os_str().to_owned());
    let mut line = OsString::from(name);
    for (n, word) in words.into_iter().chain(dir).enumerate() {
        line.push(if n == 0 { "" } else { " " });
        line.push(quoted(&word));
    }
    line
}

/// A word of a command line in a unit's property, whatever it contains.
pub fn quoted(word: &OsStr) -> OsString {
    let mut bytes = vec![b'"'];
    for byte in word.as_bytes() {
        match byte {
            b'"' | b'\\' => bytes.extend([b'\\', *byte]),
            b'$' => bytes.extend(*b"$$"),
            byte => bytes.push(*byte),
        }
    }
    bytes.push(b'"');
    OsString::from_vec(bytes)
}

/// The unit stops. A restart, or a supervisor that has ended by itself, runs this as well, and then
/// nothing is done. A stop of the unit ends a supervisor without sessions; sessions end only with
/// the manager, which is at the end of the machine or of the user's last login. `psup service stop
/// --sessions` has ended them before.
pub fn stop(rung: &str, unit: &str, profile: &OsStr, dir: Option<&OsStr>) -> io::Result<()> {
    let rung = Rung::parse(rung).ok_or(io::ErrorKind::InvalidInput)?;
    let manager = manager(rung).map_err(io::Error::other)?;
    let mut list = control(manager, &["list-jobs", "--no-legend", "--plain", unit]);
    reach_manager(&mut list);
    let jobs = list.output()?;
    let jobs = String::from_utf8_lossy(&jobs.stdout).into_owned();
    let mut types = jobs
        .lines()
        .filter_map(|job| job.split_ascii_whitespace().nth(2));
    if !types.any(|kind| kind == "stop") {
        return Ok(());
    }
    let mut shutdown = Command::new(std::env::current_exe()?);
    shutdown.args([OsStr::new("--profile"), profile]);
    if let Some(dir) = dir {
        shutdown.args([OsStr::new("--dir"), dir]);
    }
    shutdown.arg("shutdown");
    if is_ending(manager) {
        shutdown.arg("--force");
    }
    Err(shutdown.exec())
}

/// Whether the manager itself ends, and every unit with it.
fn is_ending(manager: &str) -> bool {
    let mut ask = Command::new("systemctl");
    ask.args([manager, "--no-ask-password", "is-system-running"]);
    reach_manager(&mut ask);
    let said = ask.output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&said).trim() == "stopping"
}

/// An argument of a unit in which `$` stands for itself.
fn literally(path: &Path) -> OsString {
    let parts: Vec<&[u8]> = path
        .as_os_str()
        .as_bytes()
        .split(|&byte| byte == b'$')
        .collect();
    OsString::from_vec(parts.join(&b"$$"[..]))
}

/// `/run/user/UID`, if it exists and is ours.
pub fn login_directory() -> Option<PathBuf> {
    let uid = geteuid();
    let dir = PathBuf::from(format!("/run/user/{uid}"));
    fs::symlink_metadata(&dir)
        .is_ok_and(|m| m.is_dir() && m.uid() == uid.as_raw())
        .then_some(dir)
}

/// The argument that names the manager, if one listens.
pub fn manager(rung: Rung) -> Result<&'static str, Failure> {
    let is_socket = |path: &Path| fs::metadata(path).is_ok_and(|m| m.file_type().is_socket());
    let found = |sockets: Vec<PathBuf>, argument| {
        let listens = sockets.iter().any(|path| is_socket(path));
        listens.then_some(argument).ok_or_else(|| {
            unreachable(format!(
                "no systemd manager listens at {}",
                sockets[0].display()
            ))
        })
    };
    match rung {
        Rung::SystemdUser => {
            let login = login_directory().ok_or_else(|| {
                unreachable(format!("there is no /run/user/{} of ours", geteuid()))
            })?;
            found(
                vec![login.join("systemd/private"), login.join("bus")],
                "--user",
            )
        }
        Rung::SystemdSystem => found(vec!["/run/systemd/private".into()], "--system"),
        Rung::Launchd | Rung::Cgroup | Rung::DoubleFork => {
            Err(unreachable("not a rung of systemd"))
        }
    }
}

pub fn control(manager: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("systemctl");
    command
        .args([manager, "--quiet", "--no-ask-password"])
        .args(arguments);
    command
}

fn fragment_exists(manager: &str, unit: &str) -> bool {
    finish(control(manager, &["cat", unit]), PATIENCE).is_ok()
}

/// The environment that names the manager.
fn reach_manager(command: &mut Command) {
    if let Some(login) = login_directory() {
        command.env(
            "DBUS_SESSION_BUS_ADDRESS",
            format!("unix:path={}/bus", login.display()),
        );
        command.env("XDG_RUNTIME_DIR", login);
    }
}

/// Runs `command` to its end or its deadline, and returns what it printed. The end of its output
/// tells its end.
pub fn finish(mut command: Command, patience: Duration) -> Result<String, String> {
    reach_manager(&mut command);
    let name = command.get_program().display().to_string();
    let told = |what: &dyn std::fmt::Display| format!("{name}: {what}");
    let (mut output, writer) = io::pipe().map_err(|e| told(&e))?;
    let copy = writer.try_clone().map_err(|e| told(&e))?;
    command.stdin(Stdio::null()).stdout(copy).stderr(writer);
    let mut child = command.spawn().map_err(|e| told(&e))?;
    // It holds our ends for writing.
    drop(command);
    let mut text = Vec::new();
    let in_time = read_until(&mut output, &mut text, Instant::now() + patience);
    if !in_time {
        // It may have ended in this moment.
        let _ = child.kill();
    }
    let status = child.wait().map_err(|e| told(&e))?;
    let text = String::from_utf8_lossy(&text);
    match (in_time, status.success()) {
        (true, true) => Ok(text.into_owned()),
        (true, false) => Err(told(&text.trim())),
        (false, _) => Err(told(&format_args!(
            "no answer within {} s",
            patience.as_secs()
        ))),
    }
}

/// Reads to the end; `false` if it does not come in time. Keeps the first 4 KiB, enough for any
/// complaint.
fn read_until<R: Read + AsFd>(from: &mut R, text: &mut Vec<u8>, deadline: Instant) -> bool {
    let mut piece = [0; 1024];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match poll(&mut [PollFd::new(from.as_fd(), PollFlags::POLLIN)], timeout) {
            Err(nix::errno::Errno::EINTR) => continue,
            Ok(0) | Err(_) => return false,
            Ok(_) => {}
        }
        match from.read(&mut piece) {
            Ok(0) => return true,
            Ok(n) if text.len() < 4096 => text.extend_from_slice(&piece[..n]),
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

/// FNV-1a: short, stable over builds, and no secret.
pub fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dollar_in_a_path_is_not_a_variable() {
        assert_eq!(literally(Path::new("/a$b/$$")), "/a$$b/$$$$");
    }

    #[test]
    fn a_word_of_a_unit_means_itself() {
        assert_eq!(quoted(OsStr::new("/a b/$x%y\"\\")), r#""/a b/$$x%y\"\\""#);
    }

    #[test]
    fn each_place_has_its_unit() {
        let unit = |dir: Option<&str>| {
            unit(&Place {
                profile: "ci".into(),
                dir: dir.map(PathBuf::from),
            })
        };
        assert_eq!(unit(None), "psup-ci.service");
        assert_eq!(unit(Some("/tmp/a")), "psup-ci-6cc13bddf2746ce7.service");
        assert_ne!(unit(Some("/tmp/a")), unit(Some("/tmp/b")));
    }
}
