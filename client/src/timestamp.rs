//! Times as people and programs write them: `2026-11-28T03:00:00Z`.

use crate::human;

/// Milliseconds since 1970. A day alone is its beginning; seconds and their fraction may be left
/// out; `+02:00` may stand in the place of `Z`, and without either it is UTC.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let (day, clock) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let [year, month, day] = numbers(day, '-', [4, 2, 2])?;
    let days = days(year, month, day)?;
    let at = clock.find(['Z', '+', '-']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(at);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = match clock.len() {
        5 => numbers(clock, ':', [2, 2]).map(|[hour, minute]| [hour, minute, 0])?,
        _ => numbers(clock, ':', [2, 2, 2])?,
    };
    // A leap second is told as 60.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let ms = ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1_000 + millis(fraction)?;
    let east = zone_ms(zone)?;
    ms.checked_add_signed(-east)
}

fn numbers<const N: usize>(text: &str, between: char, lengths: [usize; N]) -> Option<[u64; N]> {
    let mut parts = text.split(between);
    let mut numbers = [0; N];
    for (number, length) in numbers.iter_mut().zip(lengths) {
        *number = digits(parts.next().filter(|part| part.len() == length)?)?;
    }
    parts.next().is_none().then_some(numbers)
}

fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

fn millis(fraction: &str) -> Option<u64> {
    digits(fraction)?;
    let three: String = fraction.chars().chain("00".chars()).take(3).collect();
    digits(&three)
}

/// How far east of Greenwich.
fn zone_ms(zone: &str) -> Option<i64> {
    let sign = match zone.get(..1) {
        None | Some("Z") => return (zone.len() <= 1).then_some(0),
        Some("+") => 1,
        Some(_) => -1,
    };
    let [hours, minutes] = numbers(&zone[1..], ':', [2, 2])?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) as i64 * 60_000)
}

/// Days since 1970, counted in eras of 400 years that begin in March.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let march_year = year.checked_sub(u64::from(month <= 2))?;
    let from_march = (month + 9) % 12;
    let day_of_year = (153 * from_march + 2) / 5 + day.checked_sub(1)?;
    let (era, year_of_era) = (march_year / 400, march_year % 400);
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = (era * 146_097 + day_of_era).checked_sub(719_468)?;
    // The 30th of February is not a day.
    (human::date(days) == (year, month, day)).then_some(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_told() {
        for ms in [0, 951_782_400_000, 1_735_689_599_999, 1_795_193_521_123] {
            assert_eq!(parse(&human::time(ms)), Some(ms), "{}", human::time(ms));
        }
        for (text, same) in [
            ("2026-11-28", "2026-11-28T00:00:00.000Z"),
            ("2026-11-28T03:00", "2026-11-28T03:00:00.000Z"),
            ("2026-11-28 03:00:07", "2026-11-28T03:00:07.000Z"),
            ("2026-11-28T03:00:00.5Z", "2026-11-28T03:00:00.500Z"),
            ("2026-11-28T03:00:00+02:00", "2026-11-28T01:00:00.000Z"),
            ("2026-11-28T03:00-00:30", "2026-11-28T03:30:00.000Z"),
        ] {
            assert_eq!(
                parse(text).map(human::time).as_deref(),
                Some(same),
                "{text}"
            );
        }
        for bad in [
            "",
            "2026",
            "2026-02-30",
            "2026-13-01",
            "26-01-01",
            "2026-01-01T24:00",
            "2026-01-01T1:00",
            "2026-01-01T01:00ZZ",
            "2026-01-01T01:00+2",
            "1969-12-31",
            "2026-01-01T01:00:00.Z",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
