//! Teaching shells to mark their prompts and commands, after their user's own start-up files and
//! without changing them.
//!
//! Files lie in the session's directory and are given to the shell the way each knows: bash gets
//! `--rcfile` (or, where that does not apply, a `PROMPT_COMMAND` that takes itself out), zsh a
//! `ZDOTDIR` that gives way at once to the user's, fish an `--init-command`. Nothing of it stays in
//! the environment of the programs the shell starts. A shell that is not known, or started with a
//! script or with options of which we are not sure, is left alone.

use super::sessions::records;
use psup_proto::Spec;
use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

const BASH: &str = include_str!("bash.sh");
const ZSH: &str = include_str!("zsh.sh");
const FISH: &str = include_str!("fish.fish");

/// Where the shell fetches the command that it is to run, if it is not told another place.
const COMMAND: &str = "command";

/// What the marks of a session carry. It is in no name of a file, as a shell's arguments are for
/// everybody to see; lives of earlier versions have a part of their key.
pub(super) fn nonce<'a>(own: &'a str, key: &'a str) -> &'a str {
    if own.is_empty() {
        &key[..key.len().min(16)]
    } else {
        own
    }
}

/// What a shell is told.
pub(super) struct Lesson<'a> {
    /// The session's directory.
    pub dir: &'a Path,
    /// Where it fetches its commands.
    pub command: &'a Path,
    /// What its marks carry.
    pub nonce: &'a str,
}

/// Where the shell of a life fetches its commands; lives of earlier versions have no place of their
/// own for it.
pub(super) fn command_file(own: Option<&Path>, dir: &Path) -> PathBuf {
    own.map_or_else(|| dir.join(COMMAND), Path::to_owned)
}

/// Writes the files and says how the shell is to be started; `None` for everything that is to be
/// left alone.
pub(super) fn teach(spec: &Spec, lesson: &Lesson<'_>) -> io::Result<Option<Spec>> {
    if !spec.integration {
        return Ok(None);
    }
    let (program, args) = program(spec);
    match program {
        "bash" => bash(spec, &args, lesson),
        "zsh" => zsh(spec, &args, lesson),
        "fish" => fish(spec, &args, lesson),
        _ => Ok(None),
    }
}

/// Whether the child is going to sit at a prompt: a shell or a REPL without anything to run.
pub(super) fn prompts(spec: &Spec) -> bool {
    let (program, args) = program(spec);
    let shell = ["bash", "zsh", "fish", "sh", "dash", "ash", "ksh", "mksh"].contains(&program)
        && args.iter().all(|a| is_harmless(a));
    let applet = program == "busybox" && matches!(args[..], ["sh" | "ash"]);
    let repl = ["python", "python3", "node", "sqlite3", "gdb"].contains(&program)
        && args.iter().all(|a| ["-q", "-i"].contains(a));
    shell || applet || repl
}

pub(super) fn is_fish(spec: &Spec) -> bool {
    program(spec).0 == "fish"
}

/// The next command for the shell to fetch: all of it, or what was there before goes as well.
///
/// Where its place is full, it is a link to a file in the session's directory: a short link takes
/// no room of a file system in memory.
pub(super) fn offer(file: &Path, dir: &Path, command: &[u8]) -> io::Result<()> {
    let new = file.with_extension("new");
    let elsewhere = dir.join(COMMAND);
    let link = |full: io::Error| {
        if elsewhere == file {
            return Err(full);
        }
        // What was written of it is in the link's way.
        let _ = fs::remove_file(&new);
        let linked = write(&elsewhere, command).and_then(|()| symlink(&elsewhere, &new));
        linked.map_err(|_| full)
    };
    write(&new, command)
        .or_else(link)
        .and_then(|()| fs::rename(&new, file))
        .inspect_err(|_| {
            // Where nothing can be removed either the shell is not asked to fetch anything.
            let _ = fs::remove_file(&new);
            let _ = fs::remove_file(file);
        })
}

