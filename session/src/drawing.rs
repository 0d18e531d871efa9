//! The screen as a reader of the journal: how far it has drawn, and where it is when nobody looks.
//!
//! While output comes, the screen follows the journal and answers the program's queries. What comes
//! in small portions is drawn at once. A flood is drawn in batches, of which most has scrolled away
//! already and need not be drawn: then the screen is behind by [`BATCH`] and [`PAUSE`] at most, and
//! anyone who needs it has it drawn to the end first. After a while of quiet it is put away as a
//! checkpoint and costs nothing; it is drawn from there when it is needed again. Queries in bytes
//! that were drawn before are never answered again.

mod feed;

use super::cursor::left_of_cursor;
use super::event::{Effect, Reader};
use feed::ends_in_question;
pub(crate) use feed::feed;
use psup_proto::event::EventKind;
use psup_proto::{Offset, Size};
use psup_screen::{Modes, Screen, Sign};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A screen under steady output is kept this often, so that drawing it again takes milliseconds,
/// and so that a flood is not slowed by the files this takes.
const CHECKPOINT_EVERY: u64 = 4 << 20;
/// A portion smaller than this is drawn at once: it is no flood.
const SMALL: usize = 1 << 10;
/// The most of a flood that is not drawn yet: many screenfuls, and well within the ring.
pub const BATCH: Offset = 64 << 10;
/// The longest that a flood is not drawn.
const PAUSE: Duration = Duration::from_millis(4);

pub(crate) struct Drawing {
    slot: Slot,
    /// Every size the terminal has had, each from its offset on.
    sizes: Vec<(Offset, Size)>,
    scrollback: u32,
    /// Queries in bytes before this have been answered.
    answered: Offset,
    /// The newest checkpoint.
    kept: Option<Offset>,
    title: String,
    cwd: Option<String>,
    /// What stood left of the cursor when the screen was put away, and where it stood then.
    left: Option<(Offset, String)>,
    /// Never drawn, for it killed who drew it.
    skips: Vec<(Offset, Offset)>,
    /// When something was drawn last.
    drawn: Instant,
    /// What is not drawn yet has been asked for.
    fed: bool,
    /// What comes before is drawn without a pause.
    target: Offset,
}

enum Slot {
    /// Drawn up to an offset.
    Live(Box<Screen>, Offset),
    /// Nowhere but in the journal and its checkpoints.
    Away,
    /// A checkpoint has been asked for.
    Waking,
    /// There is none, because screens are what workers died of.
    Blind,
}

impl Drawing {
    pub(crate) fn new(
        now: Instant,
        sizes: Vec<(Offset, Size)>,
        scrollback: u32,
        end: Offset,
        skips: Vec<(Offset, Offset)>,
        blind: bool,
    ) -> Self {
        let slot = if blind {
            Slot::Blind
        } else if end == 0 {
            Slot::Live(Box::new(Screen::new(first(&sizes), scrollback)), 0)
        } else {
            Slot::Away
        };
        Self {
            slot,
            sizes,
            scrollback,
            answered: end,
            kept: None,
            title: String::new(),
            cwd: None,
            left: None,
            skips,
            drawn: now,
            fed: false,
            target: 0,
        }
    }

    pub(crate) fn size(&self) -> Size {
        self.sizes.last().map_or(Size::DEFAULT, |(_, size)| *size)
    }

    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    pub(crate) fn cwd(&self) -> Option<&str> {
        self.cwd.as_deref()
    }

    pub(crate) fn scrollback(&self) -> u32 {
        self.scrollback
    }

    /// The screen, if it shows the whole journal.
    pub(crate) fn current(&self, end: Offset) -> Option<&Screen> {
        match &self.slot {
            Slot::Live(screen, at) if *at == end => Some(screen),
            Slot::Live(..) | Slot::Away | Slot::Waking | Slot::Blind => None,
        }
    }

    /// The state of the screen as it is drawn, and the offset that it shows. None in the middle of
    /// a sequence.
    pub(crate) fn state(&self) -> Option<(Offset, Vec<u8>)> {
        match &self.slot {
            Slot::Live(screen, at) => Some((*at, screen.checkpoint()?)),
            Slot::Away | Slot::Waking | Slot::Blind => None,
        }
    }

    /// What stands left of the cursor, also while the screen is away.
    pub(crate) fn left_of_cursor(&self, end: Offset) -> Option<String> {
        let kept = || {
            self.left
                .as_ref()
                .filter(|(at, _)| *at == end)
                .map(|(_, left)| left.clone())
        };
        self.current(end).map(left_of_cursor).or_else(kept)
    }

