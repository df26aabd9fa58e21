//! `preamble import`

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::failure::Failure;
use super::guess::{self, Document, Kind};
use super::{out, place};
use crate::domain::label::misfit;
use crate::domain::{Prompt, PromptSet};
use crate::formats::import::labels::NOBODY_NAMED;
use crate::formats::import::{
    self, CONSTITUTIONS, Imported, ImportedLabels, ImportedRubric, LABELS, PROMPTS, Part, RUBRICS,
};
use crate::store::labels::{self, Incoming};
use crate::store::{DocumentKind, Project, Saved};

/// Add constitutions, rubrics, prompts or labels from a file to a project
///
/// Known are RON, JSON, Markdown, plain lines, CSV, Parquet and the shapes of several public data
/// sets; `preamble import list` names all. What is not understood is refused with the reason.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:\n  preamble import p our-principles.md\n  \
                  preamble import p questions.csv --as prompts\n  \
                  preamble import p votes.csv --as labels --set honesty --labeller Ana\n  \
                  preamble import p huge.jsonl.zst --random 10000 --seed 7\n  preamble import list"
)]
pub struct Arguments {
    /// The project's folder
    #[arg(required = true)]
    dir: Option<PathBuf>,
    /// The file
    #[arg(required = true)]
    file: Option<PathBuf>,
    /// What the file is, where that is in doubt
    #[arg(long = "as", value_name = "KIND", value_enum)]
    kind: Option<Kind>,
    /// The form it is in, where that is in doubt
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// The label set that labels go into: one that is there, or a new one of that name
    #[arg(long, value_name = "NAME")]
    set: Option<String>,
    /// Who labelled, where the file does not say
    #[arg(long, value_name = "NAME")]
    labeller: Option<String>,
    /// Only the first N rubrics, prompts or items
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Only N prompts, drawn at random
    #[arg(
        long,
        value_name = "N",
        conflicts_with = "limit",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    random: Option<u32>,
    /// What --random draws by: the same seed draws the same prompts of the same file
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Print what was added as JSON
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Name all forms that can be imported
    #[command(after_help = "Example:\n  preamble import list --json")]
    List {
        /// Print as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Rubrics that one file may add without being asked to: each is a file.
const MOST_RUBRICS: usize = 50;

/// Imports, or lists forms.
///
/// # Errors
///
/// The file is refused, or the project can't be written.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if let Some(What::List { json }) = arguments.what {
        return list(json);
    }
    let (Some(dir), Some(file)) = (&arguments.dir, &arguments.file) else {
        return Err(Failure::usage("a project and a file are needed", "see --help"));
    };
    let project = place::own_project(dir)?;
    if arguments.kind != Some(Kind::Labels)
        && (arguments.set.is_some() || arguments.labeller.is_some())
    {
        return Err(Failure::usage("--set and --labeller are for labels", "add --as labels"));
    }
    let limit = arguments.limit.map(|rows| rows as usize);
    let part = match (limit, arguments.random) {
        (_, Some(rows)) => Some(Part::Random { rows: rows as usize, seed: arguments.seed }),
        (limit, None) => limit.map(Part::First),
    };
    let format = arguments.format.as_deref();
    let (document, part) = match guess::large(file, arguments.kind, format, part)? {
        Some(prompts) => (Document::Prompts(prompts), None),
        None => (guess::read(file, arguments.kind, format)?, part),
    };
    let added = match document {
        Document::Constitution(imported) => {
            guess::tell(file, &imported);
            let stem = project.free_stem(DocumentKind::Constitution, &imported.value.name);
            let saved = project.save_constitution(&stem, &imported.value)?;
            let what = format!("constitution of {} principles", imported.value.principles.len());
            tell_problems(&saved, &imported.value.problems());
            vec![added("constitution", &what, &stem, &saved, imported.format)]
        }
        Document::Rubrics(imported) => {
            guess::tell(file, &imported);
            rubrics(&project, file, imported, limit)?
        }
        Document::Prompts(mut imported) => {
            if let Some(part) = part {
                imported.notes.insert(0, import::keep(&mut imported.value.prompts, part));
            }
            guess::tell(file, &imported);
            vec![prompts(&project, &imported.value, imported.format)?]
        }
        Document::Labels(mut imported) => {
            if let Some(part) = part {
                let Part::First(most) = part else {
                    return Err(Failure::usage(
                        "labels are not drawn at random",
                        "leave --random out, or take the first with --limit",
                    ));
                };
                first_items(&mut imported.value, most);
            }
            guess::tell(file, &imported);
            vec![take_labels(&project, imported, arguments)?]
        }
    };
    if arguments.json {
        return out::json(&added);
    }
    for one in &added {
        let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
        out::report(&format!("added {} ({}): {}", text("stem"), text("what"), text("path")))?;
    }
    Ok(())
}

