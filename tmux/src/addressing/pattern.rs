//! fnmatch(3), by which names are compared with patterns.

/// fnmatch(3): `*`, `?`, `[a-z]`, `[!a]` and `\`.
pub(crate) fn fnmatch(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    matches(&pattern, &text)
}

fn matches(pattern: &[char], text: &[char]) -> bool {
    let Some((first, rest)) = pattern.split_first() else {
        return text.is_empty();
    };
    match first {
        '*' => (0..=text.len()).any(|skip| matches(rest, &text[skip..])),
        '?' => !text.is_empty() && matches(rest, &text[1..]),
        '[' => match (class(rest), text.split_first()) {
            (Some((set, negated, after)), Some((c, text))) => {
                in_class(set, *c) != negated && matches(after, text)
            }
            (None, Some(('[', text))) => matches(rest, text),
            _ => false,
        },
        '\\' if !rest.is_empty() => text.first() == rest.first() && matches(&rest[1..], &text[1..]),
        c => text.first() == Some(c) && matches(rest, &text[1..]),
    }
}

fn class(rest: &[char]) -> Option<(&[char], bool, &[char])> {
    let negated = matches!(rest.first(), Some('!' | '^'));
    let rest = if negated { &rest[1..] } else { rest };
    let end = rest.iter().skip(1).position(|c| *c == ']')? + 1;
    Some((&rest[..end], negated, &rest[end + 1..]))
}

fn in_class(set: &[char], c: char) -> bool {
    let mut at = 0;
    while at < set.len() {
        if at + 2 < set.len() && set[at + 1] == '-' {
            if (set[at]..=set[at + 2]).contains(&c) {
                return true;
            }
            at += 3;
        } else {
            if set[at] == c {
                return true;
            }
            at += 1;
        }
    }
    false
}