    /// Without a screen nobody knows them, and keys are sent as to a program that has set none.
    pub(crate) fn modes(&self, end: Offset) -> Option<Modes> {
        if self.is_blind() {
            return Some(Modes::default());
        }
        self.current(end).map(Screen::modes)
    }

    /// Whether there will be no screen.
    pub(crate) fn is_blind(&self) -> bool {
        matches!(self.slot, Slot::Blind)
    }

    /// New output. If the screen is away it is fetched: the program may ask it something.
    pub(crate) fn output(
        &mut self,
        now: Instant,
        from: Offset,
        bytes: &[u8],
        effects: &mut VecDeque<Effect>,
    ) {
        match self.slot {
            Slot::Live(_, at)
                if at == from
                    && (bytes.len() < SMALL
                        || now >= self.drawn + PAUSE
                        || ends_in_question(bytes)) =>
            {
                self.drawn = now;
                self.draw(from, bytes, effects);
                self.keep_if_due(effects);
            }
            // These bytes come to it when it follows; at once, if the program waits for that.
            Slot::Live(..) if ends_in_question(bytes) => self.target = from + bytes.len() as Offset,
            Slot::Live(..) | Slot::Waking | Slot::Blind => {}
            Slot::Away => self.wake(from + bytes.len() as Offset, effects),
        }
    }

    /// Has the screen follow the journal if it is behind and it is time: at once if it is `wanted`.
    pub(crate) fn follow(
        &mut self,
        now: Instant,
        end: Offset,
        wanted: bool,
        effects: &mut VecDeque<Effect>,
    ) {
        let Slot::Live(_, at) = self.slot else { return };
        if wanted || end >= at + BATCH || self.due(end).is_some_and(|due| now >= due) {
            self.target = end;
        }
        if at < self.target && !self.fed {
            self.fed = true;
            effects.push_back(Effect::Feed {
                reader: Reader::Screen,
                from: at,
            });
        }
    }

    /// When a screen that is behind catches up, wanted or not.
    pub(crate) fn due(&self, end: Offset) -> Option<Instant> {
        match self.slot {
            Slot::Live(_, at) if at < end && !self.fed => Some(self.drawn + PAUSE),
            Slot::Live(..) | Slot::Away | Slot::Waking | Slot::Blind => None,
        }
    }

    /// Journal bytes that were asked for.
    pub(crate) fn past(
        &mut self,
        now: Instant,
        from: Offset,
        bytes: &[u8],
        end: Offset,
        effects: &mut VecDeque<Effect>,
    ) {
        let Slot::Live(screen, at) = &mut self.slot else {
            return;
        };
        self.fed = false;
        self.drawn = now;
        if from > *at {
            // Bytes are gone for good; what follows them can still be drawn.
            *at = from;
            screen.lacks_lines();
        }
        let at = *at;
        let bytes = bytes.get((at - from) as usize..).unwrap_or_default();
        if at < end {
            self.draw(at, bytes, effects);
            self.resize_at(end);
            self.keep_if_due(effects);
        }
    }

    pub(crate) fn thawed(&mut self, checkpoint: Option<(Offset, &[u8])>, end: Offset) {
        let restored = checkpoint
            .and_then(|(offset, bytes)| Some((Screen::restore(bytes, self.scrollback)?, offset)));
        let (screen, at) =
            restored.unwrap_or_else(|| (Screen::new(first(&self.sizes), self.scrollback), 0));
        self.kept = (at > 0).then_some(at);
        self.slot = Slot::Live(Box::new(screen), at);
        self.fed = false;
        self.resize_at(end);
    }

    /// Makes sure that the screen will stand at the journal's end soon.
    pub(crate) fn wake(&mut self, end: Offset, effects: &mut VecDeque<Effect>) {
        match self.slot {
            Slot::Live(..) | Slot::Waking | Slot::Blind => {}
            Slot::Away => {
                self.slot = Slot::Waking;
                effects.push_back(Effect::Thaw {
                    reader: Reader::Screen,
                    before: end,
                });
            }
        }
    }

    /// Whether there is memory to give back after a while of quiet.
    pub(crate) fn can_rest(&self, end: Offset) -> bool {
        matches!(self.slot, Slot::Live(_, at) if at == end && at > 0)
    }

