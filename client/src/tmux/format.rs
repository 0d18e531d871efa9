//! Formats: `#{…}` with tmux's modifiers, conditionals, comparisons and loops.

use super::clock;
use super::target::fnmatch;
use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;

/// What variables stand for, and what loops go over.
pub trait Source: Clone {
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

struct Modifier {
    word: String,
    args: Vec<String>,
}

pub fn expand(text: &str, source: &impl Source) -> String {
    deeper(text, source, 0, false)
}

/// With the day's time for `%H` and its like first.
pub fn expand_time(text: &str, source: &impl Source) -> String {
    deeper(text, source, 0, true)
}

/// Whether a format's result counts as yes.
pub fn truth(text: &str) -> bool {
    !text.is_empty() && text != "0"
}

fn deeper<S: Source>(text: &str, source: &S, depth: u32, time: bool) -> String {
    if depth > DEPTH {
        return String::new();
    }
    let timed;
    let text = if time && text.contains('%') {
        timed = clock::strftime(text, clock::now_ms() / 1000);
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
                let Some(end) = closing(rest, '(', ')') else { return out };
                let command = deeper(&rest[1..end], source, depth + 1, time);
                out.push_str(&source.job(&command));
                rest = &rest[end + 1..];
            }
            '{' => {
                let Some(end) = closing(rest, '{', '}') else { return out };
                out.push_str(&replace(&rest[1..end], source, depth + 1, time));
                rest = &rest[end + 1..];
            }
            '#' => {
                let run = rest.len() - rest.trim_start_matches('#').len();
                // Before a style the signs stay, for whoever draws it.
                if rest[run..].starts_with('[') {
                    let all = run + 1;
                    out.extend(std::iter::repeat_n('#', all.div_ceil(2)));
                    rest = &rest[run..];
                    if all % 2 == 0 {
                        out.push('[');
                        rest = &rest[1..];
                    }
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

/// Where the bracket that `text` begins with is closed.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '#' && open == '{' {
            if let Some((_, '{')) = chars.peek() {
                depth += 1;
                chars.next();
            } else if let Some((_, ',' | '#' | '}' | ':')) = chars.peek() {
                chars.next();
            }
            continue;
        }
        if c == open && (open == '(' || at == 0) {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// Where one of these characters stands outside of any `#{…}`.
fn skip(text: &str, ends: &[char]) -> usize {
    let mut depth = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '#' {
            match chars.peek() {
                Some((_, '{')) => {
                    depth += 1;
                    chars.next();
                }
                Some((_, ',' | '#' | '}' | ':')) => drop(chars.next()),
                _ => {}
            }
        } else if c == '}' && depth > 0 {
            depth -= 1;
        } else if depth == 0 && ends.contains(&c) {
            return at;
        }
    }
    text.len()
}

fn modifiers(text: &str) -> (Vec<Modifier>, &str) {
    const ALONE: &str = "labcdnwETSWPL<>";
    const PAIRS: [&str; 6] = ["||", "&&", "!=", "==", "<=", ">="];
    const ARGUED: &str = "mCNst=peq";
    let mut found = Vec::new();
    let mut rest = text;
    let ends = |text: &str| text.starts_with([':', ';']);
    while let Some(c) = rest.chars().next() {
        if c == ':' {
            return (found, &rest[1..]);
        }
        if c == ';' {
            rest = &rest[1..];
            continue;
        }
        let after = &rest[c.len_utf8()..];
        let mut add = |word: &str, args| {
            let word = word.to_owned();
            found.push(Modifier { word, args });
        };
        if ALONE.contains(c) && ends(after) {
            add(&rest[..1], vec![]);
            rest = after;
        } else if let Some(pair) = PAIRS.iter().find(|pair| rest.starts_with(**pair) && ends(&rest[2..])) {
            add(pair, vec![]);
            rest = &rest[2..];
        } else if !ARGUED.contains(c) {
            break;
        } else if ends(after) {
            add(&rest[..1], vec![]);
            rest = after;
        } else if after.starts_with(|c: char| !c.is_ascii_punctuation() || c == '-') {
            let end = skip(after, &[':', ';']);
            add(&rest[..1], vec![after[..end].to_owned()]);
            rest = &after[end..];
        } else if let Some(delimiter) = after.chars().next() {
            let mut args = Vec::new();
            let mut left = &after[delimiter.len_utf8()..];
            loop {
                let end = skip(left, &[delimiter, ':', ';']);
                // Between delimiters the other signs mean nothing.
                let end = match left[end..].chars().next() {
                    Some(d) if d == delimiter => end,
                    _ => {
                        let whole = skip(left, &[delimiter]);
                        if whole < left.len() { whole } else { end }
                    }
                };
                args.push(left[..end].to_owned());
                left = &left[end..];
                if left.is_empty() || !left.starts_with(delimiter) {
                    break;
                }
                left = &left[delimiter.len_utf8()..];
                if left.is_empty() || ends(left) {
                    break;
                }
            }
            add(&rest[..1], args);
            rest = left;
        } else {
            break;
        }
    }
    (Vec::new(), text)
}

fn replace<S: Source>(text: &str, source: &S, depth: u32, time: bool) -> String {
    if depth > DEPTH {
        return String::new();
    }
    let (mods, body) = modifiers(text);
    let has = |word: &str| mods.iter().find(|m| m.word == word);
    let sub = |text: &str| deeper(text, source, depth + 1, time);
    let two = |text: &str| {
        let at = skip(text, &[',']);
        let right = text.get(at + 1..).unwrap_or_default();
        (sub(&text[..at]), sub(right))
    };
    let yes = |held: bool| String::from(if held { "1" } else { "0" });
    let comparison = mods
        .iter()
        .find(|m| matches!(m.word.as_str(), "==" | "!=" | "<" | ">" | "<=" | ">=" | "||" | "&&" | "m"));
    let looped = mods.iter().find(|m| matches!(m.word.as_str(), "S" | "W" | "P" | "L"));
    let value = if has("l").is_some() {
        unescape(body)
    } else if has("a").is_some() {
        sub(body).parse::<u8>().ok().map(|n| char::from(n).to_string()).unwrap_or_default()
    } else if let Some(over) = looped {
        repeat(body, over.word.chars().next().unwrap_or('W'), source, depth, time)
    } else if let Some(name) = has("N") {
        let sort = name.args.first().and_then(|a| a.chars().next()).unwrap_or('w');
        yes(source.exists(sort, &sub(body)))
    } else if let Some(search) = has("C") {
        let flags = search.args.first().cloned().unwrap_or_default();
        source.search(&sub(body), flags.contains('r'), flags.contains('i')).to_string()
    } else if let Some(compare) = comparison {
        let (left, right) = two(body);
        yes(match compare.word.as_str() {
            "==" => left == right,
            "!=" => left != right,
            "<" => left < right,
            ">" => left > right,
            "<=" => left <= right,
            ">=" => left >= right,
            "||" => truth(&left) || truth(&right),
            "&&" => truth(&left) && truth(&right),
            _ => matches(&left, &right, compare.args.first().map_or("", String::as_str)),
        })
    } else if let Some(condition) = body.strip_prefix('?') {
        conditional(condition, source, depth, time)
    } else if let Some(expression) = has("e") {
        let (left, right) = two(body);
        calculate(&expression.args, &left, &right).unwrap_or_default()
    } else if body.contains("#{") {
        sub(body)
    } else {
        named(&mods, body, source)
    };
    after(&mods, value, &sub)
}

fn named<S: Source>(mods: &[Modifier], name: &str, source: &S) -> String {
    let Some(mut value) = source.variable(name) else {
        return String::new();
    };
    for m in mods {
        let arg = m.args.first().map_or("", String::as_str);
        match m.word.as_str() {
            "t" => value = time_of(&value, arg, m.args.get(1)),
            "b" => value = value.rsplit('/').next().unwrap_or_default().to_owned(),
            "d" => value = directory(&value),
            "q" => value = quote(&value, arg),
            _ => {}
        }
    }
    value
}

fn time_of(value: &str, arg: &str, format: Option<&String>) -> String {
    let seconds = value.parse().unwrap_or(0);
    if seconds == 0 {
        return String::new();
    }
    if arg.contains('f')
        && let Some(format) = format
    {
        return clock::strftime(format, seconds);
    }
    if arg.contains('p') {
        return clock::pretty(seconds);
    }
    clock::strftime("%a %b %e %H:%M:%S %Y", seconds)
}

fn directory(path: &str) -> String {
    match path.rsplit_once('/') {
        Some(("", _)) => "/".to_owned(),
        Some((directory, _)) => directory.to_owned(),
        None => ".".to_owned(),
    }
}

fn quote(value: &str, arg: &str) -> String {
    if arg.contains('e') || arg.contains('h') {
        return value.replace('#', "##");
    }
    let mut out = String::new();
    for c in value.chars() {
        if "|&;<>()$`\\\"'*?[# =%".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// What is done to the value once it is there.
fn after(mods: &[Modifier], mut value: String, sub: &dyn Fn(&str) -> String) -> String {
    let nested = |mods: &[Modifier], word: &str| mods.iter().any(|m| m.word == word);
    if nested(mods, "E") || nested(mods, "T") {
        value = if nested(mods, "T") {
            sub(&clock::strftime(&value, clock::now_ms() / 1000))
        } else {
            sub(&value)
        };
    }
    for m in mods.iter().filter(|m| m.word == "s" && m.args.len() >= 2) {
        let flags = m.args.get(2).map_or("", String::as_str);
        value = substitute(&value, &sub(&m.args[0]), &sub(&m.args[1]), flags.contains('i'));
    }
    for m in mods.iter().filter(|m| m.word == "=") {
        let limit: i64 = m.args.first().and_then(|a| sub(a).parse().ok()).unwrap_or(0);
        let marker = m.args.get(1).map(|a| sub(a)).unwrap_or_default();
        value = trim(&value, limit, &marker);
    }
    for m in mods.iter().filter(|m| m.word == "p") {
        let width: i64 = m.args.first().and_then(|a| sub(a).parse().ok()).unwrap_or(0);
        let missing = (width.unsigned_abs() as usize).saturating_sub(value.chars().count());
        let blanks = " ".repeat(missing);
        value = if width > 0 { value + &blanks } else { blanks + &value };
    }
    if nested(mods, "n") {
        value = value.len().to_string();
    }
    if nested(mods, "w") {
        value = value.chars().count().to_string();
    }
    value
}

fn trim(value: &str, limit: i64, marker: &str) -> String {
    let count = value.chars().count();
    let most = limit.unsigned_abs() as usize;
    if limit == 0 || count <= most {
        return value.to_owned();
    }
    if limit > 0 {
        value.chars().take(most).collect::<String>() + marker
    } else {
        marker.to_owned() + &value.chars().skip(count - most).collect::<String>()
    }
}

fn conditional<S: Source>(text: &str, source: &S, depth: u32, time: bool) -> String {
    let sub = |text: &str| deeper(text, source, depth + 1, time);
    let at = skip(text, &[',']);
    if at == text.len() {
        return String::new();
    }
    let condition = &text[..at];
    let rest = &text[at + 1..];
    let held = if let Some(value) = source.variable(condition) {
        value
    } else {
        let value = sub(condition);
        if value == condition { String::new() } else { value }
    };
    let middle = skip(rest, &[',']);
    if truth(&held) {
        sub(&rest[..middle])
    } else {
        sub(rest.get(middle + 1..).unwrap_or_default())
    }
}

fn repeat<S: Source>(body: &str, over: char, source: &S, depth: u32, time: bool) -> String {
    let at = skip(body, &[',']);
    let (all, current) = (&body[..at], body.get(at + 1..).unwrap_or(&body[..at]));
    source
        .each(over)
        .into_iter()
        .map(|(place, is_current)| deeper(if is_current { current } else { all }, &place, depth + 1, time))
        .collect()
}

fn matches(pattern: &str, text: &str, flags: &str) -> bool {
    let fold = flags.contains('i');
    if flags.contains('r') {
        return regex(pattern, fold).is_some_and(|regex| regex.is_match(text));
    }
    if fold {
        fnmatch(&pattern.to_lowercase(), &text.to_lowercase())
    } else {
        fnmatch(pattern, text)
    }
}

pub fn regex(pattern: &str, fold: bool) -> Option<Regex> {
    let syntax = syntax::Config::new().case_insensitive(fold);
    Regex::builder().configure(Config::new()).syntax(syntax).build(pattern).ok()
}

/// Every match, `\1` being its first group.
fn substitute(text: &str, pattern: &str, with: &str, fold: bool) -> String {
    let Some(regex) = regex(pattern, fold) else {
        return text.to_owned();
    };
    let mut out = String::new();
    let mut end = 0;
    for found in regex.captures_iter(text) {
        let Some(span) = found.get_match() else { continue };
        out.push_str(&text[end..span.start()]);
        let mut chars = with.chars();
        while let Some(c) = chars.next() {
            match (c, chars.clone().next().and_then(|d| d.to_digit(10))) {
                ('\\', Some(group)) => {
                    chars.next();
                    out.push_str(found.get_group(group as usize).map_or("", |span| &text[span]));
                }
                (c, _) => out.push(c),
            }
        }
        end = span.end();
    }
    out + &text[end..]
}

fn calculate(args: &[String], left: &str, right: &str) -> Option<String> {
    let operator = args.first()?;
    let float = args.get(1).is_some_and(|a| a.contains('f'));
    let places: usize = args.get(2).and_then(|a| a.parse().ok()).unwrap_or(if float { 2 } else { 0 });
    let (mut a, mut b): (f64, f64) = (left.parse().ok()?, right.parse().ok()?);
    if !float {
        (a, b) = (a.trunc(), b.trunc());
    }
    let held = |held: bool| f64::from(u8::from(held));
    let mut result = match operator.as_str() {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "%" | "m" => a % b,
        "==" => held((a - b).abs() < 1e-9),
        "!=" => held((a - b).abs() > 1e-9),
        "<" => held(a < b),
        ">" => held(a > b),
        "<=" => held(a <= b),
        ">=" => held(a >= b),
        _ => return None,
    };
    if !float {
        result = result.trunc();
    }
    Some(format!("{result:.places$}"))
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('#', Some(&next @ (',' | '#' | '{' | '}' | ':'))) if next != '{' => {
                chars.next();
                out.push(next);
            }
            (c, _) => out.push(c),
        }
    }
    out
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
            ("#{?name,yes,no} #{?zero,yes,no} #{?nothing,yes,no}", "yes no no"),
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
            ("#{s/a(i)/<\\1>/:name} #{n:name} #{E:format}", "m<i>n 4 <main>"),
            ("#{e|+:1,2} #{e|/|f|1:1,4} #{a:65}", "3 0.2 A"),
            ("#{W:#{name} ,*#{name}}", "main *main"),
            ("#{N/s:main}#{N/s:x} #(ls -l)", "10 ran ls -l"),
            ("#{=3;b:path}", "x y"),
        ] {
            assert_eq!(expand(format, &Names), wanted, "{format}");
        }
    }
}
