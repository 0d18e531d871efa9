//! What the variables of formats stand for.

use super::Face;
use super::format::{self, Source};
use super::layout;
use super::options;
use super::target::{self, Place};
use super::world::{Client, Pane, Session, Window};
use std::rc::Rc;

/// A place that formats are expanded at, and what a command adds to it.
#[derive(Clone)]
pub struct View<'f, 'a> {
    pub face: &'f Face<'a>,
    pub place: Option<Place>,
    pub client: Option<&'f Client>,
    /// Variables of one command's own.
    pub extra: Rc<Vec<(String, String)>>,
}

impl<'f> View<'f, '_> {
    fn session(&self) -> Option<&'f Session> {
        self.face.world.session(self.place?.session)
    }

    fn window(&self) -> Option<&'f Window> {
        self.face.world.windows.get(&self.place?.window?)
    }

    fn pane(&self) -> Option<&'f Pane> {
        self.face.world.panes.get(&self.place?.pane?)
    }

    fn index(&self) -> Option<i32> {
        self.place?.index
    }

    pub fn expand(&self, text: &str) -> String {
        format::expand(text, self)
    }
}

impl Source for View<'_, '_> {
    fn variable(&self, name: &str) -> Option<String> {
        if let Some((_, value)) = self.extra.iter().find(|(key, _)| key == name) {
            return Some(value.clone());
        }
        self.option(name)
            .or_else(|| of_server(self, name))
            .or_else(|| of_session(self, name))
            .or_else(|| of_window(self, name))
            .or_else(|| of_pane(self, name))
            .or_else(|| of_client(self, name))
            .or_else(|| self.environment(name))
    }

    fn each(&self, over: char) -> Vec<(Self, bool)> {
        let world = &self.face.world;
        let with = |place: Place| Self {
            place: Some(place),
            ..self.clone()
        };
        let here = self.place.unwrap_or_default();
        match over {
            'S' => world
                .sessions
                .values()
                .map(|s| (with(target::of_session(world, s)), s.id == here.session))
                .collect(),
            'W' => {
                let Some(session) = self.session() else { return vec![] };
                let each = session.windows.iter().map(|(index, window)| {
                    let pane = world.windows.get(window).map(|w| w.active);
                    let place = Place {
                        session: session.id,
                        index: Some(*index),
                        window: Some(*window),
                        pane,
                    };
                    (with(place), *index == session.current)
                });
                each.collect()
            }
            'P' => {
                let Some(window) = self.window() else { return vec![] };
                let each = window.panes.iter().map(|pane| {
                    let place = Place { pane: Some(*pane), ..here };
                    (with(place), *pane == window.active)
                });
                each.collect()
            }
            _ => vec![],
        }
    }

    fn exists(&self, sort: char, name: &str) -> bool {
        if sort == 's' {
            return self.face.world.sessions.contains_key(name);
        }
        self.session().is_some_and(|session| {
            session
                .windows
                .values()
                .filter_map(|id| self.face.world.windows.get(id))
                .any(|window| self.face.window_name(window) == name)
        })
    }

    /// tmux answers before such a command has run; only its status line, which is drawn again and again, ever shows the result.
    fn job(&self, _: &str) -> String {
        String::new()
    }

    fn search(&self, text: &str, regex: bool, fold: bool) -> u64 {
        let Some(pane) = self.pane() else { return 0 };
        let Ok(shot) = self
            .face
            .floor
            .borrow_mut()
            .capture(&pane.session, 0, i64::from(i32::MAX), false, false)
        else {
            return 0;
        };
        let screen = String::from_utf8_lossy(&shot.bytes).into_owned();
        let pattern = format!("*{text}*");
        let compiled = regex.then(|| format::regex(text, fold)).flatten();
        let found = screen.lines().position(|line| match &compiled {
            Some(regex) => regex.is_match(line),
            None if fold => target::fnmatch(&pattern.to_lowercase(), &line.to_lowercase()),
            None => target::fnmatch(&pattern, line),
        });
        found.map_or(0, |at| at as u64 + 1)
    }
}

