//! Student's t distribution, and the normal one's tail.

/// P(T ≤ t) with so many degrees of freedom, above 0; `scipy.stats.t.cdf`.
///
/// By the regularised incomplete beta function I_x(df/2, ½) at x = df / (df + t²) (Abramowitz and
/// Stegun 1964, 26.7.1).
pub(super) fn student(t: f64, df: f64) -> f64 {
    if t.is_infinite() {
        return if t > 0.0 { 1.0 } else { 0.0 };
    }
    let tail = 0.5 * incomplete_beta(df / (df + t * t), df / 2.0, 0.5);
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// The 97.5 % point of t with so many degrees of freedom, 1 or more; `scipy.stats.t.ppf(.975, df)`.
///
/// By halving, to 10⁻¹³.
pub(super) fn student_quantile(df: f64) -> f64 {
    // 12.71 for one degree, and less for more.
    let (mut low, mut high) = (1.9, 13.0);
    while high - low > 1e-13 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if student(middle, df) < 0.975 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// P(Z > z) of a normal Z, for z of 1 or more; `scipy.stats.norm.sf`.
///
/// By Laplace's continued fraction, φ(z) / (z + 1 / (z + 2 / (z + 3 / …))) (Abramowitz and Stegun
/// 1964, 26.2.14).
pub(super) fn normal_tail(z: f64) -> f64 {
    let fraction = (1..400).rev().fold(z, |rest, n| z + f64::from(n) / rest);
    (-z * z / 2.0).exp() / ((2.0 * std::f64::consts::PI).sqrt() * fraction)
}

/// I_x(a, b), by the continued fraction (Abramowitz and Stegun 26.5.8; Lentz 1976 for how it is
/// summed), on the side where it converges fast.
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front =
        (a * x.ln() + b * (1.0 - x).ln() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b)).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    }
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    /// Stands in for 0 in a denominator.
    const TINY: f64 = 1e-300;
    let apart = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut above = 1.0;
    let mut below = 1.0 / apart(1.0 - (a + b) * x / (a + 1.0));
    let mut sum = below;
    for nth in 1..500 {
        let m = f64::from(nth);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        for step in [even, odd] {
            below = 1.0 / apart(1.0 + step * below);
            above = apart(1.0 + step / above);
            sum *= below * above;
        }
        if (below * above - 1.0).abs() < 1e-15 {
            break;
        }
    }
    sum
}

/// ln Γ(x) of x > 0, by Lanczos' sum (Lanczos 1964, with g = 7 and nine terms; relative error below
/// 10⁻¹⁵).
fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        // Euler's reflection.
        return (std::f64::consts::PI / (std::f64::consts::PI * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let sum = TERMS
        .iter()
        .enumerate()
        .skip(1)
        .fold(TERMS[0], |sum, (n, term)| sum + term / (x + n as f64));
    let t = x + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}
