//! Operating system commands: titles, links, marks, notifications, the clipboard.

use super::palette::{BACKGROUND, FOREGROUND, palette};
use super::sign::{Mark, MarkKind, Sign};
use super::style::Style;
use super::tables::Link;
use super::terminal::Terminal;

/// The longest title, directory or notification kept; longer ones are cut at a character.
const TEXT: usize = 4 << 10;
/// The longest link: what browsers take. A longer one is no link.
const URI: usize = 2083;

impl Terminal {
    /// `at` is how many bytes had been fed when the string was over.
    pub(crate) fn osc(&mut self, body: &[u8], bell: bool, at: u64) {
        let body = String::from_utf8_lossy(body);
        let (code, rest) = body.split_once(';').unwrap_or((&body, ""));
        match code {
            "0" | "2" => self.set_title(cut(rest)),
            "4" => self.palette_query(rest, bell),
            "7" => self.set_cwd(rest),
            "8" => self.set_link(rest),
            "9" => self.notify_or_progress(rest),
            "10" | "11" | "12" if rest == "?" => {
                let colour = if code == "11" { BACKGROUND } else { FOREGROUND };
                self.colour_query(code, colour, bell);
            }
            "52" => self.clipboard(rest),
            "99" => {
                if let Some((_, text)) = rest.split_once(';') {
                    self.notify(text);
                }
            }
            "133" => self.mark(rest, at),
            "777" => {
                if let Some(text) = rest.strip_prefix("notify;") {
                    self.notify(&text.replacen(';', ": ", 1));
                }
            }
            "1337" => {
                if let Some(path) = rest.strip_prefix("CurrentDir=") {
                    self.set_directory(cut(path));
                }
            }
            _ => {}
        }
    }

    pub(crate) fn set_title(&mut self, title: String) {
        if title != self.title {
            self.signs.push(Sign::Title(title.clone()));
            self.title = title;
        }
    }

    /// `4;n;?` and several of them; colours that are set are not kept.
    fn palette_query(&mut self, rest: &str, bell: bool) {
        let mut parts = rest.split(';');
        while let (Some(number), Some(colour)) = (parts.next(), parts.next()) {
            if let (Ok(n), "?") = (number.parse::<u8>(), colour) {
                self.colour_query(&format!("4;{n}"), palette(n), bell);
            }
        }
    }

    /// `file://host/path`, or a bare path.
    fn set_cwd(&mut self, url: &str) {
        let path = match url.strip_prefix("file://") {
            Some(rest) => rest.find('/').map_or("", |slash| &rest[slash..]),
            None => url,
        };
        if path.starts_with('/') {
            self.set_directory(unescape(&cut(path)));
        }
    }

    fn set_directory(&mut self, path: String) {
        if self.cwd.as_ref() != Some(&path) {
            self.signs.push(Sign::Cwd(path.clone()));
            self.cwd = Some(path);
        }
    }

    /// `params;uri`; an empty one ends the link.
    fn set_link(&mut self, rest: &str) {
        let (params, uri) = rest.split_once(';').unwrap_or(("", ""));
        let id = params
            .split(':')
            .find_map(|param| param.strip_prefix("id="))
            .unwrap_or_default();
        let link = if uri.is_empty() || uri.len() + id.len() > URI {
            0
        } else {
            self.tables.links.id(&Link {
                uri: uri.to_owned(),
                id: id.to_owned(),
            })
        };
        self.set_style(Style { link, ..self.style });
    }

    /// ConEmu's `9;4;state;percent` is progress, everything else a notification.
    fn notify_or_progress(&mut self, rest: &str) {
        let mut parts = rest.split(';');
        if (parts.next(), rest.len() > 1) != (Some("4"), true) {
            return self.notify(rest);
        }
        let state = parts.next().unwrap_or("0");
        let percent = parts
            .next()
            .and_then(|p| p.parse::<u8>().ok())
            .map(|p| p.min(100));
        let progress = match state {
            "1" | "2" | "4" => Some(percent.unwrap_or(0)),
            _ => None,
        };
        self.signs.push(Sign::Progress(progress));
    }

    fn notify(&mut self, text: &str) {
        if !text.is_empty() {
            self.signs.push(Sign::Notification(cut(text)));
        }
    }

    /// Only writing: what is on a clipboard is never told.
    fn clipboard(&mut self, rest: &str) {
        let Some((_, data)) = rest.split_once(';') else {
            return;
        };
        if let Some(bytes) = base64(data.as_bytes()).filter(|_| data != "?") {
            self.signs.push(Sign::Clipboard(
                String::from_utf8_lossy(&bytes).into_owned(),
            ));
        }
    }

    fn mark(&mut self, rest: &str, at: u64) {
        let (letter, params) = rest.split_once(';').unwrap_or((rest, ""));
        let kind = match letter {
            "A" => MarkKind::Prompt,
            "B" => MarkKind::Input,
            "C" => MarkKind::Output,
            "D" => MarkKind::End {
                exit: params.split(';').next().and_then(|code| code.parse().ok()),
            },
            _ => return,
        };
        let mark = Mark {
            kind,
            line: self.line_number(),
            col: self.cursor.col as u16,
            at,
            params: cut(params),
        };
        self.signs.push(Sign::Mark(mark));
    }
}

fn cut(text: &str) -> String {
    let end = (0..=TEXT.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0);
    text[..end].chars().filter(|c| !c.is_control()).collect()
}

/// Percent escapes resolved.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| {
                std::str::from_utf8(after.get(..2)?)
                    .ok()
                    .and_then(|hex| u8::from_str_radix(hex, 16).ok())
            })
            .flatten();
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() {
            &after[2..]
        } else {
            after
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Base64 with or without padding; `None` if it is not.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits) = (0_u32, 0);
    for &byte in text.iter().filter(|b| **b != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}
