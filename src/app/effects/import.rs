//! Reading files, folders and pasted texts for review: what they are, what is in them, what was
//! left out. Nothing is imported here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use strum::IntoEnumIterator as _;

use super::desk::Desk;
use super::home::HomeEvent;
use crate::app::message::{Event, Failure};
use crate::app::state::import::{
    Content, ImportItem, ImportKind, ImportReview, ImportTarget, Large, Reading, Refused,
};
use crate::app::state::{Area, Document};
use crate::domain::{Problem, PromptSet, Speaker};
use crate::formats::import::{self as formats, Imported, Part};
use crate::store::large_file;
use crate::store::project::PROJECT_FILE;

/// Files larger than this are not read: they are no documents that people write.
const MOST_BYTES: u64 = 512_000_000;
/// Files larger than this are read as what they most likely are, and as nothing else.
const TRIED_AS_ALL: usize = 8_000_000;
/// Files of a folder that are read.
const MOST_FILES: usize = 50;
/// Lines of a preview.
const PREVIEW: usize = 8;
/// A preview's line is cut to so many letters.
const LINE: usize = 160;
/// Endings of files that can be imported; a folder's others are left out.
const ENDINGS: &[&str] = &[
    "jsonl", "ndjson", "json", "csv", "tsv", "parquet", "txt", "md", "ron", "gz", "zst", "yaml",
    "yml",
];

/// Reads files and folders for review; a project folder is opened.
pub async fn read(desk: &Arc<Desk>, paths: Vec<PathBuf>, area: Area) {
    let there = Arc::clone(desk);
    let done = tokio::task::spawn_blocking(move || {
        if let Some(project) = paths.iter().find(|path| path.join(PROJECT_FILE).is_file()) {
            super::files::open(&there, project.clone(), false);
            return None;
        }
        Some(read_all(paths, area))
    })
    .await;
    tell(desk, done);
}

/// Reads a pasted text for review.
pub async fn read_text(desk: &Arc<Desk>, text: String, area: Area) {
    let done = tokio::task::spawn_blocking(move || {
        let mut review = ImportReview::default();
        match item(text.as_bytes(), "Pasted text", None, &pasted_order(&text, area)) {
            Ok(item) => review.items.push(item),
            Err(failure) => {
                review.refused.push(refused("Pasted text", None, failure));
            }
        }
        Some(review)
    })
    .await;
    tell(desk, done);
}

fn tell(desk: &Desk, done: Result<Option<ImportReview>, tokio::task::JoinError>) {
    match done {
        Ok(None) => {}
        Ok(Some(review)) => desk.link.send(Event::Home(HomeEvent::Read(Box::new(review)))),
        Err(error) => {
            let failure = Failure::new(format!("reading it ended badly: {error}"), "");
            desk.link.send(Event::Failed(failure));
        }
    }
}

fn read_all(paths: Vec<PathBuf>, area: Area) -> ImportReview {
    let mut review = ImportReview::default();
    for path in paths {
        if path.is_dir() {
            let (files, more) = files_of(&path);
            let name = path.display().to_string();
            if files.is_empty() {
                let why = "it holds no file that can be imported".to_owned();
                let hint = "prompts: JSONL, CSV, Parquet, text; constitutions and rubrics: RON, \
                            JSON, Markdown";
                review.refused.push(refused(&name, None, Failure::new(why, hint)));
            } else if more > 0 {
                let why = format!("{more} files more are left out");
                let hint = format!("{MOST_FILES} are read at a time");
                review.refused.push(refused(&name, None, Failure::new(why, hint)));
            }
            for file in files {
                read_into(&mut review, &file, area);
            }
        } else {
            read_into(&mut review, &path, area);
        }
    }
    review
}

/// The files of a folder that can be imported, by name, and how many are left out.
fn files_of(folder: &Path) -> (Vec<PathBuf>, usize) {
    let Ok(entries) = std::fs::read_dir(folder) else { return (Vec::new(), 0) };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            path.is_file() && ENDINGS.contains(&ending.to_ascii_lowercase().as_str())
        })
        .collect();
    files.sort();
    let more = files.len().saturating_sub(MOST_FILES);
    files.truncate(MOST_FILES);
    (files, more)
}

