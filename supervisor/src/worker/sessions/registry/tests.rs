//! Each decision: which lives there are, what happens, and what is asked of the caller.

#![allow(clippy::unwrap_used)]

use super::{Decision, PlannedStart, Registry};
use crate::worker::sessions::records::Record;
use crate::worker::sessions::restart_policy::Restarts;
use psup_proto::name::{Name, SessionId};
use psup_proto::spec::Restart;
use psup_proto::{Code, Exit, Outcome, Spec, limits};
use std::rc::Rc;
use std::time::Duration;

/// Each life is reached by its number.
type Map = Registry<u32>;

const NOW: u64 = 1_000_000;

fn name(name: &str) -> Name {
    name.parse().unwrap()
}

fn id(text: &str) -> SessionId {
    let (at, life) = text.split_once('#').unwrap();
    SessionId {
        name: name(at),
        life: life.parse().unwrap(),
    }
}

fn exit(outcome: Outcome, at_ms: u64) -> Exit {
    Exit::new(outcome, at_ms)
}

fn failed() -> Exit {
    exit(Outcome::Code(1), NOW)
}

fn spec(restart: Restart) -> Rc<Spec> {
    Rc::new(Spec {
        restart,
        ..Spec::default()
    })
}

fn record(at: &str) -> Record {
    Record {
        id: id(at),
        request: u128::from(id(at).life),
        started_ms: NOW - 50,
        boot_id: String::new(),
        nonce: String::new(),
        pid: 7,
        started_ticks: 0,
        orphaned: false,
        command_file: None,
        restarts: 0,
        stopped: false,
        exit: None,
        unmet: Vec::new(),
        restored_ms: None,
        restarted_ms: Vec::new(),
        given_up: false,
    }
}

/// Its key is its id.
fn add(map: &Map, at: &str, restart: Restart) -> Vec<Decision> {
    map.add(at, spec(restart), record(at), id(at).life)
}

fn save(key: &str) -> Decision {
    Decision::Save(key.to_owned())
}

fn cancel(key: &str) -> Decision {
    Decision::Cancel(key.to_owned())
}

fn plan(key: &str, restarts: u32, pause_ms: u64) -> Decision {
    Decision::Plan(PlannedStart {
        name: id(key).name,
        key: key.to_owned(),
        spec: spec(Restart::OnFailure),
        restarts: Restarts {
            in_a_row: restarts,
            at_ms: Vec::new(),
        },
        pause: Duration::from_millis(pause_ms),
    })
}

/// A map with one life, `web#1`, that its policy begins again when it fails.
fn restarting() -> Map {
    let map = Map::default();
    assert_eq!(add(&map, "web#1", Restart::OnFailure), []);
    map
}

fn next_ms(map: &Map, name: &str) -> Option<u64> {
    map.known(&self::name(name).into()).unwrap().next_start_ms
}

#[test]
fn an_end_is_written_down_before_the_next_life_is_planned() {
    let map = restarting();
    let decisions = map.ended("web#1", &failed(), false, false, NOW);
    assert_eq!(decisions, [save("web#1"), plan("web#1", 1, 100)]);
    assert_eq!(next_ms(&map, "web"), Some(NOW + 100));
    assert!(!map.is_live("web#1"));
}

#[test]
fn an_end_is_dealt_with_once() {
    let map = restarting();
    assert_ne!(map.ended("web#1", &failed(), false, false, NOW), []);
    assert_eq!(map.ended("web#1", &failed(), false, false, NOW), []);
    assert_eq!(map.ended("nobody", &failed(), false, false, NOW), []);
}

