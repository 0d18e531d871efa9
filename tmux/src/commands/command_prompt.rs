//! `command-prompt`: lines or keys asked of a client, and a command with the answers.

use crate::run::prompt::PROMPT_TYPES;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};
use crate::state::PromptKind;

pub(super) const ENTRY: Entry = Entry {
    name: "command-prompt",
    alias: "",
    flags: "1bFkiI:Np:t:T:",
    args: (0, Some(1)),
    usage: "[-1bFkiN] [-I inputs] [-p prompts] [-t target-client] [-T type] [template]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let at = run.client(call.get('t'))?;
    if run.state.clients[at].prompt.is_some() {
        return Ok(());
    }
    let template = call.arg(0).unwrap_or("%1").to_owned();
    let labels: Vec<String> = match (call.get('p'), call.arg(0)) {
        (Some(labels), _) => labels.split(',').map(|label| format!("{label} ")).collect(),
        (None, Some(template)) => {
            let first = template.split([' ', ',']).next().unwrap_or_default();
            let name = run.table.find(first).map_or(first, |entry| entry.name);
            vec![format!("({name}) ")]
        }
        (None, None) => vec![":".to_owned()],
    };
    if let Some(sort) = call.get('T').filter(|sort| !PROMPT_TYPES.contains(sort)) {
        return error(format!("unknown type: {sort}"));
    }
    let sort = match () {
        () if call.has('1') => PromptKind::Single,
        () if call.has('N') => PromptKind::Number,
        () if call.has('i') => PromptKind::Incremental,
        () if call.has('k') => PromptKind::Key,
        () => PromptKind::Line,
    };
    let inputs = call
        .get('I')
        .map(|all| all.split(',').map(str::to_owned).collect())
        .unwrap_or_default();
    let waits = !call.has('b') && !call.has('i');
    run.ask(at, sort, labels, inputs, template, waits)
}
