//! One condition of a wait, and whether it holds.

use crate::event::OutsideCondition;
use crate::pattern::Pattern;
use psup_proto::Failure;
use psup_proto::condition::{Condition, ConditionHeld, Match};
use std::time::Duration;

#[derive(Debug)]
pub(super) struct WatchedCondition {
    pub what: ConditionKind,
    pub held: Option<(usize, ConditionHeld)>,
}

#[derive(Debug)]
pub(super) enum ConditionKind {
    Text(Pattern),
    Gone(Pattern),
    Idle(Duration),
    Exit,
    Prompt,
    Input,
    Outside(OutsideCondition),
}

impl WatchedCondition {
    pub(super) fn new(condition: Condition) -> Result<Self, Failure> {
        let what = match condition {
            Condition::Text(pattern) => ConditionKind::Text(Pattern::new(&pattern)?),
            Condition::Gone(pattern) => ConditionKind::Gone(Pattern::new(&pattern)?),
            Condition::Idle(duration) => ConditionKind::Idle(duration),
            Condition::Exit => ConditionKind::Exit,
            Condition::Port(port) => ConditionKind::Outside(OutsideCondition::Port(port)),
            Condition::File(path) => ConditionKind::Outside(OutsideCondition::File(path)),
            Condition::Prompt => ConditionKind::Prompt,
            Condition::Input => ConditionKind::Input,
        };
        Ok(Self { what, held: None })
    }

    pub(super) fn hold(&mut self, order: usize, condition: u32, found: Option<Match>) {
        if self.held.is_none() {
            self.held = Some((
                order,
                ConditionHeld {
                    condition,
                    found,
                    via: None,
                },
            ));
        }
    }
}
