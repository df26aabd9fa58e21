//! Checks files and folders without opening them as a project: no lock is taken, nothing changes.

use std::path::Path;

use super::document::{self, Seen};
use super::labels;
use super::project::{DocumentKind, FileProblem, PROJECT_FILE, Project, ProjectFile};
use super::recipe_problems;
use crate::domain::{Constitution, JudgeSetup, Problem, Recipe, Rubric, problem};
use crate::formats;

/// What is wrong with a project folder, a folder of documents, or a single document of any kind;
/// empty when nothing is. Paths that can't be read are problems like any other.
pub fn check(path: &Path) -> Vec<FileProblem> {
    if path.is_dir() {
        if path.join(PROJECT_FILE).is_file() {
            return match Project::look(path) {
                Ok(project) => [project.problems, labels::problems(path)].concat(),
                Err(error) => vec![of_error(path, &error)],
            };
        }
        return if labels::is_set(path) { labels::problems_in(path) } else { folder(path) };
    }
    // A file of a label set says something only beside the set's others.
    match path.parent() {
        Some(beside) if labels::is_set(beside) => labels::problems_in(beside),
        _ => file(path),
    }
}

fn folder(path: &Path) -> Vec<FileProblem> {
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => return vec![unreadable(path, &error.to_string())],
    };
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let known = |path: &Path| {
        path.is_file()
            && path
                .extension()
                .is_some_and(|ending| ["ron", "jsonl", "j2"].iter().any(|known| ending == *known))
    };
    let documents: Vec<_> = files.iter().filter(|path| known(path)).collect();
    if documents.is_empty() {
        return document::in_file(
            path,
            vec![Problem::error(
                "",
                "there is no document in this folder",
                "name a project's folder, or .ron and .jsonl files",
            )],
        );
    }
    documents.into_iter().flat_map(|path| file(path)).collect()
}

fn file(path: &Path) -> Vec<FileProblem> {
    let text = match document::read(path, &mut Seen::new()) {
        Ok(text) => text,
        Err(problem) => return vec![*problem],
    };
    let Some(kind) = kind_of(path, &text) else {
        return document::in_file(
            path,
            vec![Problem::error(
                "",
                "it is no kind of document that Preamble knows",
                "a constitution has `principles: […]`, a rubric `criteria: […]`, a recipe \
                 `method: …`, a judge `rule: …` or `form: …`, a project `roles: {…}`; prompt sets \
                 end in .jsonl, templates in .j2",
            )],
        );
    };
    let found = match kind {
        DocumentKind::Constitution => of::<Constitution>(path, &text, kind, Constitution::problems),
        DocumentKind::Rubric => of::<Rubric>(path, &text, kind, Rubric::problems),
        DocumentKind::Recipe => {
            of::<Recipe>(path, &text, kind, |recipe| in_its_project(path, recipe))
        }
        DocumentKind::Judge => of::<JudgeSetup>(path, &text, kind, JudgeSetup::problems),
        DocumentKind::Project => of::<ProjectFile>(path, &text, kind, ProjectFile::problems),
        DocumentKind::PromptSet => match formats::prompts::read(text.as_bytes(), "") {
            Ok(set) => problem::of_prompts(&set),
            Err(problem) => vec![problem],
        },
        DocumentKind::Template => {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
            document::template_problems(&stem.unwrap_or_default(), &text)
        }
    };
    document::in_file(path, found)
}

/// What is wrong with a recipe, where it lies in a project with the judge that it names.
fn in_its_project(path: &Path, recipe: &Recipe) -> Vec<Problem> {
    let root = path.parent().and_then(Path::parent);
    let project = root.filter(|_| !recipe.judge.is_empty()).map(Project::look);
    match project {
        Some(Ok(project)) => recipe_problems::problems(recipe, &project.judges),
        Some(Err(_)) | None => recipe.problems(),
    }
}

fn of<T: serde::de::DeserializeOwned>(
    path: &Path,
    text: &str,
    kind: DocumentKind,
    check: impl Fn(&T) -> Vec<Problem>,
) -> Vec<Problem> {
    match document::parse::<T>(path, text, kind) {
        Ok(value) => check(&value),
        Err(problem) => vec![problem.problem],
    }
}

/// The kind of a file: by its name and folder, else by the field that only that kind has.
fn kind_of(path: &Path, text: &str) -> Option<DocumentKind> {
    use strum::IntoEnumIterator as _;
    let ending = path.extension()?.to_str()?;
    match ending {
        "jsonl" => return Some(DocumentKind::PromptSet),
        "j2" => return Some(DocumentKind::Template),
        "ron" => {}
        _ => return None,
    }
    if path.file_name().is_some_and(|name| name == PROJECT_FILE) {
        return Some(DocumentKind::Project);
    }
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    if let Some(kind) =
        DocumentKind::iter().find(|kind| !kind.folder().is_empty() && Some(kind.folder()) == folder)
        && kind.ending() == "ron"
    {
        return Some(kind);
    }
    let has = |field: &str| formats::ron_text::outer_field(text, field).is_some();
    [
        ("principles", DocumentKind::Constitution),
        ("criteria", DocumentKind::Rubric),
        ("method", DocumentKind::Recipe),
        ("rule", DocumentKind::Judge),
        ("form", DocumentKind::Judge),
        ("roles", DocumentKind::Project),
        ("models", DocumentKind::Project),
    ]
    .into_iter()
    .find_map(|(field, kind)| has(field).then_some(kind))
}

fn unreadable(path: &Path, reason: &str) -> FileProblem {
    FileProblem {
        path: path.to_owned(),
        problem: Problem::error("", format!("it can't be read: {reason}"), "check the path"),
    }
}

fn of_error(path: &Path, error: &super::StoreError) -> FileProblem {
    match error {
        super::StoreError::Document(problem) => FileProblem::clone(problem),
        other => FileProblem {
            path: path.to_owned(),
            problem: Problem::error("", other.to_string(), other.hint()),
        },
    }
}
