//! A response scored by a rubric, one criterion a call or all in one.
//!
//! Where the judge gives probabilities, a level is their mean Σ p·s (G-Eval: Liu et al. 2023,
//! arXiv:2303.16634, section 2.3) and a yes-or-no criterion the probability that it is met; else
//! what the text names; else the verdict is unparsed. The reason is written before the verdict,
//! so that the verdict can rest on it. A fault is asked about as a fault ("is it there?"), never
//! as a merit, as `HealthBench`'s grader is told at length.

use std::borrow::Cow;

use futures::future::join_all;
use minijinja::{Value, context};

use crate::domain::{
    CallFailure, Criterion, CriterionId, CriterionVerdict, Delimiters, Finish, JudgeForm, Prompt,
    Purpose, Reading, Recipe, Reply, Rubric, Scale, Score, Want,
};

use super::aggregate::{reward, unit_score};
use super::ask::Ask;
use super::failure::MethodFailure;
use super::judging::{Drawn, Judge, Question, cannot, judged_conversation};
use super::read_verdict::{self, Choice};
use super::template::{Templates, fence, neutral};

/// What scoring one response needs.
#[derive(Debug, Clone, Copy)]
pub struct ScoreTask<'a> {
    /// The prompt; its reference, where there is one, is shown to the judge.
    pub prompt: &'a Prompt,
    /// The response.
    pub response: &'a str,
    /// What the response is called: `draft`, `revision 2`, `response`.
    pub name: &'a str,
    /// The rubric.
    pub rubric: &'a Rubric,
    /// What the judge is told.
    pub templates: &'a Templates,
    /// Whether a reason comes first, whether all criteria go into one call, and what stands around
    /// the texts.
    pub recipe: &'a Recipe,
}

/// Scores a response by every criterion; criteria are asked about side by side.
///
/// # Errors
///
/// The first criterion, in the rubric's order, whose call failed; with the score of those that did
/// not (its reward is then `None`). A rubric without criteria is an error, too.
pub async fn score_response(
    ask: &impl Ask,
    task: &ScoreTask<'_>,
) -> Result<Score, MethodFailure<Score>> {
    if task.rubric.criteria.is_empty() {
        let failure = cannot(
            format!("the rubric “{}” has no criterion", task.rubric.name),
            "add a criterion to it",
        );
        return Err(MethodFailure::new(format!("score of {}", task.name), failure));
    }
    let scoring = Scoring::new(ask, task);
    if task.recipe.batch_criteria {
        return scoring.batch().await;
    }
    let verdicts =
        join_all(task.rubric.criteria.iter().map(|criterion| scoring.criterion(criterion))).await;
    let mut read = Vec::new();
    let mut failed = None;
    for (criterion, verdict) in task.rubric.criteria.iter().zip(verdicts) {
        match verdict {
            Ok(verdict) => read.push(verdict),
            Err(failure) => {
                let at = format!("criterion {} of {}", criterion.id, task.name);
                failed.get_or_insert(MethodFailure::new(at, failure));
            }
        }
    }
    let score = reward(task.rubric, &read);
    match failed {
        None => Ok(score),
        Some(failure) if read.is_empty() => Err(failure),
        Some(failure) => Err(failure.keeping(score)),
    }
}

/// What a reply to a question about a scale says, as a reading.
pub fn reading_of(choice: Choice, scale: &Scale) -> Reading {
    let values = read_verdict::values_of(scale);
    match choice {
        Choice::Probabilities { normalised, mass } => {
            let mut distribution: Vec<(f64, f64)> = values.into_iter().zip(normalised).collect();
            distribution.sort_by(|(a, _), (b, _)| a.total_cmp(b));
            let value = distribution.iter().map(|(s, p)| s * p).sum();
            Reading::Expected { value, distribution, mass }
        }
        Choice::Named(index) => match values.get(index) {
            Some(&value) => Reading::Parsed { value },
            None => Reading::Unparsed { text: String::new() },
        },
        Choice::Unread(text) => Reading::Unparsed { text },
    }
}

/// The criterion as templates see it.
pub fn criterion_values(criterion: &Criterion) -> Value {
    let (levels, lowest, highest) = match &criterion.scale {
        Scale::Levels { lowest, anchors } => {
            let levels: Vec<Value> = (u32::from(*lowest)..)
                .zip(anchors)
                .map(|(level, anchor)| context! { level, anchor => anchor.trim() })
                .collect();
            let (low, high) = criterion.scale.range().unwrap_or((*lowest, *lowest));
            (levels, low, high)
        }
        Scale::Points(_) => (Vec::new(), 0, 1),
    };
    // A criterion with only a description is called by it.
    let (name, description) = match criterion.name.trim() {
        "" => (criterion.description.trim(), ""),
        name => (name, criterion.description.trim()),
    };
    context! {
        id => criterion.id.as_str(),
        name, description, levels, lowest, highest,
        fault => matches!(criterion.scale, Scale::Points(points) if points < 0.0)
    }
}

/// One response's scoring, with what all its criteria share.
struct Scoring<'a, A> {
    judge: Judge<'a, A>,
    task: &'a ScoreTask<'a>,
    conversation: String,
    response: Cow<'a, str>,
    reference: Cow<'a, str>,
    fence: String,
}

