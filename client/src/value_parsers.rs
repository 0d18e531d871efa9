//! Values of flags, parsed once at the door. An error is a [`Failure`] with a hint, which clap
//! hands through.

use psup_proto::{Code, Failure, limits};

/// `KEY=VALUE`; the key is not empty.
pub(crate) fn pair(text: &str) -> Result<(String, String), Failure> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(usage(format!("{text:?} is not of the form KEY=VALUE"))),
    }
}

/// A label, within the limits of one.
pub(crate) fn label(text: &str) -> Result<(String, String), Failure> {
    let (key, value) = pair(text)?;
    if key.len() > limits::LABEL || value.len() > limits::LABEL {
        return Err(usage(format!(
            "a label's key and value are at most {} bytes each",
            limits::LABEL
        )));
    }
    Ok((key, value))
}

/// A signal by its name, with or without `SIG`, in any case, or by its number.
pub(crate) fn signal(text: &str) -> Result<i32, Failure> {
    let bad = || {
        usage(format!("no signal is called {text:?}"))
            .hint("signals are named INT, TERM, HUP, KILL … or numbered 1 to 64")
    };
    if let Ok(number) = text.parse::<i32>() {
        return if (1..=64).contains(&number) {
            Ok(number)
        } else {
            Err(bad())
        };
    }
    let upper = text.to_ascii_uppercase();
    let name = if upper.starts_with("SIG") {
        upper
    } else {
        format!("SIG{upper}")
    };
    name.parse::<nix::sys::signal::Signal>()
        .map(|signal| signal as i32)
        .map_err(|_| bad())
}

/// A limit of the log in bytes.
pub(crate) fn log_limit(text: &str) -> Result<u64, Failure> {
    let bytes = psup_proto::units::bytes(text)?;
    if bytes < limits::LOG_LEAST {
        return Err(usage(format!("a log of {text} is too small"))
            .hint("the minimum is 64k; --no-log keeps nothing on disk"));
    }
    Ok(bytes)
}

/// Bytes written in hexadecimal, spaces between them allowed.
pub(crate) fn hex(text: &str) -> Result<Vec<u8>, Failure> {
    let bad = || {
        usage(format!("{text:?} is not hexadecimal"))
            .hint("bytes are pairs of hexadecimal digits: 1b5b41 or '1b 5b 41'")
    };
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let digit = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return Err(bad());
    }
    digits
        .chunks(2)
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect::<Option<_>>()
        .ok_or_else(bad)
}

fn usage(message: String) -> Failure {
    Failure::new(Code::Usage, message)
}

/// With padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            if place <= three.len() {
                out.push(DIGITS[(bits >> (18 - 6 * place) & 63) as usize] as char);
            } else {
                out.push('=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn signals_go_by_name_or_number() {
        for (text, number) in [
            ("INT", 2),
            ("sigterm", 15),
            ("SIGKILL", 9),
            ("9", 9),
            ("40", 40),
        ] {
            assert_eq!(signal(text), Ok(number), "{text}");
        }
        for bad in ["", "0", "65", "-1", "SIG", "FOO"] {
            assert_eq!(signal(bad).map_err(|f| f.code), Err(Code::Usage), "{bad}");
        }
    }

    #[test]
    fn hexadecimal_is_whole_bytes() {
        assert_eq!(hex("1B 5b41"), Ok(vec![0x1b, 0x5b, 0x41]));
        for bad in ["", "1", "1g", "0x1b"] {
            assert!(hex(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn pairs_have_a_key_and_perhaps_nothing_behind_it() {
        assert_eq!(pair("A=b=c").unwrap(), ("A".into(), "b=c".into()));
        assert_eq!(pair("A=").unwrap(), ("A".into(), String::new()));
        assert!(pair("A").is_err());
        assert!(pair("=b").is_err());
    }

    #[test]
    fn a_log_has_a_least_size() {
        assert_eq!(log_limit("64k"), Ok(65536));
        assert!(log_limit("1k").is_err());
    }
}
