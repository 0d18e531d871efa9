//! Text in the forms that tmux and the shell want: names, samples on one line, quotes, numbers,
//! templates.

/// What cannot be shown is shown as its escape.
pub(crate) fn visible(c: char) -> Vec<char> {
    match c {
        '\t' => vec!['\\', 't'],
        '\n' => vec!['\\', 'n'],
        '\\' => vec!['\\', '\\'],
        c if c.is_control() => format!("\\{:03o}", c as u32).chars().collect(),
        c => vec![c],
    }
}

/// A session's name as it may be: `:` and `.` have a meaning in targets. `None` for an empty one.
pub(crate) fn session_name(name: &str) -> Option<String> {
    if name.is_empty() {
        return None;
    }
    let legal = name
        .chars()
        .map(|c| if c == ':' || c == '.' { '_' } else { c });
    Some(legal.flat_map(visible).collect())
}

/// What may stand in the name of a psup session, from any text.
pub(crate) fn readable(text: &str, most: usize) -> String {
    let legal = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let name: String = text.chars().take(most).map(legal).collect();
    if name.is_empty() {
        "x".to_owned()
    } else {
        name
    }
}

/// The beginning of a buffer on one line.
pub(crate) fn sample(bytes: &[u8]) -> String {
    const LENGTH: usize = 200;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LENGTH)]).into_owned();
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push_str(&format!("\\{:03o}", c as u32)),
            c => out.push(c),
        }
    }
    if bytes.len() > LENGTH {
        out + "..."
    } else {
        out
    }
}

/// One word for a shell.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// strtonum(3), whose words tmux passes on.
pub(crate) fn number(text: &str, least: i64, most: i64) -> Result<i64, &'static str> {
    match text.trim_start().parse::<i64>() {
        Ok(n) if n < least => Err("too small"),
        Ok(n) if n > most => Err("too large"),
        Ok(n) => Ok(n),
        Err(e) => match e.kind() {
            std::num::IntErrorKind::PosOverflow => Err("too large"),
            std::num::IntErrorKind::NegOverflow => Err("too small"),
            _ => Err("invalid"),
        },
    }
}

/// `80x24`
pub(crate) fn size(text: &str) -> Option<(i32, i32)> {
    let (x, y) = text.split_once('x')?;
    Some((x.parse().ok()?, y.parse().ok()?))
}

/// A template with its answers: `%%` and `%1` the first, `%2` the second; `%%%` with what is
/// special in quotes escaped.
pub(crate) fn filled(template: &str, answers: &[String]) -> String {
    let mut out = String::new();
    let mut rest = template;
    let mut first_used = false;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let number = rest
            .chars()
            .next()
            .and_then(|c| c.to_digit(10))
            .filter(|n| *n > 0);
        let index = match number {
            Some(number) => number as usize - 1,
            None if rest.starts_with('%') && !first_used => {
                first_used = true;
                0
            }
            None => {
                out.push('%');
                continue;
            }
        };
        let Some(answer) = answers.get(index) else {
            out.push('%');
            continue;
        };
        rest = &rest[1..];
        match rest.strip_prefix('%') {
            Some(behind) => {
                rest = behind;
                for c in answer.chars() {
                    if "\"\\$;~".contains(c) {
                        out.push('\\');
                    }
                    out.push(c);
                }
            }
            None => out.push_str(answer),
        }
    }
    out + rest
}