    /// Puts the screen away.
    pub(crate) fn rest(&mut self, end: Offset, effects: &mut VecDeque<Effect>) {
        if self.can_rest(end) && self.keep(effects) {
            self.left = self
                .current(end)
                .map(|screen| (end, left_of_cursor(screen)));
            self.slot = Slot::Away;
        }
    }

    pub(crate) fn resize(&mut self, size: Size, end: Offset) {
        match self.sizes.last_mut() {
            Some((from, last)) if *from == end => *last = size,
            _ => self.sizes.push((end, size)),
        }
        match &mut self.slot {
            Slot::Live(screen, at) if *at == end => {
                screen.resize(size);
                // The checkpoint at this offset shows the old size.
                self.kept = self.kept.filter(|kept| *kept != end);
            }
            Slot::Live(..) | Slot::Away | Slot::Waking | Slot::Blind => {}
        }
    }

    /// The sizes that counted while `[from, ..)` was written.
    pub(crate) fn sizes(&self) -> &[(Offset, Size)] {
        &self.sizes
    }

    pub(crate) fn skips(&self) -> &[(Offset, Offset)] {
        &self.skips
    }

    pub(crate) fn take_replies(&mut self) -> Vec<u8> {
        match &mut self.slot {
            Slot::Live(screen, _) => screen.take_replies(),
            Slot::Away | Slot::Waking | Slot::Blind => Vec::new(),
        }
    }

    /// A resize behind the last byte drawn.
    fn resize_at(&mut self, end: Offset) {
        let size = self.size();
        if let Slot::Live(screen, at) = &mut self.slot
            && *at == end
            && screen.size() != size
        {
            screen.resize(size);
        }
    }

    /// Draws journal bytes that begin where the screen stands.
    fn draw(&mut self, from: Offset, bytes: &[u8], effects: &mut VecDeque<Effect>) {
        let Slot::Live(screen, at) = &mut self.slot else {
            return;
        };
        let to = from + bytes.len() as Offset;
        let old_news = self.answered.clamp(from, to);
        feed(
            screen,
            &self.sizes,
            &self.skips,
            from,
            &bytes[..(old_news - from) as usize],
        );
        if old_news > from {
            drop(screen.take_replies());
            drop(screen.take_signs());
        }
        if old_news < to || from == to {
            feed(
                screen,
                &self.sizes,
                &self.skips,
                old_news,
                &bytes[(old_news - from) as usize..],
            );
        }
        *at = to;
        self.answered = self.answered.max(to);
        let signs = screen.take_signs();
        if self.title != screen.title() {
            screen.title().clone_into(&mut self.title);
        }
        if self.cwd.as_deref() != screen.cwd() {
            self.cwd = screen.cwd().map(str::to_owned);
        }
        effects.extend(signs.into_iter().filter_map(as_event).map(Effect::Tell));
    }

    fn keep_if_due(&mut self, effects: &mut VecDeque<Effect>) {
        if let Slot::Live(_, at) = self.slot
            && at >= self.kept.unwrap_or(0) + CHECKPOINT_EVERY
        {
            self.keep(effects);
        }
    }

    /// True once the newest checkpoint shows what the screen shows.
    fn keep(&mut self, effects: &mut VecDeque<Effect>) -> bool {
        let Slot::Live(screen, at) = &self.slot else {
            return false;
        };
        if self.kept == Some(*at) {
            return true;
        }
        // In the middle of a sequence there is no state that could be written down; the next quiet
        // comes.
        let Some(bytes) = screen.checkpoint() else {
            return false;
        };
        self.kept = Some(*at);
        effects.push_back(Effect::Checkpoint { offset: *at, bytes });
        true
    }
}

fn first(sizes: &[(Offset, Size)]) -> Size {
    sizes.first().map_or(Size::DEFAULT, |(_, size)| *size)
}

fn as_event(sign: Sign) -> Option<EventKind> {
    match sign {
        Sign::Bell => Some(EventKind::Bell),
        Sign::Title(title) => Some(EventKind::Title { title }),
        Sign::Cwd(path) => Some(EventKind::Cwd { path }),
        Sign::Notification(text) => Some(EventKind::Notification { text }),
        Sign::Progress(percent) => Some(EventKind::Progress { percent }),
        Sign::Clipboard(text) => Some(EventKind::Clipboard { text }),
        Sign::Mark(_) | Sign::SyncBegin | Sign::SyncEnd => None,
    }
}
