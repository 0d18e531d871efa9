//! The line by which a shell that knows nothing of psup runs one command between two marks.

use crate::marks::Tokens;
use std::fmt::Write;

/// What is typed to a shell without our integration: one line, whatever the command.
///
/// It begins with a blank, which keeps it out of most histories, and takes itself out of bash's.
/// What the terminal echoed of it is drawn over with the prompt and the command alone. Behind a
/// relay the shell is not known, so the line asks.
pub(crate) fn line(command: &[u8], tokens: &Tokens, left: &str, cols: u16, shell: &str) -> Vec<u8> {
    let out_of_history = match shell {
        "zsh" | "dash" | "ash" | "busybox" | "ksh" | "mksh" => String::new(),
        // Bash has a line of its own.
        _ => format!("[ \"$BASH_VERSION\" ]&&{OUT_OF_HISTORY}"),
    };
    // An error of syntax ends a whole line after a plain eval, and `command eval` means something
    // else to zsh.
    let run = match shell {
        "zsh" => "eval \"$__psup\"",
        "dash" | "ash" | "busybox" | "ksh" | "mksh" => "command eval \"$__psup\"",
        _ => "case $ZSH_VERSION in '') command eval \"$__psup\";;*) eval \"$__psup\";;esac",
    };
    let Tokens { begin, end } = tokens;
    let begin = |rows: usize| {
        format!("command printf '\\r\\033[{rows}A\\033[J%s%s\\n\\033]133;C;psup={begin}.0%s\\007'")
    };
    let end = format!("command printf '\\033]133;D;%s;psup={end}.0%s\\007'");
    // A trace or a trap prints more than the command does.
    let late = match shell {
        "dash" | "ash" | "busybox" => "$(case $- in *x*)echo ';late';;esac)",
        _ => "$(case $-$(trap) in *x*|*DEBUG*|*ERR*)echo ';late';;esac)",
    };
    let make = |rows: usize| {
        let begin = begin(rows);
        if shell == "fish" {
            let (command, left) = (quote_for_fish(command), quote_for_fish(left.as_bytes()));
            return format!(
                " set -g __psup {command};{begin} {left} $__psup '';eval $__psup;{end} $status '';set -e __psup\r"
            );
        }
        let (command, left) = (quote(command), quote(left.as_bytes()));
        if matches!(shell, "bash" | "rbash") {
            return line_for_bash(&command, &left, tokens, rows);
        }
        format!(
            " __psup={command};{out_of_history}{begin} {left} \"$__psup\" \"{late}\";{run};__psup=$?;{end} \"$__psup\" \"{late}\";unset __psup\r"
        )
    };
    // The number of rows is part of what fills the rows; a second round is enough for one more
    // digit.
    let width = |text: &str| unicode_width::UnicodeWidthStr::width(text.trim_end_matches('\r'));
    let rows = |text: &str| (width(left) + width(text)) / usize::from(cols.max(1)) + 1;
    make(rows(&make(9))).into_bytes()
}

/// Takes the line out of bash's history, and puts the command in its place.
const OUT_OF_HISTORY: &str = "case $(HISTTIMEFORMAT= builtin history 1) in *__psup=*) builtin history -s -- \"$__psup\";;esac 2>/dev/null;";

/// Bash runs a trap before each command of the line, and may trace it. All but the command itself
/// stands in groups whose output is not seen, and the mark of its beginning in the same `eval`, so
/// that what a trap prints between the marks is what it prints for the command. Only one of `ERR`
/// is run once more, for the `eval` that has failed; and what goes past the groups' redirections
/// cannot be told apart. The last `eval` is for bash's parser, which takes the `{` of the next line
/// for a word after a command that ends in a backslash.
fn line_for_bash(command: &str, left: &str, tokens: &Tokens, rows: usize) -> String {
    const PAST: &str = "*/dev/*|*'>&'*";
    let Tokens { begin, end } = tokens;
    let late = |also: &str| {
        format!("$(case $?$(trap)${{BASH_XTRACEFD:+/dev/}} in {PAST}{also})echo ';late';;esac)")
    };
    let (late_begin, late_end) = (late(""), late("|[1-9]*ERR*"));
    format!(
        " {{ __psup={command};__psup_l={late_begin};{OUT_OF_HISTORY}command printf '\\r\\033[{rows}A\\033[J%s%s\\n' {left} \"$__psup\" >/dev/tty; }} >/dev/null 2>&1;\
         command eval $'{{ command printf \"\\\\033]133;C;psup={begin}.0%s\\\\007\" \"$__psup_l\" >/dev/tty; }} >/dev/null 2>&1\\n'\"$__psup\";\
         {{ command printf '\\033]133;D;%s;psup={end}.0%s\\007' $? \"{late_end}\" >/dev/tty;unset __psup __psup_l;command eval :; }} >/dev/null 2>&1\r"
    )
}

/// A word of shell that is exactly these bytes: quoted where that does, else through printf.
fn quote(bytes: &[u8]) -> String {
    match printable(bytes) {
        Some(text) => format!("'{}'", text.replace('\'', "'\\''")),
        None => format!("\"$(printf %b '{}')\"", octal(bytes)),
    }
}

/// The same for fish.
fn quote_for_fish(bytes: &[u8]) -> String {
    match printable(bytes) {
        Some(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
        None => format!(
            "(printf %b '{}' | string collect)",
            octal(bytes).replace('\\', "\\\\")
        ),
    }
}

fn printable(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes)
        .ok()
        .filter(|text| !text.chars().any(char::is_control))
}

/// For printf's `%b`.
fn octal(bytes: &[u8]) -> String {
    let mut text = String::new();
    for &byte in bytes {
        if byte.is_ascii_graphic() && !matches!(byte, b'\'' | b'\\') || byte == b' ' {
            text.push(char::from(byte));
        } else {
            // A string takes whatever is written to it.
            let _ = write!(text, "\\0{byte:03o}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_to_the_byte() {
        assert_eq!(quote(b"a'b\\"), r"'a'\''b\'");
        assert_eq!(quote(b"\xff'"), r#""$(printf %b '\0377\0047')""#);
        assert_eq!(quote_for_fish(b"a'b\\"), r"'a\'b\\'");
    }

    #[test]
    fn a_line_draws_over_as_many_rows_as_it_fills() {
        let rows = |cols| {
            String::from_utf8_lossy(&line(b"ls", &Tokens::new(7), "$ ", cols, "dash")).into_owned()
        };
        assert!(rows(200).contains(r"\r\033[2A\033[J"), "{}", rows(200));
        assert!(rows(80).contains(r"\r\033[4A\033[J"), "{}", rows(80));
    }
}
