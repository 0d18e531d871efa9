//! Words for people: how a child ended, how long ago, when, and columns that line up.

use psup_link::terminal_text::is_obeyed;
use psup_proto::exit::{Exit, Outcome};
use psup_proto::info::{Info, Process, State};
use psup_proto::units;
use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `exit 3`, `signal KILL`, `killed: out of memory (limit 256m)`, `lost (reboot)`.
pub(crate) fn exit(exit: &Exit) -> String {
    if let Some(oom) = exit.oom {
        return match oom.limit {
            Some(limit) => format!("killed: out of memory (limit {})", units::show_bytes(limit)),
            None => "killed: the machine was out of memory".to_owned(),
        };
    }
    match &exit.outcome {
        Outcome::Code(code) => format!("exit {code}"),
        Outcome::Signal { number, core } => format!(
            "signal {}{}",
            signal(*number),
            if *core { " (core dumped)" } else { "" }
        ),
        Outcome::Unknown { reason } => format!("unknown ({reason})"),
        Outcome::Lost { reason } => format!("lost ({reason})"),
    }
}

/// `TERM`; a number where it has no name.
pub(crate) fn signal(number: i32) -> String {
    nix::sys::signal::Signal::try_from(number).map_or_else(
        |_| number.to_string(),
        |signal| {
            signal
                .as_str()
                .strip_prefix("SIG")
                .unwrap_or(signal.as_str())
                .to_owned()
        },
    )
}

/// The state, and after the end also how it came.
pub(crate) fn state(info: &Info) -> String {
    match (info.state, &info.exit) {
        (State::Ended, Some(ended)) => exit(ended),
        (State::Lost, Some(lost)) => exit(lost),
        (State::CrashLooping, Some(ended)) => format!("crash-looping ({})", exit(ended)),
        (state, _) => state.word().to_owned(),
    }
}

/// `7s`, `12m`, `3h`, `5d`: the largest unit that is not nothing.
pub(crate) fn age(duration: Duration) -> String {
    let s = duration.as_secs();
    match s {
        0..60 => format!("{s}s"),
        60..3_600 => format!("{}m", s / 60),
        3_600..86_400 => format!("{}h", s / 3_600),
        _ => format!("{}d", s / 86_400),
    }
}

/// `3m ago`, of a time in milliseconds since 1970.
pub(crate) fn ago(at_ms: u64, now: u64) -> String {
    match now.saturating_sub(at_ms) {
        0..1_000 => "just now".to_owned(),
        ms => format!("{} ago", age(Duration::from_millis(ms))),
    }
}

/// How long ago, in a column: `3m ago`, `now`.
pub(crate) fn since(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        "now".to_owned()
    } else {
        format!("{} ago", age(time))
    }
}

/// `12.3 MiB`.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match UNITS.into_iter().find(|(size, _)| bytes >= *size) {
        Some((size, unit)) => format!("{:.1} {unit}", bytes as f64 / size as f64),
        None => format!("{bytes} B"),
    }
}

/// The command line of a process, or its name where that is all that is known.
pub(crate) fn program_line(process: &Process) -> String {
    if process.command.is_empty() {
        plain(&process.name)
    } else {
        command(&process.command)
    }
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}

/// `2026-11-20T16:52:01.123Z`.
pub(crate) fn time(at_ms: u64) -> String {
    let (days, ms) = (at_ms / 86_400_000, at_ms % 86_400_000);
    let (year, month, day) = date(days);
    let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!(
        "{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{:03}Z",
        ms % 1_000
    )
}

/// A command line as a person would type it.
pub(crate) fn command(args: &[Vec<u8>]) -> String {
    let quoted = |arg: &Vec<u8>| {
        let text = plain(&String::from_utf8_lossy(arg));
        let is_plain = |c: char| c.is_alphanumeric() || "-_./=:,+@%".contains(c);
        if !text.is_empty() && text.chars().all(is_plain) {
            text
        } else {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
    };
    args.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// Text of a program on one line, and nothing in it that a terminal would obey.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Line ends and tabs too: it stays one line, and one column of a table.
        if c.is_control() || is_obeyed(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Rows as columns, each as wide as its widest cell, the last as it is.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let gap = width - cell.chars().count() + 2;
            let _ = write!(line, "{cell}{:gap$}", "");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Year, month and day of a number of days since 1970, counted in eras of 400 years that begin in
/// March.
pub(crate) fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

/// A line of what one reads field by field: what it is, and how it stands.
pub(crate) fn row(what: &str, is: impl Into<String>) -> Vec<String> {
    vec![what.to_owned(), is.into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_utc() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
            (1_795_193_521_123, "2026-11-20T16:52:01.123Z"),
        ] {
            assert_eq!(time(ms), text);
        }
    }

    #[test]
    fn a_command_is_shown_so_that_it_could_be_typed() {
        let args = |list: &[&str]| {
            list.iter()
                .map(|a| a.as_bytes().to_vec())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            command(&args(&["sh", "-c", "a && b", ""])),
            "sh -c 'a && b' ''"
        );
        assert_eq!(
            command(&args(&["echo", "it's", "\x1b[2J"])),
            r"echo 'it'\''s' '\u{1b}[2J'"
        );
    }

    #[test]
    fn columns_line_up() {
        let row = |cells: &[&str]| cells.iter().map(|c| (*c).to_owned()).collect();
        assert_eq!(
            table(&[row(&["NAME", "PID"]), row(&["a-long-one", "1"])]),
            "NAME        PID\na-long-one  1\n"
        );
    }

    #[test]
    fn an_age_is_one_number() {
        for (s, text) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (7_200, "2h"),
            (200_000, "2d"),
        ] {
            assert_eq!(age(Duration::from_secs(s)), text);
        }
    }
}
