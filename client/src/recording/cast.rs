//! asciicast, the files of asciinema: version 3 and 2, written and read.
//!
//! A header, then one array a line: when, what, data. In version 3 the time counts from the line
//! before, in version 2 from the beginning. Data is text: a character that was cut by the time it
//! came is written whole with what follows, and what is no UTF-8 becomes U+FFFD.

use super::{Entry, Recording, What};
use psup_proto::{Code, Failure, Size};
use serde_json::{Value, json};
use std::fmt::Write;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Two,
    Three,
}

pub(crate) fn write(recording: &Recording, version: Version) -> String {
    let mut out = header(recording, version).to_string();
    out.push('\n');
    let mut before = 0;
    let mut line = |at_ms: u64, code: &str, data: String| {
        let time = match version {
            Version::Two => at_ms,
            Version::Three => at_ms - before,
        };
        before = at_ms;
        let data = Value::String(data);
        let (s, ms) = (time / 1_000, time % 1_000);
        // Writing to a string does not fail.
        let _ = writeln!(out, "[{s}.{ms:03}, \"{code}\", {data}]");
    };
    let mut held = Vec::new();
    for entry in &recording.entries {
        match &entry.what {
            What::Output(range) => {
                held.extend_from_slice(&recording.bytes[range.clone()]);
                let rest = held.split_off(whole(&held));
                let text = std::mem::replace(&mut held, rest);
                if !text.is_empty() {
                    line(
                        entry.at_ms,
                        "o",
                        String::from_utf8_lossy(&text).into_owned(),
                    );
                }
            }
            What::Resize(size) => line(entry.at_ms, "r", size.to_string()),
            What::Marker(label) => line(entry.at_ms, "m", label.clone()),
            What::Exit(code) if version == Version::Three => {
                line(entry.at_ms, "x", code.to_string());
            }
            What::Exit(_) => {}
        }
    }
    if !held.is_empty() {
        line(
            recording.end_ms(),
            "o",
            String::from_utf8_lossy(&held).into_owned(),
        );
    }
    out
}

fn header(recording: &Recording, version: Version) -> Value {
    let (cols, rows) = (recording.size.cols, recording.size.rows);
    let mut header = match version {
        Version::Two => json!({"version": 2, "width": cols, "height": rows}),
        Version::Three => json!({"version": 3, "term": {"cols": cols, "rows": rows}}),
    };
    if recording.began_ms > 0 {
        header["timestamp"] = json!(recording.began_ms / 1_000);
    }
    if let Some(command) = &recording.command {
        header["command"] = json!(command);
    }
    if !recording.title.is_empty() {
        header["title"] = json!(recording.title);
    }
    header
}

/// How many bytes come before a character that has not come whole.
fn whole(bytes: &[u8]) -> usize {
    let tail = bytes.len().saturating_sub(3);
    let cut = (tail..bytes.len()).find(|at| {
        let length = match bytes[*at] {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => return false,
        };
        at + length > bytes.len()
    });
    cut.unwrap_or(bytes.len())
}