fn yes(held: bool) -> Option<String> {
    Some(if held { "1" } else { "0" }.to_owned())
}

/// A flag that is shown as 1 or 0 in the option's place.
fn plain(entry: &options::Entry, value: String) -> String {
    match entry.kind {
        options::Kind::Flag => String::from(if value == "on" { "1" } else { "0" }),
        _ => value,
    }
}

impl View<'_, '_> {
    fn option(&self, name: &str) -> Option<String> {
        let world = &self.face.world;
        if name.starts_with('@') {
            let pane = self.pane().and_then(|p| p.options.get(name));
            let window = || self.window().and_then(|w| w.options.get(name));
            let session = || self.session().and_then(|s| s.options.get(name));
            let all = || {
                world
                    .global_window
                    .get(name)
                    .or_else(|| world.global.get(name))
                    .or_else(|| world.server.get(name))
            };
            return pane.or_else(window).or_else(session).or_else(all).cloned();
        }
        let (base, index) = options::indexed(name);
        let entry = options::table().iter().find(|e| e.name == base && e.kind != options::Kind::Hook)?;
        if entry.array {
            let all = options::global(world, entry);
            let join = |all: Vec<(Option<u32>, String)>| all.into_iter().map(|(_, v)| v).collect::<Vec<_>>().join(" ");
            return Some(match index {
                Some(index) => all.into_iter().find(|(i, _)| *i == Some(index)).map(|(_, v)| v).unwrap_or_default(),
                None => join(all),
            });
        }
        let value = match entry.scope {
            options::Scope::Server => options::of_server(world, name),
            options::Scope::Session => options::of_session(world, self.session(), name),
            options::Scope::Window if entry.pane && self.pane().is_some() => options::of_pane(world, self.pane(), name),
            options::Scope::Window => options::of_window(world, self.window(), name),
        };
        Some(plain(entry, value))
    }

    fn environment(&self, name: &str) -> Option<String> {
        let own = self.session().and_then(|s| s.environment.get(name));
        let var = own.or_else(|| self.face.world.environment.get(name))?;
        var.value.clone().filter(|_| !var.hidden)
    }
}

fn of_server(view: &View, name: &str) -> Option<String> {
    let face = view.face;
    let world = &face.world;
    Some(match name {
        "version" => super::VERSION.to_owned(),
        "pid" => face.pid().to_string(),
        "socket_path" => world.socket.clone(),
        "start_time" => (world.started_ms / 1000).to_string(),
        "server_sessions" => world.sessions.len().to_string(),
        "uid" => nix::unistd::getuid().to_string(),
        "user" => std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_default(),
        "host" => hostname(),
        "host_short" => hostname().split('.').next().unwrap_or_default().to_owned(),
        "config_files" => face.config_files(),
        "current_file" => String::new(),
        "next_session_id" => format!("${}", world.next_session),
        "buffer_name" => world.buffers.first().map(|b| b.name.clone()).unwrap_or_default(),
        "buffer_size" => world.buffers.first().map(|b| b.data.bytes().len().to_string()).unwrap_or_default(),
        "active_window_index" => view.session()?.current.to_string(),
        _ => return None,
    })
}

