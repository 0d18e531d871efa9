//! `list-buffers`.

use crate::format;
use crate::run::{Access, Call, CommandResult, Entry, Run};
use crate::variables::{View, of_buffer};
use std::rc::Rc;

const BUFFER: &str = "#{buffer_name}: #{buffer_size} bytes: \"#{buffer_sample}\"";

pub(super) const ENTRY: Entry = Entry {
    name: "list-buffers",
    alias: "lsb",
    flags: "F:f:",
    args: (0, Some(0)),
    usage: "[-F format] [-f filter]",
    access: Access::LOOK,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.here();
    let template = call.get('F').unwrap_or(BUFFER);
    let lines: Vec<String> = run
        .state
        .buffers
        .iter()
        .map(|buffer| View {
            extra: Rc::new(of_buffer(buffer)),
            ..run.view(place)
        })
        .filter(|view| {
            call.get('f')
                .is_none_or(|filter| format::truth(&view.expand(filter)))
        })
        .map(|view| view.expand(template))
        .collect();
    lines.iter().for_each(|line| run.print(line));
    Ok(())
}
