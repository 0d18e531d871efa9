//! `psup targets`.

use super::{OnTarget, Run};
use crate::context::{Context, Done};
use crate::items::Items;
use psup_link::target::{Target, targets_file};
use psup_proto::Failure;
use schemars::JsonSchema;
use serde::Serialize;

/// List the targets that --on knows
///
/// A target is another place where psup runs. Every ssh destination is one; other
/// places have a line in the targets file,
/// ~/.config/psup/targets:
///
///   NAME = COMMAND … psup stdio
///
/// COMMAND runs psup there and connects its stdin and stdout. Words are split as a
/// shell does, but nothing is expanded; lines that begin with # are comments:
///
///   box   = docker exec -i box psup stdio
///   pod   = kubectl exec -i -n ci pod -- psup stdio
///   vm    = systemd-run -M vm -q --pipe psup stdio
///   far   = ssh -J jump me@far ~/bin/psup stdio
///   other = sudo -n -u other psup stdio
///
/// The verbs answer as they would there, with the same exit codes. --on all asks
/// every target in the file at once.
///
/// With --json each target is an object: name and command.
///
/// Example:
///   psup targets
///   psup --on build list
///   psup list --on all
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Targets {}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Target")]
struct Listed {
    name: String,
    command: Vec<String>,
}

impl Run for Targets {
    const ON_TARGET: OnTarget = OnTarget::Nowhere;
    const ITEMS: Items = Items::many::<(Listed,)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let targets = Target::all()?;
        if targets.is_empty() {
            let file = targets_file();
            cx.out
                .talk(format_args!("no targets in {}", file.display()));
        }
        for target in targets {
            let words = target.command(&["stdio".into()]);
            let command: Vec<String> = words
                .iter()
                .map(|word| word.to_string_lossy().into_owned())
                .collect();
            let name = target.name;
            if cx.out.json {
                cx.out.object(&Listed { name, command })?;
            } else {
                let command = command.join(" ");
                cx.out.line(format_args!("{name} = {command}"))?;
            }
        }
        Ok(Done::OK)
    }
}
