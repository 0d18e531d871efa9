//! `psup man`.

use super::help;
use super::{OnTarget, Run};
use crate::context::{Context, Done};
use clap_mangen::Man as Page;
use psup_proto::Failure;

/// Print a manual page
///
/// The page of psup itself or of one verb, in the format that man reads.
///
/// Example:
///   psup man
///   psup man spawn
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Man {
    /// Print the page of this verb
    #[arg(value_name = "VERB")]
    verb: Option<String>,
}

impl Run for Man {
    const ON_TARGET: OnTarget = OnTarget::Nowhere;

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let command = help::command(cx, self.verb.as_deref())?;
        let title = command.get_display_name().unwrap_or("psup").to_owned();
        let mut page = Vec::new();
        Page::new(command)
            .title(title)
            .render(&mut page)
            .map_err(|e| Failure::system("cannot write the page", e))?;
        cx.out.data(&page)?;
        Ok(Done::OK)
    }
}