#[test]
fn nothing_follows_a_stop_a_success_a_loss_or_the_end_of_the_supervisor() {
    let lost = Outcome::Lost {
        reason: "reboot".into(),
    };
    let cases = [
        (Restart::OnFailure, Outcome::Code(1), true, false),
        (Restart::OnFailure, Outcome::Code(0), false, false),
        (Restart::OnFailure, lost, false, false),
        (Restart::Always, Outcome::Code(1), false, true),
        (Restart::No, Outcome::Code(1), false, false),
    ];
    for (restart, outcome, stopped, closing) in cases {
        let map = Map::default();
        add(&map, "web#1", restart);
        let decisions = map.ended("web#1", &exit(outcome, NOW), stopped, closing, NOW);
        assert_eq!(decisions, [save("web#1")], "{restart:?}");
        assert_eq!(next_ms(&map, "web"), None);
    }
}

#[test]
fn the_pause_grows_while_lives_are_short_and_starts_over_after_a_long_one() {
    for (restarts, lived_ms, follows) in [(3, 50, (4, 800)), (3, 10_000, (1, 100))] {
        let map = Map::default();
        let record = Record {
            restarts,
            started_ms: NOW - lived_ms,
            ..record("web#4")
        };
        map.add("web#4", spec(Restart::OnFailure), record, 4);
        let decisions = map.ended("web#4", &failed(), false, false, NOW);
        let (restarts, pause_ms) = follows;
        assert_eq!(
            decisions,
            [save("web#4"), plan("web#4", restarts, pause_ms)]
        );
    }
}

#[test]
fn a_life_that_begins_takes_the_place_of_the_planned_one() {
    let map = restarting();
    let _planned = map.ended("web#1", &failed(), false, false, NOW);
    assert_eq!(add(&map, "web#2", Restart::OnFailure), [cancel("web#1")]);
    let newest = map.known(&name("web").into()).unwrap();
    assert_eq!(
        (newest.id, newest.handle, newest.newest),
        (id("web#2"), 2, true)
    );
    assert!(!map.known(&id("web#1").into()).unwrap().newest);
}

#[test]
fn a_stop_is_written_down_and_ends_the_plan() {
    let map = restarting();
    let _planned = map.ended("web#1", &failed(), false, false, NOW);
    assert_eq!(map.cancel_next("web#1"), [save("web#1"), cancel("web#1")]);
    assert_eq!(map.cancel_next("web#1"), [save("web#1")]);
    assert_eq!(map.cancel_next("nobody"), []);
    // Nor does the next worker begin it.
    assert_eq!(map.plan_restarts(NOW), []);
}

#[test]
fn a_start_that_fails_is_planned_for_later() {
    let map = restarting();
    map.postpone("web#1", NOW);
    assert_eq!(next_ms(&map, "web"), None, "nothing was planned");
    let _planned = map.ended("web#1", &failed(), false, false, NOW);
    map.postpone("web#1", NOW + 5_000);
    assert_eq!(next_ms(&map, "web"), Some(NOW + 5_000));
}

#[test]
fn what_was_planned_under_the_last_worker_is_planned_again_for_the_newest_only() {
    let map = Map::default();
    for at in ["web#1", "web#2", "db#1"] {
        let record = Record {
            exit: Some(failed()),
            stopped: at == "db#1",
            ..record(at)
        };
        map.add(at, spec(Restart::OnFailure), record, 1);
    }
    assert_eq!(map.plan_restarts(NOW), [plan("web#2", 1, 100)]);
    assert_eq!(map.plan_again("db#1", NOW), Some(plan("db#1", 1, 100)));
    assert_eq!(map.plan_again("nobody", NOW), None);
}

#[test]
fn only_so_many_ended_lives_of_a_name_are_kept() {
    let map = Map::default();
    let last = limits::LIVES as u32 + 1;
    for life in 1..=last {
        let key = format!("web#{life}");
        add(&map, &key, Restart::No);
        let decisions = map.ended(&key, &failed(), false, false, NOW);
        let mut expected = vec![save(&key)];
        if life == last {
            expected.push(Decision::Forget("web#1".into()));
        }
        assert_eq!(decisions, expected);
    }
    // Until its files are gone it is there.
    assert!(map.has_key("web#1"));
    assert_eq!(map.remove("web#1"), Some(1));
    assert_eq!(map.remove("web#1"), None);
    assert_eq!(map.kept_count(), limits::LIVES);
}

