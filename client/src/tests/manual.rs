//! Help, and the examples in it.

use super::*;

#[test]
fn help_goes_to_stdout() {
    for line in [
        "",
        "--help",
        "help",
        "help spawn",
        "spawn --help",
        "help exit-codes",
        "man",
        "man send",
        "completions bash",
    ] {
        let ran = run(line, vec![]);
        assert!(
            ran.code == 0 && ran.stderr.is_empty() && !ran.stdout.is_empty(),
            "{line}: {} {}",
            ran.code,
            ran.stderr
        );
    }
    assert_eq!(
        run("--version", vec![]).stdout,
        format!("psup {}\n", env!("CARGO_PKG_VERSION"))
    );
    insta::assert_snapshot!("exit-codes", run("help exit-codes", vec![]).stdout);
}

/// Help is the manual: a change of it is looked at.
#[test]
fn help_of_every_verb_is_as_reviewed() {
    let mut root = args::complete().term_width(100);
    root.build();
    insta::assert_snapshot!("help", root.render_help().to_string());
    for verb in VERBS {
        let command = root.find_subcommand_mut(verb.name).unwrap();
        insta::assert_snapshot!(
            format!("help-{}", verb.name),
            command.render_long_help().to_string()
        );
    }
}

#[test]
fn every_example_of_the_manual_is_a_command_line_that_parses() {
    let mut root = args::complete();
    root.build();
    for verb in VERBS {
        let help = root
            .find_subcommand_mut(verb.name)
            .unwrap()
            .render_long_help()
            .to_string();
        let examples: Vec<&str> = help
            .lines()
            .filter_map(|line| line.strip_prefix("  psup "))
            .collect();
        assert!(!examples.is_empty(), "{}", verb.name);
        let commands = examples.iter().flat_map(|line| line.split(" || psup "));
        let commands = commands.flat_map(|line| line.split(" | psup "));
        for example in commands.filter_map(|line| line.split(" > ").next()) {
            let mut out = Out::to(Box::new(Sink::default()), Box::new(Sink::default()));
            let parsed = args::parse(&words(example), &mut out);
            assert!(parsed.is_ok_and(|parsed| parsed.is_some()), "{example}");
        }
    }
}

/// The keys in the reviewed outputs are the promise; the page has to tell each.
#[test]
fn every_key_is_on_the_page_about_json() {
    let page = include_str!("../../../docs/json.md");
    let snapshots = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/snapshots");
    let mut objects = 0;
    for file in std::fs::read_dir(snapshots).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines().filter(|line| line.starts_with('{')) {
            objects += 1;
            tell_keys(&serde_json::from_str(line).unwrap(), page);
        }
    }
    assert!(objects > 10);
}

fn tell_keys(value: &serde_json::Value, page: &str) {
    match value {
        serde_json::Value::Object(object) => {
            for (key, value) in object {
                assert!(
                    page.contains(&format!("`{key}`")),
                    "docs/json.md does not know {key}"
                );
                tell_keys(value, page);
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| tell_keys(value, page)),
        _ => {}
    }
}
