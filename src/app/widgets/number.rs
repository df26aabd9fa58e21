//! How numbers are written, the same on every screen.

use crate::domain::Usage;

/// A rate or a reward with two decimals and no leading zero: `.78`, `1.00`, `−.20`.
///
/// A number that is not finite has no digits to show: `—`.
pub fn score(value: f64) -> String {
    if !value.is_finite() {
        return "—".to_owned();
    }
    let digits = format!("{:.2}", as_shown(value).abs());
    let digits = digits.strip_prefix('0').unwrap_or(&digits);
    if value < 0.0 && digits != ".00" { format!("−{digits}") } else { digits.to_owned() }
}

/// A difference with its sign: `+.14`, `−.02`, `.00`.
pub fn difference(value: f64) -> String {
    let text = score(value);
    if value > 0.0 && text != ".00" && text != "—" { format!("+{text}") } else { text }
}

/// A number as [`score`] writes it: differences of such numbers add up on the screen.
pub fn as_shown(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// A count with thin spaces between thousands: `10 214`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 row`, `3 rows`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// What of the tokens read came from the provider's cache:
/// `cached 1 200 of 1 600 prompt tokens (75 %)`; `None` where nothing did.
pub fn cached(usage: Usage) -> Option<String> {
    let share = usage.cached_share()?;
    let (cached, all) = (count(usage.cached_tokens), count(usage.prompt_tokens));
    Some(format!("cached {cached} of {all} prompt tokens ({share} %)"))
}

/// A size in bytes with one decimal: `41.2 MB`; powers of 1000, as file managers show.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if n < 1000 {
        return counted(n, "byte", "bytes");
    }
    let mut value = n as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// US dollars to the cent, below a cent with four decimals.
pub fn money(dollars: f64) -> String {
    if dollars > 0.0 && dollars < 0.01 {
        format!("${dollars:.4}")
    } else if dollars >= 1_000.0 && dollars.is_finite() {
        let cents = (dollars * 100.0).round() as u64;
        format!("${}.{:02}", count(cents / 100), cents % 100)
    } else {
        format!("${dollars:.2}")
    }
}

/// US dollars with three digits that say something.
pub fn small_money(dollars: f64) -> String {
    if dollars >= 1.0 || dollars <= 0.0 {
        return money(dollars);
    }
    let places = (2.0 - dollars.max(1e-9).log10().floor()).clamp(2.0, 8.0) as usize;
    format!("${dollars:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cached_is_said_with_its_share() {
        let usage = Usage { prompt_tokens: 1_600, cached_tokens: 1_200, ..Usage::default() };
        let words = "cached 1\u{2009}200 of 1\u{2009}600 prompt tokens (75 %)";
        assert_eq!(cached(usage).as_deref(), Some(words));
        assert_eq!(cached(Usage { prompt_tokens: 9, ..Usage::default() }), None);
    }

    #[test]
    fn scores_have_two_decimals_and_no_leading_zero() {
        for (value, text) in [
            (0.784, ".78"),
            (1.0, "1.00"),
            (0.0, ".00"),
            (-0.2, "−.20"),
            (-0.001, ".00"),
            (f64::NAN, "—"),
            (f64::INFINITY, "—"),
        ] {
            assert_eq!(score(value), text);
        }
        assert_eq!(difference(0.14), "+.14");
        assert_eq!(difference(-0.02), "−.02");
        assert_eq!(difference(0.001), ".00");
        // .305 reads .31 and .364 reads .36: the difference shown is that of what is shown.
        let (from, to) = (0.305, 0.364);
        assert_eq!((score(from).as_str(), score(to).as_str()), (".31", ".36"));
        assert_eq!(difference(as_shown(to) - as_shown(from)), "+.05");
    }

    #[test]
    fn counts_and_sizes_can_be_read() {
        assert_eq!(count(10_214), "10\u{2009}214");
        assert_eq!(count(999), "999");
        assert_eq!(counted(1, "row", "rows"), "1 row");
        assert_eq!(bytes(41_234_000), "41.2 MB");
        assert_eq!(bytes(999_999), "1.0 MB");
        assert_eq!(bytes(12), "12 bytes");
    }

    #[test]
    fn small_sums_are_not_rounded_away() {
        assert_eq!(money(0.0), "$0.00");
        assert_eq!(money(0.0012), "$0.0012");
        assert_eq!(money(24.1), "$24.10");
        assert_eq!(money(12_345.678), "$12\u{2009}345.68");
        assert_eq!(small_money(0.001_234_5), "$0.00123");
        assert_eq!(small_money(0.0), "$0.00");
    }
}
