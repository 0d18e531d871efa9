//! `new-window`.

use crate::addressing::{Place, Sort, of_session};
use crate::options;
use crate::run::new_pane::Wanted;
use crate::run::wish::PRINTED;
use crate::run::{Access, Call, CommandError, CommandResult, Entry, Run, error};
use crate::sizing::usual_size;

pub(super) const ENTRY: Entry = Entry {
    name: "new-window",
    alias: "neww",
    flags: "abc:de:F:kn:PSt:",
    args: (0, None),
    usage: "[-abdkPS] [-c start-directory] [-e environment] [-F format] [-n window-name] [-t target-window] [shell-command]",
    access: Access::CHANGE.with_own_hook(),
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Index)?;
    let id = place.session;
    let name = call.get('n').map(|text| run.expand(text, Some(place)));
    if call.has('S')
        && let Some(name) = &name
        && place.index.is_none()
    {
        let session = run.state.session(id).cloned();
        let named = |window: &u32| {
            run.state
                .windows
                .get(window)
                .is_some_and(|w| run.window_name(w) == *name)
        };
        let found: Vec<i32> = session
            .iter()
            .flat_map(|s| s.windows.iter())
            .filter(|(_, w)| named(w))
            .map(|(i, _)| *i)
            .collect();
        match found.as_slice() {
            [] => {}
            [index] => {
                let index = *index;
                if let Some(session) = run.state.session_mut(id).filter(|_| !call.has('d')) {
                    session.select(index);
                }
                return Ok(());
            }
            _ => return error(format!("multiple windows named {name}")),
        }
    }
    let mut index = place.index;
    if call.has('a') || call.has('b') {
        let current = run.state.session(id).map_or(0, |s| s.current);
        let beside = index.unwrap_or(current) + i32::from(call.has('a') && !call.has('b'));
        run.state.make_room(id, beside);
        index = Some(beside);
    }
    let taken = index.is_some_and(|i| {
        run.state
            .session(id)
            .is_some_and(|s| s.windows.contains_key(&i))
    });
    if taken && !call.has('k') {
        return error(format!(
            "create window failed: index {} in use",
            index.unwrap_or(0)
        ));
    }
    let (sx, sy) = usual_size(&run.state, id);
    let wanted = Wanted {
        session: id,
        arguments: call.args.clone(),
        cwd: call
            .get('c')
            .map(|text| run.expand(text, Some(place_or_here(run, place)))),
        environment: call.all('e').map(str::to_owned).collect(),
        sx,
        sy,
    };
    let window = run
        .start_window(&wanted, name.as_deref())
        .map_err(|stopped| {
            CommandError::Error(format!("create window failed: {}", stopped.why()))
        })?;
    let base = options::of_session(&run.state, run.state.session(id), "base-index")
        .parse()
        .unwrap_or(0);
    let mut replaced = None;
    if let Some(session) = run.state.session_mut(id) {
        let index = index.unwrap_or_else(|| session.free_index(base));
        replaced = session.windows.insert(index, window);
        if !call.has('d') || replaced.is_some() && session.current == index {
            session.select(index);
        }
    }
    if let Some(old) = replaced {
        run.state.drop_unlinked(old);
    }
    run.share(id);
    let index = run.state.session(id).and_then(|s| {
        s.windows
            .iter()
            .find(|(_, w)| **w == window)
            .map(|(i, _)| *i)
    });
    let place = Place {
        session: id,
        index,
        window: Some(window),
        pane: run.state.windows.get(&window).map(|w| w.active),
    };
    run.hook("window-linked", Some(place), vec![]);
    if call.has('P') {
        let line = run.expand(call.get('F').unwrap_or(PRINTED), Some(place));
        run.print(&line);
    }
    run.hook_after("new-window", Some(place));
    Ok(())
}

/// Formats of a window that is not there yet are those of the current one.
fn place_or_here(run: &Run, place: Place) -> Place {
    if place.window.is_some() {
        return place;
    }
    run.state
        .session(place.session)
        .map_or(place, |session| of_session(&run.state, session))
}
