//! Typing something and pressing Enter, like a person who looks before and after.
//!
//! ```text
//!   typed ──the screen has settled──▶ is it there? ──yes──▶ Enter, as its own write ──▶ is it gone? ──▶ submitted
//!                                         └── no: blocked, Enter is not pressed            └── no: pending, or blocked
//! ```
//! A terminal in canonical mode takes every Enter, so there is nothing to look at. Otherwise a
//! program draws what it is typed, and takes it away, or lets the cursor leave it, when it takes
//! it.

use crate::Session;
use crate::cursor::left_of_cursor;
use crate::event::{Answer, Ticket};
use crate::marks::Stage;
use crate::prompt::looks_like_prompt;
use psup_proto::input::{Sent, Submit};
use psup_proto::{Code, Failure};
use psup_screen::Screen;
use std::time::{Duration, Instant};

/// A screen that has not changed for this long has settled.
const SETTLED: Duration = Duration::from_millis(40);
/// How long a program may take to draw what was typed, and to take it. Agents draw 30 times a
/// second and less; on a busy machine it was seconds.
const TIME: Duration = Duration::from_secs(3);
/// One that has printed nothing since has not even begun.
const SILENT: Duration = Duration::from_secs(6);
/// On a screen that never settles, what has been seen for this long is so.
const SURE: Duration = Duration::from_millis(100);
/// So much of the end of what was typed is looked for, and of its beginning while it is being
/// drawn.
const TAIL: usize = 16;
const HEAD: usize = 64;

/// A send that is typed, and waits for its Enter or its verdict.
#[derive(Debug)]
pub(crate) struct Submission {
    pub ticket: Option<Ticket>,
    pub id: u128,
    pub sent: Sent,
    tail: String,
    head: String,
    phase: Phase,
    /// Since when it looks as if the next step could be taken.
    ready: Option<Instant>,
}

#[derive(Debug)]
enum Phase {
    /// `drawn`: so much of the beginning is on the screen.
    Typed {
        since: Instant,
        drawn: usize,
    },
    Entered {
        since: Instant,
        before: Spot,
    },
}

/// Where the text stood before Enter.
#[derive(Debug)]
struct Spot {
    rows: Vec<String>,
    cursor: (u16, u16),
    /// The cursor stands at its end.
    at_cursor: bool,
    was: Stage,
}

impl Submission {
    pub(crate) fn new(
        now: Instant,
        ticket: Option<Ticket>,
        id: u128,
        sent: Sent,
        text: &[u8],
    ) -> Self {
        let text = String::from_utf8_lossy(text);
        let last = text
            .trim_end()
            .rsplit(['\n', '\r'])
            .next()
            .unwrap_or_default();
        let skip = last.chars().count().saturating_sub(TAIL);
        Self {
            ticket,
            id,
            sent,
            tail: last.chars().skip(skip).collect(),
            head: last.chars().take(HEAD).collect(),
            phase: Phase::Typed {
                since: now,
                drawn: 0,
            },
            ready: None,
        }
    }

    fn since(&self) -> Instant {
        match self.phase {
            Phase::Typed { since, .. } | Phase::Entered { since, .. } => since,
        }
    }

    /// When it is given up.
    fn until(&self, last_output: Option<Instant>) -> Instant {
        let since = self.since();
        let silent = last_output.is_none_or(|at| at < since);
        since + if silent { SILENT } else { TIME }
    }

    /// When to look again though nothing happens.
    pub(crate) fn wake_at(&self, active: Instant, last_output: Option<Instant>) -> Instant {
        let sure = self.ready.map(|ready| ready + SURE);
        let settled = Some(active.max(self.since()) + SETTLED)
            .filter(|_| self.ready.is_none_or(|ready| active > ready));
        settled
            .into_iter()
            .chain(sure)
            .fold(self.until(last_output), Instant::min)
    }
}

impl Session {
    /// A send has been typed that wants its Enter.
    pub(crate) fn begin_submit(&mut self, now: Instant) {
        if let Some(typed) = self.input.take_typed() {
            self.submitting = Some(Submission::new(
                now,
                typed.ticket,
                typed.id,
                typed.sent,
                &typed.text,
            ));
        }
    }

    /// Whether what is to be submitted may be typed now. An editor or a pager would take it for
    /// commands, so it is refused before anything of it is typed.
    pub(crate) fn may_submit(&mut self) -> bool {
        while self.input.is_careful() {
            if !self.looking.has_looked() {
                self.looking.look_now();
                return false;
            }
            let Some(editor) = self
                .looking
                .foreground()
                .filter(|foreground| foreground.is_editor())
            else {
                return true;
            };
            let message = format!(
                "{:?} has the terminal and takes keys as commands, so nothing was typed",
                editor.name
            );
            let failure = Failure::new(Code::Busy, message)
                .hint("`psup send` with --key types keys to it, as does TEXT without --submit");
            if let Some(ticket) = self.input.refuse_next(&failure) {
                self.reply(ticket, Answer::Refused(failure));
            }
        }
        true
    }

