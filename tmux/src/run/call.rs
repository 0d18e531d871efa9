//! A command with its flags and arguments, as tmux's own getopt reads them.

use super::entry::{Changes, Entry};
use crate::text::number;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub entry: &'static Entry,
    flags: Vec<(char, Option<String>)>,
    pub args: Vec<String>,
}

impl Call {
    /// The flags and arguments of a command; the error is empty where the usage says it all.
    pub(crate) fn read(entry: &'static Entry, words: &[String]) -> Result<Self, String> {
        let mut call = Self {
            entry,
            flags: Vec::new(),
            args: Vec::new(),
        };
        let mut words = words.iter().peekable();
        while let Some(word) = words.peek() {
            let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
                break;
            };
            words.next();
            if letters == "-" {
                break;
            }
            let mut rest = letters.chars();
            while let Some(flag) = rest.next() {
                if flag == '?' {
                    return Err(String::new());
                }
                if !flag.is_ascii_alphanumeric() {
                    return Err(format!("invalid flag -{flag}"));
                }
                let Some(at) = entry.flags.find(flag) else {
                    return Err(format!("unknown flag -{flag}"));
                };
                let behind = &entry.flags[at + 1..];
                if !behind.starts_with(':') {
                    call.flags.push((flag, None));
                    continue;
                }
                let attached = rest.as_str();
                // At the end of the words tmux takes it as the flag without a value.
                let value = Some(attached)
                    .filter(|attached| !attached.is_empty())
                    .map(str::to_owned)
                    .or_else(|| words.next().cloned());
                call.flags.push((flag, value));
                break;
            }
        }
        call.args = words.cloned().collect();
        let (least, most) = entry.args;
        if call.args.len() < least {
            return Err(format!("too few arguments (need at least {least})"));
        }
        if let Some(most) = most.filter(|most| call.args.len() > *most) {
            return Err(format!("too many arguments (need at most {most})"));
        }
        Ok(call)
    }

    pub(crate) fn name(&self) -> &'static str {
        self.entry.name
    }

    /// Whether it may change the state, and so has to hold the lock.
    pub(crate) fn changes(&self) -> bool {
        match self.entry.access.changes {
            Changes::Always => true,
            Changes::Never => false,
            Changes::UnlessPrinting => !self.has('p'),
        }
    }

    pub(crate) fn has(&self, flag: char) -> bool {
        self.flags.iter().any(|(f, _)| *f == flag)
    }

    /// The last value of a flag.
    pub(crate) fn get(&self, flag: char) -> Option<&str> {
        self.all(flag).last()
    }

    pub(crate) fn all(&self, flag: char) -> impl Iterator<Item = &str> {
        self.flags
            .iter()
            .filter(move |(f, _)| *f == flag)
            .filter_map(|(_, value)| value.as_deref())
    }

    pub(crate) fn arg(&self, at: usize) -> Option<&str> {
        self.args.get(at).map(String::as_str)
    }

    /// A number within bounds, or tmux's word for what is wrong with it.
    pub(crate) fn number(
        &self,
        flag: char,
        least: i64,
        most: i64,
    ) -> Result<Option<i64>, &'static str> {
        self.get(flag)
            .map(|value| number(value, least, most))
            .transpose()
    }
}

/// A command line of the shell as commands: an argument that ends in `;` ends a command, unless it
/// ends in `\;`.
pub(crate) fn split(words: &[String]) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    let mut command: Vec<String> = Vec::new();
    for word in words {
        let Some(cut) = word.strip_suffix(';') else {
            command.push(word.clone());
            continue;
        };
        if let Some(escaped) = cut.strip_suffix('\\') {
            command.push(format!("{escaped};"));
            continue;
        }
        if !cut.is_empty() {
            command.push(cut.to_owned());
        }
        commands.push(std::mem::take(&mut command));
    }
    commands.push(command);
    commands.retain(|command| !command.is_empty());
    commands
}
