//! The beginning and the end of output that may be long, within a budget.

use std::collections::VecDeque;

/// Takes pieces, passes the first half of the budget on at once, and keeps the last half.
#[derive(Debug)]
pub(crate) struct HeadAndTail {
    /// So much of the head is still to come.
    head: usize,
    tail: VecDeque<u8>,
    most: usize,
    left_out: u64,
    /// Where in the journal the piece stands that the cut is in.
    cut_at: u64,
}

impl HeadAndTail {
    pub(crate) fn new(budget: usize) -> Self {
        Self {
            head: budget.div_ceil(2),
            tail: VecDeque::new(),
            most: budget / 2,
            left_out: 0,
            cut_at: 0,
        }
    }

    /// What of a piece that stands at `at` is to be printed now.
    pub(crate) fn take<'a>(&mut self, at: u64, bytes: &'a [u8]) -> &'a [u8] {
        let count = if bytes.len() <= self.head {
            bytes.len()
        } else {
            // No character is cut.
            (0..=self.head)
                .rev()
                .find(|i| is_boundary(bytes, *i))
                .unwrap_or(0)
        };
        let (now, later) = bytes.split_at(count);
        self.head -= count;
        if !later.is_empty() {
            if self.tail.is_empty() && self.left_out == 0 {
                self.cut_at = at;
            }
            self.head = 0;
            self.tail.extend(later);
            while self.tail.len() > self.most {
                self.drop_first();
            }
        }
        now
    }

    /// The end, how many bytes before it were left out, and from where on the journal has them.
    pub(crate) fn finish(mut self) -> (Vec<u8>, Option<(u64, u64)>) {
        if self.left_out > 0 {
            while self.tail.front().is_some_and(|byte| byte & 0xc0 == 0x80) {
                self.drop_first();
            }
        }
        let cut = (self.left_out > 0).then_some((self.left_out, self.cut_at));
        (self.tail.into(), cut)
    }

    fn drop_first(&mut self) {
        self.tail.pop_front();
        self.left_out += 1;
    }
}

fn is_boundary(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|byte| byte & 0xc0 != 0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(budget: usize, pieces: &[&str]) -> (String, Option<(u64, u64)>) {
        let mut both = HeadAndTail::new(budget);
        let mut out = Vec::new();
        for (i, piece) in pieces.iter().enumerate() {
            out.extend_from_slice(both.take(100 * i as u64, piece.as_bytes()));
        }
        let (tail, left_out) = both.finish();
        out.extend_from_slice(b"|");
        out.extend_from_slice(&tail);
        (String::from_utf8_lossy(&out).into_owned(), left_out)
    }

    #[test]
    fn what_does_not_fit_is_left_out_of_the_middle() {
        assert_eq!(cut(10, &["abc", "def"]), ("abcde|f".into(), None));
        assert_eq!(
            cut(6, &["abc", "def", "ghi"]),
            ("abc|ghi".into(), Some((3, 100)))
        );
        assert_eq!(cut(0, &["abc"]), ("|".into(), Some((3, 0))));
        assert_eq!(cut(4, &["aüü", "b"]), ("a|b".into(), Some((4, 0))));
    }
}
