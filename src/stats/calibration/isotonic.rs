//! The best rising map of probabilities to labels.

/// A map that never falls, given by its corners: between them by straight lines, beyond the first
/// and last as those.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Corners {
    /// Probabilities said, rising.
    pub said: Vec<f64>,
    /// What they are mapped to, never falling; as many.
    pub was: Vec<f64>,
}

impl Corners {
    /// Whether they are of 0..=1, as many of both, and never fall.
    pub fn is_rising(&self) -> bool {
        let is_in = |values: &[f64]| values.iter().all(|value| (0.0..=1.0).contains(value));
        self.said.len() == self.was.len()
            && is_in(&self.said)
            && is_in(&self.was)
            && self.said.windows(2).all(|two| two[0] < two[1])
            && self.was.windows(2).all(|two| two[0] <= two[1])
    }

    /// What a probability is mapped to; itself where there is no corner, or it is no number.
    pub fn apply(&self, p: f64) -> f64 {
        if !p.is_finite() {
            return p;
        }
        let n = self.said.len().min(self.was.len());
        let after = self.said[..n].partition_point(|corner| *corner < p);
        match (after, n) {
            (_, 0) => p,
            (0, _) => self.was[0],
            (after, n) if after == n => self.was[n - 1],
            (after, _) => {
                let (x0, x1) = (self.said[after - 1], self.said[after]);
                let (y0, y1) = (self.was[after - 1], self.was[after]);
                if x1 > x0 { y0 + (y1 - y0) * (p - x0) / (x1 - x0) } else { y1 }
            }
        }
    }
}

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
