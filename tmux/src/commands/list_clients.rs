//! `list-clients`.

use crate::addressing::{Sort, of_session};
use crate::run::{Access, Call, CommandResult, Entry, Run};
use crate::variables::View;

const CLIENT: &str = "#{client_name}: #{session_name} [#{client_width}x#{client_height} #{client_termname}]#{?#{!=:#{client_uid},#{uid}}, user #{?client_user,#{client_user},#{client_uid}},}#{?client_flags, (,}#{client_flags}#{?client_flags,),}";

pub(super) const ENTRY: Entry = Entry {
    name: "list-clients",
    alias: "lsc",
    flags: "F:t:",
    args: (0, Some(0)),
    usage: "[-F format] [-t target-session]",
    access: Access::LOOK.for_read_only_clients(),
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let only = match call.get('t') {
        Some(target) => Some(run.find(Some(target), Sort::Session)?.session),
        None => None,
    };
    let template = call.get('F').unwrap_or(CLIENT);
    let lines: Vec<String> = run
        .state
        .clients
        .iter()
        .filter(|client| only.is_none_or(|session| client.session == session))
        .map(|client| {
            let place = run
                .state
                .session(client.session)
                .map(|s| of_session(&run.state, s));
            let view = View {
                client: Some(client),
                ..run.view(place)
            };
            view.expand(template)
        })
        .collect();
    lines.iter().for_each(|line| run.print(line));
    Ok(())
}
