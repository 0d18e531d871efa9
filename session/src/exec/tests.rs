#![allow(clippy::unwrap_used)]
use super::*;
use crate::prompt::{Activity, Foreground};
use crate::{Ask, Event, SessionStart};
use psup_proto::Size;

/// A shell at a prompt, its session, and a clock of its own.
struct World {
    session: Session,
    now: Instant,
    foreground: Foreground,
    offered: Vec<Vec<u8>>,
    answers: Vec<(u64, Answer)>,
    typed: Vec<u8>,
}

impl World {
    fn new(name: &str) -> Self {
        let now = Instant::now();
        let beginning = SessionStart {
            sizes: vec![(0, Size { cols: 80, rows: 10 })],
            scrollback: 100,
            nonce: "n1".into(),
            ..SessionStart::default()
        };
        Self {
            session: Session::new(now, beginning),
            now,
            foreground: Foreground {
                name: name.into(),
                is_child: true,
                doing: Activity::Reading,
                canonical: true,
                echo: true,
            },
            offered: Vec::new(),
            answers: Vec::new(),
            typed: Vec::new(),
        }
    }

    fn tell(&mut self, event: Event<'_>) {
        self.session.handle(self.now, event);
        loop {
            while let Some(effect) = self.session.poll() {
                match effect {
                    Effect::AskKernel => self
                        .session
                        .handle(self.now, Event::Foreground(Some(self.foreground.clone()))),
                    Effect::Offer(command) => self.offered.push(command),
                    Effect::Reply(ticket, answer) => self.answers.push((ticket.0, answer)),
                    _ => {}
                }
            }
            let input = self.session.input().to_vec();
            if input.is_empty() {
                return;
            }
            self.typed.extend_from_slice(&input);
            self.session.handle(self.now, Event::Written(input.len()));
        }
    }

    fn exec(&mut self, ticket: u64, command: &str) {
        let exec = Exec {
            command: command.into(),
            timeout: None,
        };
        self.tell(Event::Asked(Ticket(ticket), Ask::Exec(exec)));
    }

    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(at) = self.session.deadline().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.tell(Event::Tick);
        }
        self.now = until;
    }
}

fn mark(letter: &str) -> Vec<u8> {
    format!("\x1b]133;{letter};psup=n1\x07").into_bytes()
}

#[test]
fn a_shell_with_marks_fetches_one_command_after_the_other() {
    let mut world = World::new("bash");
    world.tell(Event::Output(&mark("B")));
    world.exec(1, "first\n");
    world.exec(2, "second");
    assert_eq!((world.offered.len(), world.typed.as_slice()), (1, FETCH));
    world.tell(Event::Output(
        &[mark("C"), b"out\r\n".to_vec(), mark("D;4")].concat(),
    ));
    assert!(matches!(
        &world.answers[..],
        [(
            1,
            Answer::Executed(Executed {
                ran: Ran::Code(4),
                from: 32,
                to: 37,
                ..
            })
        )]
    ));
    assert_eq!(world.offered.len(), 1, "not before the next prompt");
    world.tell(Event::Output(&mark("B")));
    assert_eq!(world.offered, [b"first".to_vec(), b"second".to_vec()]);
}

#[test]
fn a_busy_program_is_typed_nothing() {
    let mut world = World::new("make");
    world.foreground.doing = Activity::Busy;
    world.exec(1, "ls");
    world.pass(Duration::from_secs(2));
    assert!(
        matches!(&world.answers[..], [(1, Answer::Refused(failure))] if failure.code == Code::Busy)
    );
    assert_eq!(world.typed, b"");
}

#[test]
fn a_shell_without_marks_is_typed_a_line_that_sets_them() {
    let mut world = World::new("dash");
    world.tell(Event::Output(b"$ "));
    world.exec(1, "it's\nmore");
    world.pass(Duration::from_millis(100));
    let typed = String::from_utf8(world.typed.clone()).unwrap();
    assert!(
        typed.starts_with(r#" __psup="$(printf %b 'it\0047s\0012more')";"#)
            && typed.ends_with('\r'),
        "{typed}"
    );
    world.tell(Event::Output(
        b"\r\n\x1b]133;C;psup=n1;line\x07x\x1b]133;D;0;psup=n1;line\x07",
    ));
    assert!(
        matches!(
            &world.answers[..],
            [(
                1,
                Answer::Executed(Executed {
                    ran: Ran::Code(0),
                    ..
                })
            )]
        ),
        "{:?}",
        world.answers
    );
}
