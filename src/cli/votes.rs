//! `preamble votes`

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::judge_choice::JudgeChoice;
use super::run::{require_key, unfinished, watched_calls};
use super::stats::principles::{LEAST_SHARED, of_overlaps, of_principle};
use super::{embedded, guess, interrupt, out, place};
use crate::domain::{Constitution, Method, ModelRole, Principle, Prompt, Recipe, TimesRule};
use crate::engine::compare::all_rows;
use crate::engine::{Overrides, Plan, RunEnd, RunSummary};
use crate::methods::given_pair;
use crate::stats::principles::{
    Health, Overlap, OverlapKind, PrincipleHealth, VoteMatrix, health, human_label, overlaps,
};
use crate::stats::{Measured, Unknown, words};
use crate::store::Journal;
use crate::store::journal::{RowEntry, RunKind};

/// Ask which answer of each pair every principle speaks for: the vote matrix and each principle's
/// health
///
/// FILE has two answers a prompt: JSON lines (or CSV, or any form that prompts can be imported
/// from) with the columns a and b, and, where people labelled them, human: a, b or tie. All
/// principles are asked about together, several times in changing order of principles and answers.
/// Everything is kept in the project's journal: the same command again costs nothing, and goes on
/// where it was stopped.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    preamble votes p --pairs labelled.jsonl --constitution general-assistant --judge gpt-mini\n  \
    preamble votes p --pairs pairs.csv --constitution general-assistant --limit 50 --json")]
pub struct Arguments {
    /// The project's folder
    dir: PathBuf,
    /// The pairs: prompt, a, b and, where there are labels, human
    #[arg(long, value_name = "FILE")]
    pairs: PathBuf,
    /// The constitution whose principles vote, by file stem or name
    #[arg(long, value_name = "NAME")]
    constitution: String,
    /// Who is asked, instead of the project's judge: a model, or one of the project's judges
    /// (judges/NAME where a model is called so, too), which is asked about each principle by itself
    #[arg(long, visible_alias = "model", value_name = "NAME")]
    judge: Option<String>,
    /// How often every principle is asked about each pair
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=20))]
    times: u32,
    /// How what is said at these times becomes one vote
    #[arg(long, value_enum, default_value = "unanimous")]
    rule: RuleWord,
    /// Only the first N pairs
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Seeds the order of the principles and the draws of the bootstrap
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// The environment variable that holds the key of a model given by its address
    #[arg(long, value_name = "VAR")]
    key_env: Option<String>,
    /// Stop before it costs more than so many US dollars
    #[arg(long, value_name = "USD")]
    max_cost: Option<f64>,
    /// Pairs at work at once
    #[arg(long, value_name = "N")]
    concurrency: Option<usize>,
    /// Send nothing: every reply must be in the journal
    #[arg(long)]
    replay_only: bool,
    /// Start anew even where the same is unfinished
    #[arg(long)]
    new: bool,
    /// Print the matrix and all numbers as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum RuleWord {
    /// All say the same, else none
    Unanimous,
    /// More than half say the same, else none
    Majority,
}

