//! `preamble run`

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};

use super::failure::Failure;
use super::forecast::Forecast;
use super::progress::Shown;
use super::repay::{self, Consent};
use super::spec::{self, RoleModel};
use super::summary::Summary;
use super::{embedded, interrupt, out, place};
use crate::domain::{Pairing, RunId};
use crate::engine::terms::prices_now;
use crate::engine::{
    Cancel, EngineEvent, Events, Models, Overrides, Pace, Plan, RunEnd, RunSummary, StopReason,
};
use crate::store::{Journal, Project};

/// Rows of a pilot.
const PILOT: usize = 10;

/// Run a recipe: each prompt becomes a row in the project's journal
///
/// Built-in recipes: critique, preference, critique+preference, rank, votes, score, chain+score. Stop with Ctrl-C: all that is
/// answered is kept, and the same command goes on where it stopped.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    preamble run p --recipe critique --limit 8\n  \
    preamble run p --recipe preference --model judge=openai:gpt-4.1-mini --max-cost 2\n  \
    preamble run p --recipe preference --judge two-readers --pilot\n  \
    preamble run p --recipe chain+score --model openai:my-model@http://localhost:8000/v1 --json")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Arguments {
    /// The project's folder
    dir: PathBuf,
    /// A recipe of the project, or critique, preference, critique+preference, rank, votes, score or chain+score
    #[arg(long, value_name = "NAME", required_unless_present = "resume")]
    recipe: Option<String>,
    /// The prompt set, instead of the recipe's or the project's
    #[arg(long, value_name = "SET")]
    prompts: Option<String>,
    /// The constitution, instead of the recipe's or the project's
    #[arg(long, value_name = "NAME")]
    constitution: Option<String>,
    /// The rubric, instead of the recipe's or the project's
    #[arg(long, value_name = "NAME")]
    rubric: Option<String>,
    /// Only the first N prompts
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Seeds every draw, instead of the project's seed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Who does what: ROLE=MODEL, or MODEL for every role; may be repeated
    ///
    /// Roles are writer, critic, reviser, judge. MODEL is a name of the project, embedded,
    /// openai:MODEL[@BASE_URL] or anthropic:MODEL[@BASE_URL].
    #[arg(long = "model", value_name = "ROLE=MODEL")]
    models: Vec<RoleModel>,
    /// The models that write the answers, instead of the recipe's or the writer: two for a pair,
    /// two or more for a tournament
    #[arg(long, value_name = "A,B", value_delimiter = ',', num_args = 1)]
    candidates: Vec<String>,
    /// Who judges, instead of the recipe's: one of the project's judges, by file stem or name, or
    /// none for the model of that role
    #[arg(long, value_name = "JUDGE|none")]
    judge: Option<String>,
    /// Which answers of a tournament (rank) meet, instead of as the recipe says
    #[arg(long, value_enum, value_name = "WAY")]
    pairing: Option<Way>,
    /// So many games a prompt in a tournament with --pairing informative [default: as many as
    /// Swiss rounds would play]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    games: Option<u32>,
    /// The environment variable that holds the key of a model given by its address
    #[arg(long, value_name = "VAR")]
    key_env: Option<String>,
    /// Stop before the run costs more than so many US dollars
    #[arg(long, value_name = "USD")]
    max_cost: Option<f64>,
    /// Stop before all runs of the project cost more than so many US dollars on one day
    #[arg(long, value_name = "USD")]
    max_cost_per_day: Option<f64>,
    /// Stop when more than so many per cent of the rows failed
    #[arg(long, value_name = "PCT", value_parser = spec::share)]
    max_failures: Option<f64>,
    /// Stop when more than so many per cent of the rows hold a refusal instead of an answer
    #[arg(long, value_name = "PCT", value_parser = spec::share)]
    max_refusals: Option<f64>,
    /// Rows at work at once
    #[arg(long, value_name = "N")]
    concurrency: Option<usize>,
    /// Don't ask before calls of a changed recipe are paid for
    #[arg(long, short = 'y')]
    yes: bool,
    /// Only the first 10 prompts, then what all of them would cost
    #[arg(long)]
    pilot: bool,
    /// Send nothing: every reply must be in the journal
    #[arg(long)]
    replay_only: bool,
    /// Go on with this run, as it was started; `latest` for the newest
    #[arg(long, value_name = "RUN", conflicts_with_all = [
        "new", "recipe", "prompts", "constitution", "rubric", "limit", "seed", "models", "pilot",
        "candidates", "judge", "pairing", "games",
    ])]
    resume: Option<String>,
    /// With --resume: make the failed rows again, and no others
    #[arg(long, requires = "resume")]
    retry_failed: bool,
    /// Export what was made when the run is over: FORMAT=PATH, with a path that ends in .jsonl or
    /// .parquet and is written over; may be repeated
    #[arg(long, value_name = "FORMAT=PATH")]
    export: Vec<super::export::Wish>,
    #[command(flatten)]
    export_with: super::export::Choices,
    /// Start a new run even where the same one is unfinished
    #[arg(long)]
    new: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

