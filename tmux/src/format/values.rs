//! What modifiers make of a value.

use super::modifiers::Modifier;
use super::width;
use crate::addressing::fnmatch;
use crate::format::Source;
use crate::time;
use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;

pub(super) fn named<S: Source>(mods: &[Modifier], name: &str, source: &S) -> String {
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
        return time::strftime(format, seconds);
    }
    if arg.contains('p') {
        return time::pretty(seconds);
    }
    time::strftime("%a %b %e %H:%M:%S %Y", seconds)
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
pub(super) fn after(mods: &[Modifier], mut value: String, sub: &dyn Fn(&str) -> String) -> String {
    let nested = |mods: &[Modifier], word: &str| mods.iter().any(|m| m.word == word);
    if nested(mods, "E") || nested(mods, "T") {
        value = if nested(mods, "T") {
            sub(&time::strftime(&value, time::now_ms() / 1000))
        } else {
            sub(&value)
        };
    }
    for m in mods.iter().filter(|m| m.word == "s" && m.args.len() >= 2) {
        let flags = m.args.get(2).map_or("", String::as_str);
        value = substitute(
            &value,
            &sub(&m.args[0]),
            &sub(&m.args[1]),
            flags.contains('i'),
        );
    }
    for m in mods.iter().filter(|m| m.word == "=") {
        let limit: i64 = m
            .args
            .first()
            .and_then(|a| sub(a).parse().ok())
            .unwrap_or(0);
        let marker = m.args.get(1).map(|a| sub(a)).unwrap_or_default();
        value = trim(&value, limit, &marker);
    }
    for m in mods.iter().filter(|m| m.word == "p") {
        let columns: i64 = m
            .args
            .first()
            .and_then(|a| sub(a).parse().ok())
            .unwrap_or(0);
        let blanks = " ".repeat(width::missing(&value, columns.unsigned_abs() as usize));
        value = if columns > 0 {
            value + &blanks
        } else {
            blanks + &value
        };
    }
    if nested(mods, "n") {
        value = value.len().to_string();
    }
    if nested(mods, "w") {
        value = width::width(&value).to_string();
    }
    value
}

fn trim(value: &str, limit: i64, marker: &str) -> String {
    let most = limit.unsigned_abs() as usize;
    if limit == 0 {
        return value.to_owned();
    }
    let cut = if limit > 0 {
        width::left(value, most)
    } else {
        width::right(value, most)
    };
    match (cut == value, limit > 0) {
        (true, _) => cut,
        (false, true) => cut + marker,
        (false, false) => marker.to_owned() + &cut,
    }
}

pub(super) fn matches(pattern: &str, text: &str, flags: &str) -> bool {
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

pub(crate) fn regex(pattern: &str, fold: bool) -> Option<Regex> {
    let syntax = syntax::Config::new().case_insensitive(fold);
    Regex::builder()
        .configure(Config::new())
        .syntax(syntax)
        .build(pattern)
        .ok()
}

/// Every match, `\1` being its first group. An empty match right behind the one before it, or at
/// the beginning, is passed over.
fn substitute(text: &str, pattern: &str, with: &str, fold: bool) -> String {
    let Some(regex) = regex(pattern, fold).filter(|_| !text.is_empty()) else {
        return text.to_owned();
    };
    let mut out = String::new();
    let (mut start, mut last, mut empty) = (0, 0, false);
    while start <= text.len() {
        let mut found = regex.create_captures();
        // Each time the text begins where the search does, as it would for regexec.
        regex.captures(&text[start..], &mut found);
        let Some(span) = found
            .get_match()
            .map(|m| m.start() + start..m.end() + start)
        else {
            break;
        };
        out.push_str(&text[last..span.start]);
        if empty || span.start != last || !span.is_empty() {
            replacement(&mut out, with, |group| {
                found.get_group(group).map_or("", |g| &text[start..][g])
            });
            start = span.end;
            empty = false;
        } else {
            start = span.end + text[span.end..].chars().next().map_or(1, char::len_utf8);
            empty = true;
        }
        last = span.end;
        if pattern.starts_with('^') {
            break;
        }
    }
    out + &text[last.min(text.len())..]
}

/// Groups that matched nothing leave their digit, and a backslash before anything else only goes.
fn replacement<'t>(out: &mut String, with: &str, group: impl Fn(usize) -> &'t str) {
    let mut chars = with.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let Some(next) = chars.next() else { return };
        match next.to_digit(10).map_or("", |digit| group(digit as usize)) {
            "" => out.push(next),
            matched => out.push_str(matched),
        }
    }
}

pub(super) fn calculate(args: &[String], left: &str, right: &str) -> Option<String> {
    let operator = args.first()?;
    let float = args.get(1).is_some_and(|a| a.contains('f'));
    let places: usize = args
        .get(2)
        .and_then(|a| a.parse().ok())
        .unwrap_or(if float { 2 } else { 0 });
    // Nothing is nought.
    let number = |text: &str| {
        if text.is_empty() {
            Some(0.0)
        } else {
            text.trim_start().parse::<f64>().ok()
        }
    };
    let (mut a, mut b) = (number(left)?, number(right)?);
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
        // What no integer can be is the least one.
        result = if result.is_finite() {
            result.trunc()
        } else {
            i64::MIN as f64
        };
    }
    Some(format!("{result:.places$}"))
}
