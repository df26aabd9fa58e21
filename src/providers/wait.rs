//! How long a provider asks to wait, out of its headers; pure.
//!
//! Seen in the wild: `retry-after` in seconds or as a date, `retry-after-ms`,
//! `x-ratelimit-reset-*` as durations (`6m0s`, `12ms`), plain seconds or -1 (Azure), and
//! `anthropic-ratelimit-*-reset` as RFC 3339.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::HeaderMap;

/// The longest wait that a header is believed.
pub(super) const LONGEST: Duration = Duration::from_hours(1);

/// The wait that a refusal asks for; `None` where it says nothing readable.
///
/// `now` is only used for dates; the response's own `date` header is preferred to it, because this
/// machine's clock may be wrong.
pub(super) fn asked(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let now = text("date").and_then(http_date).unwrap_or(now);
    let until = |at: SystemTime| at.duration_since(now).unwrap_or(Duration::ZERO);
    let explicit = text("retry-after-ms").and_then(|ms| seconds(ms, 1e-3)).or_else(|| {
        let value = text("retry-after")?;
        seconds(value, 1.0).or_else(|| http_date(value).map(until))
    });
    explicit.or_else(|| buckets(headers, now)).map(|wait| wait.min(LONGEST))
}

/// The time until a bucket is full, as a header of its reset says; `now` as with [`asked`].
pub(super) fn until_reset(text: &str, headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let date = headers.get("date").and_then(|value| value.to_str().ok()).and_then(http_date);
    let now = date.unwrap_or(now);
    duration(text)
        .or_else(|| rfc3339(text).map(|at| at.duration_since(now).unwrap_or_default()))
        .map(|wait| wait.min(LONGEST))
}

/// The wait for the buckets that are empty; where it is unknown which, the soonest.
fn buckets(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let mut empty: Option<Duration> = None;
    let mut soonest: Option<Duration> = None;
    let openai = ["requests", "tokens"]
        .map(|what| (format!("x-ratelimit-reset-{what}"), format!("x-ratelimit-remaining-{what}")));
    let anthropic = ["requests", "tokens", "input-tokens", "output-tokens"].map(|what| {
        (
            format!("anthropic-ratelimit-{what}-reset"),
            format!("anthropic-ratelimit-{what}-remaining"),
        )
    });
    for (reset, remaining) in openai.into_iter().chain(anthropic) {
        let Some(value) = text(&reset) else { continue };
        let wait = duration(value)
            .or_else(|| rfc3339(value).map(|at| at.duration_since(now).unwrap_or_default()));
        let Some(wait) = wait else { continue };
        soonest = Some(soonest.map_or(wait, |other| other.min(wait)));
        if text(&remaining).and_then(|left| left.parse::<f64>().ok()).is_some_and(|n| n < 1.0) {
            empty = Some(empty.map_or(wait, |other| other.max(wait)));
        }
    }
    empty.or(soonest)
}

/// Plain numbers of the given unit in seconds; negative ones mean “unknown”.
fn seconds(text: &str, unit: f64) -> Option<Duration> {
    let number: f64 = text.parse().ok()?;
    (number.is_finite() && number >= 0.0)
        .then(|| Duration::from_secs_f64((number * unit).min(LONGEST.as_secs_f64())))
}

/// Go's way of writing durations (`1h2m3.5s`, `120ms`), or plain seconds.
fn duration(text: &str) -> Option<Duration> {
    if let Some(plain) = seconds(text, 1.0) {
        return Some(plain);
    }
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let after = &rest[digits..];
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let unit = match &after[..end] {
            "d" => 86_400.0,
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        total += number * unit;
        rest = &after[end..];
    }
    (!text.is_empty()).then(|| Duration::from_secs_f64(total.clamp(0.0, LONGEST.as_secs_f64())))
}

/// An HTTP date in its fixed form: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
fn http_date(text: &str) -> Option<SystemTime> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split_once(", ")?.1.split(' ');
    let day = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? as u32 + 1;
    let year = words.next()?.parse().ok()?;
    let clock = words.next()?;
    (words.next()? == "GMT").then_some(())?;
    Some(instant(year, month, day, time_of_day(clock)?))
}

