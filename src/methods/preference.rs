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

use std::collections::BTreeSet;

use futures::future::{join, join_all};
use minijinja::context;

use crate::domain::{
    Answer, CallFailure, Constitution, JudgeProtocol, PairVerdict, Principle, PrincipleVerdict,
    Prompt, Purpose, Recipe,
};

use super::ask::Ask;
use super::critique::{Draft, Nth, draft, draft_of, nothing_to_draw};
use super::failure::MethodFailure;
use super::judging::{Drawn, Judge, Judged, Question, conversation_text};
use super::read_verdict::{self, Choice};
use super::template::{Templates, fence};
use super::{draw, generated};

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
    let drawn = draw::distinct_principles_for(
        task.constitution,
        &task.prompt.id,
        task.seed,
        task.recipe.principles_per_pair.max(1),
    );
    if drawn.is_empty() {
        return Err(MethodFailure::new("comparison", nothing_to_draw(task.constitution)));
    }
    let protocol = match task.protocol {
        JudgeProtocol::Auto | JudgeProtocol::Pairwise => JudgeProtocol::Pairwise,
        pointwise => pointwise,
    };
    let pair = Pair::new(ask, task, protocol);
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
    PairVerdict { p_a: half, p_ab: half, p_ba: half, protocol, principles: Vec::new() }
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
fn jeffreys(wins: f64, votes: f64) -> f64 {
    (wins + 0.5) / (votes + 1.0)
}

/// What asking one question brought: how probable each answer is.
struct Poll {
    /// In the answers' order; `None` where nothing could be read.
    shares: Option<Shares>,
    /// What could not be read.
    unread: Vec<String>,
    /// The first reason.
    reason: String,
}

enum Shares {
    /// From log-probabilities.
    Exact { probabilities: Vec<f64>, mass: f64 },
    /// Votes for each answer.
    Votes(Vec<f64>),
}

impl Poll {
    fn mass(&self) -> Option<f64> {
        match &self.shares {
            Some(Shares::Exact { mass, .. }) => Some(*mass),
            Some(Shares::Votes(_)) | None => None,
        }
    }

    fn is_estimated(&self) -> bool {
        matches!(self.shares, Some(Shares::Votes(_)))
    }

    /// P(the first answer), of two.
    fn first(&self) -> Option<f64> {
        match self.shares.as_ref()? {
            Shares::Exact { probabilities, .. } => probabilities.first().copied(),
            Shares::Votes(votes) => Some(jeffreys(*votes.first()?, votes.iter().sum())),
        }
    }
}

/// A pair, with what all its questions share.
struct Pair<'a, A> {
    judge: Judge<'a, A>,
    task: &'a PairTask<'a>,
    protocol: JudgeProtocol,
    conversation: String,
    pair_fence: String,
}

impl<'a, A: Ask> Pair<'a, A> {
    fn new(ask: &'a A, task: &'a PairTask<'a>, protocol: JudgeProtocol) -> Self {
        let conversation = conversation_text(task.prompt);
        // The same in both orders.
        let pair_fence = fence(&[&conversation, task.a, task.b]);
        let judge =
            Judge { ask, prompt: task.prompt, templates: task.templates, recipe: task.recipe };
        Self { judge, task, protocol, conversation, pair_fence }
    }

    async fn under(
        &self,
        principle: &Principle,
    ) -> Result<PrincipleVerdict, MethodFailure<PairVerdict>> {
        let (first, second) = match self.protocol {
            JudgeProtocol::Auto | JudgeProtocol::Pairwise => ("ab", "ba"),
            JudgeProtocol::PointwiseYesNo | JudgeProtocol::PointwiseScale => ("a", "b"),
        };
        let poll = |name| async move {
            let polled = self.poll(principle, name).await;
            polled.map_err(|failure| {
                MethodFailure::new(format!("comparison {} {name}", principle.id), failure)
            })
        };
        let (first_poll, second_poll) = join(poll(first), poll(second)).await;
        let (one, two) = (first_poll?, second_poll?);
        let (p_ab, p_ba) = match self.protocol {
            JudgeProtocol::Auto | JudgeProtocol::Pairwise => {
                (one.first(), two.first().map(|q| 1.0 - q))
            }
            JudgeProtocol::PointwiseYesNo => {
                let p = one.first().zip(two.first()).map(|(p, q)| preference_of_yes(p, q));
                (p, p)
            }
            JudgeProtocol::PointwiseScale => {
                let p = levels_preference(&one, &two);
                (p, p)
            }
        };
        let mass = match (one.mass(), two.mass()) {
            (Some(x), Some(y)) => Some(x.min(y)),
            (x, y) => x.or(y),
        };
        let estimated = one.is_estimated() || two.is_estimated();
        let reason = [(first, &one.reason), (second, &two.reason)]
            .iter()
            .filter(|(_, reason)| !reason.is_empty())
            .map(|(name, reason)| format!("[{name}] {reason}"))
            .collect::<Vec<_>>()
            .join("\n\n");
        let mut unparsed = one.unread;
        unparsed.extend(two.unread);
        Ok(PrincipleVerdict {
            principle: principle.id.clone(),
            p_ab,
            p_ba,
            mass,
            unparsed,
            estimated,
            reason,
        })
    }

