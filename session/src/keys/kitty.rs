//! The kitty keyboard protocol: keys as the flags say that a program has set.
//!
//! What the protocol leaves in its plain form is written by the room above.

use super::{Special, codepoint, modifiers, special};
use psup_proto::Key;
use psup_proto::key::Code;
use psup_screen::Modes;

/// Releases are told too.
pub(super) const EVENTS: u8 = 1 << 1;
/// The shifted character is told beside the plain one.
const ALTERNATES: u8 = 1 << 2;
/// Also keys that type text are sequences.
const EVERY_KEY: u8 = 1 << 3;
/// The text a key types is told with it.
const TEXT: u8 = 1 << 4;

/// Gives whether the key was written; the others keep their plain form.
pub(super) fn press(key: Key, flags: u8, out: &mut Vec<u8>) -> bool {
    let key = unshifted(key);
    if let Code::Function(3) = key.code {
        // F3's letter is taken by the cursor position report.
        out.extend(match modifiers(key) {
            1 => b"\x1b[13~".to_vec(),
            m => format!("\x1b[13;{m}~").into_bytes(),
        });
        return true;
    }
    let Some(code) = codepoint(key.code) else {
        return false;
    };
    if types(key) && flags & EVERY_KEY == 0 {
        return false;
    }
    let text = text(key).filter(|_| flags & (TEXT | EVERY_KEY) == TEXT | EVERY_KEY);
    let modifiers = match (modifiers(key), text) {
        (1, None) => String::new(),
        (1, Some(text)) => format!(";;{text}"),
        (m, None) => format!(";{m}"),
        (m, Some(text)) => format!(";{m};{text}"),
    };
    out.extend(format!("\x1b[{code}{}{modifiers}u", alternate(key, flags)).bytes());
    true
}

/// What follows a press that was a sequence, for programs that want to know of releases.
pub(super) fn release(key: Key, modes: &Modes, out: &mut Vec<u8>) {
    let key = unshifted(key);
    let every = modes.kitty_flags & EVERY_KEY != 0;
    let m = modifiers(key);
    match (special(key.code, modes), codepoint(key.code)) {
        _ if key.code == Code::Function(3) => out.extend(format!("\x1b[13;{m}:3~").bytes()),
        (Some(Special::Letter(_, letter)), _) => {
            out.extend(format!("\x1b[1;{m}:3{}", char::from(letter)).bytes());
        }
        (Some(Special::Number(1)), _) => out.extend(format!("\x1b[1;{m}:3H").bytes()),
        (Some(Special::Number(4)), _) => out.extend(format!("\x1b[1;{m}:3F").bytes()),
        (Some(Special::Number(number)), _) => out.extend(format!("\x1b[{number};{m}:3~").bytes()),
        // The release of a key that typed its text, and of Enter, Tab and Backspace, is nothing a
        // shell should get.
        (None, Some(code)) if every || !types(key) => {
            let alternate = alternate(key, modes.kitty_flags);
            out.extend(format!("\x1b[{code}{alternate};{m}:3u").bytes());
        }
        (None, _) => {}
    }
}

/// The back tab is a tab with Shift here, and a capital a letter with Shift.
fn unshifted(key: Key) -> Key {
    match key.code {
        Code::BackTab => Key {
            code: Code::Tab,
            shift: true,
            ..key
        },
        Code::Char(c @ 'A'..='Z') => Key {
            code: Code::Char(c.to_ascii_lowercase()),
            shift: true,
            ..key
        },
        _ => key,
    }
}

/// Whether a key has a plain form that no other key has.
fn types(key: Key) -> bool {
    match key.code {
        Code::Char(_) | Code::Space => !key.ctrl && !key.meta,
        Code::Enter | Code::Tab | Code::Backspace => modifiers(key) == 1,
        _ => false,
    }
}

/// The text a key types, as the number of its character.
fn text(key: Key) -> Option<u32> {
    match key.code {
        Code::Char(c) if types(key) && key.shift => c.to_uppercase().next().map(u32::from),
        Code::Char(c) if types(key) => Some(c.into()),
        Code::Space if types(key) => Some(32),
        _ => None,
    }
}

fn alternate(key: Key, flags: u8) -> String {
    match key.code {
        Code::Char(c) if key.shift && flags & ALTERNATES != 0 => {
            let shifted = c.to_uppercase().next().unwrap_or(c);
            if shifted == c.to_ascii_lowercase() {
                String::new()
            } else {
                format!(":{}", u32::from(shifted))
            }
        }
        _ => String::new(),
    }
}