fn read_into(review: &mut ImportReview, path: &Path, area: Area) {
    let name = path
        .file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    // What is wrong with it otherwise is said by who reads it.
    if let Ok(Some(size)) = large_file::too_large(path) {
        let failure = Failure::new(size.refusal(), "take a part of its rows, or split it");
        let large = Some(Large::default());
        review.refused.push(Refused { large, ..refused(&name, Some(path), failure) });
        return;
    }
    match read_file(path, &name, area) {
        Ok(item) => review.items.push(item),
        Err(failure) => review.refused.push(refused(&name, Some(path), failure)),
    }
}

fn refused(name: &str, path: Option<&Path>, failure: Failure) -> Refused {
    Refused {
        source: name.to_owned(),
        path: path.map(Path::to_owned),
        why: failure.message,
        hint: failure.hint,
        large: None,
    }
}

/// Reads a part of a file of prompts that is too large, for review.
pub async fn read_part(desk: &Arc<Desk>, path: PathBuf, part: Part) {
    let done = tokio::task::spawn_blocking(move || Some(part_of(&path, part))).await;
    tell(desk, done);
}

fn part_of(path: &Path, part: Part) -> ImportReview {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut review = ImportReview::default();
    let failure = match large_file::prompt_part(path, None, part) {
        Ok(Some(read)) => {
            let readings = BTreeMap::from([(ImportKind::Prompts, of_prompts(read, &name, false))]);
            review.items.push(ImportItem {
                source: name,
                path: Some(path.to_owned()),
                kind: ImportKind::Prompts,
                readings,
                refusals: BTreeMap::new(),
                target: ImportTarget::New,
                take: true,
            });
            return review;
        }
        Ok(None) => Failure::new("the file has changed since it was looked at", "read it again"),
        Err(problem) => Failure::new(words_of(&problem), problem.hint),
    };
    review.refused.push(refused(&name, Some(path), failure));
    review
}

fn read_file(path: &Path, name: &str, area: Area) -> Result<ImportItem, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::new(format!("the file can't be read: {error}"), "check the path and its rights")
    };
    let facts = std::fs::metadata(path).map_err(unreadable)?;
    if facts.len() > MOST_BYTES {
        let text = format!("the file has {} MB", facts.len() / 1_000_000);
        return Err(Failure::new(text, "split it into files below 500 MB"));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    item(&bytes, name, Some(path), &order(name, area))
}

/// Reads bytes as everything that they can be, the likeliest first.
fn item(
    bytes: &[u8],
    name: &str,
    path: Option<&Path>,
    order: &[ImportKind],
) -> Result<ImportItem, Failure> {
    let mut readings = BTreeMap::new();
    let mut refusals = BTreeMap::new();
    let mut first_refusal = None;
    let mut chosen = None;
    for kind in order {
        if chosen.is_some() && bytes.len() > TRIED_AS_ALL {
            refusals.insert(*kind, "the file is too large to try".to_owned());
            continue;
        }
        match read_as(*kind, bytes, name, path.is_none()) {
            Ok(reading) => {
                readings.insert(*kind, reading);
                chosen.get_or_insert(*kind);
            }
            Err(problem) => {
                refusals.insert(*kind, words_of(&problem));
                first_refusal.get_or_insert(problem);
            }
        }
    }
    let Some(kind) = chosen else {
        let problem = first_refusal.unwrap_or_else(|| Problem::error("", "it is empty", ""));
        return Err(Failure::new(words_of(&problem), problem.hint));
    };
    Ok(ImportItem {
        source: name.to_owned(),
        path: path.map(Path::to_owned),
        kind,
        readings,
        refusals,
        target: ImportTarget::New,
        take: true,
    })
}

