//! One item judged: a pair in both orders, one answer by pass or fail or on a scale.

use futures::future::BoxFuture;

use super::super::ask::RunAsk;
use super::super::manner::Shown;
use super::super::panel::Panel;
use super::super::plan::Plan;
use super::super::run::RowMethod;
use super::RECIPE;
use super::asked::Asked;
use crate::domain::{
    Aspect, CallFailure, Constitution, Criterion, CriterionId, FailureKind, JudgedPair, Principle,
    PrincipleId, Prompt, PromptId, Row, RowFailure, Rubric, Scale, ScoredResponse,
};
use crate::methods::canary::{self, answers::drawn_answer};
use crate::methods::compare::overall;
use crate::methods::perturb::{Anew, Perturbation};
use crate::methods::preference::verdict_on_equals;
use crate::methods::{
    Ask, CallsPlanned, JudgeCalls, MethodFailure, PairTask, PanelScore, ScoreTask,
    score_response_by,
};

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
            let asks = panel.asks(ask);
            let told = judge_item(plan, panel, &asks, prompt).await;
            // Beside an item, never in its place; see `methods/canary.rs`.
            let canary = match has_canary(plan, panel, prompt) {
                Some(Shown::Pairs) => panel.canary(ask, plan, prompt).await,
                Some(Shown::Answers) => panel.answer_canary(ask, plan, prompt).await,
                None => None,
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

/// What canary is judged beside an item, if any: beside some, the first time only.
fn has_canary(plan: &Plan, panel: &Panel, prompt: &Prompt) -> Option<Shown> {
    let asked = Asked::of(prompt).filter(|one| one.again.is_none())?;
    let rate = panel.setup().canaries;
    match asked.b {
        Some(_) => canary::drawn(plan.seed, &prompt.id, rate).map(|_| Shown::Pairs),
        None => drawn_answer(plan.seed, &prompt.id, rate).map(|_| Shown::Answers),
    }
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

/// How many calls judging one item takes, failures and retries apart.
pub(in crate::engine) fn planned(plan: &Plan, panel: &Panel, prompt: &Prompt) -> CallsPlanned {
    let Some(asked) = Asked::of(prompt) else { return CallsPlanned { least: 0, most: 0 } };
    let reasons = panel.reasons();
    let judge = JudgeCalls { setup: panel.setup(), reasons: &reasons };
    let beside = match has_canary(plan, panel, prompt) {
        Some(Shown::Pairs) => judge.pair(1).most,
        Some(Shown::Answers) => judge.answer(1, false).most,
        None => 0,
    };
    let calls = match &asked.b {
        // Nobody is asked about equals.
        Some(b) if asked.a.trim() == b.trim() => CallsPlanned { least: 0, most: 0 },
        Some(_) => {
            let eligible = match (&asked.aspect, &plan.constitution) {
                (Some(_), _) | (None, None) => 1,
                (None, Some(one)) => one.eligible().len() as u64,
            };
            judge.pair(judge.drawn_of(eligible))
        }
        None => judge.answer(1, false),
    };
    CallsPlanned { least: calls.least, most: calls.most + beside }
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
        false => panel.jury(asks).judge_pair(&task).await,
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

/// What stood before a model's name where several judged one answer, in rows of before they were
/// kept with it.
pub(super) const BY: &str = "response by ";

async fn single<A: Ask>(
    plan: &Plan,
    panel: &Panel,
    asks: &[A],
    prompt: &Prompt,
    asked: &Asked,
) -> Told {
    let rubric = rubric(asked, panel_asks_levels(plan));
    let task = ScoreTask {
        prompt,
        response: &asked.a,
        name: RESPONSE,
        rubric: &rubric,
        templates: &plan.templates,
        recipe: &plan.recipe,
    };
    let PanelScore { score, judges, failure } = score_response_by(&panel.jury(asks), &task).await;
    let scored = score.map(|score| ScoredResponse {
        name: RESPONSE.to_owned(),
        text: asked.a.clone(),
        score,
        cut_off: false,
        judges,
    });
    Told { pair: None, scores: scored.into_iter().collect(), failure }
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
