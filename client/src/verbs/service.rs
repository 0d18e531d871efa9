//! `psup service`.

use super::{OnTarget, Run, upgrade};
use crate::context::{Context, Done, unexpected};
use crate::human::{self, row};
use crate::items::Items;
use clap::Subcommand;
use psup_link::caller;
use psup_proto::service::{self, Report};
use psup_proto::{Code, Failure, Request, Response};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::PathBuf;

/// Install the supervisor as a service that starts at boot
///
/// On systemd this is a user unit, or a system unit for root; on macOS it is a
/// launchd agent. Each profile and each --dir has its own service. A user unit
/// that starts at boot needs lingering: install enables it where it is allowed to,
/// and says so. No action ends a session unless told to.
///
/// install --checkpoint also installs a timer that makes checkpoints of all sessions
/// and removes the oldest; uninstall removes the timer and leaves the files.
///
/// Example:
///   psup service install
///   psup service install --checkpoint daily --keep 7 --to /backup/psup
///   psup service status --json
///   psup service stop --sessions
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Service {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Subcommand)]
#[command(subcommand_value_name = "ACTION", subcommand_help_heading = "Actions")]
enum Action {
    /// Write the unit, enable it, and start it unless a supervisor is running already
    Install {
        /// Make a checkpoint of all sessions hourly, daily or weekly, with a systemd timer; never
        /// removes the timer
        #[arg(long, value_name = "WHEN", value_enum)]
        checkpoint: Option<Often>,
        /// Keep this many checkpoints and remove older ones
        #[arg(long, value_name = "COUNT", default_value_t = 7, requires = "to", value_parser = clap::value_parser!(u32).range(1..))]
        keep: u32,
        /// The directory for checkpoints, best on another disk
        #[arg(long, value_name = "DIR", requires = "checkpoint")]
        to: Option<PathBuf>,
    },
    /// Stop the service and remove everything that install created
    Uninstall {
        /// Stop running sessions first
        #[arg(long)]
        sessions: bool,
    },
    /// Start the service
    Start,
    /// Stop the service; refused while sessions are running
    Stop {
        /// Stop running sessions first
        #[arg(long)]
        sessions: bool,
    },
    /// Replace the running supervisor with this program and reload the unit; sessions keep
    /// running
    Restart,
    /// Show the state of the service; the exit code is 0 if it is installed, enabled and active,
    /// else 1
    Status,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Often {
    Hourly,
    Daily,
    Weekly,
    Never,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Service")]
struct Json<'a> {
    manager: &'a str,
    unit: &'a str,
    unit_path: &'a str,
    installed: bool,
    enabled: bool,
    active: bool,
    state: &'a str,
    pid: Option<i32>,
    since_ms: Option<u64>,
    last_exit: Option<&'a str>,
    restarts: Option<u64>,
    lingers: Option<bool>,
    drift: Option<&'a str>,
    outside: Option<&'a str>,
    checkpoints: Option<&'a str>,
    done: &'a [String],
    warnings: &'a [String],
}

impl Run for Service {
    const ON_TARGET: OnTarget = OnTarget::Whole;
    const ITEMS: Items = Items::one::<(Json<'static>,)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        match self.action {
            Action::Install {
                checkpoint,
                keep,
                to,
            } => {
                let checkpoints = checkpoints(checkpoint, keep, to)?;
                perform(cx, service::Action::Install(checkpoints))
            }
            Action::Start => perform(cx, service::Action::Start),
            Action::Uninstall { sessions } => {
                end_sessions(cx, sessions, "uninstall")?;
                perform(cx, service::Action::Uninstall)
            }
            Action::Stop { sessions } => {
                end_sessions(cx, sessions, "stop")?;
                perform(cx, service::Action::Stop)
            }
            Action::Restart => restart(cx),
            Action::Status => status(cx),
        }
    }
}

fn checkpoints(
    often: Option<Often>,
    keep: u32,
    to: Option<PathBuf>,
) -> Result<Option<service::Checkpoints>, Failure> {
    let how_often = match often {
        None => return Ok(None),
        Some(Often::Never) => return Ok(Some(service::Checkpoints::Never)),
        Some(Often::Hourly) => "hourly",
        Some(Often::Daily) => "daily",
        Some(Often::Weekly) => "weekly",
    };
    let Some(to) = to else {
        return Err(
            Failure::new(Code::Usage, "--checkpoint needs a directory").hint(format!(
                "`psup service install --checkpoint {how_often} --to DIR`"
            )),
        );
    };
    Ok(Some(service::Checkpoints::Every {
        how_often: how_often.to_owned(),
        keep,
        dir: caller::absolute(&to)?,
    }))
}

