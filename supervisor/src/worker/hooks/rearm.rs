//! From where a watch looks on after it has told something.
//!
//! A line is told once, however often a pattern matches in it; a program that waits is told again
//! once its question is behind it, and not with each key that is echoed; quiet is told again after
//! output.

use super::entry::Cursor;
use crate::worker::driver::mailbox::DriverHandle;
use psup_proto::Offset;
use psup_proto::hook::HookEvent;
use psup_session::{Answer, Ask};

/// What is looked through at once.
const PIECE: usize = 64 << 10;
/// A program that draws its screen without line ends has moved on after so much output.
const REDRAWN: Offset = 512;

/// `None`: the session has ended, and nothing can come.
pub(super) async fn rearm(handle: &DriverHandle, on: &HookEvent, cursor: Cursor) -> Option<Offset> {
    if !cursor.fired {
        return Some(cursor.at);
    }
    match on {
        HookEvent::Match(_) => past_line(handle, cursor.at, Offset::MAX).await,
        HookEvent::Blocked(_) => past_line(handle, cursor.at, REDRAWN).await,
        HookEvent::Idle(_) => more(handle, cursor.at).await.map(|_| cursor.at),
        HookEvent::Exit | HookEvent::Lost | HookEvent::CrashLoop => None,
    }
}

/// Where the line ends that stands at `from`, or `from` and `enough`.
async fn past_line(handle: &DriverHandle, from: Offset, enough: Offset) -> Option<Offset> {
    let mut at = from;
    loop {
        let (chunk, bytes) = handle.bytes(at, PIECE).await.ok()?;
        if chunk.gap.is_some() {
            return Some(chunk.from);
        }
        if let Some(length) = line_length(&bytes) {
            return Some(chunk.from + length as Offset);
        }
        if chunk.next - from >= enough {
            return Some(chunk.next);
        }
        // What a carriage return means is said by the byte after it.
        let open = Offset::from(bytes.last() == Some(&b'\r'));
        if bytes.len() < PIECE {
            more(handle, chunk.next).await?;
        }
        at = chunk.next - open;
    }
}

/// The length of the first line, its end included; `None` if it may go on.
fn line_length(bytes: &[u8]) -> Option<usize> {
    let ends = |(at, byte): (usize, &u8)| match byte {
        b'\n' => true,
        b'\r' => bytes
            .get(at + 1)
            .is_some_and(|next| !matches!(next, b'\r' | b'\n')),
        _ => false,
    };
    bytes.iter().enumerate().position(ends).map(|at| at + 1)
}

/// Returns when the journal goes beyond this offset; `None` if it never will.
async fn more(handle: &DriverHandle, from: Offset) -> Option<Offset> {
    let ask = Ask::Read {
        from,
        timeout: None,
    };
    match handle.ask(ask).await {
        Ok(Answer::Readable { end, .. }) => (end > from).then_some(end),
        Ok(_) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_with_its_line_end_whatever_that_is() {
        let check = |bytes: &[u8], want| assert_eq!(line_length(bytes), want, "{bytes:?}");
        check(b"rest\r\nnext", Some(6));
        check(b"rest\nnext", Some(5));
        check(b"10%\r20%", Some(4));
        check(b"rest\r\r\n", Some(7));
        check(b"rest\r", None);
        check(b"", None);
    }
}
