//! Words as they would have to be written.

/// A word as it would have to be written, the way tmux shows commands and options.
pub(crate) fn escape(text: &str) -> String {
    const QUOTED: &str = " #';${}%";
    if text.is_empty() {
        return "''".to_owned();
    }
    let has = |set: &str| text.contains(|c| set.contains(c));
    let mut chars = text.chars();
    if let (Some(only), None) = (chars.next(), chars.next())
        && (QUOTED.contains(only) || only == '"' || only == '~')
        && only != ' '
    {
        return format!("\\{only}");
    }
    if has(QUOTED) {
        let mut out = String::from("\"");
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' | '\\' => {
                    out.push('\\');
                    out.push(c);
                }
                '$' if chars
                    .peek()
                    .is_some_and(|n| n.is_ascii_alphabetic() || matches!(n, '_' | '{')) =>
                {
                    out.push_str("\\$");
                }
                c => out.push_str(&visible(c)),
            }
        }
        return out + "\"";
    }
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '~' if at == 0 => out.push_str("\\~"),
            c => out.push_str(&visible(c)),
        }
    }
    out
}

fn visible(c: char) -> String {
    match c {
        '\n' => "\\n".into(),
        '\r' => "\\r".into(),
        '\t' => "\\t".into(),
        '\x07' => "\\a".into(),
        '\x08' => "\\b".into(),
        '\x0b' => "\\v".into(),
        '\x0c' => "\\f".into(),
        '\x1b' => "\\033".into(),
        c if c.is_ascii_control() => format!("\\{:03o}", c as u32),
        c => c.to_string(),
    }
}
