//! Globs of session names: `*`, `?`, `[a-z]` and `[!a-z]`, over the whole name.

/// Whether a name matches.
pub fn matches(glob: &str, name: &str) -> bool {
    matches_bytes(glob.as_bytes(), name.as_bytes())
}

fn matches_bytes(glob: &[u8], name: &[u8]) -> bool {
    match (glob.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            (0..=name.len()).any(|taken| matches_bytes(rest, &name[taken..]))
        }
        (Some((b'?', glob)), Some((_, name))) => matches_bytes(glob, name),
        (Some((b'[', class)), Some((byte, name))) => match class.iter().position(|b| *b == b']') {
            Some(end) => in_class(&class[..end], *byte) && matches_bytes(&class[end + 1..], name),
            None => false,
        },
        (Some((literal, glob)), Some((byte, name))) => literal == byte && matches_bytes(glob, name),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn in_class(class: &[u8], byte: u8) -> bool {
    let (class, wanted) = match class.strip_prefix(b"!") {
        Some(rest) => (rest, false),
        None => (class, true),
    };
    let mut rest = class;
    let mut found = false;
    while let Some((low, after)) = rest.split_first() {
        if let [b'-', high, after @ ..] = after {
            found |= (low..=high).contains(&&byte);
            rest = after;
        } else {
            found |= *low == byte;
            rest = after;
        }
    }
    found == wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_is_held_against_the_whole_name() {
        for (glob, name, yes) in [
            ("agent-*", "agent-1", true),
            ("agent-*", "my-agent-1", false),
            ("w?b", "web", true),
            ("w?b", "wb", false),
            ("w[0-9a]", "w7", true),
            ("w[!0-9]", "w7", false),
            ("w[!0-9]", "wx", true),
            ("a.b", "axb", false),
            ("*", "", true),
            ("[", "a", false),
        ] {
            assert_eq!(matches(glob, name), yes, "{glob} {name}");
        }
    }
}
