//! A recording at a moment: the screen then, and what comes next. It knows no clock.

use super::keys::Wish;
use crate::recording::{Recording, What};
use psup_proto::limits;
use psup_screen::Screen;

/// How many times faster or slower it can go.
const FASTEST: f64 = 64.0;
const SLOWEST: f64 = 1.0 / 16.0;

pub(super) struct Player<'r> {
    recording: &'r Recording,
    pub screen: Screen,
    /// The entry that comes next.
    next: usize,
    /// Where it stands, in milliseconds.
    at: f64,
    pub speed: f64,
    pub paused: bool,
}

impl<'r> Player<'r> {
    pub(super) fn new(recording: &'r Recording, speed: f64) -> Self {
        let mut player = Self {
            recording,
            screen: blank(recording),
            next: 0,
            at: 0.0,
            speed,
            paused: false,
        };
        player.go_on();
        player
    }

    pub(super) fn is_over(&self) -> bool {
        self.next == self.recording.entries.len()
    }

    /// How long until the next entry, in milliseconds of the person's time.
    pub(super) fn until_next(&self) -> Option<f64> {
        let next = self
            .recording
            .entries
            .get(self.next)
            .filter(|_| !self.paused)?;
        Some(((next.at_ms as f64 - self.at) / self.speed).max(0.0))
    }

    /// So much of the person's time has gone by.
    pub(super) fn pass(&mut self, ms: f64) {
        if !self.paused {
            self.at = (self.at + ms * self.speed).min(self.recording.end_ms() as f64);
            self.go_on();
        }
    }

    /// Whether the screen is another one, which was not drawn from the one before.
    pub(super) fn grant(&mut self, wish: Wish) -> bool {
        let end = self.recording.end_ms();
        let at = self.at as u64;
        match wish {
            Wish::Quit => {}
            Wish::Pause => self.paused = !self.paused,
            Wish::Faster => self.speed = (self.speed * 2.0).min(FASTEST),
            Wish::Slower => self.speed = (self.speed / 2.0).max(SLOWEST),
            Wish::Seek(by) => return self.seek(at.saturating_add_signed(by)),
            Wish::Tenth(tenths) => return self.seek(end * tenths / 10),
            Wish::End => return self.seek(end),
            Wish::NextMarker => {
                let to = self.markers().find(|marker| *marker > at);
                return self.seek(to.unwrap_or(end));
            }
            Wish::LastMarker => {
                // One that has just gone by is not what a person means.
                let to = self.markers().filter(|marker| marker + 1_000 < at).last();
                return self.seek(to.unwrap_or(0));
            }
        }
        false
    }

    /// `0:12 of 1:03`, and the speed where it is not the true one.
    pub(super) fn place(&self) -> String {
        let clock = |ms: u64| format!("{}:{:02}", ms / 60_000, ms / 1_000 % 60);
        let place = format!(
            "{} of {}",
            clock(self.at as u64),
            clock(self.recording.end_ms())
        );
        if (self.speed - 1.0).abs() < f64::EPSILON {
            place
        } else {
            format!("{place}, speed {}", self.speed)
        }
    }

    fn markers(&self) -> impl Iterator<Item = u64> {
        let is_marker = |what: &What| matches!(what, What::Marker(_));
        let entries = self.recording.entries.iter();
        entries
            .filter(move |entry| is_marker(&entry.what))
            .map(|entry| entry.at_ms)
    }

    fn seek(&mut self, to: u64) -> bool {
        let to = to.min(self.recording.end_ms()) as f64;
        let back = to < self.at;
        if back {
            self.screen = blank(self.recording);
            self.next = 0;
        }
        self.at = to;
        self.go_on();
        back
    }

    /// Draws everything up to where it stands.
    fn go_on(&mut self) {
        while let Some(entry) = self.recording.entries.get(self.next) {
            if entry.at_ms as f64 > self.at {
                return;
            }
            self.next += 1;
            match &entry.what {
                What::Output(range) => {
                    self.screen.feed(&self.recording.bytes[range.clone()]);
                    // The terminal that shows it is asked nothing, and told nothing but the screen.
                    self.screen.take_replies();
                    self.screen.take_signs();
                }
                What::Resize(size) => self.screen.resize(*size),
                What::Marker(_) | What::Exit(_) => {}
            }
        }
    }
}

fn blank(recording: &Recording) -> Screen {
    Screen::new(recording.size, limits::SCROLLBACK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::Entry;
    use psup_proto::Size;

    fn recording() -> Recording {
        let entry = |at_ms, what| Entry { at_ms, what };
        Recording {
            title: String::new(),
            command: None,
            began_ms: 0,
            size: Size { cols: 20, rows: 4 },
            bytes: b"one two three".to_vec(),
            entries: vec![
                entry(0, What::Output(0..4)),
                entry(10_000, What::Marker("b".into())),
                entry(10_000, What::Output(4..8)),
                entry(20_000, What::Output(8..13)),
                entry(30_000, What::Exit(0)),
            ],
        }
    }

    #[test]
    fn it_shows_what_had_come_and_seeks_both_ways() {
        let recording = recording();
        let mut player = Player::new(&recording, 2.0);
        let row = |player: &Player| player.screen.rows()[0].trim_end().to_owned();
        assert_eq!(
            (row(&player), player.until_next()),
            ("one".into(), Some(5_000.0))
        );
        player.pass(5_000.0);
        assert_eq!(row(&player), "one two");
        assert!(!player.grant(Wish::End) && player.is_over());
        assert_eq!(row(&player), "one two three");
        assert!(player.grant(Wish::Seek(-25_000)));
        assert_eq!(
            (row(&player), player.place()),
            ("one".into(), "0:05 of 0:30, speed 2".into())
        );
        player.grant(Wish::NextMarker);
        assert_eq!(row(&player), "one two");
        player.grant(Wish::Pause);
        player.pass(60_000.0);
        assert_eq!(
            (row(&player), player.until_next()),
            ("one two".into(), None)
        );
        assert!(player.grant(Wish::LastMarker));
        assert_eq!(row(&player), "one");
    }
}
