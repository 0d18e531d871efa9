//! The keys of a list to choose from.

use super::Attached;
use crate::chooser::{Item, key_of};
use crate::state::chooser::{Chooser, Of};
use crate::text::filled;

/// What a key did.
enum Did {
    Moved,
    Leaves,
    /// The list is left, and this is run.
    Chose(String),
    /// This is run, and the list stays.
    Runs(String),
}

impl Attached<'_, '_> {
    /// A key to the list in the active pane.
    pub(super) fn choose(&mut self, name: &str) {
        let mut run = self.run();
        if run.open(true).is_err() {
            return;
        }
        let Some(id) = self.active().map(|pane| pane.id) else {
            return;
        };
        let Some(mut choosing) = run
            .state
            .panes
            .get(&id)
            .and_then(|pane| pane.choosing.clone())
        else {
            return;
        };
        let page = self
            .window()
            .and_then(|w| w.cell(id))
            .map_or(10, |cell| cell.sy as usize);
        let items = choosing.items(&run.view(None));
        let did = press(&mut choosing, &items, name, page);
        let stays = matches!(did, Did::Moved | Did::Runs(_));
        if stays && let Some(pane) = run.state.panes.get_mut(&id) {
            pane.choosing = Some(choosing);
        } else {
            run.state.leave_mode(id);
        }
        let _ = run.close();
        self.adopt(run.version(), run.state.clone());
        drop(run);
        self.canvas.clear();
        if let Did::Chose(command) | Did::Runs(command) = did {
            self.command(&command, None, None);
        }
    }
}

fn press(choosing: &mut Chooser, items: &[Item], name: &str, page: usize) -> Did {
    let at = choosing.selected(items);
    let Some(item) = items.get(at) else {
        return Did::Leaves;
    };
    let last = items.len() - 1;
    let hot = (0..items.len()).find(|number| key_of(*number).as_deref() == Some(name));
    if let Some(item) = hot.and_then(|number| items.get(number)) {
        return chosen(choosing, item);
    }
    let to = match name {
        "q" | "Escape" | "C-g" => return Did::Leaves,
        "Enter" => return chosen(choosing, item),
        "Up" | "k" | "C-p" => at.checked_sub(1).unwrap_or(last),
        "Down" | "j" | "C-n" => (at + 1) % items.len(),
        "Home" | "g" => 0,
        "End" | "G" => last,
        "PPage" | "C-b" => at.saturating_sub(page),
        "NPage" | "C-f" => (at + page).min(last),
        "Left" | "h" | "-" if item.open == Some(true) => {
            choosing.open.insert(item.target.clone(), false);
            at
        }
        "Left" | "h" | "-" => items[..at]
            .iter()
            .rposition(|above| above.depth < item.depth)
            .unwrap_or(at),
        "Right" | "l" | "+" if item.open == Some(false) => {
            choosing.open.insert(item.target.clone(), true);
            at
        }
        "Right" | "l" | "+" => (at + 1).min(last),
        "t" => {
            if !choosing.tagged.remove(&item.target) {
                choosing.tagged.insert(item.target.clone());
            }
            (at + 1).min(last)
        }
        "T" => {
            choosing.tagged.clear();
            at
        }
        "C-t" => {
            choosing.tagged = items.iter().map(|item| item.target.clone()).collect();
            at
        }
        "v" => {
            choosing.preview = !choosing.preview;
            at
        }
        _ => return verb(choosing, item, name),
    };
    choosing.at.clone_from(&items[to].target);
    Did::Moved
}

fn chosen(choosing: &Chooser, item: &Item) -> Did {
    Did::Chose(filled(
        &choosing.template,
        std::slice::from_ref(&item.target),
    ))
}

/// Keys that act on the item, or on those that are tagged.
fn verb(choosing: &mut Chooser, item: &Item, name: &str) -> Did {
    let of_tree = match item.depth {
        0 => "session",
        1 => "window",
        _ => "pane",
    };
    let each = |command: &str, tagged: &mut dyn Iterator<Item = &String>| {
        tagged
            .map(|target| format!("{command} '{target}'"))
            .collect::<Vec<_>>()
            .join(" ; ")
    };
    let tagged: Vec<String> = std::mem::take(&mut choosing.tagged).into_iter().collect();
    let kept = |choosing: &mut Chooser| choosing.tagged = tagged.iter().cloned().collect();
    match (choosing.of, name) {
        (Of::Buffers, "p") => chosen(choosing, item),
        (Of::Buffers, "d") => Did::Runs(format!("delete-buffer -b '{}'", item.target)),
        (Of::Buffers, "D") => Did::Runs(each("delete-buffer -b", &mut tagged.iter())),
        (Of::Clients, "d") => Did::Runs(format!("detach-client -t '{}'", item.target)),
        (Of::Clients, "D") => Did::Runs(each("detach-client -t", &mut tagged.iter())),
        (Of::Clients, "x") => Did::Runs(format!("detach-client -P -t '{}'", item.target)),
        (Of::Sessions | Of::Windows | Of::Panes, "x") => {
            kept(choosing);
            Did::Runs(format!(
                "confirm-before -p 'Kill {of_tree} {}?' \"kill-{of_tree} -t '{}'\"",
                item.name, item.target
            ))
        }
        (Of::Sessions | Of::Windows | Of::Panes, "X") if !tagged.is_empty() => {
            let sort = |target: &str| match target {
                _ if target.contains('%') => "kill-pane",
                _ if target.ends_with('.') => "kill-window",
                _ => "kill-session",
            };
            let kills: Vec<String> = tagged
                .iter()
                .map(|target| format!("{} -t '{target}'", sort(target)))
                .collect();
            Did::Runs(format!(
                "confirm-before -p 'Kill {} tagged?' \"{}\"",
                tagged.len(),
                kills.join(" ; ")
            ))
        }
        (Of::Sessions | Of::Windows | Of::Panes, "m") => {
            kept(choosing);
            Did::Runs(format!("select-pane -m -t '{}'", item.target))
        }
        _ => {
            kept(choosing);
            Did::Moved
        }
    }
}
