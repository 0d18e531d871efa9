//! Lists to choose from: `choose-tree`, `choose-buffer`, `choose-client`. Like copy mode it is data
//! in the state; clients show it and take its keys.

use crate::addressing::{Place, of_session};
use crate::state::chooser::{Chooser, Of};
use crate::state::{Client, Session};
use crate::style::{Cells, Pen};
use crate::variables::{View, names, of_buffer};
use crate::{format, options, style};
use std::rc::Rc;

pub(crate) struct Item {
    /// What a template is given for it.
    pub target: String,
    pub name: String,
    pub text: String,
    pub depth: usize,
    /// The last one on its branch, and whether the one above it is.
    last: bool,
    under_last: bool,
    /// Whether it shows what is below it, where something is.
    pub open: Option<bool>,
    /// Nothing is below any of its like.
    flat: bool,
    /// What the preview shows.
    pane: Option<u32>,
    lines: Vec<String>,
}

const SESSION: &str = "#{session_windows} windows#{?session_grouped, (group #{session_group}: #{session_group_list}),}#{?session_attached, (attached),}";
const WINDOW: &str = "#{?window_marked_flag,#[reverse],}#{window_name}#{window_flags}#{?#{&&:#{==:#{window_panes},1},#{&&:#{pane_title},#{!=:#{pane_title},#{host_short}}}},: \"#{pane_title}\",}";
const PANE: &str = "#{?pane_marked,#[reverse],}#{pane_current_command}#{?pane_active,*,}#{?pane_marked,M,}#{?#{&&:#{pane_title},#{!=:#{pane_title},#{host_short}}},: \"#{pane_title}\",}";
const BUFFER: &str = "#{t/p:buffer_created}: #{buffer_sample}";
const CLIENT: &str = "#{t/p:client_activity}: session #{session_name}";

impl Chooser {
    /// All that is shown now, in order.
    pub(crate) fn items(&self, view: &View) -> Vec<Item> {
        match self.of {
            Of::Buffers => self.buffers(view),
            Of::Clients => self.clients(view),
            Of::Sessions | Of::Windows | Of::Panes => self.tree(view),
        }
    }

    /// The place of the selected item among them.
    pub(crate) fn selected(&self, items: &[Item]) -> usize {
        items
            .iter()
            .position(|item| item.target == self.at)
            .unwrap_or(0)
    }

    fn is_open(&self, target: &str, usual: bool) -> bool {
        self.open.get(target).copied().unwrap_or(usual)
    }

    fn shows(&self, view: &View) -> bool {
        self.filter
            .as_ref()
            .is_none_or(|filter| format::truth(&view.expand(filter)))
    }

    fn text(&self, view: &View, usual: &str) -> String {
        view.expand(self.format.as_deref().unwrap_or(usual))
    }

    fn tree(&self, view: &View) -> Vec<Item> {
        let mut sessions: Vec<&Session> = view.state.sessions.values().collect();
        sessions.sort_by_key(|session| session.id);
        let mut items = Vec::new();
        let count = sessions.len();
        for (at, session) in sessions.into_iter().enumerate() {
            let below = self.windows(view, session, at + 1 == count);
            if below.is_empty() {
                continue;
            }
            let place = of_session(view.state, session);
            let target = format!("={}:", session.name);
            let open = self.is_open(&target, self.of != Of::Sessions);
            items.push(Item {
                text: self.text(&view.at(Some(place)), SESSION),
                target,
                name: session.name.clone(),
                depth: 0,
                last: at + 1 == count,
                under_last: false,
                open: Some(open),
                flat: false,
                pane: place.pane,
                lines: vec![],
            });
            items.extend(below.into_iter().filter(|_| open));
        }
        items
    }

    fn windows(&self, view: &View, session: &Session, under_last: bool) -> Vec<Item> {
        let mut items = Vec::new();
        let end = session.windows.keys().next_back();
        for (index, id) in &session.windows {
            let Some(window) = view.state.windows.get(id) else {
                continue;
            };
            let place = Place {
                session: session.id,
                index: Some(*index),
                window: Some(*id),
                pane: Some(window.active),
            };
            let shown: Vec<u32> = window
                .panes
                .iter()
                .copied()
                .filter(|pane| {
                    self.shows(&view.at(Some(Place {
                        pane: Some(*pane),
                        ..place
                    })))
                })
                .collect();
            if shown.is_empty() {
                continue;
            }
            let target = format!("={}:{index}.", session.name);
            let several = window.panes.len() > 1;
            let open = self.is_open(&target, self.of == Of::Panes);
            items.push(Item {
                text: self.text(&view.at(Some(place)), WINDOW),
                name: index.to_string(),
                depth: 1,
                last: Some(index) == end,
                under_last,
                open: several.then_some(open),
                flat: false,
                pane: place.pane,
                lines: vec![],
                target: target.clone(),
            });
            for pane in shown.iter().filter(|_| several && open) {
                items.push(Item {
                    target: format!("{target}%{pane}"),
                    name: names::pane_index(view.state, window, *pane).to_string(),
                    text: self.text(
                        &view.at(Some(Place {
                            pane: Some(*pane),
                            ..place
                        })),
                        PANE,
                    ),
                    depth: 2,
                    last: Some(pane) == shown.last(),
                    under_last: Some(index) == end,
                    open: None,
                    flat: true,
                    pane: Some(*pane),
                    lines: vec![],
                });
            }
        }
        let flat = items.iter().all(|item| item.open.is_none());
        for item in items.iter_mut().filter(|item| item.depth == 1) {
            item.flat = flat;
        }
        items
    }

