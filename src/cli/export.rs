//! `preamble export`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::failure::Failure;
use super::manifest::{self, File};
use super::{out, place};
use crate::domain::{Constitution, Hand, LabelForm, PromptId, Recalibration, Row, Rubric, RunId};
use crate::engine::FrozenJudge;
use crate::engine::judging::judge_of;
use crate::formats::document;
use crate::formats::export::{
    About, Container, ExportError, FORMATS, Format, Options, Summary, dataset, format,
    write_records,
};
use crate::store::journal::{Counts, RunRecord, RunState};
use crate::store::{Journal, Project};

/// Rows read at once.
const PAGE: usize = 256;

/// Export a run's rows as a data set that other programs train on
///
/// A folder gets the records, a card (README.md), the constitution and rubric that made them, and
/// a manifest with the run's configuration and sums. A name that ends in .jsonl or .parquet gets
/// the records alone, and - writes them to stdout.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:\n  preamble export p --run latest --format trl-sft --out out\n  \
                  preamble export p --run 7 --format trl-preference --out pairs.parquet\n  \
                  preamble export list"
)]
pub struct Arguments {
    /// The project's folder
    #[arg(required = true)]
    dir: Option<PathBuf>,
    /// The run, such as R-0007, 7 or latest
    #[arg(long, value_name = "RUN", default_value = "latest")]
    run: String,
    /// The format; `preamble export list` names all
    #[arg(long, value_name = "FORMAT", required = true)]
    format: Option<String>,
    /// A folder, a file that ends in .jsonl or .parquet, or - for stdout
    #[arg(long, value_name = "PATH", required = true)]
    out: Option<PathBuf>,
    /// The kind of file in a folder: jsonl or parquet
    #[arg(long, value_name = "KIND")]
    container: Option<Container>,
    #[command(flatten)]
    choices: Choices,
    /// Put the judge's probabilities through the map that is kept with this judge (see
    /// `preamble judge-report --fit`); the rows must be the same judge's
    #[arg(long, value_name = "JUDGE")]
    recalibrate: Option<String>,
    /// The data set's title, for its card
    #[arg(long, value_name = "TEXT", default_value = "")]
    title: String,
    /// The data set's licence, such as cc-by-4.0, for its card
    #[arg(long, value_name = "ID", default_value = "")]
    license: String,
    /// The data set's languages, such as en, for its card; may be repeated
    #[arg(long, value_name = "CODE")]
    language: Vec<String>,
    /// Write over what is there
    #[arg(long)]
    force: bool,
    /// Print what was written as JSON
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    what: Option<What>,
}

/// What is exported of the rows.
#[derive(Debug, Clone, clap::Args)]
pub struct Choices {
    /// How a preference becomes a label, instead of what the recipe says
    #[arg(long, value_enum)]
    labels: Option<Labels>,
    /// Leave out pairs whose probability is nearer to one half than this
    #[arg(long, value_name = "P", value_parser = band)]
    drop_band: Option<f64>,
    /// Keep answers that were cut off at their longest length
    #[arg(long)]
    keep_cut_off: bool,
    /// Make no pairs of a chain's draft and last revision
    #[arg(long)]
    no_derived_pairs: bool,
}

/// One `--export FORMAT=PATH` of a run.
#[derive(Clone)]
pub struct Wish {
    format: &'static dyn Format,
    container: Container,
    path: PathBuf,
}

impl std::fmt::Debug for Wish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.format.id(), self.path.display())
    }
}

impl std::str::FromStr for Wish {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (id, path) =
            text.split_once('=').ok_or("write FORMAT=PATH, such as trl-sft=out.jsonl")?;
        let format = format(id).ok_or_else(|| {
            let known: Vec<&str> = FORMATS.iter().map(|format| format.id()).collect();
            format!("no format is called “{id}”; use one of {}", known.join(", "))
        })?;
        let path = PathBuf::from(path);
        let container = of_ending(&path).ok_or("the path ends in neither .jsonl nor .parquet")?;
        Ok(Self { format, container, path })
    }
}

