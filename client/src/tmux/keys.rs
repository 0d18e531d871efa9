//! Keys as tmux names them, and what `send-keys` types for a word.

use psup_proto::input::Part;
use psup_proto::key::{Code, Key};

/// tmux's names, and whether they go without their case.
const NAMES: &[(&str, Code)] = &[
    ("IC", Code::Insert),
    ("Insert", Code::Insert),
    ("DC", Code::Delete),
    ("Delete", Code::Delete),
    ("Home", Code::Home),
    ("End", Code::End),
    ("NPage", Code::PageDown),
    ("PageDown", Code::PageDown),
    ("PgDn", Code::PageDown),
    ("PPage", Code::PageUp),
    ("PageUp", Code::PageUp),
    ("PgUp", Code::PageUp),
    ("Tab", Code::Tab),
    ("BTab", Code::BackTab),
    ("Space", Code::Space),
    ("BSpace", Code::Backspace),
    ("Enter", Code::Enter),
    ("Escape", Code::Escape),
    ("Up", Code::Up),
    ("Down", Code::Down),
    ("Left", Code::Left),
    ("Right", Code::Right),
    ("KP/", Code::Keypad('/')),
    ("KP*", Code::Keypad('*')),
    ("KP-", Code::Keypad('-')),
    ("KP+", Code::Keypad('+')),
    ("KP.", Code::Keypad('.')),
    ("KPEnter", Code::Keypad('\r')),
    ("KP0", Code::Keypad('0')),
    ("KP1", Code::Keypad('1')),
    ("KP2", Code::Keypad('2')),
    ("KP3", Code::Keypad('3')),
    ("KP4", Code::Keypad('4')),
    ("KP5", Code::Keypad('5')),
    ("KP6", Code::Keypad('6')),
    ("KP7", Code::Keypad('7')),
    ("KP8", Code::Keypad('8')),
    ("KP9", Code::Keypad('9')),
];

/// What one argument of `send-keys` types: a key by its name, else its letters.
pub fn typed(word: &str) -> Part {
    named(word).unwrap_or_else(|| Part::Text(word.as_bytes().to_vec()))
}

pub fn is_key(word: &str) -> bool {
    word.eq_ignore_ascii_case("none") || word.eq_ignore_ascii_case("any") || is_mouse(word) || named(word).is_some()
}

pub fn is_mouse(word: &str) -> bool {
    let bare = word.rsplit('-').next().unwrap_or(word);
    ["Mouse", "Wheel", "DoubleClick", "TripleClick", "SecondClick", "User"]
        .iter()
        .any(|p| bare.starts_with(p))
}

/// How tmux writes a key: the same one for every way to name it.
pub fn canonical(word: &str) -> String {
    let mut rest = word;
    let mut ctrl = false;
    if let Some(control) = rest.strip_prefix('^').filter(|r| !r.is_empty()) {
        ctrl = true;
        rest = control;
    }
    let (mut meta, mut shift) = (false, false);
    while rest.len() > 2 && rest.as_bytes()[1] == b'-' {
        match rest.as_bytes()[0] {
            b'C' | b'c' => ctrl = true,
            b'M' | b'm' => meta = true,
            b'S' | b's' => shift = true,
            _ => break,
        }
        rest = &rest[2..];
    }
    let mut name = rest.to_owned();
    if let Some((known, code)) = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(rest)) {
        let first = NAMES.iter().find(|(_, c)| c == code).map_or(*known, |(n, _)| *n);
        first.clone_into(&mut name);
    } else if rest.len() == 1 && ctrl {
        name = rest.to_lowercase();
    }
    format!(
        "{}{}{}{name}",
        if ctrl { "C-" } else { "" },
        if meta { "M-" } else { "" },
        if shift { "S-" } else { "" }
    )
}

