//! How fast a run goes, and how long it still takes: a range, from what was measured.

use std::collections::VecDeque;

/// What is looked back at, in milliseconds.
const WINDOW: u64 = 90_000;
/// Marks are this far apart at least, in milliseconds.
const STEP: u64 = 1_000;
/// Before this many milliseconds and rows nothing can be said (chosen by eye).
const LEAST_MILLIS: u64 = 6_000;
const LEAST_ROWS: u64 = 3;

/// Rows done at points in time; pauses are cut out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pace {
    /// Milliseconds of going, with the rows done and US dollars spent by then; oldest first.
    marks: VecDeque<(u64, u64, f64)>,
    /// Milliseconds of going so far.
    gone: u64,
    /// When it was last noted while going.
    last: Option<u64>,
}

/// How long it still takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Rows a second lately.
    pub rows_per_second: f64,
    /// Seconds left at the fastest pace seen lately.
    pub least_secs: f64,
    /// Seconds left at the slowest.
    pub most_secs: f64,
}

impl Pace {
    /// Notes how many rows are done and what they cost at a time, in milliseconds of any clock.
    pub fn note(&mut self, now: u64, rows: u64, cost: f64, is_going: bool) {
        if !is_going {
            self.last = None;
            return;
        }
        self.gone += self.last.map_or(0, |last| now.saturating_sub(last));
        self.last = Some(now);
        if self.marks.back().is_none_or(|(at, ..)| self.gone - at >= STEP) {
            self.marks.push_back((self.gone, rows, cost));
        }
        while self.marks.len() > 2 && self.gone - self.marks[1].0 > WINDOW {
            self.marks.pop_front();
        }
    }

    /// US dollars an hour lately, where that can be said.
    pub fn burn(&self) -> Option<f64> {
        let (first, last) = (self.marks.front()?, self.marks.back()?);
        let millis = last.0 - first.0;
        (millis >= LEAST_MILLIS).then(|| (last.2 - first.2).max(0.0) * 3.6e6 / millis as f64)
    }

    /// How long the rows left take: at the pace of the window's halves and of all of it, with a
    /// tenth to either side, since the next rows are not the last ones.
    pub fn estimate(&self, left: u64) -> Option<Estimate> {
        let (first, last) = (self.marks.front()?, self.marks.back()?);
        if last.0 - first.0 < LEAST_MILLIS || last.1 - first.1 < LEAST_ROWS || left == 0 {
            return None;
        }
        let rate = |a: &(u64, u64, f64), b: &(u64, u64, f64)| {
            (b.1 - a.1) as f64 * 1_000.0 / (b.0 - a.0).max(1) as f64
        };
        let middle = self.marks.get(self.marks.len() / 2)?;
        let whole = rate(first, last);
        let halves = [rate(first, middle), rate(middle, last)];
        let rates = halves.into_iter().filter(|rate| *rate > 0.0).chain([whole]);
        let (slow, fast) = rates
            .fold((f64::INFINITY, 0.0_f64), |(low, high), rate| (low.min(rate), high.max(rate)));
        let left = left as f64;
        Some(Estimate {
            rows_per_second: whole,
            least_secs: left / (fast * 1.1),
            most_secs: left / (slow * 0.9),
        })
    }
}

impl Estimate {
    /// `~46–58 min`, `~2–3 h`: one unit, and a single number where both ends round to it.
    pub fn in_words(&self) -> String {
        let (unit, seconds) = match self.most_secs {
            most if most < 90.0 => ("s", 1.0),
            most if most < 5_400.0 => ("min", 60.0),
            _ => ("h", 3_600.0),
        };
        let written = |secs: f64| {
            let value = secs / seconds;
            if unit == "h" && value < 10.0 {
                format!("{value:.1}")
            } else {
                format!("{:.0}", value.max(1.0))
            }
        };
        let (least, most) = (written(self.least_secs), written(self.most_secs));
        if least == most { format!("~{most} {unit}") } else { format!("~{least}–{most} {unit}") }
    }

    /// `8.1 rows/s`, or per minute where it is slow.
    pub fn rate(&self) -> String {
        if self.rows_per_second >= 1.0 {
            format!("{:.1} rows/s", self.rows_per_second)
        } else {
            format!("{:.1} rows/min", self.rows_per_second * 60.0)
        }
    }
}

/// How long something took: `0:20`, `3:12`, `2:04:10`.
pub fn duration(millis: u64) -> String {
    let seconds = millis / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_pace_gives_a_narrow_range_and_pauses_do_not_count() {
        let mut pace = Pace::default();
        assert_eq!(pace.estimate(100), None, "nothing is known yet");
        let mut now = 0;
        for second in 0..=30_u64 {
            now = second * 1_000;
            pace.note(now, second * 2, second as f64 * 0.01, true);
        }
        let estimate = pace.estimate(100).unwrap();
        assert!((estimate.rows_per_second - 2.0).abs() < 0.01);
        assert!(estimate.least_secs < 50.0 && estimate.most_secs > 50.0);
        assert!(estimate.most_secs < 60.0, "{estimate:?}");
        // An hour of pause.
        pace.note(now, 60, 0.3, false);
        pace.note(now + 3_600_000, 60, 0.3, true);
        pace.note(now + 3_601_000, 62, 0.31, true);
        let after = pace.estimate(100).unwrap();
        assert!((after.rows_per_second - 2.0).abs() < 0.05, "{after:?}");
        assert_eq!(pace.estimate(0), None);
        assert!((pace.burn().unwrap() - 36.0).abs() < 0.5, "a cent a second: {:?}", pace.burn());
    }

    #[test]
    fn an_uneven_pace_gives_a_wide_range() {
        let mut pace = Pace::default();
        let mut rows = 0;
        for second in 0..=40_u64 {
            rows += if second < 20 { 4 } else { 1 };
            pace.note(second * 1_000, rows, 0.0, true);
        }
        let estimate = pace.estimate(1_000).unwrap();
        assert!(estimate.most_secs > 2.0 * estimate.least_secs, "{estimate:?}");
    }

    #[test]
    fn times_are_written_for_people() {
        let estimate =
            |least_secs, most_secs| Estimate { rows_per_second: 1.0, least_secs, most_secs };
        assert_eq!(estimate(2_760.0, 3_480.0).in_words(), "~46–58 min");
        assert_eq!(estimate(9.8, 10.2).in_words(), "~10 s");
        assert_eq!(estimate(7_800.0, 10_200.0).in_words(), "~2.2–2.8 h");
        assert_eq!(duration(192_000), "3:12");
        assert_eq!(duration(7_450_000), "2:04:10");
    }
}
