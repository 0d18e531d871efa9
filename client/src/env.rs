//! The environment a session is started with: the caller's, less or more what was asked for.

pub(crate) use psup_link::caller::Var;

use psup_proto::{Code, Failure};
use std::fs;
use std::path::Path;

/// What `--clear-env` leaves: who and where the user is, where programs are, and how text is
/// written. `TERM` is the session's own in any case.
const KEPT: &[&str] = &[
    "HOME", "PATH", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE",
];

/// The caller's environment, all of it or what `--clear-env` leaves.
pub(crate) fn of_caller(environment: Vec<Var>, clear: bool) -> Vec<Var> {
    environment
        .into_iter()
        .filter(|(key, _)| !clear || KEPT.iter().any(|kept| kept.as_bytes() == key))
        .collect()
}

/// Sets variables, each in the place of an earlier one of its name.
pub(crate) fn set(env: &mut Vec<Var>, vars: &[Var]) {
    for (key, value) in vars {
        match env.iter_mut().find(|(known, _)| known == key) {
            Some(known) => known.1.clone_from(value),
            None => env.push((key.clone(), value.clone())),
        }
    }
}

/// Reads a file of variables: a `KEY=VALUE` a line, empty lines and lines beginning with `#` left
/// out, `export` before the key allowed. A value in single quotes is taken as it stands, one in
/// double quotes knows `\n \t \" \\ \$`. Nothing is expanded.
pub(crate) fn from_file(path: &Path) -> Result<Vec<Var>, Failure> {
    let bytes = fs::read(path).map_err(|e| {
        Failure::new(
            Code::Usage,
            format!("cannot read the env file {}: {e}", path.display()),
        )
    })?;
    let lines = bytes.split(|b| *b == b'\n').zip(1..);
    lines
        .filter_map(|(line, number)| {
            parse(line)
                .map_err(|why| {
                    Failure::new(
                        Code::Usage,
                        format!("{} line {number}: {why}", path.display()),
                    )
                    .hint("a line is KEY=VALUE")
                })
                .transpose()
        })
        .collect()
}

/// A line, as far as it holds a variable.
fn parse(line: &[u8]) -> Result<Option<Var>, &'static str> {
    let line = line.trim_ascii();
    if line.is_empty() || line.starts_with(b"#") {
        return Ok(None);
    }
    let line = line.strip_prefix(b"export ").unwrap_or(line);
    let at = line
        .iter()
        .position(|b| *b == b'=')
        .ok_or("there is no =")?;
    let (key, value) = (line[..at].trim_ascii(), line[at + 1..].trim_ascii());
    if key.is_empty() || key.iter().any(u8::is_ascii_whitespace) {
        return Err("that is no name of a variable");
    }
    if line.contains(&0) {
        return Err("there is a zero byte in it");
    }
    Ok(Some((key.to_vec(), unquote(value)?)))
}

fn unquote(value: &[u8]) -> Result<Vec<u8>, &'static str> {
    match value {
        [quote @ (b'"' | b'\''), inner @ .., last] if quote == last => {
            if *quote == b'"' {
                unescape(inner)
            } else if inner.contains(&b'\'') {
                Err("something follows the closing quote")
            } else {
                Ok(inner.to_vec())
            }
        }
        [b'"' | b'\'', ..] => Err("the quote is not closed"),
        plain => Ok(plain.to_vec()),
    }
}

fn unescape(inner: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter();
    while let Some(&byte) = bytes.next() {
        let plain = match byte {
            b'"' => return Err("something follows the closing quote"),
            b'\\' => match bytes.next() {
                Some(b'n') => b'\n',
                Some(b't') => b'\t',
                Some(b'"') => b'"',
                Some(b'\\') => b'\\',
                Some(b'$') => b'$',
                Some(other) => {
                    out.push(b'\\');
                    *other
                }
                None => return Err("the quote is not closed"),
            },
            other => other,
        };
        out.push(plain);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(line: &str) -> String {
        match parse(line.as_bytes()) {
            Ok(Some((key, value))) => format!(
                "{}:{}",
                String::from_utf8_lossy(&key),
                String::from_utf8_lossy(&value)
            ),
            Ok(None) => "-".to_owned(),
            Err(why) => why.to_owned(),
        }
    }

    #[test]
    fn a_line_is_a_variable_a_comment_or_a_told_mistake() {
        for (line, wanted) in [
            ("A=1", "A:1"),
            ("  A = 1 2  ", "A:1 2"),
            ("A=", "A:"),
            ("A=b=c", "A:b=c"),
            ("export A=1", "A:1"),
            ("# A=1", "-"),
            ("", "-"),
            ("\r", "-"),
            ("A=\" 1 # \\\"x\\\" \\n\"", "A: 1 # \"x\" \n"),
            ("A='$HOME \\n'", "A:$HOME \\n"),
            ("A=it's", "A:it's"),
            ("A=1 # not a comment", "A:1 # not a comment"),
            ("A", "there is no ="),
            ("=1", "that is no name of a variable"),
            ("A B=1", "that is no name of a variable"),
            ("A='1", "the quote is not closed"),
            ("A='", "the quote is not closed"),
            ("A=\"1\\\"", "the quote is not closed"),
            ("A='1'2'", "something follows the closing quote"),
        ] {
            assert_eq!(check(line), wanted, "{line:?}");
        }
    }

    #[test]
    fn a_mistake_in_a_file_is_told_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("env");
        fs::write(&path, "A=1\n\n# x\nB\n").unwrap();
        let failure = from_file(&path).unwrap_err();
        assert!(
            failure.message.ends_with("env line 4: there is no ="),
            "{}",
            failure.message
        );
        assert_eq!(
            from_file(&dir.path().join("none")).unwrap_err().code,
            Code::Usage
        );
    }

    #[test]
    fn a_variable_that_is_set_takes_the_place_of_its_name() {
        let var = |k: &str, v: &str| (k.as_bytes().to_vec(), v.as_bytes().to_vec());
        let mut env = vec![var("A", "1"), var("B", "2")];
        set(&mut env, &[var("A", "3"), var("C", "4")]);
        assert_eq!(env, [var("A", "3"), var("B", "2"), var("C", "4")]);
    }
}
