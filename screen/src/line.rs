//! Styled lines: text with the SGR and OSC 8 sequences that style it, from the default style on.
//!
//! The history keeps its lines so and the screen's rows are turned into the same, so there is one
//! form that captures are made of.

use super::params::Params;
use super::style::Style;
use super::width;

/// A stretch of text in one style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Run<'a> {
    pub text: &'a str,
    pub style: Style,
    /// The hyperlink's id and target.
    pub link: Option<(&'a str, &'a str)>,
}

/// The stretches of a styled line. Neighbours differ in style or link.
pub(crate) fn runs(line: &str) -> Runs<'_> {
    Runs {
        rest: line,
        style: Style::default(),
        link: None,
    }
}

pub(crate) struct Runs<'a> {
    rest: &'a str,
    style: Style,
    link: Option<(&'a str, &'a str)>,
}

impl<'a> Iterator for Runs<'a> {
    type Item = Run<'a>;

    fn next(&mut self) -> Option<Run<'a>> {
        while let Some(sequence) = self.rest.strip_prefix('\x1b') {
            if let Some((params, rest)) = sequence.strip_prefix('[').and_then(|s| s.split_once('m'))
            {
                self.style.apply(&Params::parse(params.as_bytes()));
                self.rest = rest;
            } else if let Some((link, rest)) = sequence
                .strip_prefix("]8;")
                .and_then(|s| s.split_once("\x1b\\"))
            {
                let (params, uri) = link.split_once(';').unwrap_or_default();
                self.link = (!uri.is_empty())
                    .then_some((params.strip_prefix("id=").unwrap_or_default(), uri));
                self.rest = rest;
            } else {
                self.rest = sequence;
            }
        }
        let end = self.rest.find('\x1b').unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!text.is_empty()).then_some(Run {
            text,
            style: self.style,
            link: self.link,
        })
    }
}

/// The text alone, without blanks at its end.
pub(crate) fn plain(line: &str) -> String {
    let mut text: String = runs(line).map(|run| run.text).collect();
    text.truncate(text.trim_end_matches(' ').len());
    text
}

/// How many rows [`fold`] makes of a line.
pub(crate) fn height(line: &str, cols: usize) -> usize {
    if line.len() <= cols {
        1
    } else {
        fold(line, cols).len()
    }
}

/// A line as rows of so many columns, each from the default style on.
pub(crate) fn fold(line: &str, cols: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    let mut used = 0;
    for run in runs(line) {
        let mut begun = false;
        for (c, width) in width::each(run.text) {
            if used + width > cols {
                end_link(&mut rows, run.link.filter(|_| begun));
                rows.push(String::new());
                (used, begun) = (0, false);
            }
            let row = rows.last_mut().expect("there is always a row");
            if !begun {
                begin(row, &run);
                begun = true;
            }
            row.push(c);
            used += width;
        }
        end_link(&mut rows, run.link);
    }
    rows
}

fn begin(row: &mut String, run: &Run) {
    if run.style != Style::default() || row.ends_with("\x1b\\") || row.contains('\x1b') {
        run.style.write_sgr(row);
    }
    if let Some((_, uri)) = run.link {
        row.push_str("\x1b]8;;");
        row.push_str(uri);
        row.push_str("\x1b\\");
    }
}

fn end_link(rows: &mut [String], link: Option<(&str, &str)>) {
    if let (Some(row), Some(_)) = (rows.last_mut(), link) {
        row.push_str("\x1b]8;;\x1b\\");
    }
}
