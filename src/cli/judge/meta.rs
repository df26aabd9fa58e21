//! `preamble judge --meta`: whether what a judge said is right.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

use super::Arguments;
use super::write::side;
use crate::cli::failure::Failure;
use crate::cli::lines::Item;
use crate::cli::score::{column, shown};
use crate::cli::stream::{self, Work};
use crate::domain::{LabelAnswer, MetaVerdict, Principle, Prompt, Row};
use crate::engine::{Plan, RowMethod, RunAsk};
use crate::methods::compare::overall;
use crate::methods::meta::{MetaTask, judge_verdict};

/// The column in which a row's result waits to be written.
const RESULT: &str = "meta";

pub(super) async fn run(arguments: &Arguments, plan: Plan) -> Result<(), Failure> {
    if plan.panel.as_ref().is_some_and(|panel| panel.models().count() > 1) {
        return Err(Failure::usage(
            "verdicts are judged by one model, and several are named",
            "name one with --model, and run it once for each",
        ));
    }
    let work = Work {
        fit,
        plan,
        method: Arc::new(MetaLine),
        write: Arc::new(write),
        as_one: arguments.json,
    };
    stream::run(&arguments.input, work).await
}

fn fit(mut item: Item) -> Result<Item, String> {
    let mut extra = BTreeMap::new();
    for name in ["a", "b"] {
        extra.insert(name.to_owned(), item.take_response(name)?.into());
    }
    let verdict = item.prompt.extra.get("verdict").and_then(Value::as_str);
    let verdict = verdict.and_then(of_word).ok_or("its “verdict” is not A, B or tie")?;
    extra.insert("verdict".to_owned(), side(verdict).into());
    if let Some(label) = item.prompt.extra.get("label").filter(|label| !label.is_null()) {
        let label = label.as_str().and_then(of_word).ok_or("its “label” is not A, B or tie")?;
        extra.insert("label".to_owned(), side(label).into());
    }
    for name in ["reason", "principle"] {
        if let Some(text) = item.prompt.extra.get(name).and_then(Value::as_str) {
            extra.insert(name.to_owned(), text.into());
        }
    }
    item.prompt.extra = extra;
    Ok(item)
}

fn of_word(word: &str) -> Option<LabelAnswer> {
    match word.trim().to_ascii_lowercase().as_str() {
        "a" => Some(LabelAnswer::A),
        "b" => Some(LabelAnswer::B),
        "tie" => Some(LabelAnswer::Tie),
        _ => None,
    }
}

struct MetaLine;

impl RowMethod for MetaLine {
    fn row<'a>(
        &'a self,
        plan: &'a Plan,
        ask: &'a RunAsk,
        prompt: &'a Prompt,
    ) -> BoxFuture<'a, Row> {
        Box::pin(async move {
            let mut row = Row::empty(prompt);
            let principle = principle(plan, column(prompt, "principle"));
            let task = MetaTask {
                prompt,
                a: column(prompt, "a"),
                b: column(prompt, "b"),
                principle: &principle,
                verdict: of_word(column(prompt, "verdict")).unwrap_or(LabelAnswer::Unsure),
                reason: column(prompt, "reason"),
                templates: &plan.templates,
                recipe: &plan.recipe,
            };
            match judge_verdict(ask, &task).await {
                Ok(verdict) => {
                    row.prompt.extra.insert(RESULT.to_owned(), json!(verdict));
                }
                Err(failure) => row.failure = Some(shown(failure.split().0)),
            }
            row
        })
    }
}

/// The constitution's principle of that id, else one of these words, else all in all.
fn principle(plan: &Plan, name: &str) -> Principle {
    let of_constitution = plan.constitution.as_ref().and_then(|c| c.principle(&name.into()));
    match (of_constitution, name.trim()) {
        (Some(principle), _) => principle.clone(),
        (None, "") => overall().principles.swap_remove(0),
        (None, text) => {
            Principle { id: "line".into(), text: text.to_owned(), ..Principle::default() }
        }
    }
}

fn write(row: &Row) -> Map<String, Value> {
    let verdict: Option<MetaVerdict> =
        row.prompt.extra.get(RESULT).and_then(|value| serde_json::from_value(value.clone()).ok());
    let said = column(&row.prompt, "verdict");
    let label = Some(column(&row.prompt, "label")).filter(|label| !label.is_empty());
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("verdict", json!(said));
    put("p_right", json!(verdict.as_ref().and_then(|verdict| verdict.p_right)));
    put("mass", json!(verdict.as_ref().and_then(|verdict| verdict.mass)));
    put("estimated", json!(verdict.as_ref().is_some_and(|verdict| verdict.estimated)));
    put("reason", json!(verdict.as_ref().map_or("", |verdict| verdict.reason.as_str())));
    put("unparsed", json!(verdict.as_ref().map_or(&[][..], |verdict| &verdict.unparsed)));
    if let Some(label) = label {
        put("y", json!(u8::from(label == said)));
    }
    fields
}
