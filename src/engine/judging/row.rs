//! One item judged: a pair in both orders, one answer by pass or fail or on a scale.

use futures::future::{BoxFuture, join_all};

use super::super::ask::RunAsk;
use super::super::panel::Panel;
use super::super::plan::Plan;
use super::super::run::RowMethod;
use super::RECIPE;
use super::asked::Asked;
use crate::domain::panel::{Question, combine};
use crate::domain::{
    Aspect, CallFailure, Constitution, Criterion, CriterionId, CriterionVerdict, FailureKind,
    JudgedPair, Principle, PrincipleId, Prompt, PromptId, Reading, Recipe, Row, RowFailure, Rubric,
    Scale, Score, ScoredResponse,
};
use crate::methods::CallsPlanned;
use crate::methods::canary;
use crate::methods::compare::overall;
use crate::methods::perturb::{Anew, Perturbation};
use crate::methods::preference::verdict_on_equals;
use crate::methods::{Ask, MethodFailure, PairTask, ScoreTask, score_response};

/// Judges the items of a label set.
pub struct JudgingMethod;

impl RowMethod for JudgingMethod {
    fn row<'a>(
        &'a self,
        plan: &'a Plan,
        ask: &'a RunAsk,
        prompt: &'a Prompt,
    ) -> BoxFuture<'a, Row> {
        Box::pin(async move {
            let Some(panel) = &plan.panel else { return nothing(prompt, "there is no judge") };
            let asks: Vec<_> = panel.casts().map(|cast| ask.with_models(cast)).collect();
            let told = judge_item(plan, panel, &asks, prompt).await;
            // Beside an item, never in its place; see `methods/canary.rs`.
            let canary = match has_canary(plan, panel, prompt) {
                true => panel.canary(ask, plan, prompt).await,
                false => None,
            };
            Row {
                canary,
                pair: told.pair,
                scores: told.scores,
                failure: told.failure,
                ..Row::empty(prompt)
            }
        })
    }
}

/// Whether a canary is judged beside an item: beside some pairs, the first time only.
fn has_canary(plan: &Plan, panel: &Panel, prompt: &Prompt) -> bool {
    Asked::of(prompt).is_some_and(|one| one.b.is_some() && one.again.is_none())
        && canary::drawn(plan.seed, &prompt.id, panel.setup().canaries).is_some()
}

fn nothing(prompt: &Prompt, why: &str) -> Row {
    let failure = CallFailure::new(FailureKind::Method, why, "start the judging anew");
    let failure = Some(RowFailure { at: RECIPE.to_owned(), failure });
    Row { failure, ..Row::empty(prompt) }
}

/// What a judge made of an item.
#[derive(Debug, Default)]
pub(in crate::engine) struct Told {
    pub(in crate::engine) pair: Option<JudgedPair>,
    pub(in crate::engine) scores: Vec<ScoredResponse>,
    pub(in crate::engine) failure: Option<RowFailure>,
}

/// Judges one item, whoever answers: `asks` has one for each of the judge's models.
pub(in crate::engine) async fn judge_item<A: Ask>(
    plan: &Plan,
    panel: &Panel,
    asks: &[A],
    prompt: &Prompt,
) -> Told {
    let Some(asked) = Asked::of(prompt) else {
        return Told { failure: nothing(prompt, "the row has no item").failure, ..Told::default() };
    };
    // An item asked about once more draws the principles that it drew first.
    let as_first = Prompt { id: PromptId(asked.item.clone()), ..prompt.clone() };
    if asked.again == Some(Perturbation::Again) {
        let asks: Vec<Anew<'_, A>> = asks.iter().map(Anew).collect();
        return by(plan, panel, &asks, &as_first, &asked).await;
    }
    by(plan, panel, asks, &as_first, &asked).await
}

/// How many questions each model is asked about an item: of a pair one for each principle drawn, in
/// both orders or about both answers.
fn questions(plan: &Plan, panel: &Panel, asked: &Asked) -> u64 {
    let principles = match (&asked.aspect, &plan.constitution) {
        (Some(_), _) | (None, None) => 1,
        (None, Some(one)) => {
            let most = one.eligible().len() as u64;
            u64::from(panel.setup().principles_per_pair.max(1)).min(most)
        }
    };
    if asked.b.is_some() { 2 * principles } else { 1 }
}

