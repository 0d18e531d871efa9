//! Colours and styles by their names: enough to tell a right one from a wrong one.

const NAMES: [&str; 10] = [
    "default", "terminal", "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
];

pub(crate) fn is_colour(text: &str) -> bool {
    let lower = text.to_lowercase();
    let number = |rest: &str| rest.parse::<u8>().is_ok();
    if let Some(hex) = text.strip_prefix('#') {
        return hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    }
    NAMES.contains(&lower.as_str())
        || lower == "none"
        || lower
            .strip_prefix("bright")
            .is_some_and(|rest| NAMES[2..].contains(&rest))
        || lower
            .strip_prefix("colour")
            .or_else(|| lower.strip_prefix("color"))
            .is_some_and(number)
        || text
            .parse::<u8>()
            .is_ok_and(|n| n < 8 || (90..98).contains(&n))
        || X11.contains(&lower.as_str())
        || lower
            .strip_prefix("grey")
            .or_else(|| lower.strip_prefix("gray"))
            .is_some_and(|rest| rest.is_empty() || number(rest))
}

/// Red, green and blue of a colour of the palette, or of one that is given by them.
pub(crate) fn rgb(text: &str) -> Option<u32> {
    if !is_colour(text) {
        return None;
    }
    let lower = text.to_lowercase();
    if let Some(hex) = lower.strip_prefix('#') {
        return u32::from_str_radix(hex, 16).ok();
    }
    let named = |name: &str| {
        NAMES[2..]
            .iter()
            .position(|n| *n == name)
            .map(|at| at as u32)
    };
    let numbered = lower
        .strip_prefix("colour")
        .or_else(|| lower.strip_prefix("color"));
    let index = match (
        named(&lower),
        lower.strip_prefix("bright").and_then(named),
        numbered,
    ) {
        (Some(index), _, _) => index,
        (None, Some(index), _) => index + 8,
        (None, None, Some(number)) => number.parse().ok()?,
        (None, None, None) => match lower.parse::<u32>().ok()? {
            bright @ 90..=97 => bright - 82,
            index => index,
        },
    };
    Some(palette(index))
}

/// The sixteen of every terminal, a cube of six levels, and the greys.
fn palette(index: u32) -> u32 {
    const FIRST: [u32; 16] = [
        0x00_0000, 0x80_0000, 0x00_8000, 0x80_8000, 0x00_0080, 0x80_0080, 0x00_8080, 0xc0_c0c0,
        0x80_8080, 0xff_0000, 0x00_ff00, 0xff_ff00, 0x00_00ff, 0xff_00ff, 0x00_ffff, 0xff_ffff,
    ];
    const LEVELS: [u32; 6] = [0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff];
    match index {
        0..=15 => FIRST[index as usize],
        16..=231 => {
            let cube = index as usize - 16;
            (LEVELS[cube / 36] << 16) | (LEVELS[cube / 6 % 6] << 8) | LEVELS[cube % 6]
        }
        _ => (8 + 10 * (index - 232)) * 0x01_0101,
    }
}

/// The colours of X11 that people use.
const X11: [&str; 16] = [
    "orange", "purple", "pink", "brown", "gold", "navy", "maroon", "olive", "teal", "silver",
    "violet", "indigo", "salmon", "khaki", "coral", "tomato",
];

pub(crate) fn is_style(text: &str) -> bool {
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
    text.split([' ', ','])
        .filter(|part| !part.is_empty())
        .all(|part| {
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
