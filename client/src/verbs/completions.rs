//! `psup completions`.

use super::{OnTarget, Run};
use crate::completion;
use crate::context::{Context, Done};
use clap_complete::Shell;
use psup_proto::{Code, Failure};

/// Print completions for a shell
///
/// The function that it prints asks psup itself at each Tab: for verbs and flags, and
/// for names and ids of sessions, labels, keys, signals and targets. It starts no
/// supervisor.
///
/// Bash:  psup completions bash > ~/.local/share/bash-completion/completions/psup
/// Zsh:   psup completions zsh > DIR/_psup   (DIR in $fpath, before compinit)
/// Fish:  psup completions fish > ~/.config/fish/completions/psup.fish
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
        let script = completion::registration(&self.shell.to_string());
        let script = script.ok_or_else(|| {
            Failure::new(
                Code::Unsupported,
                format!("there is nothing for {}", self.shell),
            )
        })?;
        cx.out.data(&script)?;
        Ok(Done::OK)
    }
}
