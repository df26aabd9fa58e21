//! `preamble judge-report`

mod kept;

use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::failure::Failure;
use super::run::{unfinished, watched_calls};
use super::{embedded, interrupt, out, place, progress};
use crate::domain::Split;
use crate::engine::judging::{self, AGAIN, Judging, JudgingWishes};
use crate::engine::{Cancel, DryCount, Plan, RunEnd, StopReason, dry_count};
use crate::stats::Unknown;
use crate::stats::calibration::Kind;
use crate::stats::judge_report::{JudgesCompared, compare_judges, words};
use crate::store::{Journal, Project};

/// How far a judge agrees with people, where it goes wrong, and what its probabilities mean
///
/// The judge's newest verdicts on a label set, kept in the project's journal, beside what people
/// said. With --run the judge is first asked about what is missing; how many calls that takes, and
/// what they cost at most, is said before. Gold items are for the last look: each look at them is
/// counted.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[command(after_help = "Examples:\n  \
    preamble judge-report p --judge strict --labels honesty --run --max-cost 1\n  \
    preamble judge-report p --judge strict --labels honesty --split gold --against quick --json\n  \
    preamble judge-report p --judge strict --labels honesty --fit temperature\n  \
    preamble judge-report p --judge panel --labels honesty --weigh kappa")]
pub struct Arguments {
    /// The project's folder
    dir: PathBuf,
    /// The judge: a file of the folder judges, by its name
    #[arg(long, value_name = "NAME")]
    judge: String,
    /// The label set: a folder of the folder labels, by its name
    #[arg(long, value_name = "SET")]
    labels: String,
    /// Which part of it
    #[arg(long, value_enum, default_value = "dev")]
    split: Part,
    /// Ask the judge about what is missing first
    #[arg(long)]
    run: bool,
    /// Other judges to compare with on the same items; may be repeated
    #[arg(long, value_name = "NAME")]
    against: Vec<String>,
    /// Keep a map with the judge that makes its probabilities mean what they say, fitted to
    /// development labels; exports apply it with --recalibrate
    #[arg(long, value_enum, value_name = "KIND")]
    fit: Option<Fit>,
    /// Weigh the judge's models by how well each does on development labels, and keep the weights
    #[arg(long, value_enum, value_name = "BY", conflicts_with = "fit")]
    weigh: Option<Weigh>,
    /// With --run: only so many items, drawn by the set's seed
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// With --run: items that are asked about once more, changed in ways that should not matter
    #[arg(long, value_name = "N", default_value_t = AGAIN)]
    again: usize,
    /// With --run: whose principles are drawn for items that name none, instead of the project's
    #[arg(long, value_name = "NAME")]
    constitution: Option<String>,
    /// Seeds the draw of principles, instead of the project's seed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
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
    /// Do not ask before paying
    #[arg(long)]
    yes: bool,
    /// Print all numbers as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Locked for reporting; each look is counted
    Gold,
    /// For reading, examples and fitting
    Dev,
    /// Both
    All,
}

impl Part {
    fn split(self) -> Option<Split> {
        match self {
            Self::Gold => Some(Split::Gold),
            Self::Dev => Some(Split::Dev),
            Self::All => None,
        }
    }
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Fit {
    /// Log-odds divided by one number
    Temperature,
    /// A straight line of log-odds
    Platt,
    /// Any rising map; needs most labels
    Isotonic,
}

impl Fit {
    fn kind(self) -> Kind {
        match self {
            Self::Temperature => Kind::Temperature,
            Self::Platt => Kind::Platt,
            Self::Isotonic => Kind::Isotonic,
        }
    }
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Weigh {
    /// κ against people, 0 where it is below
    Kappa,
    /// Log-odds of being right: best for models that err independently
    LogOdds,
}

/// Asks what is missing, and reports.
///
/// # Errors
///
/// There is no such judge or set, a limit stopped it, or there is no verdict to report on.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    if let Some(name) = &arguments.key_env {
        super::run::require_key(name)?;
    }
    let writes = arguments.run
        || arguments.fit.is_some()
        || arguments.weigh.is_some()
        || arguments.split != Part::Dev;
    let project = match writes {
        true => place::own_project(&arguments.dir)?,
        false => place::project(&arguments.dir)?,
    };
    let journal = place::journal(&project)?;
    let mut stopped = None;
    if arguments.run {
        stopped = judge(&arguments, &project, &journal).await?;
    }
    let split = arguments.split.split();
    let names = (arguments.judge.as_str(), arguments.labels.as_str());
    let judging = judging::report(&project, &journal, names, split).await?;
    if judging.about.is_none() {
        let message = format!("{} has not judged {} yet", arguments.judge, arguments.labels);
        return Err(Failure::bad(message, "add --run to ask it; the calls are counted first"));
    }
    let mut others = Vec::new();
    for name in &arguments.against {
        let names = (name.as_str(), arguments.labels.as_str());
        others.push((name.as_str(), judging::report(&project, &journal, names, split).await?));
    }
    let compared = (!others.is_empty()).then(|| {
        let first = (arguments.judge.as_str(), judging.items.as_slice());
        let all: Vec<_> = std::iter::once(first)
            .chain(others.iter().map(|(name, other)| (*name, other.items.as_slice())))
            .collect();
        compare_judges(&all, 0)
    });
    count_look(&arguments, &project, &judging)?;
    if let Some(fit) = arguments.fit {
        kept::map(&arguments, &project, &judging, fit)?;
    }
    if let Some(weigh) = arguments.weigh {
        kept::weights(&arguments, &project, &judging, weigh)?;
    }
    if arguments.json {
        out::json(&as_json(&judging, compared.as_ref()))?;
    } else {
        out::report(&text(&judging, compared.as_ref()))?;
    }
    match stopped {
        Some(reason) => Err(Failure::stopped(reason.message(), reason.hint().to_owned())),
        None => Ok(()),
    }
}

