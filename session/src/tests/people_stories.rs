//! What people at a session can rely on, told as stories.

#![allow(clippy::unwrap_used)]

use super::harness::{Harness, send};
use crate::keyboard::LEASE;
use crate::view::Arrival;
use crate::*;
use psup_proto::attach::AskPerson;
use psup_proto::event::EventKind;
use psup_proto::input::Part;

fn key(world: &mut Harness, viewer: u64, bytes: &[u8]) -> Ticket {
    let id = u128::from(world.tickets) + 1000;
    let ticket = world.ask(Ask::Send {
        send: psup_proto::input::Send {
            id,
            parts: vec![Part::Text(bytes.to_vec())],
            viewer: Some(viewer),
            ..Default::default()
        },
        canonical: true,
        echo: false,
    });
    world.write(usize::MAX);
    ticket
}

fn attach(world: &mut Harness, viewer: u64, take: bool) {
    world.ask(Ask::View(Arrival {
        viewer,
        take,
        original: None,
    }));
}

fn refused(world: &Harness, ticket: Ticket) -> Option<psup_proto::Code> {
    match world.answers.get(&ticket)?.as_slice() {
        [Answer::Refused(failure)] => Some(failure.code),
        _ => None,
    }
}

#[test]
fn what_a_program_sends_waits_until_a_person_has_stopped_typing() {
    let mut world = Harness::new();
    attach(&mut world, 7, false);
    key(&mut world, 7, b"l");
    let sent = world.ask(send(1, b"make\r"));
    world.write(usize::MAX);
    key(&mut world, 7, b"s\r");
    assert_eq!(world.typed, b"ls\r");
    world.pass(LEASE.checked_sub(Duration::from_millis(1)).unwrap());
    world.write(usize::MAX);
    assert_eq!(world.typed, b"ls\r");
    world.pass(Duration::from_millis(1));
    world.write(usize::MAX);
    assert_eq!(world.typed, b"ls\rmake\r");
    assert!(matches!(world.answers[&sent].as_slice(), [Answer::Sent(_)]));
    let told = world.effects.iter().filter_map(|effect| match effect {
        Effect::Tell(EventKind::KeyboardTaken { viewer }) => Some((*viewer, None)),
        Effect::Tell(EventKind::KeyboardFree { viewer, typed }) => Some((*viewer, Some(*typed))),
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), [(7, None), (7, Some(3))]);
}

#[test]
fn a_send_that_may_not_wait_so_long_is_refused_and_never_typed() {
    let mut world = Harness::new();
    attach(&mut world, 7, false);
    key(&mut world, 7, b"x");
    let ticket = world.ask(Ask::Send {
        send: psup_proto::input::Send {
            id: 1,
            parts: vec![Part::Text(b"no".to_vec())],
            patience: Some(Duration::from_millis(500)),
            ..Default::default()
        },
        canonical: false,
        echo: true,
    });
    world.pass(Duration::from_millis(500));
    assert_eq!(
        refused(&world, ticket),
        Some(psup_proto::Code::KeyboardTaken)
    );
    world.pass(LEASE);
    world.write(usize::MAX);
    assert_eq!(world.typed, b"x");
}

#[test]
fn a_keyboard_that_was_taken_is_free_once_its_viewer_has_left() {
    let mut world = Harness::new();
    attach(&mut world, 7, true);
    world.pass(10 * LEASE);
    let refusal = world.ask(send(1, b"no"));
    assert_eq!(
        refused(&world, refusal),
        Some(psup_proto::Code::KeyboardTaken)
    );
    let other = key(&mut world, 8, b"no");
    assert_eq!(
        refused(&world, other),
        Some(psup_proto::Code::KeyboardTaken)
    );
    key(&mut world, 7, b"mine");
    world.ask(Ask::ViewerLeft { viewer: 7 });
    world.ask(send(2, b"+ours"));
    world.write(usize::MAX);
    assert_eq!(world.typed, b"mine+ours");
}

#[test]
fn a_question_to_a_person_is_answered_by_the_next_enter_or_by_time() {
    let mut world = Harness::new();
    let ask = |timeout| {
        Ask::Person(AskPerson {
            target: "x".parse().unwrap(),
            why: "the code from your phone".into(),
            secret: true,
            timeout,
        })
    };
    let late = world.ask(ask(Some(Duration::from_secs(1))));
    let asked = world.ask(ask(None));
    attach(&mut world, 7, false);
    assert_eq!(world.session.facts().attached, 1);
    world.pass(Duration::from_secs(2));
    assert_eq!(refused(&world, late), Some(psup_proto::Code::TimedOut));
    key(&mut world, 7, b"123");
    assert!(!world.answers.contains_key(&asked));
    key(&mut world, 7, b"456\r");
    assert!(matches!(
        world.answers[&asked].as_slice(),
        [Answer::PersonAnswered { viewer: 7, .. }]
    ));
}

#[test]
fn a_program_types_a_secret_only_if_it_says_so() {
    let mut world = Harness::new();
    let ask = |secret| Ask::Send {
        send: psup_proto::input::Send {
            id: u128::from(secret),
            parts: vec![Part::Text(b"hunter2\r".to_vec())],
            secret,
            ..Default::default()
        },
        canonical: true,
        echo: false,
    };
    let ticket = world.ask(ask(false));
    world.write(usize::MAX);
    assert_eq!(
        refused(&world, ticket),
        Some(psup_proto::Code::SecretWanted)
    );
    world.ask(ask(true));
    world.write(usize::MAX);
    assert_eq!(world.typed, b"hunter2\r");
}

#[test]
fn a_viewer_begins_with_the_screen_and_follows_sizes_where_they_changed() {
    let mut world = Harness::new();
    world.output(b"before\r\n");
    let view = world.ask(Ask::View(Arrival {
        viewer: 7,
        take: false,
        original: None,
    }));
    let [Answer::Viewed(view)] = world.answers[&view].as_slice() else {
        panic!()
    };
    let screen = psup_screen::Screen::restore(&view.screen, 500).unwrap();
    assert_eq!((screen.rows()[0].as_str(), view.offset), ("before", 8));
    let (from, changes) = (view.offset, view.changes);
    let follow = world.ask(Ask::Follow { from, changes });
    assert!(!world.answers.contains_key(&follow));
    let size = psup_proto::Size { cols: 20, rows: 5 };
    world.ask(Ask::ViewerResize { viewer: 7, size });
    let [Answer::Followed(followed)] = world.answers[&follow].as_slice() else {
        panic!()
    };
    assert_eq!(
        (followed.sizes.as_slice(), followed.shared.size),
        (&[(8, size)][..], size)
    );
    world.ask(Ask::ViewerLeft { viewer: 7 });
    assert_eq!(
        world.session.facts().size,
        psup_proto::Size { cols: 40, rows: 10 }
    );
}
