//! The core's invariants over random histories. The world here is a `Vec<u8>` for a journal and a driver in ten lines.

#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;
use psup_proto::capture::{Capture, Extent, Format};
use psup_proto::condition::{Condition, On, Quorum, Verdict, Wait, Waited};
use psup_proto::input::{Part, Send};
use psup_proto::{Exit, Outcome};
use std::collections::BTreeMap;

/// A driver without a system under it: it keeps the law, and everything said is kept.
struct World {
    session: Session,
    now: Instant,
    journal: Vec<u8>,
    typed: Vec<u8>,
    checkpoints: BTreeMap<Offset, Vec<u8>>,
    answers: BTreeMap<Ticket, Vec<Answer>>,
    tickets: u64,
    effects: Vec<Effect>,
}

impl World {
    fn new() -> Self {
        let now = Instant::now();
        let beginning = Beginning {
            sizes: vec![(0, Size { cols: 40, rows: 10 })],
            scrollback: 500,
            end: 0,
            ttl: None,
            attached: 0,
            nonce: "n1".into(),
            ..Beginning::default()
        };
        Self {
            session: Session::new(now, beginning),
            now,
            journal: Vec::new(),
            typed: Vec::new(),
            checkpoints: BTreeMap::new(),
            answers: BTreeMap::new(),
            tickets: 0,
            effects: Vec::new(),
        }
    }

    fn tell(&mut self, event: Event<'_>) {
        self.session.handle(self.now, event);
        while let Some(effect) = self.session.poll() {
            match &effect {
                Effect::Reply(ticket, answer) => self.answers.entry(*ticket).or_default().push(answer.clone()),
                Effect::Checkpoint { offset, bytes } => drop(self.checkpoints.insert(*offset, bytes.clone())),
                Effect::Feed { reader, from } => {
                    // Small portions, so that being behind is the usual state.
                    let to = (*from as usize + 7).min(self.journal.len());
                    let bytes = self.journal[*from as usize..to].to_vec();
                    self.session.handle(
                        self.now,
                        Event::Past {
                            reader: *reader,
                            from: *from,
                            bytes: &bytes,
                        },
                    );
                }
                Effect::Thaw { reader, before } => {
                    let found = self
                        .checkpoints
                        .range(..=*before)
                        .next_back()
                        .map(|(offset, bytes)| (*offset, bytes.clone()));
                    let checkpoint = found.as_ref().map(|(offset, bytes)| (*offset, bytes.as_slice()));
                    self.session.handle(
                        self.now,
                        Event::Thawed {
                            reader: *reader,
                            checkpoint,
                        },
                    );
                }
                _ => {}
            }
            self.effects.push(effect);
        }
    }

    fn output(&mut self, bytes: &[u8]) {
        self.journal.extend_from_slice(bytes);
        self.tell(Event::Output(bytes));
    }

    fn ask(&mut self, ask: Ask) -> Ticket {
        self.tickets += 1;
        self.tell(Event::Asked(Ticket(self.tickets), ask));
        Ticket(self.tickets)
    }

    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(deadline) = self.session.deadline().filter(|d| *d <= until) {
            self.now = self.now.max(deadline);
            self.tell(Event::Tick);
        }
        self.now = until;
        self.tell(Event::Tick);
    }

    fn write(&mut self, most: usize) {
        let bytes = self.session.input();
        let count = bytes.len().min(most);
        self.typed.extend_from_slice(&bytes[..count]);
        if count > 0 {
            self.tell(Event::Written(count));
        }
    }

    fn end(&mut self) {
        self.tell(Event::Exited(Exit {
            outcome: Outcome::Code(0),
            at_ms: 0,
        }));
        self.tell(Event::Closed);
    }

    fn waited(&self, ticket: Ticket) -> Option<Waited> {
        match self.answers.get(&ticket)?.as_slice() {
            [Answer::Waited(waited)] => Some(waited.clone()),
            other => panic!("{other:?}"),
        }
    }

    fn captured(&self, ticket: Ticket) -> (Offset, String) {
        match self.answers.get(&ticket).unwrap().as_slice() {
            [Answer::Captured(captured, bytes)] => (captured.offset, String::from_utf8(bytes.clone()).unwrap()),
            other => panic!("{other:?}"),
        }
    }
}