    /// Asks one question once; where no probabilities come back, `votes` times in all.
    async fn poll(&self, principle: &Principle, name: &str) -> Result<Poll, CallFailure> {
        let question = self.question(principle, name)?;
        let first = self.judge.verdict(&question, Drawn::Vote(0)).await?;
        let reason = first.reason.clone();
        let choice = read_verdict::choice(&first.reply, &question.answers);
        if let Choice::Probabilities { normalised, mass } = choice {
            let shares = Some(Shares::Exact { probabilities: normalised, mass });
            return Ok(Poll { shares, unread: Vec::new(), reason });
        }
        let further = 1..self.task.recipe.votes.max(1);
        let others = join_all(further.map(|i| self.judge.verdict(&question, Drawn::Vote(i)))).await;
        let mut votes = vec![0.0; question.answers.len()];
        let mut unread = BTreeSet::new();
        let mut any_read = false;
        let mut count =
            |judged: &Judged| match read_verdict::choice(&judged.reply, &question.answers) {
                Choice::Named(index) => {
                    votes[index] += 1.0;
                    any_read = true;
                }
                // A model that gives them only sometimes: its probabilities are one vote, shared.
                Choice::Probabilities { normalised, .. } => {
                    for (vote, p) in votes.iter_mut().zip(normalised) {
                        *vote += p;
                    }
                    any_read = true;
                }
                Choice::Unread(text) => {
                    unread.insert(text);
                }
            };
        count(&first);
        for judged in others {
            count(&judged?);
        }
        Ok(Poll {
            shares: any_read.then_some(Shares::Votes(votes)),
            unread: unread.into_iter().collect(),
            reason,
        })
    }

    fn question<'q>(
        &'q self,
        principle: &Principle,
        name: &str,
    ) -> Result<Question<'q>, CallFailure> {
        let (a, b) = (self.task.a, self.task.b);
        let shared = context! {
            conversation => &self.conversation,
            preface => self.task.constitution.preface.trim(),
            principle => generated::principle_values(principle)
        };
        let (template, reason_template, values, texts, answers) = match self.protocol {
            JudgeProtocol::Auto | JudgeProtocol::Pairwise => {
                let (first, second) = if name == "ab" { (a, b) } else { (b, a) };
                let values = context! {
                    response_a => first,
                    response_b => second,
                    fence => &self.pair_fence,
                    request => generated::comparison_question(principle, self.task.templates)?,
                    ..shared
                };
                let answers = vec![Answer::letter("A"), Answer::letter("B")];
                ("judge_pairwise", "judge_pairwise_reason", values, vec![first, second], answers)
            }
            JudgeProtocol::PointwiseYesNo | JudgeProtocol::PointwiseScale => {
                let response = if name == "a" { a } else { b };
                let values = context! {
                    response,
                    fence => fence(&[&self.conversation, response]),
                    ..shared
                };
                if self.protocol == JudgeProtocol::PointwiseYesNo {
                    let answers = vec![Answer::of("Yes"), Answer::of("No")];
                    ("judge_yes_no", "judge_yes_no_reason", values, vec![response], answers)
                } else {
                    let answers =
                        (1..=5).map(|level: u8| Answer::letter(&level.to_string())).collect();
                    ("judge_scale", "judge_scale_reason", values, vec![response], answers)
                }
            }
        };
        let mut texts = texts;
        texts.push(&self.conversation);
        Ok(Question {
            template,
            reason_template: self.task.recipe.reason_first.then_some(reason_template),
            values,
            texts,
            answers,
            purpose: Purpose::Comparison {
                principle: principle.id.clone(),
                order: name.to_owned(),
            },
            reason_purpose: Purpose::Reason {
                about: principle.id.0.clone(),
                response: name.to_owned(),
            },
        })
    }
}

/// The preference that two level polls show. Shares from votes are drawn towards one half as
/// [`jeffreys`] draws a proportion, so that two votes are no certainty.
fn levels_preference(one: &Poll, two: &Poll) -> Option<f64> {
    let normalised = |shares: &Shares| match shares {
        Shares::Exact { probabilities, .. } => (probabilities.clone(), None),
        Shares::Votes(votes) => {
            let n: f64 = votes.iter().sum();
            (votes.iter().map(|vote| vote / n).collect::<Vec<_>>(), Some(n))
        }
    };
    let (p, n_one) = normalised(one.shares.as_ref()?);
    let (q, n_two) = normalised(two.shares.as_ref()?);
    let raw = preference_of_levels(&p, &q);
    let fewest = match (n_one, n_two) {
        (Some(x), Some(y)) => Some(x.min(y)),
        (x, y) => x.or(y),
    };
    Some(fewest.map_or(raw, |n| jeffreys(raw * n, n)))
}

#[cfg(test)]
mod tests;
