//! What a tmux command is: its name, what it takes, who may run it, and what it does. Each stands
//! in a file of its own in `commands/`, and the table is the list of those files.

use crate::run::{Call, CommandResult, Run};

pub(crate) struct Entry {
    pub name: &'static str,
    /// Empty where it has none.
    pub alias: &'static str,
    /// Flags as getopt(3) takes them, `:` behind those with a value.
    pub flags: &'static str,
    /// How many arguments it takes: at least, and at most where there is a limit.
    pub args: (usize, Option<usize>),
    pub usage: &'static str,
    pub access: Access,
    pub run: fn(&mut Run<'_>, &Call) -> CommandResult,
}

/// What a command needs, and who may run it.
#[derive(Clone, Copy)]
pub(crate) struct Access {
    pub changes: Changes,
    /// A client that was attached to look may run it too.
    pub read_only: bool,
    /// A server is started for it where none runs.
    pub starts_server: bool,
    /// It runs its `after-…` hook itself, where the place is known.
    pub runs_own_hook: bool,
}

/// Whether a command may change the state, and so has to hold the lock.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changes {
    Always,
    Never,
    /// With `-p` it only prints.
    UnlessPrinting,
}

/// The commands that there are, by name.
#[derive(Clone, Copy)]
pub(crate) struct Table(pub &'static [&'static Entry]);

impl Access {
    pub(crate) const CHANGE: Self = Self {
        changes: Changes::Always,
        read_only: false,
        starts_server: false,
        runs_own_hook: false,
    };
    pub(crate) const LOOK: Self = Self {
        changes: Changes::Never,
        ..Self::CHANGE
    };
    pub(crate) const LOOK_IF_PRINTING: Self = Self {
        changes: Changes::UnlessPrinting,
        ..Self::CHANGE
    };

    pub(crate) const fn for_read_only_clients(self) -> Self {
        Self {
            read_only: true,
            ..self
        }
    }

    pub(crate) const fn starting_a_server(self) -> Self {
        Self {
            starts_server: true,
            ..self
        }
    }

    pub(crate) const fn with_own_hook(self) -> Self {
        Self {
            runs_own_hook: true,
            ..self
        }
    }
}

impl Entry {
    pub(crate) fn usage_line(&self) -> String {
        format!("usage: {} {}", self.name, self.usage)
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Entry {}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Table {
    /// By name, alias, or a prefix that only one has.
    pub(crate) fn find(self, word: &str) -> Result<&'static Entry, String> {
        let is_called = |entry: &&&Entry| {
            entry.name == word || (!entry.alias.is_empty() && entry.alias == word)
        };
        if let Some(entry) = self.0.iter().find(is_called) {
            return Ok(entry);
        }
        let like: Vec<&'static Entry> = self
            .0
            .iter()
            .copied()
            .filter(|entry| entry.name.starts_with(word))
            .collect();
        match like.as_slice() {
            [only] => Ok(only),
            [] => Err(format!("unknown command: {word}")),
            several => {
                let names: Vec<_> = several.iter().map(|entry| entry.name).collect();
                Err(format!(
                    "ambiguous command: {word}, could be: {}",
                    names.join(", ")
                ))
            }
        }
    }

    /// Words as one command; the error is what tmux would say.
    pub(crate) fn parse(self, words: &[String]) -> Result<Call, String> {
        let (word, rest) = words.split_first().ok_or("no command")?;
        let entry = self.find(word)?;
        match Call::read(entry, rest) {
            Ok(call) => Ok(call),
            Err(why) if why.is_empty() => Err(entry.usage_line()),
            Err(why) => Err(format!("command {}: {why}", entry.name)),
        }
    }
}
