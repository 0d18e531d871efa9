use super::*;
use crate::top::sample::{listed, names, session};

fn press(model: &mut Model, keys: &str) -> Option<Effect> {
    let mut effect = None;
    for key in super::super::keys::read(keys.as_bytes()) {
        effect = model.press(key);
    }
    effect
}

fn selected(model: &Model) -> String {
    let id = model.selected.as_ref().map(|place| place.id.to_string());
    id.unwrap_or_default()
}

#[test]
fn the_selection_stays_with_its_session_when_the_list_changes() {
    let mut model = listed(&["a", "b", "c"]);
    assert_eq!(selected(&model), "a#1");
    press(&mut model, "j");
    assert_eq!(selected(&model), "b#1");
    model.listed(0, Ok(vec![session("b"), session("aa"), session("a")]));
    assert_eq!(
        (selected(&model), model.position()),
        ("b#1".to_owned(), Some(2))
    );
    // Where it has gone its neighbour is selected.
    model.listed(0, Ok(vec![session("a"), session("c")]));
    assert_eq!(selected(&model), "c#1");
    let mut again = session("c");
    again.id.life = 2;
    model.listed(0, Ok(vec![session("d"), again, session("a")]));
    assert_eq!(
        selected(&model),
        "c#2",
        "a restarted session stays selected"
    );
    model.listed(0, Err("gone".to_owned()));
    assert_eq!(model.selected, None);
    assert_eq!(press(&mut model, "\r"), None);
}

#[test]
fn a_step_ends_at_the_ends() {
    let mut model = listed(&["a", "b", "c"]);
    for (keys, wanted) in [
        ("k", "a#1"),
        ("G", "c#1"),
        ("j", "c#1"),
        ("g", "a#1"),
        ("\x1b[6~", "c#1"),
        ("\x1b[A", "b#1"),
        ("\x1b[5~", "a#1"),
    ] {
        press(&mut model, keys);
        assert_eq!(selected(&model), wanted, "{keys:?}");
    }
}

#[test]
fn a_filter_is_typed_kept_and_taken_away() {
    let mut model = listed(&["web", "worker", "db"]);
    press(&mut model, "/W");
    assert_eq!(names(&model), ["web", "worker"]);
    press(&mut model, "o\r");
    assert_eq!(
        (names(&model), selected(&model)),
        (vec!["worker".to_owned()], "worker#1".into())
    );
    // Keys are keys again.
    assert_eq!(press(&mut model, "q"), Some(Effect::Quit));
    press(&mut model, "\x1b");
    assert_eq!(names(&model).len(), 3);
    press(&mut model, "/zzz");
    assert_eq!(model.selected, None);
    press(&mut model, "\x7f\x7f\x7f");
    assert_eq!(names(&model).len(), 3);
}

#[test]
fn sessions_are_sorted_by_what_s_says() {
    let mut model = listed(&[]);
    let mut sessions = vec![session("a"), session("b"), session("c")];
    sessions[2].blocked = Some(psup_proto::info::Blocked {
        on: BlockedOn::Password,
        via: "kernel".to_owned(),
    });
    sessions[1].idle = Some(std::time::Duration::ZERO);
    sessions[0].started_ms = 5;
    model.listed(0, Ok(sessions));
    let mut orders = Vec::new();
    for _ in 0..5 {
        orders.push(format!("{} {}", model.sort.word(), names(&model).concat()));
        press(&mut model, "s");
    }
    assert_eq!(
        orders,
        [
            "name abc",
            "state cab",
            "output bac",
            "start abc",
            "name abc"
        ]
    );
}

#[test]
fn a_stop_and_a_restart_need_a_yes() {
    let mut model = listed(&["a"]);
    let place = model
        .selected
        .clone()
        .unwrap_or_else(|| unreachable!("one is selected"));
    assert_eq!(press(&mut model, "xn"), None);
    assert_eq!(model.view, View::List);
    assert_eq!(press(&mut model, "x\x1b"), None);
    assert_eq!(
        press(&mut model, "xy"),
        Some(Effect::Do(Act::Stop, place.clone()))
    );
    assert_eq!(
        press(&mut model, "ry"),
        Some(Effect::Do(Act::Restart, place))
    );
    let mut none = listed(&[]);
    press(&mut none, "x");
    assert_eq!(none.view, View::List);
}
