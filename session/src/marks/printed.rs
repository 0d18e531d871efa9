//! A command's own output, made of what is in the journal.

/// What a command printed, made of what is in the journal: of every `\r\n` the `\r` is taken out
/// that the terminal put there.
#[derive(Debug, Default)]
pub struct Printed {
    /// The last byte was a `\r`, and what follows decides whose it was.
    returned: bool,
}

impl Printed {
    /// The next bytes of the journal, made into what was printed.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        for &byte in bytes {
            if std::mem::take(&mut self.returned) && byte != b'\n' {
                out.push(b'\r');
            }
            if byte == b'\r' {
                self.returned = true;
            } else {
                out.push(byte);
            }
        }
        out
    }

    /// What was held back, once nothing follows.
    pub fn rest(self) -> Vec<u8> {
        if self.returned {
            vec![b'\r']
        } else {
            Vec::new()
        }
    }
}

/// The part of a command's output that is the command's own. After it has told that a command runs,
/// fish still writes the title and the colours that it leaves the terminal in, and a carriage
/// return.
pub fn after_fish(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes.strip_prefix(b"\x1b[?2004l").unwrap_or(bytes);
    if let Some(title) = rest.strip_prefix(b"\x1b]0;") {
        let Some(end) = title.iter().position(|b| *b == 0x07) else {
            return bytes;
        };
        rest = &title[end + 1..];
    }
    loop {
        let colour = rest.strip_prefix(b"\x1b[").and_then(|body| {
            let length = body
                .iter()
                .position(|b| !b.is_ascii_digit() && *b != b';')?;
            (body[length] == b'm').then(|| &body[length + 1..])
        });
        let plain = || {
            rest.strip_prefix(b"\x0f")
                .or_else(|| rest.strip_prefix(b"\x1b(B"))
        };
        match colour.or_else(plain) {
            Some(after) => rest = after,
            None => return rest.strip_prefix(b"\r").unwrap_or(bytes),
        }
    }
}