/// [`Pairing`] as it is written on the command line.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Way {
    /// All pairs of up to five answers, Swiss rounds of more
    Auto,
    /// All pairs
    AllPairs,
    /// Swiss rounds
    Swiss,
    /// Always the pair whose order the games so far tell least about
    Informative,
}

impl Way {
    fn pairing(self) -> Pairing {
        match self {
            Self::Auto => Pairing::Auto,
            Self::AllPairs => Pairing::AllPairs,
            Self::Swiss => Pairing::Swiss,
            Self::Informative => Pairing::Informative,
        }
    }
}

/// Runs, shows progress, and sums up.
///
/// # Errors
///
/// The run can't begin, a limit stopped it, or every row failed.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    if let Some(name) = &arguments.key_env {
        require_key(name)?;
    }
    let models = place::models();
    let project = place::own_project(&arguments.dir)?;
    let journal = place::journal(&project)?;
    let plan = plan(&arguments, &project, &journal, &models).await?;
    let consent = Consent { yes: arguments.yes, max_cost: arguments.max_cost };
    repay::ask(&plan, &journal, consent).await?;
    if !plan.replay_only {
        tokio::select! {
            ready = embedded::ready(plan.all_models()) => ready?,
            () = interrupt::once() => {
                let hint = "the same command goes on with what was downloaded";
                return Err(Failure::stopped("stopped before the run began", hint));
            }
        }
    }
    if let Some(warning) = plan.kinship_warning() {
        out::say(&warning);
    }
    let start = Instant::now();
    let limits = plan.controls.limits();
    let rows_at_once = plan.prompts.len().min(limits.at_once) as u64;
    let ended = watched(plan, &journal).await?;
    let seconds = start.elapsed().as_secs_f64();
    for wish in &arguments.export {
        super::export::after_run(&journal, &ended.run, wish, &arguments.export_with).await?;
    }
    let pace = Pace {
        calls: ended.progress.calls,
        seconds,
        rows_at_once,
        at_once: limits.at_once as u64,
        per_minute: limits.per_minute,
    };
    tell(&arguments, &project, &journal, &ended, seconds, pace).await
}

/// A variable that was named on purpose must be there.
pub(super) fn require_key(name: &str) -> Result<(), Failure> {
    match std::env::var(name) {
        Ok(key) if !key.trim().is_empty() => {
            out::hide(&secrecy::SecretString::from(key.trim().to_owned()));
            Ok(())
        }
        _ => Err(Failure::usage(
            format!("the environment variable {name} is not set"),
            format!("set it to the key, as in: {name}=… preamble run …"),
        )),
    }
}

