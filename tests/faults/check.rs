//! All that can be asked, compared with what is known.

use crate::bed::Bed;
use crate::model::{Exit, Kind, State};
use psup_harness::is_alive;
use std::collections::{BTreeMap, BTreeSet};

impl Bed {
    pub(crate) fn check(&mut self) -> Result<(), String> {
        self.wake()?;
        let list = self.ask(&["list", "--all"])?;
        let told: BTreeSet<String> = String::from_utf8_lossy(&list.is(0)?.out)
            .lines()
            .filter_map(|line| {
                Some(
                    serde_json::from_str::<serde_json::Value>(line).ok()?["name"]
                        .as_str()?
                        .to_owned(),
                )
            })
            .collect();
        let known: BTreeSet<String> = self.model.sessions.keys().cloned().collect();
        if told != known {
            return Err(format!("there are {known:?}, and the list tells {told:?}"));
        }
        for name in &known {
            self.check_state(name)?;
            self.check_output(name)?;
        }
        self.check_starts()
    }

    fn check_state(&self, name: &str) -> Result<(), String> {
        let answer = self.ask(&["info", name])?;
        let info = answer.is(0)?.json()?;
        let (state, exit) = (info["state"].as_str().unwrap_or_default(), &info["exit"]);
        let session = &self.model.sessions[name];
        let is_lost = ["lost", "ended", "orphaned"].contains(&state) && exit["kind"] != "code";
        let is_true = match session.state {
            State::Ended(_) if session.may_be_lost && is_lost => true,
            State::Running => state == "running",
            State::Ended(Exit::Code(code)) => state == "ended" && exit["code"] == code,
            State::Ended(Exit::Stopped) => state == "ended",
            State::Lost => is_lost,
        };
        if is_true {
            Ok(())
        } else {
            Err(answer.wrong(&format!("{name} is {:?}", self.model.sessions[name].state)))
        }
    }

    fn check_output(&self, name: &str) -> Result<(), String> {
        let session = &self.model.sessions[name];
        if session.kind == Kind::Shell {
            return Ok(());
        }
        let answer = crate::answer::ask(&self.env, &["read", name], None).answer()?;
        let (told, known) = (&answer.is(0)?.out, &session.output);
        let is_true = match session.state {
            // What nobody could write down went with both processes, and is told as missing.
            State::Lost => known.starts_with(told),
            State::Ended(_) if session.may_be_lost => known.starts_with(told),
            // So is what would have been written on a full disk, once its session is over.
            State::Ended(_) if self.model.is_full || session.kind == Kind::Unlogged => {
                known.starts_with(told) || !answer.err.is_empty()
            }
            State::Ended(_) | State::Running => told == known,
        };
        if is_true {
            return Ok(());
        }
        let at = told
            .iter()
            .zip(known)
            .take_while(|(told, known)| told == known)
            .count();
        Err(answer.wrong(&format!(
            "{name} wrote {} bytes, {} are told, they differ at {at}",
            known.len(),
            told.len()
        )))
    }

    /// Each start happened once, and no program runs that should not.
    fn check_starts(&self) -> Result<(), String> {
        let text = String::from_utf8_lossy(&self.env.read("starts")).into_owned();
        let mut starts: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
        for (label, pid) in text.lines().filter_map(|line| line.split_once(' ')) {
            starts
                .entry(label)
                .or_default()
                .push(pid.parse().unwrap_or_default());
        }
        for (name, session) in &self.model.sessions {
            let started = starts.remove(session.label.as_str()).unwrap_or_default();
            let alive = started.iter().filter(|pid| is_alive(**pid)).count();
            if started.len() != session.starts {
                return Err(format!(
                    "{name} was started {} times instead of {}",
                    started.len(),
                    session.starts
                ));
            }
            if session.state != State::Lost && alive != usize::from(session.is_running()) {
                return Err(format!(
                    "{name} is {:?}, and {alive} of its programs run",
                    session.state
                ));
            }
        }
        // Those of forgotten sessions.
        let left = starts
            .into_iter()
            .find(|(_, pids)| pids.iter().any(|pid| is_alive(*pid)));
        left.map_or(Ok(()), |(label, _)| {
            Err(format!(
                "{label} is no session any more, and its program runs"
            ))
        })
    }
}