impl<'a, A: Ask> Scoring<'a, A> {
    fn new(ask: &'a A, task: &'a ScoreTask<'a>) -> Self {
        let conversation = judged_conversation(task.prompt);
        let response = neutral(task.response);
        let reference = neutral(task.prompt.reference.as_deref().unwrap_or_default().trim());
        let fence = fence(&[&conversation, &response, &reference]);
        let judge =
            Judge { ask, prompt: task.prompt, templates: task.templates, recipe: task.recipe };
        Self { judge, task, conversation, response, reference, fence }
    }

    fn values(&self) -> Value {
        context! {
            conversation => &self.conversation,
            response => &*self.response,
            reference => &*self.reference,
            fence => &self.fence
        }
    }

    async fn criterion(&self, criterion: &Criterion) -> Result<CriterionVerdict, CallFailure> {
        let quoted = match criterion.scale {
            Scale::Levels { .. } => ["score_levels", "score_levels_reason"],
            Scale::Points(_) => ["score_met", "score_met_reason"],
        };
        let fenced = match criterion.scale {
            Scale::Levels { .. } => ["score_levels_fenced", "score_levels_fenced_reason"],
            Scale::Points(_) => ["score_met_fenced", "score_met_fenced_reason"],
        };
        let [template, reason_template] = self.told_by(quoted, fenced);
        let response = self.task.name.to_owned();
        let question = Question {
            template,
            reason_template: self.task.recipe.reason_first.then_some(reason_template),
            refine_template: None,
            form: JudgeForm::Usual,
            values: context! { criterion => criterion_values(criterion), ..self.values() },
            texts: vec![&self.conversation, &self.response, &self.reference],
            answers: read_verdict::answers_of(&criterion.scale),
            purpose: Purpose::Criterion {
                criterion: criterion.id.clone(),
                response: response.clone(),
            },
            reason_purpose: Purpose::Reason { about: criterion.id.0.clone(), response },
        };
        let judged = self.judge.verdict(&question, Drawn::Greedy).await?;
        let choice = read_verdict::choice(&judged.reply, &question.answers);
        Ok(verdict(criterion, reading_of(choice, &criterion.scale), judged.reason))
    }

    /// Of the templates with quoted lines and those with tags, the ones that the recipe's delimiters
    /// name; quoted lines in runs of before there were others.
    fn told_by<const N: usize>(
        &self,
        quoted: [&'static str; N],
        fenced: [&'static str; N],
    ) -> [&'static str; N] {
        let is_there = |name: &&str| self.task.templates.source(name).is_some();
        let is_fenced = self.task.recipe.delimiters == Delimiters::Fenced;
        if is_fenced && fenced.iter().all(is_there) { fenced } else { quoted }
    }

    async fn batch(&self) -> Result<Score, MethodFailure<Score>> {
        let criteria = &self.task.rubric.criteria;
        let at = || format!("criteria of {}", self.task.name);
        let values = context! {
            criteria => criteria.iter().map(criterion_values).collect::<Vec<_>>(),
            reason_first => self.task.recipe.reason_first,
            ..self.values()
        };
        let [template] = self.told_by(["score_batch"], ["score_batch_fenced"]);
        let messages = self
            .task
            .templates
            .render(template, &values)
            .map_err(|error| MethodFailure::new(at(), error))?;
        let purpose = Purpose::Criterion {
            criterion: CriterionId::new("*"),
            response: self.task.name.to_owned(),
        };
        let mut call = self.judge.call(purpose, messages, Want::Text, Drawn::Greedy);
        // Room for every criterion's lines: an answer cut off would leave the last ones unread.
        let each = if self.task.recipe.reason_first { 80 } else { 16 };
        let lines = u32::try_from(criteria.len()).unwrap_or(u32::MAX).saturating_mul(each);
        call.sampling.max_tokens = call.sampling.max_tokens.max(lines);
        let reply =
            self.judge.ask.ask(call).await.map_err(|failure| MethodFailure::new(at(), failure))?;
        let mut lines = read_verdict::batch(whole_lines(&reply), criteria);
        let verdicts: Vec<CriterionVerdict> = criteria
            .iter()
            .map(|criterion| {
                let (reading, reason) = lines.remove(&criterion.id).map_or_else(
                    || (Reading::Unparsed { text: read_verdict::kept(&reply.text) }, String::new()),
                    |line| (Reading::Parsed { value: line.value }, line.reason),
                );
                verdict(criterion, reading, reason)
            })
            .collect();
        Ok(reward(self.task.rubric, &verdicts))
    }
}

/// What of a batched answer is whole: cut off at its longest length, its last line may have been
/// going to say something else.
fn whole_lines(reply: &Reply) -> &str {
    match reply.finish {
        Finish::Filtered => "",
        Finish::Length => reply.text.rsplit_once('\n').map_or("", |(whole, _)| whole),
        Finish::Stop | Finish::Other => &reply.text,
    }
}

fn verdict(criterion: &Criterion, reading: Reading, reason: String) -> CriterionVerdict {
    let unit = reading.value().and_then(|value| unit_score(&criterion.scale, value));
    CriterionVerdict { criterion: criterion.id.clone(), reading, unit, reason }
}

#[cfg(test)]
mod tests;