/// How many calls judging one item takes, failures and retries apart.
pub(in crate::engine) fn planned(plan: &Plan, panel: &Panel, prompt: &Prompt) -> CallsPlanned {
    let Some(asked) = Asked::of(prompt) else { return CallsPlanned { least: 0, most: 0 } };
    let calls = calls_of(panel, questions(plan, panel, &asked), asked.b.is_some());
    let beside = if has_canary(plan, panel, prompt) { calls.most } else { 0 };
    if asked.b.as_ref().is_some_and(|b| asked.a.trim() == b.trim()) {
        return CallsPlanned { least: 0, most: beside };
    }
    CallsPlanned { least: calls.least, most: calls.most + beside }
}

/// How many calls a judge's models take for so many questions, failures and retries apart.
pub(super) fn calls_of(panel: &Panel, questions: u64, is_pair: bool) -> CallsPlanned {
    let setup = panel.setup();
    let mut calls = CallsPlanned { least: 0, most: 0 };
    for (place, (_, manner)) in panel.manners().enumerate() {
        let once = 1 + u64::from(setup.reason_first && manner.reasons);
        // What is read again is a reason and a verdict more, and votes are of pairs.
        let again = if is_pair && setup.refine { 2 } else { 0 };
        let votes = if is_pair { u64::from(setup.votes.max(1)) } else { 1 };
        if place == 0 || !is_pair || setup.first_alone.is_none() {
            calls.least += questions * once;
        }
        calls.most += questions * votes * (once + again);
    }
    calls
}

async fn by<A: Ask>(
    plan: &Plan,
    panel: &Panel,
    asks: &[A],
    prompt: &Prompt,
    asked: &Asked,
) -> Told {
    match &asked.b {
        Some(b) => pair(plan, panel, asks, prompt, (asked, b)).await,
        None => single(plan, panel, asks, prompt, asked).await,
    }
}

async fn pair<A: Ask>(
    plan: &Plan,
    panel: &Panel,
    asks: &[A],
    prompt: &Prompt,
    (asked, b): (&Asked, &str),
) -> Told {
    let own = asked.aspect.as_ref().map(under);
    let plain = overall();
    let constitution = own.as_ref().or(plan.constitution.as_deref()).unwrap_or(&plain);
    let task = PairTask {
        prompt,
        a: &asked.a,
        b,
        constitution,
        templates: &plan.templates,
        recipe: &plan.recipe,
        protocol: plan.recipe.protocol,
        seed: plan.seed,
    };
    let is_same = asked.a.trim() == b.trim();
    let judged = match is_same {
        true => Ok(verdict_on_equals(plan.recipe.protocol)),
        false => panel.judge_by(asks, &task).await,
    };
    let (verdict, failure) = split(judged);
    let pair = verdict.map(|verdict| JudgedPair {
        a: asked.a.clone(),
        b: b.to_owned(),
        a_cut_off: false,
        b_cut_off: false,
        a_model: asked.a_model.clone(),
        b_model: asked.b_model.clone(),
        verdict,
    });
    Told { pair, scores: Vec::new(), failure }
}

fn split<T>(done: Result<T, MethodFailure<T>>) -> (Option<T>, Option<RowFailure>) {
    match done {
        Ok(done) => (Some(done), None),
        Err(failure) => {
            let (failure, partial) = failure.split();
            (partial, Some(failure))
        }
    }
}

/// The one principle that an item names, in the words that people read.
fn under(aspect: &Aspect) -> Constitution {
    let principle = Principle {
        id: PrincipleId(aspect.id.clone()),
        text: aspect.text.clone(),
        ..Principle::default()
    };
    Constitution { principles: vec![principle], ..Constitution::named(&aspect.id) }
}

/// The name of the answer that is judged.
const RESPONSE: &str = "response";

/// What stands before a model's name, where several judge one answer.
pub(super) const BY: &str = "response by ";

