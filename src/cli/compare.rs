//! `preamble compare`

use std::path::PathBuf;

use serde_json::{Value, json};

use super::failure::Failure;
use super::judge_choice::JudgeChoice;
use super::run::{unfinished, watched_calls};
use super::{embedded, interrupt, out, place};
use crate::domain::PrincipleId;
use crate::engine::compare::{About, ComparisonWishes, SideChoice, Yardstick, all_rows};
use crate::engine::{Plan, RunEnd, RunSummary, StopReason};
use crate::stats::compare::TIE_BAND;
use crate::stats::report::{Compared, sentences};
use crate::stats::win_rate::Difference;
use crate::stats::{Measures, Pair, measure, words};
use crate::store::{Journal, Project};

/// Compare two constitutions on the same prompts: which answers does a judge prefer?
///
/// Both sides draft, criticise and revise with the same seeds; a judge is asked in both orders.
/// Everything is kept in the project's journal: the same command again costs nothing, and goes on
/// where it was stopped.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    preamble compare p --a general-assistant --b teaching-tiny --prompts sample --limit 6\n  \
    preamble compare p --a none --b teaching-tiny --judge openai:gpt-4.1-mini --json\n  \
    preamble compare p --a general-assistant --b general-assistant --b-without P3")]
pub struct Arguments {
    /// The project's folder
    dir: PathBuf,
    /// The one side: a constitution, one of its kept versions, or none for plain drafts
    #[arg(long, value_name = "CONSTITUTION[@VERSION]")]
    a: String,
    /// The other side
    #[arg(long, value_name = "CONSTITUTION[@VERSION]")]
    b: String,
    /// Principles switched off in A, with commas between them
    #[arg(long, value_name = "P3,…", value_delimiter = ',')]
    a_without: Vec<String>,
    /// Principles switched off in B, with commas between them
    #[arg(long, value_name = "P3,…", value_delimiter = ',')]
    b_without: Vec<String>,
    /// The model that writes and revises in A, instead of the project's
    #[arg(long, value_name = "MODEL")]
    a_model: Option<String>,
    /// The model that writes and revises in B, instead of the project's
    #[arg(long, value_name = "MODEL")]
    b_model: Option<String>,
    /// The prompt set, instead of the project's
    #[arg(long, value_name = "SET")]
    prompts: Option<String>,
    /// Only the first N prompts
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Seeds every draw, instead of the project's seed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Who judges, instead of what the project says: one of its judges (judges/NAME where a model
    /// is called so, too), or a model
    #[arg(long, value_name = "NAME")]
    judge: Option<String>,
    /// What the judge goes by: both sides' principles, one question overall, or a constitution
    #[arg(long, value_name = "both|overall|CONSTITUTION", default_value = "both")]
    judged_by: String,
    /// Principles that each pair is judged by
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    principles: Option<u32>,
    /// Rounds of critique and revision
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=6))]
    rounds: Option<u32>,
    /// Within this of one half a verdict is a tie, 0 to .45
    #[arg(long, value_name = "P", default_value_t = TIE_BAND, value_parser = band)]
    tie_band: f64,
    /// The environment variable that holds the key of a model given by its address
    #[arg(long, value_name = "VAR")]
    key_env: Option<String>,
    /// Stop before it costs more than so many US dollars
    #[arg(long, value_name = "USD")]
    max_cost: Option<f64>,
    /// Rows at work at once
    #[arg(long, value_name = "N")]
    concurrency: Option<usize>,
    /// Send nothing: every reply must be in the journal
    #[arg(long)]
    replay_only: bool,
    /// Start anew even where the same comparison is unfinished
    #[arg(long)]
    new: bool,
    /// Print all numbers and pairs as JSON
    #[arg(long)]
    json: bool,
}

fn band(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(band) if (0.0..=0.45).contains(&band) => Ok(band),
        _ => Err("give a number from 0 to 0.45".to_owned()),
    }
}

/// A side from `CONSTITUTION[@VERSION]` or `none`.
fn side(text: &str, without: &[String], model: Option<&String>) -> SideChoice {
    let (constitution, version) = match text.split_once('@') {
        _ if text == "none" => (None, None),
        Some((name, version)) => (Some(name.to_owned()), Some(version.to_owned())),
        None => (Some(text.to_owned()), None),
    };
    let without = without.iter().map(|id| PrincipleId::new(id.trim())).collect();
    SideChoice { constitution, version, without, model: model.cloned() }
}

fn wishes(arguments: &Arguments, project: &Project) -> Result<ComparisonWishes, Failure> {
    let judge = arguments.judge.as_deref().map(|name| JudgeChoice::of(project, name));
    let (panel, judge) = judge.transpose()?.map(JudgeChoice::split).unwrap_or_default();
    Ok(ComparisonWishes {
        a: side(&arguments.a, &arguments.a_without, arguments.a_model.as_ref()),
        b: side(&arguments.b, &arguments.b_without, arguments.b_model.as_ref()),
        prompts: arguments.prompts.clone(),
        limit: arguments.limit,
        seed: arguments.seed,
        judge,
        panel,
        yardstick: match arguments.judged_by.as_str() {
            "both" => Yardstick::BothSides,
            "overall" => Yardstick::Overall,
            name => Yardstick::Constitution(name.to_owned()),
        },
        principles_per_pair: arguments.principles,
        rounds: arguments.rounds,
        key_env: arguments.key_env.clone(),
        concurrency: arguments.concurrency,
        max_cost: arguments.max_cost,
        replay_only: arguments.replay_only,
    })
}

