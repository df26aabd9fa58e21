//! `preamble score`

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::lines::Item;
use super::stream::{self, Work};
use super::{embedded, guess, out, place};
use crate::domain::{
    CriterionVerdict, Method, ModelEntry, ModelRole, Prompt, Reading, Recipe, Row, RowFailure,
    ScoredResponse,
};
use crate::engine::manner::decide_delimiters;
use crate::engine::{Controls, Limits, Model, Plan, RetryPolicy, RowMethod, RunAsk, plan};
use crate::methods::run_row::RESPONSE_COLUMN;
use crate::methods::{ScoreTask, Templates, score_response};
use crate::store::Project;
use crate::store::journal::RunKind;

/// Score responses by a rubric: JSON lines in, rewards out
///
/// A line is {"id", "prompt" | "messages", "response"}; the answer is {"id", "reward",
/// "criteria", "unparsed"}, in the order of the input, as soon as it is there. A reward is null
/// where a verdict could not be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  \
    echo '{\"id\":1,\"prompt\":\"Name a bird\",\"response\":\"A robin.\"}' |\n    \
    preamble score --rubric rubrics/helpful-honest.ron\n  \
    preamble score --rubric r.ron --model openai:gpt-4.1-mini --input answers.jsonl > rewards.jsonl")]
pub struct Arguments {
    /// The rubric: RON, JSON, or any form that can be imported
    #[arg(long, value_name = "FILE")]
    rubric: PathBuf,
    #[command(flatten)]
    judge: JudgeArguments,
    /// Put all criteria into one question instead of one each
    #[arg(long)]
    batch: bool,
}

/// Who judges, and what.
#[derive(Debug, clap::Args)]
pub struct JudgeArguments {
    /// The judge: embedded, openai:MODEL@BASE_URL, anthropic:MODEL, or a name of
    /// the project
    #[arg(long, value_name = "MODEL", default_value = ModelEntry::EMBEDDED)]
    pub model: String,
    /// The lines; - is stdin
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub input: PathBuf,
    /// A project whose models and templates are used
    #[arg(long, value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// The environment variable that holds the key of a model given by its address
    #[arg(long, value_name = "VAR")]
    pub key_env: Option<String>,
    /// Lines at work at once
    #[arg(long, value_name = "N")]
    pub concurrency: Option<usize>,
    /// Ask for verdicts without a reason before each: half the calls
    #[arg(long)]
    pub no_reason: bool,
    /// Print all results as one JSON value at the end
    #[arg(long)]
    pub json: bool,
}

impl JudgeArguments {
    /// The judge, ready to answer, and the plan of a run without prompts.
    ///
    /// # Errors
    ///
    /// The model can't be had, or the project not be read.
    pub async fn plan(&self, kind: RunKind, method: Method) -> Result<Plan, Failure> {
        let mut known = Vec::new();
        let mut templates = Templates::default();
        if let Some(dir) = &self.project {
            let project = Project::look(dir)?;
            place::hide_keys(&project.file.models);
            let (own, problems) = Templates::with_overrides(project.templates);
            if let Some(problem) = problems.first() {
                return Err(Failure::of_problem(&dir.display().to_string(), problem));
            }
            templates = own;
            known = project.file.models;
        }
        if self.concurrency == Some(0) {
            return Err(Failure::usage("the concurrency is 0", "use 1 or more"));
        }
        let models = place::models();
        let model = models.resolve(&known, &self.model, self.key_env.as_deref()).await?;
        embedded::ready([&model]).await?;
        Ok(self.plan_with(kind, method, templates, model))
    }

    fn plan_with(
        &self,
        kind: RunKind,
        method: Method,
        templates: Templates,
        model: Arc<Model>,
    ) -> Plan {
        let mut recipe = Recipe {
            reason_first: !self.no_reason && model.reasons(),
            protocol: model.protocol(),
            ..Recipe::built_in(method)
        };
        let models = BTreeMap::from([(ModelRole::Judge, model)]);
        decide_delimiters(&mut recipe, &models, &templates);
        Plan {
            kind,
            run: None,
            recipe: Arc::new(recipe),
            constitution: None,
            rubric: None,
            prompts: Vec::new().into(),
            only: None,
            templates: Arc::new(templates),
            models,
            candidates: None,
            compare: None,
            panel: None,
            judging: None,
            seed: 0,
            controls: Controls::new(Limits {
                at_once: self.concurrency.unwrap_or(plan::CONCURRENCY),
                ..Limits::default()
            }),
            retry: RetryPolicy::default(),
            replay_only: false,
            grace: plan::GRACE,
            variant: crate::domain::Variant::default(),
            start: None,
        }
    }
}

