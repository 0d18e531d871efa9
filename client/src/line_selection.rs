//! Which lines of a text are printed: those that match with lines around them, the last, and as
//! many as fit a budget.

use psup_proto::{Code, Failure, Offset};
use regex_automata::meta::Regex;
use schemars::JsonSchema;
use std::collections::VecDeque;

/// What was asked for.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct LineSelection {
    /// The last N lines; with --grep the last N of those that match
    #[arg(long, value_name = "N", help_heading = "Lines")]
    pub tail: Option<usize>,
    /// Lines that match; exit code 1 where none does
    #[arg(long, value_name = "REGEX", value_parser = regex, help_heading = "Lines")]
    pub grep: Option<Regex>,
    /// With --grep: this many lines before and after each match
    #[arg(
        long,
        value_name = "N",
        requires = "grep",
        default_value_t = 0,
        hide_default_value = true,
        help_heading = "Lines"
    )]
    pub context: usize,
    /// At most this many characters: the first and last lines, and a note of what is left out
    #[arg(
        long,
        value_name = "CHARS",
        conflicts_with = "follow",
        help_heading = "Lines"
    )]
    pub budget: Option<usize>,
}

/// One line that is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selected {
    /// A place in the journal at or before its beginning.
    pub from: Offset,
    pub text: String,
    matches: bool,
    /// Lines that do not match were left out before it.
    apart: bool,
}

/// Lines on their way.
#[derive(Default)]
pub(crate) struct LineSelector {
    asked: LineSelection,
    /// Lines that would come before a match.
    before: VecDeque<Selected>,
    /// So many more come after the last match.
    after: usize,
    skipped: bool,
    pub matched: usize,
    ready: VecDeque<Selected>,
}

/// What a budget leaves.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Fitted {
    pub head: Vec<Selected>,
    pub left_out: Option<LeftOut>,
    pub tail: Vec<Selected>,
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, JsonSchema)]
pub(crate) struct LeftOut {
    pub lines: usize,
    pub chars: usize,
    /// Where to read it from.
    pub from: Offset,
}

impl LineSelection {
    pub(crate) fn is_any(&self) -> bool {
        self.tail.is_some() || self.grep.is_some() || self.budget.is_some()
    }
}

impl LineSelector {
    pub(crate) fn new(asked: LineSelection) -> Self {
        Self {
            asked,
            ..Self::default()
        }
    }

    pub(crate) fn line(&mut self, from: Offset, text: String) {
        let matches = self
            .asked
            .grep
            .as_ref()
            .is_none_or(|regex| regex.is_match(text.trim_end_matches('\n')));
        let mut line = Selected {
            from,
            text,
            matches,
            apart: false,
        };
        if matches {
            self.matched += 1;
            let context = self.asked.grep.is_some() && self.asked.context > 0;
            let apart = std::mem::take(&mut self.skipped) && context && self.matched > 1;
            if let Some(first) = self.before.front_mut() {
                first.apart = apart;
            } else {
                line.apart = apart;
            }
            self.ready.append(&mut self.before);
            self.ready.push_back(line);
            self.after = self.asked.context;
        } else if self.after > 0 {
            self.after -= 1;
            self.ready.push_back(line);
        } else {
            self.before.push_back(line);
            if self.before.len() > self.asked.context {
                self.before.pop_front();
                self.skipped = true;
            }
        }
        self.keep_the_last();
    }

    /// Whether there are as many as were asked for, so that earlier lines do not matter.
    pub(crate) fn is_full(&self) -> bool {
        self.asked.tail.is_some_and(|tail| self.matched >= tail)
    }

    /// What can be printed by now; with `--tail` nothing can before the end.
    pub(crate) fn take_ready(&mut self) -> Vec<Selected> {
        if self.asked.tail.is_some() || self.asked.budget.is_some() {
            return Vec::new();
        }
        self.ready.drain(..).collect()
    }

    /// All of it, at the end.
    pub(crate) fn finish(&mut self) -> Fitted {
        let mut lines: Vec<Selected> = self.ready.drain(..).collect();
        if let Some(first) = lines.first_mut().filter(|_| self.asked.tail.is_some()) {
            first.apart = false;
        }
        match self.asked.budget {
            Some(budget) => fit(lines, budget),
            None => Fitted {
                head: lines,
                ..Fitted::default()
            },
        }
    }

