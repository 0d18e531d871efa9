//! Questions on the status line: edited here, answered here or by the command that asks.

use super::Attached;
use crate::state::{Answer, Prompt, PromptKind};
use crate::text::filled;

/// A question under way.
pub(super) struct Prompting {
    prompt: Prompt,
    answers: Vec<String>,
    line: Vec<char>,
    cursor: usize,
}

/// What a key did to a question.
enum Step {
    On,
    Done(Answer),
    /// The command runs, and the question stays.
    Changed(String),
}

impl Prompting {
    pub(super) fn begin(prompt: Prompt) -> Self {
        let mut asking = Self {
            prompt,
            answers: vec![],
            line: vec![],
            cursor: 0,
        };
        asking.fill();
        asking
    }

    pub(super) fn at_ms(&self) -> u64 {
        self.prompt.at_ms
    }

    fn fill(&mut self) {
        self.line = self
            .prompt
            .inputs
            .get(self.answers.len())
            .map(|i| i.chars().collect())
            .unwrap_or_default();
        self.cursor = self.line.len();
    }

    /// What stands on the status line, and the cursor's column in it.
    pub(super) fn shown(&self) -> (String, usize) {
        let label = self
            .prompt
            .labels
            .get(self.answers.len())
            .map_or("", String::as_str);
        let line: String = self.line.iter().collect();
        (
            format!("{label}{line}"),
            label.chars().count() + self.cursor,
        )
    }

    fn press(&mut self, name: &str) -> Step {
        match self.prompt.sort {
            PromptKind::Confirm => Step::Done(if name.eq_ignore_ascii_case("y") {
                Answer::Given(vec![])
            } else {
                Answer::Refused
            }),
            PromptKind::Key => self.answered(name.to_owned()),
            PromptKind::Single => match character(name) {
                Some(c) => self.answered(c.to_string()),
                None => Step::Done(Answer::Refused),
            },
            PromptKind::Number if !name.starts_with(|c: char| c.is_ascii_digit()) => {
                let line = self.line.iter().collect();
                self.answered(line)
            }
            PromptKind::Line | PromptKind::Number => self.edit(name),
            PromptKind::Incremental => {
                let before = self.line.clone();
                match self.edit(name) {
                    Step::On if self.line != before => Step::Changed(self.line.iter().collect()),
                    Step::On => Step::On,
                    Step::Changed(_) | Step::Done(_) => Step::Done(Answer::Refused),
                }
            }
        }
    }

    fn edit(&mut self, name: &str) -> Step {
        match name {
            "Enter" | "C-j" => {
                let line = self.line.iter().collect();
                return self.answered(line);
            }
            "Escape" | "C-c" | "C-g" => return Step::Done(Answer::Refused),
            "BSpace" | "C-h" => {
                if self.cursor > 0 {
                    self.cursor -= 1;
                    self.line.remove(self.cursor);
                } else if self.line.is_empty() {
                    return Step::Done(Answer::Refused);
                }
            }
            "DC" | "C-d" if self.cursor < self.line.len() => drop(self.line.remove(self.cursor)),
            "Left" | "C-b" => self.cursor = self.cursor.saturating_sub(1),
            "Right" | "C-f" => self.cursor = (self.cursor + 1).min(self.line.len()),
            "Home" | "C-a" => self.cursor = 0,
            "End" | "C-e" => self.cursor = self.line.len(),
            "C-u" => {
                self.line.clear();
                self.cursor = 0;
            }
            "C-k" => self.line.truncate(self.cursor),
            "C-w" => {
                let is_blank = |c: &char| *c == ' ';
                while self.cursor > 0 && is_blank(&self.line[self.cursor - 1]) {
                    self.cursor -= 1;
                    self.line.remove(self.cursor);
                }
                while self.cursor > 0 && !is_blank(&self.line[self.cursor - 1]) {
                    self.cursor -= 1;
                    self.line.remove(self.cursor);
                }
            }
            name => {
                if let Some(c) = character(name) {
                    self.line.insert(self.cursor, c);
                    self.cursor += 1;
                }
            }
        }
        Step::On
    }

    fn answered(&mut self, answer: String) -> Step {
        self.answers.push(answer);
        if self.answers.len() < self.prompt.labels.len() {
            self.fill();
            return Step::On;
        }
        Step::Done(Answer::Given(std::mem::take(&mut self.answers)))
    }
}

/// The character that a key types.
fn character(name: &str) -> Option<char> {
    let mut chars = name.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Some(c),
        _ => (name == "Space").then_some(' '),
    }
}

impl Attached<'_, '_> {
    pub(super) fn prompted(&mut self, name: &str) {
        let Some(asking) = &mut self.prompt else {
            return;
        };
        match asking.press(name) {
            Step::On => {}
            Step::Changed(line) => {
                let command = filled(&asking.prompt.template, &[line]);
                self.command(&command, None, None);
            }
            Step::Done(answer) => {
                let Some(asking) = self.prompt.take() else {
                    return;
                };
                self.answer(&asking.prompt, answer);
            }
        }
    }

    /// To the process that asks, where one does; else it is done here.
    fn answer(&mut self, prompt: &Prompt, answer: Answer) {
        let mut run = self.run();
        if run.open(true).is_err() {
            return;
        }
        let waits = prompt.asker.is_some_and(crate::platform::lives);
        if let Some(client) = run.state.clients.iter_mut().find(|c| c.name == self.name) {
            client.prompt = waits.then(|| Prompt {
                answer: Some(answer.clone()),
                ..prompt.clone()
            });
        }
        let _ = run.close();
        self.adopt(run.version(), run.state.clone());
        drop(run);
        if let (false, Answer::Given(answers)) = (waits, answer) {
            let command = filled(&prompt.template, &answers);
            self.command(&command, None, None);
        }
    }
}
