//! What a session does, a sentence each.

#![allow(clippy::unwrap_used)]

use super::harness::{Harness, capture, send, text, wait};
use crate::*;
use psup_proto::capture::{Capture, Extent, Format};
use psup_proto::condition::{Condition, Quorum, Verdict};
use psup_proto::input::{Part, Send};
use psup_proto::{Exit, Outcome, Size};

/// Invariant 5.
#[test]
fn the_last_output_before_exit_is_never_dropped() {
    let mut world = Harness::new();
    let exit = world.ask(Ask::Wait(wait(vec![Condition::Exit], None)));
    let words = world.ask(Ask::Wait(wait(vec![text("last words")], None)));
    world.tell(Event::Exited(Exit::new(Outcome::Code(0), 0)));
    assert_eq!(
        world.waited(exit),
        None,
        "the terminal may still hold output"
    );
    world.output(b"last words");
    world.tell(Event::Closed);
    assert!(matches!(
        world.waited(words).unwrap().verdict,
        Verdict::Held(_)
    ));
    assert_eq!(world.waited(exit).unwrap().offset, 10);
}

#[test]
fn a_wait_chained_by_its_offset_misses_nothing_in_between() {
    let mut world = Harness::new();
    let first = world.ask(Ask::Wait(wait(vec![text("ready")], None)));
    world.output(b"ready\nurl=http://a/\nmore\n");
    let offset = world.waited(first).unwrap().offset;
    assert_eq!(offset, 5);
    let second = world.ask(Ask::Wait(wait(vec![text(r"http://\S+")], Some(offset))));
    let waited = world.waited(second).unwrap();
    assert!(
        matches!(&waited.verdict, Verdict::Held(held) if held[0].found.as_ref().unwrap().text == "http://a/")
    );
}

#[test]
fn a_match_split_over_two_reads_is_told_whole() {
    let mut world = Harness::new();
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
    let mut world = Harness::new();
    let ticket = world.ask(Ask::Wait(wait(vec![text(r"\$ *$")], None)));
    world.output(b"user$ ");
    assert_eq!(world.waited(ticket), None);
    world.pass(Duration::from_millis(20));
    assert!(world.waited(ticket).is_some());
}

