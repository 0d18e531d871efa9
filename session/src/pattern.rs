//! One regular expression of a wait, and what it says of a line.
//!
//! A line may still grow when a pattern looks at it. A match that more bytes could lengthen
//! (`http://\S+` at the end of what has arrived) is only [`SearchResult::Tentative`]: the wait
//! answers it when the line goes on, ends, or stays quiet.
//!
//! Everybody shares the thread that patterns run on, so a pattern has a compiled size limit, and a
//! budget: a lazy DFA reads output at its own speed, and the slow engine that takes over where the
//! DFA gives up may take so many steps for so much output. A pattern that needs more is refused.

use psup_proto::condition::Match;
use psup_proto::{Code, Failure, limits};
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{self, pikevm::PikeVM};
use regex_automata::util::{captures::Captures, prefilter::Prefilter, syntax};
use regex_automata::{Input, MatchErrorKind, MatchKind};
use std::cell::{Cell, RefCell};

/// Memory of the states that the lazy DFA has built; when it is full they are built again.
const DFA_CACHE: usize = 256 << 10;
/// Steps that the slow engine may take for any output, and more for each byte of it. A step is a
/// state of the pattern at a byte of output, some 10 ns.
const STEPS: u64 = 8 << 20;
const STEPS_PER_BYTE: u64 = 64;

#[derive(Debug)]
pub(crate) struct Pattern {
    dfa: DFA,
    cache: RefCell<Cache>,
    slow: PikeVM,
    states: u64,
    /// Steps that the slow engine may still take.
    budget: Cell<u64>,
    /// Every match is of this length and nothing after it matters, so a match is whole as soon as
    /// it is there.
    fixed: bool,
}

/// What a pattern says of a line.
#[derive(Debug, PartialEq)]
pub(crate) enum SearchResult {
    Nothing,
    /// It matches what has arrived; more of the line could change what it matches.
    Tentative,
    /// The match, and the length of the line up to its end.
    Whole(Match, usize),
}

impl Pattern {
    pub(crate) fn new(text: &str) -> Result<Self, Failure> {
        let bad = |why: String| {
            Failure::new(Code::BadPattern, format!("bad pattern {text:?}: {why}"))
                .hint("patterns are regular expressions: put a backslash before . * + ? ( ) [ ] { } ^ $ | to mean the character itself")
        };
        if text.len() > limits::PATTERN {
            return Err(bad(format!("longer than {} bytes", limits::PATTERN)));
        }
        // The terminal's bytes need not be UTF-8, so the pattern must not insist on it.
        let hir = syntax::parse_with(text, &syntax::Config::new().utf8(false))
            .map_err(|e| bad(last_line(&e)))?;
        let nfa = thompson::Compiler::new()
            .configure(
                thompson::Config::new()
                    .utf8(false)
                    .nfa_size_limit(Some(limits::PATTERN_COMPILED)),
            )
            .build_from_hir(&hir)
            .map_err(|e| too_large(text, &e))?;
        let literals = Prefilter::from_hir_prefix(MatchKind::LeftmostFirst, &hir);
        let config = DFA::config()
            .prefilter(literals)
            .unicode_word_boundary(true)
            .cache_capacity(DFA_CACHE)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(3))
            .minimum_bytes_per_state(Some(10));
        let dfa = DFA::builder()
            .configure(config)
            .build_from_nfa(nfa.clone())
            .map_err(|e| bad(last_line(&e)))?;
        let about = hir.properties();
        Ok(Self {
            cache: RefCell::new(dfa.create_cache()),
            dfa,
            states: nfa.states().len() as u64,
            slow: PikeVM::builder()
                .build_from_nfa(nfa)
                .map_err(|e| bad(last_line(&e)))?,
            budget: Cell::new(STEPS),
            fixed: about.minimum_len() == about.maximum_len() && about.look_set().is_empty(),
        })
    }

    /// Memory that it holds.
    pub(crate) fn memory(&self) -> usize {
        self.slow.get_nfa().memory_usage() + self.cache.borrow().memory_usage()
    }

    /// Why it can be looked for no longer.
    pub(crate) fn exhausted(&self) -> Option<Failure> {
        (self.budget.get() == 0).then(|| {
            Failure::new(Code::Limit, "the pattern is too costly for this output").hint(SMALLER)
        })
    }

    /// Whether it matches anywhere in a text that will not grow.
    pub(crate) fn find(&self, line: &[u8]) -> Option<(Match, usize)> {
        if !self.is_match(line) {
            return None;
        }
        let mut captures = self.slow.create_captures();
        let mut cache = self.slow.create_cache();
        self.slow.captures(&mut cache, line, &mut captures);
        let end = captures.get_match()?.end();
        Some((as_match(line, &captures), end))
    }

    fn is_match(&self, line: &[u8]) -> bool {
        let earned = self.budget.get() + STEPS_PER_BYTE * line.len() as u64;
        if self.budget.get() == 0 {
            return false;
        }
        self.budget.set(earned.min(STEPS));
        let input = Input::new(line).earliest(true);
        let states = match self
            .dfa
            .try_search_fwd(&mut self.cache.borrow_mut(), &input)
        {
            Ok(found) => return found.is_some(),
            // Borders of words are found by the slow engine where there is more than ASCII. It
            // visits few of the states then.
            Err(error) if matches!(error.kind(), MatchErrorKind::Quit { .. }) => {
                self.states.min(STEPS_PER_BYTE)
            }
            Err(_) => self.states,
        };
        let left = self.budget.get().saturating_sub(states * line.len() as u64);
        self.budget.set(left);
        left > 0 && self.slow.is_match(&mut self.slow.create_cache(), input)
    }

    /// As [`find`](Self::find), for a line that may go on.
    pub(crate) fn look(&self, line: &[u8]) -> SearchResult {
        match self.find(line) {
            None => SearchResult::Nothing,
            Some((_, end)) if end == line.len() && !self.fixed => SearchResult::Tentative,
            Some((found, end)) => SearchResult::Whole(found, end),
        }
    }
}

