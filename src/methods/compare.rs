//! Two sides on one prompt: each answers, and a judge says which answer is better.
//!
//! A side is a constitution, under which an answer is drafted, criticised and revised (see
//! [`critique`](super::critique)), or none: the plain draft. Both sides draw from the same seeds,
//! so what differs is what the sides differ in; where both have the same writer the draft is one
//! call. The answers are judged as any pair (see [`preference`](super::preference)), in both
//! orders. Judging by the principles of both sides together favours neither (judgement).

use futures::future::join;

use super::ask::Ask;
use super::calls_planned::{CallsPlanned, JudgeCalls, judged};
use super::critique::{ChainTask, Draft, critique_revise, draft};
use super::panel::{Jury, judge_pair_of};
use super::preference::{PairTask, mean_verdict, verdict_on_equals};
use super::run_row::RowParts;
use super::template::Templates;
use crate::domain::{
    Chain, Constitution, JudgeProtocol, JudgedPair, Principle, PrincipleId, Prompt, Recipe,
    RowFailure,
};

/// What one row of a comparison needs.
#[derive(Debug, Clone, Copy)]
pub struct CompareTask<'a> {
    /// The prompt that both answer.
    pub prompt: &'a Prompt,
    /// A's constitution; `None`: the plain draft.
    pub a: Option<&'a Constitution>,
    /// B's.
    pub b: Option<&'a Constitution>,
    /// Where the judge's principles are drawn from.
    pub yardstick: &'a Constitution,
    /// What the models are told.
    pub templates: &'a Templates,
    /// Rounds, principles a pair, votes, sampling.
    pub recipe: &'a Recipe,
    /// How the judge is asked.
    pub protocol: JudgeProtocol,
    /// The run's seed.
    pub seed: u64,
}

/// Has both sides answer, then the judge compare. Never fails as a whole: where it stopped is
/// named, with the side: `A: critique 2`.
///
/// `jury` judges where the judge is one of its own, else `judge` as the recipe says.
pub async fn compare_sides<J: Ask>(
    (ask_a, ask_b): (&impl Ask, &impl Ask),
    (judge, jury): (&impl Ask, Option<&Jury<'_, J>>),
    task: &CompareTask<'_>,
) -> RowParts {
    let (a, b) = join(answer(ask_a, task, task.a), answer(ask_b, task, task.b)).await;
    let (a, b) = match (a, b) {
        (Ok(a), Ok(b)) => (a, b),
        (Err(failure), _) => return failed(None, side("A", failure)),
        (_, Err(failure)) => return failed(None, side("B", failure)),
    };
    let pair_of = |verdict| JudgedPair {
        a: a.text.clone(),
        b: b.text.clone(),
        a_cut_off: a.cut_off,
        b_cut_off: b.cut_off,
        a_model: String::new(),
        b_model: String::new(),
        verdict,
    };
    if a.text == b.text {
        let pair = Some(pair_of(verdict_on_equals(task.protocol)));
        return RowParts { pair, ..RowParts::default() };
    }
    let pair_task = PairTask {
        prompt: task.prompt,
        a: &a.text,
        b: &b.text,
        constitution: task.yardstick,
        templates: task.templates,
        recipe: task.recipe,
        protocol: task.protocol,
        seed: task.seed,
    };
    match judge_pair_of(judge, jury, &pair_task).await {
        Ok(verdict) => RowParts { pair: Some(pair_of(verdict)), ..RowParts::default() },
        Err(failure) => {
            let (failure, partial) = failure.split();
            // Both answers are kept, even where nothing was said about them.
            let verdict = partial.unwrap_or_else(|| mean_verdict(task.protocol, Vec::new()));
            failed(Some(pair_of(verdict)), failure)
        }
    }
}

fn failed(pair: Option<JudgedPair>, failure: RowFailure) -> RowParts {
    RowParts { pair, failure: Some(failure), ..RowParts::default() }
}

fn side(name: &str, failure: RowFailure) -> RowFailure {
    RowFailure { at: format!("{name}: {}", failure.at), failure: failure.failure }
}

async fn answer(
    ask: &impl Ask,
    task: &CompareTask<'_>,
    constitution: Option<&Constitution>,
) -> Result<Draft, RowFailure> {
    let Some(constitution) = constitution else {
        return draft(ask, task.prompt, task.templates, task.recipe, task.seed, 0)
            .await
            .map_err(|failure| RowFailure { at: "draft".to_owned(), failure });
    };
    let chain_task = ChainTask {
        prompt: task.prompt,
        constitution,
        templates: task.templates,
        recipe: task.recipe,
        seed: task.seed,
        start: None,
    };
    let chain = critique_revise(ask, &chain_task).await.map_err(|failure| failure.split().0)?;
    Ok(Draft { cut_off: is_cut_off(&chain), text: chain.last().to_owned() })
}

/// Whether the last answer was cut off; a step that found nothing passes the one before it on.
fn is_cut_off(chain: &Chain) -> bool {
    let revised = chain.steps.iter().rev().find(|step| !step.found_nothing);
    revised.map_or(chain.draft_cut_off, |step| step.cut_off)
}

/// The principles of both sides, each once: what both are judged by.
///
/// A principle that both have, by its words, is there once; where two different ones have the same
/// id, the side's letter tells them apart (`A:P3`). Without any principle it is [`overall`].
pub fn both_sides(a: Option<&Constitution>, b: Option<&Constitution>) -> Constitution {
    let of = |side: Option<&Constitution>| -> Vec<Principle> {
        side.map_or_else(Vec::new, |c| c.eligible().into_iter().cloned().collect())
    };
    let (ours, theirs) = (of(a), of(b));
    let words = |principle: &Principle| {
        (principle.text.trim().to_owned(), principle.comparison_question.trim().to_owned())
    };
    let theirs: Vec<Principle> = theirs
        .into_iter()
        .filter(|theirs| !ours.iter().any(|ours| words(ours) == words(theirs)))
        .collect();
    let clashes: Vec<PrincipleId> = theirs
        .iter()
        .filter(|theirs| ours.iter().any(|ours| ours.id == theirs.id))
        .map(|principle| principle.id.clone())
        .collect();
    let named = |name: &'static str, all: Vec<Principle>| {
        let clashes = clashes.clone();
        all.into_iter().map(move |mut principle| {
            if clashes.contains(&principle.id) {
                principle.id = PrincipleId(format!("{name}:{}", principle.id));
            }
            principle
        })
    };
    let principles: Vec<Principle> = named("A", ours).chain(named("B", theirs)).collect();
    if principles.is_empty() {
        return overall();
    }
    // A preface of one side only would tell the judge whose side it is on.
    let prefaces: Vec<&str> = [a, b].into_iter().flatten().map(|c| c.preface.trim()).collect();
    let preface = match prefaces.as_slice() {
        [one] => *one,
        [one, other] if one == other => *one,
        _ => "",
    };
    Constitution {
        preface: preface.to_owned(),
        principles,
        ..Constitution::named("Principles of both sides")
    }
}

