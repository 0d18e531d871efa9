//! `psup completions`.

use super::{OnTarget, Run};
use crate::context::{Context, Done};
use clap_complete::Shell;
use psup_proto::Failure;

/// Print completions for a shell
///
/// Example:
///   psup completions bash
///   psup completions zsh
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Completions {
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

impl Run for Completions {
    const ON_TARGET: OnTarget = OnTarget::Nowhere;

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut (cx.command_line)(), "psup", &mut script);
        cx.out.data(&script)?;
        Ok(Done::OK)
    }
}
