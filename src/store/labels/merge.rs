//! The labels of a set from the files of all who labelled.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{ITEMS, LOOKS, at, list, numbered};
use crate::domain::{Label, LabelItem, LabelSet, Problem};
use crate::formats;
use crate::store::project::{FileProblem, stem_of};
use crate::store::{StoreError, document};

/// Labels that hold.
pub(super) struct Merged {
    pub(super) labels: Vec<Label>,
    pub(super) by_models: Vec<Label>,
    pub(super) strays: Vec<Label>,
}

/// A label and where it stands.
struct Line {
    label: Label,
    file: usize,
    line: usize,
}

/// The files that may hold labels, in order.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let may_be = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        path.extension().is_some_and(|ending| ending == "jsonl")
            && !name.starts_with('.')
            && name != ITEMS
            && name != LOOKS
            && path.is_file()
    };
    Ok(list(folder)?.into_iter().filter(may_be).collect())
}

/// Reads the labels of all files.
pub(super) fn labels(
    folder: &Path,
    set: &LabelSet,
    items: &[LabelItem],
    problems: &mut Vec<FileProblem>,
) -> Result<Merged, StoreError> {
    let files = files(folder)?;
    let mut lines = Vec::new();
    for (file, path) in files.iter().enumerate() {
        lines.extend(read_file(path, file, problems));
    }
    name_doubtful(&files, &lines, problems);
    let by_id: BTreeMap<&str, &LabelItem> =
        items.iter().map(|item| (item.id.as_str(), item)).collect();
    let (known, unknown): (Vec<Line>, Vec<Line>) =
        lines.into_iter().partition(|line| by_id.contains_key(line.label.item.as_str()));
    name_strays(&files, &unknown, problems);
    let mut labels = hold(known);
    labels.retain(|one| {
        let levels = by_id.get(one.label.item.as_str()).map_or(0, |item| item.level_count());
        let fits = one.label.answer.is_none_or(|answer| answer.fits(set.task, levels));
        if !fits {
            let what = format!(
                "the label of {} by {} is no answer to what the set asks",
                one.label.item, one.label.labeller
            );
            let hint = "label it again; until then this one is left out";
            problems.push(at(&files[one.file], one.line, Problem::error("", what, hint)));
        }
        fits
    });
    let (by_models, labels) = taken(labels).partition(|label| set.is_model(&label.labeller));
    Ok(Merged { labels, by_models, strays: taken(hold(unknown)).collect() })
}

/// Those that say something, a labeller after the other, in the order in which they were made.
fn taken(lines: Vec<Line>) -> impl Iterator<Item = Label> {
    lines.into_iter().map(|line| line.label).filter(|label| label.answer.is_some())
}

/// The last line of each label, in the order of labeller, time, file and line.
fn hold(mut lines: Vec<Line>) -> Vec<Line> {
    // Within a file the last line wins whatever its time says: clocks are set back. Between files
    // it is the later one.
    let mut last: BTreeMap<(String, String, bool, usize), Line> = BTreeMap::new();
    for line in lines.drain(..) {
        let label = &line.label;
        let key = (label.labeller.clone(), label.item.clone(), label.again, line.file);
        last.insert(key, line);
    }
    let mut holds: BTreeMap<(String, String, bool), Line> = BTreeMap::new();
    for ((labeller, item, again, _), line) in last {
        let key = (labeller, item, again);
        // Files come in their order, so that of equal times the last file's wins.
        if holds.get(&key).is_none_or(|old| old.label.at <= line.label.at) {
            holds.insert(key, line);
        }
    }
    let mut all: Vec<Line> = holds.into_values().collect();
    all.sort_by(|one, other| {
        let by = |line: &Line| (line.file, line.line);
        one.label.labeller.cmp(&other.label.labeller).then_with(|| by(one).cmp(&by(other)))
    });
    all
}