/// Asks, shows progress, and sums up.
///
/// # Errors
///
/// The pairs can't be read, it can't begin, a limit stopped it, or no pair has a vote.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    if let Some(name) = &arguments.key_env {
        require_key(name)?;
    }
    let project = place::own_project(&arguments.dir)?;
    let pairs = pairs(&arguments.pairs, arguments.limit)?;
    let journal = place::journal(&project)?;
    let choice = arguments.judge.as_deref().map(|name| JudgeChoice::of(&project, name));
    let (judge, model) = choice.transpose()?.map(JudgeChoice::split).unwrap_or_default();
    let wishes = Overrides {
        kind: Some(RunKind::Judge),
        constitution: Some(arguments.constitution.clone()),
        prompt_list: Some(pairs),
        seed: arguments.seed,
        // A model is named in place of whatever judges otherwise.
        judge: judge.or_else(|| model.as_ref().map(|_| String::new())),
        models: model.map(|model| (ModelRole::Judge, model)).into_iter().collect(),
        key_env: arguments.key_env.clone(),
        concurrency: arguments.concurrency,
        max_cost: arguments.max_cost,
        replay_only: arguments.replay_only,
        ..Overrides::default()
    };
    let models = place::models();
    let mut plan = Plan::of_project(&project, &Method::Votes.to_string(), &wishes, &models).await?;
    if plan.panel.is_some() {
        out::say(&format!(
            "the judge {} is asked about each principle by itself, in both orders; --times and \
             --rule are of lists of principles and not used",
            plan.recipe.judge
        ));
    }
    plan.recipe = Recipe {
        votes: arguments.times,
        times_rule: match arguments.rule {
            RuleWord::Unanimous => TimesRule::Unanimous,
            RuleWord::Majority => TimesRule::Majority,
        },
        ..Recipe::clone(&plan.recipe)
    }
    .into();
    let Some(constitution) = plan.constitution.clone() else {
        return Err(Failure::bad("there is no constitution", ""));
    };
    if constitution.eligible().is_empty() {
        return Err(Failure::bad(
            format!("{}: no principle can be asked about", arguments.constitution),
            "enable one that has text and a weight above 0",
        ));
    }
    if !arguments.new
        && let Some(run) = unfinished(&journal, &plan).await?
    {
        out::say(&format!(
            "going on with {run}, which is the same and unfinished (--new starts anew)"
        ));
        plan.run = Some(run);
    }
    if !plan.replay_only {
        tokio::select! {
            ready = embedded::ready(plan.all_models()) => ready?,
            () = interrupt::once() => {
                let hint = "the same command goes on with what was downloaded";
                return Err(Failure::stopped("stopped before it began", hint));
            }
        }
    }
    let seed = plan.seed;
    let most = plan.most_calls();
    let ended = watched_calls(plan, &journal, most).await?;
    tell(&arguments, &journal, &constitution, &ended, seed).await
}

/// The pairs of a file, each with two answers and a label that can be read, or none.
fn pairs(path: &Path, limit: Option<usize>) -> Result<Vec<Prompt>, Failure> {
    let guess::Document::Prompts(imported) = guess::read(path, Some(guess::Kind::Prompts), None)?
    else {
        return Err(Failure::bad(format!("{}: it has no pairs", path.display()), ""));
    };
    guess::tell(path, &imported);
    let mut prompts = imported.value.prompts;
    prompts.truncate(limit.unwrap_or(usize::MAX));
    let mut seen = BTreeSet::new();
    for (index, prompt) in prompts.iter_mut().enumerate() {
        let place = || format!("{}: pair {} ({})", path.display(), index + 1, prompt.id);
        if given_pair(prompt).is_none() {
            let what = format!("{}: it has no two answers", place());
            return Err(Failure::bad(what, "give each prompt two columns, a and b, with text"));
        }
        human_label(prompt).map_err(|why| {
            Failure::bad(format!("{}: {why}", place()), "leave it out where there is no label")
        })?;
        // Files of pairs often repeat the prompt's id; here each pair is a row of its own.
        let mut id = prompt.id.clone();
        let mut more = 1;
        while !seen.insert(id.clone()) {
            more += 1;
            id.0 = format!("{} ({more})", prompt.id);
        }
        prompt.id = id;
    }
    Ok(prompts)
}

async fn tell(
    arguments: &Arguments,
    journal: &Journal,
    constitution: &Constitution,
    ended: &RunSummary,
    seed: u64,
) -> Result<(), Failure> {
    let rows = all_rows(journal, &ended.run).await?;
    let names: Vec<String> =
        constitution.eligible().iter().map(|principle| principle.id.to_string()).collect();
    let matrix = VoteMatrix::of_rows(names, rows.iter().map(|entry| &entry.row));
    let found = health(&matrix, seed);
    let overlaps = overlaps(&matrix, LEAST_SHARED);
    if arguments.json {
        out::json(&report(ended, &rows, &matrix, &found, &overlaps))?;
    } else {
        out::report(&text(ended, &rows, &matrix, &found, &overlaps, constitution))?;
    }
    match &ended.end {
        RunEnd::Stopped(reason) => {
            let hint = match reason.hint() {
                "" => "the same command goes on where it stopped",
                hint => hint,
            };
            Err(Failure::stopped(reason.message(), hint))
        }
        RunEnd::Done if matrix.rows.is_empty() => {
            let first = rows.iter().find_map(|entry| entry.row.failure.as_ref());
            let hint = first.map_or_else(String::new, |failure| failure.failure.hint.clone());
            Err(Failure::bad("no pair has a vote", hint))
        }
        RunEnd::Done => Ok(()),
    }
}

