#![allow(clippy::unwrap_used)]

use super::TABLE;
use crate::run::split;

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

#[test]
fn every_command_is_found_by_its_name_and_its_alias() {
    for entry in TABLE.0 {
        for word in [entry.name, entry.alias]
            .into_iter()
            .filter(|word| !word.is_empty())
        {
            assert_eq!(
                TABLE.find(word).map(|found| found.name),
                Ok(entry.name),
                "{word}"
            );
        }
    }
}

#[test]
fn every_file_of_a_command_is_in_the_table() {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands");
    let files = std::fs::read_dir(directory)
        .unwrap()
        .map(|file| file.unwrap().file_name());
    let mut files: Vec<String> = files
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    files.retain(|name| !["mod.rs", "tests.rs"].contains(&name.as_str()));
    files.sort();
    let names = TABLE
        .0
        .iter()
        .map(|entry| format!("{}.rs", entry.name.replace('-', "_")));
    let mut names: Vec<String> = names.collect();
    names.sort();
    assert_eq!(files, names);
}

#[test]
fn flags_are_read_as_getopt_would() {
    let call = TABLE.parse(&words("neww -dPn one -t a:1 -- -x")).unwrap();
    assert_eq!(call.name(), "new-window");
    assert!(call.has('d') && call.has('P'));
    assert_eq!(
        (call.get('n'), call.get('t'), call.args.as_slice()),
        (Some("one"), Some("a:1"), &["-x".to_owned()][..])
    );
    assert_eq!(
        TABLE.parse(&words("has -z")).unwrap_err(),
        "command has-session: unknown flag -z"
    );
    assert_eq!(TABLE.parse(&words("has -t")).unwrap().get('t'), None);
    assert_eq!(
        TABLE.parse(&words("nope")).unwrap_err(),
        "unknown command: nope"
    );
    assert_eq!(
        TABLE.parse(&words("renam")).unwrap_err(),
        "ambiguous command: renam, could be: rename-session, rename-window"
    );
    assert_eq!(
        TABLE.parse(&words("has x")).unwrap_err(),
        "command has-session: too many arguments (need at most 0)"
    );
}

#[test]
fn a_semicolon_at_the_end_of_a_word_ends_a_command() {
    assert_eq!(
        split(&words("a b; c ; d \\; e")),
        [words("a b"), words("c"), words("d ; e")]
    );
}