/// tmux's order of keys, by a number for each.
pub fn order(key: &str) -> u64 {
    const NAMED: &[&str] = &[
        "Any", "BSpace", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12", "IC", "DC", "Home", "End", "NPage",
        "PPage", "BTab", "Up", "Down", "Left", "Right", "KP/", "KP*", "KP-", "KP7", "KP8", "KP9", "KP+", "KP4", "KP5", "KP6", "KP1", "KP2",
        "KP3", "KPEnter", "KP0", "KP.",
    ];
    const MICE: &[(&str, u64)] = &[
        ("MouseMove", 0),
        ("MouseDown", 1),
        ("MouseUp", 2),
        ("MouseDragEnd", 4),
        ("MouseDrag", 3),
        ("WheelUp", 5),
        ("WheelDown", 6),
        ("Second", 7),
        ("Double", 8),
        ("Triple", 9),
    ];
    const PLACES: &[&str] = &["Pane", "Status", "StatusLeft", "StatusRight", "StatusDefault", "Border"];
    let (mut rest, mut code) = (key, 0u64);
    let mut ctrl = false;
    while rest.len() > 2 && rest.as_bytes()[1] == b'-' {
        match rest.as_bytes()[0] {
            b'C' => ctrl = true,
            b'M' => code += 1 << 44,
            b'S' => code += 1 << 46,
            _ => break,
        }
        rest = &rest[2..];
    }
    let mut chars = rest.chars();
    let single = chars.next().filter(|_| chars.next().is_none());
    let control = match (rest, single) {
        ("Space", _) => Some(0),
        (_, Some(c)) if c.is_ascii_alphabetic() || ('@'..='_').contains(&c) => Some(u64::from(c) & 0x1f),
        _ => None,
    };
    if let (true, Some(control)) = (ctrl, control) {
        return code + control;
    }
    code += u64::from(ctrl) << 45;
    let mouse = || {
        let (_, sort) = MICE.iter().find(|(m, _)| rest.starts_with(m))?;
        let place = PLACES.iter().rposition(|p| rest.ends_with(p))?;
        let button = rest.chars().find_map(|c| c.to_digit(10)).unwrap_or(0);
        Some(u64::from(button) * 8 + sort * 128 + place as u64)
    };
    code + match (rest, single) {
        (_, Some(c)) => u64::from(c),
        ("Tab", _) => 9,
        ("Enter", _) => 13,
        ("Escape", _) => 27,
        ("Space", _) => 32,
        _ => match NAMED.iter().position(|n| *n == rest) {
            Some(at) => (1 << 24) + (1 << 16) + at as u64,
            None => (1 << 24) + mouse().unwrap_or(1 << 15),
        },
    }
}

fn named(word: &str) -> Option<Part> {
    if let Some(hex) = word.strip_prefix("0x") {
        let code = u32::from_str_radix(hex, 16).ok()?;
        return Some(Part::Text(char::from_u32(code)?.to_string().into_bytes()));
    }
    let mut key = Key::plain(Code::Space);
    let mut rest = word;
    if let Some(control) = rest.strip_prefix('^').filter(|rest| !rest.is_empty()) {
        key.ctrl = true;
        rest = control;
    }
    while rest.len() > 1 && rest.as_bytes()[1] == b'-' {
        match rest.as_bytes()[0] {
            b'C' | b'c' => key.ctrl = true,
            b'M' | b'm' => key.meta = true,
            b'S' | b's' => key.shift = true,
            _ => return None,
        }
        rest = &rest[2..];
    }
    let mut chars = rest.chars();
    let only = chars.next().filter(|_| chars.next().is_none());
    key.code = match only {
        Some(c) if c.is_control() => return None,
        Some(' ') => Code::Space,
        Some(c) => Code::Char(c),
        None => by_name(rest)?,
    };
    if let (Code::Char(c), true) = (key.code, key.ctrl) {
        let known = c.is_ascii_alphabetic() || ('@'..='_').contains(&c) || c == '?' || "!#()+,-.0123456789:;<=>'/`".contains(c);
        if !known && c.is_ascii() {
            return None;
        }
    }
    if key.code == Code::Tab && key.shift && !key.ctrl {
        key = Key {
            code: Code::BackTab,
            shift: false,
            ..key
        };
    }
    Some(match key {
        // A character is itself, whatever modes are set.
        Key {
            code: Code::Char(c),
            ctrl: false,
            meta: false,
            shift: false,
        } => Part::Text(c.to_string().into_bytes()),
        key => Part::Key(key),
    })
}

fn by_name(name: &str) -> Option<Code> {
    if let Some(number) = name.strip_prefix(['F', 'f']).and_then(|n| n.parse().ok()) {
        return (1..=12).contains(&number).then_some(Code::Function(number));
    }
    NAMES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_key_or_its_letters() {
        let text = |t: &str| Part::Text(t.as_bytes().to_vec());
        for letters in ["hello", "Entr", "F13", "X-a", "C-", "-", "ls -l", "C-%"] {
            assert_eq!(typed(letters), text(letters), "{letters}");
        }
        assert_eq!(typed("0x41"), text("A"));
        assert_eq!(typed("a"), text("a"));
        for key in [
            "Enter", "enter", "C-c", "^C", "M-x", "F5", "C-Space", "S-Tab", "PgUp", "C-M-Left", "KPEnter",
        ] {
            assert!(matches!(typed(key), Part::Key(_)), "{key}");
        }
    }
}
