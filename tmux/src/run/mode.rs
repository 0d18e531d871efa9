//! Modes that a pane is in: lists to choose from, and those that are not more than their name.

use crate::addressing::{Place, Sort};
use crate::run::{Call, CommandResult, Run};
use crate::state::chooser::{Chooser, Of};
use std::collections::{BTreeMap, BTreeSet};

/// The list that a command shows.
pub(crate) struct NewChooser {
    pub of: Of,
    /// What is run with the item that is chosen.
    pub template: String,
    pub filter: Option<String>,
}

impl NewChooser {
    /// With the template and the filter that the command was given.
    pub(crate) fn new(of: Of, template: &str, call: &Call) -> Self {
        Self {
            of,
            template: call.arg(0).unwrap_or(template).to_owned(),
            filter: call.get('f').map(str::to_owned),
        }
    }
}

impl Run<'_> {
    pub(crate) fn enter_mode(
        &mut self,
        call: &Call,
        mode: &str,
        list: Option<NewChooser>,
    ) -> CommandResult {
        let place = self.find(call.get('t'), Sort::Pane)?;
        let id = place.need_pane()?;
        if self
            .state
            .panes
            .get(&id)
            .is_some_and(|pane| pane.mode.as_deref() == Some(mode))
        {
            return Ok(());
        }
        let chooser = list.and_then(|list| self.chooser(call, place, list));
        if let Some(pane) = self.state.panes.get_mut(&id) {
            pane.mode = Some(mode.to_owned());
            pane.choosing = chooser.map(Box::new);
        }
        Ok(())
    }

    fn chooser(&mut self, call: &Call, place: Place, list: NewChooser) -> Option<Chooser> {
        let name = self
            .state
            .session(place.session)
            .map(|s| s.name.clone())
            .unwrap_or_default();
        let (index, pane) = (
            place.index.unwrap_or_default(),
            place.pane.unwrap_or_default(),
        );
        let window = place
            .window
            .and_then(|id| self.state.windows.get_mut(&id))?;
        let unzooms = call.has('Z') && window.panes.len() > 1 && window.zoomed.is_none();
        if unzooms {
            window.activate(pane);
            window.zoom(pane);
        }
        let at = match list.of {
            Of::Sessions => format!("={name}:"),
            Of::Panes if window.panes.len() > 1 => format!("={name}:{index}.%{pane}"),
            Of::Windows | Of::Panes => format!("={name}:{index}."),
            Of::Buffers | Of::Clients => String::new(),
        };
        Some(Chooser {
            of: list.of,
            template: list.template,
            format: call.get('F').map(str::to_owned),
            filter: list.filter,
            preview: !call.has('N'),
            unzooms,
            at,
            open: BTreeMap::default(),
            tagged: BTreeSet::default(),
        })
    }
}
