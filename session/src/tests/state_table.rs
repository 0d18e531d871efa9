//! Every event in every state, as one reviewed snapshot: a changed cell shows.

use crate::*;
use psup_proto::condition::{Condition, MatchOn, Quorum, Wait};
use psup_proto::exec::Exec;
use psup_proto::input::{Part, Send};
use psup_proto::{Exit, Outcome, Size};
use std::fmt::Write;

const STATES: [&str; 4] = ["Running", "Stopping", "Draining", "Ended"];

fn exit() -> Event<'static> {
    Event::Exited(Exit::new(Outcome::Code(3), 1000))
}

fn in_state(name: &str, now: Instant) -> Session {
    let beginning = SessionStart {
        sizes: vec![(0, Size::DEFAULT)],
        scrollback: 100,
        end: 0,
        ttl: None,
        nonce: "n1".into(),
        ..SessionStart::default()
    };
    let mut session = Session::new(now, beginning);
    match name {
        "Stopping" => session.handle(
            now,
            Event::Asked(
                Ticket(0),
                Ask::Stop {
                    signal: None,
                    grace: Duration::from_secs(5),
                },
            ),
        ),
        "Draining" => session.handle(now, exit()),
        "Ended" => {
            session.handle(now, exit());
            session.handle(now, Event::Closed);
        }
        _ => {}
    }
    while session.poll().is_some() {}
    session
}

fn wait(condition: Condition) -> Ask {
    Ask::Wait(Wait {
        conditions: vec![condition],
        quorum: Quorum::Any,
        on: MatchOn::Output,
        since: None,
        fail: None,
        timeout: None,
        settle: false,
    })
}

fn events() -> Vec<(&'static str, Event<'static>)> {
    let send = Send {
        id: 1,
        parts: vec![Part::Text(b"x".to_vec())],
        more: false,
        submit: false,
        ..Send::default()
    };
    let asked = psup_proto::attach::AskPerson {
        target: "x".parse().expect("a name"),
        why: "the code".into(),
        secret: false,
        timeout: None,
    };
    let ask = |ask| Event::Asked(Ticket(1), ask);
    vec![
        ("Output", Event::Output(b"hi\n")),
        ("Closed", Event::Closed),
        ("Exited", exit()),
        ("Tick", Event::Tick),
        ("AskerLeft", Event::AskerLeft(Ticket(0))),
        (
            "Asked Send",
            ask(Ask::Send {
                send,
                canonical: true,
                echo: true,
            }),
        ),
        (
            "Asked Resize",
            ask(Ask::Resize(Size { cols: 80, rows: 24 })),
        ),
        ("Asked Signal", ask(Ask::Signal(2))),
        ("Asked Alive", ask(Ask::Alive)),
        (
            "Asked Stop",
            ask(Ask::Stop {
                signal: Some(15),
                grace: Duration::ZERO,
            }),
        ),
        ("Asked Wait exit", ask(wait(Condition::Exit))),
        ("Asked Wait text", ask(wait(Condition::Text("hi".into())))),
        (
            "Asked Read",
            ask(Ask::Read {
                from: 0,
                timeout: None,
            }),
        ),
        (
            "Asked View",
            ask(Ask::View(crate::view::Arrival {
                viewer: 1,
                take: false,
                original: None,
            })),
        ),
        (
            "Asked Follow",
            ask(Ask::Follow {
                from: 0,
                changes: 0,
            }),
        ),
        ("Asked ViewerLeft", ask(Ask::ViewerLeft { viewer: 1 })),
        ("Asked Person", ask(Ask::Person(asked))),
        ("Asked Wait prompt", ask(wait(Condition::Prompt))),
        (
            "Asked Exec",
            ask(Ask::Exec(
                Exec {
                    command: b"ls".to_vec(),
                    timeout: None,
                },
                crate::marks::Tokens::new(1),
            )),
        ),
        ("Foreground", Event::Foreground(None)),
        ("UnreadOutput", Event::UnreadOutput),
    ]
}

fn brief(effect: &Effect) -> String {
    match effect {
        Effect::Reply(_, Answer::Refused(failure)) => format!("refuse {}", failure.code.word()),
        Effect::Reply(_, Answer::Facts(_)) => "reply facts".into(),
        Effect::Reply(_, Answer::Captured(..)) => "reply capture".into(),
        Effect::Reply(_, Answer::Viewed(_)) => "reply view".into(),
        Effect::Reply(_, Answer::Followed(_)) => "reply followed".into(),
        Effect::Reply(_, Answer::Waited(waited)) => format!("reply {:?}", waited.verdict),
        Effect::Reply(_, answer) => format!("reply {answer:?}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn every_event_in_every_state_is_reviewed() {
    let now = Instant::now();
    let mut table = String::new();
    for state in STATES {
        for (name, event) in events() {
            let mut session = in_state(state, now);
            session.handle(now, event);
            let effects: Vec<String> = std::iter::from_fn(|| session.poll())
                .map(|effect| brief(&effect))
                .collect();
            let input = if session.input().is_empty() {
                ""
            } else {
                " + input"
            };
            let to = session.life.state();
            writeln!(
                table,
                "{state:9} {name:16} -> {:9} {}{input}",
                format!("{to:?}"),
                effects.join("; ")
            )
            .expect("a string takes it");
        }
    }
    insta::assert_snapshot!(table);
}
