//! Refusals that have nothing to do with the pace: a provider that is overloaded says “slow down”
//! to one request in five, however few there are. Cutting the pace for each would end at nothing.
//!
//! A cut that helps is followed by many requests without another. Where one cut follows on the
//! other, the pace is down to a fraction, and still most requests pass, the pace is given up on
//! trial: if most of the next requests pass, too, it stays so.
//!
//! The numbers are judgements, tried on the simulated providers in the tests.

/// A cut within so many requests of the last one follows on it.
const SOON: u64 = 40;
/// So many cuts, each following on the last, …
const CUTS: u32 = 8;
/// … that left no more than this part of the pace, say that it is not the pace.
const LEFT: f64 = 0.12;
/// A trial's outcomes; half of them refused end it.
const TRIAL: u32 = 50;
/// The weight of the newest outcome in the share of refusals.
const NEWEST: f64 = 0.03;

/// What is known of refusals in a row.
#[derive(Debug, Default)]
pub(super) struct Noise {
    cuts: u32,
    last_cut: u64,
    /// Requests a second before the first of these cuts.
    top: f64,
    /// The share of requests lately that were refused, 0..=1.
    share: f64,
    trial: Option<Trial>,
}

#[derive(Debug)]
struct Trial {
    /// The pace to go back to.
    rate: f64,
    outcomes: u32,
    refused: u32,
}

impl Noise {
    /// Whether it goes unpaced on trial.
    pub(super) fn is_tried(&self) -> bool {
        self.trial.is_some()
    }

    /// The pace was cut at the `sent`-th request, from and to so many a second. Says whether to
    /// go on without any.
    pub(super) fn cut(&mut self, sent: u64, from: f64, to: f64) -> bool {
        let is_soon = self.cuts > 0 && sent.saturating_sub(self.last_cut) <= SOON;
        self.last_cut = sent;
        if !is_soon {
            self.cuts = 0;
        }
        if self.cuts == 0 || !self.top.is_finite() {
            self.top = if from.is_finite() { from } else { to };
        }
        self.cuts += 1;
        let is_noise = self.cuts >= CUTS && to <= self.top * LEFT && self.share < 0.5;
        if is_noise {
            self.trial = Some(Trial { rate: to, outcomes: 0, refused: 0 });
            self.cuts = 0;
        }
        is_noise
    }

    /// A request passed or was refused. Gives the pace to go back to where a trial failed.
    pub(super) fn outcome(&mut self, is_refused: bool) -> Option<f64> {
        self.share += NEWEST * (f64::from(u8::from(is_refused)) - self.share);
        let trial = self.trial.as_mut()?;
        trial.outcomes += 1;
        trial.refused += u32::from(is_refused);
        if trial.refused * 2 >= TRIAL {
            let rate = trial.rate;
            self.trial = None;
            return Some(rate);
        }
        if trial.outcomes >= TRIAL {
            (trial.outcomes, trial.refused) = (0, 0);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_at_any_pace_are_told_from_those_of_a_pace_that_is_too_high() {
        // A fifth is refused whatever the pace.
        let mut noise = Noise::default();
        let mut rate = 40.0;
        let mut given_up = None;
        for nth in 1..200_u64 {
            noise.outcome(nth % 5 == 0);
            if nth % 5 == 0 {
                let lower = rate * 0.8;
                if noise.cut(nth, rate, lower) {
                    given_up = Some(nth);
                    break;
                }
                rate = lower;
            }
        }
        assert!(given_up.is_some_and(|nth| nth < 80), "{given_up:?}");
        // It stays so while most pass, and ends where most are refused.
        assert!((0..500).all(|nth| noise.outcome(nth % 5 == 0).is_none()) && noise.is_tried());
        assert!((0..60).any(|_| noise.outcome(true).is_some()) && !noise.is_tried());
        // Cuts that help, and a door that is closed, are none of it.
        let mut noise = Noise::default();
        assert!((1..50).all(|cut| !noise.cut(cut * 100, 60.0, 10.0)));
        let mut noise = Noise::default();
        (0..200).for_each(|_| assert!(noise.outcome(true).is_none()));
        assert!((1..50).all(|cut| !noise.cut(cut, 60.0 / cut as f64, 50.0 / cut as f64)));
    }
}
