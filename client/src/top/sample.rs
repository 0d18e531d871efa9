//! Sessions for the tests of `psup top`.

use super::model::Model;
use psup_proto::info::{Info, State};
use psup_proto::resources::ResourceLimits;
use psup_proto::spec::Restart;
use psup_proto::{SessionId, Size};
use std::collections::BTreeMap;

/// A live session of this name.
pub(super) fn session(name: &str) -> Info {
    Info {
        id: SessionId {
            name: name
                .parse()
                .unwrap_or_else(|_| unreachable!("{name} is a name")),
            life: 1,
        },
        state: State::Running,
        pid: Some(4321),
        foreground: None,
        cwd: b"/".to_vec(),
        command: vec![b"sleep".to_vec(), b"1000".to_vec()],
        size: Size::DEFAULT,
        offset: 0,
        kept_from: 0,
        title: String::new(),
        exit: None,
        restarts: 0,
        next_start_ms: None,
        restart: Restart::No,
        on_boot: false,
        ttl: None,
        labels: BTreeMap::new(),
        started_ms: 0,
        idle: None,
        blocked: None,
        log: None,
        attached: 0,
        keyboard: None,
        resources: ResourceLimits::default(),
        unmet: Vec::new(),
        usage: None,
        restart_limit: None,
        owner: None,
    }
}

/// One supervisor with these sessions.
pub(super) fn listed(names: &[&str]) -> Model {
    let mut model = Model::new(vec![None], false);
    model.listed(0, Ok(names.iter().map(|name| session(name)).collect()));
    model
}

/// What is shown, in order.
pub(super) fn names(model: &Model) -> Vec<String> {
    let shown = model.shown.iter();
    shown
        .map(|at| model.info(*at).id.name.to_string())
        .collect()
}
