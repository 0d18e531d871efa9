//! `psup has`.

use super::Run;
use super::info;
use crate::context::{Context, Done};
use crate::show;
use psup_proto::{Code, Failure, Target};
use serde::Serialize;

/// Tell by the exit code whether a session lives
///
/// 0: it lives. 1: it has ended or was lost. 3: there is none of that name.
/// Prints nothing on stdout; what is not so is told on stderr, unless --quiet.
/// With --json it prints the answer as well.
///
/// Example:
///   psup has web || psup spawn web -- npm run dev
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Has {
    /// A name, or one life of it such as web#3
    #[arg(value_name = "NAME")]
    target: Target,
}

#[derive(Serialize)]
struct Told {
    id: String,
    live: bool,
    state: &'static str,
}

impl Run for Has {
    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let info = match info::ask(cx, self.target) {
            Ok(info) => info,
            // The exit code says it; quiet means no sentence for an answer that was asked for.
            Err(failure) if failure.code == Code::NoSuchSession && cx.out.quiet => return Ok(Done::like(failure.code)),
            Err(failure) => return Err(failure),
        };
        let live = info.state.is_live();
        if cx.out.json {
            cx.out.object(&Told {
                id: info.id.to_string(),
                live,
                state: info.state.word(),
            })?;
        }
        if live {
            return Ok(Done::OK);
        }
        if !cx.out.json {
            cx.out
                .talk(format_args!("session {:?} has ended: {}", info.id.to_string(), show::state(&info)));
        }
        Ok(Done::like(Code::No))
    }
}