/// Asks the judge about what is missing; the reason where a limit stopped it.
async fn judge(
    arguments: &Arguments,
    project: &Project,
    journal: &Journal,
) -> Result<Option<StopReason>, Failure> {
    let wishes = JudgingWishes {
        split: arguments.split.split(),
        limit: arguments.limit,
        again: arguments.again,
        constitution: arguments.constitution.clone(),
        seed: arguments.seed,
        key_env: arguments.key_env.clone(),
        concurrency: arguments.concurrency,
        max_cost: arguments.max_cost,
        replay_only: arguments.replay_only,
        ..JudgingWishes::of(&arguments.judge, &arguments.labels)
    };
    let models = place::models();
    let mut plan = Plan::of_judging(project, &wishes, &models).await?;
    if let Some(warning) = plan.judging.as_ref().and_then(|about| about.kinship.warning()) {
        out::say(warning);
    }
    // Nobody stops it, so it counts to the end.
    let count = dry_count(&plan, journal, &Cancel::new()).await?.unwrap_or_default();
    out::say(&cost_said(&plan, &count));
    if count.missing > 0 && !plan.replay_only {
        consent(arguments, &plan)?;
        tokio::select! {
            ready = embedded::ready(plan.all_models()) => ready?,
            () = interrupt::once() => {
                let hint = "the same command goes on with what was downloaded";
                return Err(Failure::stopped("stopped before it began", hint));
            }
        }
    }
    if let Some(run) = unfinished(journal, &plan).await? {
        out::say(&format!("going on with {run}, which is the same and unfinished"));
        plan.run = Some(run);
    }
    let ended = watched_calls(plan, journal, count.found + count.new_most).await?;
    Ok(match ended.end {
        RunEnd::Stopped(reason) => Some(reason),
        RunEnd::Done => None,
    })
}

/// What asking takes: `84 rows: 120 calls are answered by the journal, 48 to 96 are new, at 0.12
/// USD at most`.
fn cost_said(plan: &Plan, count: &DryCount) -> String {
    let rows = format!("{} rows: {} calls are answered by the journal", count.rows, count.found);
    if count.missing == 0 {
        return format!("{rows}, none is new");
    }
    let new = match (count.new_least, count.new_most) {
        (least, most) if least == most => format!("{most} are new"),
        (least, most) => format!("{least} to {most} are new"),
    };
    // The first calls of each row are known; those that follow are taken to cost as much.
    let each = count.cost_at_worst.usd() / count.missing.max(1) as f64;
    let most = progress::cost(each * count.new_most as f64, false);
    let price = match (plan.unpriced().next(), plan.all_models().any(|model| model.can_cost())) {
        (Some(model), _) => format!("the price of {} is not known", model.name),
        (None, true) => format!("at about {most} at worst"),
        (None, false) => "free".to_owned(),
    };
    format!("{rows}, {new}, {price}")
}

/// Asks whether to pay, where it costs and nobody said so yet.
fn consent(arguments: &Arguments, plan: &Plan) -> Result<(), Failure> {
    let costs = plan.all_models().any(|model| model.can_cost());
    if !costs || arguments.yes || arguments.max_cost.is_some() {
        return Ok(());
    }
    let hint = "add --yes to pay for it, or --max-cost USD to hold it to an amount";
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return Err(Failure::stopped("not started: it would pay for new calls", hint));
    }
    out::say("go on? [y/N]");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).ok();
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::stopped("not started, as you said", hint)),
    }
}