fn rubrics(
    project: &Project,
    file: &Path,
    imported: Imported<Vec<ImportedRubric>>,
    limit: Option<usize>,
) -> Result<Vec<Value>, Failure> {
    let found = imported.value.len();
    if limit.is_none() && found > MOST_RUBRICS {
        return Err(Failure::bad(
            format!("{} holds {found} rubrics, and each becomes a file", file.display()),
            "say how many with --limit",
        ));
    }
    let mut all = Vec::new();
    let mut set = PromptSet::default();
    for one in imported.value.into_iter().take(limit.unwrap_or(usize::MAX)) {
        let stem = project.free_stem(DocumentKind::Rubric, &one.rubric.name);
        let saved = project.save_rubric(&stem, &one.rubric)?;
        tell_problems(&saved, &one.rubric.problems());
        let what = format!("rubric of {} criteria", one.rubric.criteria.len());
        all.push(added("rubric", &what, &stem, &saved, imported.format));
        if let Some(prompt) = one.prompt {
            set.prompts.push(with_rubric(prompt, &stem));
        }
    }
    if !set.prompts.is_empty() {
        set.name = file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        all.push(prompts(project, &set, imported.format)?);
    }
    Ok(all)
}

/// A prompt that names the rubric written for it.
fn with_rubric(mut prompt: Prompt, stem: &str) -> Prompt {
    prompt.extra.insert("rubric".to_owned(), stem.into());
    prompt
}

fn prompts(project: &Project, set: &PromptSet, format: &str) -> Result<Value, Failure> {
    let stem = project.free_stem(DocumentKind::PromptSet, &set.name);
    let saved = project.save_prompt_set(&stem, set)?;
    tell_problems(&saved, &crate::domain::problem::of_prompts(set));
    Ok(added("prompts", &format!("{} prompts", set.prompts.len()), &stem, &saved, format))
}

/// Keeps the first items, and what was said of them.
fn first_items(imported: &mut ImportedLabels, most: usize) {
    let left_out: std::collections::BTreeSet<String> =
        imported.items.drain(most.min(imported.items.len())..).map(|item| item.id).collect();
    imported.labels.retain(|label| !left_out.contains(&label.item));
}

