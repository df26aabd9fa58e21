//! Many tests at once.

/// Each p-value adjusted for how many were looked at, in the same order, so that “any of them
/// below .05” is right at the 5 % level.
///
/// Holm 1979, *A simple sequentially rejective multiple test procedure*, Scand. J. Statistics 6.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let m = p_values.len();
    let mut order: Vec<usize> = (0..m).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut adjusted = vec![1.0; m];
    let mut largest: f64 = 0.0;
    for (rank, place) in order.into_iter().enumerate() {
        largest = largest.max((p_values[place] * (m - rank) as f64).min(1.0));
        adjusted[place] = largest;
    }
    adjusted
}
