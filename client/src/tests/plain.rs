//! What is read without clap is what clap would have read.

use super::words;
use crate::verbs::{Run, capture::Capture, has::Has, send::Send, spawn::Spawn};
use clap::Command;
use std::ffi::OsString;
use std::fmt::Debug;
use std::os::unix::ffi::OsStringExt;

/// Whatever could begin, end, or be taken for something else.
const WORDS: &[&str] = &[
    "web", "web#3", "WEB", "a b", "ls -l", "", "-", "--", "-e", "--enter", "-ex", "-ee", "--ent",
    "--enter=", "-q", "--json", "-k", "C-c", "--paste", "--submit", "-h", "--help", "-n", "3",
    "-a", "--all", "--rows", "help", "=", "é",
];

/// How many of the lines of up to four words were read without clap.
fn agree<A: Run + Debug>(verb: &'static str) -> usize {
    let command = || {
        crate::args::complete()
            .find_subcommand(verb)
            .cloned()
            .unwrap_or_else(|| Command::new(verb))
    };
    let mut command = command();
    let mut read = 0;
    let mut check = |line: &[OsString]| {
        if let Some(plain) = A::plain(line) {
            let whole = std::iter::once(OsString::from(verb)).chain(line.iter().cloned());
            let matches = command
                .try_get_matches_from_mut(whole)
                .unwrap_or_else(|e| panic!("{line:?}: {e}"));
            let full = A::from_arg_matches(&matches).unwrap();
            assert_eq!(format!("{plain:?}"), format!("{full:?}"), "{line:?}");
            read += 1;
        }
    };
    let mut lines: Vec<Vec<OsString>> = vec![vec![]];
    for length in 0..=4 {
        for line in &lines {
            check(line);
        }
        // All of up to three words; of four, those that begin as a line can begin.
        let longer = lines.iter().filter(|line| {
            length < 3 || line[0] == "web" && line.iter().any(|word| word == "--" || word == "-e")
        });
        lines = longer
            .flat_map(|line| {
                WORDS
                    .iter()
                    .map(move |word| [line.as_slice(), &[OsString::from(word)]].concat())
            })
            .collect();
    }
    check(&["web".into(), OsString::from_vec(b"\xff".to_vec())]);
    read
}

#[test]
fn plain_words_are_read_as_clap_reads_them() {
    assert_eq!(agree::<Has>("has"), 4);
    assert_eq!(agree::<Capture>("capture"), 4);
    assert!(agree::<Send>("send") > 300);
    assert!(agree::<Spawn>("spawn") > 300);
}

#[test]
fn the_usual_lines_need_no_clap() {
    let line = |line| words(line)[2..].to_vec();
    assert!(Has::plain(&line("has web")).is_some());
    assert!(Capture::plain(&line("capture web#2")).is_some());
    assert!(Send::plain(&line("send web 'npm test' --enter")).is_some());
    assert!(Spawn::plain(&line("spawn web -- npm run dev --host")).is_some());
}
