//! Export: the project's runs, what an export would write, and writing it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

mod maps;

use super::ExportPlan;
use super::desk::{Desk, failure_of};
use crate::app::message::{Event, Failure};
use crate::app::state::FileKind;
use crate::app::state::export::{ExportPreview, ExportSource, MapFit, RunLine};
use crate::domain::{Constitution, LabelForm, Method, PromptId, Recipe, Row, Rubric, RunId};
use crate::engine::FrozenJudge;
use crate::formats::document;
use crate::formats::export::{self, About, Container, FORMATS, Format, Options};
use crate::store::journal::{RunKind, RunRecord};
use crate::store::{Journal, Project, atomic};

/// Rows read from the journal at once.
const PAGE: usize = 500;
/// The newest runs that the sheet lists.
const RUNS: usize = 200;

/// Reads the project's runs, newest first.
pub async fn list_runs(desk: Arc<Desk>) {
    let result = runs(&desk).await;
    desk.link.send(Event::RunList(result));
}

async fn runs(desk: &Desk) -> Result<Vec<RunLine>, Failure> {
    let (project, journal) = desk.project()?;
    let unreadable = |error: crate::store::StoreError| failure_of("runs can't be read", &error);
    let records = newest_first(&journal).await?;
    let mut lines = Vec::new();
    // Per method: how many runs, and how many rows they have.
    let mut sums: BTreeMap<Method, (u64, u64)> = BTreeMap::new();
    for record in records {
        let counts = journal.counts(&record.id).await.map_err(unreadable)?;
        let rows = counts.rows.saturating_sub(counts.rows_failed);
        if rows == 0 {
            continue;
        }
        if let Some(method) = method_of(&project, &record) {
            let sum = sums.entry(method).or_default();
            *sum = (sum.0 + 1, sum.1 + rows);
        }
        if lines.len() < RUNS {
            let title = title(&journal, &record).await;
            let source = ExportSource::Run(record.id);
            lines.push(RunLine { source, title, started: started(record.started_ms), rows });
        }
    }
    for (method, (runs, rows)) in sums.into_iter().rev() {
        if runs > 1 {
            let title = format!("All {runs} runs of {method}, the newest row of each prompt");
            let source = ExportSource::All(method);
            lines.insert(0, RunLine { source, title, started: String::new(), rows });
        }
    }
    Ok(lines)
}

async fn newest_first(journal: &Journal) -> Result<Vec<RunRecord>, Failure> {
    let mut records =
        journal.runs().await.map_err(|error| failure_of("runs can't be read", &error))?;
    records.sort_by_key(|record| std::cmp::Reverse((record.started_ms, record.id.clone())));
    Ok(records)
}

fn method_of(project: &Project, record: &RunRecord) -> Option<Method> {
    project.recipe(&record.recipe).map(|recipe| recipe.method)
}

/// Hands the rows of a source over, page by page. Of several runs, a prompt's row is the newest
/// that `takes` says yes to; the runs that gave rows are returned, the newest first. What people
/// decided about rows lies over them; a row dropped by hand is not made good by an older one.
async fn each_row(
    project: &Project,
    journal: &Journal,
    source: &ExportSource,
    mut takes: impl FnMut(Row) -> bool + Send,
) -> Result<Vec<RunId>, Failure> {
    let runs = match source {
        ExportSource::Run(run) => vec![run.clone()],
        ExportSource::All(method) => newest_first(journal)
            .await?
            .into_iter()
            .filter(|record| method_of(project, record) == Some(*method))
            .map(|record| record.id)
            .collect(),
    };
    let is_one = runs.len() == 1;
    let mut seen: BTreeSet<(PromptId, String)> = BTreeSet::new();
    let mut giving = Vec::new();
    for run in runs {
        let mut after = None;
        let mut gave = false;
        let hands = journal
            .hands(&run)
            .await
            .map_err(|error| failure_of("what was dropped by hand can't be read", &error))?;
        loop {
            let page = journal
                .rows(&run, after, PAGE)
                .await
                .map_err(|error| failure_of("rows can't be read", &error))?;
            let Some(last) = page.last() else { break };
            after = Some(last.position);
            for mut entry in page {
                if let Some(hand) = hands.get(&entry.row.prompt.id) {
                    hand.lay_over(&mut entry.row);
                }
                let is_dropped = entry.row.by_hand.is_dropped;
                let key = (entry.row.prompt.id.clone(), entry.row.prompt.text().to_owned());
                // What was tried under other principles than the documents have is no data.
                let is_experiment = entry.row.provenance.variant.is_experiment();
                if !is_one && (is_experiment || seen.contains(&key)) {
                    continue;
                }
                let has_given = takes(entry.row);
                gave |= has_given;
                if has_given || is_dropped {
                    seen.insert(key);
                }
            }
        }
        if gave {
            giving.push(run);
        }
    }
    Ok(giving)
}

