//! Whether a judge is milder with its own kin.

use super::super::MIN_ITEMS;
use super::super::binomial::newcombe;
use super::super::bootstrap::{Clusters, drawn_anew};
use super::super::estimate::{Estimate, Flag, Measured, enough, same_rows};
use super::super::expansion::FEW;

/// Under so many items of either kind the two rates are not compared (judgement: each is then known
/// to ±30 points).
const MIN_EACH: usize = 10;

/// More false passes than this for its own family are flagged: 5 points.
const MILD: f64 = 0.05;

/// A pair of which one answer is by the judge's own model or family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnPair {
    /// Whether the judge chose its own.
    pub judge_own: bool,
    /// Whether people did. Pairs that are a tie to either are left out beforehand.
    pub human_own: bool,
}

/// Two rates and how far apart they are.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct SelfPreference {
    /// The rate for the judge's own answers, 0..=1.
    pub own: Measured<f64>,
    /// The rate for the others', 0..=1.
    pub others: Measured<f64>,
    /// own − others, −1..=1: above 0 the judge is milder with its own.
    pub difference: Measured,
    /// See the function that made it.
    pub flag: Flag,
}

/// P(judge picks own | people pick own) − P(judge picks other | people pick other): the difference
/// in equal opportunity.
///
/// Wataoka et al. 2024, *Self-preference bias in LLM-as-a-judge* (arXiv:2410.21819), section 3.
/// That people often prefer the judge's own answers is no bias, and does not count as one.
/// Flagged where the whole interval lies above 0.
///
/// # Errors
///
/// [`super::super::Unknown::Uneven`] where the clusters are of another number of rows.
pub fn self_preference(
    pairs: &[OwnPair],
    clusters: &Clusters,
    seed: u64,
) -> Measured<SelfPreference> {
    same_rows(pairs.len(), clusters.rows())?;
    let rows: Vec<Kind> = pairs
        .iter()
        .map(|pair| Kind { own: pair.human_own, hit: pair.judge_own == pair.human_own })
        .collect();
    let mut measured = two_rates(&rows, clusters, seed);
    measured.flag = Flag::of(&measured.difference, |difference| difference.is_above(0.0));
    Ok(measured)
}

/// A criterion that an answer truly fails, by people or by its making.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrueFailure {
    /// Whether the answer is by the judge's own family.
    pub own: bool,
    /// Whether the judge said “met”.
    pub met: bool,
}

/// How often the judge says “met” of criteria that truly fail: for its own family minus for the
/// others.
///
/// Pombal et al. 2026, on self-preference in rubric-based judging. Flagged where it is more than 5
/// points and the interval lies above 0.
///
/// # Errors
///
/// [`super::super::Unknown::Uneven`] where the clusters are of another number of rows.
pub fn false_passes(
    failures: &[TrueFailure],
    clusters: &Clusters,
    seed: u64,
) -> Measured<SelfPreference> {
    same_rows(failures.len(), clusters.rows())?;
    let rows: Vec<Kind> =
        failures.iter().map(|failure| Kind { own: failure.own, hit: failure.met }).collect();
    let mut measured = two_rates(&rows, clusters, seed);
    measured.flag =
        Flag::of(&measured.difference, |found| found.value > MILD && found.is_above(0.0));
    Ok(measured)
}

/// An item of one of two kinds, and whether it counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// Which kind.
    pub(super) own: bool,
    /// Whether it counts.
    pub(super) hit: bool,
}

/// The rates of both kinds and their difference, not flagged. Where but a few prompts carry the
/// difference, so that draws lie on one side of it, its interval is Newcombe's.
pub(super) fn two_rates(rows: &[Kind], clusters: &Clusters, seed: u64) -> SelfPreference {
    let all: Vec<usize> = (0..rows.len()).collect();
    let rate = |places: &[usize], own: bool| {
        let (hits, n) = places
            .iter()
            .map(|row| rows[*row])
            .filter(|row| row.own == own)
            .fold((0.0, 0.0), |(hits, n), row| (hits + f64::from(u8::from(row.hit)), n + 1.0));
        (n > 0.0).then_some(hits / n)
    };
    let count = |own| rows.iter().filter(|row| row.own == own).count();
    let known = |own: bool| {
        enough(count(own), MIN_EACH)?;
        enough(clusters.len(), MIN_ITEMS)?;
        rate(&all, own).ok_or(super::super::Unknown::TooFew { n: 0, least: MIN_EACH as u64 })
    };
    let (own, others) = (known(true), known(false));
    // Rows of one prompt are one piece of evidence.
    let prompts = |own: bool| {
        let has = |group: &&Vec<usize>| group.iter().any(|row| rows[*row].own == own);
        clusters.groups().iter().filter(has).count() as u64
    };
    let difference = own.and_then(|own| {
        let others = others?;
        let value = own - others;
        let drawn =
            drawn_anew(clusters, seed, |places| Some(rate(places, true)? - rate(places, false)?));
        let by_formula = || newcombe((own, prompts(true)), (others, prompts(false)));
        let interval = drawn.interval.filter(|_| drawn.effective >= FEW).or_else(by_formula);
        Ok(Estimate { value, interval, n: rows.len() as u64 })
    });
    SelfPreference { own, others, difference, flag: Flag::TooFew }
}
