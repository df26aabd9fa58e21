//! Reading a file for import: what it is, what is in it, what was left out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::desk::Desk;
use crate::app::message::{Event, Failure, Imported};
use crate::app::state::{Area, Document};
use crate::domain::Problem;
use crate::formats::import as formats;
use crate::store::project::PROJECT_FILE;

/// Files larger than this are not read: they are no documents that people write.
const MOST_BYTES: u64 = 512_000_000;

/// Reads a file, or opens a project folder.
pub async fn import(desk: Arc<Desk>, path: PathBuf, area: Area) {
    let there = Arc::clone(&desk);
    let asked = path.clone();
    let done = tokio::task::spawn_blocking(move || {
        if asked.join(PROJECT_FILE).is_file() {
            super::files::open(&there, asked, false);
            return None;
        }
        Some(read(&asked, area))
    })
    .await;
    match done {
        Ok(None) => {}
        Ok(Some(result)) => desk.link.send(Event::Imported { path, result }),
        Err(error) => {
            let result = Err(Failure::new(format!("reading it ended badly: {error}"), ""));
            desk.link.send(Event::Imported { path, result });
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Constitution,
    Rubric,
    Prompts,
}

fn read(path: &Path, area: Area) -> Result<Imported, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::new(format!("the file can't be read: {error}"), "check the path and its rights")
    };
    let facts = std::fs::metadata(path).map_err(unreadable)?;
    if facts.is_dir() {
        let text = "this folder is no project: it has no preamble.ron";
        return Err(Failure::new(text, "choose a file, or a folder that Preamble made"));
    }
    if facts.len() > MOST_BYTES {
        let text = format!("the file has {} MB", facts.len() / 1_000_000);
        return Err(Failure::new(text, "split it into files below 500 MB"));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("imported");
    let mut first_refusal = None;
    for kind in order(name, area) {
        match read_as(kind, &bytes, name) {
            Ok(imported) => return Ok(imported),
            Err(problem) => {
                first_refusal.get_or_insert(problem);
            }
        }
    }
    let problem = first_refusal.unwrap_or_else(|| Problem::error("", "it is empty", ""));
    let place = match problem.position {
        Some((line, column)) => format!("line {line}:{column}: "),
        None => String::new(),
    };
    Err(Failure::new(format!("not imported: {place}{}", problem.what), problem.hint))
}

/// What the file may be, the likeliest first: what its ending says, then what the screen shows.
fn order(name: &str, area: Area) -> Vec<Kind> {
    let name = name.to_ascii_lowercase();
    let is = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if is(&[".jsonl", ".csv", ".tsv", ".parquet", ".jsonl.gz", ".jsonl.zst"]) {
        return vec![Kind::Prompts, Kind::Rubric, Kind::Constitution];
    }
    match area {
        Area::Rubric => vec![Kind::Rubric, Kind::Constitution, Kind::Prompts],
        Area::Try if is(&[".txt"]) => vec![Kind::Prompts, Kind::Constitution, Kind::Rubric],
        _ => {
            vec![Kind::Constitution, Kind::Rubric, Kind::Prompts]
        }
    }
}

fn read_as(kind: Kind, bytes: &[u8], name: &str) -> Result<Imported, Problem> {
    match kind {
        Kind::Constitution => {
            let read = formats::constitution(bytes, name, None)?;
            let title = read.value.name.clone();
            let document = Document::Constitution(Some(Arc::new(read.value)));
            Ok(Imported { document, name: title, notes: notes(read.notes, &read.dropped) })
        }
        Kind::Rubric => {
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
            let title = first.rubric.name.clone();
            let document = Document::Rubric(Some(Arc::new(first.rubric)));
            Ok(Imported { document, name: title, notes })
        }
        Kind::Prompts => {
            let read = formats::prompt_set(bytes, name, None)?;
            let title = formats::stem(name);
            let document = Document::Prompts(Some(Arc::new(read.value)));
            Ok(Imported { document, name: title, notes: notes(read.notes, &read.dropped) })
        }
    }
}

fn notes(mut notes: Vec<String>, dropped: &[(String, String)]) -> Vec<String> {
    if let Some((place, why)) = dropped.first() {
        let count = dropped.len();
        let more = if count > 1 { format!(", and {} more", count - 1) } else { String::new() };
        notes.push(format!("left out: {place} ({why}){more}"));
    }
    notes
}