/// What a run did: a tried prompt by its text, others by recipe and size.
async fn title(journal: &Journal, record: &RunRecord) -> String {
    if record.kind == RunKind::Try
        && let Ok(page) = journal.rows(&record.id, None, 1).await
        && let Some(entry) = page.first()
    {
        let words: Vec<&str> = entry.row.prompt.text().split_whitespace().take(8).collect();
        // The prompt first: it is what people know the run by, and a long title loses its end.
        return format!("Tried: {} · {}", words.join(" "), record.recipe);
    }
    if record.kind == RunKind::Judge && !record.title.is_empty() {
        return format!("{} · {} questions", record.title, record.rows_total);
    }
    format!("{} · {} prompts", record.recipe, record.rows_total)
}

/// The user's date and time of day, as `2026-11-22 13:45`.
fn started(ms: i64) -> String {
    let utc = chrono::DateTime::from_timestamp_millis(ms).unwrap_or_default();
    utc.with_timezone(&chrono::Local).format("%Y-%m-%d %H:%M").to_string()
}

/// Finds out what an export would write.
pub async fn preview(desk: Arc<Desk>, plan: ExportPlan) {
    let number = plan.number;
    let result = match desk.project() {
        Ok((project, journal)) => preview_of(&project, &journal, &plan).await,
        Err(failure) => Err(failure),
    };
    desk.link.send(Event::ExportPreview { number, result });
}

async fn preview_of(
    project: &Project,
    journal: &Journal,
    plan: &ExportPlan,
) -> Result<ExportPreview, Failure> {
    let format = format_of(plan)?;
    let mut options = options(plan);
    let mut seen = look(project, journal, (plan, format), &options).await?;
    let is_applied = plan.recalibrate.as_ref().is_some_and(|judge| {
        seen.maps.iter().any(|map| map.judge == *judge && map.why_not.is_none())
    });
    if options.recalibration.is_some() && !is_applied {
        // What a map would do that does not fit is nothing to show.
        options.recalibration = None;
        seen = look(project, journal, (plan, format), &options).await?;
    }
    let Seen { records, edited, left_out, first, maps } = seen;
    let first = match first {
        Some(row) => export::first_line(format, [row], &options).map_err(refused)?,
        None => None,
    };
    Ok(ExportPreview {
        records,
        edited,
        cut_off: left_out.get(export::CUT_OFF).copied().unwrap_or_default(),
        target: folder(project, plan, format),
        left_out: left_out.into_iter().map(|(why, n)| (why.to_owned(), n)).collect(),
        first,
        command_line: command_line(project, plan, format, is_applied),
        maps,
    })
}

/// What the rows of an export give.
struct Seen {
    records: u64,
    edited: u64,
    left_out: BTreeMap<&'static str, u64>,
    first: Option<Row>,
    maps: Vec<MapFit>,
}

async fn look(
    project: &Project,
    journal: &Journal,
    (plan, format): (&ExportPlan, &dyn Format),
    options: &Options,
) -> Result<Seen, Failure> {
    let (mut records, mut edited) = (0, 0);
    let mut left_out: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut first = None;
    let mut fits = maps::Fits::of(plan, format);
    let is_one = matches!(plan.source, ExportSource::Run(_));
    each_row(project, journal, &plan.source, |row| {
        fits.look_at(format, &row);
        let taken = export::take(format, &row, options);
        records += taken.records.len() as u64;
        let gives = !taken.records.is_empty();
        // Of several runs, what an older row gives instead is not left out.
        if is_one || gives || row.by_hand.is_dropped {
            for why in taken.left_out {
                *left_out.entry(why).or_default() += 1;
            }
        }
        edited += taken.flagged.iter().filter(|why| **why == export::EDITED).count() as u64;
        if first.is_none() && gives {
            first = Some(row);
        }
        gives
    })
    .await?;
    Ok(Seen { records, edited, left_out, first, maps: fits.told() })
}