/// An RFC 3339 time: `2026-01-27T12:30:00Z`, fractions cut, offsets heeded.
fn rfc3339(text: &str) -> Option<SystemTime> {
    let date = text.get(..10)?;
    let mut parts = date.split('-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    let day = parts.next()?.parse().ok()?;
    let clock = time_of_day(text.get(11..19)?)?;
    let zone = text.get(19..)?.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let at = instant(year, month, day, clock);
    if zone.eq_ignore_ascii_case("z") {
        return Some(at);
    }
    let offset = Duration::from_secs(time_of_day(&format!("{}:00", zone.get(1..)?))?);
    match zone.get(..1)? {
        "+" => at.checked_sub(offset),
        "-" => at.checked_add(offset),
        _ => None,
    }
}

/// Seconds since midnight of `hh:mm:ss`.
fn time_of_day(text: &str) -> Option<u64> {
    let mut parts = text.split(':').map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    (hour < 24 && minute < 60 && second <= 60 && parts.next().is_none())
        .then(|| hour * 3600 + minute * 60 + second)
}

/// The instant of a date in the proleptic Gregorian calendar (H. Hinnant, “chrono-compatible
/// low-level date algorithms”, `days_from_civil`); dates before 1970 give 1970.
fn instant(year: u16, month: u32, day: u32, seconds: u64) -> SystemTime {
    let (month, day) = (i64::from(month.clamp(1, 12)), i64::from(day.clamp(1, 31)));
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    let days = u64::try_from(era * 146_097 + day_of_era - 719_468).unwrap_or(0);
    UNIX_EPOCH + Duration::from_secs(days * 86_400 + seconds)
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    /// 2026-01-27 12:30:00 UTC.
    const NOW: u64 = 1_769_517_000;

    fn wait(pairs: &[(&'static str, &'static str)]) -> Option<f64> {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        asked(&headers, UNIX_EPOCH + Duration::from_secs(NOW)).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn reads_every_form_of_wait() {
        for (pairs, expected) in [
            (&[("retry-after", "3")][..], Some(3.0)),
            (&[("retry-after", "0.5")], Some(0.5)),
            (&[("retry-after", "9"), ("retry-after-ms", "120")], Some(0.12)),
            (&[("retry-after", "Tue, 27 Jan 2026 12:30:07 GMT")], Some(7.0)),
            (&[("retry-after", "Tue, 27 Jan 2026 12:29:00 GMT")], Some(0.0)),
            (
                &[
                    ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"),
                    ("date", "Sun, 06 Nov 1994 08:49:30 GMT"),
                ],
                Some(7.0),
            ),
            (&[("retry-after", "99999999")], Some(3600.0)),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "Tue, 27 Jan 2026 9999999999999999999:00:00 GMT")], None),
            (&[("retry-after", "-1")], None),
            (&[("x-ratelimit-reset-requests", "6m0s")], Some(360.0)),
            (&[("x-ratelimit-reset-requests", "12ms")], Some(0.012)),
            (&[("x-ratelimit-reset-tokens", "1h2m3.5s")], Some(3600.0)),
            (&[("x-ratelimit-reset-tokens", "17")], Some(17.0)),
            (&[("x-ratelimit-reset-tokens", "-1")], None),
            (
                &[
                    ("x-ratelimit-reset-requests", "1s"),
                    ("x-ratelimit-remaining-requests", "10"),
                    ("x-ratelimit-reset-tokens", "20s"),
                    ("x-ratelimit-remaining-tokens", "0"),
                ],
                Some(20.0),
            ),
            (
                &[("x-ratelimit-reset-requests", "1s"), ("x-ratelimit-reset-tokens", "20s")],
                Some(1.0),
            ),
            (&[("anthropic-ratelimit-tokens-reset", "2026-01-27T12:30:05Z")], Some(5.0)),
            (&[("anthropic-ratelimit-tokens-reset", "2026-01-27T14:30:05.25+02:00")], Some(5.0)),
            (&[("anthropic-ratelimit-tokens-reset", "2026-13")], None),
            (&[], None),
        ] {
            assert_eq!(wait(pairs), expected, "{pairs:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,30}") {
            duration(&text);
            rfc3339(&text);
            http_date(&text);
        }
    }
}