fn wait(conditions: Vec<Condition>, since: Option<Offset>) -> Wait {
    Wait {
        conditions,
        quorum: Quorum::Any,
        on: On::Output,
        since,
        fail: None,
        timeout: None,
        settle: false,
    }
}

fn text(pattern: &str) -> Condition {
    Condition::Text(pattern.into())
}

fn capture(at: Option<Offset>) -> Ask {
    Ask::Capture(Capture {
        extent: Extent::Screen,
        format: Format::Text,
        rows: false,
        at,
        budget: None,
    })
}

fn send(id: u128, bytes: &[u8]) -> Ask {
    Ask::Send {
        send: Send {
            id,
            parts: vec![Part::Text(bytes.to_vec())],
            more: false,
            submit: false,
        },
        canonical: false,
    }
}

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
    let output = prop::collection::vec(prop::sample::select(b"ab \r\nready\x1b[1mH".to_vec()), 0..30);
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

fn play(world: &mut World, steps: &[Step], left: &mut Vec<Ticket>) {
    let mut exited = false;
    let mut closed = false;
    for step in steps {
        let place = |n: u16, world: &World| u64::from(n) % (world.journal.len() as u64 + 1);
        match step {
            Step::Output(bytes) if !closed => world.output(bytes),
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
            Step::Resize(cols, rows) => _ = world.ask(Ask::Resize(Size { cols: *cols, rows: *rows })),
            Step::Leave(n) if world.tickets > 0 => {
                let ticket = Ticket(u64::from(*n) % world.tickets + 1);
                world.tell(Event::AskerLeft(ticket));
                left.push(ticket);
            }
            Step::Pass(ms) => world.pass(Duration::from_millis(u64::from(*ms))),
            Step::Stop => drop(world.ask(Ask::Stop {
                signal: None,
                grace: Duration::from_secs(1),
            })),
            Step::Exit if !exited => {
                exited = true;
                world.tell(Event::Exited(Exit {
                    outcome: Outcome::Code(7),
                    at_ms: 0,
                }));
            }
            Step::Close if !closed => {
                closed = true;
                world.tell(Event::Closed);
            }
            Step::Output(_) | Step::Leave(_) | Step::Exit | Step::Close => {}
        }
    }
    if !exited {
        world.tell(Event::Exited(Exit {
            outcome: Outcome::Code(7),
            at_ms: 0,
        }));
    }
    if !closed {
        world.tell(Event::Closed);
    }
    world.pass(Duration::from_secs(10));
}

proptest! {
    /// Invariant 3.
    #[test]
    fn every_ask_gets_exactly_one_answer_or_its_asker_left(steps in steps()) {
        let mut world = World::new();
        let mut left = Vec::new();
        play(&mut world, &steps, &mut left);
        for n in 1..=world.tickets {
            let answers = world.answers.get(&Ticket(n)).map_or(0, Vec::len);
            prop_assert!(answers == 1 || (answers == 0 && left.contains(&Ticket(n))), "ticket {} got {} answers", n, answers);
        }
    }

    /// Invariant 2.
    #[test]
    fn a_capture_at_n_shows_exactly_the_first_n_bytes(
        output in prop::collection::vec(prop::collection::vec(prop::sample::select(b"abc \r\n\x1b[1mHJ;2".to_vec()), 1..40), 1..8),
        at in any::<u16>(),
        pause in prop::collection::vec(any::<bool>(), 8),
    ) {
        let mut world = World::new();
        for (bytes, pause) in output.iter().zip(pause) {
            world.output(bytes);
            if pause {
                world.pass(Duration::from_secs(2));
            }
        }
        let at = u64::from(at) % (world.journal.len() as u64 + 1);
        let ticket = world.ask(capture(Some(at)));
        let (offset, shown) = world.captured(ticket);
        let mut fresh = World::new();
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
            let mut world = World::new();
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
        let mut world = World::new();
        for (i, bytes) in sends.iter().enumerate() {
            world.ask(send(i as u128 + 1, bytes.as_bytes()));
        }
        while !world.session.input().is_empty() {
            world.write(most);
        }
        prop_assert_eq!(String::from_utf8(world.typed.clone()).unwrap(), sends.concat());
    }
}