fn options(plan: &ExportPlan) -> Options {
    let chosen = plan.recalibrate.as_ref();
    let map = plan.maps.iter().find(|map| Some(&map.judge) == chosen);
    Options {
        labels: plan.labels,
        keep_cut_off: plan.keep_cut_off,
        recalibration: map.map(|map| map.map.clone()),
        ..Options::default()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "map_err hands it over")]
fn refused(error: export::ExportError) -> Failure {
    Failure::new(error.to_string(), "")
}

fn format_of(plan: &ExportPlan) -> Result<&'static dyn Format, Failure> {
    if plan.format.is_empty() {
        return FORMATS
            .first()
            .copied()
            .ok_or_else(|| Failure::new("this version has no export format", ""));
    }
    export::format(&plan.format).ok_or_else(|| {
        Failure::new(format!("there is no format {}", plan.format), "choose another")
    })
}

fn container(kind: FileKind) -> Container {
    match kind {
        FileKind::Jsonl => Container::Jsonl,
        FileKind::Parquet => Container::Parquet,
    }
}

/// Where the files go: a folder of its own within the one chosen, unless that one is empty or
/// not there yet. Nothing of anybody's is written over but an export of the same rows.
fn folder(project: &Project, plan: &ExportPlan, format: &dyn Format) -> PathBuf {
    let rows = match &plan.source {
        ExportSource::Run(run) => run.to_string(),
        ExportSource::All(method) => format!("all-{method}"),
    };
    let own = format!("{rows}-{}", format.id());
    let given = plan.folder.trim();
    if given.is_empty() {
        return project.root.join("exports").join(own);
    }
    let given = PathBuf::from(given);
    let is_used = std::fs::read_dir(&given).is_ok_and(|mut entries| entries.next().is_some());
    let is_exports = given == project.root.join("exports");
    if is_used || is_exports { given.join(own) } else { given }
}

