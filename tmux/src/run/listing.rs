//! Lists of places: a template for each, as `list-sessions` and its like print them.

use crate::addressing::Place;
use crate::format;
use crate::run::{Call, Run};
use crate::variables::View;
use std::rc::Rc;

/// A place, and the variables that its line has of its own.
pub(super) type Line = (Place, Vec<(String, String)>);

impl Run<'_> {
    /// Prints a template for each place where the filter holds.
    pub(crate) fn list(&mut self, call: &Call, usual: &str, views: Vec<Line>) {
        let template = call.get('F').unwrap_or(usual).to_owned();
        let mut lines = Vec::new();
        for (place, extra) in views {
            let view = View {
                extra: Rc::new(extra),
                ..self.view(Some(place))
            };
            if call
                .get('f')
                .is_none_or(|filter| format::truth(&view.expand(filter)))
            {
                lines.push(view.expand(&template));
            }
        }
        lines.iter().for_each(|line| self.print(line));
    }

    /// The windows of a session, each with its line number.
    pub(crate) fn windows_of(&self, id: u32) -> Vec<Line> {
        let Some(session) = self.state.session(id) else {
            return vec![];
        };
        let place = |(index, window): (&i32, &u32)| Place {
            session: id,
            index: Some(*index),
            window: Some(*window),
            pane: self.state.windows.get(window).map(|w| w.active),
        };
        let numbered = session.windows.iter().map(place).enumerate();
        numbered
            .map(|(n, p)| (p, vec![("line".to_owned(), n.to_string())]))
            .collect()
    }
}
