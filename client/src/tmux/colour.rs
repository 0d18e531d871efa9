//! Colours and styles by their names: enough to tell a right one from a wrong one.

const NAMES: [&str; 10] = [
    "default", "terminal", "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
];

pub fn is_colour(text: &str) -> bool {
    let lower = text.to_lowercase();
    let number = |rest: &str| rest.parse::<u8>().is_ok();
    if let Some(hex) = text.strip_prefix('#') {
        return hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    }
    NAMES.contains(&lower.as_str())
        || lower == "none"
        || lower.strip_prefix("bright").is_some_and(|rest| NAMES[2..].contains(&rest))
        || lower
            .strip_prefix("colour")
            .or_else(|| lower.strip_prefix("color"))
            .is_some_and(number)
        || text.parse::<u8>().is_ok_and(|n| n < 8 || (90..98).contains(&n))
        || X11.contains(&lower.as_str())
        || lower
            .strip_prefix("grey")
            .or_else(|| lower.strip_prefix("gray"))
            .is_some_and(|rest| rest.is_empty() || number(rest))
}

/// The colours of X11 that people use.
const X11: [&str; 16] = [
    "orange", "purple", "pink", "brown", "gold", "navy", "maroon", "olive", "teal", "silver", "violet", "indigo", "salmon", "khaki",
    "coral", "tomato",
];

pub fn is_style(text: &str) -> bool {
    const WORDS: [&str; 21] = [
        "default",
        "ignore",
        "noignore",
        "push-default",
        "pop-default",
        "nolist",
        "norange",
        "noalign",
        "none",
        "bright",
        "bold",
        "dim",
        "underscore",
        "blink",
        "reverse",
        "hidden",
        "italics",
        "overline",
        "strikethrough",
        "double-underscore",
        "curly-underscore",
    ];
    text.split([' ', ',']).filter(|part| !part.is_empty()).all(|part| {
        let bare = part.strip_prefix("no").unwrap_or(part);
        WORDS.contains(&part)
            || WORDS.contains(&bare)
            || matches!(bare, "acs" | "dotted-underscore" | "dashed-underscore")
            || part.starts_with("list=")
            || part.starts_with("range=")
            || part.starts_with("align=")
            || part
                .strip_prefix("fg=")
                .or_else(|| part.strip_prefix("bg="))
                .or_else(|| part.strip_prefix("us="))
                .or_else(|| part.strip_prefix("fill="))
                .is_some_and(is_colour)
    })
}
