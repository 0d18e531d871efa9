//! `psup --on TARGET install`.

use super::{OnTarget, Run};
use crate::context::{Context, Done};
use crate::items::Items;
use crate::wanted::Wanted;
use psup_link::target::Target;
use psup_proto::hello::BUILD;
use psup_proto::{Code, Failure};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const LOOK: &str = include_str!("look.sh");
const PUT: &str = include_str!("put.sh");
/// Stands before the answer of `LOOK`: a login may print something, too.
const MARK: &str = "psup-install";

/// Install this psup on a target
///
/// Copies this program, or the one given with --binary, over the psup on the
/// target. If there is none it goes to ~/.local/bin, or for root to
/// /usr/local/bin. It is checked by its SHA-256, tried there, and moved into place
/// by a rename, so that there is always a working psup. Prints what was done and
/// the path:
///
///   installed  there was none
///   replaced   there was a different one
///   unchanged  the same one was there already
///
/// A supervisor that is running there is not touched; psup --on TARGET upgrade
/// switches it to the new psup, and no session ends.
///
/// Example:
///   psup --on build install
///   psup --on pi install --binary target/aarch64-unknown-linux-musl/release/psup
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Install {
    /// The program to copy instead of this one
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Installed")]
struct Report<'a> {
    target: &'a str,
    #[schemars(extend("enum" = ["installed", "replaced", "unchanged"]))]
    done: &'a str,
    path: &'a str,
    sha256: &'a str,
}

/// What `LOOK` found.
struct Found {
    system: String,
    machine: String,
    path: String,
    /// `-`: there is none.
    sum: String,
}

impl Run for Install {
    const ON_TARGET: OnTarget = OnTarget::Itself;
    const ITEMS: Items = Items::one::<(Report<'static>,)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let Wanted::Requests(target) = &cx.on else {
            return Err(Failure::new(Code::Usage, "no target was named")
                .hint("`psup --on TARGET install` puts this psup there"));
        };
        let own = || {
            std::env::current_exe()
                .map_err(|e| Failure::system("cannot tell which program this is", e))
        };
        let is_own = self.binary.is_none();
        let binary = self.binary.map_or_else(own, Ok)?;
        let bytes = std::fs::read(&binary)
            .map_err(|e| Failure::system(format_args!("cannot read {}", binary.display()), e))?;
        let sum = hex(&Sha256::digest(&bytes));
        let found = look(target)?;
        if is_own {
            found.fits(target)?;
        }
        let done = match found.sum.as_str() {
            same if same == sum => "unchanged",
            "-" => "installed",
            _ => "replaced",
        };
        if done != "unchanged" {
            let to = [found.path.clone().into(), sum.clone().into()];
            run(target, PUT, &to, &bytes)?;
        }
        let name = target.name.clone();
        if cx.out.json {
            cx.out.object(&Report {
                target: &name,
                done,
                path: &found.path,
                sha256: &sum,
            })?;
        } else {
            cx.out.line(format_args!("{done} {}", found.path))?;
        }
        if done == "replaced" {
            cx.out.talk(format_args!(
                "a supervisor that runs there goes on as it is; `psup --on {name} upgrade` has it become this psup"
            ));
        }
        Ok(Done::OK)
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

impl Found {
    /// Whether a program of this machine runs there.
    fn fits(&self, target: &Target) -> Result<(), Failure> {
        let system = match self.system.as_str() {
            "Linux" => "linux",
            "Darwin" => "macos",
            other => other,
        };
        let machine = match self.machine.as_str() {
            "amd64" => "x86_64",
            "arm64" => "aarch64",
            other => other,
        };
        let ours = (std::env::consts::OS, std::env::consts::ARCH);
        if (system, machine) == ours {
            return Ok(());
        }
        let what = format!(
            "this psup {BUILD} is for {} on {}, and {} is {machine} with {system}",
            ours.0, ours.1, target.name
        );
        Err(Failure::new(Code::Unsupported, what).hint(format!(
            "`psup --on {} install --binary FILE` takes one that is built for it",
            target.name
        )))
    }
}

fn look(target: &Target) -> Result<Found, Failure> {
    let path: OsString = target.program().unwrap_or("".as_ref()).into();
    let told = run(target, LOOK, &[path], &[])?;
    let mut lines = told.lines().skip_while(|line| *line != MARK).skip(1);
    let mut next = || {
        lines.next().map(str::to_owned).ok_or_else(|| {
            let what = format!("{} answers nothing that makes sense", target.name);
            Failure::new(Code::Unreachable, what)
        })
    };
    Ok(Found {
        system: next()?,
        machine: next()?,
        path: next()?,
        sum: next()?,
    })
}

/// Runs a script there with this on its stdin; returns what it prints.
fn run(
    target: &Target,
    script: &str,
    arguments: &[OsString],
    input: &[u8],
) -> Result<String, Failure> {
    let argv = target.script(script, arguments);
    let cannot = |why: &dyn std::fmt::Display| {
        let what = format!("cannot install psup on {}: {why}", target.name);
        Failure::new(Code::Unreachable, what)
            .hint("`psup help targets` explains how targets are reached")
    };
    let mut command = Command::new(&argv[0])
        .args(&argv[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| cannot(&format_args!("{}: {e}", argv[0].display())))?;
    // A command that ends before it has read all of it says why.
    let _ = command.stdin.take().map(|mut stdin| stdin.write_all(input));
    let ended = command.wait_with_output().map_err(|e| cannot(&e))?;
    if ended.status.success() {
        return Ok(String::from_utf8_lossy(&ended.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&ended.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    Err(match last {
        Some(why) => cannot(&why),
        None => cannot(&ended.status),
    })
}
