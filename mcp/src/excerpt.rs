//! Text within a budget: its beginning and its end, and what was left out between them.

use psup_proto::Offset;
use std::collections::VecDeque;

/// Characters of an answer's text unless the call says otherwise: about 2,500 tokens.
pub(crate) const DEFAULT_BUDGET: usize = 10_000;

/// More would not pass through most clients.
pub(crate) const LARGEST_BUDGET: usize = 1_000_000;

/// Takes text of any length in the room of its budget.
#[derive(Debug)]
pub(crate) struct Excerpt {
    head: String,
    head_room: usize,
    tail: VecDeque<char>,
    tail_room: usize,
    left_out: u64,
    /// The beginning of a character whose end has not come yet.
    unfinished: Vec<u8>,
}

impl Excerpt {
    /// The end is what is read first, so it gets three quarters.
    pub(crate) fn new(budget: Option<usize>) -> Self {
        let budget = budget.unwrap_or(DEFAULT_BUDGET).min(LARGEST_BUDGET);
        let head_room = budget / 4;
        Self {
            head: String::new(),
            head_room,
            tail: VecDeque::new(),
            tail_room: budget - head_room,
            left_out: 0,
            unfinished: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, text: &str) {
        for c in text.chars() {
            if self.head_room > 0 {
                self.head_room -= 1;
                self.head.push(c);
                continue;
            }
            self.tail.push_back(c);
            if self.tail.len() > self.tail_room {
                self.tail.pop_front();
                self.left_out += 1;
            }
        }
    }

    /// Text in pieces that may end within a character.
    pub(crate) fn push_bytes(&mut self, bytes: &[u8]) {
        self.unfinished.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.unfinished) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Ok(_) | Err(_) => self.unfinished.len(),
        };
        let text: Vec<u8> = self.unfinished.drain(..whole).collect();
        self.push(&String::from_utf8_lossy(&text));
    }

    /// Bytes of the journal that are not kept any more.
    pub(crate) fn push_gap(&mut self, from: Offset, to: Offset) {
        self.push(&format!("\n[… bytes {from} to {to} are not kept …]\n"));
    }

    /// The text with a note where it was cut, and how many characters that were.
    pub(crate) fn finish(mut self) -> (String, Option<u64>) {
        let rest = std::mem::take(&mut self.unfinished);
        self.push(&String::from_utf8_lossy(&rest));
        let left_out = (self.left_out > 0).then_some(self.left_out);
        let note = left_out.map(|count| format!("\n[… {count} characters left out …]\n"));
        let mut text = self.head + &note.unwrap_or_default();
        text.extend(self.tail);
        (text, left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_whole_and_what_does_not_keeps_both_ends() {
        let excerpt = |budget, text: &str| {
            let mut excerpt = Excerpt::new(Some(budget));
            text.split_inclusive('l')
                .for_each(|part| excerpt.push(part));
            excerpt.finish()
        };
        assert_eq!(excerpt(5, "hällo"), ("hällo".into(), None));
        assert_eq!(
            excerpt(4, "hällo"),
            ("h\n[… 1 characters left out …]\nllo".into(), Some(1))
        );
        assert_eq!(excerpt(0, "ab").1, Some(2));
    }
}
