//! Keys and pastes as the bytes a terminal sends for them, in the modes the program has set.
//!
//! Plain keys are sent as tmux sends them, because that is the terminal programs are told they are
//! in. A program that asked for the kitty keyboard protocol (`kitty`) or for xterm's
//! modifyOtherKeys gets those.

mod kitty;

use psup_proto::Key;
use psup_proto::key::Code;
use psup_screen::Modes;

/// The bytes of one key, pressed and released.
pub fn encode(key: Key, modes: &Modes, out: &mut Vec<u8>) {
    let key = named(key);
    press(key, modes, out);
    if modes.kitty_flags & kitty::EVENTS != 0 {
        kitty::release(key, modes, out);
    }
}

fn press(key: Key, modes: &Modes, out: &mut Vec<u8>) {
    if modes.kitty_flags != 0 && kitty::press(key, modes.kitty_flags, out) {
        return;
    }
    if modes.modify_other_keys > 0 && other(key, modes.modify_other_keys, out) {
        return;
    }
    match special(key.code, modes) {
        Some(Special::Letter(introducer, letter)) => {
            if modifiers(key) == 1 {
                out.extend([0x1b, introducer, letter]);
            } else {
                out.extend(format!("\x1b[1;{}{}", modifiers(key), char::from(letter)).bytes());
            }
        }
        // tmux's Home and End: numbers when plain, letters when modified.
        Some(Special::Number(1)) if modifiers(key) > 1 => {
            out.extend(format!("\x1b[1;{}H", modifiers(key)).bytes());
        }
        Some(Special::Number(4)) if modifiers(key) > 1 => {
            out.extend(format!("\x1b[1;{}F", modifiers(key)).bytes());
        }
        Some(Special::Number(number)) => {
            if modifiers(key) == 1 {
                out.extend(format!("\x1b[{number}~").bytes());
            } else {
                out.extend(format!("\x1b[{number};{}~", modifiers(key)).bytes());
            }
        }
        None => typed(key, modes, out),
    }
}

/// A paste on its way, in one piece or several: in brackets if the program asked for them. Ends of
/// lines become what Enter sends, as in every terminal, and the text cannot close the brackets
/// itself.
#[derive(Debug)]
pub struct Paste {
    bracketed: bool,
    /// The end of what was given so far, if it could be the beginning of a bracket.
    held: Vec<u8>,
    after_return: bool,
}

const BRACKETS: [&[u8]; 2] = [b"\x1b[200~", b"\x1b[201~"];

impl Paste {
    pub fn begin(modes: &Modes, out: &mut Vec<u8>) -> Self {
        if modes.bracketed_paste {
            out.extend_from_slice(BRACKETS[0]);
        }
        Self {
            bracketed: modes.bracketed_paste,
            held: Vec::new(),
            after_return: false,
        }
    }

    pub fn text(&mut self, text: &[u8], out: &mut Vec<u8>) {
        let begin = out.len();
        out.append(&mut self.held);
        for &byte in text {
            match byte {
                b'\n' if self.after_return => {}
                b'\n' => out.push(b'\r'),
                byte => out.push(byte),
            }
            self.after_return = byte == b'\r';
            // Taking one bracket out may put another together, so what has been written is looked
            // at.
            while self.bracketed
                && BRACKETS
                    .iter()
                    .any(|bracket| out[begin..].ends_with(bracket))
            {
                out.truncate(out.len() - BRACKETS[0].len());
            }
        }
        if self.bracketed {
            let written = &out[begin..];
            let longest = written.len().min(BRACKETS[0].len() - 1);
            let begun = |length: &usize| {
                BRACKETS
                    .iter()
                    .any(|bracket| bracket.starts_with(&written[written.len() - length..]))
            };
            let held = (1..=longest).rev().find(begun).unwrap_or(0);
            self.held = out.split_off(out.len() - held);
        }
    }

    pub fn end(self, out: &mut Vec<u8>) {
        out.extend(self.held);
        if self.bracketed {
            out.extend_from_slice(BRACKETS[1]);
        }
    }
}

enum Special {
    /// `ESC introducer letter`, or `CSI 1;m letter`.
    Letter(u8, u8),
    /// `CSI number ~`.
    Number(u8),
}

/// xterm's number for the modifiers, 1 for none.
fn modifiers(key: Key) -> u8 {
    1 + u8::from(key.shift) + 2 * u8::from(key.meta) + 4 * u8::from(key.ctrl)
}

/// F13 to F20 are the shifted F1 to F8, as terminfo has it; the shifted Tab is the back tab.
fn named(key: Key) -> Key {
    match key.code {
        Code::Function(n @ 13..=20) => Key {
            code: Code::Function(n - 12),
            shift: true,
            ..key
        },
        Code::Tab if key.shift => Key {
            code: Code::BackTab,
            shift: false,
            ..key
        },
        _ => key,
    }
}

