//! Several models that judge a pair as one.
//!
//! Each is asked as if it were alone, in its own manner, and what it said is kept; the judge's rule
//! makes one verdict of them (see [`combine`]). Where a cheap model goes first and is sure, the
//! others are not asked: a cascade (Chen et al. 2023, *FrugalGPT*, arXiv:2305.05176, section 3).

mod scores;

use futures::future::join_all;

use super::ask::Ask;
use super::failure::MethodFailure;
use super::judging::cannot;
use super::preference::{PairTask, Told, judge_as, judge_pair, mean_verdict};
use crate::domain::panel::{Question, combine};
use crate::domain::{
    CallFailure, FailureKind, JudgeProtocol, JudgeSaid, JudgeSetup, Manner, PairVerdict, PanelRule,
    PrincipleVerdict, Recipe,
};

pub use scores::{PanelScore, score_response_by};

/// A judge of its own, ready to be asked for one row.
#[derive(Debug)]
pub struct Jury<'a, A> {
    /// Who answers, what it is called and how it is asked: one for each of the judge's models, in
    /// its order.
    pub seats: Vec<(&'a A, &'a str, Manner)>,
    /// The judge's settings.
    pub setup: &'a JudgeSetup,
}

impl<A: Ask> Jury<'_, A> {
    /// As [`judge_pair_by`].
    ///
    /// # Errors
    ///
    /// As [`judge_pair_by`].
    pub async fn judge_pair(
        &self,
        task: &PairTask<'_>,
    ) -> Result<PairVerdict, MethodFailure<PairVerdict>> {
        judge_pair_by(&self.seats, task, self.setup).await
    }
}

/// A pair judged by the row's judge of its own, where it has one, else by the model that plays the
/// judge, as the recipe says.
///
/// # Errors
///
/// As [`judge_pair`] and [`judge_pair_by`].
pub(super) async fn judge_pair_of<A: Ask, J: Ask>(
    ask: &A,
    jury: Option<&Jury<'_, J>>,
    task: &PairTask<'_>,
) -> Result<PairVerdict, MethodFailure<PairVerdict>> {
    match jury {
        Some(jury) => jury.judge_pair(task).await,
        None => judge_pair(ask, task).await,
    }
}

/// P(a is better) as a judge of one model or several has it. Votes, principles drawn, reasons,
/// examples and form are the judge's; the recipe's are not used.
///
/// `asks` has one entry for each model, in the judge's order: who answers, what it is called, how
/// it is asked. A model that failed is named in [`PairVerdict::judges`] and not counted. With the
/// rules that take a side (all but mean and weighted) `p_ab` and `p_ba` are the panel's side in each
/// order, so their mean need not be `p_a`.
///
/// # Errors
///
/// No model answered, or one could not for a reason that going on later mends (stopped, out of
/// money, key refused, not in the journal): then the row is not done, and what was said by then is
/// kept. A judge without models or with weights that do not fit.
pub async fn judge_pair_by<A: Ask, M: Into<Manner> + Copy + Sync>(
    asks: &[(&A, &str, M)],
    task: &PairTask<'_>,
    setup: &JudgeSetup,
) -> Result<PairVerdict, MethodFailure<PairVerdict>> {
    if let Some(failure) = unfit(setup, asks.len()) {
        return Err(MethodFailure::new("comparison", failure));
    }
    let one = |index: usize| async move {
        let (ask, name, manner) = &asks[index];
        (*name, judge_alone(*ask, (*manner).into(), task, setup).await)
    };
    if asks.len() == 1 {
        return one(0).await.1;
    }
    let mut said = Vec::new();
    if let Some(band) = setup.first_alone {
        said.push(one(0).await);
        if is_sure(&said[0].1, band) {
            return Ok(panel(said, setup).0);
        }
    }
    said.extend(join_all((said.len()..asks.len()).map(one)).await);
    match panel(said, setup) {
        (verdict, None) => Ok(verdict),
        (verdict, Some(failure)) => Err(failure.keeping(verdict)),
    }
}

/// Why so many models can't be asked by a judge's settings, if they can't.
fn unfit(setup: &JudgeSetup, models: usize) -> Option<CallFailure> {
    if models == 0 {
        return Some(cannot("the judge has no model", "name one in the judge"));
    }
    (setup.rule == PanelRule::Weighted && models > 1 && setup.weights.len() != models).then(|| {
        let what = format!("the judge has {} weights for {models} models", setup.weights.len());
        cannot(what, "give one weight for each model, in their order")
    })
}

/// One model's verdict by the judge's settings.
async fn judge_alone(
    ask: &impl Ask,
    manner: Manner,
    task: &PairTask<'_>,
    setup: &JudgeSetup,
) -> Result<PairVerdict, MethodFailure<PairVerdict>> {
    let recipe = Recipe {
        votes: setup.votes,
        principles_per_pair: setup.principles_per_pair,
        ..task.recipe.clone()
    };
    let manner = Manner { reasons: manner.reasons && setup.reason_first, ..manner };
    let task = PairTask { recipe: &recipe, protocol: manner.protocol, ..*task };
    judge_as(ask, &task, &Told { manner, setup: Some(setup) }).await
}

