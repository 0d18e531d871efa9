//! One condition of a wait, and whether it holds.

use crate::session::event::Outside;
use crate::session::pattern::Pattern;
use psup_proto::Failure;
use psup_proto::condition::{Condition, Held, Match};
use std::time::Duration;

#[derive(Debug)]
pub struct Watched {
    pub what: What,
    pub held: Option<(usize, Held)>,
}

#[derive(Debug)]
pub enum What {
    Text(Pattern),
    Gone(Pattern),
    Idle(Duration),
    Exit,
    Prompt,
    Outside(Outside),
}

impl Watched {
    pub fn new(condition: Condition) -> Result<Self, Failure> {
        let what = match condition {
            Condition::Text(pattern) => What::Text(Pattern::new(&pattern)?),
            Condition::Gone(pattern) => What::Gone(Pattern::new(&pattern)?),
            Condition::Idle(duration) => What::Idle(duration),
            Condition::Exit => What::Exit,
            Condition::Port(port) => What::Outside(Outside::Port(port)),
            Condition::File(path) => What::Outside(Outside::File(path)),
            Condition::Prompt => What::Prompt,
        };
        Ok(Self { what, held: None })
    }

    pub fn hold(&mut self, order: usize, condition: u32, found: Option<Match>) {
        if self.held.is_none() {
            self.held = Some((
                order,
                Held {
                    condition,
                    found,
                    via: None,
                },
            ));
        }
    }
}
