//! `psup top`.

use super::{OnTarget, Run};
use crate::context::{Context, Done};
use crate::tone::Looks;
use crate::top::{self, Source, Wishes};
use crate::value_parsers;
use crate::wanted::Wanted;
use psup_link::target::{Target, TargetConnector};
use psup_proto::request::Filter;
use psup_proto::{Code, Failure};

/// Watch all sessions, on a terminal
///
/// Shows what each session is doing, as psup list does, and the screen of the
/// selected one as it changes. Looking changes nothing: nothing is typed, no session
/// gets another size, nobody is told of a viewer. It draws when something happens and
/// sleeps otherwise; times are those of the last change.
///
/// Enter attaches to the selected session, and C-\ comes back. x stops it and r
/// restarts it, each after a question. l shows the end of its journal. s sorts by
/// name, state (those first that want a person), output and start; / shows only
/// sessions with some text in name, target, command or label; a shows ended ones
/// too; ? tells all keys; q quits.
///
/// A supervisor that was killed is found again. With --on all the sessions of all
/// targets are in one table.
///
/// Example:
///   psup top
///   psup top --label team=infra
///   psup --on all top
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Top {
    /// Also sessions that have ended or were lost
    #[arg(short, long)]
    all: bool,
    /// Only names that match: * and ? and [a-z]
    #[arg(long, value_name = "PATTERN")]
    glob: Option<String>,
    /// Only sessions with this label; all of them, if several
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = value_parsers::label)]
    labels: Vec<(String, String)>,
}

impl Run for Top {
    const ON_TARGET: OnTarget = OnTarget::RequestsOfAll;

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let wishes = Wishes {
            filter: Filter {
                all: self.all,
                glob: self.glob,
                labels: self.labels,
            },
            colours: Looks::of_stdout().colours,
            words: cx.place_words(),
        };
        let (connector, place) = cx.way();
        let targets = match &cx.on {
            Wanted::All => Target::all()?,
            one => one.target().cloned().into_iter().collect(),
        };
        if matches!(cx.on, Wanted::All) && targets.is_empty() {
            let hint = "`psup help targets` tells what a line of the targets file is";
            return Err(Failure::new(Code::Usage, "there are no targets").hint(hint));
        }
        let connectors: Vec<(String, TargetConnector)> = targets
            .into_iter()
            .map(|target| (target.name.clone(), TargetConnector::new(target)))
            .collect();
        let mut sources: Vec<Source> = connectors
            .iter()
            .map(|(name, connector)| Source {
                name: Some(name.clone()),
                connector,
                place: place.clone(),
            })
            .collect();
        if sources.is_empty() {
            sources.push(Source {
                name: None,
                connector,
                place,
            });
        }
        Err(top::run(&sources, &wishes))
    }
}