/// Writes what a run made into one file, over what is there.
///
/// # Errors
///
/// There is nothing to export, or it can't be written.
pub async fn after_run(
    journal: &Journal,
    run: &RunId,
    wish: &Wish,
    choices: &Choices,
) -> Result<(), Failure> {
    let record = place::run_named(journal, run.as_str()).await?;
    let frozen = journal.frozen(&record.id).await?.unwrap_or_default();
    let options = options(choices, &frozen);
    let job = Job { format: wish.format, options, journal: journal.clone(), record, frozen };
    let (bytes, summary) = job.records(wish.container)?;
    manifest::write_file(&wish.path, &bytes, true)?;
    tell(&summary, Some(&wish.path));
    out::say(&format!("{} records written to {}", summary.records, wish.path.display()));
    Ok(())
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Name all formats
    #[command(after_help = "Example:\n  preamble export list --json")]
    List {
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Labels {
    /// The probability as it is
    Soft,
    /// Between .4 and .6
    Clamped,
    /// 0 or 1
    Hard,
}

fn band(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(band) if (0.0..=0.5).contains(&band) => Ok(band),
        _ => Err("give a number from 0 to 0.5".to_owned()),
    }
}

/// Exports, or lists formats.
///
/// # Errors
///
/// There is nothing to export, or it can't be written.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    if let Some(What::List { json }) = arguments.what {
        return list(json);
    }
    let (Some(dir), Some(id), Some(to)) = (&arguments.dir, &arguments.format, &arguments.out)
    else {
        return Err(Failure::usage("a project, --format and --out are needed", "see --help"));
    };
    let format = format(id).ok_or_else(|| {
        let known: Vec<&str> = FORMATS.iter().map(|format| format.id()).collect();
        Failure::usage(
            format!("no format is called “{id}”"),
            format!("use one of {}", known.join(", ")),
        )
    })?;
    let project = place::project(dir)?;
    let journal = place::journal(&project)?;
    let record = place::run_named(&journal, &arguments.run).await?;
    let frozen = journal.frozen(&record.id).await?.unwrap_or_default();
    let recalibration = match &arguments.recalibrate {
        Some(judge) => Some(map_of(&project, judge)?),
        None => None,
    };
    let options = Options { recalibration, ..options(&arguments.choices, &frozen) };
    let job = Job { format, options, journal, record, frozen };
    if job.record.state != RunState::Done {
        let counts = job.journal.counts(&job.record.id).await?;
        out::say(&format!(
            "the run {} is not finished ({}): {} of {} rows are there",
            job.record.id, job.record.state, counts.rows, job.record.rows_total
        ));
    }
    let summary = if to == Path::new("-") {
        let (bytes, summary) = job.records(Container::Jsonl)?;
        out::data(&bytes)?;
        tell(&summary, None);
        return Ok(());
    } else if let Some(container) = of_ending(to) {
        let (bytes, summary) = job.records(container)?;
        manifest::write_file(to, &bytes, arguments.force)?;
        summary
    } else {
        job.folder(&arguments, to).await?
    };
    tell(&summary, Some(to));
    if arguments.json {
        let value = json!({ "out": to, "run": job.record.id, "summary": summary });
        return out::json(&value);
    }
    out::report(&format!("{} records written to {}", summary.records, to.display()))
}

/// The map that is kept with a judge.
fn map_of(project: &Project, judge: &str) -> Result<Recalibration, Failure> {
    let (stem, setup) = judge_of(project, judge)?;
    setup.recalibration.clone().ok_or_else(|| {
        let hint = format!(
            "fit one with `preamble judge-report {} --judge {stem} --labels SET --fit temperature`",
            project.root.display()
        );
        Failure::bad(format!("no map is kept with the judge {stem}"), hint)
    })
}

