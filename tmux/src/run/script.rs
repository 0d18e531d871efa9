//! Text in tmux's language: read as commands, with the state's aliases for them, and run.

use crate::addressing::Place;
use crate::language::{Around, escape};
use crate::run::{Call, CommandResult, Run, split};
use crate::{format, language, options};
use std::rc::Rc;

impl Run<'_> {
    /// A text in tmux's language as words.
    pub(crate) fn words_of(&self, text: &str) -> Result<Vec<Vec<String>>, String> {
        let all = self.read_script(text).map_err(|(_, why)| why)?;
        Ok(all.into_iter().map(|(_, words)| words).collect())
    }

    /// The same with the line of each command; the error is the line and what is wrong there.
    pub(crate) fn read_script(&self, text: &str) -> Result<language::Commands, (usize, String)> {
        let variable = |name: &str| match self.state.environment.get(name) {
            Some(var) => var.value.clone(),
            None => std::env::var(name).ok(),
        };
        let holds = |condition: &str| format::truth(&self.expand(condition, self.here()));
        let around = Around {
            variable: &variable,
            holds: &holds,
        };
        language::read(text, &around)
    }

    pub(crate) fn calls_of(&self, text: &str) -> Result<Vec<Call>, String> {
        self.with_aliases(&self.words_of(text)?)
    }

    /// Whether the user has an alias for one of these commands, which goes before a command of that
    /// name.
    pub(crate) fn has_alias(&self, all: &[Vec<String>]) -> bool {
        let own = options::values(&self.state.server, "command-alias");
        own.iter().any(|(_, alias)| {
            let name = alias.split('=').next().unwrap_or_default();
            all.iter()
                .any(|words| words.first().is_some_and(|word| word == name))
        })
    }

    /// Words as commands, tried once more with the state's own names for commands.
    pub(crate) fn with_aliases(&self, all: &[Vec<String>]) -> Result<Vec<Call>, String> {
        let aliases = options::find("command-alias")
            .map(|entry| options::global(&self.state, entry))
            .unwrap_or_default();
        let mut calls = Vec::new();
        for words in all {
            let alias = aliases.iter().find_map(|(_, alias)| {
                let (name, meaning) = alias.split_once('=')?;
                (words.first().is_some_and(|w| w == name)).then_some(meaning)
            });
            let Some(meaning) = alias else {
                calls.push(self.table.parse(words)?);
                continue;
            };
            for mut expanded in self.words_of(meaning)? {
                expanded.extend(words[1..].iter().cloned());
                calls.push(self.table.parse(&expanded)?);
            }
        }
        Ok(calls)
    }

    /// Runs commands as text at a place, as a key's binding does.
    pub(crate) fn run_text(&mut self, place: Place, text: &str) -> CommandResult {
        let mut calls = Vec::new();
        for words in self.words_of(text)? {
            // A binding is kept with `\;` between its commands.
            calls.extend(self.with_aliases(&split(&words))?);
        }
        let before = self.current.replace(place);
        let done = self.nested(&calls);
        self.current = before;
        done
    }

    /// Commands of a command: what goes wrong in them has been told there.
    pub(crate) fn nested(&mut self, calls: &[Call]) -> CommandResult {
        self.depth += 1;
        let done = self.execute(calls);
        self.depth -= 1;
        done
    }

    /// Runs a configuration's text; nothing of it where a line is wrong.
    pub(crate) fn source(&mut self, text: &str, name: &str) -> CommandResult {
        let all = match self.read_script(text) {
            Ok(all) => all,
            Err((line, why)) => return self.mistake(name, line, &why),
        };
        let mut steps = Vec::new();
        for (line, words) in all {
            match self.with_aliases(&[words]) {
                Ok(calls) => steps.push(calls),
                Err(why) => return self.mistake(name, line, &why),
            }
        }
        let mut extra = (*self.extra).clone();
        extra.retain(|(variable, _)| variable != "current_file");
        extra.push(("current_file".to_owned(), name.to_owned()));
        let before = std::mem::replace(&mut self.extra, Rc::new(extra));
        let done = steps.iter().try_for_each(|calls| self.nested(calls));
        self.extra = before;
        done
    }

    /// Mistakes in files are told like answers.
    fn mistake(&mut self, name: &str, line: usize, why: &str) -> CommandResult {
        self.print(&format!("{name}:{line}: {why}"));
        self.mistaken |= self.alone;
        self.code = 1;
        Ok(())
    }

    /// A script the way tmux shows it: read, and written again.
    pub(crate) fn written(&self, script: &str, between: &str) -> String {
        let Ok(all) = self.words_of(script) else {
            return script.to_owned();
        };
        let one = |words: &Vec<String>| {
            let name = words
                .first()
                .map(|w| self.table.find(w).map_or(w.as_str(), |e| e.name))
                .unwrap_or_default();
            let rest = words.iter().skip(1).map(|w| escape(w));
            std::iter::once(name.to_owned())
                .chain(rest)
                .collect::<Vec<_>>()
                .join(" ")
        };
        all.iter().map(one).collect::<Vec<_>>().join(between)
    }
}
