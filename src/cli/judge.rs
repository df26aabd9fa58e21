//! `preamble judge`

mod meta;
mod setup;
mod write;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::{BoxFuture, join};

use super::failure::Failure;
use super::lines::Item;
use super::score::{column, shown};
use super::stream::{self, Work};
use super::{guess, out};
use crate::domain::{Constitution, JudgeForm, JudgedPair, LabelForm, PanelRule, Prompt, Row};
use crate::engine::compare::{Kinship, kinship_of_names};
use crate::engine::{Panel, Plan, RowMethod, RunAsk};
use crate::methods::PairTask;

/// Judge pairs of responses by a constitution: JSON lines in, probabilities out
///
/// A line is {"id", "prompt" | "messages", "a", "b"}; the answer is {"id", "p_a", "p_ab", "p_ba",
/// "order_gap", "flip", "label", "principles"}: the probability that A is better, and the same with
/// A shown first and with B shown first. It is null where a verdict could not be read. With several
/// models "judges" has what each said. A line may say who wrote the answers ("a_model", "b_model"):
/// where that is the judge or one of its family, you are warned.
///
/// Beside a share of the pairs the judge gets a canary: a pair of which everybody knows which is
/// better. How many it got wrong is told at the end; canaries are never among the results.
///
/// With --meta a line also has what a judge said ("verdict": "A" | "B" | "tie", "reason"), and the
/// answer is the probability that this is right ("p_right"); a "label" by people gives "y", whether
/// it was.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    echo '{\"id\":1,\"prompt\":\"Name a bird\",\"a\":\"A robin.\",\"b\":\"No.\"}' |\n    \
    preamble judge --constitution constitutions/teaching-tiny.ron\n  \
    preamble judge --constitution c.ron --model openai:gpt-4.1-mini --principles sample:2 < pairs.jsonl\n  \
    preamble judge --constitution c.ron --model small --model large --first-alone 0.2 --project p < pairs.jsonl\n  \
    preamble judge --constitution c.ron --judge judges/three.ron --labels clamped < pairs.jsonl\n  \
    preamble judge --meta --model large --project p < verdicts.jsonl")]
pub struct Arguments {
    /// The constitution: RON, JSON, Markdown, or any form that can be imported
    #[arg(long, value_name = "FILE", required_unless_present = "meta")]
    constitution: Option<PathBuf>,
    /// A judge: a file such as judges/three.ron, or with --project the name of one of its judges.
    /// What is said here besides goes before what it says
    #[arg(long, value_name = "FILE")]
    judge: Option<String>,
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    how: How,
    /// The lines; - is stdin
    #[arg(long, value_name = "FILE", default_value = "-")]
    input: PathBuf,
    /// Lines at work at once
    #[arg(long, value_name = "N")]
    concurrency: Option<usize>,
    /// Seeds the draws of principles and canaries
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How a probability becomes a label
    #[arg(long, value_enum, default_value = "soft")]
    labels: Labels,
    /// A probability nearer to one half than this is a tie, with no label
    #[arg(long, value_name = "P", value_parser = half, default_value_t = 0.05)]
    drop_band: f64,
    /// Judge verdicts instead of pairs
    #[arg(long)]
    meta: bool,
    /// Print all results as one JSON value at the end
    #[arg(long)]
    json: bool,
}

/// Who judges.
#[derive(Debug, clap::Args)]
struct Who {
    /// A model: embedded (unless another is named), openai:MODEL@BASE_URL, anthropic:MODEL, or a
    /// name of the project; several judge together
    #[arg(long, value_name = "MODEL")]
    model: Vec<String>,
    /// How several become one
    #[arg(long, value_enum)]
    rule: Option<Rule>,
    /// The weight of each model, in their order, for --rule weighted
    #[arg(long, value_name = "W", value_delimiter = ',')]
    weights: Vec<f64>,
    /// The first model answers alone, and the others are asked only where its probability is
    /// within this of one half
    #[arg(long, value_name = "P", value_parser = half)]
    first_alone: Option<f64>,
    /// A project whose models, judges and templates are used
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// The environment variable that holds the key of a model given by its address
    #[arg(long, value_name = "VAR")]
    key_env: Option<String>,
}