fn options(choices: &Choices, frozen: &Value) -> Options {
    let of_recipe = frozen.pointer("/recipe/labels").cloned();
    let labels = match choices.labels {
        Some(Labels::Soft) => LabelForm::Soft,
        Some(Labels::Clamped) => LabelForm::Clamped,
        Some(Labels::Hard) => LabelForm::Hard,
        None => of_recipe.and_then(|v| serde_json::from_value(v).ok()).unwrap_or_default(),
    };
    let usual = Options::default();
    Options {
        labels,
        drop_band: choices.drop_band.unwrap_or(usual.drop_band),
        keep_cut_off: choices.keep_cut_off,
        derive_pairs: !choices.no_derived_pairs,
        recalibration: None,
    }
}

fn of_ending(path: &Path) -> Option<Container> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "jsonl" => Some(Container::Jsonl),
        "parquet" => Some(Container::Parquet),
        _ => None,
    }
}

fn tell(summary: &Summary, to: Option<&Path>) {
    for (why, count) in &summary.left_out {
        out::say(&format!("left out: {count} × {why}"));
    }
    for (why, count) in &summary.flagged {
        out::say(&format!("worth a look: {count} × {why}"));
    }
    if to.is_none() {
        out::say(&format!("{} records", summary.records));
    }
}

fn list(as_json: bool) -> Result<(), Failure> {
    if as_json {
        let formats: Vec<Value> = FORMATS
            .iter()
            .map(|format| {
                json!({
                    "id": format.id(),
                    "title": format.title(),
                    "doc": format.doc(),
                    "containers": format.containers(),
                    "columns": format.columns().iter().map(|c| c.name).collect::<Vec<_>>(),
                })
            })
            .collect();
        return out::json(&formats);
    }
    let first = |doc: &str| out::one_line(doc.split("\n\n").next().unwrap_or_default());
    let rows: Vec<Vec<String>> =
        FORMATS.iter().map(|format| vec![format.id().to_owned(), first(format.doc())]).collect();
    out::report(&out::table(&rows))
}

/// What is exported, and from where.
struct Job {
    format: &'static dyn Format,
    options: Options,
    journal: Journal,
    record: RunRecord,
    frozen: Value,
}

impl Job {
    /// The records alone.
    fn records(&self, container: Container) -> Result<(Vec<u8>, Summary), Failure> {
        let mut bytes = Vec::new();
        let mut rows = Rows::of(self);
        let summary = tokio::task::block_in_place(|| {
            write_records(self.format, container, &mut rows, &self.options, &mut bytes)
        })?;
        rows.check()?;
        if summary.records == 0 {
            let why = match summary.rows {
                0 => "the run has no rows".to_owned(),
                _ => summary.left_out_line(),
            };
            return Err(ExportError::Nothing { format: self.format.id(), why }.into());
        }
        Ok((bytes, summary))
    }

    /// A whole folder.
    async fn folder(&self, arguments: &Arguments, to: &Path) -> Result<Summary, Failure> {
        let container = arguments
            .container
            .or_else(|| self.format.containers().first().copied())
            .unwrap_or_default();
        let about = About {
            title: arguments.title.clone(),
            run: self.record.id.to_string(),
            constitution: self.text("/constitution/name"),
            rubric: self.text("/rubric/name"),
            recipe: self.text("/recipe/name"),
            prompts: self.text("/recipe/prompts"),
            judge: FrozenJudge::of(&self.frozen).map(|judge| judge.words()).unwrap_or_default(),
            license: arguments.license.clone(),
            languages: arguments.language.clone(),
        };
        let mut rows = Rows::of(self);
        let (parts, summary) = tokio::task::block_in_place(|| {
            dataset(self.format, container, &mut rows, &self.options, &about)
        })?;
        rows.check()?;
        let mut files: Vec<File> = parts
            .into_iter()
            .map(|part| File { path: part.path.to_owned(), bytes: part.bytes })
            .collect();
        files.extend(self.document::<Constitution>("constitution")?);
        files.extend(self.document::<Rubric>("rubric")?);
        let counts = self.journal.counts(&self.record.id).await?;
        let about = self.about(container, &summary, &counts);
        manifest::write(to, &files, about, arguments.force)?;
        Ok(summary)
    }

    fn text(&self, pointer: &str) -> String {
        let value = self.frozen.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    }