/// The life has ended: its last command goes from wherever it was.
pub(super) fn remove_command(file: &Path, dir: &Path) {
    // Most never had one.
    for file in [file, &dir.join(COMMAND)] {
        let _ = fs::remove_file(file);
    }
}

fn program(spec: &Spec) -> (&str, Vec<&str>) {
    let text = |bytes| std::str::from_utf8(bytes).unwrap_or_default();
    let mut words = spec.command.iter().map(|word| text(word));
    let program = words.next().unwrap_or_default();
    (
        program.rsplit('/').next().unwrap_or_default(),
        words.collect(),
    )
}

/// Options that leave a shell interactive.
fn is_harmless(arg: &str) -> bool {
    [
        "-i",
        "-l",
        "--login",
        "--interactive",
        "--noediting",
        "--norc",
        "--noprofile",
        "-f",
        "-N",
        "--no-config",
        "--no-rcs",
    ]
    .contains(&arg)
}

fn bash(spec: &Spec, args: &[&str], lesson: &Lesson<'_>) -> io::Result<Option<Spec>> {
    if !args
        .iter()
        .all(|arg| ["-i", "-l", "--login", "--norc", "--noprofile"].contains(arg))
    {
        return Ok(None);
    }
    let rc = lesson.dir.join("bashrc");
    let plain = !args
        .iter()
        .any(|arg| ["-l", "--login", "--norc"].contains(arg));
    let own = if plain {
        "[ -r ~/.bashrc ] && . ~/.bashrc\n"
    } else {
        ""
    };
    write(&rc, [own, &filled(BASH, lesson)].concat().as_bytes())?;
    let mut taught = spec.clone();
    if plain {
        // Long options come before short ones.
        taught.command.splice(
            1..1,
            [b"--rcfile".to_vec(), rc.as_os_str().as_bytes().to_vec()],
        );
    } else {
        let user = spec.var("PROMPT_COMMAND").map(<[u8]>::to_vec);
        taught
            .env
            .extend(user.map(|user| (b"PSUP_PROMPT_COMMAND".to_vec(), user)));
        taught.env.push((
            b"PROMPT_COMMAND".to_vec(),
            [b". ", quoted(&rc).as_bytes()].concat(),
        ));
    }
    Ok(Some(taught))
}

fn zsh(spec: &Spec, args: &[&str], lesson: &Lesson<'_>) -> io::Result<Option<Spec>> {
    if !args
        .iter()
        .all(|arg| ["-i", "-l", "--login", "--interactive"].contains(arg))
    {
        return Ok(None);
    }
    let shim = lesson.dir.join("zsh");
    records::make_dir(&shim)?;
    write(&shim.join(".zshenv"), filled(ZSH, lesson).as_bytes())?;
    let mut taught = spec.clone();
    taught.env.extend(
        spec.var("ZDOTDIR")
            .map(|dir| (b"PSUP_ZDOTDIR".to_vec(), dir.to_vec())),
    );
    taught.env.push((
        b"ZDOTDIR".to_vec(),
        shim.into_os_string().into_encoded_bytes(),
    ));
    Ok(Some(taught))
}

fn fish(spec: &Spec, args: &[&str], lesson: &Lesson<'_>) -> io::Result<Option<Spec>> {
    if !args
        .iter()
        .all(|arg| ["-i", "-l", "--login", "--interactive", "-N", "--no-config"].contains(arg))
    {
        return Ok(None);
    }
    let script = lesson.dir.join("fish");
    write(&script, filled(FISH, lesson).as_bytes())?;
    let mut taught = spec.clone();
    taught.command.extend([
        b"--init-command".to_vec(),
        [b"source ", quoted(&script).as_bytes()].concat(),
    ]);
    Ok(Some(taught))
}

fn filled(script: &str, lesson: &Lesson<'_>) -> String {
    script
        .replace("@NONCE@", lesson.nonce)
        .replace("@COMMAND@", &quoted(lesson.command))
}

/// Quoted for every shell; fish takes a backslash in single quotes for one where another or a quote
/// follows.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)
}
