//! Text with tmux's styles in it, `#[fg=red,bold]`, as cells of this terminal.

use crate::colour;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// How a cell is drawn: colours as the terminal wants them, and attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pen {
    fg: Option<String>,
    bg: Option<String>,
    attributes: BTreeSet<u8>,
}

pub(crate) type Cells = Vec<(char, Pen)>;

const ATTRIBUTES: [(&str, u8); 9] = [
    ("bright", 1),
    ("bold", 1),
    ("dim", 2),
    ("italics", 3),
    ("underscore", 4),
    ("blink", 5),
    ("reverse", 7),
    ("hidden", 8),
    ("strikethrough", 9),
];

impl Pen {
    /// This pen as a style changes it; `default` is another one.
    pub(crate) fn with(&self, style: &str, default: &Self) -> Self {
        let mut pen = self.clone();
        for part in style.split([' ', ',']).filter(|part| !part.is_empty()) {
            if let Some(name) = part.strip_prefix("fg=") {
                pen.fg = coloured(name, default.fg.as_ref(), 30);
            } else if let Some(name) = part.strip_prefix("bg=") {
                pen.bg = coloured(name, default.bg.as_ref(), 40);
            } else if part == "default" {
                pen.clone_from(default);
            } else if part == "none" || part == "noattr" {
                pen.attributes.clear();
            } else if let Some((_, code)) = ATTRIBUTES.iter().find(|(name, _)| *name == part) {
                pen.attributes.insert(*code);
            } else if let Some((_, code)) = ATTRIBUTES
                .iter()
                .find(|(name, _)| Some(*name) == part.strip_prefix("no"))
            {
                pen.attributes.remove(code);
            }
        }
        pen
    }

    /// Only what is behind the letters.
    pub(crate) fn ground(&self) -> Self {
        Self {
            bg: self.bg.clone(),
            ..Self::default()
        }
    }

    /// What the terminal is told before cells of this pen.
    pub(crate) fn sgr(&self) -> String {
        let mut out = String::from("\x1b[0");
        for code in &self.attributes {
            let _ = write!(out, ";{code}");
        }
        for colour in [&self.fg, &self.bg].into_iter().flatten() {
            let _ = write!(out, ";{colour}");
        }
        out + "m"
    }
}

/// A colour by its name; from 30 on of letters, from 40 on of what is behind them.
fn coloured(name: &str, default: Option<&String>, from: u32) -> Option<String> {
    const FIRST: [&str; 8] = [
        "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    ];
    let lower = name.to_lowercase();
    let at = |name: &str| {
        FIRST
            .iter()
            .position(|first| *first == name)
            .map(|at| at as u32)
    };
    let number = lower
        .strip_prefix("colour")
        .or_else(|| lower.strip_prefix("color"));
    match (
        at(&lower),
        lower.strip_prefix("bright").and_then(at),
        number,
    ) {
        _ if lower == "default" => default.cloned(),
        _ if lower == "terminal" => None,
        (Some(index), ..) => Some((from + index).to_string()),
        (_, Some(index), _) => Some((from + 60 + index).to_string()),
        (_, _, Some(number)) => number
            .parse::<u8>()
            .ok()
            .map(|number| format!("{};5;{number}", from + 8)),
        _ => colour::rgb(name).map(|rgb| {
            format!(
                "{};2;{};{};{}",
                from + 8,
                rgb >> 16,
                rgb >> 8 & 255,
                rgb & 255
            )
        }),
    }
}

/// A text as cells; its styles begin at `pen`, and `default` in them is that too.
pub(crate) fn cells(text: &str, pen: &Pen) -> Cells {
    let mut out = Cells::new();
    let (mut now, mut default) = (pen.clone(), pen.clone());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let behind = &rest[c.len_utf8()..];
        if c == '#' && behind.starts_with('#') {
            out.push(('#', now.clone()));
            rest = &behind[1..];
        } else if let Some((style, after)) = behind
            .strip_prefix('[')
            .filter(|_| c == '#')
            .and_then(|r| r.split_once(']'))
        {
            for part in style.split([' ', ',']) {
                match part {
                    "push-default" => default = now.clone(),
                    "pop-default" => default = pen.clone(),
                    part => now = now.with(part, &default),
                }
            }
            rest = after;
        } else {
            if !c.is_control() {
                out.push((c, now.clone()));
            }
            rest = behind;
        }
    }
    out
}

/// Cells as what is written to the terminal.
pub(crate) fn written(cells: &Cells) -> String {
    let mut out = String::new();
    let mut last: Option<&Pen> = None;
    for (c, pen) in cells {
        if last != Some(pen) {
            out.push_str(&pen.sgr());
            last = Some(pen);
        }
        out.push(*c);
    }
    out
}
