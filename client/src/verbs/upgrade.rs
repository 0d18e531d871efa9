//! `psup upgrade`.

use super::{OnTarget, Run};
use crate::context::{Context, Done, unexpected};
use crate::items::Items;
use psup_link::caller::absolute;
use psup_link::request_id::fresh_id;
use psup_proto::upgrade_frame::UpgradeFrame;
use psup_proto::{Code, Failure, Request, Response};
use schemars::JsonSchema;
use serde::Serialize;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// Replace the running supervisor with another build
///
/// The supervisor becomes this psup, or the program given with --binary. Sessions
/// keep running, no output and no exit is lost, and waits and reads go on. The
/// program is first asked whether it is compatible. If it does not come up, the old
/// build takes over again and the exit code is 1.
///
/// Example:
///   psup upgrade
///   psup upgrade --binary ./target/release/psup
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Upgrade {
    /// The program to switch to, instead of this one
    #[arg(long, value_name = "P")]
    binary: Option<PathBuf>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Upgraded")]
struct Report<'a> {
    from: &'a str,
    to: &'a str,
}

impl Run for Upgrade {
    const ON_TARGET: OnTarget = OnTarget::Whole;
    const ITEMS: Items = Items::one::<(Report<'static>,)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let binary = match self.binary {
            Some(binary) => absolute(&binary)?,
            None => std::env::current_exe()
                .map_err(|e| Failure::system("cannot tell which program this is", e))?,
        };
        let (from, to) = replace(cx, binary)?;
        if cx.out.json {
            cx.out.object(&Report {
                from: &from,
                to: &to,
            })?;
        } else {
            cx.out.line(format_args!("{from} -> {to}"))?;
        }
        Ok(Done::OK)
    }
}

/// Has the supervisor become the program at `binary`; returns the builds before and after.
pub(super) fn replace(cx: &mut Context, binary: PathBuf) -> Result<(String, String), Failure> {
    let (id, binary) = (fresh_id()?, binary.into_os_string().into_vec());
    let request = Request::Upgrade {
        id,
        binary: binary.clone(),
    };
    let answer = match cx.ask(&request) {
        Err(failure) if failure.code == Code::VersionMismatch => cx.upgrade_across(
            &request,
            &UpgradeFrame {
                id,
                binary: &binary,
            },
        ),
        answer => answer,
    };
    match answer? {
        Response::Upgraded { from, to } => Ok((from, to)),
        other => Err(unexpected(&other)),
    }
}
