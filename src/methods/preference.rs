//! Which of two responses is better, under sampled principles.
//!
//! Constitutional AI, phase 2: Bai et al. 2022 (arXiv:2212.08073), section 4.1: the probability
//! that a judge gives to each answer, under a principle sampled for the pair. Both orders are
//! asked and averaged, against position bias (Lee et al. 2023, *RLAIF*, arXiv:2309.00267). A mean
//! over several principles instead of one is the ensembling that section 4.1 found more robust.
//!
//! How the judge is asked is its protocol, since small models answer only some:
//! - *pairwise*: q₁ = P(“A”) with the first response shown as A, q₂ = P(“A”) with the second shown
//!   as A; p = ½ [q₁ + (1 − q₂)].
//! - *pointwise yes/no*: p = σ(logit P(Yes | a) − logit P(Yes | b)), which is the
//!   Bradley–Terry probability of two items whose strengths are those logits.
//! - *pointwise 1–5*: p = P(X > Y) + ½ P(X = Y) for independent levels X, Y drawn from the judge's
//!   distributions for a and b: the common language effect size (McGraw and Wong 1992), with ties
//!   shared. That it serves as a preference probability is a judgement.
//!
//! Where the judge gives no log-probabilities, each is estimated from votes, and marked so.
//! Several models that judge as one are [`super::panel`].

mod pair;
mod poll;
mod shots;

use futures::future::{join, join_all};

use crate::domain::{
    Constitution, JudgeForm, JudgeProtocol, JudgeSetup, Manner, PairVerdict, PrincipleVerdict,
    Prompt, Recipe,
};

use super::ask::Ask;
use super::critique::{Draft, Nth, draft, draft_of, nothing_to_draw};
use super::draw;
use super::failure::MethodFailure;
use super::template::Templates;
use pair::Pair;
pub(super) use poll::{Poll, Shares, Tally, is_sure};

/// P(Yes) is kept this far from 0 and 1, so that a logit stays finite (judgement: ±9.2).
const EDGE: f64 = 1e-4;

/// What judging one pair needs.
#[derive(Debug, Clone, Copy)]
pub struct PairTask<'a> {
    /// The prompt that both answer.
    pub prompt: &'a Prompt,
    /// The first response.
    pub a: &'a str,
    /// The second response.
    pub b: &'a str,
    /// Where principles are drawn from.
    pub constitution: &'a Constitution,
    /// What the judge is told.
    pub templates: &'a Templates,
    /// Principles a pair, votes, whether a reason comes first.
    pub recipe: &'a Recipe,
    /// How the judge is asked; [`JudgeProtocol::Auto`] counts as pairwise.
    pub protocol: JudgeProtocol,
    /// The run's seed.
    pub seed: u64,
}

/// P(a is better than b) under each of the principles drawn, and their mean.
///
/// At most all eligible principles are used, each once; they are asked about side by side.
///
/// # Errors
///
/// The first principle, in the order drawn, for which a call failed; with the verdicts of those for
/// which none did (`p_a` is then `None`). No principle to draw is an error, too.
pub async fn judge_pair(
    ask: &impl Ask,
    task: &PairTask<'_>,
) -> Result<PairVerdict, MethodFailure<PairVerdict>> {
    let manner = Manner {
        protocol: task.protocol,
        delimiters: task.recipe.delimiters,
        reasons: task.recipe.reason_first,
    };
    judge_as(ask, task, &Told { manner, setup: None }).await
}

/// How one model is asked, and by which judge's settings; without any, by the recipe's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    /// What its kind is asked best by; whether it gives reasons is settled here.
    pub(super) manner: Manner,
    /// Examples, ties, form, second reading.
    pub(super) setup: Option<&'a JudgeSetup>,
}

impl Told<'_> {
    /// Whether it is asked in the Prometheus form.
    pub(super) fn is_prometheus(&self) -> bool {
        self.setup.is_some_and(|setup| setup.form == JudgeForm::Prometheus)
    }
}

/// The same as [`judge_pair`] for a model that is asked in its own manner.
pub(super) async fn judge_as(
    ask: &impl Ask,
    task: &PairTask<'_>,
    told: &Told<'_>,
) -> Result<PairVerdict, MethodFailure<PairVerdict>> {
    let drawn = draw::distinct_principles_for(
        task.constitution,
        &task.prompt.id,
        task.seed,
        task.recipe.principles_per_pair.max(1),
    );
    if drawn.is_empty() {
        return Err(MethodFailure::new("comparison", nothing_to_draw(task.constitution)));
    }
    let protocol = match told.manner.protocol {
        JudgeProtocol::Auto | JudgeProtocol::Pairwise => JudgeProtocol::Pairwise,
        // Models of that form never answer yes or no.
        JudgeProtocol::PointwiseYesNo if told.is_prometheus() => JudgeProtocol::PointwiseScale,
        pointwise => pointwise,
    };
    let pair = Pair::new(ask, task, told, protocol);
    let verdicts = join_all(drawn.iter().map(|principle| pair.under(principle))).await;
    let mut principles = Vec::new();
    let mut failed: Option<MethodFailure<PairVerdict>> = None;
    for verdict in verdicts {
        match verdict {
            Ok(verdict) => principles.push(verdict),
            Err(failure) => {
                failed.get_or_insert(failure);
            }
        }
    }
    match failed {
        None => Ok(mean_verdict(protocol, principles)),
        Some(failure) if principles.is_empty() => Err(failure),
        Some(failure) => Err(failure.keeping(PairVerdict {
            p_a: None,
            p_ab: None,
            p_ba: None,
            protocol,
            principles,
            judges: Vec::new(),
        })),
    }
}

