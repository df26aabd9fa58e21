//! How statistics are said, the same in the window and on the command line.

use super::MIN_ITEMS;
use super::bootstrap::Interval;
use super::compare::Measures;
use super::win_rate::{Difference, WinRate};

/// A rate with its interval: `.71 ±.09 · n 60`; under [`MIN_ITEMS`] `too few (7)`.
pub fn rate(value: f64, interval: Option<&Interval>, n: u64) -> String {
    if (n as usize) < MIN_ITEMS {
        return too_few(n);
    }
    let spread = interval.map_or_else(String::new, |i| format!(" ±{}", two(i.half_width())));
    format!("{}{spread} · n {n}", two(value))
}

/// `too few (7)`.
pub fn too_few(n: u64) -> String {
    format!("too few ({n})")
}

/// Two decimals and no leading zero: `.78`, `1.00`, `−.20`; `—` where it is no number.
pub fn two(value: f64) -> String {
    if !value.is_finite() {
        return "—".to_owned();
    }
    let digits = format!("{:.2}", value.abs());
    let digits = digits.strip_prefix('0').unwrap_or(&digits);
    if value < 0.0 && digits != ".00" { format!("−{digits}") } else { digits.to_owned() }
}

/// A share of 0..=1 in whole per cent, without the sign.
pub fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:.0}", share * 100.0) } else { "—".to_owned() }
}

/// `50–58`, for a rate whose other side is `1 −` it where `mirrored`.
fn percent_range(interval: &Interval, mirrored: bool) -> String {
    let (low, high) = match mirrored {
        true => (1.0 - interval.high, 1.0 - interval.low),
        false => (interval.low, interval.high),
    };
    format!("{}–{}", percent(low), percent(high))
}

/// A p-value: `p = .03`, `p < .001`.
pub fn p_value(p: f64) -> String {
    if p < 0.001 { "p < .001".to_owned() } else { format!("p = {}", three(p)) }
}

fn three(p: f64) -> String {
    let digits = format!("{p:.3}");
    digits.strip_prefix('0').unwrap_or(&digits).to_owned()
}

/// The result in one line: `B preferred 54 % (50–58) · n 640 · ties 11 %`; with too few prompts
/// their counts instead.
pub fn result(rate: &WinRate) -> String {
    if rate.difference() == Difference::TooFew {
        return format!(
            "A on {}, B on {}, ties {} · {}",
            rate.a,
            rate.b,
            rate.ties,
            too_few(rate.n)
        );
    }
    let ties = percent(rate.ties as f64 / rate.n as f64);
    let tail = format!("n {} · ties {ties} %", rate.n);
    if (rate.rate - 0.5).abs() < 1e-9 {
        let range = percent_range(&rate.interval, false);
        return format!("Even: B preferred 50 % ({range}) · {tail}");
    }
    let is_a = rate.rate < 0.5;
    let (name, share) = if is_a { ("A", 1.0 - rate.rate) } else { ("B", rate.rate) };
    let range = percent_range(&rate.interval, is_a);
    format!("{name} preferred {} % ({range}) · {tail}", percent(share))
}

/// What can be said of a difference, as a sentence without a period.
pub fn difference(difference: Difference) -> &'static str {
    match difference {
        Difference::TooFew => "Too few prompts to tell",
        Difference::NotClear => "Not clearly different",
        Difference::A => "A is clearly preferred",
        Difference::B => "B is clearly preferred",
    }
}

/// How much longer one side is, in words; `None` where there is nothing to measure.
pub fn longer(measures: &Measures) -> Option<String> {
    let words = measures.words.as_ref()?;
    let more = words.difference().round();
    let n = more.abs();
    let unit = if (n - 1.0).abs() < 0.5 { "word" } else { "words" };
    if n < 0.5 {
        return Some("Both sides are equally long on average".to_owned());
    }
    let side = if more > 0.0 { "B" } else { "A" };
    let clear = if words.is_clear() { "" } else { ", not clearly" };
    Some(format!("{side} is {n:.0} {unit} longer on average{clear}"))
}

/// The length-controlled rate in words, where there is one: `length-controlled: B 51 % (47–55)`.
pub fn length_controlled(measures: &Measures) -> Option<String> {
    let controlled = measures.length_controlled.as_ref()?;
    let is_a = controlled.rate < 0.5;
    let (name, share) = if is_a { ("A", 1.0 - controlled.rate) } else { ("B", controlled.rate) };
    let range = controlled
        .interval
        .map_or_else(String::new, |interval| format!(" ({})", percent_range(&interval, is_a)));
    Some(format!("at equal length {name} preferred {} %{range}", percent(share)))
}

/// Whether the raw result stands once length is taken out; `None` where that is not known.
pub fn stands_at_equal_length(measures: &Measures) -> Option<bool> {
    let raw = measures.overall.as_ref()?;
    let controlled = measures.length_controlled.as_ref()?;
    let still = controlled.interval.is_some_and(|interval| !interval.contains(0.5));
    Some(match raw.difference() {
        Difference::A => still && controlled.rate < 0.5,
        Difference::B => still && controlled.rate > 0.5,
        Difference::TooFew | Difference::NotClear => true,
    })
}