    /// A document as the run used it, where it used one.
    fn document<T: serde::de::DeserializeOwned + serde::Serialize>(
        &self,
        name: &str,
    ) -> Result<Option<File>, Failure> {
        let Some(value) = self.frozen.get(name).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let fail = |why: String| {
            let run = &self.record.id;
            Failure::bad(format!("the {name} of {run} can't be read: {why}"), "run it again")
        };
        let document: T =
            serde_json::from_value(value.clone()).map_err(|error| fail(error.to_string()))?;
        let text = document::to_ron(&document).map_err(|problem| fail(problem.what))?;
        Ok(Some(File { path: format!("{name}.ron"), bytes: text.into_bytes() }))
    }

    /// What the manifest tells; no time and no path, so that the same run gives the same bytes.
    fn about(
        &self,
        container: Container,
        summary: &Summary,
        counts: &Counts,
    ) -> serde_json::Map<String, Value> {
        let take = |pointer: &str| self.frozen.pointer(pointer).cloned().unwrap_or_default();
        let about = json!({
            "made_with": format!("preamble {}", env!("CARGO_PKG_VERSION")),
            "export": {
                "format": self.format.id(),
                "container": container,
                "options": self.options,
                "summary": summary,
            },
            "run": {
                "id": self.record.id,
                "state": self.record.state,
                "recipe": take("/recipe"),
                "models": take("/models"),
                "judge": FrozenJudge::of(&self.frozen),
                "seed": take("/seed"),
                "app": take("/app"),
                "hashes": take("/provenance"),
                "rows_total": self.record.rows_total,
                "rows": counts.rows,
                "rows_failed": counts.rows_failed,
                "failures": counts.failures,
                "unparsed": counts.unparsed,
                "calls": counts.calls,
                "calls_unknown": counts.calls_unknown,
                "replayed": counts.replayed,
                "usage": counts.usage,
                "cost_usd": counts.cost,
            },
        });
        match about {
            Value::Object(mut fields) => {
                if let Some(map) = &self.options.recalibration {
                    fields.insert("recalibration_hash".to_owned(), json!(map.hash()));
                }
                fields
            }
            _ => serde_json::Map::new(),
        }
    }
}

/// A run's rows in the order of its prompts, page by page.
struct Rows<'j> {
    job: &'j Job,
    runtime: tokio::runtime::Handle,
    page: std::vec::IntoIter<crate::store::journal::RowEntry>,
    after: Option<u64>,
    is_over: bool,
    failed: Option<Failure>,
    /// What people decided about the rows; `None` until it is read.
    hands: Option<BTreeMap<PromptId, Hand>>,
}

impl<'j> Rows<'j> {
    fn of(job: &'j Job) -> Self {
        let runtime = tokio::runtime::Handle::current();
        let page = Vec::new().into_iter();
        Self { job, runtime, page, after: None, is_over: false, failed: None, hands: None }
    }

    /// An iterator can't fail, so what went wrong is asked for at the end.
    fn check(self) -> Result<(), Failure> {
        self.failed.map_or(Ok(()), Err)
    }
}

impl Iterator for &mut Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        if self.hands.is_none() {
            match self.runtime.block_on(self.job.journal.hands(&self.job.record.id)) {
                Ok(hands) => self.hands = Some(hands),
                Err(error) => {
                    self.is_over = true;
                    self.failed = Some(error.into());
                    return None;
                }
            }
        }
        if self.page.len() == 0 && !self.is_over {
            let read = self.job.journal.rows(&self.job.record.id, self.after, PAGE);
            match self.runtime.block_on(read) {
                Ok(page) => {
                    self.is_over = page.len() < PAGE;
                    self.after = page.last().map(|entry| entry.position).or(self.after);
                    self.page = page.into_iter();
                }
                Err(error) => {
                    self.is_over = true;
                    self.failed = Some(error.into());
                }
            }
        }
        let mut row = self.page.next()?.row;
        if let Some(hand) = self.hands.as_ref().and_then(|hands| hands.get(&row.prompt.id)) {
            hand.lay_over(&mut row);
        }
        Some(row)
    }
}