fn special(code: Code, modes: &Modes) -> Option<Special> {
    let arrow = if modes.app_cursor { b'O' } else { b'[' };
    Some(match code {
        Code::Up => Special::Letter(arrow, b'A'),
        Code::Down => Special::Letter(arrow, b'B'),
        Code::Right => Special::Letter(arrow, b'C'),
        Code::Left => Special::Letter(arrow, b'D'),
        Code::Function(n @ 1..=4) => Special::Letter(b'O', b'P' + n - 1),
        Code::Function(n) => Special::Number(function_number(n)),
        Code::Home => Special::Number(1),
        Code::Insert => Special::Number(2),
        Code::Delete => Special::Number(3),
        Code::End => Special::Number(4),
        Code::PageUp => Special::Number(5),
        Code::PageDown => Special::Number(6),
        Code::Char(_)
        | Code::Enter
        | Code::Escape
        | Code::Tab
        | Code::BackTab
        | Code::Space
        | Code::Backspace
        | Code::Keypad(_) => {
            return None;
        }
    })
}

/// The numbers have holes where the VT220's keyboard had them.
fn function_number(n: u8) -> u8 {
    match n {
        0..=5 => 10 + n,
        6..=10 => 11 + n,
        11.. => 12 + n,
    }
}

/// Keys that are characters: Meta is ESC before them, Ctrl makes a control of them where there is
/// one.
fn typed(key: Key, modes: &Modes, out: &mut Vec<u8>) {
    if key.meta {
        out.push(0x1b);
    }
    match key.code {
        Code::Space => character(' ', key, out),
        Code::Enter => out.push(b'\r'),
        Code::Escape => out.push(0x1b),
        Code::Tab => out.push(b'\t'),
        Code::BackTab => out.extend(b"\x1b[Z"),
        Code::Backspace => out.push(if key.ctrl { 0x08 } else { 0x7f }),
        Code::Keypad(c) if modes.app_keypad => out.extend([0x1b, b'O', keypad_letter(c)]),
        Code::Char(c) | Code::Keypad(c) => character(c, key, out),
        Code::Up
        | Code::Down
        | Code::Left
        | Code::Right
        | Code::Home
        | Code::End
        | Code::PageUp
        | Code::PageDown
        | Code::Insert
        | Code::Delete
        | Code::Function(_) => {}
    }
}

fn character(c: char, key: Key, out: &mut Vec<u8>) {
    let c = if key.shift && c.is_ascii_lowercase() {
        c.to_ascii_uppercase()
    } else {
        c
    };
    match control(c).filter(|_| key.ctrl) {
        Some(byte) => out.push(byte),
        None => out.extend(c.encode_utf8(&mut [0; 4]).bytes()),
    }
}

/// The control that Ctrl makes of a character.
fn control(c: char) -> Option<u8> {
    Some(match c {
        ' ' | '2' | '@' => 0,
        'a'..='z' => c as u8 - b'a' + 1,
        'A'..='Z' | '['..='_' => c as u8 - b'@',
        '3' | '{' => 27,
        '4' | '|' => 28,
        '5' | '}' => 29,
        '6' | '~' => 30,
        '7' | '-' | '/' => 31,
        '8' | '?' => 127,
        _ => return None,
    })
}

fn keypad_letter(c: char) -> u8 {
    match c {
        '0'..='9' => c as u8 - b'0' + b'p',
        '\r' => b'M',
        // `* + , - . /` stand in one row: 0x2a to 0x2f are sent as `j` to `o`.
        _ => (c as u8).wrapping_add(b'@'),
    }
}

/// xterm's modifyOtherKeys: what would be lost otherwise is sent as `CSI 27;m;code~`. Level 1 keeps
/// what has a plain form.
fn other(key: Key, level: u8, out: &mut Vec<u8>) -> bool {
    let Some(code) = codepoint(key.code) else {
        return false;
    };
    let shift_only = key.shift && !key.ctrl && !key.meta;
    let plain = match key.code {
        Code::Char(c) => shift_only || (level == 1 && (!key.ctrl || control(c).is_some())),
        _ => level == 1 && !key.ctrl && !key.shift,
    };
    if modifiers(key) == 1 || plain {
        return false;
    }
    out.extend(format!("\x1b[27;{};{code}~", modifiers(key)).bytes());
    true
}

/// The number by which both protocols call a key: its character without Shift.
fn codepoint(code: Code) -> Option<u32> {
    Some(match code {
        Code::Char(c) => c.to_ascii_lowercase() as u32,
        Code::Space => 32,
        Code::Enter => 13,
        Code::Escape => 27,
        Code::Tab => 9,
        Code::Backspace => 127,
        _ => return None,
    })
}
