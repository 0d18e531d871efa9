//! Prompts of other programs: what is typed, what counts as the output, when it is over.

use super::*;
use crate::prompt::Activity;

fn at(name: &str) -> Foreground {
    Foreground {
        name: name.to_owned(),
        is_child: true,
        doing: Activity::Polling,
        canonical: false,
        echo: false,
    }
}

#[test]
fn programs_with_a_prompt_are_known() {
    for (name, prompt) in [
        ("python3.11", ">>> "),
        ("ipython", "In [3]: "),
        ("python3", "(Pdb) "),
        ("node", "> "),
        ("psql", "postgres=# "),
        ("anything", "name> "),
        ("ssh", ">>> "),
    ] {
        assert!(is_repl(&at(name), prompt), "{name} {prompt}");
    }
    for (name, prompt) in [
        ("claude", "> "),
        ("fzf", "> "),
        ("vim", ">>> "),
        ("ssh", "$ "),
        ("bash", ">>> "),
    ] {
        assert!(!is_repl(&at(name), prompt), "{name} {prompt}");
    }
}

#[test]
fn several_lines_are_typed_by_the_programs_own_means() {
    let typed = |name: &str, prompt: &str, command: &str| {
        line(&at(name), prompt, command.as_bytes())
            .map(|line| String::from_utf8(line).unwrap_or_default())
    };
    assert_eq!(
        typed("python3", ">>> ", "a\n\"b\""),
        Ok(r#"exec("a\n\"b\"")"#.into())
    );
    assert_eq!(typed("psql", "x=# ", "select\n1;"), Ok("select 1;".into()));
    assert!(typed("gdb", "(gdb) ", "a\nb").is_err());
    assert_eq!(typed("gdb", "(gdb) ", "print 1"), Ok("print 1".into()));
}

#[test]
fn the_answer_stands_between_the_echo_and_the_prompt() {
    let cut = |output: &str, prompt: &str| {
        let mut repl = Repl {
            is_python: true,
            prompt: prompt.to_owned(),
            entered: Some(0),
            is_blank_typed: false,
            enters: 1,
            tail_from: 0,
            tail: Vec::new(),
        };
        repl.take(0, output.as_bytes());
        let (from, to) = (
            repl.begins(false).unwrap_or_default() as usize,
            repl.ends(prompt) as usize,
        );
        output[from..to].to_owned()
    };
    assert_eq!(
        cut("\r\n\x1b[?2004l\r2\r\n\x1b[?2004h>>> ", ">>> "),
        "2\r\n"
    );
    assert_eq!(cut("\r\na>>> ", ">>> "), "a");
    assert_eq!(cut("\r\n\x1b[35m>>> \x1b[0m", ">>> "), "");
    let ipython =
        "\r\r\n\x1b[J\x1b[0m\x1b[?2004l2\r\n\r\n\x1b[6n\x1b[?2004h\x1b[JIn [2]: \x1b[0m\r\n\r\n";
    assert_eq!(cut(ipython, "In [2]: "), "2\r\n\r\n");
}
