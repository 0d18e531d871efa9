//! One regular expression of a wait, and what it says of a line.
//!
//! A line may still grow when a pattern looks at it. A match that more bytes could lengthen
//! (`http://\S+` at the end of what has arrived) is only [`SearchResult::Tentative`]: the wait
//! answers it when the line goes on, ends, or stays quiet.

use psup_proto::condition::Match;
use psup_proto::{Code, Failure, limits};
use regex_automata::meta::Regex;
use regex_automata::util::{captures::Captures, syntax};

#[derive(Debug)]
pub struct Pattern {
    regex: Regex,
    /// Every match is of this length and nothing after it matters, so a match is whole as soon as
    /// it is there.
    fixed: bool,
}

/// What a pattern says of a line.
#[derive(Debug, PartialEq)]
pub enum SearchResult {
    Nothing,
    /// It matches what has arrived; more of the line could change what it matches.
    Tentative,
    /// The match, and the length of the line up to its end.
    Whole(Match, usize),
}

impl Pattern {
    pub fn new(text: &str) -> Result<Self, Failure> {
        let bad = |why: String| {
            Failure::new(Code::BadPattern, format!("bad pattern {text:?}: {why}"))
                .hint("patterns are regular expressions: put a backslash before . * + ? ( ) [ ] { } ^ $ | to mean the character itself")
        };
        if text.len() > limits::PATTERN {
            return Err(bad(format!("longer than {} bytes", limits::PATTERN)));
        }
        // The terminal's bytes need not be UTF-8, so the pattern must not insist on it.
        let hir =
            regex_automata::util::syntax::parse_with(text, &syntax::Config::new().utf8(false))
                .map_err(|e| bad(last_line(&e)))?;
        let about = hir.properties();
        let fixed = about.minimum_len() == about.maximum_len() && about.look_set().is_empty();
        let config = Regex::config()
            .utf8_empty(false)
            .nfa_size_limit(Some(1 << 20))
            .hybrid_cache_capacity(1 << 20);
        let regex = Regex::builder()
            .configure(config)
            .build_from_hir(&hir)
            .map_err(|e| bad(last_line(&e)))?;
        Ok(Self { regex, fixed })
    }

    /// Whether it matches anywhere in a text that will not grow.
    pub fn find(&self, line: &[u8]) -> Option<(Match, usize)> {
        if !self.regex.is_match(line) {
            return None;
        }
        let mut captures = self.regex.create_captures();
        self.regex.captures(line, &mut captures);
        let end = captures.get_match()?.end();
        Some((as_match(line, &captures), end))
    }

    /// As [`find`](Self::find), for a line that may go on.
    pub fn look(&self, line: &[u8]) -> SearchResult {
        match self.find(line) {
            None => SearchResult::Nothing,
            Some((_, end)) if end == line.len() && !self.fixed => SearchResult::Tentative,
            Some((found, end)) => SearchResult::Whole(found, end),
        }
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
}
