use super::*;
use crate::top::keys;
use crate::top::sample::{listed, session};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const LOOKS: Looks = Looks {
    colours: false,
    now: 60_000,
};

fn drawn(model: &mut Model, width: u16, height: u16) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height))
        .unwrap_or_else(|_| unreachable!("memory takes everything"));
    let drawn = terminal.draw(|frame| draw(frame, model, LOOKS));
    let frame = drawn.unwrap_or_else(|_| unreachable!("memory takes everything"));
    let cells = frame.buffer.content().chunks(usize::from(width.max(1)));
    cells
        .map(|row| {
            let row: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
            row.trim_end().to_owned()
        })
        .collect()
}

#[test]
fn the_table_has_the_columns_of_list() {
    let mut model = listed(&["build", "web"]);
    let rows = drawn(&mut model, 80, 24);
    assert_eq!(rows[0], "psup top  2 sessions");
    assert_eq!(rows[1], "   NAME   DOING    PID   AGE  COMMAND");
    assert_eq!(rows[2], "●  build  running  4321  1m   sleep 1000");
    assert_eq!(rows[3], "●  web    running  4321  1m   sleep 1000");
    assert!(rows[4].starts_with(" build#1 · 120x40 ─"), "{rows:#?}");
    assert!(rows[23].starts_with("Enter attach  x stop"), "{rows:#?}");
}

#[test]
fn targets_have_a_column_and_one_that_is_out_of_reach_is_told() {
    let mut model = Model::new(vec![Some("here".into()), Some("far".into())], false);
    model.listed(0, Ok(vec![session("web")]));
    model.listed(1, Err("no answer".to_owned()));
    let rows = drawn(&mut model, 80, 8);
    assert_eq!(rows[0], "psup top  1 session · far: no answer");
    assert_eq!(rows[2], "●  web   here    running  4321  1m   sleep 1000");
}

#[test]
fn the_preview_tells_what_the_session_uses() {
    let measured = |value| {
        Some(Measured {
            value,
            via: psup_proto::resources::Via::Cgroup,
        })
    };
    let mut info = session("web");
    info.usage = Some(psup_proto::resources::Usage {
        memory: measured(3 << 19),
        cpu_ms: measured(2345),
        ..Default::default()
    });
    let mut model = listed(&[]);
    model.listed(0, Ok(vec![info]));
    let rows = drawn(&mut model, 80, 24);
    let title = " web#1 · 120x40 · 1.5 MiB · 2.3 s of processor ─";
    assert!(rows.iter().any(|row| row.starts_with(title)), "{rows:#?}");
}

#[test]
fn every_view_fits_every_size() {
    let names: Vec<String> = (0..50)
        .map(|n| format!("session-with-a-name-{n}"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for view in ["", "/sess", "x", "?", "l", "G"] {
        for (width, height) in [
            (1, 1),
            (2, 2),
            (3, 3),
            (10, 4),
            (20, 9),
            (80, 24),
            (300, 80),
        ] {
            let mut model = listed(&names);
            for key in keys::read(view.as_bytes()) {
                model.press(key);
            }
            let rows = drawn(&mut model, width, height);
            assert_eq!(rows.len(), usize::from(height), "{view} {width}x{height}");
        }
    }
}

#[test]
fn the_selected_session_is_in_sight_however_long_the_list_is() {
    let names: Vec<String> = (10..60).map(|n| format!("s{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut model = listed(&names);
    model.press(keys::Key::End);
    let rows = drawn(&mut model, 80, 24);
    assert!(
        rows.iter().any(|row| row.starts_with("●  s59 ")),
        "{rows:#?}"
    );
    model.press(keys::Key::Home);
    let rows = drawn(&mut model, 80, 24);
    assert!(rows[2].starts_with("●  s10 "), "{rows:#?}");
}
