//! Durations and byte counts as people write them: `500ms 2s 5m 1h`, `64k 8m 1g`.
//!
//! A number without a unit is an error, not a guess.

use crate::error::{Code, Failure};
use std::time::Duration;

/// `500ms`, `1.5s`, `5m`, `1h`, `2d`.
pub fn duration(text: &str) -> Result<Duration, Failure> {
    let bad = || {
        Failure::new(Code::Usage, format!("bad duration {text:?}"))
            .hint("a duration has a unit: 500ms 2s 5m 1h 2d")
    };
    let (number, unit) = split(text).ok_or_else(bad)?;
    let millis = match unit {
        "ms" => 1.0,
        "s" => 1e3,
        "m" => 60e3,
        "h" => 3_600e3,
        "d" => 86_400e3,
        _ => return Err(bad()),
    };
    let total = number * millis;
    // A thousand years: beyond it the sum with a clock could overflow.
    if total > 3.2e13 {
        return Err(bad());
    }
    Ok(Duration::from_secs_f64(total / 1e3))
}

/// `64k`, `8m`, `1g`, `512b`: powers of 1024.
pub fn bytes(text: &str) -> Result<u64, Failure> {
    let bad = || {
        Failure::new(Code::Usage, format!("bad size in bytes {text:?}"))
            .hint("a size in bytes has a unit: 512b 64k 8m 1g")
    };
    let (number, unit) = split(text).ok_or_else(bad)?;
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "b" => 1,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        _ => return Err(bad()),
    };
    let total = number * factor as f64;
    if total > 1e15 {
        Err(bad())
    } else {
        Ok(total as u64)
    }
}

/// A duration the way [`duration`] reads it, in the largest unit that keeps it whole.
pub fn show_duration(duration: Duration) -> String {
    let ms = duration.as_millis();
    match ms {
        0 => "0s".into(),
        _ if ms.is_multiple_of(3_600_000) => format!("{}h", ms / 3_600_000),
        _ if ms.is_multiple_of(60_000) => format!("{}m", ms / 60_000),
        _ if ms.is_multiple_of(1_000) => format!("{}s", ms / 1_000),
        _ => format!("{ms}ms"),
    }
}

/// Bytes the way [`bytes`] reads them, in the largest unit that keeps them whole.
pub fn show_bytes(bytes: u64) -> String {
    let units = [(1 << 30, "g"), (1 << 20, "m"), (1 << 10, "k")];
    let whole = units
        .into_iter()
        .find(|(size, _)| bytes > 0 && bytes.is_multiple_of(*size));
    match whole {
        Some((size, unit)) => format!("{}{unit}", bytes / size),
        None => format!("{bytes}b"),
    }
}

fn split(text: &str) -> Option<(f64, &str)> {
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(at);
    let starts_with_digit = number.bytes().next().is_some_and(|b| b.is_ascii_digit());
    starts_with_digit
        .then(|| number.parse().ok())
        .flatten()
        .map(|n| (n, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("0s"), Ok(Duration::ZERO));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        for bad in [
            "",
            "5",
            "s",
            "-1s",
            "1 s",
            "1x",
            "1e3s",
            ".s",
            "1.2.3s",
            "99999999999999h",
        ] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn bytes_need_a_unit() {
        assert_eq!(bytes("64k"), Ok(65536));
        assert_eq!(bytes("1g"), Ok(1 << 30));
        for bad in ["", "5", "k", "1t", "1kb"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn bytes_shown_read_back() {
        for n in [0, 1, 1023, 1024, 1 << 20, 3 << 19, 5 << 30] {
            assert_eq!(bytes(&show_bytes(n)), Ok(n));
        }
    }

    #[test]
    fn a_duration_shown_reads_back() {
        for ms in [0, 1, 999, 1000, 1500, 60_000, 3_600_000, 90_000] {
            let d = Duration::from_millis(ms);
            assert_eq!(duration(&show_duration(d)), Ok(d));
        }
    }
}
