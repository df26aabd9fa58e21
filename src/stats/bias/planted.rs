//! What a judge's planted faults come to, for tests that look for them.

/// How often people prefer the longer answer: their taste, not the judge's bias.
pub(crate) const PEOPLE_LONGER: f64 = 0.55;

/// A judge's faults, each a probability. Whether its own answer, the longer one or the better one
/// is on its mind is settled once for a pair; place and noise in each order anew.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Faults {
    /// Of taking the answer shown first, whatever it says.
    pub(crate) position: f64,
    /// Of a coin's throw, in each order anew.
    pub(crate) noise: f64,
    /// Of taking the longer one.
    pub(crate) length: f64,
    /// Of taking its own.
    pub(crate) own: f64,
    /// Of being right otherwise.
    pub(crate) accuracy: f64,
}

/// With a liking for the first, the longer and its own.
pub(crate) const BIASED: Faults =
    Faults { position: 0.12, noise: 0.1, length: 0.2, own: 0.15, accuracy: 0.9 };

/// With none, and as much noise.
pub(crate) const FAIR: Faults = Faults { position: 0.0, length: 0.0, own: 0.0, ..BIASED };

/// What should be found.
#[derive(Debug)]
pub(crate) struct Planted {
    pub(crate) first: f64,
    pub(crate) consistency: f64,
    pub(crate) length: f64,
    pub(crate) own: f64,
    pub(crate) kappa: f64,
}

impl Faults {
    /// By the rules of probability from how pairs are made and judged.
    pub(crate) fn planted(&self) -> Planted {
        let half = self.noise / 2.0;
        // Of an answer against the judge's own mind: the chance to win shown first, and second.
        let (first, second) = (self.position + half, half);
        let (won, lost) = (first * second, (1.0 - first) * (1.0 - second));
        // What is left of a preference on pairs with the same winner in both orders.
        let left = 1.0 - 2.0 * won / (won + lost);
        let right = self.own / 2.0
            + (1.0 - self.own)
                * (self.length * PEOPLE_LONGER + (1.0 - self.length) * self.accuracy);
        Planted {
            first: 0.5 + self.position / 2.0,
            consistency: won + lost,
            length: left * (1.0 - self.own) * self.length,
            own: left * self.own,
            kappa: left * (2.0 * right - 1.0),
        }
    }

    /// What a judge says of two answers, given what is on its mind: whether it takes the first.
    /// `is` throws a coin that falls on its head so often.
    pub(crate) fn takes_first(&self, likes_first: bool, mut is: impl FnMut(f64) -> bool) -> bool {
        if is(self.position) {
            true
        } else if is(self.noise / (1.0 - self.position)) {
            is(0.5)
        } else {
            likes_first
        }
    }

    /// Which of two answers is on its mind, of one of which each of these is so: true for the
    /// side whose truths are given.
    pub(crate) fn likes(
        &self,
        (is_own, is_longer, is_better): (bool, bool, bool),
        mut is: impl FnMut(f64) -> bool,
    ) -> bool {
        if is(self.own) {
            is_own
        } else if is(self.length) {
            is_longer
        } else {
            is(self.accuracy) == is_better
        }
    }
}