/// How it is asked.
#[derive(Debug, clap::Args)]
struct How {
    /// In which orders the responses are shown
    #[arg(long, value_enum, default_value = "both")]
    orders: Orders,
    /// Which principles each pair is judged by: all (unless the judge says otherwise), or sample:K
    /// drawn by weight
    #[arg(long, value_name = "all|sample:K")]
    principles: Option<Principles>,
    /// Votes in each order where a model gives no log-probabilities, fewer where they say enough
    /// [default: 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    votes: Option<u32>,
    /// Ask for a reason before each verdict, the embedded model too, which is misled by it
    #[arg(long, conflicts_with = "no_reason")]
    reason: bool,
    /// Ask for verdicts without a reason before each: half the calls
    #[arg(long)]
    no_reason: bool,
    /// Have the judge read its reason and verdict again and say anew: twice the calls
    #[arg(long)]
    refine: bool,
    /// Let the judge answer that neither is better
    #[arg(long)]
    ties: bool,
    /// What the judge is told: the usual templates, or the form of Prometheus models
    #[arg(long, value_enum)]
    form: Option<Form>,
    /// Share of the pairs, 0 to 1, that have a canary beside them; 0: none [default: 0.02]
    #[arg(long, value_name = "RATE", value_parser = share)]
    canaries: Option<f64>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Orders {
    /// A first and B first, averaged
    Both,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Rule {
    /// Their mean
    Mean,
    /// The side of more than half of them
    Majority,
    /// A side that all take, else one half
    Unanimous,
    /// A side that one takes and none opposes, else one half
    Any,
    /// Their mean by --weights
    Weighted,
}

impl From<Rule> for PanelRule {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::Mean => Self::Mean,
            Rule::Majority => Self::Majority,
            Rule::Unanimous => Self::Unanimous,
            Rule::Any => Self::Any,
            Rule::Weighted => Self::Weighted,
        }
    }
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Form {
    /// The project's templates
    Usual,
    /// Feedback, then [RESULT] A or B
    Prometheus,
}

impl From<Form> for JudgeForm {
    fn from(form: Form) -> Self {
        match form {
            Form::Usual => Self::Usual,
            Form::Prometheus => Self::Prometheus,
        }
    }
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Labels {
    /// The probability as it is
    Soft,
    /// Clamped to .4 to .6, for judges that reason first
    Clamped,
    /// 1 above one half, else 0
    Hard,
}

impl From<Labels> for LabelForm {
    fn from(labels: Labels) -> Self {
        match labels {
            Labels::Soft => Self::Soft,
            Labels::Clamped => Self::Clamped,
            Labels::Hard => Self::Hard,
        }
    }
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

fn half(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if (0.0..=0.5).contains(&number) => Ok(number),
        _ => Err("write a number from 0 to 0.5".to_owned()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if (0.0..=1.0).contains(&number) => Ok(number),
        _ => Err("write a share from 0 to 1, such as 0.02".to_owned()),
    }
}

/// Judges line by line.
///
/// # Errors
///
/// The constitution, the judge or a model can't be had, or lines could not be read or judged.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Orders::Both = arguments.how.orders;
    let constitution = match &arguments.constitution {
        Some(path) => Some(eligible(guess::constitution(path)?, path)?),
        None => None,
    };
    let plan = setup::plan(&arguments, constitution).await?;
    if arguments.meta {
        return meta::run(&arguments, plan).await;
    }
    let shape = write::Shape { form: arguments.labels.into(), band: arguments.drop_band };
    let work = Work {
        fit,
        plan,
        method: Arc::new(JudgeLine { has_warned: AtomicBool::new(false) }),
        write: Arc::new(move |row| write::fields(row, &shape)),
        as_one: arguments.json,
    };
    stream::run(&arguments.input, work).await
}

fn eligible(constitution: Constitution, path: &std::path::Path) -> Result<Constitution, Failure> {
    if constitution.eligible().is_empty() {
        return Err(Failure::bad(
            format!("{}: no principle can be drawn", path.display()),
            "enable one that has text and a weight above 0",
        ));
    }
    Ok(constitution)
}

/// The columns that say who wrote the answers.
const WRITERS: [&str; 2] = ["a_model", "b_model"];

fn fit(mut item: Item) -> Result<Item, String> {
    let (a, b) = (item.take_response("a")?, item.take_response("b")?);
    let mut extra = BTreeMap::from([("a".to_owned(), a.into()), ("b".to_owned(), b.into())]);
    for name in WRITERS {
        if let Some(writer) = item.prompt.extra.remove(name).filter(serde_json::Value::is_string) {
            extra.insert(name.to_owned(), writer);
        }
    }
    item.prompt.extra = extra;
    Ok(item)
}

struct JudgeLine {
    /// Whether it was told already that judge and writer are kin.
    has_warned: AtomicBool,
}

impl JudgeLine {
    fn warn(&self, panel: &Panel, prompt: &Prompt) {
        let writers: Vec<&str> = WRITERS
            .map(|name| column(prompt, name))
            .into_iter()
            .filter(|w| !w.is_empty())
            .collect();
        let of = |judge| kinship_of_names(judge, &writers);
        let nearest = panel.models().map(|model| of(&model.entry)).max().unwrap_or(Kinship::None);
        if let Some(warning) = nearest.warning()
            && !self.has_warned.swap(true, Ordering::Relaxed)
        {
            out::say(&format!("{warning} (here {})", writers.join(" and ")));
        }
    }
}

impl RowMethod for JudgeLine {
    fn row<'a>(
        &'a self,
        plan: &'a Plan,
        ask: &'a RunAsk,
        prompt: &'a Prompt,
    ) -> BoxFuture<'a, Row> {
        Box::pin(async move {
            let mut row = Row::empty(prompt);
            let (Some(constitution), Some(panel)) = (plan.constitution.as_deref(), &plan.panel)
            else {
                return row;
            };
            self.warn(panel, prompt);
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
            let (judged, canary) =
                join(panel.judge(ask, &task), panel.canary(ask, plan, prompt)).await;
            row.canary = canary;
            let (verdict, failure) = match judged {
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
                a_model: column(prompt, "a_model").to_owned(),
                b_model: column(prompt, "b_model").to_owned(),
                verdict,
            });
            row.failure = failure.map(shown);
            row
        })
    }
}