fn perform(cx: &mut Context, action: service::Action) -> Result<Done, Failure> {
    let report = cx.service(action)?;
    tell(cx, &report)
}

/// Ends the supervisor that runs in the unit. One that runs outside of it is left alone.
fn end_sessions(cx: &mut Context, sessions: bool, verb: &str) -> Result<(), Failure> {
    let report = cx.service(service::Action::Status)?;
    if !report.installed || report.outside.is_some() {
        return Ok(());
    }
    match cx.ask(&Request::Shutdown { force: sessions }) {
        Ok(Response::Stopped(stopped)) => {
            for one in stopped.iter().filter(|one| one.exit.is_some()) {
                cx.out.talk(format_args!("stopped {}", one.id));
            }
            Ok(())
        }
        Ok(Response::Done) => Ok(()),
        Ok(other) => Err(unexpected(&other)),
        Err(failure) if failure.is_no_supervisor() => Ok(()),
        Err(failure) => match failure.code {
            Code::StillRunning => Err(failure.hint(format!(
                "`psup service {verb} --sessions` stops them first; `psup service restart` keeps them"
            ))),
            _ => Err(failure),
        },
    }
}

fn restart(cx: &mut Context) -> Result<Done, Failure> {
    let before = cx.service(service::Action::Status)?;
    let mut report = cx.service(service::Action::Restart)?;
    if before.active && before.outside.is_none() && before.pid.is_some() {
        let program = std::env::current_exe()
            .map_err(|e| Failure::system("cannot tell which program this is", e))?;
        let (from, to) = upgrade::replace(cx, program)?;
        report
            .done
            .push(format!("the supervisor is replaced: {from} -> {to}"));
        report.pid = cx.service(service::Action::Status)?.pid;
    }
    tell(cx, &report)
}

fn tell(cx: &mut Context, report: &Report) -> Result<Done, Failure> {
    for warning in &report.warnings {
        cx.out.warn(format_args!("warning: {warning}"));
    }
    if cx.out.json {
        cx.out.object(&json(report))?;
    } else {
        for sentence in &report.done {
            cx.out.line(sentence)?;
        }
    }
    Ok(Done::OK)
}

fn status(cx: &mut Context) -> Result<Done, Failure> {
    let report = cx.service(service::Action::Status)?;
    if cx.out.json {
        cx.out.object(&json(&report))?;
    } else {
        cx.out.text(&human::table(&rows(&report)))?;
    }
    let is_well = report.installed && report.enabled && report.active && report.outside.is_none();
    Ok(if is_well {
        Done::OK
    } else {
        Done::like(Code::No)
    })
}

fn rows(report: &Report) -> Vec<Vec<String>> {
    let yes = |is: bool| if is { "yes" } else { "no" };
    let mut rows = vec![
        row("unit", format!("{} ({})", report.unit, report.manager)),
        row("path", &report.path),
        row("installed", yes(report.installed)),
        row("enabled", yes(report.enabled)),
        row(
            "active",
            format!("{}: {}", yes(report.active), report.state),
        ),
    ];
    rows.extend(report.pid.map(|pid| row("pid", pid.to_string())));
    rows.extend(report.since_ms.map(|ms| row("since", human::time(ms))));
    rows.extend(report.last_exit.as_ref().map(|how| row("last exit", how)));
    rows.extend(report.restarts.map(|n| row("restarts", n.to_string())));
    rows.extend(report.lingers.map(|is| row("user lingers", yes(is))));
    rows.push(row("drift", report.drift.as_deref().unwrap_or("none")));
    if report.drift.is_some() {
        rows.push(row(
            "",
            "fix: `psup service install` writes the unit of this psup",
        ));
    }
    rows.extend(report.outside.as_ref().map(|what| row("outside", what)));
    rows.extend(
        report
            .checkpoints
            .as_ref()
            .map(|what| row("checkpoints", what)),
    );
    if !report.installed {
        rows.push(row("", "fix: `psup service install`"));
    }
    rows
}

fn json(report: &Report) -> Json<'_> {
    Json {
        manager: &report.manager,
        unit: &report.unit,
        unit_path: &report.path,
        installed: report.installed,
        enabled: report.enabled,
        active: report.active,
        state: &report.state,
        pid: report.pid,
        since_ms: report.since_ms,
        last_exit: report.last_exit.as_deref(),
        restarts: report.restarts,
        lingers: report.lingers,
        drift: report.drift.as_deref(),
        outside: report.outside.as_deref(),
        checkpoints: report.checkpoints.as_deref(),
        done: &report.done,
        warnings: &report.warnings,
    }
}
