//! The same question to every target at once (`--on all`).

use crate::human;
use psup_link::target::{Target, TargetConnector, targets_file};
use psup_link::{Link, Place};
use psup_proto::greeting::Refusal;
use psup_proto::{Code, Failure, units};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// A target that has not answered by then is told as unreachable.
const DEADLINE: Duration = Duration::from_secs(5);

/// A question that is under way to all targets.
pub(crate) struct Asked<T> {
    targets: Vec<(String, Arc<TargetConnector>)>,
    answers: Receiver<(usize, Result<T, Failure>)>,
}

/// What one target answered.
pub(crate) struct Answered<T> {
    pub target: String,
    pub answer: Result<T, Failure>,
}

/// An object of one target, for `--json`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{T}OfTarget")]
pub(crate) struct Row<'a, T> {
    pub target: &'a str,
    #[serde(flatten)]
    pub told: T,
}

/// A target that gave no answer, for `--json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Unreachable {
    error: Refusal,
}

/// Puts the question to all targets of the targets file.
pub(crate) fn ask<T: Send + 'static>(
    place: &Place,
    question: impl Fn(&mut Link) -> Result<T, Failure> + Clone + Send + 'static,
) -> Result<Asked<T>, Failure> {
    let targets = Target::all()?;
    if targets.is_empty() {
        let what = format!("there are no targets in {}", targets_file().display());
        return Err(Failure::new(Code::Usage, what)
            .hint("`psup help targets` explains the format of the file"));
    }
    let (tell, answers) = channel();
    let named = |target: Target| {
        let name = target.name.clone();
        (name, Arc::new(TargetConnector::new(target)))
    };
    let targets: Vec<_> = targets.into_iter().map(named).collect();
    for (at, (_, connector)) in targets.iter().enumerate() {
        let (tell, place) = (tell.clone(), place.clone());
        let (connector, question) = (Arc::clone(connector), question.clone());
        // Nobody waits for it beyond the deadline, and it ends with the process.
        thread::spawn(move || {
            let mut link = Link::new(&*connector, place);
            // The one who asked may have left.
            let _ = tell.send((at, question(&mut link)));
        });
    }
    Ok(Asked { targets, answers })
}

impl<T> Asked<T> {
    /// The answers of all, in the order of the targets file, within the deadline.
    pub(crate) fn all(self) -> Vec<Answered<T>> {
        let until = Instant::now() + DEADLINE;
        let mut answers: Vec<Option<Result<T, Failure>>> = Vec::new();
        answers.resize_with(self.targets.len(), || None);
        let left = || until.saturating_duration_since(Instant::now());
        while let Ok((at, answer)) = self.answers.recv_timeout(left()) {
            answers[at] = Some(answer);
        }
        self.disconnect();
        let late = || {
            let what = format!("no answer within {}", units::show_duration(DEADLINE));
            Err(Failure::new(Code::Unreachable, what))
        };
        let names = self.targets.into_iter().map(|(name, _)| name);
        names
            .zip(answers)
            .map(|(target, answer)| Answered {
                target,
                answer: answer.unwrap_or_else(late),
            })
            .collect()
    }

    /// The next answer, whenever it comes; `None` when all have answered.
    pub(crate) fn next(&self) -> Option<Answered<T>> {
        let (at, answer) = self.answers.recv().ok()?;
        let target = self.targets[at].0.clone();
        Some(Answered { target, answer })
    }

    /// Ends the commands that reach the targets.
    pub(crate) fn disconnect(&self) {
        for (_, connector) in &self.targets {
            connector.disconnect();
        }
    }
}

impl Unreachable {
    pub(crate) fn new(failure: &Failure) -> Self {
        Self {
            error: failure.into(),
        }
    }
}

/// How it is told in a table.
pub(crate) fn unreachable(failure: &Failure) -> String {
    format!("unreachable: {}", human::plain(&failure.message))
}

/// What is wrong where no target has answered.
pub(crate) fn none_answered<T>(answered: &[Answered<T>]) -> Result<(), Failure> {
    let first = answered.iter().find_map(|one| one.answer.as_ref().err());
    match first {
        Some(_) if answered.iter().all(|one| one.answer.is_err()) => {
            Err(Failure::new(Code::Unreachable, "no target has answered")
                .hint("`psup targets` lists them; `psup --on NAME status` tells more about one"))
        }
        Some(_) | None => Ok(()),
    }
}
