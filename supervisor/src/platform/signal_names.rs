//! What signals are called.

/// `TERM`, `SIGTERM`, `15`, `RTMIN+1`.
pub fn number_of(name: &str) -> Option<i32> {
    let upper = name.to_ascii_uppercase();
    let (least, most) = realtime();
    let highest = most.max(31);
    if let Ok(number) = upper.parse::<i32>() {
        return (1..=highest).contains(&number).then_some(number);
    }
    let plain = upper.strip_prefix("SIG").unwrap_or(&upper);
    let within = |n: i32| (least..=most).contains(&n).then_some(n);
    if let Some(rest) = plain.strip_prefix("RTMIN") {
        let above = if rest.is_empty() {
            0
        } else {
            rest.strip_prefix('+')?.parse::<u8>().ok()?
        };
        return within(least + i32::from(above));
    }
    if let Some(rest) = plain.strip_prefix("RTMAX") {
        let below = if rest.is_empty() {
            0
        } else {
            rest.strip_prefix('-')?.parse::<u8>().ok()?
        };
        return within(most - i32::from(below));
    }
    plain_signal(&format!("SIG{plain}"))
}

/// `SIGTERM`, `SIGRTMIN+1`; a number for what has no name.
pub fn name_of(number: i32) -> String {
    if let Ok(signal) = nix::sys::signal::Signal::try_from(number) {
        return signal.as_str().to_owned();
    }
    let (least, most) = realtime();
    match number - least {
        _ if !(least..=most).contains(&number) => number.to_string(),
        0 => "SIGRTMIN".into(),
        above => format!("SIGRTMIN+{above}"),
    }
}

/// The first and the last real-time signal.
#[cfg(target_os = "linux")]
fn realtime() -> (i32, i32) {
    (libc::SIGRTMIN(), libc::SIGRTMAX())
}

/// None.
#[cfg(not(target_os = "linux"))]
fn realtime() -> (i32, i32) {
    (1, 0)
}

fn plain_signal(name: &str) -> Option<i32> {
    match name {
        "SIGCLD" => Some(libc::SIGCHLD),
        "SIGPOLL" => Some(libc::SIGIO),
        "SIGIOT" => Some(libc::SIGABRT),
        _ => name
            .parse::<nix::sys::signal::Signal>()
            .ok()
            .map(|signal| signal as i32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_go_by_names_and_numbers() {
        for (name, number) in [
            ("TERM", 15),
            ("sigterm", 15),
            ("15", 15),
            ("KILL", 9),
            ("WINCH", libc::SIGWINCH),
            ("CLD", libc::SIGCHLD),
        ] {
            assert_eq!(number_of(name), Some(number), "{name}");
        }
        assert_eq!(number_of("RTMIN+1"), Some(libc::SIGRTMIN() + 1));
        assert_eq!(number_of("SIGRTMAX-2"), Some(libc::SIGRTMAX() - 2));
        for bad in [
            "",
            "0",
            "65",
            "-1",
            "SIG",
            "SIGSIGTERM",
            "RTMIN+99",
            "RTMIN-1",
            "NOPE",
        ] {
            assert_eq!(number_of(bad), None, "{bad}");
        }
        for number in (1..=31).chain(libc::SIGRTMIN()..=libc::SIGRTMAX()) {
            assert_eq!(
                number_of(&name_of(number)),
                Some(number),
                "{}",
                name_of(number)
            );
        }
    }
}