/// Invariant 5.
#[test]
fn the_last_output_before_exit_is_never_dropped() {
    let mut world = World::new();
    let exit = world.ask(Ask::Wait(wait(vec![Condition::Exit], None)));
    let words = world.ask(Ask::Wait(wait(vec![text("last words")], None)));
    world.tell(Event::Exited(Exit {
        outcome: Outcome::Code(0),
        at_ms: 0,
    }));
    assert_eq!(world.waited(exit), None, "the terminal may still hold output");
    world.output(b"last words");
    world.tell(Event::Closed);
    assert!(matches!(world.waited(words).unwrap().verdict, Verdict::Held(_)));
    assert_eq!(world.waited(exit).unwrap().offset, 10);
}

#[test]
fn a_wait_chained_by_its_offset_misses_nothing_in_between() {
    let mut world = World::new();
    let first = world.ask(Ask::Wait(wait(vec![text("ready")], None)));
    world.output(b"ready\nurl=http://a/\nmore\n");
    let offset = world.waited(first).unwrap().offset;
    assert_eq!(offset, 5);
    let second = world.ask(Ask::Wait(wait(vec![text(r"http://\S+")], Some(offset))));
    let waited = world.waited(second).unwrap();
    assert!(matches!(&waited.verdict, Verdict::Held(held) if held[0].found.as_ref().unwrap().text == "http://a/"));
}

#[test]
fn a_match_split_over_two_reads_is_told_whole() {
    let mut world = World::new();
    let ticket = world.ask(Ask::Wait(wait(vec![text(r"http://\S+")], None)));
    world.output(b"at http://local");
    assert_eq!(world.waited(ticket), None);
    world.output(b"host:80/ now");
    assert!(
        matches!(&world.waited(ticket).unwrap().verdict, Verdict::Held(held) if held[0].found.as_ref().unwrap().text == "http://localhost:80/")
    );
}

#[test]
fn a_prompt_without_a_line_end_is_matched_after_a_moment() {
    let mut world = World::new();
    let ticket = world.ask(Ask::Wait(wait(vec![text(r"\$ *$")], None)));
    world.output(b"user$ ");
    assert_eq!(world.waited(ticket), None);
    world.pass(Duration::from_millis(20));
    assert!(world.waited(ticket).is_some());
}

#[test]
fn a_line_that_begins_after_the_question_is_a_line_of_its_own() {
    let mut world = World::new();
    world.output(b"up\r\n");
    let whole = world.ask(Ask::Wait(wait(vec![text("^33 90$")], None)));
    world.output(b"33 90\r\n");
    assert!(world.waited(whole).is_some());
    world.output(b"half");
    let begun = world.ask(Ask::Wait(wait(vec![text("^half and half$")], None)));
    world.output(b" and half\r\n");
    assert!(world.waited(begun).is_some());
}

/// Memory keeps the newest lines, the journal all.
#[test]
fn a_capture_reaches_back_further_than_memory() {
    let mut world = World::new();
    world.session = Session::new(
        world.now,
        Beginning {
            sizes: vec![(0, Size { cols: 40, rows: 10 })],
            scrollback: 200_000,
            ..Beginning::default()
        },
    );
    for n in 0..60_000 {
        world.output(format!("line {n} of a long run\r\n").as_bytes());
    }
    let capture = Capture {
        extent: Extent::All,
        format: Format::Text,
        rows: false,
        at: None,
        budget: None,
    };
    let ticket = world.ask(Ask::Capture(capture));
    let shown = world.captured(ticket).1;
    assert_eq!(shown.lines().count(), 60_000);
    assert!(shown.starts_with("line 0 of") && shown.ends_with("line 59999 of a long run\n"));
}

#[test]
fn the_present_screen_counts_without_since_and_not_with_it() {
    let mut world = World::new();
    world.output(b"ready\r\n");
    let without = world.ask(Ask::Wait(wait(vec![text("ready")], None)));
    let with = world.ask(Ask::Wait(wait(vec![text("ready")], Some(7))));
    assert!(world.waited(without).is_some());
    assert_eq!(world.waited(with), None);
    world.end();
    assert_eq!(world.waited(with).unwrap().verdict, Verdict::Ended);
}

