//! Formats: `#{…}` with tmux's modifiers, conditionals, comparisons and loops.

mod modifiers;
mod values;
mod width;

pub(crate) use values::regex;
pub(crate) use width::{at_column, sanitize};

use crate::{colour, time};
use modifiers::{closing, modifiers, skip};
use values::{after, calculate, matches, named};

/// What variables stand for, and what loops go over.
pub(crate) trait Source: Clone {
    fn variable(&self, name: &str) -> Option<String>;
    /// `S`, `W` or `P`: the places to repeat for, and which of them is the current one.
    fn each(&self, over: char) -> Vec<(Self, bool)>;
    /// Whether a session (`s`) or a window (`w`) of this name exists.
    fn exists(&self, sort: char, name: &str) -> bool;
    /// The last line that a command prints.
    fn job(&self, command: &str) -> String;
    fn search(&self, text: &str, regex: bool, fold: bool) -> u64;
}

/// A format in a format in a format … ends here.
const DEPTH: u32 = 50;

pub(crate) fn expand(text: &str, source: &impl Source) -> String {
    deeper(text, source, 0, false)
}

/// With the day's time for `%H` and its like first.
pub(crate) fn expand_time(text: &str, source: &impl Source) -> String {
    deeper(text, source, 0, true)
}

/// Whether a format's result counts as yes.
pub(crate) fn truth(text: &str) -> bool {
    !text.is_empty() && text != "0"
}

