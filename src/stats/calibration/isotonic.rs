//! The best rising map of probabilities to labels.

use crate::domain::Corners;

/// The rising map with the least squared error: neighbours that fall are pooled.
///
/// Pool adjacent violators: Ayer et al. 1955; for probabilities Zadrozny and Elkan 2002. Rows of
/// the same probability are averaged first, and corners amid a flat stretch left out, as
/// `sklearn.isotonic.IsotonicRegression(out_of_bounds="clip")` does.
pub(super) fn fit(said: &[f64], was: &[f64]) -> Corners {
    let mut order: Vec<usize> = (0..said.len()).collect();
    order.sort_by(|a, b| said[*a].total_cmp(&said[*b]));
    let groups: Vec<(f64, f64, f64)> = order
        .chunk_by(|a, b| said[*a] >= said[*b])
        .map(|rows| {
            let n = rows.len() as f64;
            (said[rows[0]], rows.iter().map(|row| was[*row]).sum::<f64>() / n, n)
        })
        .collect();
    // Pools: mean, weight, how many groups.
    let mut pools: Vec<(f64, f64, usize)> = Vec::with_capacity(groups.len());
    for (_, mean, weight) in &groups {
        let mut pool = (*mean, *weight, 1);
        while let Some(last) = pools.pop_if(|last| last.0 >= pool.0) {
            let weight = last.1 + pool.1;
            pool = ((last.0 * last.1 + pool.0 * pool.1) / weight, weight, last.2 + pool.2);
        }
        pools.push(pool);
    }
    let mut corners = Corners { said: Vec::new(), was: Vec::new() };
    let mut at = 0;
    for (mean, _, size) in pools {
        let (first, last) = (groups[at].0, groups[at + size - 1].0);
        corners.said.push(first);
        corners.was.push(mean);
        if size > 1 {
            corners.said.push(last);
            corners.was.push(mean);
        }
        at += size;
    }
    corners
}
