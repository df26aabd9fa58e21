//! Why judge and people differ on an item, by who looked at it: `judges/<judge>.causes.jsonl`.
//!
//! The file is only appended to; of several lines of one set and item the last one holds, and one
//! without a cause takes it back. It lies beside the judge, not beside the labels: a cause is about
//! both.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::lock::ProjectLock;

/// Why judge and people differ.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::EnumIter,
    strum::Display,
)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The principle or guide can be read both ways.
    #[strum(to_string = "principle unclear")]
    PrincipleUnclear,
    /// The judge is wrong.
    #[strum(to_string = "judge wrong")]
    JudgeWrong,
    /// The label is.
    #[strum(to_string = "human slip")]
    HumanSlip,
    /// Both can be defended.
    #[strum(to_string = "both fine")]
    BothFine,
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CauseLine {
    /// The label set, by stem.
    pub set: String,
    /// The item, by id.
    pub item: String,
    /// Why; `None`: taken back.
    pub cause: Option<Cause>,
    /// Who says so.
    pub by: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
}

fn file_of(dir: &Path, judge: &str) -> PathBuf {
    dir.join("judges").join(format!("{judge}.causes.jsonl"))
}

/// The causes that hold of a judge on a set, by item. A line that can't be read is left out and
/// stays in the file.
///
/// # Errors
///
/// The file can't be read; one that is not there is empty.
pub fn read(dir: &Path, judge: &str, set: &str) -> Result<BTreeMap<String, Cause>, StoreError> {
    let path = file_of(dir, judge);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(StoreError::io("read", &path, error)),
    };
    let mut held = BTreeMap::new();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<CauseLine>(line).ok());
    for line in lines.filter(|line| line.set == set) {
        match line.cause {
            Some(cause) => held.insert(line.item, cause),
            None => held.remove(&line.item),
        };
    }
    Ok(held)
}

/// Adds a line. It is on the disk when this returns.
///
/// # Errors
///
/// [`StoreError::ReadOnly`], or the file system's refusal: the cause is then not kept.
pub fn append(dir: &Path, judge: &str, line: &CauseLine) -> Result<(), StoreError> {
    let _lock = ProjectLock::for_a_change(dir)?;
    let path = file_of(dir, judge);
    let fail = |error| StoreError::io("write", &path, error);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .read(true)
        .open(&path)
        .map_err(fail)?;
    // A crash may have cut the last line off; what follows must not join it.
    let before = std::fs::read(&path).map_err(fail)?;
    let mut text = serde_json::to_string(line).unwrap_or_default();
    text.push('\n');
    if before.last().is_some_and(|last| *last != b'\n') {
        text.insert(0, '\n');
    }
    file.write_all(text.as_bytes()).map_err(fail)?;
    file.sync_all().map_err(fail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(item: &str, cause: Option<Cause>) -> CauseLine {
        let (by, at) = ("Ada".to_owned(), "2026-11-23T00:00:00Z".to_owned());
        CauseLine { set: "s".to_owned(), item: item.to_owned(), cause, by, at }
    }

    #[test]
    fn the_last_line_of_an_item_holds_and_one_without_a_cause_takes_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        assert!(read(dir, "j", "s").unwrap().is_empty());
        append(dir, "j", &line("a", Some(Cause::HumanSlip))).unwrap();
        append(dir, "j", &line("b", Some(Cause::BothFine))).unwrap();
        append(dir, "j", &line("a", Some(Cause::JudgeWrong))).unwrap();
        append(dir, "j", &line("b", None)).unwrap();
        let held = read(dir, "j", "s").unwrap();
        assert_eq!(held, BTreeMap::from([("a".to_owned(), Cause::JudgeWrong)]));
        assert!(read(dir, "j", "other").unwrap().is_empty());
        assert!(read(dir, "k", "s").unwrap().is_empty());
    }

    #[test]
    fn a_line_that_a_crash_cut_off_harms_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        append(dir, "j", &line("a", Some(Cause::HumanSlip))).unwrap();
        let path = file_of(dir, "j");
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        std::io::Write::write_all(&mut file, b"{\"set\":\"s\",\"it").unwrap();
        append(dir, "j", &line("b", Some(Cause::BothFine))).unwrap();
        assert_eq!(read(dir, "j", "s").unwrap().len(), 2);
    }
}