fn words_of(problem: &Problem) -> String {
    match problem.position {
        Some((line, column)) => format!("line {line}:{column}: {}", problem.what),
        None => problem.what.clone(),
    }
}

/// What the file may be, the likeliest first: what its ending says, then what the screen shows.
fn order(name: &str, area: Area) -> Vec<ImportKind> {
    use ImportKind::{Labels, Principles, Prompts, Rubric};
    let name = name.to_ascii_lowercase();
    let is = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if is(&[".jsonl", ".csv", ".tsv", ".parquet", ".jsonl.gz", ".jsonl.zst"]) {
        // Pairs that people chose from are prompts, too: what they are meant for says the screen.
        return match area {
            Area::Judges => vec![Labels, Prompts, Rubric, Principles],
            _ => vec![Prompts, Labels, Rubric, Principles],
        };
    }
    match area {
        Area::Judges => vec![Labels, Principles, Rubric, Prompts],
        Area::Rubric => vec![Rubric, Principles, Prompts],
        Area::Try if is(&[".txt"]) => vec![Prompts, Principles, Rubric],
        Area::Try
        | Area::Home
        | Area::Constitution
        | Area::Compare
        | Area::Runs
        | Area::Data
        | Area::Settings => vec![Principles, Rubric, Prompts, Labels],
    }
}

/// What a pasted text may be: questions are prompts, anything else goes by the screen.
fn pasted_order(text: &str, area: Area) -> Vec<ImportKind> {
    use ImportKind::{Principles, Prompts, Rubric};
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let asked = lines.iter().filter(|line| line.trim_end().ends_with(['?', '？', '؟'])).count();
    let is_json = text.trim_start().starts_with('{');
    match area {
        Area::Constitution => vec![Principles, Prompts, Rubric],
        Area::Rubric => vec![Rubric, Principles, Prompts],
        Area::Try => vec![Prompts, Principles, Rubric],
        _ if is_json || asked * 2 > lines.len() => vec![Prompts, Principles, Rubric],
        _ => vec![Principles, Rubric, Prompts],
    }
}

fn read_as(kind: ImportKind, bytes: &[u8], name: &str, pasted: bool) -> Result<Reading, Problem> {
    match kind {
        ImportKind::Principles => {
            let read = formats::constitution(bytes, name, None)?;
            let value = read.value;
            let lines = value.principles.iter();
            Ok(Reading {
                name: named(&value.name, name, pasted, "Pasted principles"),
                count: value.principles.len() as u64,
                notes: notes(read.notes, &read.dropped),
                preview: preview(lines.map(|one| format!("{}  {}", one.id, one.text))),
                content: Content::Document(Document::Constitution(Some(Arc::new(value)))),
            })
        }
        ImportKind::Rubric => {
            let read = formats::rubrics(bytes, name, None)?;
            let mut notes = notes(read.notes, &read.dropped);
            let count = read.value.len();
            let first = read.value.into_iter().next().ok_or_else(|| {
                Problem::error("", "it holds no rubric", "choose a file with at least one")
            })?;
            if count > 1 {
                notes.push(format!(
                    "the file holds {count} rubrics and only the first is taken here; the \
                     command line imports them all"
                ));
            }
            let value = first.rubric;
            let lines = value.criteria.iter();
            Ok(Reading {
                name: named(&value.name, name, pasted, "Pasted rubric"),
                count: value.criteria.len() as u64,
                notes,
                preview: preview(lines.map(|one| format!("{}  {}", one.id, one.name))),
                content: Content::Document(Document::Rubric(Some(Arc::new(value)))),
            })
        }
        ImportKind::Prompts => {
            Ok(of_prompts(formats::prompt_set(bytes, name, None)?, name, pasted))
        }
        ImportKind::Labels => {
            let read = formats::labels(bytes, name, None)?;
            let value = read.value;
            let lines = value.items.iter().map(|item| item.prompt.text().to_owned());
            let preview = preview(lines);
            let mut notes = notes(read.notes, &read.dropped);
            let items = value.items.len();
            notes.push(match items {
                0 => "labels without their items: add them to the set that has these".to_owned(),
                _ => format!("{items} items; {}", value.task),
            });
            if !value.models.is_empty() {
                let models = value.models.join(", ");
                notes.push(format!("{models}: labels by a model, kept apart from people’s"));
            }
            Ok(Reading {
                name: named(&value.name, name, pasted, "Pasted labels"),
                count: value.labels.len() as u64,
                notes,
                preview,
                content: Content::Labels(Arc::new(value)),
            })
        }
    }
}