#[test]
fn a_line_that_begins_after_the_question_is_a_line_of_its_own() {
    let mut world = Harness::new();
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
    let mut world = Harness::new();
    world.session = Session::new(
        world.now,
        SessionStart {
            sizes: vec![(0, Size { cols: 40, rows: 10 })],
            scrollback: 200_000,
            ..SessionStart::default()
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
    let mut world = Harness::new();
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
    let mut world = Harness::new();
    let mut question = wait(vec![text("done")], None);
    question.fail = Some("error: .*".into());
    let ticket = world.ask(Ask::Wait(question));
    world.output(b"error: no space\ndone\n");
    assert!(
        matches!(world.waited(ticket).unwrap().verdict, Verdict::Failed(m) if m.text == "error: no space")
    );
}

#[test]
fn all_conditions_may_come_true_at_different_times() {
    let mut world = Harness::new();
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
    let mut world = Harness::new();
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
    let mut world = Harness::new();
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
    let mut world = Harness::new();
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
    assert!(matches!(
        world.answers[&ticket][0],
        Answer::Stopped { firm: true, .. }
    ));
}

#[test]
fn a_send_of_a_known_id_is_not_written_twice() {
    let mut world = Harness::new();
    world.ask(send(5, b"once"));
    world.write(100);
    let again = world.ask(send(5, b"once"));
    world.write(100);
    assert_eq!(world.typed, b"once");
    assert!(matches!(world.answers[&again][0], Answer::Sent(_)));
}

#[test]
fn a_line_that_the_terminal_would_cut_is_refused() {
    let mut world = Harness::new();
    let parts = vec![Part::Text(vec![b'x'; 5000])];
    let ticket = world.ask(Ask::Send {
        send: Send {
            id: 1,
            parts,
            more: false,
            submit: false,
            ..Send::default()
        },
        canonical: true,
        echo: true,
    });
    assert!(
        matches!(&world.answers[&ticket][0], Answer::Refused(f) if f.code == psup_proto::Code::LineTooLong)
    );
    assert!(world.session.input().is_empty());
}

#[test]
fn portions_of_one_send_keep_the_turn() {
    let mut world = Harness::new();
    let portion = |id, bytes: &[u8], more| Ask::Send {
        send: Send {
            id,
            parts: vec![Part::Text(bytes.to_vec())],
            more,
            submit: false,
            ..Send::default()
        },
        canonical: false,
        echo: false,
    };
    world.ask(portion(9, b"first ", true));
    world.ask(send(1, b"other"));
    world.write(100);
    assert!(
        world.session.input().is_empty(),
        "the other send waits for the rest of the first"
    );
    world.ask(portion(10, b"second ", false));
    world.write(100);
    world.write(100);
    assert_eq!(world.typed, b"first second other");
}

/// Lines as a terminal gives them in a flood; so many that lines scroll away unseen.
fn flood() -> Vec<u8> {
    (0..300)
        .flat_map(|n| format!("line {n} of a flood\r\n").into_bytes())
        .collect()
}

fn feeds(world: &Harness) -> usize {
    let fed = |effect: &&Effect| {
        matches!(
            effect,
            Effect::Feed {
                reader: Reader::Screen,
                ..
            }
        )
    };
    world.effects.iter().filter(fed).count()
}

#[test]
fn a_flood_is_drawn_when_it_pauses_or_is_long() {
    let mut world = Harness::new();
    world.output(&flood());
    assert_eq!(feeds(&world), 0, "what comes now may scroll it away");
    world.pass(Duration::from_millis(10));
    let drawn = feeds(&world);
    assert!(drawn > 0);
    assert!(
        world.session.deadline() > Some(world.now + Duration::from_millis(500)),
        "drawn is drawn"
    );
    // After a pause the first is drawn as it comes.
    for _ in 0..=crate::drawing::BATCH / flood().len() as Offset {
        world.output(&flood());
    }
    assert_eq!(feeds(&world), drawn);
    world.output(&flood());
    assert!(feeds(&world) > drawn, "no more than a batch waits");
}

#[test]
fn a_question_at_the_end_of_a_flood_is_answered_at_once() {
    for question in [
        "\x1b[6n",
        "\x1b[c",
        "\x1b[?2026$p",
        "\x1b]11;?\x07",
        "\x1b]11;?\x1b\\",
        "\x1bP+q544e\x1b\\",
        "\x1b[?4m",
    ] {
        let mut world = Harness::new();
        world.output(&flood());
        world.output(&[&flood(), question.as_bytes()].concat());
        world.write(1000);
        assert!(world.typed.starts_with(b"\x1b"), "{question:?}");
    }
}

/// Invariant 2.
#[test]
fn a_capture_in_a_flood_shows_the_whole_journal() {
    let mut world = Harness::new();
    world.output(&flood());
    world.output(b"and its end");
    let ticket = world.ask(capture(None));
    let (at, shown) = world.captured(ticket);
    assert_eq!(at, world.journal.len() as Offset);
    assert!(
        shown.ends_with("line 299 of a flood\nand its end\n"),
        "{shown}"
    );
}

/// A program may write what it asks for and sleep in its read before any of that has come here.
#[test]
fn who_reads_is_told_with_the_output_that_was_written_before() {
    let mut world = Harness::new();
    let reads = Event::Foreground(Some(crate::prompt::Foreground {
        is_child: true,
        name: "sh".into(),
        doing: crate::prompt::Activity::Reading,
        canonical: true,
        echo: false,
    }));
    let ticket = world.ask(Ask::Wait(wait(vec![Condition::Prompt], None)));
    world.pass(Duration::from_millis(100));
    assert!(world.effects.contains(&Effect::AskKernel));
    world.tell(Event::UnreadOutput);
    world.pass(Duration::from_millis(10));
    assert_eq!(world.waited(ticket), None, "there is more to come");
    world.output(b"Password: ");
    world.pass(Duration::from_millis(100));
    world.tell(reads);
    let waited = world.waited(ticket).unwrap();
    let Verdict::Held(held) = waited.verdict else {
        panic!("{waited:?}")
    };
    assert_eq!(held[0].found.as_ref().unwrap().text, "password");
    assert_eq!(waited.offset, 10, "it was asked for by this output");
}

/// A wait that nobody waits for any more costs nothing: no pattern, no deadline, no drawing.
#[test]
fn a_wait_whose_asker_left_leaves_nothing_behind() {
    let mut world = Harness::new();
    world.output(b"prompt> ");
    world.pass(Duration::from_secs(60));
    assert_eq!(world.session.deadline(), None);
    let mut limited = wait(vec![text("never"), Condition::Prompt], None);
    limited.timeout = Some(Duration::from_secs(3600));
    let ticket = world.ask(Ask::Wait(limited));
    assert!(world.session.deadline().is_some());
    world.tell(Event::AskerLeft(ticket));
    world.pass(Duration::from_secs(60));
    assert_eq!(world.session.deadline(), None);
    assert!(world.session.waits.is_empty());
    world.output(b"never");
    world.pass(Duration::from_secs(60));
    assert_eq!(world.waited(ticket), None, "nobody is answered");
}