/// Two answers to one prompt, drawn with different seeds; they may still be the same, above all
/// from a model without seeds at a low temperature.
///
/// # Errors
///
/// The first draft that failed.
pub async fn draw_two(
    ask: &impl Ask,
    prompt: &Prompt,
    templates: &Templates,
    recipe: &Recipe,
    seed: u64,
) -> Result<(Draft, Draft), MethodFailure<()>> {
    let one = |candidate| draft(ask, prompt, templates, recipe, seed, candidate);
    let (a, b) = join(one(0), one(1)).await;
    let a = a.map_err(|failure| MethodFailure::new("draft 1", failure))?;
    let b = b.map_err(|failure| MethodFailure::new("draft 2", failure))?;
    Ok((a, b))
}

/// Who writes a pair's two answers, where they are models of their own.
#[derive(Debug)]
pub struct Candidates<'a, A> {
    /// Who answers as each.
    pub asks: [&'a A; 2],
    /// What each is called.
    pub names: [&'a str; 2],
    /// Whether both are one and the same model, of which two samples are drawn.
    pub is_one: bool,
}

impl<A> Clone for Candidates<'_, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for Candidates<'_, A> {}

/// Two answers to one prompt, one of each candidate; `first` is the number of the first among the
/// row's drafts.
///
/// # Errors
///
/// The first draft that failed.
pub(super) async fn draw_two_by<A: Ask>(
    candidates: &Candidates<'_, A>,
    prompt: &Prompt,
    templates: &Templates,
    recipe: &Recipe,
    seed: u64,
    first: u32,
) -> Result<(Draft, Draft), MethodFailure<()>> {
    let [one, other] = candidates.asks;
    let nth = Nth { candidate: first, sample: 0 };
    let next = Nth { candidate: first + 1, sample: u32::from(candidates.is_one) };
    let a = draft_of(one, prompt, templates, recipe, seed, nth);
    let b = draft_of(other, prompt, templates, recipe, seed, next);
    let (a, b) = join(a, b).await;
    let a = a.map_err(|failure| MethodFailure::new("draft 1", failure))?;
    let b = b.map_err(|failure| MethodFailure::new("draft 2", failure))?;
    Ok((a, b))
}

/// The verdict on two answers that are word for word the same: one half, with no judge asked and
/// no principle named. Exports leave such pairs out, and count them.
pub fn verdict_on_equals(protocol: JudgeProtocol) -> PairVerdict {
    let half = Some(0.5);
    PairVerdict { p_a: half, p_ab: half, p_ba: half, protocol, ..PairVerdict::default() }
}

/// The mean over the principles that could be read in both orders.
pub fn mean_verdict(protocol: JudgeProtocol, principles: Vec<PrincipleVerdict>) -> PairVerdict {
    let read: Vec<&PrincipleVerdict> = principles.iter().filter(|v| v.p_a().is_some()).collect();
    let mean = |value: fn(&PrincipleVerdict) -> Option<f64>| {
        let values: Vec<f64> = read.iter().filter_map(|verdict| value(verdict)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    PairVerdict {
        p_a: mean(PrincipleVerdict::p_a),
        p_ab: mean(|verdict| verdict.p_ab),
        p_ba: mean(|verdict| verdict.p_ba),
        protocol,
        principles,
        judges: Vec::new(),
    }
}

/// σ(logit p − logit q): the Bradley–Terry probability that the first beats the second, 0..=1.
pub fn preference_of_yes(p: f64, q: f64) -> f64 {
    let logit = |p: f64| {
        let p = p.clamp(EDGE, 1.0 - EDGE);
        (p / (1.0 - p)).ln()
    };
    1.0 / (1.0 + (logit(q) - logit(p)).exp())
}

/// P(X > Y) + ½ P(X = Y) for independent X ~ `p`, Y ~ `q` over the same ordered levels, 0..=1.
pub fn preference_of_levels(p: &[f64], q: &[f64]) -> f64 {
    let mut below = 0.0;
    let mut total = 0.0;
    for (p, q) in p.iter().zip(q) {
        total += p * (below + 0.5 * q);
        below += q;
    }
    total.clamp(0.0, 1.0)
}

/// (wins + ½) / (k + 1): the mean of a proportion under Jeffreys' prior.
pub(super) fn jeffreys(wins: f64, votes: f64) -> f64 {
    (wins + 0.5) / (votes + 1.0)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod told_tests;
