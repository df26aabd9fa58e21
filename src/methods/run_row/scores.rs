//! The rows of rubrics: one response or a chain's, scored, with the canary beside them.

use futures::future::join;

use super::{RESPONSE_COLUMN, RowParts, RowTask, chain, rubric};
use crate::domain::{CanaryResult, Prompt, RowFailure, Rubric, ScoredResponse};
use crate::methods::ask::Ask;
use crate::methods::canary::answers::{self, answer_yardstick, drawn_answer};
use crate::methods::critique::draft;
use crate::methods::panel::{Jury, PanelScore, score_response_by};
use crate::methods::rubric_score::{ScoreTask, score_response};

/// A chain, then the draft and every revision scored.
pub(super) async fn chain_and_scores<A: Ask, C: Ask>(
    ask: &A,
    jury: Option<&Jury<'_, C>>,
    task: &RowTask<'_>,
    parts: &mut RowParts,
) -> Result<(), RowFailure> {
    rubric(task)?;
    let mut beside = RowParts::default();
    let (canary, chained) = join(canary(ask, jury, task), chain(ask, task, &mut beside)).await;
    (parts.canary, parts.chain) = (canary, beside.chain);
    // A chain that broke off is scored as far as it goes.
    if let Some(chain) = parts.chain.clone() {
        let mut cut_off = chain.draft_cut_off;
        for (index, (name, text)) in chain.responses().into_iter().enumerate() {
            // A step that found nothing passes the answer before it on.
            if let Some(step) = index.checked_sub(1).and_then(|step| chain.steps.get(step))
                && !step.found_nothing
            {
                cut_off = step.cut_off;
            }
            // The critic found nothing: the answer before stands, with the score it has.
            let repeated = parts.scores.last().filter(|before| before.text == text);
            if let Some(before) = repeated.cloned() {
                parts.scores.push(ScoredResponse { name, cut_off, ..before });
                continue;
            }
            let scored = one_score(ask, jury, task, (&name, text, cut_off), parts).await;
            if let Err(failure) = scored {
                return chained.and(Err(failure));
            }
        }
    }
    chained
}

/// The prompt's own response scored, else a draft.
pub(super) async fn score<A: Ask, C: Ask>(
    ask: &A,
    jury: Option<&Jury<'_, C>>,
    task: &RowTask<'_>,
    parts: &mut RowParts,
) -> Result<(), RowFailure> {
    rubric(task)?;
    let mut beside = RowParts::default();
    let row = async {
        if let Some(text) = own_response(task.prompt) {
            return one_score(ask, jury, task, (RESPONSE_COLUMN, text, false), &mut beside).await;
        }
        let drafted = draft(ask, task.prompt, task.templates, task.recipe, task.seed, 0)
            .await
            .map_err(|failure| RowFailure { at: "draft".to_owned(), failure })?;
        let response = ("draft", drafted.text.as_str(), drafted.cut_off);
        one_score(ask, jury, task, response, &mut beside).await
    };
    let (canary, done) = join(canary(ask, jury, task), row).await;
    (parts.canary, parts.scores) = (canary, beside.scores);
    done
}

async fn one_score<A: Ask, C: Ask>(
    ask: &A,
    jury: Option<&Jury<'_, C>>,
    task: &RowTask<'_>,
    (name, text, cut_off): (&str, &str, bool),
    parts: &mut RowParts,
) -> Result<(), RowFailure> {
    let score_task = ScoreTask {
        prompt: task.prompt,
        response: text,
        name,
        rubric: rubric(task)?,
        templates: task.templates,
        recipe: task.recipe,
    };
    let PanelScore { score, judges, failure } = scored(ask, jury, &score_task).await;
    parts.scores.extend(score.map(|score| ScoredResponse {
        name: name.to_owned(),
        text: text.to_owned(),
        score,
        cut_off,
        judges,
    }));
    failure.map_or(Ok(()), Err)
}

/// A response scored by the row's judge of its own, where it has one, else by the model that plays
/// the judge, as the recipe says.
async fn scored<A: Ask, C: Ask>(
    ask: &A,
    jury: Option<&Jury<'_, C>>,
    task: &ScoreTask<'_>,
) -> PanelScore {
    if let Some(jury) = jury {
        return score_response_by(jury, task).await;
    }
    match score_response(ask, task).await {
        Ok(score) => PanelScore { score: Some(score), ..PanelScore::default() },
        Err(failure) => {
            let (failure, score) = failure.split();
            PanelScore { score, judges: Vec::new(), failure: Some(failure) }
        }
    }
}

/// The canary beside a row's answers, scored as they are; where a call of it fails, the row does
/// not.
async fn canary<A: Ask, C: Ask>(
    ask: &A,
    jury: Option<&Jury<'_, C>>,
    task: &RowTask<'_>,
) -> Option<CanaryResult> {
    let drawn = drawn_answer(task.seed, &task.prompt.id, task.recipe.canaries)?;
    let (prompt, rubric): (Prompt, Rubric) = (drawn.prompt(), answer_yardstick());
    let score_task = ScoreTask {
        prompt: &prompt,
        response: drawn.canary.answer,
        name: answers::NAME,
        rubric: &rubric,
        templates: task.templates,
        recipe: task.recipe,
    };
    let PanelScore { score, failure, .. } = scored(ask, jury, &score_task).await;
    Some(drawn.result(score.as_ref(), failure))
}

/// Whether a prompt brings the response that is to be scored, so that none is drafted.
pub fn has_own_response(prompt: &Prompt) -> bool {
    own_response(prompt).is_some()
}

/// The response that came with the prompt, where there is one with text.
fn own_response(prompt: &Prompt) -> Option<&str> {
    let text = prompt.extra.get(RESPONSE_COLUMN)?.as_str()?.trim();
    (!text.is_empty()).then_some(text)
}
