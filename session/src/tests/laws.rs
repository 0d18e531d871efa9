//! The core's invariants over random histories.

#![allow(clippy::unwrap_used)]

use super::harness::{Harness, capture, send, text, wait};
use crate::*;
use proptest::prelude::*;
use psup_proto::condition::{Condition, Verdict, Waited};
use psup_proto::{Exit, Outcome, Size};

/// What may happen to a session in a random history.
#[derive(Clone, Debug)]
enum Step {
    Output(Vec<u8>),
    Capture,
    CaptureAt(u16),
    Wait(u8, bool, u16),
    Read(u16),
    Send(Vec<u8>),
    Write(u8),
    Resize(u16, u16),
    Leave(u8),
    Pass(u16),
    Stop,
    Exit,
    Close,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let output = prop::collection::vec(
        prop::sample::select(b"ab \r\nready\x1b[1mH".to_vec()),
        0..30,
    );
    let step = prop_oneof![
        4 => output.prop_map(Step::Output),
        1 => Just(Step::Capture),
        1 => any::<u16>().prop_map(Step::CaptureAt),
        2 => (0u8..6, any::<bool>(), any::<u16>()).prop_map(|(kind, since, at)| Step::Wait(kind, since, at)),
        1 => any::<u16>().prop_map(Step::Read),
        1 => prop::collection::vec(any::<u8>(), 0..20).prop_map(Step::Send),
        1 => any::<u8>().prop_map(Step::Write),
        1 => (1u16..60, 1u16..20).prop_map(|(cols, rows)| Step::Resize(cols, rows)),
        1 => any::<u8>().prop_map(Step::Leave),
        2 => (0u16..3000).prop_map(Step::Pass),
        1 => Just(Step::Stop),
        1 => Just(Step::Exit),
        1 => Just(Step::Close),
    ];
    prop::collection::vec(step, 0..40)
}

/// A history under way.
#[derive(Default)]
struct Play {
    exited: bool,
    closed: bool,
    /// The tickets of those that left before they were answered, and perhaps after.
    left: Vec<Ticket>,
}

impl Play {
    /// Plays a whole history, and lets the session end.
    fn all(world: &mut Harness, steps: &[Step]) -> Self {
        let mut play = Self::default();
        for step in steps {
            play.step(world, step);
        }
        for end in [Step::Exit, Step::Close] {
            play.step(world, &end);
        }
        world.pass(Duration::from_secs(10));
        play
    }

    fn step(&mut self, world: &mut Harness, step: &Step) {
        let place = |n: u16, world: &Harness| u64::from(n) % (world.journal.len() as u64 + 1);
        match step {
            Step::Output(bytes) if !self.closed => world.output(bytes),
            Step::Capture => _ = world.ask(capture(None)),
            Step::CaptureAt(n) => _ = world.ask(capture(Some(place(*n, world)))),
            Step::Wait(kind, since, at) => {
                let condition = match kind {
                    0 => text("ready"),
                    1 => text(r"a\S*$"),
                    2 => Condition::Gone("b".into()),
                    3 => Condition::Idle(Duration::from_millis(500)),
                    4 => Condition::Exit,
                    _ => text("("),
                };
                let since = since.then(|| place(*at, world));
                _ = world.ask(Ask::Wait(wait(vec![condition], since)));
            }
            Step::Read(n) => drop(world.ask(Ask::Read {
                from: place(*n, world),
                timeout: None,
            })),
            Step::Send(bytes) => _ = world.ask(send(u128::from(world.tickets) + 1, bytes)),
            Step::Write(n) => world.write(usize::from(*n)),
            Step::Resize(cols, rows) => {
                _ = world.ask(Ask::Resize(Size {
                    cols: *cols,
                    rows: *rows,
                }));
            }
            Step::Leave(n) if world.tickets > 0 => {
                let ticket = Ticket(u64::from(*n) % world.tickets + 1);
                world.tell(Event::AskerLeft(ticket));
                self.left.push(ticket);
            }
            Step::Pass(ms) => world.pass(Duration::from_millis(u64::from(*ms))),
            Step::Stop => drop(world.ask(Ask::Stop {
                signal: None,
                grace: Duration::from_secs(1),
            })),
            Step::Exit if !self.exited => {
                self.exited = true;
                world.tell(Event::Exited(Exit::new(Outcome::Code(7), 0)));
            }
            Step::Close if !self.closed => {
                self.closed = true;
                world.tell(Event::Closed);
            }
            Step::Output(_) | Step::Leave(_) | Step::Exit | Step::Close => {}
        }
    }
}

