//! `psup tmux`, as far as help is concerned: its words are read by tmux's own rules, in the
//! crate `tmux`.

use super::{OnTarget, Run};
use crate::context::{Context, Done};
use psup_proto::{Code, Failure};
use std::ffi::OsString;

/// Accept tmux's command line, for programs that expect tmux
///
/// The words that follow are read as tmux would read them: commands, flags,
/// targets, formats, messages and exit codes are those of tmux 3.3a. A pane is a
/// session, so every other verb works on it. The binary does the same when it is
/// called tmux; --install creates that link in a directory.
///
/// Example:
///   psup tmux --install ~/bin
///   psup tmux new-session -d -s work
///   psup tmux send-keys -t work 'make' Enter
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Tmux {
    /// tmux's own flags, commands and arguments
    #[arg(
        value_name = "WORD",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    words: Vec<OsString>,
}

impl Run for Tmux {
    const ON_TARGET: OnTarget = OnTarget::Whole;

    fn run(self, _: &mut Context) -> Result<Done, Failure> {
        let why = "tmux is to be the first word: psup tmux COMMAND";
        Err(Failure::new(Code::Usage, why)
            .hint(format!("{} words were given to it", self.words.len())))
    }
}
