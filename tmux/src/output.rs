//! stdout and stderr: whole lines in one write, and the system's reasons in tmux's form.

use psup_link::terminal_text::Sink;
use std::io::Write;

/// To stderr, in one write.
pub(crate) fn tell(line: &str) {
    if !line.is_empty() {
        // Where stderr is gone there is nobody left to tell.
        let _ = std::io::stderr().write_all(format!("{}\n", Sink::Stderr.safe(line)).as_bytes());
    }
}

pub(crate) fn print(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// The system's reason without Rust's number behind it.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or_default()
        .to_owned()
}