    /// Of more matches than are asked for the first goes, with the lines around it.
    fn keep_the_last(&mut self) {
        let Some(tail) = self.asked.tail else { return };
        while self.ready.iter().filter(|line| line.matches).count() > tail {
            let first = self.ready.iter().position(|line| line.matches);
            let second = first.and_then(|first| {
                let rest = self.ready.iter().skip(first + 1);
                rest.clone()
                    .position(|line| line.matches)
                    .map(|at| first + 1 + at)
            });
            let context = self.asked.context;
            let cut = second.map_or(self.ready.len(), |second| second.saturating_sub(context));
            let cut = cut.max(first.map_or(0, |first| first + 1));
            self.ready.drain(..cut);
        }
        if tail == 0 {
            self.ready.clear();
        }
    }
}

impl Selected {
    /// With the sign between groups of lines that do not touch.
    pub(crate) fn print(&self) -> String {
        let apart = if self.apart { "--\n" } else { "" };
        format!("{apart}{}", self.text)
    }
}

/// A third of the budget for the first lines, the rest for the last: what went wrong stands there.
fn fit(mut lines: Vec<Selected>, budget: usize) -> Fitted {
    let cost = |line: &Selected| line.text.chars().count();
    if lines.iter().map(cost).sum::<usize>() <= budget {
        return Fitted {
            head: lines,
            ..Fitted::default()
        };
    }
    let (head, spent) = fitting(lines.iter().map(cost), budget / 3);
    let (tail, _) = fitting(lines[head..].iter().rev().map(cost), budget - spent);
    let tail = lines.split_off(lines.len() - tail);
    let left: Vec<Selected> = lines.split_off(head);
    let left_out = left.first().map(|first| LeftOut {
        lines: left.len(),
        chars: left.iter().map(cost).sum(),
        from: first.from,
    });
    Fitted {
        head: lines,
        left_out,
        tail,
    }
}

/// How many of the first fit, and what they cost.
fn fitting(costs: impl Iterator<Item = usize>, budget: usize) -> (usize, usize) {
    let mut spent = 0;
    let mut count = 0;
    for cost in costs {
        if spent + cost > budget {
            break;
        }
        spent += cost;
        count += 1;
    }
    (count, spent)
}

fn regex(text: &str) -> Result<Regex, Failure> {
    let config = Regex::config().nfa_size_limit(Some(psup_proto::limits::PATTERN_COMPILED));
    Regex::builder().configure(config).build(text).map_err(|e| {
        let whole = std::error::Error::source(&e).map_or_else(|| e.to_string(), ToString::to_string);
        let why = whole.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Failure::new(Code::BadPattern, format!("bad pattern {text:?}: {why}"))
            .hint("patterns are regular expressions: put a backslash before . * + ? ( ) [ ] { } ^ $ | to mean the character itself")
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[track_caller]
    fn check(asked: LineSelection, want: &str) {
        let mut selector = LineSelector::new(asked);
        for number in 1..=30_u64 {
            selector.line(number * 10, format!("{number}\n"));
        }
        let fitted = selector.finish();
        let print = |lines: &[Selected]| lines.iter().map(Selected::print).collect::<String>();
        let left = fitted
            .left_out
            .map(|left| format!("({} {} {})", left.lines, left.chars, left.from));
        let got = print(&fitted.head) + &left.unwrap_or_default() + &print(&fitted.tail);
        assert_eq!(got.replace('\n', " "), want);
    }

    #[test]
    fn lines_are_selected() {
        let all = LineSelection::default;
        let grep = |pattern: &str| LineSelection {
            grep: Some(regex(pattern).unwrap()),
            ..all()
        };
        check(
            LineSelection {
                tail: Some(3),
                ..all()
            },
            "28 29 30 ",
        );
        check(
            LineSelection {
                tail: Some(0),
                ..all()
            },
            "",
        );
        check(grep("^.5"), "15 25 ");
        check(
            LineSelection {
                context: 1,
                ..grep("^.5")
            },
            "14 15 16 -- 24 25 26 ",
        );
        check(
            LineSelection {
                context: 9,
                ..grep("^1[15]")
            },
            "2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 ",
        );
        check(
            LineSelection {
                tail: Some(1),
                context: 1,
                ..grep("^.[05]")
            },
            "29 30 ",
        );
        check(
            LineSelection {
                budget: Some(18),
                ..all()
            },
            "1 2 3 (23 63 40)27 28 29 30 ",
        );
        check(
            LineSelection {
                budget: Some(1000),
                tail: Some(2),
                ..all()
            },
            "29 30 ",
        );
    }
}