fn deeper<S: Source>(text: &str, source: &S, depth: u32, time: bool) -> String {
    if depth > DEPTH {
        return String::new();
    }
    let timed;
    let text = if time && text.contains('%') {
        timed = time::strftime(text, time::now_ms() / 1000);
        &timed
    } else {
        text
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('#') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(c) = rest.chars().next() else {
            out.push('#');
            break;
        };
        match c {
            '(' => {
                let Some(end) = closing(rest, '(', ')') else {
                    return out;
                };
                let command = deeper(&rest[1..end], source, depth + 1, time);
                out.push_str(&source.job(&command));
                rest = &rest[end + 1..];
            }
            '{' => {
                let Some(end) = closing(rest, '{', '}') else {
                    return out;
                };
                // What cannot be read ends the whole.
                let Some(value) = replace(&rest[1..end], source, depth + 1, time) else {
                    return out;
                };
                out.push_str(&value);
                rest = &rest[end + 1..];
            }
            '#' => {
                let run = rest.len() - rest.trim_start_matches('#').len();
                // Before a style all of them stay, for what draws it.
                if rest[run..].starts_with('[') {
                    out.extend(std::iter::repeat_n('#', run + 1));
                    out.push('[');
                    rest = &rest[run + 1..];
                } else {
                    out.push('#');
                    rest = &rest[1..];
                }
            }
            '}' | ',' => {
                out.push(c);
                rest = &rest[1..];
            }
            c => {
                if let Some(name) = alias(c) {
                    out.push_str(&source.variable(name).unwrap_or_default());
                } else {
                    out.push('#');
                    out.push(c);
                }
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn alias(letter: char) -> Option<&'static str> {
    Some(match letter {
        'D' => "pane_id",
        'F' => "window_flags",
        'H' => "host",
        'h' => "host_short",
        'I' => "window_index",
        'P' => "pane_index",
        'S' => "session_name",
        'T' => "pane_title",
        'W' => "window_name",
        _ => return None,
    })
}

fn replace<S: Source>(text: &str, source: &S, depth: u32, time: bool) -> Option<String> {
    if depth > DEPTH {
        return Some(String::new());
    }
    let (mods, body) = modifiers(text);
    let has = |word: &str| mods.iter().find(|m| m.word == word);
    let sub = |text: &str| deeper(text, source, depth + 1, time);
    let two = |text: &str| {
        let at = skip(text, &[',']);
        let right = text.get(at + 1..)?;
        Some((sub(&text[..at]), sub(right)))
    };
    let yes = |held: bool| String::from(if held { "1" } else { "0" });
    let comparison = mods.iter().find(|m| {
        matches!(
            m.word.as_str(),
            "==" | "!=" | "<" | ">" | "<=" | ">=" | "||" | "&&" | "m"
        )
    });
    let looped = mods
        .iter()
        .find(|m| matches!(m.word.as_str(), "S" | "W" | "P" | "L"));
    let value = if has("l").is_some() {
        body.to_owned()
    } else if has("a").is_some() {
        let code = sub(body)
            .parse::<u8>()
            .ok()
            .filter(|code| (32..=126).contains(code));
        code.map(|code| char::from(code).to_string())
            .unwrap_or_default()
    } else if has("c").is_some() {
        colour::rgb(&sub(body))
            .map(|rgb| format!("{rgb:06x}"))
            .unwrap_or_default()
    } else if let Some(over) = looped {
        repeat(
            body,
            over.word.chars().next().unwrap_or('W'),
            source,
            depth,
            time,
        )
    } else if let Some(name) = has("N") {
        let sort = name
            .args
            .first()
            .and_then(|a| a.chars().next())
            .unwrap_or('w');
        yes(source.exists(sort, &sub(body)))
    } else if let Some(search) = has("C") {
        let flags = search.args.first().cloned().unwrap_or_default();
        source
            .search(&sub(body), flags.contains('r'), flags.contains('i'))
            .to_string()
    } else if let Some(compare) = comparison {
        let (left, right) = two(body)?;
        yes(match compare.word.as_str() {
            "==" => left == right,
            "!=" => left != right,
            "<" => left < right,
            ">" => left > right,
            "<=" => left <= right,
            ">=" => left >= right,
            "||" => truth(&left) || truth(&right),
            "&&" => truth(&left) && truth(&right),
            _ => matches(
                &left,
                &right,
                compare.args.first().map_or("", String::as_str),
            ),
        })
    } else if let Some(condition) = body.strip_prefix('?') {
        conditional(condition, source, depth, time)?
    } else if let Some(expression) = has("e") {
        two(body)
            .and_then(|(left, right)| calculate(&expression.args, &left, &right))
            .unwrap_or_default()
    } else if body.contains("#{") {
        sub(body)
    } else {
        named(&mods, body, source)
    };
    Some(after(&mods, value, &sub))
}

fn conditional<S: Source>(text: &str, source: &S, depth: u32, time: bool) -> Option<String> {
    let sub = |text: &str| deeper(text, source, depth + 1, time);
    let at = skip(text, &[',']);
    let condition = &text[..at];
    let rest = text.get(at + 1..)?;
    let held = if let Some(value) = source.variable(condition) {
        value
    } else {
        let value = sub(condition);
        if value == condition {
            String::new()
        } else {
            value
        }
    };
    let middle = skip(rest, &[',']);
    let otherwise = rest.get(middle + 1..)?;
    Some(sub(if truth(&held) {
        &rest[..middle]
    } else {
        otherwise
    }))
}

fn repeat<S: Source>(body: &str, over: char, source: &S, depth: u32, time: bool) -> String {
    let at = skip(body, &[',']);
    // Only of windows and panes one is the current one.
    let (all, current) = match body.get(at + 1..).filter(|_| over != 'S') {
        Some(current) => (&body[..at], current),
        None => (body, body),
    };
    source
        .each(over)
        .into_iter()
        .map(|(place, is_current)| {
            deeper(
                if is_current { current } else { all },
                &place,
                depth + 1,
                time,
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone)]
    struct Names;

    impl Source for Names {
        fn variable(&self, name: &str) -> Option<String> {
            Some(match name {
                "name" | "session_name" => "main".into(),
                "path" => "/usr/share/x y".into(),
                "zero" => "0".into(),
                "when" => "86400".into(),
                "format" => "<#{name}>".into(),
                _ => return None,
            })
        }
        fn each(&self, _: char) -> Vec<(Self, bool)> {
            vec![(Self, false), (Self, true)]
        }
        fn exists(&self, _: char, name: &str) -> bool {
            name == "main"
        }
        fn job(&self, command: &str) -> String {
            format!("ran {command}")
        }
        fn search(&self, _: &str, _: bool, _: bool) -> u64 {
            0
        }
    }

    #[test]
    fn every_form() {
        for (format, wanted) in [
            ("#{name} #S ## #, x", "main main # , x"),
            ("#{nothing}|", "|"),
            (
                "#{?name,yes,no} #{?zero,yes,no} #{?nothing,yes,no}",
                "yes no no",
            ),
            ("#{?#{==:#{name},main},a#,b,c}", "a,b"),
            (
                "#{==:a,b} #{!=:a,b} #{m:m*,main} #{m/r:^m.i,main} #{||:0,1} #{&&:1,0}",
                "0 1 1 1 1 0",
            ),
            (
                "#{=2:name} #{=-2:name} #{=/2/..:name} #{p6:name}| #{p-6:name}|",
                "ma in ma.. main  |   main|",
            ),
            (
                "#{l:#{name}} #{b:path} #{d:path} #{q:path}",
                "#{name} x y /usr/share /usr/share/x\\ y",
            ),
            (
                "#{s/a(i)/<\\1>/:name} #{n:name} #{E:format}",
                "m<i>n 4 <main>",
            ),
            ("#{e|+:1,2} #{e|/|f|1:1,4} #{a:65}", "3 0.2 A"),
            ("#{W:#{name} ,*#{name}}", "main *main"),
            ("#{N/s:main}#{N/s:x} #(ls -l)", "10 ran ls -l"),
            ("#{=3;b:path}", "x y"),
        ] {
            assert_eq!(expand(format, &Names), wanted, "{format}");
        }
    }
}
