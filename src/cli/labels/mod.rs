//! `preamble labels`

mod make;
mod one;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::failure::Failure;
use super::{out, place};
use crate::domain::{LabelTask, Severity, Split};
use crate::formats::document;
use crate::methods::labelling::split;
use crate::store::StoreError;
use crate::store::labels::{self, LabelBook};

/// List what people are asked to label, show one set, or make one from a run
///
/// One set: its items by gold and dev, each labeller's labels, whether they agree with themselves
/// where items came again, how far people agree with each other, labels made under an older guide
/// or principle, and how often gold was looked at. What is under 20 prompts is counted and no rate.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  preamble labels p\n  preamble labels p honesty --json\n  \
                        preamble labels p honesty --from-run latest --principles 2 --limit 60")]
pub struct Arguments {
    /// The project's folder
    dir: PathBuf,
    /// One set, by its folder's name or its own
    set: Option<String>,
    #[command(flatten)]
    make: make::Wishes,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Lists, shows or makes.
///
/// # Errors
///
/// There is no such project, set or run, or the set can't be read or written.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    if let Some(from) = &arguments.make.from_run {
        let Some(name) = &arguments.set else {
            return Err(Failure::usage("the set has no name", "say SET before --from-run"));
        };
        let project = place::own_project(&arguments.dir)?;
        let made = make::from_run(&project, name, from, &arguments.make).await?;
        return if arguments.json { out::json(&made.json()) } else { out::report(&made.text()) };
    }
    if arguments.make.is_any() {
        let what = "--principles, --rubric, --task, --all, --limit and --seed are for making a set";
        return Err(Failure::usage(what, "say which run with --from-run"));
    }
    let project = place::project(&arguments.dir)?;
    let root = &project.root;
    let Some(name) = &arguments.set else { return list(root, arguments.json) };
    let stem = find(root, name)?.ok_or_else(|| none_called(root, name))?;
    let book = labels::read(root, &stem)?;
    tell_problems(&book, &arguments.dir);
    let shown = one::Shown::of(&book);
    if arguments.json { out::json(&shown.json()) } else { out::report(&shown.text()) }
}

/// The stem of a set, by its folder's name, else by its own.
pub(super) fn find(root: &Path, name: &str) -> Result<Option<String>, StoreError> {
    let stems = labels::stems(root)?;
    if let Some(stem) = stems.iter().find(|stem| *stem == name) {
        return Ok(Some(stem.clone()));
    }
    // A set that can't be read is told of where it is asked for by its folder's name.
    let named = |stem: &String| labels::read(root, stem).is_ok_and(|book| book.set.name == name);
    Ok(stems.into_iter().find(named))
}

fn none_called(root: &Path, name: &str) -> Failure {
    let stems = labels::stems(root).unwrap_or_default();
    let names: Vec<&str> = stems.iter().map(String::as_str).collect();
    let hint = match document::nearest(name, &names) {
        Some(near) => format!("did you mean {near}?"),
        None if names.is_empty() => {
            "make one with --from-run RUN, or import one with `preamble import --as labels`"
                .to_owned()
        }
        None => format!("there are {}", names.join(", ")),
    };
    Failure::bad(format!("no label set is called “{name}”"), hint)
}

fn tell_problems(book: &LabelBook, dir: &Path) {
    let Some(first) = book.problems.iter().find(|one| one.problem.severity == Severity::Error)
    else {
        return;
    };
    out::say(&format!("{first}"));
    let more = book.problems.len() - 1;
    if more > 0 {
        out::say(&format!("{more} more problems; see `preamble check {}`", dir.display()));
    }
}

fn list(root: &Path, as_json: bool) -> Result<(), Failure> {
    let header =
        ["set", "name", "asks for", "items", "gold", "labelled", "labels", "people", "looks"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let mut values = Vec::new();
    for stem in labels::stems(root)? {
        let book = match labels::read(root, &stem) {
            Ok(book) => book,
            Err(error) => {
                out::say(&format!("labels/{stem}: {error}"));
                values.push(json!({ "stem": stem, "error": error.to_string() }));
                continue;
            }
        };
        let gold = of_split(&book, Split::Gold);
        let labelled = book.items.iter().filter(|item| has_label(&book, &item.id)).count();
        let people = book.labellers();
        rows.push(vec![
            stem.clone(),
            book.set.name.clone(),
            words(book.set.task).to_owned(),
            book.items.len().to_string(),
            gold.to_string(),
            labelled.to_string(),
            book.labels.len().to_string(),
            people.len().to_string(),
            book.looks.len().to_string(),
        ]);
        values.push(json!({
            "stem": stem,
            "name": book.set.name,
            "task": book.set.task,
            "items": book.items.len(),
            "gold": gold,
            "labelled": labelled,
            "labels": book.labels.len(),
            "people": people,
            "looks_at_gold": book.looks.len(),
        }));
    }
    if as_json {
        return out::json(&values);
    }
    if values.is_empty() {
        out::say("no label set yet; make one with --from-run RUN, or import one as labels");
        return Ok(());
    }
    out::report(&out::table(&rows))
}

fn has_label(book: &LabelBook, item: &str) -> bool {
    book.labels.iter().any(|label| label.item == item && !label.again)
}

fn of_split(book: &LabelBook, wanted: Split) -> usize {
    book.items.iter().filter(|item| split(&book.set, &item.prompt.id) == wanted).count()
}

/// What a task is called in a report.
fn words(task: LabelTask) -> &'static str {
    match task {
        LabelTask::Pairwise => "pairs",
        LabelTask::PassFail => "pass or fail",
        LabelTask::Scores => "scores",
    }
}

/// An estimate as JSON.
fn number(measured: &crate::stats::Measured) -> Value {
    match measured {
        Ok(estimate) => json!({
            "value": estimate.value,
            "ci": estimate.interval.map(|interval| [interval.low, interval.high]),
            "n": estimate.n,
        }),
        Err(why) => json!({ "value": null, "note": why.to_string() }),
    }
}