/// Puts labels into the set that was named, or into a new one.
fn take_labels(
    project: &Project,
    mut imported: Imported<ImportedLabels>,
    arguments: &Arguments,
) -> Result<Value, Failure> {
    if let Some(name) = &arguments.labeller {
        name_labeller(&mut imported.value, name)?;
    }
    let found = &imported.value;
    let root = &project.root;
    let named = match &arguments.set {
        Some(name) => super::labels::find(root, name)?,
        None => None,
    };
    let is_new = named.is_none();
    let stem = match named {
        Some(stem) => stem,
        None if found.items.is_empty() => {
            let hint = "name the set that they belong to with --set; `preamble labels` lists them";
            return Err(Failure::bad("the file holds labels without their items", hint));
        }
        None => {
            let mut set = found.set();
            if let Some(name) = &arguments.set {
                name.clone_into(&mut set.name);
            }
            if let Some(label) = misfit(set.task, &found.items, &found.labels) {
                let what = format!("the label of {} is no answer to its item", label.item);
                return Err(Failure::bad(what, "mend the label, or take it out"));
            }
            let stem = labels::free_stem(root, &set.name);
            labels::create(root, &stem, &set, &found.items)?;
            stem
        }
    };
    let incoming = Incoming {
        task: found.task,
        items: &found.items,
        labels: &found.labels,
        models: &found.models,
    };
    let taken = labels::take_in(root, &stem, &incoming)?;
    if taken.strays > 0 {
        out::say(&format!(
            "{} labels are of items that the set has not: they are kept and count once the items \
             are there",
            taken.strays
        ));
    }
    // Those of a new set were made with it.
    let items = if is_new { taken.items_known } else { taken.items };
    let items_known = taken.items_known - if is_new { items } else { 0 };
    let known = match items_known + taken.labels_known {
        0 => String::new(),
        _ => format!(", {items_known} and {} known", taken.labels_known),
    };
    let what = format!("{items} items and {} labels{known}", taken.labels);
    Ok(json!({
        "kind": "labels",
        "what": what,
        "stem": stem,
        "path": labels::folder_of(root, &stem),
        "format": imported.format,
        "new": is_new,
        "task": found.task,
        "items": items,
        "items_known": items_known,
        "labels": taken.labels,
        "labels_known": taken.labels_known,
        "models": found.models,
    }))
}

/// Gives the labeller whom the file does not name a name.
fn name_labeller(imported: &mut ImportedLabels, name: &str) -> Result<(), Failure> {
    if name.trim().is_empty() {
        return Err(Failure::usage("--labeller is empty", "say who labelled"));
    }
    let mut nameless = imported.labels.iter_mut().filter(|one| one.labeller == NOBODY_NAMED);
    let mut count = 0;
    for label in &mut nameless {
        name.clone_into(&mut label.labeller);
        count += 1;
    }
    if count == 0 {
        return Err(Failure::usage(
            "the file says itself who labelled, so --labeller has nobody to name",
            "leave it out",
        ));
    }
    Ok(())
}

fn added(kind: &str, what: &str, stem: &str, saved: &Saved, format: &str) -> Value {
    json!({ "kind": kind, "what": what, "stem": stem, "path": saved.path, "format": format })
}

/// What should be looked at before it is used.
fn tell_problems(saved: &Saved, problems: &[crate::domain::Problem]) {
    let Some(first) = problems.first() else { return };
    let count = problems.len();
    let problems = if count == 1 { "1 problem".to_owned() } else { format!("{count} problems") };
    out::say(&format!(
        "{problems} in it, such as {}: {}; see `preamble check {}`",
        first.place,
        first.what,
        saved.path.display()
    ));
}

fn list(as_json: bool) -> Result<(), Failure> {
    let mut all: Vec<[&str; 4]> = Vec::new();
    all.extend(CONSTITUTIONS.iter().map(|f| ["constitution", f.id(), f.title(), f.doc()]));
    all.extend(RUBRICS.iter().map(|f| ["rubric", f.id(), f.title(), f.doc()]));
    all.extend(PROMPTS.iter().map(|f| ["prompts", f.id(), f.title(), f.doc()]));
    all.extend(LABELS.iter().map(|f| ["labels", f.id(), f.title(), f.doc()]));
    if as_json {
        let values: Vec<Value> = all
            .iter()
            .map(|[kind, id, title, doc]| {
                json!({ "as": kind, "format": id, "title": title, "doc": doc })
            })
            .collect();
        return out::json(&values);
    }
    let rows: Vec<Vec<String>> =
        all.iter().map(|row| row.iter().take(3).map(|&cell| cell.to_owned()).collect()).collect();
    out::report(&out::table(&rows))
}
