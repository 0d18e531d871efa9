//! `pane_…`, and what only its screen can tell.

use super::names;
use super::yes;
use crate::copy::Page;
use crate::state::Pane;
use crate::state::copy::Moves;
use crate::variables::View;
use crate::{format, layout, options};

pub(super) fn value(view: &View, name: &str) -> Option<String> {
    let state = view.state;
    let pane = view.pane()?;
    let window = view.window()?;
    let cell = window.cell(pane.id);
    let info = view.live.get(&pane.session);
    let size =
        |axis: fn(&layout::Cell) -> i32| cell.map(|c| axis(c).to_string()).unwrap_or_default();
    let dead = pane.dead.as_ref();
    Some(match name {
        "pane_id" => format!("%{}", pane.id),
        "pane_index" => names::pane_index(state, window, pane.id).to_string(),
        "pane_pid" if pane.empty => "0".to_owned(),
        "pane_pid" => pane.pid.to_string(),
        "pane_tty" | "pane_current_path" if pane.empty => String::new(),
        "pane_tty" => pane.tty.clone(),
        "pane_active" => return yes(window.active == pane.id),
        "pane_last" => return yes(window.last.first() == Some(&pane.id)),
        "pane_title" => names::pane_title(view.live, pane),
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
        "pane_current_command" => names::pane_command(state, view.live, pane),
        "pane_current_path" => match info {
            Some(info) => String::from_utf8_lossy(&info.cwd).into_owned(),
            None => String::new(),
        },
        "pane_start_command" => pane.start_command.clone(),
        "pane_start_path" => pane.start_path.clone(),
        "pane_dead" => return yes(dead.is_some() || pane.empty),
        "pane_dead_status" => dead
            .and_then(|d| d.status)
            .map(|s| s.to_string())
            .unwrap_or_default(),
        "pane_dead_signal" => dead
            .and_then(|d| d.signal)
            .map(|s| s.to_string())
            .unwrap_or_default(),
        "pane_dead_time" => dead
            .map(|d| (d.at_ms / 1000).to_string())
            .unwrap_or_default(),
        "pane_in_mode" => u8::from(pane.mode.is_some()).to_string(),
        "pane_mode" => return pane.mode.clone(),
        "pane_pipe" => return yes(pane.pipe.is_some()),
        "pane_synchronized" => {
            return yes(options::of_pane(state, Some(pane), "synchronize-panes") == "on");
        }
        "pane_input_off" => return yes(pane.input_off),
        "pane_marked" => return yes(state.marked == Some(pane.id)),
        "pane_marked_set" => return yes(state.marked.is_some()),
        "pane_format" => return yes(true),
        "pane_tabs" => (8..cell.map_or(80, |c| c.sx))
            .step_by(8)
            .map(|n| n.to_string())
            .collect::<Vec<_>>()
            .join(","),
        "pane_search_string" => {
            let search = pane.copy.as_ref().and_then(|copy| copy.search.as_ref());
            search.map(|s| s.text.clone()).unwrap_or_default()
        }
        "pane_path" => String::new(),
        "pane_fg" | "pane_bg" => "default".to_owned(),
        "history_limit" => options::of_session(state, view.session(), "history-limit"),
        "history_bytes" | "history_all_bytes" => String::from("0"),
        "scroll_region_upper" => "0".to_owned(),
        "scroll_region_lower" => cell.map(|c| (c.sy - 1).to_string()).unwrap_or_default(),
        _ => return of_copy(view, pane, name).or_else(|| of_screen(view, pane, name)),
    })
}

/// What copy mode tells of itself.
fn of_copy(view: &View, pane: &Pane, name: &str) -> Option<String> {
    let copy = pane.copy.as_ref()?;
    let place = |at: Option<(i32, i32)>, axis: fn((i32, i32)) -> i32| {
        at.map(|at| axis(at).to_string()).unwrap_or_default()
    };
    let (start, end) = (copy.selected.map(|s| s.start), copy.selected.map(|s| s.end));
    Some(match name {
        "scroll_position" => copy.back.to_string(),
        "copy_cursor_x" => copy.x.to_string(),
        "copy_cursor_y" => copy.y.to_string(),
        "rectangle_toggle" => return yes(copy.rectangle),
        "selection_present" => return yes(copy.selected.is_some()),
        "selection_active" => return yes(copy.selected.is_some_and(|s| s.moves != Moves::Nothing)),
        "selection_start_x" => place(start, |at| at.0),
        "selection_start_y" => place(start, |at| at.1),
        "selection_end_x" => place(end, |at| at.0),
        "selection_end_y" => place(end, |at| at.1),
        "search_present" => return yes(copy.found.is_some()),
        "copy_cursor_line" => {
            let page = view.backend.borrow_mut().page(pane, copy).ok()?;
            page.text(copy.row(), 0, copy.sx)
        }
        "copy_cursor_word" => {
            let page = view.backend.borrow_mut().page(pane, copy).ok()?;
            let separators = options::of_session(view.state, view.session(), "word-separators");
            copy.word(&page, &separators)
        }
        _ => return None,
    })
}

/// What only the screen can tell.
fn of_screen(view: &View, pane: &Pane, name: &str) -> Option<String> {
    let mode = match name {
        "cursor_x" | "cursor_y" | "history_size" | "cursor_character" => "",
        "alternate_on" => "alternate",
        "cursor_flag" => "cursor",
        "keypad_cursor_flag" => "app-cursor",
        "keypad_flag" => "app-keypad",
        "mouse_any_flag" => "mouse",
        "insert_flag" => "insert",
        "origin_flag" => "origin",
        "wrap_flag" => "wrap",
        "mouse_standard_flag" => "mouse-buttons",
        "mouse_button_flag" => "mouse-drag",
        "mouse_all_flag" => "mouse-motion",
        "mouse_sgr_flag" => "mouse-sgr",
        "mouse_utf8_flag" => "mouse-utf8",
        "alternate_saved_x" | "alternate_saved_y" => return Some("4294967295".to_owned()),
        _ => return None,
    };
    let head = view.backend.borrow_mut().pane_screen(pane).ok()?;
    if name == "cursor_character" {
        let (x, y) = (i32::from(head.cursor.col), i64::from(head.cursor.row));
        let row = view
            .backend
            .borrow_mut()
            .capture(&pane.session, y, y, false, false)
            .ok()?;
        let row = String::from_utf8_lossy(&row.bytes).into_owned();
        let row = row.trim_end_matches('\n');
        return Some(
            Page::new([(row, false)], i32::from(head.size.cols), 1)
                .cell(x, 0)
                .to_string(),
        );
    }
    Some(match name {
        "cursor_x" => head.cursor.col.to_string(),
        "cursor_character" => {
            let row = i64::from(head.cursor.row);
            let shot = view
                .backend
                .borrow_mut()
                .capture(&pane.session, row, row, false, false)
                .ok()?;
            format::at_column(
                &String::from_utf8_lossy(&shot.bytes),
                usize::from(head.cursor.col),
            )
            .to_string()
        }
        "cursor_y" => head.cursor.row.to_string(),
        "history_size" => head.history.saturating_sub(pane.cleared).to_string(),
        "cursor_flag" => return yes(head.cursor.visible),
        "wrap_flag" => return yes(!head.modes.iter().any(|m| m == "no-wrap")),
        "mouse_any_flag" => {
            let asked =
                |m: &String| ["mouse-buttons", "mouse-drag", "mouse-motion"].contains(&m.as_str());
            return yes(head.modes.iter().any(asked));
        }
        _ => return yes(head.modes.iter().any(|m| m.starts_with(mode))),
    })
}
