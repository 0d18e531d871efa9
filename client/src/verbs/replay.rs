//! `psup replay`.

use super::Run;
use crate::context::{Context, Done};
use crate::recording::Source;
use crate::replay;
use crate::since::Since;
use psup_proto::{Code, Failure, units};
use std::time::Duration;

/// Play back what a session has printed
///
/// Shows the screen as it was, at the original pace, in this terminal. An argument
/// with a / in it, or ending in .cast, is read as an asciicast file of version 2 or
/// 3, as written by psup export and asciinema.
///
/// space      pause and resume
/// ← →        5 seconds back or ahead; page up and page down: a minute
/// ↑ ↓        double or halve the speed
/// [ ]        the previous or next marker: where psup exec began a command
/// 0 … 9      jump to that tenth; home and end: to the beginning and the end
/// q          quit
///
/// Example:
///   psup replay build
///   psup replay build --since 10m --speed 4
///   psup replay demo.cast --max-pause 1s
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Replay {
    /// A name, one life of it such as web#3, or a file
    #[arg(value_name = "NAME|FILE", value_parser = Source::parse)]
    source: Source,
    /// Play this many times as fast
    #[arg(long, value_name = "N", default_value = "1", value_parser = speed)]
    speed: f64,
    /// Shorten longer pauses to this
    #[arg(long, value_name = "DUR", default_value = "2s", value_parser = units::duration)]
    max_pause: Duration,
    /// Begin at this offset, a duration ago (10m), or at a time
    #[arg(long, value_name = "OFFSET", value_parser = Since::parse)]
    since: Option<Since>,
}

fn speed(text: &str) -> Result<f64, Failure> {
    let number = text.strip_suffix('x').unwrap_or(text).parse().ok();
    number
        .filter(|speed| (0.01..=1_000.0).contains(speed))
        .ok_or_else(|| {
            Failure::new(Code::Usage, format!("{text:?} is not a speed"))
                .hint("a speed is a number from 0.01 to 1000; 2 is twice as fast")
        })
}

impl Run for Replay {
    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let mut recording = self.source.read(self.since, cx)?;
        recording.limit_pauses(crate::json::millis(self.max_pause));
        replay::run(&recording, self.speed).map(|()| Done::OK)
    }
}