    /// After every event: presses Enter when it is time, and gives the verdict when there is one.
    pub(crate) fn settle_submit(&mut self, now: Instant) {
        let Some(submitting) = self.submitting.as_mut() else {
            return;
        };
        if self.life.has_ended() {
            return self.submitted(Submit::Submitted);
        }
        let Some(screen) = self.drawing.current(self.end) else {
            return;
        };
        if let Phase::Typed { since, drawn } = &mut submitting.phase {
            let now_drawn = drawn_of(screen, &submitting.head);
            if now_drawn > *drawn {
                (*since, *drawn) = (now, now_drawn);
            }
        }
        let late = now >= submitting.until(self.last_output);
        let Some(foreground) = self.looking.foreground() else {
            if late {
                self.looking.look_now();
            }
            return;
        };
        let (next, given_up) = match &submitting.phase {
            Phase::Typed { .. } => {
                let shown = foreground.canonical
                    || submitting.tail.is_empty()
                    || is_shown(screen, &submitting.tail);
                (shown.then_some(None), Submit::Blocked)
            }
            Phase::Entered { before, .. } => {
                let taken = foreground.canonical
                    || is_taken(screen, before, &submitting.tail, self.marks.stage());
                (
                    taken.then_some(Some(Submit::Submitted)),
                    left_behind(screen, before),
                )
            }
        };
        let Some(next) = next else {
            submitting.ready = None;
            if late {
                self.submitted(given_up);
            }
            return;
        };
        let ready = *submitting.ready.get_or_insert(now);
        let settled = now >= self.active.max(submitting.since()) + SETTLED;
        if settled || late || now >= ready + SURE {
            match next {
                None => self.press_enter(now),
                Some(verdict) => self.submitted(verdict),
            }
        }
    }

    fn press_enter(&mut self, now: Instant) {
        let Some(screen) = self.drawing.current(self.end) else {
            return;
        };
        let Some(submitting) = self.submitting.as_mut() else {
            return;
        };
        let cursor = screen.cursor();
        let before = Spot {
            rows: screen.rows(),
            cursor: (cursor.row, cursor.col),
            at_cursor: cursor.visible
                && left_of_cursor(screen)
                    .trim_end()
                    .ends_with(submitting.tail.trim_end()),
            was: self.marks.stage(),
        };
        submitting.phase = Phase::Entered { since: now, before };
        submitting.ready = None;
        let mut enter = Vec::new();
        crate::keys::encode(
            psup_proto::Key::plain(psup_proto::key::Code::Enter),
            &screen.modes(),
            &mut enter,
        );
        self.input.press(enter);
    }

    fn submitted(&mut self, verdict: Submit) {
        let Some(submitting) = self.submitting.take() else {
            return;
        };
        let sent = Sent {
            submit: Some(verdict),
            ..submitting.sent
        };
        self.input.remember(submitting.id, sent.clone());
        if let Some(ticket) = submitting.ticket {
            self.reply(ticket, Answer::Sent(sent));
        }
    }
}

/// Whether the text has left the place where it was typed.
fn is_taken(screen: &Screen, before: &Spot, tail: &str, stage: Stage) -> bool {
    if let Stage::Ready { since: was, .. } = before.was {
        // The shell says it itself.
        return !matches!(stage, Stage::Ready { since, .. } if since == was);
    }
    let rows = screen.rows();
    let stays = |row: usize| before.rows.get(row) == rows.get(row);
    if before.at_cursor {
        let cursor = screen.cursor();
        let row = usize::from(before.cursor.0);
        let left = left_of_cursor(screen);
        let still = (cursor.row, cursor.col) == before.cursor && stays(row);
        let moved_with_it = !tail.is_empty() && left.trim_end().ends_with(tail.trim_end());
        // An Enter that only made another line in the box.
        let below = cursor.row == before.cursor.0 + 1
            && !left.is_empty()
            && !looks_like_prompt(&left, false);
        let nothing_else = (0..rows.len()).filter(|i| *i != row + 1).all(stays);
        return !(still || moved_with_it || below && nothing_else);
    }
    let place = |rows: &[String]| rows.iter().rposition(|row| row.contains(tail));
    let last = |rows: &[String]| rows.iter().rposition(|row| !row.is_empty()).unwrap_or(0);
    match (place(&before.rows), place(&rows)) {
        (Some(was), Some(is)) => {
            before.rows[was] != rows[is]
                || last(&before.rows) - was != last(&rows).saturating_sub(is)
        }
        (None, _) | (_, None) => true,
    }
}

/// What it means that the text is still there: that nothing happened, or that something else did.
fn left_behind(screen: &Screen, before: &Spot) -> Submit {
    let differ = before
        .rows
        .iter()
        .zip(screen.rows())
        .filter(|(was, is)| *was != is)
        .count();
    // A spinner and a line more in the box are nothing.
    if differ <= 2 {
        Submit::Pending
    } else {
        Submit::Blocked
    }
}

/// How much of the beginning of a text is on the screen.
fn drawn_of(screen: &Screen, head: &str) -> usize {
    let rows = screen.rows();
    let ends: Vec<usize> = head.char_indices().map(|(i, c)| i + c.len_utf8()).collect();
    let found = ends
        .iter()
        .rev()
        .find(|end| rows.iter().any(|row| row.contains(&head[..**end])));
    found.copied().unwrap_or(0)
}

/// Whether the text is on the screen, also where an edge has cut it.
fn is_shown(screen: &Screen, tail: &str) -> bool {
    let rows = screen.rows();
    let bare = |text: &str| {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
    };
    let wanted = bare(tail);
    rows.iter().any(|row| row.contains(tail))
        || !wanted.is_empty()
            && rows
                .iter()
                .map(|row| bare(row))
                .collect::<String>()
                .contains(&wanted)
}