type Said<'a> = (&'a str, Result<PairVerdict, MethodFailure<PairVerdict>>);

/// Whether a first verdict makes the others' superfluous: exactly at the band's edge it does not.
fn is_sure(verdict: &Result<PairVerdict, MethodFailure<PairVerdict>>, band: f64) -> bool {
    let p = verdict.as_ref().ok().and_then(|verdict| verdict.p_a);
    p.is_some_and(|p| (p - 0.5).abs() > band + 1e-9)
}

/// One verdict of all that were asked; with a failure where it is none of the whole panel, and then
/// without a number.
fn panel(
    said: Vec<Said<'_>>,
    setup: &JudgeSetup,
) -> (PairVerdict, Option<MethodFailure<PairVerdict>>) {
    let mut judges = Vec::new();
    // Of the failures the one that decides: the first that is mended by going on, else the first.
    let mut failed: Option<MethodFailure<PairVerdict>> = None;
    for (name, verdict) in said {
        let (verdict, failure) = match verdict {
            Ok(verdict) => (verdict, None),
            Err(failure) => {
                let named =
                    MethodFailure::new(format!("{name}: {}", failure.at), failure.failure.clone());
                let decides = |kept: &MethodFailure<PairVerdict>| {
                    !is_mended_later(kept.failure.kind) && is_mended_later(failure.failure.kind)
                };
                if failed.as_ref().is_none_or(decides) {
                    failed = Some(named);
                }
                let (failure, partial) = failure.split();
                (partial.unwrap_or_default(), Some(failure))
            }
        };
        judges.push(JudgeSaid { model: name.to_owned(), verdict, failure });
    }
    let is_whole = judges.iter().any(|said| said.failure.is_none())
        && failed.as_ref().is_none_or(|failure| !is_mended_later(failure.failure.kind));
    let verdict = combined(judges, setup);
    match failed {
        Some(failure) if !is_whole => {
            let unknown = PairVerdict { p_a: None, p_ab: None, p_ba: None, ..verdict };
            (unknown, Some(failure))
        }
        _ => (verdict, None),
    }
}

/// Whether a run that goes on later asks again of its own accord: then the row must not pass for
/// one that is done.
fn is_mended_later(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Cancelled
            | FailureKind::Storage
            | FailureKind::Budget
            | FailureKind::Auth
            | FailureKind::NotInJournal
    )
}

/// What the judge's rule makes of those who did not fail.
fn combined(judges: Vec<JudgeSaid>, setup: &JudgeSetup) -> PairVerdict {
    let whole = |said: &JudgeSaid| said.failure.is_none();
    let by_rule = |value: &dyn Fn(&PairVerdict) -> Option<f64>| {
        let all: Vec<Option<f64>> =
            judges.iter().map(|said| value(&said.verdict).filter(|_| whole(said))).collect();
        combine(&all, setup.rule, Question::Better, &setup.weights)
    };
    let mut protocols = judges.iter().filter(|said| whole(said)).map(|said| said.verdict.protocol);
    let protocol = protocols.next().unwrap_or(JudgeProtocol::Auto);
    let mut names: Vec<&crate::domain::PrincipleId> = Vec::new();
    for principle in judges.iter().flat_map(|said| &said.verdict.principles) {
        if !names.contains(&&principle.principle) {
            names.push(&principle.principle);
        }
    }
    let principles = names
        .into_iter()
        .map(|id| {
            let of = |verdict: &PairVerdict| {
                verdict.principles.iter().find(|one| one.principle == *id).cloned()
            };
            let each: Vec<PrincipleVerdict> = judges
                .iter()
                .filter(|said| whole(said))
                .filter_map(|said| of(&said.verdict))
                .collect();
            PrincipleVerdict {
                principle: id.clone(),
                p_ab: by_rule(&|verdict| of(verdict)?.p_ab),
                p_ba: by_rule(&|verdict| of(verdict)?.p_ba),
                mass: each.iter().filter_map(|one| one.mass).min_by(f64::total_cmp),
                unparsed: each.iter().flat_map(|one| one.unparsed.clone()).collect(),
                estimated: each.iter().any(|one| one.estimated),
                ..PrincipleVerdict::default()
            }
        })
        .collect();
    PairVerdict {
        p_a: by_rule(&|verdict| verdict.p_a),
        p_ab: by_rule(&|verdict| verdict.p_ab),
        p_ba: by_rule(&|verdict| verdict.p_ba),
        judges,
        ..mean_verdict(protocol, principles)
    }
}

#[cfg(test)]
mod tests;