#[test]
fn the_fail_pattern_wins_when_it_comes_first() {
    let mut world = World::new();
    let mut question = wait(vec![text("done")], None);
    question.fail = Some("error: .*".into());
    let ticket = world.ask(Ask::Wait(question));
    world.output(b"error: no space\ndone\n");
    assert!(matches!(world.waited(ticket).unwrap().verdict, Verdict::Failed(m) if m.text == "error: no space"));
}

#[test]
fn all_conditions_may_come_true_at_different_times() {
    let mut world = World::new();
    let mut question = wait(vec![text("two"), text("one")], None);
    question.quorum = Quorum::All;
    let ticket = world.ask(Ask::Wait(question));
    world.output(b"one\n");
    assert_eq!(world.waited(ticket), None);
    world.output(b"two\n");
    let Verdict::Held(held) = world.waited(ticket).unwrap().verdict else {
        panic!("held")
    };
    assert_eq!(held.iter().map(|h| h.condition).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn quiet_before_the_question_counts_only_without_since() {
    let mut world = World::new();
    world.output(b"x");
    world.pass(Duration::from_secs(5));
    let idle = Condition::Idle(Duration::from_secs(2));
    let now = world.ask(Ask::Wait(wait(vec![idle.clone()], None)));
    let later = world.ask(Ask::Wait(wait(vec![idle], Some(1))));
    assert!(world.waited(now).is_some());
    assert_eq!(world.waited(later), None);
    world.pass(Duration::from_secs(2));
    assert!(world.waited(later).is_some());
}

#[test]
fn a_quiet_session_asks_for_no_wake_up() {
    let mut world = World::new();
    world.output(b"prompt$ ");
    world.pass(Duration::from_secs(5));
    assert_eq!(world.session.deadline(), None);
    let ticket = world.ask(capture(None));
    assert_eq!(world.captured(ticket).1.trim_end(), "prompt$");
    world.pass(Duration::from_secs(5));
    assert_eq!(world.session.deadline(), None);
}

#[test]
fn a_stop_is_polite_then_firm() {
    let mut world = World::new();
    let ticket = world.ask(Ask::Stop {
        signal: None,
        grace: Duration::from_secs(2),
    });
    assert!(world.effects.contains(&Effect::SignalTree(None)));
    world.pass(Duration::from_secs(1));
    assert!(!world.effects.contains(&Effect::KillTree));
    world.pass(Duration::from_secs(1));
    assert!(world.effects.contains(&Effect::KillTree));
    world.end();
    assert!(matches!(world.answers[&ticket][0], Answer::Stopped { firm: true, .. }));
}

#[test]
fn a_send_of_a_known_id_is_not_written_twice() {
    let mut world = World::new();
    world.ask(send(5, b"once"));
    world.write(100);
    let again = world.ask(send(5, b"once"));
    world.write(100);
    assert_eq!(world.typed, b"once");
    assert!(matches!(world.answers[&again][0], Answer::Sent(_)));
}

#[test]
fn a_line_that_the_terminal_would_cut_is_refused() {
    let mut world = World::new();
    let parts = vec![Part::Text(vec![b'x'; 5000])];
    let ticket = world.ask(Ask::Send {
        send: Send {
            id: 1,
            parts,
            more: false,
            submit: false,
        },
        canonical: true,
    });
    assert!(matches!(&world.answers[&ticket][0], Answer::Refused(f) if f.code == psup_proto::Code::LineTooLong));
    assert!(world.session.input().is_empty());
}

#[test]
fn portions_of_one_send_keep_the_turn() {
    let mut world = World::new();
    let portion = |id, bytes: &[u8], more| Ask::Send {
        send: Send {
            id,
            parts: vec![Part::Text(bytes.to_vec())],
            more,
            submit: false,
        },
        canonical: false,
    };
    world.ask(portion(9, b"first ", true));
    world.ask(send(1, b"other"));
    world.write(100);
    assert!(world.session.input().is_empty(), "the other send waits for the rest of the first");
    world.ask(portion(10, b"second ", false));
    world.write(100);
    world.write(100);
    assert_eq!(world.typed, b"first second other");
}
