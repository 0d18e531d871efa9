//! Rows in colour as tmux writes them: only what changes, and across rows.

/// The style at a place: attributes as tmux orders them, colours as their parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Style {
    attrs: u16,
    fg: Vec<u16>,
    bg: Vec<u16>,
    line: Vec<u16>,
}

/// tmux's attributes and what sets them; 42 is `4:2`.
const ATTRS: [(u16, &str); 13] = [
    (1, "1"),
    (2, "2"),
    (4, "3"),
    (8, "4"),
    (16, "5"),
    (32, "7"),
    (64, "8"),
    (128, "9"),
    (256, "4:2"),
    (512, "4:3"),
    (1024, "4:4"),
    (2048, "4:5"),
    (4096, "5:3"),
];
const UNDERLINES: u16 = 8 | 256 | 512 | 1024 | 2048;

/// Goes from row to row with the style in which the last one ended.
#[derive(Default)]
pub(crate) struct Pen {
    last: Style,
}

impl Pen {
    /// A row with SGR of any kind, as tmux would have written it. Each row begins in the default
    /// style.
    pub(crate) fn row(&mut self, row: &str, escaped: bool) -> String {
        let mut style = Style::default();
        let mut out = String::new();
        let mut rest = row;
        while !rest.is_empty() {
            if let Some(sequence) = rest.strip_prefix('\x1b') {
                if let Some((params, after)) =
                    sequence.strip_prefix('[').and_then(|s| s.split_once('m'))
                {
                    style.apply(params);
                    rest = after;
                } else if let Some((_, after)) = sequence
                    .strip_prefix("]8;")
                    .and_then(|s| s.split_once("\x1b\\"))
                {
                    rest = after;
                } else {
                    rest = sequence;
                }
                continue;
            }
            let end = rest.find('\x1b').unwrap_or(rest.len());
            self.change(&style, &mut out, if escaped { "\\033" } else { "\x1b" });
            if escaped {
                out.push_str(&rest[..end].replace('\\', "\\\\"));
            } else {
                out.push_str(&rest[..end]);
            }
            rest = &rest[end..];
        }
        out
    }

    fn change(&mut self, style: &Style, out: &mut String, escape: &str) {
        let mut before = self.last.attrs;
        let mut words: Vec<&str> = Vec::new();
        let removed =
            before & !style.attrs != 0 || (!self.last.line.is_empty() && style.line.is_empty());
        if removed {
            words.push("0");
            before = 0;
        }
        words.extend(
            ATTRS
                .iter()
                .filter(|(bit, _)| style.attrs & !before & bit != 0)
                .map(|(_, word)| *word),
        );
        if !words.is_empty() {
            out.push_str(&format!("{escape}[{}m", words.join(";")));
        }
        for (new, old, none) in [
            (&style.fg, &self.last.fg, Some(39)),
            (&style.bg, &self.last.bg, Some(49)),
            (&style.line, &self.last.line, None),
        ] {
            let told = |colour: &Vec<u16>| {
                if colour.is_empty() {
                    none.map(|n| vec![n]).unwrap_or_default()
                } else {
                    colour.clone()
                }
            };
            let (new, old) = (told(new), told(old));
            if !new.is_empty() && (new != old || removed) {
                let words: Vec<String> = new.iter().map(ToString::to_string).collect();
                out.push_str(&format!("{escape}[{}m", words.join(";")));
            }
        }
        self.last = style.clone();
    }
}

impl Style {
    fn apply(&mut self, params: &str) {
        let mut words = params.split(';').peekable();
        while let Some(word) = words.next() {
            if let Some(kind) = word.strip_prefix("4:") {
                self.attrs &= !UNDERLINES;
                self.attrs |= match kind {
                    "0" => 0,
                    "2" => 256,
                    "3" => 512,
                    "4" => 1024,
                    "5" => 2048,
                    _ => 8,
                };
                continue;
            }
            let code: u16 = word.parse().unwrap_or(0);
            match code {
                0 => *self = Self::default(),
                1 => self.attrs |= 1,
                2 => self.attrs |= 2,
                3 => self.attrs |= 4,
                4 => self.attrs = self.attrs & !UNDERLINES | 8,
                5 | 6 => self.attrs |= 16,
                7 => self.attrs |= 32,
                8 => self.attrs |= 64,
                9 => self.attrs |= 128,
                21 => self.attrs = self.attrs & !UNDERLINES | 256,
                22 => self.attrs &= !3,
                23 => self.attrs &= !4,
                24 => self.attrs &= !UNDERLINES,
                25 => self.attrs &= !16,
                27 => self.attrs &= !32,
                28 => self.attrs &= !64,
                29 => self.attrs &= !128,
                53 => self.attrs |= 4096,
                55 => self.attrs &= !4096,
                30..=37 | 90..=97 => self.fg = vec![code],
                40..=47 | 100..=107 => self.bg = vec![code],
                39 => self.fg.clear(),
                49 => self.bg.clear(),
                59 => self.line.clear(),
                38 | 48 | 58 => {
                    let mut colour = vec![code];
                    let count = match words.peek() {
                        Some(&"5") => 2,
                        Some(&"2") => 4,
                        _ => 0,
                    };
                    colour.extend((0..count).filter_map(|_| words.next()?.parse::<u16>().ok()));
                    match code {
                        38 => self.fg = colour,
                        48 => self.bg = colour,
                        _ => self.line = colour,
                    }
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_is_written_across_rows() {
        let mut pen = Pen::default();
        assert_eq!(
            pen.row("a \x1b[0;1;31mred\x1b[m b", false),
            "a \x1b[1m\x1b[31mred\x1b[0m\x1b[39m\x1b[49m b"
        );
        assert_eq!(pen.row("\x1b[0;38;5;200mx", false), "\x1b[38;5;200mx");
        assert_eq!(pen.row("y", false), "\x1b[39my");
    }
}
