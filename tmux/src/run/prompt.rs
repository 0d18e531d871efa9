//! Questions for a client: put into the state, where the client finds them and puts its answer.

use crate::addressing::of_session;
use crate::format;
use crate::run::{Call, CommandError, CommandResult, Run, error};
use crate::state::{Answer, Prompt, PromptKind, State};
use crate::text::filled;

/// What a prompt may be for.
pub(crate) const PROMPT_TYPES: [&str; 4] = ["command", "search", "target", "window-target"];

/// The type that a command was given, if it is one.
pub(crate) fn check_prompt_type(call: &Call) -> Result<Option<&str>, CommandError> {
    match call.get('T') {
        Some(sort) if !PROMPT_TYPES.contains(&sort) => error(format!("invalid type: {sort}")),
        only => Ok(only),
    }
}

impl Run<'_> {
    /// Puts a question to a client, and does what follows from the answer where this process waits
    /// for it.
    pub(crate) fn ask(
        &mut self,
        at: usize,
        sort: PromptKind,
        labels: Vec<String>,
        inputs: Vec<String>,
        template: String,
        waits: bool,
    ) -> CommandResult {
        let client = &self.state.clients[at];
        let name = client.name.clone();
        let place = self
            .state
            .session(client.session)
            .map(|s| of_session(&self.state, s));
        let view = self.view(place);
        let expanded = |all: Vec<String>| {
            all.iter()
                .map(|text| format::expand_time(text, &view))
                .collect()
        };
        let own = self.own_client.as_ref() == Some(&name);
        let prompt = Prompt {
            at_ms: self.moment(),
            sort,
            labels: expanded(labels),
            inputs: expanded(inputs),
            template: template.clone(),
            asker: (waits && !own).then(|| std::process::id() as i32),
            answer: None,
        };
        let at_ms = prompt.at_ms;
        self.state.clients[at].prompt = Some(prompt);
        if own || !waits {
            return Ok(());
        }
        let mine = |state: &State| {
            let client = state.clients.iter().find(|c| c.name == name);
            client
                .and_then(|c| c.prompt.clone())
                .filter(|p| p.at_ms == at_ms)
        };
        self.wait_until(|state| mine(state).is_none_or(|prompt| prompt.answer.is_some()))?;
        let answer = mine(&self.state).and_then(|prompt| prompt.answer);
        if let Some(client) = self.state.clients.iter_mut().find(|c| c.name == name) {
            client.prompt = None;
        }
        match answer {
            Some(Answer::Given(answers)) => {
                self.keep()?;
                match place {
                    Some(place) => self.run_text(place, &filled(&template, &answers)),
                    None => Ok(()),
                }
            }
            Some(Answer::Refused) | None => {
                if sort == PromptKind::Confirm {
                    self.code = 1;
                }
                Ok(())
            }
        }
    }
}
