//! Makes a label set from a run, or adds to one.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cli::failure::Failure;
use crate::cli::{out, place};
use crate::domain::{Aspect, Constitution, LabelSet, LabelTask, Row, Rubric};
use crate::engine::compare::{about, all_rows};
use crate::formats::document;
use crate::methods::labelling::make::{self, By, Made, Which};
use crate::store::labels::{self, Added};
use crate::store::{Journal, Project};

/// How a set is made of a run.
#[derive(Debug, clap::Args)]
pub(super) struct Wishes {
    /// Make the set from this run (R-0007, 7 or latest), or add to it where it is there
    #[arg(long, value_name = "RUN")]
    pub(super) from_run: Option<String>,
    /// What is asked: pairs of answers, or one answer by pass or fail or by score
    #[arg(long, value_enum)]
    task: Option<Task>,
    /// Ask by so many principles drawn for each pair, as a judge's are; all in all unless given
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=100))]
    principles: Option<u32>,
    /// Where principles are drawn from, instead of the project's constitution
    #[arg(long, value_name = "NAME")]
    constitution: Option<String>,
    /// Ask by each criterion of this rubric
    #[arg(long, value_name = "NAME", conflicts_with_all = ["principles", "constitution"])]
    rubric: Option<String>,
    /// Every answer of a row, drafts included, not only the last
    #[arg(long)]
    all: bool,
    /// At most so many items: whole prompts drawn at random
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Seeds what is drawn: limit and principles; of a new set also sides, repeats, gold and dev
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Task {
    /// Which of two answers is better
    Pairs,
    /// Whether an answer does what is asked about
    PassFail,
    /// Which level an answer reaches
    Scores,
}

impl Wishes {
    /// Whether anything was wished for.
    pub(super) fn is_any(&self) -> bool {
        let numbers = [self.principles, self.limit].iter().any(Option::is_some);
        let names = [&self.constitution, &self.rubric].into_iter().any(Option::is_some);
        numbers || names || self.task.is_some() || self.seed.is_some() || self.all
    }
}

/// What was made.
pub(super) struct Done {
    stem: String,
    set: LabelSet,
    is_new: bool,
    added: Added,
    left_out: BTreeMap<String, usize>,
}

impl Done {
    pub(super) fn json(&self) -> Value {
        json!({
            "stem": self.stem,
            "name": self.set.name,
            "task": self.set.task,
            "new": self.is_new,
            "items": self.added.added,
            "items_known": self.added.known,
            "left_out": self.left_out,
        })
    }

    pub(super) fn text(&self) -> String {
        let what = if self.is_new { "made" } else { "added to" };
        let known = match self.added.known {
            0 => String::new(),
            known => format!(", {known} were there"),
        };
        let (stem, items) = (&self.stem, self.added.added);
        format!("{what} {stem} ({}): {items} items{known}", super::words(self.set.task))
    }
}

/// Makes a set of a run's rows, or adds their items to the set of that name.
///
/// # Errors
///
/// There is no such run, constitution or rubric, nothing in it can be labelled so, or the set can't
/// be written.
pub(super) async fn from_run(
    project: &Project,
    name: &str,
    run: &str,
    wishes: &Wishes,
) -> Result<Done, Failure> {
    let journal = place::journal(project)?;
    let record = place::run_named(&journal, run).await?;
    let rows = rows(&journal, &record.id).await?;
    let known = super::find(&project.root, name)?;
    let old = known.as_ref().map(|stem| labels::read(&project.root, stem)).transpose()?;
    let task = match (&old, wishes.task) {
        (_, Some(Task::Pairs)) => LabelTask::Pairwise,
        (_, Some(Task::PassFail)) => LabelTask::PassFail,
        (_, Some(Task::Scores)) => LabelTask::Scores,
        (Some(book), None) => book.set.task,
        (None, None) if wishes.rubric.is_some() => LabelTask::Scores,
        (None, None) => LabelTask::Pairwise,
    };
    if let Some(book) = &old
        && book.set.task != task
    {
        return Err(Failure::usage(
            format!("the set {} asks for {}", book.stem, super::words(book.set.task)),
            "leave --task out, or give the new set another name",
        ));
    }
    let seed = wishes.seed.or_else(|| old.as_ref().map(|book| book.set.seed)).unwrap_or_default();
    let aspects = aspects(project, task, wishes)?;
    let by = aspects.by(seed);
    let mut made = if task == LabelTask::Pairwise {
        let about = about(&journal, &record.id).await?;
        let names = about.as_ref().map(|about| (about.a.writer.as_str(), about.b.writer.as_str()));
        make::pairs(&rows, by, names)
    } else {
        let which = if wishes.all { Which::All } else { Which::Last };
        make::responses(&rows, which, by)
    };
    let left_out = tell_left_out(&made);
    if let Some(most) = wishes.limit {
        made.limit(most as usize, seed);
    }
    if made.items.is_empty() {
        let what = format!("{} has nothing that could be labelled so", record.id);
        return Err(Failure::bad(what, "choose another run, or another --task"));
    }
    if let (Some(stem), Some(book)) = (known, old) {
        let added = labels::add_items(&project.root, &stem, &made.items)?;
        return Ok(Done { stem, set: book.set, is_new: false, added, left_out });
    }
    let set = LabelSet { seed, ..LabelSet::named(name, task) };
    let stem = labels::free_stem(&project.root, name);
    labels::create(&project.root, &stem, &set, &made.items)?;
    let added = Added { added: made.items.len() as u64, known: 0 };
    Ok(Done { stem, set, is_new: true, added, left_out })
}

