//! How a judge did on its canaries, in words and as JSON.

use serde_json::{Value, json};

use crate::methods::canary::Meter;
use crate::stats::wilson;

/// The share of canaries that a judge got wrong, with its interval; `None` where there was none.
pub fn words(meter: &Meter) -> Option<String> {
    if meter.all() == 0 {
        return None;
    }
    let mut parts = Vec::new();
    match meter.false_passes() {
        Some((share, n)) => {
            let mut part = format!("{} of {n} wrong", meter.wrong);
            if let Some(interval) = wilson(share, n) {
                let (low, high) = (100.0 * interval.low, 100.0 * interval.high);
                part = format!("{part} (95 % interval {low:.0} to {high:.0} %)");
            }
            parts.push(part);
        }
        None => parts.push("none could be read".to_owned()),
    }
    for (count, what) in
        [(meter.undecided, "of them undecided"), (meter.unread, "unread"), (meter.failed, "failed")]
    {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    Some(parts.join(", "))
}

/// The same as a JSON value.
pub fn json(meter: &Meter) -> Value {
    let rate = meter.false_passes();
    let interval = rate.and_then(|(share, n)| wilson(share, n));
    json!({
        "false_pass_rate": rate.map(|(share, _)| share),
        "ci": interval.map(|interval| [interval.low, interval.high]),
        "n": rate.map_or(0, |(_, n)| n),
        "right": meter.right,
        "wrong": meter.wrong,
        "undecided": meter.undecided,
        "unread": meter.unread,
        "failed": meter.failed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_comes_with_its_interval() {
        assert_eq!(words(&Meter::default()), None);
        let meter = Meter { right: 8, wrong: 2, undecided: 1, unread: 1, failed: 0 };
        let said = words(&meter).unwrap();
        // Wilson for 2 of 10: .0567 to .5098.
        assert_eq!(said, "2 of 10 wrong (95 % interval 6 to 51 %), 1 of them undecided, 1 unread");
        let value = json(&meter);
        assert!((value["false_pass_rate"].as_f64().unwrap() - 0.2).abs() < 1e-12);
        assert_eq!(value["n"], 10);
        let unread = Meter { unread: 3, ..Meter::default() };
        assert_eq!(
            json(&unread)["false_pass_rate"],
            Value::Null,
            "nothing read is no clean record"
        );
    }
}