    fn flat(&self, view: &View, name: &str, usual: &str) -> Option<Item> {
        self.shows(view).then(|| Item {
            target: name.to_owned(),
            name: name.to_owned(),
            text: self.text(view, usual),
            depth: 0,
            last: false,
            under_last: false,
            open: None,
            flat: true,
            pane: view.place.and_then(|place| place.pane),
            lines: vec![],
        })
    }

    fn buffers(&self, view: &View) -> Vec<Item> {
        let each = view.state.buffers.iter().filter_map(|buffer| {
            let bytes = buffer.data.bytes();
            let of_item = View {
                extra: Rc::new(of_buffer(buffer)),
                ..view.at(None)
            };
            let mut item = self.flat(&of_item, &buffer.name, BUFFER)?;
            item.lines = String::from_utf8_lossy(bytes)
                .lines()
                .map(str::to_owned)
                .collect();
            Some(item)
        });
        each.collect()
    }

    fn clients(&self, view: &View) -> Vec<Item> {
        let mut clients: Vec<&Client> = view.state.clients.iter().collect();
        clients.sort_by_key(|client| &client.name);
        let each = clients.into_iter().filter_map(|client| {
            let place = view
                .state
                .session(client.session)
                .map(|s| of_session(view.state, s));
            let of_item = View {
                client: Some(client),
                ..view.at(place)
            };
            self.flat(&of_item, &client.name, CLIENT)
        });
        each.collect()
    }

    /// The rows of a pane of this size, as they are written to a terminal, and which of them is the
    /// selected one.
    pub(crate) fn rows(&self, view: &View, (sx, sy): (usize, usize)) -> (Vec<String>, usize) {
        let items = self.items(view);
        let at = self.selected(&items);
        let height = self.height(items.len(), sy);
        let offset = (at + 1).saturating_sub(height);
        let style = options::of_window(view.state, None, "mode-style");
        let chosen = Pen::default().with(&style, &Pen::default());
        let keys = items.len().min(36);
        let width = if keys > 10 { 6 } else { 4 };
        let mut rows: Vec<String> = Vec::new();
        for (number, item) in items.iter().enumerate().skip(offset).take(height) {
            let pen = if number == at {
                chosen.clone()
            } else {
                Pen::default()
            };
            let key = key_of(number).map_or_else(String::new, |key| format!("({key})"));
            let tag = if self.tagged.contains(&item.target) {
                "*"
            } else {
                ""
            };
            let head = format!("{key:width$}{}{}{tag}: ", branch(item), item.name);
            let mut cells: Cells = head.chars().map(|c| (c, pen.clone())).collect();
            cells.extend(style::cells(&item.text, &pen));
            cells.truncate(sx);
            if number == at {
                cells.extend(std::iter::repeat_n((' ', pen.ground()), sx - cells.len()));
            }
            rows.push(style::written(&cells));
        }
        rows.resize(height, String::new());
        if let Some(item) = items.get(at).filter(|_| height < sy) {
            rows.extend(self.preview(view, item, (sx, sy - height)));
        }
        (rows, at - offset)
    }

    /// How many rows the list has; the rest is the preview's.
    fn height(&self, lines: usize, sy: usize) -> usize {
        let two_thirds = sy / 3 * 2;
        let height = if two_thirds > lines {
            sy / 2
        } else {
            two_thirds
        };
        if !self.preview || height < 10 || sy - height < 2 {
            sy
        } else {
            height
        }
    }

    fn preview(&self, view: &View, item: &Item, (sx, rows): (usize, usize)) -> Vec<String> {
        if rows <= 4 || sx <= 4 {
            return vec![String::new(); rows];
        }
        let sort = match self.of {
            Of::Buffers => "time",
            Of::Clients => "name",
            Of::Sessions | Of::Windows | Of::Panes => "index",
        };
        let title: String = format!(" {} (sort: {sort}) ", item.name)
            .chars()
            .take(sx - 2)
            .collect();
        let inside = rows - 2;
        let mut lines = item.lines.clone();
        if let Some(pane) = item
            .pane
            .filter(|_| lines.is_empty())
            .and_then(|id| view.state.panes.get(&id))
        {
            let shot = view
                .backend
                .borrow_mut()
                .rows(pane, 0, i64::from(i32::MAX), false, false);
            let text = shot
                .map(|shot| String::from_utf8_lossy(&shot.bytes).into_owned())
                .unwrap_or_default();
            lines = text.trim_end().lines().map(str::to_owned).collect();
            lines.drain(..lines.len().saturating_sub(inside));
        }
        let mut out = vec![format!(
            "┌{title}{}┐",
            "─".repeat(sx - 2 - title.chars().count())
        )];
        for row in 0..inside {
            let line: String = lines
                .get(row)
                .map(String::as_str)
                .unwrap_or_default()
                .chars()
                .take(sx - 4)
                .collect();
            out.push(
                format!("│ {line}\x1b[{}G│", 0)
                    .replace("\x1b[0G", &" ".repeat(sx - 3 - line.chars().count())),
            );
        }
        out.push(format!("└{}┘", "─".repeat(sx - 2)));
        out
    }
}

/// The key that chooses a line at once.
pub(crate) fn key_of(number: usize) -> Option<String> {
    match number {
        0..=9 => Some(number.to_string()),
        10..=35 => Some(format!("M-{}", char::from(b'a' + (number - 10) as u8))),
        _ => None,
    }
}

fn branch(item: &Item) -> String {
    let symbol = match item.open {
        _ if item.flat => "",
        None => "  ",
        Some(true) => "- ",
        Some(false) => "+ ",
    };
    let stem = match item.depth {
        0 => return symbol.to_owned(),
        1 => "",
        _ if item.under_last => "    ",
        _ => "│   ",
    };
    format!("{stem}{}{symbol}", if item.last { "└─> " } else { "├─> " })
}
