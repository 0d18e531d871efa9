//! `confirm-before`: a command once a client has said yes.

use crate::run::{Access, Call, CommandResult, Entry, Run};
use crate::state::PromptKind;

pub(super) const ENTRY: Entry = Entry {
    name: "confirm-before",
    alias: "confirm",
    flags: "bp:t:",
    args: (1, Some(1)),
    usage: "[-b] [-p prompt] [-t target-client] command",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let at = run.client(call.get('t'))?;
    let template = call.arg(0).unwrap_or_default().to_owned();
    let calls = run.calls_of(&template)?;
    let label = match call.get('p') {
        Some(label) => format!("{label} "),
        None => format!(
            "Confirm '{}'? (y/n) ",
            calls.first().map_or("", |call| call.name())
        ),
    };
    run.ask(
        at,
        PromptKind::Confirm,
        vec![label],
        vec![],
        template,
        !call.has('b'),
    )
}