async fn plan(
    arguments: &Arguments,
    project: &Project,
    journal: &Journal,
    models: &Models,
) -> Result<Plan, Failure> {
    let limit = match (arguments.pilot, arguments.limit) {
        (true, limit) => Some(limit.unwrap_or(PILOT).min(PILOT)),
        (false, limit) => limit,
    };
    let wishes = Overrides {
        constitution: arguments.constitution.clone(),
        rubric: arguments.rubric.clone(),
        prompts: arguments.prompts.clone(),
        limit,
        seed: arguments.seed,
        models: spec::by_role(&arguments.models),
        candidates: arguments.candidates.clone(),
        judge: arguments.judge.as_deref().map(judge_of),
        pairing: arguments.pairing.map(Way::pairing),
        games: arguments.games,
        key_env: arguments.key_env.clone(),
        concurrency: arguments.concurrency,
        max_cost: arguments.max_cost,
        max_cost_per_day: arguments.max_cost_per_day,
        max_failures: arguments.max_failures,
        max_refusals: arguments.max_refusals,
        replay_only: arguments.replay_only,
        ..Overrides::default()
    };
    if let Some(name) = &arguments.resume {
        let record = place::run_named(journal, name).await?;
        let known = &project.file.models;
        let frozen = journal.frozen(&record.id).await?.unwrap_or_default();
        let changes = journal.changes(&record.id).await?;
        for news in prices_now(&frozen, &changes, known) {
            out::say(&format!("{news}; what is asked from now on counts with the new one"));
        }
        let mut plan =
            Plan::resume(journal, &record.id, &wishes.in_project(&project.file), models, known)
                .await?;
        if arguments.retry_failed {
            let failed = failed_positions(journal, &record.id).await?;
            if failed.is_empty() {
                return Err(Failure::bad(
                    format!("no row of {} failed", record.id),
                    "leave --retry-failed out to go on with what is still to do",
                ));
            }
            out::say(&format!("making {} failed rows of {} again", failed.len(), record.id));
            plan.only = Some(failed.into());
        }
        return Ok(plan);
    }
    let recipe = arguments.recipe.as_deref().unwrap_or_default();
    let mut plan = Plan::of_project(project, recipe, &wishes, models).await?;
    if !arguments.new
        && let Some(run) = unfinished(journal, &plan).await?
    {
        out::say(&format!(
            "going on with {run}, which is the same and unfinished (--new starts anew)"
        ));
        plan.run = Some(run);
    }
    Ok(plan)
}

/// The judge that is named; none, where it is the model of that role.
fn judge_of(name: &str) -> String {
    let stem = name.strip_prefix("judges/").unwrap_or(name);
    let stem = stem.strip_suffix(".ron").unwrap_or(stem);
    if stem == "none" { String::new() } else { stem.to_owned() }
}

/// Where a run's failed rows stand, ascending.
async fn failed_positions(journal: &Journal, run: &RunId) -> Result<Vec<u64>, Failure> {
    /// Rows read at once.
    const PAGE: usize = 256;
    let mut positions = Vec::new();
    loop {
        let page = journal.failed_rows(run, positions.last().copied(), PAGE).await?;
        if page.is_empty() {
            return Ok(positions);
        }
        positions.extend(page.iter().map(|entry| entry.position));
    }
}

/// The newest unfinished run that is frozen with the same as this plan, but for its limits.
pub(super) async fn unfinished(journal: &Journal, plan: &Plan) -> Result<Option<RunId>, Failure> {
    let new = plan.new_run();
    let wanted = without_limits(new.frozen);
    for record in journal.runs().await? {
        if record.kind == new.kind
            && record.state.is_resumable()
            && record.recipe == new.recipe
            && record.rows_total == new.rows_total
            && journal.frozen(&record.id).await?.map(without_limits).as_ref() == Some(&wanted)
        {
            return Ok(Some(record.id));
        }
    }
    Ok(None)
}

/// What decides a run's rows: limits and the program's version do not.
fn without_limits(mut frozen: Value) -> Value {
    without_prices(&mut frozen);
    if let Value::Object(fields) = &mut frozen {
        for limit in [
            "concurrency",
            "retries",
            "per_minute",
            "max_cost",
            "max_cost_per_day",
            "max_failures",
            "max_refusals",
            "app",
        ] {
            fields.shift_remove(limit);
        }
    }
    frozen
}

/// Takes away what models cost: other prices make no other rows.
fn without_prices(frozen: &mut Value) {
    match frozen {
        Value::Array(all) => all.iter_mut().for_each(without_prices),
        Value::Object(fields) => {
            if let Some(Value::Object(entry)) = fields.get_mut("entry") {
                for price in ["price_in", "price_out", "prices"] {
                    entry.shift_remove(price);
                }
            }
            for name in ["models", "candidates", "compare", "a", "b", "panel"] {
                fields.get_mut(name).into_iter().for_each(without_prices);
            }
            let is_cast = fields.values().all(|one| one.get("entry").is_some());
            if is_cast {
                fields.values_mut().for_each(without_prices);
            }
        }
        _ => {}
    }
}