/// Scores line by line.
///
/// # Errors
///
/// The rubric or the model can't be had, or lines could not be read or scored.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let rubric = guess::rubric(&arguments.rubric)?;
    let mut plan = arguments.judge.plan(RunKind::Score, Method::Score).await?;
    plan.rubric = Some(Arc::new(rubric));
    plan.recipe =
        Arc::new(Recipe { batch_criteria: arguments.batch, ..Recipe::clone(&plan.recipe) });
    let work = Work {
        fit,
        plan,
        method: Arc::new(ScoreLine),
        write: Arc::new(write),
        as_one: arguments.judge.json,
    };
    stream::run(&arguments.judge.input, work).await
}

fn fit(mut item: Item) -> Result<Item, String> {
    let response = if item.prompt.extra.contains_key(RESPONSE_COLUMN) {
        item.take_response(RESPONSE_COLUMN)?
    } else {
        item.take_last_answer().ok_or("it has no “response”")?
    };
    item.prompt.extra = BTreeMap::from([(RESPONSE_COLUMN.to_owned(), response.into())]);
    Ok(item)
}

/// The text of a column that [`fit`] has put there.
pub fn column<'a>(prompt: &'a Prompt, name: &str) -> &'a str {
    prompt.extra.get(name).and_then(Value::as_str).unwrap_or_default()
}

struct ScoreLine;

impl RowMethod for ScoreLine {
    fn row<'a>(
        &'a self,
        plan: &'a Plan,
        ask: &'a RunAsk,
        prompt: &'a Prompt,
    ) -> BoxFuture<'a, Row> {
        Box::pin(async move {
            let mut row = Row::empty(prompt);
            let Some(rubric) = plan.rubric.as_deref() else { return row };
            let response = column(prompt, RESPONSE_COLUMN);
            let task = ScoreTask {
                prompt,
                response,
                name: RESPONSE_COLUMN,
                rubric,
                templates: &plan.templates,
                recipe: &plan.recipe,
            };
            let (score, failure) = match score_response(ask, &task).await {
                Ok(score) => (Some(score), None),
                Err(failure) => {
                    let (failure, partial) = failure.split();
                    (partial, Some(failure))
                }
            };
            row.scores.extend(score.map(|score| ScoredResponse {
                name: RESPONSE_COLUMN.to_owned(),
                text: response.to_owned(),
                score,
                cut_off: false,
                judges: Vec::new(),
            }));
            row.failure = failure.map(shown);
            row
        })
    }
}

/// A failure without keys.
pub fn shown(mut failure: RowFailure) -> RowFailure {
    failure.failure.message = out::redacted(&failure.failure.message);
    failure
}

fn write(row: &Row) -> Map<String, Value> {
    let mut fields = Map::new();
    let score = row.scores.first().map(|scored| &scored.score);
    let criteria: Vec<Value> =
        score.iter().flat_map(|score| score.criteria.iter().map(criterion)).collect();
    let reward = score.filter(|_| row.failure.is_none()).and_then(|score| score.reward);
    fields.insert("reward".to_owned(), json!(reward));
    fields.insert("criteria".to_owned(), json!(criteria));
    let unparsed = score.map_or(&[][..], |score| &score.unparsed);
    fields.insert("unparsed".to_owned(), json!(unparsed));
    let gates = score.map_or(&[][..], |score| &score.gates_failed);
    fields.insert("gates_failed".to_owned(), json!(gates));
    fields
}

fn criterion(verdict: &CriterionVerdict) -> Value {
    let how = match &verdict.reading {
        Reading::Expected { .. } => "expected",
        Reading::Parsed { .. } => "parsed",
        Reading::Sampled { .. } => "sampled",
        Reading::Unparsed { .. } => "unparsed",
    };
    let mut fields = json!({
        "criterion": verdict.criterion,
        "value": verdict.reading.value(),
        "unit": verdict.unit,
        "reading": how,
        "mass": verdict.reading.mass(),
        "reason": verdict.reason,
    });
    if let (Value::Object(fields), Reading::Unparsed { text }) = (&mut fields, &verdict.reading) {
        fields.insert("text".to_owned(), json!(text));
    }
    fields
}