/// Compares, shows progress, and sums up.
///
/// # Errors
///
/// It can't begin, a limit stopped it, or no pair has a verdict.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    if let Some(name) = &arguments.key_env {
        super::run::require_key(name)?;
    }
    let models = place::models();
    let project = place::own_project(&arguments.dir)?;
    let journal = place::journal(&project)?;
    let wishes = wishes(&arguments, &project)?;
    let mut plan = Plan::of_comparison(&project, &journal, &wishes, &models).await?;
    if !arguments.new
        && let Some(run) = unfinished(&journal, &plan).await?
    {
        out::say(&format!(
            "going on with {run}, which is the same and unfinished (--new starts anew)"
        ));
        plan.run = Some(run);
    }
    let Some(compare) = plan.compare.clone() else {
        return Err(Failure::bad("there are no two sides", ""));
    };
    if let Some(warning) = plan.kinship_warning() {
        out::say(&warning);
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
    let most = plan.most_calls();
    let ended = watched_calls(plan, &journal, most).await?;
    tell(&arguments, &journal, &compare.about, &ended).await
}

async fn tell(
    arguments: &Arguments,
    journal: &Journal,
    about: &About,
    ended: &RunSummary,
) -> Result<(), Failure> {
    let rows = all_rows(journal, &ended.run).await?;
    let pairs: Vec<Pair> = rows.iter().map(|entry| Pair::of_row(&entry.row)).collect();
    let measures = measure(&pairs, arguments.tie_band, about.seed);
    let judge = about.judge_in_words();
    let compared = Compared {
        a: &about.a.label,
        b: &about.b.label,
        prompts: &about.prompts,
        judge: &judge,
        judged_by: &about.judged_by,
        principles_per_pair: about.principles_per_pair,
        rounds: about.rounds,
        seed: about.seed,
        run: ended.run.as_str(),
        version: env!("CARGO_PKG_VERSION"),
    };
    let summary = sentences(&compared, &measures);
    if arguments.json {
        out::json(&report(about, ended, &measures, &pairs, &summary))?;
    } else {
        out::report(&text(about, ended, &measures))?;
        out::report(&format!("\n{summary}"))?;
    }
    match &ended.end {
        RunEnd::Stopped(reason) => Err(Failure::stopped(reason.message(), hint_of(reason))),
        RunEnd::Done if measures.overall.is_none() => {
            let first = rows.iter().find_map(|entry| entry.row.failure.as_ref());
            let hint = first.map_or_else(String::new, |failure| failure.failure.hint.clone());
            Err(Failure::bad("no pair has a verdict", hint))
        }
        RunEnd::Done => Ok(()),
    }
}

fn hint_of(reason: &StopReason) -> String {
    match reason.hint() {
        "" => "the same command goes on where it stopped".to_owned(),
        hint => hint.to_owned(),
    }
}

fn text(about: &About, ended: &RunSummary, measures: &Measures) -> String {
    let mut lines = vec![
        vec!["run".to_owned(), ended.run.to_string()],
        vec!["A".to_owned(), about.a.label.clone()],
        vec!["B".to_owned(), about.b.label.clone()],
    ];
    let mut put = |name: &str, value: String| lines.push(vec![name.to_owned(), value]);
    match &measures.overall {
        Some(rate) => {
            put("result", words::result(rate));
            put("", words::difference(rate.difference()).to_owned());
        }
        None => put("result", "no pair has a verdict".to_owned()),
    }
    if let Some(words) = words::length_controlled(measures) {
        put("", words);
    }
    if let Some(words) = words::longer(measures) {
        put("length", words);
    }
    let counts = &measures.counts;
    put("rows", format!("{} of {}", counts.rows, ended.progress.rows_total));
    if counts.same_text > 0 {
        put("same text", format!("{} (ties, no judge asked)", counts.same_text));
    }
    if counts.in_both_orders > 0 {
        put("order flips", format!("{} of {}", counts.flipped, counts.in_both_orders));
    }
    if counts.unparsed > 0 {
        put("unparsed", counts.unparsed.to_string());
    }
    for (name, n) in &counts.failed {
        put("failed", format!("{n} {name}"));
    }
    let (told, few): (Vec<_>, Vec<_>) =
        measures.by_tag.iter().partition(|slice| slice.difference != Difference::TooFew);
    for slice in told {
        let rate = &slice.rate;
        let words = words::rate(rate.rate, Some(&rate.interval), rate.n);
        put(&format!("tag {}", slice.name), format!("B preferred {words}"));
    }
    if !few.is_empty() {
        put("tags", format!("{} with too few prompts to tell", few.len()));
    }
    out::table(&lines)
}

fn report(
    about: &About,
    ended: &RunSummary,
    measures: &Measures,
    pairs: &[Pair],
    summary: &str,
) -> Value {
    let difference = measures.overall.as_ref().map(crate::stats::WinRate::difference);
    json!({
        "run": ended.run,
        "comparison": about,
        "result": measures.overall.as_ref().map(words::result),
        "difference": difference,
        "summary": summary,
        "measures": measures,
        "session": ended.progress,
        "pairs": pairs.iter().map(pair).collect::<Vec<_>>(),
    })
}

fn pair(pair: &Pair) -> Value {
    use crate::stats::Judgement;
    let state = match pair.judgement {
        Judgement::Judged { .. } => "judged",
        Judgement::SameText => "same_text",
        Judgement::Unparsed => "unparsed",
        Judgement::Failed => "failed",
    };
    json!({
        "id": pair.prompt,
        "state": state,
        "p_b": pair.judgement.p_b(),
        "flip": pair.judgement.is_flipped(),
        "words_a": pair.words.map(|words| words.0),
        "words_b": pair.words.map(|words| words.1),
        "failure": pair.failure,
    })
}
