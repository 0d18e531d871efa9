//! Journal bytes on their way into a screen: with resizes where they happened, and without what is
//! skipped.

use psup_proto::{Offset, Size};
use psup_screen::Screen;

/// The longest question that is looked for at the end of a portion.
const QUESTION: usize = 64;

/// Feeds journal bytes from `from` on, with the resizes where they happened, and without what is to
/// be skipped.
pub(crate) fn feed(
    screen: &mut Screen,
    sizes: &[(Offset, Size)],
    skips: &[(Offset, Offset)],
    from: Offset,
    bytes: &[u8],
) {
    let to = from + bytes.len() as Offset;
    let mut at = from;
    for (offset, size) in sizes
        .iter()
        .filter(|(offset, _)| *offset >= from && *offset < to && *offset > 0)
    {
        feed_part(
            screen,
            skips,
            at,
            &bytes[(at - from) as usize..(*offset - from) as usize],
        );
        screen.resize(*size);
        at = *offset;
    }
    feed_part(screen, skips, at, &bytes[(at - from) as usize..]);
}

fn feed_part(screen: &mut Screen, skips: &[(Offset, Offset)], from: Offset, bytes: &[u8]) {
    let to = from + bytes.len() as Offset;
    let mut at = from;
    for (first, last) in skips
        .iter()
        .filter(|(first, last)| *first < to && *last > from)
    {
        draw(
            screen,
            &bytes[(at - from) as usize..(*first).clamp(at, to) as usize - from as usize],
        );
        at = (*last).clamp(at, to);
    }
    draw(screen, &bytes[(at - from) as usize..]);
}

fn draw(screen: &mut Screen, bytes: &[u8]) {
    #[cfg(feature = "fault-injection")]
    crate::fault::strike(bytes);
    screen.feed(bytes);
}

/// Whether a portion's last bytes may be what a terminal answers: then a program may wait for that,
/// and writes no more.
pub(super) fn ends_in_question(bytes: &[u8]) -> bool {
    let end = &bytes[bytes.len().saturating_sub(QUESTION)..];
    let Some(escape) = memchr::memrchr(0x1b, end) else {
        return false;
    };
    match &end[escape + 1..] {
        [b'[', params @ .., b'c' | b'n' | b'p' | b'q' | b't' | b'u'] => {
            params.iter().all(|b| matches!(b, b' '..=b'?'))
        }
        // Strings, ended by ST or by BEL.
        [b'[', b'?', b'4', b'm'] | [b'\\'] | [b']', .., 0x07] => true,
        _ => false,
    }
}
