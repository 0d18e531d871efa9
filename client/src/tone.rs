//! Colours of what psup itself prints on a terminal, and how much room there is.

use crate::attach::terminal;

/// What a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Looks {
    pub colours: bool,
    pub columns: usize,
}

/// What a piece of text is, for the eye.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    #[default]
    Plain,
    Heading,
    Faint,
    Good,
    Busy,
    /// Somebody is wanted.
    Wanted,
    Bad,
}

impl Looks {
    /// Wide enough for a line that nobody measures.
    const COLUMNS: usize = 80;

    /// Colours unless `NO_COLOR` is set to something, or the terminal is a dumb one.
    pub(crate) fn of_stdout() -> Self {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let is_dumb = variable("TERM").is_none_or(|term| term == "dumb");
        Self {
            colours: variable("NO_COLOR").is_none() && !is_dumb,
            columns: terminal::size().map_or(Self::COLUMNS, |size| usize::from(size.cols)),
        }
    }

    /// The text in its colour.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        match tone.attributes().filter(|_| self.colours) {
            Some(attributes) if !text.is_empty() => format!("\x1b[{attributes}m{text}\x1b[m"),
            Some(_) | None => text.to_owned(),
        }
    }
}

impl Tone {
    /// From the eight colours that every palette has, so that they suit light and dark ones.
    fn attributes(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Heading => Some("1"),
            Self::Faint => Some("2"),
            Self::Good => Some("32"),
            Self::Busy => Some("36"),
            Self::Wanted => Some("1;33"),
            Self::Bad => Some("31"),
        }
    }
}