const SMALLER: &str = "`(?-u:\\w)` and `[0-9]` take a fraction of what `\\w` and `\\d` take, which know the letters and digits of all languages; a repetition `{n}` takes n times what it repeats";

fn too_large(text: &str, error: &thompson::BuildError) -> Failure {
    match error.size_limit() {
        Some(limit) => Failure::new(
            Code::BadPattern,
            format!(
                "the pattern {text:?} takes more than {} KiB compiled",
                limit >> 10
            ),
        )
        .hint(SMALLER),
        None => Failure::new(
            Code::BadPattern,
            format!("bad pattern {text:?}: {}", last_line(error)),
        ),
    }
}

fn as_match(line: &[u8], captures: &Captures) -> Match {
    let show = |range: std::ops::Range<usize>| String::from_utf8_lossy(&line[range]).into_owned();
    Match {
        text: captures
            .get_match()
            .map(|m| show(m.range()))
            .unwrap_or_default(),
        groups: captures
            .iter()
            .skip(1)
            .map(|group| group.map(|span| show(span.range())))
            .collect(),
        line: String::from_utf8_lossy(line).into_owned(),
    }
}

/// regex-syntax draws a picture over several lines; its last line says what is wrong.
fn last_line(error: &dyn std::error::Error) -> String {
    let whole = std::iter::successors(error.source(), |e| e.source())
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string);
    let last = whole.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn look(pattern: &str, line: &str) -> SearchResult {
        Pattern::new(pattern).unwrap().look(line.as_bytes())
    }

    #[test]
    fn a_match_that_could_grow_is_tentative() {
        assert_eq!(
            look(r"http://\S+", "at http://local"),
            SearchResult::Tentative
        );
        assert!(
            matches!(look(r"http://\S+", "at http://local "), SearchResult::Whole(m, 15) if m.text == "http://local")
        );
        assert_eq!(look("done$", "done"), SearchResult::Tentative);
        assert!(matches!(look(">>> ", ">>> "), SearchResult::Whole(_, 4)));
        assert_eq!(look("ready", "not yet"), SearchResult::Nothing);
    }

    #[test]
    fn groups_are_told() {
        let (found, end) = Pattern::new(r"port (\d+)(x)?")
            .unwrap()
            .find(b"on port 80, yes")
            .unwrap();
        assert_eq!(
            (found.text.as_str(), found.groups, end),
            ("port 80", vec![Some("80".into()), None], 10)
        );
    }

    #[test]
    fn a_bad_pattern_is_told_with_its_reason() {
        let failure = Pattern::new("(").unwrap_err();
        assert_eq!(failure.code, Code::BadPattern);
        assert!(
            failure.message.contains("unclosed group"),
            "{}",
            failure.message
        );
    }

    #[test]
    fn bytes_that_are_not_text_can_be_looked_at() {
        assert!(
            Pattern::new("caf. ok")
                .unwrap()
                .find(b"caf\xe9 ok")
                .is_none()
        );
        assert!(
            Pattern::new(r"(?-u:caf.) ok")
                .unwrap()
                .find(b"caf\xe9 ok")
                .is_some()
        );
    }

    #[test]
    fn a_pattern_that_is_too_large_compiled_is_refused_with_a_way_out() {
        let failure = Pattern::new(r"\w{200}").unwrap_err();
        assert_eq!(failure.code, Code::BadPattern);
        assert!(
            failure.message.contains("KiB compiled"),
            "{}",
            failure.message
        );
        assert!(failure.hint.unwrap().contains(r"(?-u:\w)"));
        Pattern::new(r"(?-u:\w){200}").unwrap();
        Pattern::new(r"\w{8}-\w{4}").unwrap();
    }

    #[test]
    fn words_have_borders_in_every_language() {
        let pattern = Pattern::new(r"\bé\w+\b").unwrap();
        let mut all = "was é été à ".repeat(1000).into_bytes();
        assert_eq!(pattern.find(&all).unwrap().0.text, "été");
        all.truncate(8);
        for _ in 0..100_000 {
            assert!(pattern.find(&all).is_none() && pattern.exhausted().is_none());
        }
    }

    /// Every state of the DFA is new, so that it never pays.
    #[test]
    fn a_pattern_that_costs_too_much_is_exhausted_and_does_no_more_work() {
        let pattern = Pattern::new(r"[ab]*a[ab]{2000}c[ab]{2000}d").unwrap();
        let mut state = 1_u32;
        let mut line = || -> Vec<u8> {
            (0..60_000)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    b"ab"[(state >> 31) as usize]
                })
                .collect()
        };
        let lines = (0..1000)
            .take_while(|_| pattern.find(&line()).is_none() && pattern.exhausted().is_none());
        assert!(lines.count() < 1000);
        assert!(pattern.memory() < 2 << 20, "{}", pattern.memory());
    }
}