/// Runs a plan with progress on stderr and Ctrl-C heeded.
async fn watched(plan: Plan, journal: &Journal) -> Result<RunSummary, Failure> {
    let most = plan.most_calls();
    watched_calls(plan, journal, most).await
}

/// The same, where it is known how many calls it takes at most.
pub(super) async fn watched_calls(
    plan: Plan,
    journal: &Journal,
    most: u64,
) -> Result<RunSummary, Failure> {
    let cancel = Cancel::new();
    let shown = Shown::start(Some(most));
    let newest = shown.newest();
    let events: Events = Arc::new(move |event| {
        if let EngineEvent::Progress(progress) = event {
            newest.send_replace(progress);
        }
    });
    let work = crate::engine::run(plan, journal.clone(), events, cancel.clone());
    let ended = tokio::select! {
        ended = work => ended,
        () = interrupt::twice(&cancel) => {
            drop(shown);
            return Err(Failure::stopped(
                "stopped at once; everything answered is kept",
                "the same command goes on where it stopped",
            ));
        }
    };
    drop(shown);
    Ok(ended?)
}

/// Reports how a run ended, and where to go next.
async fn tell(
    arguments: &Arguments,
    project: &Project,
    journal: &Journal,
    ended: &RunSummary,
    seconds: f64,
    pace: Pace,
) -> Result<(), Failure> {
    let dir = arguments.dir.display();
    let record = place::run_named(journal, ended.run.as_str()).await?;
    let summary = Summary::read(journal, record).await?;
    let session = &ended.progress;
    let prompts = project.prompt_sets.get(prompt_set(arguments, project));
    let all = prompts.map_or(0, |set| set.prompts.len() as u64);
    let pilot = match arguments.pilot && session.rows_done > 0 && all > 0 {
        true => Some(Forecast::read(journal, ended, project, all, pace).await?),
        false => None,
    };
    if arguments.json {
        let mut value = summary.json();
        if let Value::Object(fields) = &mut value {
            fields.insert("session".to_owned(), json!(session));
            fields.insert("seconds".to_owned(), json!(seconds));
            if let Some(pilot) = &pilot {
                fields.insert("all_prompts".to_owned(), pilot.json());
            }
        }
        out::json(&value)?;
    } else {
        out::report(&summary.text())?;
        if session.price_unknown {
            out::report("cost      a model's price is unknown; give price_in and price_out")?;
        }
        if let Some(pilot) = &pilot {
            out::report(&pilot.text(session.price_unknown))?;
        }
    }
    match &ended.end {
        RunEnd::Stopped(reason) => Err(Failure::stopped(reason.message(), hint_of(reason))),
        RunEnd::Done if session.rows_failed == session.rows_total => {
            let first = summary.failed.first().and_then(|row| row.failure.as_ref());
            Err(Failure::bad(
                "every row failed",
                first.map_or_else(String::new, |failure| failure.failure.hint.clone()),
            ))
        }
        RunEnd::Done => {
            let format = format_for(&ended.run, journal).await?;
            if !arguments.export.is_empty() {
                return Ok(());
            }
            out::say(&format!(
                "next: preamble export {dir} --run {} --format {format} --out out",
                ended.run
            ));
            Ok(())
        }
    }
}

fn prompt_set<'a>(arguments: &'a Arguments, project: &'a Project) -> &'a str {
    let own = arguments.recipe.as_deref().and_then(|name| project.recipes.get(name));
    let of_recipe = own.map(|recipe| recipe.prompts.as_str()).filter(|name| !name.is_empty());
    arguments.prompts.as_deref().or(of_recipe).unwrap_or(&project.file.prompts)
}

fn hint_of(reason: &StopReason) -> String {
    match reason.hint() {
        "" => "the same command goes on where it stopped".to_owned(),
        hint => hint.to_owned(),
    }
}

/// The usual export of what a run made.
async fn format_for(run: &RunId, journal: &Journal) -> Result<&'static str, Failure> {
    let first = journal.rows(run, None, 1).await?;
    Ok(match first.first().map(|entry| &entry.row) {
        Some(row) if row.pair.is_some() => "trl-preference",
        Some(row) if !row.scores.is_empty() => "rewards",
        _ => "trl-sft",
    })
}
