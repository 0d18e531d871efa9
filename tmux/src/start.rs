//! From the command line to a run of commands: tmux's own flags, the socket's name, the supervisor
//! behind it.

use crate::backend::Backend;
use crate::commands::TABLE;
use crate::flags;
use crate::flags::Flags;
use crate::followers::Endpoint;
use crate::output::{print, reason, tell};
use crate::run::{Call, Caller, CommandError, Run, split};
use crate::text::readable;
use crate::version::VERSION;
use crate::{attach, control, watch};
use psup_link::Link;
use psup_link::caller;
use psup_link::caller::absolute;
use psup_link::{Connector, Place};
use psup_proto::Name;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::process::ExitCode;

const USAGE: &str = "usage: tmux [-2CDlNuvV] [-c shell-command] [-f file] [-L socket-name]\n            [-S socket-path] [-T features] [command [flags]]\n";

/// The words behind `tmux`, if that is how psup was called.
pub fn words(args: &[OsString]) -> Option<Vec<String>> {
    let is_tmux = |arg: &OsString| {
        Path::new(arg)
            .file_name()
            .is_some_and(|name| name.as_bytes() == b"tmux")
    };
    let text = |args: &[OsString]| {
        args.iter()
            .map(|a| a.to_string_lossy().into_owned())
            .collect()
    };
    match args {
        [own, rest @ ..] if is_tmux(own) => Some(text(rest)),
        [_, verb, rest @ ..] if verb == "tmux" => Some(text(rest)),
        _ => None,
    }
}

pub fn run(words: Vec<String>, connector: &(dyn Connector + Sync)) -> ExitCode {
    if let [flag, dir] = words.as_slice()
        && flag == "--install"
    {
        return install(Path::new(dir));
    }
    if let Some(socket) = watch::of_words(&words) {
        return watching(socket, connector);
    }
    let (flags, words) = match flags::read(words) {
        Ok(read) => read,
        Err(why) => {
            tell(&format!("{why}{}", USAGE.trim_end()));
            return ExitCode::FAILURE;
        }
    };
    if flags.version {
        print(&format!("tmux {VERSION}\n"));
        return ExitCode::SUCCESS;
    }
    if let Some(command) = &flags.shell {
        return as_shell(command);
    }
    match begin(flags, words, connector) {
        Ok(code) => ExitCode::from(code),
        Err(why) => {
            tell(&why);
            ExitCode::FAILURE
        }
    }
}

fn watching(socket: &str, connector: &(dyn Connector + Sync)) -> ExitCode {
    let Ok(place) = place() else {
        return ExitCode::FAILURE;
    };
    let at = Endpoint {
        connector,
        place,
        key: key(socket),
        socket: socket.to_owned(),
    };
    ExitCode::from(watch::run(&at, &Flags::default()))
}

fn begin(
    flags: Flags,
    words: Vec<String>,
    connector: &(dyn Connector + Sync),
) -> Result<u8, String> {
    let socket = socket(&flags)?;
    let key = key(&socket);
    let place = place().map_err(|f| f.message)?;
    let at = Endpoint {
        connector,
        place: place.clone(),
        key: key.clone(),
        socket: socket.clone(),
    };
    let mut link = Link::new(connector, place);
    link.may_start = false;
    let mut backend = Backend::new(link, key, &socket);
    let commands = if words.is_empty() {
        vec![vec!["new-session".to_owned()]]
    } else {
        split(&words)
    };
    let calls: Result<Vec<Call>, String> =
        commands.iter().map(|words| TABLE.parse(words)).collect();
    let starts = !flags.no_start
        && calls
            .as_ref()
            .is_ok_and(|calls| calls.iter().any(|call| call.entry.access.starts_server));
    if starts {
        backend.may_start(true);
    }
    let control = flags.control;
    let mut run = Run::new(backend, TABLE, socket, Caller::new(&flags));
    let changes = calls
        .as_ref()
        .map_or(true, |calls| calls.iter().any(Call::changes));
    run.open(changes).map_err(CommandError::why)?;
    if !run.exists && !starts {
        return Err(run.no_server());
    }
    // To look at sessions of `psup spawn` alone needs no state.
    if !run.exists || (changes && !run.documented) {
        if let Err(why) = run.can_publish_socket() {
            tell(&why);
            return Ok(0);
        }
        run.create(&flags);
    }
    if control > 0 {
        return Ok(control::run(&at, &flags, &commands, run));
    }
    let calls = match calls {
        Ok(calls) if !run.has_alias(&commands) => calls,
        unaliased => {
            let calls = run.with_aliases(&commands);
            let calls = calls.map_err(|why| unaliased.err().unwrap_or(why))?;
            if calls.iter().any(Call::changes) {
                run.take_lock().map_err(CommandError::why)?;
            }
            calls
        }
    };
    let done = run.execute(&calls);
    if run.code != 0
        && let Some(name) = &run.own_client
    {
        run.state.clients.retain(|client| client.name != *name);
    }
    let kept = run.close();
    if let (Ok(()), Ok(()), Some(session), 0) = (&done, &kept, run.attached, run.code) {
        let read_only = run.read_only;
        drop(run);
        return Ok(attach::run(&at, &flags, session, read_only));
    }
    match (done, kept) {
        (Err(stopped), _) => Err(stopped.why()),
        (Ok(()), Err(stopped)) => Err(stopped.why()),
        (Ok(()), Ok(())) => Ok(run.code),
    }
}

