//! Another child in the same pane.

use crate::addressing::Place;
use crate::backend::native;
use crate::run::new_pane::Wanted;
use crate::run::{Call, CommandError, CommandResult, Run, error};

impl Run<'_> {
    /// Another child in the same pane.
    pub(crate) fn respawn(
        &mut self,
        id: u32,
        place: Place,
        call: &Call,
        what: &str,
    ) -> CommandResult {
        let Some(old) = self.state.panes.get(&id).cloned() else {
            return Ok(());
        };
        if native::is_native(id) {
            let name = &old.session;
            return error(format!(
                "respawn {what} failed: `psup restart {name}` starts a session of `psup spawn` again"
            ));
        }
        let cell = self
            .state
            .window_of(id)
            .and_then(|w| w.cell(id))
            .map_or((80, 24), |c| (c.sx, c.sy));
        let arguments = if call.args.is_empty() {
            old.arguments.clone()
        } else {
            call.args.clone()
        };
        let cwd = call.get('c').map_or_else(
            || old.start_path.clone(),
            |text| self.expand(text, Some(place)),
        );
        let wanted = Wanted {
            session: place.session,
            arguments,
            cwd: Some(cwd),
            environment: call.all('e').map(str::to_owned).collect(),
            sx: cell.0,
            sy: cell.1,
        };
        let fresh = self.start_pane(id, &wanted);
        let mut fresh = fresh.map_err(|stopped| {
            CommandError::Error(format!("respawn {what} failed: {}", stopped.why()))
        })?;
        fresh.options = old.options;
        fresh.title = old.title;
        self.state.panes.insert(id, fresh);
        Ok(())
    }
}
