//! Where a format's parts begin and end: brackets, commas, and the modifiers before the colon.

pub(super) struct Modifier {
    pub word: String,
    pub args: Vec<String>,
}

/// Where the bracket that `text` begins with is closed.
pub(super) fn closing(text: &str, open: char, close: char) -> Option<usize> {
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
pub(super) fn skip(text: &str, ends: &[char]) -> usize {
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

pub(super) fn modifiers(text: &str) -> (Vec<Modifier>, &str) {
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
        } else if let Some(pair) = PAIRS
            .iter()
            .find(|pair| rest.starts_with(**pair) && ends(&rest[2..]))
        {
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
