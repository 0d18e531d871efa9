//! `find-window`: a tree of the windows in which a text is found.

use crate::run::mode::NewChooser;
use crate::run::{Access, Call, CommandResult, Entry, Run};
use crate::state::chooser::Of;

pub(super) const ENTRY: Entry = Entry {
    name: "find-window",
    alias: "findw",
    flags: "CiNrt:TZ",
    args: (1, Some(1)),
    usage: "[-CiNrTZ] [-t target-pane] match-string",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let list = NewChooser {
        of: Of::Panes,
        template: "switch-client -Zt '%%'".to_owned(),
        filter: filter(call),
    };
    run.enter_mode(call, "tree-mode", Some(list))
}

/// A filter for what is looked for in names, titles and on screens.
fn filter(call: &Call) -> Option<String> {
    let wanted = call.arg(0).unwrap_or_default();
    let flags = format!(
        "{}{}",
        if call.has('r') { "r" } else { "" },
        if call.has('i') { "i" } else { "" }
    );
    let everywhere = !['C', 'N', 'T'].iter().any(|flag| call.has(*flag));
    let pattern = if call.has('r') {
        wanted.to_owned()
    } else {
        format!("*{wanted}*")
    };
    let modifier = if flags.is_empty() {
        "m".to_owned()
    } else {
        format!("m/{flags}")
    };
    let mut all = Vec::new();
    if everywhere || call.has('C') {
        let modifier = if flags.is_empty() {
            "C".to_owned()
        } else {
            format!("C/{flags}")
        };
        all.push(format!("#{{{modifier}:{wanted}}}"));
    }
    if everywhere || call.has('N') {
        all.push(format!("#{{{modifier}:{pattern},#{{window_name}}}}"));
    }
    if everywhere || call.has('T') {
        all.push(format!("#{{{modifier}:{pattern},#{{pane_title}}}}"));
    }
    all.into_iter()
        .reduce(|one, other| format!("#{{||:{one},{other}}}"))
}
