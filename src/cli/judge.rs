//! `preamble judge`

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::guess;
use super::lines::Item;
use super::score::{JudgeArguments, column, shown};
use super::stream::{self, Work};
use crate::domain::{JudgedPair, Method, PairVerdict, PrincipleVerdict, Prompt, Recipe, Row};
use crate::engine::{Plan, RowMethod, RunAsk};
use crate::methods::{PairTask, judge_pair};
use crate::store::journal::RunKind;

/// Judge pairs of responses by a constitution: JSON lines in, probabilities out
///
/// A line is {"id", "prompt" | "messages", "a", "b"}; the answer is {"id", "p_a", "p_ab", "p_ba",
/// "order_gap", "flip", "principles"}: the probability that A is better, and the same with A shown
/// first and with B shown first. It is null where a verdict could not be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  \
    echo '{\"id\":1,\"prompt\":\"Name a bird\",\"a\":\"A robin.\",\"b\":\"No.\"}' |\n    \
    preamble judge --constitution constitutions/teaching-tiny.ron\n  \
    preamble judge --constitution c.ron --model openai:gpt-4.1-mini --principles sample:2 < pairs.jsonl")]
pub struct Arguments {
    /// The constitution: RON, JSON, Markdown, or any form that can be imported
    #[arg(long, value_name = "FILE")]
    constitution: PathBuf,
    #[command(flatten)]
    judge: JudgeArguments,
    /// In which orders the responses are shown
    #[arg(long, value_enum, default_value = "both")]
    orders: Orders,
    /// Which principles each pair is judged by: all, or sample:K drawn by weight
    #[arg(long, value_name = "all|sample:K", default_value = "all")]
    principles: Principles,
    /// Votes in each order where the judge gives no log-probabilities
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    votes: u32,
    /// Seeds the draw of principles
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Orders {
    /// A first and B first, averaged
    Both,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Principles {
    All,
    Sample(u32),
}

impl std::str::FromStr for Principles {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        match text.strip_prefix("sample:").map(str::parse::<u32>) {
            Some(Ok(count)) if count > 0 => Ok(Self::Sample(count)),
            _ => Err("write all, or sample:K with K of 1 or more".to_owned()),
        }
    }
}

/// Judges line by line.
///
/// # Errors
///
/// The constitution or the model can't be had, or lines could not be read or judged.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Orders::Both = arguments.orders;
    let constitution = guess::constitution(&arguments.constitution)?;
    let eligible = constitution.eligible().len();
    if eligible == 0 {
        return Err(Failure::bad(
            format!("{}: no principle can be drawn", arguments.constitution.display()),
            "enable one that has text and a weight above 0",
        ));
    }
    let mut plan = arguments.judge.plan(RunKind::Judge, Method::Preference).await?;
    plan.constitution = Some(Arc::new(constitution));
    plan.seed = arguments.seed;
    plan.recipe = Arc::new(Recipe {
        principles_per_pair: match arguments.principles {
            Principles::All => u32::try_from(eligible).unwrap_or(u32::MAX),
            Principles::Sample(count) => count,
        },
        votes: arguments.votes,
        ..Recipe::clone(&plan.recipe)
    });
    let work = Work { fit, plan, method: Arc::new(JudgeLine), write, as_one: arguments.judge.json };
    stream::run(&arguments.judge.input, work).await
}

fn fit(mut item: Item) -> Result<Item, String> {
    let (a, b) = (item.take_response("a")?, item.take_response("b")?);
    item.prompt.extra = BTreeMap::from([("a".to_owned(), a.into()), ("b".to_owned(), b.into())]);
    Ok(item)
}

struct JudgeLine;

impl RowMethod for JudgeLine {
    fn row<'a>(
        &'a self,
        plan: &'a Plan,
        ask: &'a RunAsk,
        prompt: &'a Prompt,
    ) -> BoxFuture<'a, Row> {
        Box::pin(async move {
            let mut row = Row::empty(prompt);
            let Some(constitution) = plan.constitution.as_deref() else { return row };
            let (a, b) = (column(prompt, "a"), column(prompt, "b"));
            let task = PairTask {
                prompt,
                a,
                b,
                constitution,
                templates: &plan.templates,
                recipe: &plan.recipe,
                protocol: plan.recipe.protocol,
                seed: plan.seed,
            };
            let (verdict, failure) = match judge_pair(ask, &task).await {
                Ok(verdict) => (Some(verdict), None),
                Err(failure) => {
                    let (failure, partial) = failure.split();
                    (partial, Some(failure))
                }
            };
            row.pair = verdict.map(|verdict| JudgedPair {
                a: a.to_owned(),
                b: b.to_owned(),
                a_cut_off: false,
                b_cut_off: false,
                a_model: String::new(),
                b_model: String::new(),
                verdict,
            });
            row.failure = failure.map(shown);
            row
        })
    }
}

fn write(row: &Row) -> Map<String, Value> {
    let verdict = row.pair.as_ref().map(|pair| &pair.verdict);
    // A verdict of some principles only must not stand for all.
    let whole = verdict.filter(|_| row.failure.is_none());
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("p_a", json!(whole.and_then(|verdict| verdict.p_a)));
    put("p_ab", json!(whole.and_then(|verdict| verdict.p_ab)));
    put("p_ba", json!(whole.and_then(|verdict| verdict.p_ba)));
    put("order_gap", json!(whole.and_then(PairVerdict::order_gap)));
    put("flip", json!(whole.and_then(PairVerdict::flipped)));
    put("protocol", json!(verdict.map(|verdict| verdict.protocol)));
    let principles = verdict.map_or(&[][..], |verdict| &verdict.principles);
    put("principles", principles.iter().map(principle).collect());
    fields
}

fn principle(verdict: &PrincipleVerdict) -> Value {
    json!({
        "principle": verdict.principle,
        "p_a": verdict.p_a(),
        "p_ab": verdict.p_ab,
        "p_ba": verdict.p_ba,
        "mass": verdict.mass,
        "estimated": verdict.estimated,
        "unparsed": verdict.unparsed,
        "reason": verdict.reason,
    })
}