pub(crate) fn parse(text: &str) -> Result<Recording, Failure> {
    let mut lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let header = lines
        .next()
        .and_then(|(_, line)| serde_json::from_str::<Value>(line).ok());
    let header = header.ok_or_else(|| no_cast("it does not begin with a header"))?;
    let version = match header["version"].as_u64() {
        Some(2) => Version::Two,
        Some(3) => Version::Three,
        Some(other) => return Err(no_cast(&format!("it is of version {other}"))),
        None => return Err(no_cast("its header has no version")),
    };
    let (cols, rows) = match version {
        Version::Two => (&header["width"], &header["height"]),
        Version::Three => (&header["term"]["cols"], &header["term"]["rows"]),
    };
    let number = |value: &Value| value.as_u64().and_then(|n| u16::try_from(n).ok());
    let size = number(cols)
        .zip(number(rows))
        .and_then(|(cols, rows)| Size::new(cols, rows));
    let word = |key: &str| header[key].as_str().map(str::to_owned);
    let mut recording = Recording {
        title: word("title").unwrap_or_default(),
        command: word("command"),
        began_ms: header["timestamp"]
            .as_u64()
            .unwrap_or(0)
            .saturating_mul(1_000),
        size: size.ok_or_else(|| no_cast("its header has no size"))?,
        bytes: Vec::new(),
        entries: Vec::new(),
    };
    let mut now_ms = 0;
    for (at, line) in lines {
        let bad = || no_cast(&format!("line {} is no event", at + 1));
        let (time, code, data): (f64, String, String) =
            serde_json::from_str(line).map_err(|_| bad())?;
        if !(0.0..1e12).contains(&time) {
            return Err(bad());
        }
        let time_ms = (time * 1e3).round() as u64;
        now_ms = match version {
            Version::Two => time_ms.max(now_ms),
            Version::Three => now_ms + time_ms,
        };
        let what = match code.as_str() {
            "o" => {
                let from = recording.bytes.len();
                recording.bytes.extend_from_slice(data.as_bytes());
                What::Output(from..recording.bytes.len())
            }
            "r" => What::Resize(data.parse().map_err(|_| bad())?),
            "m" => What::Marker(data),
            "x" => What::Exit(data.parse().map_err(|_| bad())?),
            // Input, and what later versions add.
            _ => continue,
        };
        recording.entries.push(Entry {
            at_ms: now_ms,
            what,
        });
    }
    Ok(recording)
}

fn no_cast(why: &str) -> Failure {
    Failure::new(Code::Usage, format!("the file is no asciicast: {why}"))
        .hint("`psup export NAME -o FILE.cast` writes one")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn recording() -> Recording {
        let entry = |at_ms, what| Entry { at_ms, what };
        Recording {
            title: "build".into(),
            command: Some("make".into()),
            began_ms: 1_795_193_521_000,
            size: Size { cols: 80, rows: 24 },
            bytes: "one\r\n世\x1b[1m\"".as_bytes().to_vec(),
            entries: vec![
                entry(12, What::Output(0..5)),
                entry(1_012, What::Marker("make test".into())),
                entry(1_012, What::Output(5..7)),
                entry(
                    2_500,
                    What::Resize(Size {
                        cols: 100,
                        rows: 30,
                    }),
                ),
                entry(3_000, What::Output(7..13)),
                entry(61_000, What::Exit(3)),
            ],
        }
    }

    #[test]
    fn version_3_counts_from_the_line_before() {
        assert_eq!(
            write(&recording(), Version::Three),
            "{\"command\":\"make\",\"term\":{\"cols\":80,\"rows\":24},\"timestamp\":1795193521,\
             \"title\":\"build\",\"version\":3}\n\
             [0.012, \"o\", \"one\\r\\n\"]\n\
             [1.000, \"m\", \"make test\"]\n\
             [1.488, \"r\", \"100x30\"]\n\
             [0.500, \"o\", \"世\\u001b[1m\\\"\"]\n\
             [58.000, \"x\", \"3\"]\n"
        );
    }

    #[test]
    fn what_was_written_is_read_back() {
        for version in [Version::Two, Version::Three] {
            let text = write(&recording(), version);
            let read = parse(&text).unwrap();
            assert_eq!(read.bytes, recording().bytes);
            assert_eq!(write(&read, version), text);
        }
    }

    #[test]
    fn what_is_no_cast_is_told() {
        for (text, why) in [
            ("", "does not begin with a header"),
            ("{}", "no version"),
            ("{\"version\":1}", "version 1"),
            (
                "{\"version\":3,\"term\":{\"cols\":0,\"rows\":24}}",
                "no size",
            ),
            (
                "{\"version\":2,\"width\":80,\"height\":24}\n[1]",
                "line 2 is no event",
            ),
            (
                "{\"version\":2,\"width\":80,\"height\":24}\n[-1,\"o\",\"\"]",
                "line 2",
            ),
        ] {
            let failure = parse(text).unwrap_err();
            assert!(failure.message.contains(why), "{text}: {}", failure.message);
        }
    }

    #[test]
    fn pauses_are_limited_and_the_rest_keeps_its_pace() {
        let mut limited = recording();
        limited.limit_pauses(1_000);
        let times: Vec<u64> = limited.entries.iter().map(|entry| entry.at_ms).collect();
        assert_eq!(times, [12, 1_012, 1_012, 2_012, 2_512, 3_512]);
    }
}
