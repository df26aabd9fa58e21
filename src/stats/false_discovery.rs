//! Many tests at once, where some false alarms among the finds are borne.

/// Each p-value adjusted so that of those below .05 at most 5 % are false alarms on average, in
/// the same order; for tests that are independent or depend on each other positively.
///
/// Benjamini and Hochberg 1995, *Controlling the false discovery rate*, J. Royal Statistical
/// Society B 57.
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let m = p_values.len();
    let mut order: Vec<usize> = (0..m).collect();
    order.sort_by(|a, b| p_values[*b].total_cmp(&p_values[*a]));
    let mut adjusted = vec![1.0; m];
    let mut least: f64 = 1.0;
    for (place, index) in order.into_iter().enumerate() {
        let rank = m - place;
        least = least.min(p_values[index] * m as f64 / rank as f64);
        adjusted[index] = least;
    }
    adjusted
}
