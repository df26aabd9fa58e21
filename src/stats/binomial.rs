//! Shares of a count: Wilson's interval, Newcombe's of a difference, and the exact sign test.

use super::bootstrap::Interval;

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's 95 % interval of a share of `n`, both within 0..=1.
///
/// Wilson 1927, *Probable inference, the law of succession, and statistical inference*, JASA 22;
/// without continuity correction, as recommended by Brown, Cai and DasGupta 2001. `share` need not
/// be a whole number of `n`: a tie counts as half a success. `None` for `n` of 0.
pub fn wilson(share: f64, n: u64) -> Option<Interval> {
    if n == 0 || !share.is_finite() {
        return None;
    }
    let n = n as f64;
    let z2 = Z * Z;
    let centre = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let spread = Z / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    Some(Interval { low: (centre - spread).max(0.0), high: (centre + spread).min(1.0) })
}

/// Newcombe's 95 % interval of the difference of two shares of as many, the first less the second.
///
/// Newcombe 1998, *Interval estimation for the difference between independent proportions*
/// (Statistics in Medicine 17), method 10: by Wilson's interval of each. `None` where either is of
/// none.
pub fn newcombe(first: (f64, u64), second: (f64, u64)) -> Option<Interval> {
    let (one, other) = (wilson(first.0, first.1)?, wilson(second.0, second.1)?);
    let value = first.0 - second.0;
    Some(Interval {
        low: value - (first.0 - one.low).hypot(other.high - second.0),
        high: value + (one.high - first.0).hypot(second.0 - other.low),
    })
}

/// The two-sided sign test: the probability, were both sides equally good, of a split at least as
/// uneven as this one. Ties are left out beforehand. `None` where nothing is left.
///
/// The exact binomial test at one half (Conover 1999, *Practical Nonparametric Statistics*,
/// section 3.4). Takes time linear in the count.
pub fn sign_test(wins: u64, losses: u64) -> Option<f64> {
    let n = wins + losses;
    if n == 0 {
        return None;
    }
    let fewer = wins.min(losses);
    if 2 * fewer == n {
        return Some(1.0);
    }
    // ln C(n, k) − n ln 2, from k = 0 on.
    let mut ln = -(n as f64) * std::f64::consts::LN_2;
    let mut tail = 0.0;
    for k in 0..=fewer {
        tail += ln.exp();
        ln += ((n - k) as f64 / (k + 1) as f64).ln();
    }
    Some((2.0 * tail).min(1.0))
}