fn count_look(arguments: &Arguments, project: &Project, judging: &Judging) -> Result<(), Failure> {
    if arguments.split == Part::Dev {
        return Ok(());
    }
    let at = chrono::Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    let about = judging.about.as_ref();
    let judge = about.map_or(arguments.judge.as_str(), |about| about.judge.as_str());
    if judging::look(&project.root, &arguments.labels, judge, judging, &at)? {
        let nth = judging.looks + 1;
        out::say(&format!("this is look {nth} at gold for {judge}: each one makes gold less so"));
    }
    Ok(())
}

fn text(judging: &Judging, compared: Option<&JudgesCompared>) -> String {
    let mut parts = Vec::new();
    if let Some(about) = &judging.about {
        let runs: Vec<&str> = judging.runs.iter().map(crate::domain::RunId::as_str).collect();
        let cost = judging
            .cost_per_row
            .map_or_else(String::new, |cost| format!(" · {} a row", progress::cost(cost, false)));
        parts.push(format!(
            "{}  {} · {} · {}{cost}\n{}",
            about.name,
            about.identities.join(" + "),
            about.protocol,
            runs.join(", "),
            words::headline(&judging.report.agreement)
        ));
    }
    for section in words::sections(&judging.report) {
        let rows: Vec<Vec<String>> = section
            .lines
            .into_iter()
            .map(|line| vec![format!("  {}", line.name), line.value, mark(line.flag).to_owned()])
            .collect();
        parts.push(format!("{}\n{}", section.title, out::table(&rows)));
    }
    if let Some(compared) = compared {
        let mut lines: Vec<String> =
            compared.differences.iter().map(|one| format!("  {one}")).collect();
        lines.push(match &compared.independence {
            Ok(one) => format!(
                "  together worth {:.1} of {} judges",
                one.effective.value,
                compared.judges.len()
            ),
            Err(unknown) => format!("  together: {unknown}"),
        });
        parts.push(format!("On the same items\n{}", lines.join("\n")));
    }
    /// Disagreements shown; --json has all.
    const SHOWN: usize = 12;
    let all = &judging.report.disagreements;
    if !all.is_empty() {
        let lines: Vec<String> = all
            .iter()
            .take(SHOWN)
            .map(|one| format!("  {}", out::one_line(&words::disagreement(one))))
            .collect();
        let more = match all.len().saturating_sub(SHOWN) {
            0 => String::new(),
            n => format!("\n  and {n} more (--json has all)"),
        };
        parts.push(format!(
            "Disagreements {}, the most telling first\n{}{more}",
            all.len(),
            lines.join("\n")
        ));
    }
    parts.join("\n\n")
}

fn mark(flag: Option<crate::stats::Flag>) -> &'static str {
    match flag {
        Some(crate::stats::Flag::Flagged) => "!",
        Some(crate::stats::Flag::Fine) => "ok",
        Some(crate::stats::Flag::TooFew) | None => "",
    }
}

fn as_json(judging: &Judging, compared: Option<&JudgesCompared>) -> Value {
    let mut value = json!({
        "judging": judging.about,
        "runs": judging.runs,
        "cost_per_row_usd": judging.cost_per_row,
        "looks_at_gold_before": judging.looks,
        "headline": words::headline(&judging.report.agreement),
        "more_labels": judging
            .report
            .more_labels
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        "report": judging.report,
        "compared": compared,
    });
    plain(&mut value);
    value
}

/// A statistic as the contract has it: its value, or null with the reason.
fn plain(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(plain),
        Value::Object(fields) => {
            if fields.len() == 1 {
                if let Some(found) = fields.get_mut("Ok") {
                    let found = found.take();
                    *value = found;
                    return plain(value);
                }
                if let Some(why) = fields.get_mut("Err") {
                    let why = why.take();
                    let note = serde_json::from_value::<Unknown>(why.clone())
                        .map_or_else(|_| why.to_string(), |unknown| unknown.to_string());
                    *value = json!({ "value": null, "note": note });
                    return;
                }
            }
            fields.values_mut().for_each(plain);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Estimate;

    #[test]
    fn what_is_not_known_is_null_with_its_reason() {
        let known: Result<Estimate, Unknown> = Ok(Estimate { value: 0.5, interval: None, n: 40 });
        let few: Result<Estimate, Unknown> = Err(Unknown::TooFew { n: 7, least: 20 });
        let near: Result<Estimate, Unknown> = Err(Unknown::NearChance);
        let mut value = json!({ "all": [known, few], "deep": { "one": near } });
        plain(&mut value);
        assert_eq!(
            value,
            json!({
                "all": [
                    { "value": 0.5, "interval": null, "n": 40 },
                    { "value": null, "note": "too few to tell: 7 of at least 20" },
                ],
                "deep": { "one": {
                    "value": null,
                    "note": "the judge is near chance: there is nothing to correct by",
                } },
            })
        );
    }
}