/// The socket's name is the state's: `-S`, else `-L`, else the one of `$TMUX`, else `default`.
fn socket(flags: &Flags) -> Result<String, String> {
    if let Some(path) = &flags.path {
        return Ok(path.clone());
    }
    if flags.label.is_none()
        && let Some(path) = std::env::var("TMUX")
            .ok()
            .filter(|v| !v.is_empty() && !v.starts_with(','))
    {
        return Ok(path.split(',').next().unwrap_or_default().to_owned());
    }
    let asked = std::env::var("TMUX_TMPDIR").ok().filter(|v| !v.is_empty());
    let base = asked
        .into_iter()
        .chain(["/tmp".to_owned()])
        .find_map(|base| std::fs::canonicalize(base).ok());
    let base = base.ok_or("no suitable socket path")?;
    let base = base.to_string_lossy();
    let uid = nix::unistd::getuid();
    let directory = format!("{base}/tmux-{uid}");
    // As tmux does, whatever is asked next.
    make_private(&directory, uid.as_raw())?;
    Ok(format!(
        "{directory}/{}",
        flags.label.as_deref().unwrap_or("default")
    ))
}

/// A directory of the user's own, in which others may not even look.
fn make_private(directory: &str, uid: u32) -> Result<(), String> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};
    let made = std::fs::DirBuilder::new().mode(0o700).create(directory);
    if let Err(error) = made
        && error.kind() != std::io::ErrorKind::AlreadyExists
    {
        return Err(format!(
            "couldn't create directory {directory} ({})",
            reason(&error)
        ));
    }
    let found = std::fs::symlink_metadata(directory)
        .map_err(|e| format!("couldn't read directory {directory} ({})", reason(&e)))?;
    if !found.is_dir() {
        return Err(format!("{directory} is not a directory"));
    }
    if found.uid() != uid || found.mode() & 0o007 != 0 {
        return Err(format!("directory {directory} has unsafe permissions"));
    }
    Ok(())
}

/// What a socket's state is called in the supervisor: readable, and its own for every path.
fn key(socket: &str) -> Name {
    let uid = nix::unistd::getuid();
    let usual: Result<Name, _> = "tmux".parse();
    if socket == format!("/tmp/tmux-{uid}/default")
        && let Ok(name) = usual
    {
        return name;
    }
    let base = readable(socket.rsplit('/').next().unwrap_or_default(), 24);
    let hash = socket.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3)
    });
    format!("tmux-{base}-{:08x}", (hash >> 32) as u32 ^ hash as u32)
        .parse()
        .expect("what is readable follows the rule of names")
}

fn place() -> Result<Place, psup_proto::Failure> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let dir = variable("PSUP_DIR")
        .map(|dir| absolute(Path::new(&dir)))
        .transpose()?;
    let profile = variable("PSUP_PROFILE").map_or_else(
        || "default".to_owned(),
        |p| p.to_string_lossy().into_owned(),
    );
    let via = variable("PSUP_VIA").map(PathBuf::from);
    Ok(Place { profile, dir, via })
}

/// `tmux -c`: as a login shell would.
pub(crate) fn as_shell(command: &str) -> ExitCode {
    let shell = String::from_utf8_lossy(&caller::users_shell()).into_owned();
    let failed = Command::new(shell).arg("-c").arg(command).exec();
    tell(&format!("tmux: {}", reason(&failed)));
    ExitCode::FAILURE
}

/// Makes the link by which psup is called as tmux.
fn install(dir: &Path) -> ExitCode {
    let link = dir.join("tmux");
    let own = std::env::current_exe();
    let made = own.and_then(|own| {
        if std::fs::symlink_metadata(&link).is_ok_and(|m| m.is_symlink()) {
            std::fs::remove_file(&link)?;
        }
        std::os::unix::fs::symlink(own, &link)
    });
    match made {
        Ok(()) => {
            print(&format!("{}\n", link.display()));
            ExitCode::SUCCESS
        }
        Err(error) => {
            tell(&format!("error: cannot make {}: {error}", link.display()));
            ExitCode::FAILURE
        }
    }
}
