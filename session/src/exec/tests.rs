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
    /// Nothing can be kept for the shell to fetch.
    is_full: bool,
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
            is_full: false,
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
                    Effect::Offer(_) if self.is_full => self
                        .session
                        .handle(self.now, Event::NotOffered("full".into())),
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
        self.tell(Event::Asked(
            Ticket(ticket),
            Ask::Exec(exec, Tokens::new(ticket.into())),
        ));
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

fn prompt(number: u64) -> Vec<u8> {
    format!("\x1b]133;B;psup=n1.{number}\x07").into_bytes()
}

fn began(ticket: u64) -> Vec<u8> {
    format!("\x1b]133;C;psup={}.1\x07", Tokens::new(ticket.into()).begin).into_bytes()
}

fn ended(ticket: u64, code: &str, late: &str) -> Vec<u8> {
    format!(
        "\x1b]133;D;{code};psup={}.1{late}\x07",
        Tokens::new(ticket.into()).end
    )
    .into_bytes()
}

impl World {
    /// A command under way in a shell with marks.
    fn running(command: &str) -> Self {
        let mut world = Self::new("bash");
        world.tell(Event::Output(&prompt(1)));
        world.exec(1, command);
        world
    }

    #[track_caller]
    fn ran(&self) -> (Ran, Offset) {
        match &self.answers[..] {
            [(1, Answer::Executed(executed))] => (executed.ran, executed.to - executed.from),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_shell_is_not_asked_to_fetch_what_could_not_be_kept_for_it() {
    let mut world = World::new("bash");
    world.tell(Event::Output(&prompt(1)));
    world.is_full = true;
    world.exec(1, "first");
    world.exec(2, "second");
    assert!(matches!(
        &world.answers[..],
        [(1, Answer::Refused(first)), (2, Answer::Refused(second))]
            if first.code == Code::System && second.code == Code::System
    ));
    assert_eq!(world.typed, b"");
    world.is_full = false;
    world.exec(3, "third");
    assert_eq!((world.offered.len(), world.typed.as_slice()), (1, FETCH));
}

#[test]
fn a_shell_with_marks_fetches_one_command_after_the_other() {
    let mut world = World::new("bash");
    world.tell(Event::Output(&prompt(1)));
    world.exec(1, "first\n");
    world.exec(2, "second");
    assert_eq!((world.offered.len(), world.typed.as_slice()), (1, FETCH));
    world.tell(Event::Output(
        &[began(1), b"out\r\n".to_vec(), ended(1, "4", "")].concat(),
    ));
    assert_eq!(world.ran(), (Ran::Code(4), 5));
    assert_eq!(world.offered.len(), 1, "not before the next prompt");
    world.tell(Event::Output(&prompt(2)));
    let offered: Vec<&[u8]> = world.offered.iter().map(|offer| &offer[34..]).collect();
    assert_eq!(offered, [b"first".as_slice(), b"second"]);
    assert!(world.offered[0].starts_with(Tokens::new(1).begin.as_bytes()));
}

#[test]
fn a_recording_of_this_session_ends_no_command() {
    let mut world = World::running("cat recording");
    world.tell(Event::Output(&began(1)));
    world.tell(Event::Output(
        &[prompt(1), began(7), ended(7, "0", ""), prompt(1), began(1)].concat(),
    ));
    assert_eq!(world.answers, []);
    world.tell(Event::Output(&ended(1, "0", "")));
    assert!(matches!(world.ran(), (Ran::Code(0), 1..)));
}

#[test]
fn a_late_end_is_exact_only_where_nothing_was_printed() {
    let mut world = World::running("unset PROMPT_COMMAND");
    world.tell(Event::Output(
        &[began(1), b"\x1b[?2004h".to_vec(), ended(1, "3", ";late")].concat(),
    ));
    assert_eq!(world.ran(), (Ran::Code(3), 0));
    let mut world = World::running("echo a; PROMPT_COMMAND='echo b'");
    world.tell(Event::Output(
        &[began(1), b"a\r\nb\r\n".to_vec(), ended(1, "0", ";late")].concat(),
    ));
    assert_eq!(world.ran(), (Ran::Unknown, 6));
}

#[test]
fn a_line_that_the_shell_does_not_run_is_answered_with_what_it_says() {
    let mut world = World::running("echo )");
    world.tell(Event::Output(b"echo )\r\n\x1b[?2004l\rbash: no\r\n"));
    world.tell(Event::Output(&ended(1, "2", "")));
    assert_eq!(world.ran(), (Ran::Code(2), 10));
    let mut world = World::running("# nothing");
    world.tell(Event::Output(
        &[b"# nothing\r\n\x1b[?2004l\r", ended(1, "2", "").as_slice()].concat(),
    ));
    assert_eq!(world.ran(), (Ran::Code(0), 0));
}

#[test]
fn an_incomplete_command_is_taken_back() {
    for begun in [b"".to_vec(), began(1)] {
        let mut world = World::running("echo 1\nfor");
        world.tell(Event::Output(
            &[begun, b"\x1b]133;P;psup=n1.1\x07> ".to_vec()].concat(),
        ));
        assert!(
            matches!(&world.answers[..], [(1, Answer::Refused(failure))] if failure.code == Code::Usage)
        );
        assert!(world.typed.ends_with(&[CANCEL]));
    }
}

#[test]
fn a_command_is_taken_back_once_more_where_the_shell_reads_on_without_a_prompt() {
    let more = b"echo 'open\r\n\x1b]133;P;psup=n1.1\x07> ^C\r\n".to_vec();
    let mut world = World::running("echo 'open");
    world.tell(Event::Output(&more));
    assert_eq!(memchr::memchr_iter(CANCEL, &world.typed).count(), 1);
    world.pass(Duration::from_millis(400));
    assert_eq!(memchr::memchr_iter(CANCEL, &world.typed).count(), 2);
    world.tell(Event::Output(&prompt(2)));
    world.pass(Duration::from_secs(10));
    assert_eq!(memchr::memchr_iter(CANCEL, &world.typed).count(), 2);

    // Who sends something else goes on from there.
    let mut world = World::running("echo 'open");
    world.tell(Event::Output(&more));
    let send = psup_proto::input::Send {
        id: 7,
        parts: vec![psup_proto::input::Part::Text(b"'".to_vec())],
        more: false,
        submit: false,
        viewer: None,
        secret: false,
        patience: None,
    };
    world.tell(Event::Asked(
        Ticket(2),
        Ask::Send {
            send,
            canonical: false,
            echo: false,
        },
    ));
    world.pass(Duration::from_secs(10));
    assert_eq!(memchr::memchr_iter(CANCEL, &world.typed).count(), 1);
}

#[test]
fn an_empty_command_does_nothing_at_a_prompt() {
    let world = World::running(" \n");
    assert_eq!(world.ran(), (Ran::Code(0), 0));
    assert_eq!(world.typed, b"");
}

#[test]
fn a_shell_that_has_lost_its_marks_is_typed_to_as_soon_as_any_other() {
    let mut world = World::running("exec bash");
    world.tell(Event::Output(&[began(1), b"$ ".to_vec()].concat()));
    world.pass(Duration::from_secs(1));
    assert!(matches!(world.ran(), (Ran::Unknown, _)));
    for (ticket, wait) in [(2, 600), (3, 200), (4, 200)] {
        let typed = world.typed.len();
        world.exec(ticket, "true");
        world.pass(Duration::from_millis(wait));
        assert!(world.typed.len() > typed + 50, "{ticket}");
        world.tell(Event::Output(
            &[began(ticket), ended(ticket, "0", ""), b"$ ".to_vec()].concat(),
        ));
        assert!(matches!(
            world.answers.last(),
            Some((
                _,
                Answer::Executed(Executed {
                    ran: Ran::Code(0),
                    ..
                })
            ))
        ));
    }
}

#[test]
fn nothing_is_typed_into_a_multiplexer() {
    let mut world = World::new("tmux: client");
    world.foreground.doing = Activity::Polling;
    world.foreground.canonical = false;
    world.tell(Event::Output(b"$ "));
    world.exec(1, "ls");
    world.pass(Duration::from_secs(2));
    assert!(
        matches!(&world.answers[..], [(1, Answer::Refused(failure))] if failure.code == Code::Busy)
    );
    assert_eq!(world.typed, b"");
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
        &[b"\r\n", began(1).as_slice(), b"x", &ended(1, "0", "")].concat(),
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