fn read_file(path: &Path, file: usize, problems: &mut Vec<FileProblem>) -> Vec<Line> {
    let mut bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let what = format!("it can't be read: {error}");
            let problem = Problem::error("", what, "check the file");
            problems.extend(document::in_file(path, vec![problem]));
            return Vec::new();
        }
    };
    if let Some(torn) = torn_from(&bytes) {
        let line = bytes[..torn].iter().filter(|byte| **byte == b'\n').count() + 1;
        let what = format!(
            "the last line was cut off while it was written, so {} is lost",
            lost_label(&bytes[torn..])
        );
        let hint = "label it again: the next label moves the torn line into a file beside it";
        problems.push(at(path, line, Problem::warning("", what, hint)));
        bytes.truncate(torn);
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let what = format!("it is not UTF-8 text: {}", error.utf8_error());
            let problem = Problem::error("", what, "save it again as UTF-8");
            problems.extend(document::in_file(path, vec![problem]));
            // Each line is read for itself, so that the good ones count.
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        }
    };
    let mut found = Vec::new();
    for (line, text) in numbered(&text) {
        match formats::labels::label_of(&text) {
            Ok(label) => found.push(Line { label, file, line }),
            Err(why) => {
                let hint = "mend the line, or label the item again; it is left as it is";
                problems.push(at(path, line, Problem::error("", why, hint)));
            }
        }
    }
    found
}

/// Where a last line begins that a crash cut off: it has no end and is no whole JSON.
pub(super) fn torn_from(bytes: &[u8]) -> Option<usize> {
    let from = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let rest = &bytes[from..];
    if rest.iter().all(u8::is_ascii_whitespace) {
        return None;
    }
    let rest = rest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(rest);
    let is_whole = serde_json::from_slice::<serde::de::IgnoredAny>(rest).is_ok();
    (!is_whole).then_some(from)
}

/// Which label a torn line was, as far as it says.
fn lost_label(torn: &[u8]) -> String {
    let text = String::from_utf8_lossy(torn);
    let item = text.split_once("\"item\":\"").and_then(|(_, rest)| rest.split_once('"'));
    item.map_or_else(|| "one label".to_owned(), |(item, _)| format!("the label of {item}"))
}

/// Says where one labeller is in two files, and where a file's name is another's.
fn name_doubtful(files: &[PathBuf], lines: &[Line], problems: &mut Vec<FileProblem>) {
    let mut homes: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for line in lines {
        homes.entry(&line.label.labeller).or_default().insert(line.file);
    }
    for (labeller, at) in homes {
        let names: Vec<String> = at.iter().map(|file| name_of(&files[*file])).collect();
        let mut files = at.iter().map(|file| &files[*file]);
        let Some(path) = files.next_back() else { continue };
        let mut warn = |what: String, hint: &str| {
            let problem = Problem::warning("", what, hint);
            problems.extend(document::in_file(path, vec![problem]));
        };
        if names.len() > 1 {
            let what = format!(
                "labels of “{labeller}” are in {}: they are taken as one person's, and the later \
                 label of an item holds",
                names.join(" and ")
            );
            warn(what, "give two people two names in their files");
        } else if !is_named_after(path, labeller) {
            let what = format!("it holds labels of “{labeller}”, whom its name does not name");
            warn(what, "they are counted as theirs; rename the file if you like");
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Whether a file's name is a labeller's, perhaps with a number behind it.
fn is_named_after(path: &Path, labeller: &str) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_lowercase();
    let own = stem_of(labeller);
    let number = |rest: &str| {
        rest.strip_prefix('-').is_some_and(|n| n.chars().all(|digit| digit.is_ascii_digit()))
    };
    stem.strip_prefix(own.as_str()).is_some_and(|rest| rest.is_empty() || number(rest))
        || stem == labeller.to_lowercase()
}

/// Names the items that are not there: each file once.
fn name_strays(files: &[PathBuf], strays: &[Line], problems: &mut Vec<FileProblem>) {
    let mut by_file: BTreeMap<usize, Vec<&Line>> = BTreeMap::new();
    for line in strays {
        by_file.entry(line.file).or_default().push(line);
    }
    for (file, lines) in by_file {
        let ids: BTreeSet<&str> = lines.iter().map(|line| line.label.item.as_str()).collect();
        let some: Vec<&str> = ids.iter().take(3).copied().collect();
        let more = if ids.len() > some.len() { ", …" } else { "" };
        let what = format!(
            "{} labels are of items that this set has not ({}{more}); they are kept and not counted",
            lines.len(),
            some.join(", ")
        );
        let hint = "put the items back into items.jsonl, or move the file to its own set";
        problems.push(at(&files[file], lines[0].line, Problem::warning("", what, hint)));
    }
}
