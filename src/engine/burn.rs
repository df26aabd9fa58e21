//! How fast money goes: dollars a minute over the last minutes, from what a run told of itself.

/// What a run had cost at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// Seconds of any clock that only goes forward.
    pub at: f64,
    /// US dollars so far.
    pub cost: f64,
}

/// How fast money goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Burn {
    /// US dollars a minute.
    pub per_minute: f64,
}

impl Burn {
    /// US dollars an hour at this rate.
    pub fn per_hour(self) -> f64 {
        self.per_minute * 60.0
    }

    /// Seconds until so many US dollars are spent; `None` where nothing is being spent.
    pub fn seconds_to(self, usd: f64) -> Option<f64> {
        (self.per_minute > 0.0).then(|| usd.max(0.0) / self.per_minute * 60.0)
    }
}

/// Seconds that must have been seen before a rate is told (by eye: one dear call says nothing).
const LEAST: f64 = 10.0;

/// The rate over the last `window` seconds before the newest mark, which are in the order of
/// time; `None` before there is enough to tell. A run that has stopped spending burns 0.
pub fn burn(marks: &[Mark], window: f64) -> Option<Burn> {
    let last = marks.last()?;
    // The newest mark from before the window is what was spent when it began.
    let before = marks.iter().rev().find(|mark| mark.at <= last.at - window);
    let first = before.or(marks.first())?;
    let seconds = (last.at - first.at).min(window);
    if seconds < LEAST.min(window) {
        return None;
    }
    Some(Burn { per_minute: (last.cost - first.cost).max(0.0) / (last.at - first.at) * 60.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(of: &[(f64, f64)]) -> Vec<Mark> {
        of.iter().map(|(at, cost)| Mark { at: *at, cost: *cost }).collect()
    }

    #[test]
    fn a_steady_run_burns_steadily_and_only_the_window_counts() {
        assert_eq!(burn(&[], 60.0), None);
        assert_eq!(burn(&marks(&[(0.0, 1.0), (5.0, 2.0)]), 60.0), None, "too early");
        let steady: Vec<Mark> =
            (0..=300).map(|n| Mark { at: f64::from(n), cost: f64::from(n) / 100.0 }).collect();
        let rate = burn(&steady, 120.0).unwrap();
        assert!((rate.per_minute - 0.6).abs() < 1e-9 && (rate.per_hour() - 36.0).abs() < 1e-6);
        assert!((rate.seconds_to(0.3).unwrap() - 30.0).abs() < 1e-6);
        let mut ended = steady;
        ended.push(Mark { at: 500.0, cost: 3.0 });
        assert!(burn(&ended, 120.0).unwrap().per_minute <= 0.0);
        assert_eq!(Burn { per_minute: 0.0 }.seconds_to(1.0), None);
    }
}