#[test]
fn what_runs_on_is_written_down_when_that_changes_and_holds_the_name() {
    let map = restarting();
    let lost = Outcome::Lost {
        reason: "supervisor-killed".into(),
    };
    let _saved = map.ended("web#1", &exit(lost, NOW), false, false, NOW);
    assert_eq!(map.is_free(&name("web")), Ok(()));
    assert_eq!(
        map.set_orphans("web#1", Some(vec![8, 9])),
        Some(save("web#1"))
    );
    assert_eq!(map.set_orphans("web#1", Some(vec![9])), None);
    let taken = map.is_free(&name("web")).unwrap_err();
    assert_eq!(taken.code, Code::NameTaken);
    assert!(taken.message.ends_with("still run: 9"), "{}", taken.message);
    assert!(map.forgettable(&name("web").into()).is_err());
    assert_eq!(map.ended_lives(), []);
    assert_eq!(map.set_orphans("web#1", None), Some(save("web#1")));
    assert_eq!(map.is_free(&name("web")), Ok(()));
}

#[test]
fn a_name_is_free_unless_a_life_of_it_runs() {
    let map = restarting();
    assert_eq!(map.is_free(&name("db")), Ok(()));
    let taken = map.is_free(&name("web")).unwrap_err();
    assert_eq!(
        (taken.code, taken.message.as_str()),
        (Code::NameTaken, "web#1 is running already")
    );
    let _planned = map.ended("web#1", &failed(), false, false, NOW);
    assert_eq!(map.is_free(&name("web")), Ok(()));
}

#[test]
fn a_name_is_forgotten_with_all_its_lives_and_an_id_alone() {
    let map = Map::default();
    for at in ["web#1", "web#2"] {
        add(&map, at, Restart::No);
        let _saved = map.ended(at, &failed(), false, false, NOW);
    }
    let all = ["web#1".to_owned(), "web#2".to_owned()];
    assert_eq!(
        map.forgettable(&name("web").into()),
        Ok((id("web#2"), all.to_vec()))
    );
    let one = vec!["web#1".to_owned()];
    assert_eq!(map.forgettable(&id("web#1").into()), Ok((id("web#1"), one)));
    add(&map, "web#3", Restart::No);
    let running = map.forgettable(&name("web").into()).unwrap_err();
    assert_eq!(running.code, Code::StillRunning);
}

#[test]
fn a_renamed_life_is_written_down_and_found_under_its_new_name_only() {
    let map = restarting();
    assert_eq!(map.rename("web#1", &id("db#4")), Some(save("web#1")));
    assert_eq!(map.rename("nobody", &id("db#5")), None);
    assert_eq!(map.known(&name("db").into()).unwrap().id, id("db#4"));
    assert_eq!(map.record("web#1").unwrap().1.id, id("db#4"));
    let unknown = map.find(&name("web").into()).err().unwrap();
    assert_eq!(unknown.code, Code::NoSuchSession);
}

#[test]
fn those_that_ended_come_in_the_order_of_their_ends_without_those_that_something_follows() {
    let map = Map::default();
    let at = [
        ("a#1", 30, Restart::No),
        ("b#1", 10, Restart::No),
        ("c#1", 20, Restart::OnFailure),
    ];
    for (key, at_ms, restart) in at {
        add(&map, key, restart);
        let _decisions = map.ended(key, &exit(Outcome::Code(1), at_ms), false, false, NOW);
    }
    add(&map, "d#1", Restart::No);
    let keys: Vec<_> = map.ended_lives().into_iter().map(|life| life.key).collect();
    assert_eq!(keys, ["b#1", "a#1"]);
}
