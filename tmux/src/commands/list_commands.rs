//! `list-commands`.

use crate::run::{Access, Call, CommandResult, Entry, Run};
use crate::variables::View;
use std::rc::Rc;

pub(super) const ENTRY: Entry = Entry {
    name: "list-commands",
    alias: "lscm",
    flags: "F:",
    args: (0, Some(1)),
    usage: "[-F format] [command]",
    access: Access::LOOK.starting_a_server(),
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let wanted = |e: &&&Entry| {
        call.arg(0)
            .is_none_or(|name| e.name == name || (e.alias == name && !name.is_empty()))
    };
    for entry in run.table.0.iter().filter(wanted) {
        let line = match call.get('F') {
            Some(template) => {
                let extra = vec![
                    ("command_list_name".to_owned(), entry.name.to_owned()),
                    ("command_list_alias".to_owned(), entry.alias.to_owned()),
                    ("command_list_usage".to_owned(), entry.usage.to_owned()),
                ];
                let view = View {
                    extra: Rc::new(extra),
                    ..run.view(None)
                };
                view.expand(template)
            }
            None if entry.alias.is_empty() => format!("{} {}", entry.name, entry.usage),
            None => format!("{} ({}) {}", entry.name, entry.alias, entry.usage),
        };
        if !line.is_empty() {
            run.print(&line);
        }
    }
    Ok(())
}
