//! Alerts: what a window says unseen is flagged where it is linked, and told to hooks.

use crate::cmd;
use crate::face::Face;
use crate::options;
use crate::target::Place;
use crate::world::World;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Alert {
    Activity,
    Bell,
    Silence,
}

impl Alert {
    fn sign(self) -> char {
        match self {
            Self::Activity => '#',
            Self::Bell => '!',
            Self::Silence => '~',
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Activity => "activity",
            Self::Bell => "bell",
            Self::Silence => "silence",
        }
    }
}

/// Whether there is a link to the window that has no flag of this sort yet, though it is not looked at; or that a hook is told of in any case.
pub fn is_news(world: &World, window: u32, alert: Alert) -> bool {
    let found = world.windows.get(&window);
    if alert == Alert::Activity && options::of_window(world, found, "monitor-activity") != "on" {
        return false;
    }
    world.links(window).iter().any(|(id, index)| {
        let attached = world.clients.iter().any(|c| c.session == *id);
        world.session(*id).is_some_and(|session| {
            let flagged = session.alerts.get(index).is_some_and(|flags| flags.contains(alert.sign()));
            !flagged && (session.current != *index || !attached || applies(world, *id, true, alert))
        })
    })
}

fn applies(world: &World, session: u32, is_current: bool, alert: Alert) -> bool {
    let option = format!("{}-action", alert.word());
    match options::of_session(world, world.session(session), &option).as_str() {
        "any" => true,
        "current" => is_current,
        "other" => !is_current,
        _ => false,
    }
}

pub fn raise(face: &mut Face, pane: u32, alert: Alert) {
    let Some(window) = face.world.window_of(pane).map(|w| w.id) else {
        return;
    };
    let found = face.world.windows.get(&window);
    if alert == Alert::Bell && options::of_window(&face.world, found, "monitor-bell") != "on" {
        return;
    }
    for (id, index) in face.world.links(window) {
        let attached = face.world.clients.iter().any(|c| c.session == id);
        let Some(session) = face.world.session_mut(id) else { continue };
        let is_current = session.current == index;
        let flags = session.alerts.entry(index).or_default();
        if alert != Alert::Bell && flags.contains(alert.sign()) {
            continue;
        }
        let unseen = !is_current || !attached;
        if unseen && !flags.contains(alert.sign()) {
            flags.push(alert.sign());
        }
        if applies(&face.world, id, is_current, alert) {
            let place = Place {
                session: id,
                index: Some(index),
                window: Some(window),
                pane: Some(pane),
            };
            cmd::run_hook(face, &format!("alert-{}", alert.word()), Some(place), vec![]);
        }
    }
}