proptest! {
    /// Invariant 3.
    #[test]
    fn every_ask_gets_exactly_one_answer_or_its_asker_left(steps in steps()) {
        let mut world = Harness::new();
        let left = Play::all(&mut world, &steps).left;
        for n in 1..=world.tickets {
            let answers = world.answers.get(&Ticket(n)).map_or(0, Vec::len);
            prop_assert!(answers == 1 || (answers == 0 && left.contains(&Ticket(n))), "ticket {} got {} answers", n, answers);
        }
    }

    /// The law of `settle`: one pass over its steps is enough. What could be answered has been, and
    /// the next deadline lies ahead, or a driver that obeys it would spin.
    #[test]
    fn a_settled_session_has_nothing_more_to_do_at_that_moment(steps in steps()) {
        let mut world = Harness::new();
        let mut play = Play::default();
        for step in &steps {
            play.step(&mut world, step);
            let done = world.effects.len();
            world.tell(Event::Tick);
            prop_assert_eq!(&world.effects[done..], &[], "after {:?}", step);
            let next = world.session.deadline();
            prop_assert!(next.is_none_or(|at| at > world.now), "due at once after {:?}", step);
        }
    }

    /// Invariant 2.
    #[test]
    fn a_capture_at_n_shows_exactly_the_first_n_bytes(
        output in prop::collection::vec(prop::collection::vec(prop::sample::select(b"abc \r\n\x1b[1mHJ;2".to_vec()), 1..40), 1..8),
        at in any::<u16>(),
        pause in prop::collection::vec(any::<bool>(), 8),
    ) {
        let mut world = Harness::new();
        for (bytes, pause) in output.iter().zip(pause) {
            world.output(bytes);
            if pause {
                world.pass(Duration::from_secs(2));
            }
        }
        let at = u64::from(at) % (world.journal.len() as u64 + 1);
        let ticket = world.ask(capture(Some(at)));
        let (offset, shown) = world.captured(ticket);
        let mut fresh = Harness::new();
        fresh.output(&world.journal[..at as usize]);
        let ticket = fresh.ask(capture(None));
        prop_assert_eq!((offset, shown), (at, fresh.captured(ticket).1));
    }

    /// Invariant 6.
    #[test]
    fn splitting_output_anywhere_changes_nothing(
        output in prop::collection::vec(prop::sample::select(b"ab ready$ \r\n\x1b[1mH".to_vec()), 0..200),
        cut in 1usize..20,
        pattern in prop::sample::select(vec!["ready", "a b", r"r\w+", "y$", "[ab]+"]),
    ) {
        let run = |size: usize| {
            let mut world = Harness::new();
            let ticket = world.ask(Ask::Wait(wait(vec![text(pattern)], Some(0))));
            for part in output.chunks(size) {
                world.output(part);
            }
            world.pass(Duration::from_millis(20));
            let shot = world.ask(capture(None));
            (world.waited(ticket), world.captured(shot))
        };
        let whole = run(usize::MAX);
        let parts = run(cut);
        prop_assert_eq!(parts.1, whole.1);
        // The rest of the line may not have been there yet when the match was.
        let told = |waited: Option<Waited>| {
            waited.map(|w| match w.verdict {
                Verdict::Held(held) => (held.into_iter().filter_map(|h| h.found).map(|m| m.text).collect::<Vec<_>>(), w.offset),
                other => (vec![format!("{other:?}")], w.offset),
            })
        };
        prop_assert_eq!(told(parts.0), told(whole.0));
    }

    /// One send is never interleaved with another, and nothing is lost.
    #[test]
    fn sends_are_written_whole_and_in_turn(sends in prop::collection::vec("[a-z]{1,30}", 1..10), most in 1usize..7) {
        let mut world = Harness::new();
        for (i, bytes) in sends.iter().enumerate() {
            world.ask(send(i as u128 + 1, bytes.as_bytes()));
        }
        while !world.session.input().is_empty() {
            world.write(most);
        }
        prop_assert_eq!(String::from_utf8(world.typed.clone()).unwrap(), sends.concat());
    }
}
