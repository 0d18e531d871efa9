use super::*;

const EDITOR: Echoes = Echoes {
    terminal: false,
    editor: true,
};
const TERMINAL: Echoes = Echoes {
    terminal: true,
    editor: false,
};
const BOTH: Echoes = Echoes {
    terminal: true,
    editor: true,
};

/// Types at the journal's end, has output come, and shows its lines as a pattern sees them, `~`
/// for what is covered.
#[track_caller]
fn check(left: &str, typed: &str, echoes: Echoes, output: &str, want: &[&str]) {
    let mut echo = Echo::default();
    echo.typed(typed.as_bytes(), 100, left, echoes);
    let mut lines = Lines::new(100, Returns::End);
    let mut seen = Vec::new();
    let show = |line: Cow<'_, [u8]>| {
        line.iter()
            .map(|b| if *b == COVER { '~' } else { char::from(*b) })
            .collect::<String>()
    };
    for byte in output.as_bytes() {
        // What is open is covered as soon as it comes.
        let mut ended = None;
        lines.feed(&[*byte], |line| {
            ended = Some(show(echo.cover(line)));
            echo.ended(line);
            false
        });
        seen.extend(ended);
    }
    let open = show(echo.cover(lines.open_line()));
    seen.extend(Some(open).filter(|open| !open.is_empty()));
    assert_eq!(seen, want, "{typed:?} {output:?}");
}

#[test]
fn the_terminals_echo_is_covered_once() {
    check(
        "",
        "hello\r",
        TERMINAL,
        "hello\r\nhello\r\n",
        &["~~~~~", "hello"],
    );
    check("", "hello\r", TERMINAL, "busy hel", &["busy ~~~"]);
    check(
        "",
        "hello\r",
        TERMINAL,
        "busy hello\r\nhello",
        &["busy ~~~~~", "hello"],
    );
}

#[test]
fn who_asks_behind_the_terminals_echo_sees_the_answer() {
    let mut typed = Typed::default();
    typed.typed(b"hello", 0, "", TERMINAL);
    typed.output(b"hel");
    assert_eq!(typed.open().pieces.len(), 1);
    typed.output(b"lo");
    assert!(typed.open().pieces.is_empty());
    // A line editor may draw it again.
    typed.typed(b"echo hi", 5, "", BOTH);
    typed.output(b"\r\necho hi");
    let open = typed.open();
    assert_eq!(open.pieces[0].echoes, EDITOR);
}

#[test]
fn an_editors_echo_is_covered_behind_its_prompt() {
    check(
        "$ ",
        "echo hi\r",
        EDITOR,
        "echo hi\r\nhi\r\n$ ",
        &["~~~~~~~", "hi", "$ "],
    );
    check(
        "$ ",
        "echo hi\r",
        EDITOR,
        "\r$ echo hi\r\nhi\r\n",
        &["$ ~~~~~~~", "hi"],
    );
    check("$ ", "hi\r", EDITOR, "\r\nit is hi\r\n", &["", "it is hi"]);
}

#[test]
fn what_is_typed_ahead_is_echoed_twice() {
    check(
        "",
        "echo hi\r",
        BOTH,
        "echo hi\r\n$ echo hi\r\nhi\r\n",
        &["~~~~~~~", "$ ~~~~~~~", "hi"],
    );
}

#[test]
fn an_echo_that_the_edge_cuts_is_covered_in_both_lines() {
    check(
        "$ ",
        "echo abcdef\r",
        EDITOR,
        "echo abc\rdef\r\nabcdef\r\n",
        &["~~~~~~~~", "~~~", "abcdef"],
    );
    check(
        "$ ",
        "echo abcdef\r",
        EDITOR,
        "echo abc\rcdef\r\nabcdef\r\n",
        &["~~~~~~~~", "~~~~", "abcdef"],
    );
}

#[test]
fn every_line_of_several_is_covered() {
    check(
        ">>> ",
        "if 1:\r  print(5)\r\r",
        EDITOR,
        "if 1:\r\n...   print(5)\r\n... \r\n5\r\n",
        &["~~~~~", "... ~~~~~~~~~~", "... ", "5"],
    );
}
