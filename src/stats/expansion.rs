//! How far the percentiles of the draws are moved outwards where the data are few.

use super::student::{normal_tail, student_quantile};

/// Where fewer clusters than this carry a statistic's variance, drawing anew says little of it:
/// two judgments of sixty that differ give draws on one side only. Student's t is then no wider
/// than that of so many, and rates have intervals by a formula.
pub(super) const FEW: f64 = 5.0;

/// How many clusters alike in size and in what they do would vary as the statistic does: Σd²
/// squared over Σd⁴, of the distances d of the values without one cluster each from their mean. Of
/// 60 prompts two of which differ it is about 2.
///
/// The effective number of clusters G / (1 + Γ) of Carter, Schnepel and Steigerwald 2017,
/// *Asymptotic behavior of a t-test robust to cluster heterogeneity* (Review of Economics and
/// Statistics 99), Γ being the squared coefficient of variation of the clusters' parts in the
/// variance; here these parts are the d² themselves, which are known without a model and make it
/// smaller (a third of G for normal values). 0 where all values are the same.
pub(super) fn effective(left: &[f64]) -> f64 {
    let known: Vec<f64> = left.iter().copied().filter(|value| value.is_finite()).collect();
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    let squares = || known.iter().map(|value| (value - mean).powi(2));
    // What is left of a constant by rounding is no distance.
    let least = 1e-12 * mean.abs().max(1.0);
    if !squares().any(|square| square > least * least) {
        return 0.0;
    }
    let sum: f64 = squares().sum();
    sum * sum / squares().map(|square| square * square).sum::<f64>()
}

/// The share of the draws beyond each end of a 95 % interval: Φ(−√(G / (G − 1)) t), t being the
/// 97.5 % point of Student's t with one degree less than `effective` clusters, of G in all; ¹⁄₄₀ for
/// very many, and less for few.
///
/// Hesterberg 2015, *What teachers should know about the bootstrap* (The American Statistician 69):
/// the expanded percentile interval, for n items alike with t of n − 1 degrees. Plain percentiles
/// are those of Φ(−z): too narrow by √((G − 1) / G), and for G so large that the variance is known.
/// Of t's degrees see [`effective`]; by its own n − 1 the interval is too narrow, still, for rates
/// near 0 or 1, which few items move.
///
/// How often intervals held what was planted, of 2,000 judges each, by plain percentiles, by BCa
/// (Efron 1987, which expands nothing) and by these:
///
/// | | plain | BCa | here |
/// |---|---|---|---|
/// | κ .55, 99 prompts of two pairs | 94.4 | 94.7 | 95.5 |
/// | a difference of rates, .15, the same | 94.4 | 94.1 | 95.5 |
/// | a difference of rates with few errors, .05, the same | 94.2 | 93.5 | 96.8 |
/// | a rate of .9, 60 prompts | 90.8 | 96.3 | 97.5 |
/// | a difference of rates, 0, 60 prompts | 93.7 | 90.1 | 97.2 |
/// | a rate of .8, 30 prompts | 90.9 | 96.1 | 97.8 |
/// | a difference of rates, .15, 30 prompts | 91.8 | 91.5 | 96.5 |
///
/// They are wider by 4 % with 99 prompts of two pairs, and by 20 % with 30. BCa is good where
/// values pile up on one side, and too narrow where they do not.
pub(super) fn tail(effective: f64, clusters: usize) -> f64 {
    let all = clusters.max(2) as f64;
    let degrees = (effective.min(all) - 1.0).max(FEW - 1.0);
    normal_tail((all / (all - 1.0)).sqrt() * student_quantile(degrees))
}