fn command_line(
    project: &Project,
    plan: &ExportPlan,
    format: &dyn Format,
    is_recalibrated: bool,
) -> String {
    // The command line exports one run at a time.
    let ExportSource::Run(run) = &plan.source else { return String::new() };
    let out = folder(project, plan, format);
    let kind = if plan.kind == FileKind::Parquet { " --container parquet" } else { "" };
    let labels = match (format.id(), plan.labels) {
        ("trl-preference", LabelForm::Clamped) => " --labels clamped",
        ("trl-preference", LabelForm::Hard) => " --labels hard",
        ("trl-preference", LabelForm::Soft) => " --labels soft",
        _ => "",
    };
    let map = match plan.recalibrate.as_ref().filter(|_| is_recalibrated) {
        Some(judge) => format!(" --recalibrate {}", quoted(Path::new(judge))),
        None => String::new(),
    };
    let cut_off = if plan.keep_cut_off { " --keep-cut-off" } else { "" };
    format!(
        "preamble export {} --run {run} --format {}{kind}{labels}{cut_off}{map} --out {}",
        quoted(&project.root),
        format.id(),
        quoted(&out)
    )
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-~".contains(c));
    if is_plain { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// Writes an export.
pub async fn write(desk: Arc<Desk>, plan: ExportPlan) {
    let result = match desk.project() {
        Ok((project, journal)) => write_from(project, &journal, plan).await,
        Err(failure) => Err(failure),
    };
    desk.link.send(Event::Exported(result));
}

async fn write_from(
    project: Project,
    journal: &Journal,
    plan: ExportPlan,
) -> Result<(Vec<PathBuf>, u64), Failure> {
    let format = format_of(&plan)?;
    let options = options(&plan);
    let mut rows: Vec<Row> = Vec::new();
    let is_one = matches!(plan.source, ExportSource::Run(_));
    let runs = each_row(&project, journal, &plan.source, |row| {
        let gives = !export::take(format, &row, &options).records.is_empty();
        // Of one run, rows that give nothing are kept for the card's sums.
        if is_one || gives || row.by_hand.is_dropped {
            rows.push(row);
        }
        gives
    })
    .await?;
    let mut frozen_documents = Frozen::default();
    if let [run] = runs.as_slice() {
        frozen_documents = frozen(journal, run).await?;
    } else if let Some(newest) = runs.first() {
        // Several runs may have had several documents: the card names their hashes, and what is
        // written beside is the newest's.
        frozen_documents = frozen(journal, newest).await?;
    }
    let names: Vec<String> = runs.iter().map(ToString::to_string).collect();
    frozen_documents.runs = names.join(", ");
    let frozen = frozen_documents;
    tokio::task::spawn_blocking(move || write_files(&project, &plan, format, &rows, &frozen))
        .await
        .map_err(|error| Failure::new(format!("writing ended badly: {error}"), ""))?
}

/// The documents that a run was made with.
#[derive(Default)]
struct Frozen {
    constitution: Option<Constitution>,
    rubric: Option<Rubric>,
    recipe: Option<Recipe>,
    judge: Option<FrozenJudge>,
    /// Names of the runs.
    runs: String,
}

async fn frozen(journal: &Journal, run: &RunId) -> Result<Frozen, Failure> {
    let value = journal
        .frozen(run)
        .await
        .map_err(|error| failure_of("the run's documents can't be read", &error))?;
    let Some(value) = value else { return Ok(Frozen::default()) };
    let part = |name: &str| value.get(name).cloned().unwrap_or_default();
    Ok(Frozen {
        constitution: serde_json::from_value(part("constitution")).unwrap_or_default(),
        rubric: serde_json::from_value(part("rubric")).unwrap_or_default(),
        recipe: serde_json::from_value(part("recipe")).unwrap_or_default(),
        judge: FrozenJudge::of(&value),
        runs: run.to_string(),
    })
}

fn write_files(
    project: &Project,
    plan: &ExportPlan,
    format: &'static dyn Format,
    rows: &[Row],
    frozen: &Frozen,
) -> Result<(Vec<PathBuf>, u64), Failure> {
    let about = About {
        title: format!("{}, {}", project.file.name, frozen.runs),
        run: frozen.runs.clone(),
        constitution: frozen.constitution.as_ref().map_or_else(String::new, |c| c.name.clone()),
        rubric: frozen.rubric.as_ref().map_or_else(String::new, |r| r.name.clone()),
        recipe: frozen.recipe.as_ref().map_or_else(String::new, |r| r.name.clone()),
        judge: frozen.judge.as_ref().map(FrozenJudge::words).unwrap_or_default(),
        ..About::default()
    };
    let options = options(plan);
    let (files, summary) =
        export::dataset(format, container(plan.kind), rows, &options, &about).map_err(refused)?;
    let folder = folder(project, plan, format);
    let mut written = Vec::new();
    let mut put = |name: &str, bytes: &[u8]| -> Result<(), Failure> {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| {
                let text = format!("the folder can't be made: {error}: {}", parent.display());
                Failure::new(text, "choose another folder")
            })?;
        }
        atomic::write(&path, bytes).map_err(|error| failure_of("not written", &error))?;
        written.push(path);
        Ok(())
    };
    // The data first, which is what people look for.
    for file in files.iter().rev() {
        put(file.path, &file.bytes)?;
    }
    if plan.with_configuration {
        let unwritable = |problem: crate::domain::Problem| Failure::new(problem.what, problem.hint);
        if let Some(constitution) = &frozen.constitution {
            let text = document::to_ron(constitution).map_err(unwritable)?;
            put("constitution.ron", text.as_bytes())?;
        }
        if let Some(rubric) = &frozen.rubric {
            let text = document::to_ron(rubric).map_err(unwritable)?;
            put("rubric.ron", text.as_bytes())?;
        }
        if let Some(recipe) = &frozen.recipe {
            let text = document::to_ron(recipe).map_err(unwritable)?;
            put("recipe.ron", text.as_bytes())?;
        }
        if let Some(judge) = &frozen.judge {
            let text = document::to_ron(&judge.setup).map_err(unwritable)?;
            put("judge.ron", text.as_bytes())?;
        }
    }
    Ok((written, summary.records))
}

#[cfg(test)]
mod tests;