fn of_prompts(read: Imported<PromptSet>, name: &str, pasted: bool) -> Reading {
    let set = read.value;
    let lines = set.prompts.iter().map(|prompt| {
        let turns = prompt.messages.iter().filter(|one| one.role == Speaker::User).count();
        let more = if turns > 1 { format!("  ({turns} turns)") } else { String::new() };
        format!("{}{more}", prompt.text())
    });
    Reading {
        name: named(&set.name, name, pasted, "pasted"),
        count: set.prompts.len() as u64,
        notes: notes(read.notes, &read.dropped),
        preview: preview(lines),
        content: Content::Document(Document::Prompts(Some(Arc::new(set)))),
    }
}

fn named(own: &str, file: &str, pasted: bool, usual: &str) -> String {
    let is_files = own.trim().is_empty() || own == file || own == formats::stem(file);
    if pasted && is_files { usual.to_owned() } else { own.to_owned() }
}

fn preview(lines: impl Iterator<Item = String>) -> Vec<String> {
    lines
        .take(PREVIEW)
        .map(|line| {
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            match line.char_indices().nth(LINE) {
                Some((at, _)) => format!("{}…", &line[..at]),
                None => line,
            }
        })
        .collect()
}

fn notes(mut notes: Vec<String>, dropped: &[(String, String)]) -> Vec<String> {
    if let Some((place, why)) = dropped.first() {
        let count = dropped.len();
        let more = if count > 1 { format!(", and {} more", count - 1) } else { String::new() };
        notes.push(format!("left out: {place} ({why}){more}"));
    }
    notes
}

/// Every kind, for tests and views.
pub fn kinds() -> impl Iterator<Item = ImportKind> {
    ImportKind::iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_list_is_what_it_looks_like() {
        let principles = "- Say what is true.\n- Be brief.\n";
        let order = pasted_order(principles, Area::Home);
        let read = item(principles.as_bytes(), "Pasted text", None, &order).unwrap();
        assert_eq!(read.kind, ImportKind::Principles);
        let reading = read.reading().unwrap();
        assert_eq!((reading.count, reading.name.as_str()), (2, "Pasted principles"));
        assert!(read.readings[&ImportKind::Prompts].count >= 2, "it can be taken for prompts");
        let prompts = "How are you?\nWhy?\n";
        let order = pasted_order(prompts, Area::Home);
        let read = item(prompts.as_bytes(), "Pasted text", None, &order).unwrap();
        assert_eq!(read.kind, ImportKind::Prompts);
        assert_eq!(read.reading().unwrap().preview, ["How are you?", "Why?"]);
    }

    #[test]
    fn a_folder_gives_its_files_and_says_what_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            crate::store::atomic::write(&folder.path().join(name), text.as_bytes()).unwrap();
        };
        put("a.jsonl", "{\"prompt\": \"One\"}\n{\"prompt\": \"Two\"}\n");
        put("b.jsonl", "");
        put("picture.png", "no");
        let review = read_all(vec![folder.path().to_owned()], Area::Home);
        assert_eq!(review.items.len(), 1);
        assert_eq!(review.items[0].kind, ImportKind::Prompts);
        assert_eq!(review.refused.len(), 1);
        assert_eq!(review.refused[0].source, "b.jsonl");
        let nothing = read_all(vec![folder.path().join("not-there")], Area::Home);
        assert_eq!(nothing.refused.len(), 1);
        let counted =
            |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        assert_eq!(review.summary(counted), "2 prompts");
    }
}