fn failures(rows: &[RowEntry]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for failure in rows.iter().filter_map(|entry| entry.row.failure.as_ref()) {
        *counts.entry(failure.failure.kind.to_string()).or_insert(0) += 1;
    }
    counts
}

fn report(
    ended: &RunSummary,
    rows: &[RowEntry],
    matrix: &VoteMatrix,
    found: &Health,
    overlaps: &[Overlap],
) -> Value {
    let of_row = |entry: &RowEntry| {
        let votes: Map<String, Value> = entry
            .row
            .votes
            .iter()
            .map(|vote| (vote.principle.to_string(), json!(vote.vote.map(|v| v.to_string()))))
            .collect();
        json!({
            "id": entry.row.prompt.id,
            "human": human_label(&entry.row.prompt).ok().flatten(),
            "votes": votes,
            "failure": entry.row.failure,
        })
    };
    json!({
        "run": ended.run,
        "pairs": found.pairs,
        "labelled": found.labelled,
        "failed": failures(rows),
        "coverage": super::stats::principles::of_measure(&found.coverage),
        "principles": found.principles.iter().map(of_principle).collect::<Vec<_>>(),
        "overlaps": of_overlaps(matrix, overlaps),
        "session": ended.progress,
        "matrix": rows.iter().map(of_row).collect::<Vec<_>>(),
    })
}

fn text(
    ended: &RunSummary,
    rows: &[RowEntry],
    matrix: &VoteMatrix,
    found: &Health,
    overlaps: &[Overlap],
    constitution: &Constitution,
) -> String {
    let mut lines = vec![
        vec!["run".to_owned(), ended.run.to_string()],
        vec!["pairs".to_owned(), format!("{}, {} with a label", found.pairs, found.labelled)],
        vec!["some principle speaks".to_owned(), percent_of(&found.coverage)],
    ];
    for (name, n) in failures(rows) {
        lines.push(vec!["failed".to_owned(), format!("{n} {name}")]);
    }
    let mut table = vec![
        ["", "speaks", "people agree", "strength", "sign test", ""].map(str::to_owned).to_vec(),
    ];
    table.extend(found.principles.iter().map(|one| {
        let title = constitution.principles.iter().find(|p| p.id.as_str() == one.name);
        let title = title.map_or_else(String::new, Principle::label);
        vec![
            if title.is_empty() { one.name.clone() } else { title },
            percent_of(&one.relevance),
            percent_of(&one.accuracy),
            number_of(&one.strength),
            one.p.filter(|_| one.accuracy.is_ok()).map_or_else(String::new, words::p_value),
            remark(one),
        ]
    }));
    let mut all = vec![out::table(&lines), String::new(), out::table(&table)];
    for one in overlaps {
        let (first, second) = (&matrix.principles[one.first], &matrix.principles[one.second]);
        let what = match one.kind {
            OverlapKind::Duplicate => format!("{first} and {second} say nearly the same"),
            OverlapKind::Contained => format!("{first} says nothing that {second} does not say"),
            OverlapKind::Conflict => format!("{first} and {second} pull apart"),
        };
        all.push(format!("{what}: r {} on {} pairs", words::two(one.r), one.both));
    }
    all.join("\n")
}

fn remark(one: &PrincipleHealth) -> String {
    let mut remarks = Vec::new();
    if one.is_dead {
        remarks.push("hardly ever speaks".to_owned());
    }
    if one.is_always_on {
        remarks.push("speaks on nearly all pairs".to_owned());
    }
    if one.unread > 0 {
        remarks.push(format!("{} unread", one.unread));
    }
    remarks.join(", ")
}

fn percent_of(measured: &Measured) -> String {
    match measured {
        Ok(one) => {
            let range = one.interval.map_or_else(String::new, |ends| {
                format!(" ({}–{})", words::percent(ends.low), words::percent(ends.high))
            });
            format!("{} %{range} · n {}", words::percent(one.value), one.n)
        }
        Err(Unknown::TooFew { n, .. }) => words::too_few(*n),
        Err(why) => why.to_string(),
    }
}

fn number_of(measured: &Measured) -> String {
    match measured {
        Ok(one) => words::rate(one.value, one.interval.as_ref(), one.n),
        Err(_why) => "—".to_owned(),
    }
}