fn hostname() -> String {
    nix::unistd::gethostname()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn of_session(view: &View, name: &str) -> Option<String> {
    if !name.starts_with("session_") && name != "last_window_index" {
        return None;
    }
    let world = &view.face.world;
    let session = view.session()?;
    let seconds = |ms: u64| (ms / 1000).to_string();
    let attached = world.clients.iter().filter(|c| c.session == session.id);
    let group = || {
        session
            .group
            .as_ref()
            .map(|g| world.sessions.values().filter(move |s| s.group.as_ref() == Some(g)))
    };
    Some(match name {
        "session_name" => session.name.clone(),
        "session_id" => format!("${}", session.id),
        "session_windows" => session.windows.len().to_string(),
        "session_created" => seconds(session.created_ms),
        "session_activity" => seconds(session.activity_ms.max(session.created_ms)),
        "session_last_attached" => {
            if session.attached_ms == 0 {
                String::new()
            } else {
                seconds(session.attached_ms)
            }
        }
        "session_attached" => attached.count().to_string(),
        "session_attached_list" => attached.map(|c| c.name.as_str()).collect::<Vec<_>>().join(","),
        "session_path" => session.cwd.clone(),
        "session_many_attached" => return yes(attached.count() > 1),
        "session_grouped" => return yes(session.group.is_some()),
        "session_group" => session.group.clone().unwrap_or_default(),
        "session_group_size" => group().map(|g| g.count().to_string()).unwrap_or_default(),
        "session_group_list" => group()
            .map(|g| g.map(|s| s.name.as_str()).collect::<Vec<_>>().join(","))
            .unwrap_or_default(),
        "session_group_attached" => return group().map(|_| "0".to_owned()),
        "session_format" => return yes(view.place.is_some_and(|p| p.window.is_none())),
        "session_marked" => {
            return yes(world
                .marked
                .is_some_and(|p| target::of_pane(world, p).is_some_and(|p| p.session == session.id)));
        }
        "session_stack" => {
            let mut all = vec![session.current.to_string()];
            all.extend(session.last.iter().map(ToString::to_string));
            all.join(",")
        }
        "session_alerts" => String::new(),
        "last_window_index" => session.windows.keys().next_back()?.to_string(),
        _ => return None,
    })
}

fn of_window(view: &View, name: &str) -> Option<String> {
    if !name.starts_with("window_") {
        return None;
    }
    let face = view.face;
    let world = &face.world;
    let window = view.window()?;
    let (session, index) = (view.session()?, view.index().unwrap_or_default());
    let links = world.links(window.id);
    Some(match name {
        "window_id" => format!("@{}", window.id),
        "window_index" => index.to_string(),
        "window_name" => face.window_name(window),
        "window_active" => return yes(session.current == index),
        "window_panes" => window.panes.len().to_string(),
        "window_width" => window.sx.to_string(),
        "window_height" => window.sy.to_string(),
        "window_layout" => layout::dump(window.zoomed.as_ref().unwrap_or(&window.layout)),
        "window_visible_layout" => layout::dump(&window.layout),
        "window_flags" => flags(view, window, session, index).replace('#', "##"),
        "window_raw_flags" => flags(view, window, session, index),
        "window_zoomed_flag" => return yes(window.zoomed.is_some()),
        "window_last_flag" => return yes(session.last.first() == Some(&index)),
        "window_start_flag" => return yes(session.windows.keys().next() == Some(&index)),
        "window_end_flag" => return yes(session.windows.keys().next_back() == Some(&index)),
        "window_activity" => (face.activity(window) / 1000).to_string(),
        "window_activity_flag" | "window_bell_flag" | "window_silence_flag" => return yes(false),
        "window_linked" => return yes(links.len() > 1),
        "window_linked_sessions" => links.len().to_string(),
        "window_linked_sessions_list" => {
            let names = links.iter().filter_map(|(s, _)| world.session(*s)).map(|s| s.name.as_str());
            names.collect::<Vec<_>>().join(",")
        }
        "window_active_clients" => active_clients(view, window).count().to_string(),
        "window_active_clients_list" => active_clients(view, window).map(|c| c.name.as_str()).collect::<Vec<_>>().join(","),
        "window_active_sessions" => {
            let active = |(s, i): &&(u32, i32)| world.session(*s).is_some_and(|s| s.current == *i);
            links.iter().filter(active).count().to_string()
        }
        "window_active_sessions_list" => {
            let active = |(s, i): &(u32, i32)| world.session(*s).filter(|s| s.current == *i).map(|s| s.name.as_str());
            links.iter().filter_map(active).collect::<Vec<_>>().join(",")
        }
        "window_marked_flag" => return yes(world.marked.is_some_and(|p| window.panes.contains(&p))),
        "window_format" => return yes(view.place.is_some_and(|p| p.pane.is_none())),
        "window_stack_index" => {
            let at = session.last.iter().position(|i| *i == index);
            at.map_or(0, |at| at + 1).to_string()
        }
        "window_cell_width" => "16".to_owned(),
        "window_cell_height" => "32".to_owned(),
        "window_bigger" | "window_offset_x" | "window_offset_y" => String::new(),
        _ => return None,
    })
}

fn active_clients<'v>(view: &View<'v, '_>, window: &Window) -> impl Iterator<Item = &'v Client> {
    let world = &view.face.world;
    let id = window.id;
    world
        .clients
        .iter()
        .filter(move |c| world.session(c.session).is_some_and(|s| s.current_window() == id))
}

fn flags(view: &View, window: &Window, session: &Session, index: i32) -> String {
    let mut flags = String::new();
    if session.current == index {
        flags.push('*');
    }
    if session.last.first() == Some(&index) {
        flags.push('-');
    }
    if view.face.world.marked.is_some_and(|p| window.panes.contains(&p)) && session.current == index {
        flags.push('M');
    }
    if window.zoomed.is_some() {
        flags.push('Z');
    }
    flags
}

fn of_pane(view: &View, name: &str) -> Option<String> {
    let face = view.face;
    let world = &face.world;
    let pane = view.pane()?;
    let window = view.window()?;
    let cell = window.cell(pane.id);
    let info = face.live.get(&pane.session);
    let size = |axis: fn(&layout::Cell) -> i32| cell.map(|c| axis(c).to_string()).unwrap_or_default();
    let dead = pane.dead.as_ref();
    Some(match name {
        "pane_id" => format!("%{}", pane.id),
        "pane_index" => face.pane_index(window, pane.id).to_string(),
        "pane_pid" => pane.pid.to_string(),
        "pane_tty" => pane.tty.clone(),
        "pane_active" => return yes(window.active == pane.id),
        "pane_last" => return yes(window.last.first() == Some(&pane.id)),
        "pane_title" => face.pane_title(pane),
        "pane_width" => size(|c| c.sx),
        "pane_height" => size(|c| c.sy),
        "pane_left" => size(|c| c.x),
        "pane_top" => size(|c| c.y),
        "pane_right" => size(|c| c.x + c.sx - 1),
        "pane_bottom" => size(|c| c.y + c.sy - 1),
        "pane_at_left" => return yes(cell.is_some_and(|c| c.x == 0)),
        "pane_at_top" => return yes(cell.is_some_and(|c| c.y == 0)),
        "pane_at_right" => return yes(cell.is_some_and(|c| c.x + c.sx == window.sx)),
        "pane_at_bottom" => return yes(cell.is_some_and(|c| c.y + c.sy == window.sy)),
        "pane_current_command" => face.pane_command(pane),
        "pane_current_path" => match info {
            Some(info) => String::from_utf8_lossy(&info.cwd).into_owned(),
            None => String::new(),
        },
        "pane_start_command" => pane.start_command.clone(),
        "pane_start_path" => pane.start_path.clone(),
        "pane_dead" => return yes(dead.is_some()),
        "pane_dead_status" => dead.and_then(|d| d.status).map(|s| s.to_string()).unwrap_or_default(),
        "pane_dead_signal" => dead.and_then(|d| d.signal).map(|s| s.to_string()).unwrap_or_default(),
        "pane_dead_time" => dead.map(|d| (d.at_ms / 1000).to_string()).unwrap_or_default(),
        "pane_in_mode" => u8::from(pane.mode.is_some()).to_string(),
        "pane_mode" => return pane.mode.clone(),
        "pane_pipe" => return yes(pane.pipe.is_some()),
        "pane_synchronized" => return yes(options::of_pane(world, Some(pane), "synchronize-panes") == "on"),
        "pane_input_off" => return yes(pane.input_off),
        "pane_marked" => return yes(world.marked == Some(pane.id)),
        "pane_marked_set" => return yes(world.marked.is_some()),
        "pane_format" => return yes(true),
        "pane_tabs" => (8..cell.map_or(80, |c| c.sx))
            .step_by(8)
            .map(|n| n.to_string())
            .collect::<Vec<_>>()
            .join(","),
        "pane_path" | "pane_search_string" => String::new(),
        "pane_fg" | "pane_bg" => "default".to_owned(),
        "history_limit" => options::of_session(world, view.session(), "history-limit"),
        "history_bytes" | "history_all_bytes" => String::from("0"),
        "scroll_region_upper" => "0".to_owned(),
        "scroll_region_lower" => cell.map(|c| (c.sy - 1).to_string()).unwrap_or_default(),
        "synchronized_output_flag" => "0".to_owned(),
        _ => return of_screen(view, pane, name),
    })
}

/// What only the screen can tell.
fn of_screen(view: &View, pane: &Pane, name: &str) -> Option<String> {
    let mode = match name {
        "cursor_x" | "cursor_y" | "history_size" => "",
        "alternate_on" => "alternate",
        "cursor_flag" => "cursor",
        "keypad_cursor_flag" => "app-cursor",
        "keypad_flag" => "app-keypad",
        "mouse_any_flag" => "mouse",
        "bracket_paste_flag" => "bracketed-paste",
        "insert_flag" => "insert",
        "origin_flag" => "origin",
        "wrap_flag" => "wrap",
        "mouse_standard_flag" | "mouse_button_flag" | "mouse_all_flag" | "mouse_sgr_flag" | "mouse_utf8_flag" => "none",
        "alternate_saved_x" | "alternate_saved_y" => return Some("4294967295".to_owned()),
        _ => return None,
    };
    let shot = view.face.floor.borrow_mut().capture(&pane.session, 0, -1, false, false).ok()?;
    let head = shot.head;
    Some(match name {
        "cursor_x" => head.cursor.col.to_string(),
        "cursor_y" => head.cursor.row.to_string(),
        "history_size" => head.left_out.saturating_sub(pane.cleared).to_string(),
        "cursor_flag" => return yes(head.cursor.visible),
        "wrap_flag" => return yes(!head.modes.iter().any(|m| m == "no-wrap")),
        _ => return yes(head.modes.iter().any(|m| m.starts_with(mode))),
    })
}

fn of_client(view: &View, name: &str) -> Option<String> {
    let face = view.face;
    if !name.starts_with("client_") {
        return None;
    }
    let client = view.client?;
    let seconds = |ms: u64| (ms / 1000).to_string();
    Some(match name {
        "client_name" => client.name.clone(),
        "client_tty" => client.tty.clone(),
        "client_pid" => client.pid.to_string(),
        "client_width" => client.sx.to_string(),
        "client_height" => client.sy.to_string(),
        "client_session" => face.world.session(client.session)?.name.clone(),
        "client_last_session" => client
            .last_session
            .and_then(|s| face.world.session(s))
            .map(|s| s.name.clone())
            .unwrap_or_default(),
        "client_created" => seconds(client.created_ms),
        "client_activity" => seconds(client.activity_ms),
        "client_control_mode" => return yes(client.control),
        "client_readonly" => return yes(client.read_only),
        "client_prefix" => return yes(false),
        "client_utf8" => return yes(client.utf8),
        "client_termname" => client.term.clone(),
        "client_termtype" | "client_termfeatures" | "client_user" => String::new(),
        "client_uid" => nix::unistd::getuid().to_string(),
        "client_key_table" => "root".to_owned(),
        "client_flags" => {
            let mut flags = vec!["attached"];
            if client.control {
                flags.push("control-mode");
            }
            flags.extend(client.flags.iter().map(String::as_str));
            if client.read_only {
                flags.push("read-only");
            }
            if client.utf8 {
                flags.push("UTF-8");
            }
            flags.join(",")
        }
        "client_cell_width" | "client_cell_height" | "client_discarded" | "client_written" => "0".to_owned(),
        _ => return None,
    })
}