async fn single<A: Ask>(
    plan: &Plan,
    panel: &Panel,
    asks: &[A],
    prompt: &Prompt,
    asked: &Asked,
) -> Told {
    let is_scale = panel_asks_levels(plan);
    let rubric = rubric(asked, is_scale);
    // Each model by itself, as a pair's are: their manners differ.
    let recipes: Vec<Recipe> = panel
        .manners()
        .map(|(_, manner)| Recipe {
            reason_first: plan.recipe.reason_first && manner.reasons,
            ..Recipe::clone(&plan.recipe)
        })
        .collect();
    let one = |(ask, recipe)| {
        let task = ScoreTask {
            prompt,
            response: &asked.a,
            name: RESPONSE,
            rubric: &rubric,
            templates: &plan.templates,
            recipe,
        };
        async move { score_response(ask, &task).await }
    };
    let done = join_all(asks.iter().zip(&recipes).map(one)).await;
    let mut scores = Vec::new();
    let mut failed = None;
    for (done, (name, _)) in done.into_iter().zip(panel.manners()) {
        let (score, failure) = split(done);
        failed = failed.or(failure);
        scores.extend(score.map(|score| scored(&format!("{BY}{name}"), asked, score)));
    }
    if let Some(failure) = failed {
        return Told { pair: None, scores, failure: Some(failure) };
    }
    match scores.as_mut_slice() {
        [only] => RESPONSE.clone_into(&mut only.name),
        several => {
            let score = together(panel, several, is_scale);
            scores.insert(0, scored(RESPONSE, asked, score));
        }
    }
    Told { pair: None, scores, failure: None }
}

fn scored(name: &str, asked: &Asked, score: Score) -> ScoredResponse {
    ScoredResponse { name: name.to_owned(), text: asked.a.clone(), score, cut_off: false }
}

fn panel_asks_levels(plan: &Plan) -> bool {
    plan.judging.as_ref().is_some_and(|about| about.task == crate::domain::LabelTask::Scores)
}

/// One criterion: the item's, or one plain question.
fn rubric(asked: &Asked, is_scale: bool) -> Rubric {
    let aspect = asked.aspect.clone().unwrap_or_else(|| {
        let plain = overall().principles.remove(0);
        Aspect { id: plain.id.0, text: plain.text, levels: Vec::new() }
    });
    let anchors = match aspect.levels.is_empty() {
        true => (1..=asked.levels).map(|level| format!("{level} of {}", asked.levels)).collect(),
        false => aspect.levels,
    };
    let criterion = Criterion {
        id: CriterionId(aspect.id),
        description: aspect.text,
        scale: match is_scale {
            true => Scale::Levels { lowest: 1, anchors },
            false => Scale::Points(1.0),
        },
        ..Criterion::default()
    };
    Rubric { criteria: vec![criterion], ..Rubric::named("one criterion") }
}

/// What several models' scores come to by the judge's rule: of probabilities as the rule says, of
/// levels their (weighted) mean.
fn together(panel: &Panel, said: &[ScoredResponse], is_scale: bool) -> Score {
    let setup = panel.setup();
    let value = |one: &ScoredResponse| one.score.criteria.first()?.reading.value();
    let values: Vec<Option<f64>> = said.iter().map(value).collect();
    let rule = match (is_scale, setup.rule) {
        (true, crate::domain::PanelRule::Weighted) | (false, _) => setup.rule,
        (true, _) => crate::domain::PanelRule::Mean,
    };
    let first = said.first().and_then(|one| one.score.criteria.first());
    let read = u32::try_from(values.iter().flatten().count()).unwrap_or(u32::MAX);
    let unread = u32::try_from(values.len()).unwrap_or(u32::MAX) - read;
    let reading = match combine(&values, rule, Question::Met, &setup.weights) {
        Some(value) => Reading::Sampled { value, votes: read, unread },
        None => Reading::Unparsed { text: String::new() },
    };
    let verdict = CriterionVerdict {
        criterion: first.map(|one| one.criterion.clone()).unwrap_or_default(),
        unit: match is_scale {
            true => None,
            false => reading.value(),
        },
        reading,
        reason: String::new(),
    };
    let reward = verdict.unit;
    let unparsed = match verdict.reading {
        Reading::Unparsed { .. } => vec![verdict.criterion.clone()],
        _ => Vec::new(),
    };
    Score { reward, criteria: vec![verdict], gates_failed: Vec::new(), unparsed }
}