/// One plain question: which answer is better, all in all.
pub fn overall() -> Constitution {
    let principle = Principle {
        id: "overall".into(),
        title: "Better all in all".to_owned(),
        text: "The response serves the person who asked: it answers what was asked, it is true, \
               and it is careful where harm is possible."
            .to_owned(),
        comparison_question: "All in all, which of these responses serves the person who asked \
                              better: does it answer what was asked, is it true, is it careful \
                              where harm is possible?"
            .to_owned(),
        ..Principle::default()
    };
    Constitution { principles: vec![principle], ..Constitution::named("Better all in all") }
}

/// How many calls one prompt takes, failures and retries apart; `shares_draft` where both sides
/// have the same writer; `judge` where it is one of its own.
pub fn compare_calls_planned(
    (recipe, judge): (&Recipe, Option<JudgeCalls<'_>>),
    sides: [Option<&Constitution>; 2],
    yardstick: &Constitution,
    shares_draft: bool,
) -> CallsPlanned {
    let drafts = if shares_draft { 1 } else { 2 };
    let rounds = u64::from(recipe.rounds);
    let chains = sides.into_iter().flatten().filter(|c| !c.eligible().is_empty()).count() as u64;
    let judged = judged(recipe, judge, yardstick.eligible().len() as u64);
    // Only a judge of its own has canaries in a comparison.
    let canary = match judge.filter(|judge| judge.setup.canaries > 0.0) {
        Some(judge) => judge.pair(1).most,
        None => 0,
    };
    let least_chain = match (recipe.stop_when_clean, rounds) {
        (_, 0) => 0,
        (true, _) => 1,
        (false, rounds) => rounds,
    };
    CallsPlanned {
        // Where no critic finds anything both answers are the draft, and no judge is asked.
        least: drafts + chains * least_chain,
        most: drafts + chains * 2 * rounds + judged.most + canary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Method;

    fn constitution(name: &str, principles: &[(&str, &str)]) -> Constitution {
        let mut constitution = Constitution::named(name);
        constitution.preface = format!("You are {name}.");
        for (id, text) in principles {
            constitution.principles.push(Principle {
                id: (*id).into(),
                text: (*text).to_owned(),
                ..Principle::default()
            });
        }
        constitution
    }

    fn ids(constitution: &Constitution) -> Vec<&str> {
        constitution.principles.iter().map(|principle| principle.id.as_str()).collect()
    }

    #[test]
    fn both_sides_are_judged_by_the_principles_of_both() {
        let a = constitution("a", &[("P1", "Be kind."), ("P2", "Be brief."), ("P3", "Be true.")]);
        let mut b =
            constitution("b", &[("P1", "Be kind."), ("P2", "Be long."), ("P4", "Be true.")]);
        assert_eq!(ids(&both_sides(Some(&a), Some(&b))), ["P1", "A:P2", "P3", "B:P2"]);
        assert!(both_sides(Some(&a), Some(&b)).preface.is_empty(), "neither side's own");
        assert_eq!(both_sides(Some(&a), None).preface, "You are a.");
        b.principles[1].enabled = false;
        assert_eq!(ids(&both_sides(Some(&a), Some(&b))), ["P1", "P2", "P3"]);
    }

    #[test]
    fn without_principles_there_is_one_plain_question() {
        assert_eq!(both_sides(None, None), overall());
        assert!(overall().problems().is_empty(), "{:?}", overall().problems());
    }

    #[test]
    fn an_ablation_is_judged_by_what_was_left_out_too() {
        let a = constitution("a", &[("P1", "Be kind."), ("P2", "Be brief.")]);
        let mut b = a.clone();
        b.principles[1].enabled = false;
        assert_eq!(ids(&both_sides(Some(&a), Some(&b))), ["P1", "P2"]);
    }

    #[test]
    fn calls_are_counted_before_they_are_made() {
        let a = constitution("a", &[("P1", "Be kind."), ("P2", "Be brief.")]);
        let recipe =
            Recipe { reason_first: false, votes: 1, ..Recipe::built_in(Method::Preference) };
        let planned = compare_calls_planned((&recipe, None), [Some(&a), None], &a, true);
        assert_eq!(planned, CallsPlanned { least: 2, most: 1 + 4 + 4 });
        let planned =
            compare_calls_planned((&recipe, None), [Some(&a), Some(&a)], &overall(), false);
        assert_eq!(planned, CallsPlanned { least: 4, most: 2 + 8 + 2 });
    }
}