/// A run's rows with what people decided about them.
async fn rows(journal: &Journal, run: &crate::domain::RunId) -> Result<Vec<Row>, Failure> {
    let hands = journal.hands(run).await?;
    let mut rows: Vec<Row> =
        all_rows(journal, run).await?.into_iter().map(|entry| entry.row).collect();
    for row in &mut rows {
        if let Some(hand) = hands.get(&row.prompt.id) {
            hand.lay_over(row);
        }
    }
    Ok(rows)
}

fn tell_left_out(made: &Made) -> BTreeMap<String, usize> {
    let counts = made.counts();
    for (why, count) in &counts {
        out::say(&format!("left out: {count}: {why}"));
    }
    counts.into_iter().map(|(why, count)| (why.to_string(), count)).collect()
}

/// What items are judged by.
enum Aspects {
    AllInAll,
    Each(Vec<Aspect>),
    Sampled(std::sync::Arc<Constitution>, u32),
}

impl Aspects {
    fn by(&self, seed: u64) -> By<'_> {
        match self {
            Self::AllInAll => By::AllInAll,
            Self::Each(aspects) => By::Each(aspects),
            Self::Sampled(constitution, many) => By::Sampled { constitution, many: *many, seed },
        }
    }
}

fn aspects(project: &Project, task: LabelTask, wishes: &Wishes) -> Result<Aspects, Failure> {
    if let Some(name) = &wishes.rubric {
        let rubric = named(&project.rubrics, name, "rubric", |one: &Rubric| &one.name)?;
        return Ok(Aspects::Each(make::aspects_of_rubric(&rubric, task)));
    }
    if wishes.principles.is_none() && wishes.constitution.is_none() {
        return Ok(Aspects::AllInAll);
    }
    let name = wishes.constitution.as_deref().unwrap_or(&project.file.constitution);
    let found =
        named(&project.constitutions, name, "constitution", |one: &Constitution| &one.name)?;
    if found.eligible().is_empty() {
        let what = format!("the constitution {name} has no principle that can be drawn");
        return Err(Failure::bad(what, "enable one, and give it text and a weight above 0"));
    }
    Ok(Aspects::Sampled(found, wishes.principles.unwrap_or(1)))
}

/// A document by its file stem, else by its name.
fn named<T>(
    all: &BTreeMap<String, std::sync::Arc<T>>,
    name: &str,
    what: &str,
    own_name: impl Fn(&T) -> &String,
) -> Result<std::sync::Arc<T>, Failure> {
    let by_name = || all.values().find(|one| own_name(one) == name);
    all.get(name).or_else(by_name).cloned().ok_or_else(|| {
        let stems: Vec<&str> = all.keys().map(String::as_str).collect();
        let hint = match document::nearest(name, &stems) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("there are {}", stems.join(", ")),
        };
        Failure::bad(format!("no {what} is called “{name}”"), hint)
    })
}
