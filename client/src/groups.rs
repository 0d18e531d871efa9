//! Facts in groups, for a terminal: headings, what each fact is, and sentences in as many lines as
//! they need.

use crate::human;
use crate::table;
use crate::tone::{Looks, Tone};

/// Before a fact.
const INDENT: usize = 2;
/// What a fact is takes this much, and the fact begins behind it.
const LABEL: usize = 14;
/// In fewer columns than this a sentence is not broken into lines: the terminal does it.
const LEAST: usize = 20;

pub(crate) struct Groups {
    looks: Looks,
    text: String,
}

impl Groups {
    pub(crate) fn new(looks: Looks) -> Self {
        let text = String::new();
        Self { looks, text }
    }

    /// What it is all about.
    pub(crate) fn title(&mut self, name: &str, tone: Tone, about: &str) {
        let (name, about) = (human::plain(name), human::plain(about));
        self.text += &self.looks.paint(Tone::Heading, &name);
        self.text.push_str("  ");
        self.text += &self.looks.paint(tone, &about);
        self.text.push('\n');
    }

    pub(crate) fn group(&mut self, name: &str) {
        self.text.push('\n');
        self.text += &self.looks.paint(Tone::Heading, name);
        self.text.push('\n');
    }

    /// A value, in one line however long it is, so that it can be copied.
    pub(crate) fn fact(&mut self, what: &str, is: &str) {
        let (lead, _) = self.lead(Tone::Faint, what);
        self.line(&[&lead, &human::plain(is)]);
    }

    /// A sentence.
    pub(crate) fn sentence(&mut self, tone: Tone, what: &str, is: &str) {
        let (mut lead, behind) = self.lead(tone, what);
        let room = self.looks.columns.saturating_sub(behind);
        for line in lines(&human::plain(is), room) {
            self.line(&[&lead, &line]);
            lead = " ".repeat(behind);
        }
    }

    /// What to do about the fact before, in one line.
    pub(crate) fn advice(&mut self, advice: &str) {
        let (lead, _) = self.lead(Tone::Plain, "");
        let advice = self.looks.paint(Tone::Wanted, &human::plain(advice));
        self.line(&[&lead, &advice]);
    }

    fn line(&mut self, parts: &[&str]) {
        self.text.extend(parts.iter().copied());
        self.text.push('\n');
    }

    /// The beginning of a line up to the fact, and the column where that begins.
    fn lead(&self, tone: Tone, what: &str) -> (String, usize) {
        let what = human::plain(what);
        let width = table::columns(&what);
        let behind = LABEL.max(width + 1);
        let painted = self.looks.paint(tone, &what);
        let gap = behind - width;
        (
            format!("{:INDENT$}{painted}{:gap$}", "", ""),
            INDENT + behind,
        )
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

/// The text in lines that fit, broken between words; a word that is longer stays whole, so that it
/// can be copied.
fn lines(text: &str, room: usize) -> Vec<String> {
    if room < LEAST {
        return vec![text.to_owned()];
    }
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if line.is_empty() {
            word.clone_into(&mut line);
        } else if table::columns(&line) + 1 + table::columns(word) <= room {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(std::mem::replace(&mut line, word.to_owned()));
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_in_line_and_sentences_are_broken_between_words() {
        let looks = Looks {
            colours: false,
            columns: 40,
        };
        let mut groups = Groups::new(looks);
        groups.title("web#1", Tone::Busy, "running");
        groups.group("Program");
        groups.fact("command", "npm run dev --port 8080 --host 127.0.0.1");
        groups.sentence(
            Tone::Good,
            "✓ group",
            "a group of its own, whatever is killed",
        );
        groups.advice("fix: run it");
        groups.fact("title", "\x1b[2J");
        assert_eq!(
            groups.into_text(),
            "web#1  running\n\nProgram\n  \
             command       npm run dev --port 8080 --host 127.0.0.1\n  \
             ✓ group       a group of its own,\n                \
             whatever is killed\n                \
             fix: run it\n  \
             title         \\u{1b}[2J\n"
        );
    }
}
