//! Changes of a label set: each is on the disk before its function returns.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::merge::torn_from;
use super::{ITEMS, LOOKS, Look, SET, folder_of, merge, read, read_set};
use crate::domain::label::item_problems;
use crate::domain::{Label, LabelItem, LabelSet, Problem};
use crate::formats;
use crate::store::lock::ProjectLock;
use crate::store::project::{FileProblem, is_stem, stem_of};
use crate::store::save::free_beside;
use crate::store::{StoreError, atomic, comments, unpoisoned};

/// Two threads don't write label sets at once: whose file is whose is found by reading them.
static WRITING: Mutex<()> = Mutex::new(());

/// How long a labeller's file name may get, in bytes.
const LONGEST_NAME: usize = 60;

/// What became of items or labels that were to be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Added {
    /// They are there now.
    pub added: u64,
    /// They were there already.
    pub known: u64,
}

/// Makes a set with its items.
///
/// # Errors
///
/// [`StoreError::Exists`] where there is one of that stem, [`StoreError::Document`] where set or
/// items are not sound, [`StoreError::BadName`], [`StoreError::ReadOnly`], or the file system's
/// refusal; there is then no such set.
pub fn create(
    dir: &Path,
    stem: &str,
    set: &LabelSet,
    items: &[LabelItem],
) -> Result<(), StoreError> {
    let _lock = ProjectLock::for_a_change(dir)?;
    if !is_stem(stem) {
        return Err(StoreError::BadName { stem: stem.to_owned() });
    }
    let folder = folder_of(dir, stem);
    let _one = unpoisoned(&WRITING);
    if folder.join(SET).exists() || !merge::files(&folder)?.is_empty() {
        return Err(StoreError::Exists { what: "a label set", path: folder });
    }
    sound_set(&folder, set)?;
    sound_items(&folder, set, items)?;
    // The set comes last: a folder without one is no set, so that a crash leaves none half made.
    atomic::write(&folder.join(ITEMS), lines(items).as_bytes())?;
    atomic::write(&folder.join(SET), ron(&folder.join(SET), set)?.as_bytes())?;
    for made in [&folder, &dir.join(super::FOLDER), dir] {
        atomic::sync_folder(made).map_err(|error| StoreError::io("write", made, error))?;
    }
    Ok(())
}

/// A stem made from a set's name that no folder has.
pub fn free_stem(dir: &Path, name: &str) -> String {
    let base = stem_of(name);
    let mut stem = base.clone();
    let mut number = 2;
    while folder_of(dir, &stem).exists() {
        stem = format!("{base}-{number}");
        number += 1;
    }
    stem
}

/// Adds items; those whose ids are there already are left as they are.
///
/// # Errors
///
/// As [`create`]; then nothing is added.
pub fn add_items(dir: &Path, stem: &str, items: &[LabelItem]) -> Result<Added, StoreError> {
    let _lock = ProjectLock::for_a_change(dir)?;
    let _one = unpoisoned(&WRITING);
    let set = read_set(dir, stem)?;
    let folder = folder_of(dir, stem);
    let path = folder.join(ITEMS);
    let mut text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(StoreError::io("read", &path, error)),
    };
    let known: BTreeSet<String> = super::numbered(&text)
        .iter()
        .filter_map(|(_, line)| formats::labels::item_of(line).ok().map(|item| item.id))
        .collect();
    let (old, new): (Vec<_>, Vec<_>) =
        items.iter().cloned().partition(|item| known.contains(&item.id));
    sound_items(&folder, &set, &new)?;
    if !new.is_empty() {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&lines(&new));
        atomic::write(&path, text.as_bytes())?;
    }
    Ok(Added { added: new.len() as u64, known: old.len() as u64 })
}

/// Writes the items anew, as after a principle's text changed: the labels made under the old text
/// are then stale (`methods::labelling::stale`). The file of before is kept beside it.
///
/// # Errors
///
/// As [`create`]; [`StoreError::Document`] also where an item would be gone.
pub fn save_items(dir: &Path, stem: &str, items: &[LabelItem]) -> Result<(), StoreError> {
    let _lock = ProjectLock::for_a_change(dir)?;
    let _one = unpoisoned(&WRITING);
    let book = read(dir, stem)?;
    let folder = folder_of(dir, stem);
    sound_items(&folder, &book.set, items)?;
    let kept: BTreeSet<&str> = items.iter().map(|item| item.id.as_str()).collect();
    if let Some(gone) = book.items.iter().find(|item| !kept.contains(item.id.as_str())) {
        let what = format!("the item {} would be gone, and with it what people said", gone.id);
        return Err(unsound(&folder.join(ITEMS), Problem::error("items", what, "keep all items")));
    }
    let path = folder.join(ITEMS);
    let text = lines(items);
    if let Ok(old) = std::fs::read(&path) {
        if old == text.as_bytes() {
            return Ok(());
        }
        atomic::write(&free_beside(&path), &old)?;
    }
    atomic::write(&path, text.as_bytes())
}

/// Saves a set over the old one and returns it as it was saved: its guide's version grows by one
/// where the guide's text or examples are not those of the file.
///
/// # Errors
///
/// [`StoreError::Document`] where the set is not sound, or where task, seed or share of gold would
/// change although somebody labelled or looked at gold: items would move between gold and dev.
/// Otherwise as [`create`].
pub fn save_set(dir: &Path, stem: &str, set: &LabelSet) -> Result<LabelSet, StoreError> {
    let _lock = ProjectLock::for_a_change(dir)?;
    let _one = unpoisoned(&WRITING);
    let path = folder_of(dir, stem).join(SET);
    sound_set(&folder_of(dir, stem), set)?;
    let book = read(dir, stem)?;
    let old = &book.set;
    let is_used = !book.looks.is_empty()
        || [&book.labels, &book.by_models, &book.strays].iter().any(|some| !some.is_empty());
    let moves =
        (old.task, old.seed, old.gold.to_bits()) != (set.task, set.seed, set.gold.to_bits());
    if is_used && moves {
        let what = "task, seed and share of gold are settled once somebody has labelled: items \
                    would move between gold and dev";
        return Err(unsound(&path, Problem::error("gold", what, "make a new set")));
    }
    let mut set = set.clone();
    let is_new = (&old.guide.text, &old.guide.examples) != (&set.guide.text, &set.guide.examples);
    if is_new {
        set.guide.version = set.guide.version.max(old.guide.version.saturating_add(1));
    } else {
        set.guide.version = set.guide.version.max(old.guide.version);
    }
    let text = ron(&path, &set)?;
    let before =
        std::fs::read_to_string(&path).map_err(|error| StoreError::io("read", &path, error))?;
    if before != text {
        if !comments::lost(&before, &text).is_empty() {
            atomic::write(&free_beside(&path), before.as_bytes())?;
        }
        atomic::write(&path, text.as_bytes())?;
    }
    Ok(set)
}

/// Adds a label to its labeller's file. It is on the disk when this returns.
///
/// A last line that a crash cut off is first moved into `<file>.torn`, see [`read`].
///
/// # Errors
///
/// There is no such set, [`StoreError::ReadOnly`], or the file system's refusal: the label is then
/// not kept.
pub fn append(dir: &Path, stem: &str, label: &Label) -> Result<(), StoreError> {
    append_all(dir, stem, std::slice::from_ref(label))
}

/// Adds labels, each to its labeller's file, with one sync a file.
///
/// # Errors
///
/// As [`append`]; labels of labellers before the one that failed are kept.
pub fn append_all(dir: &Path, stem: &str, labels: &[Label]) -> Result<(), StoreError> {
    let _lock = ProjectLock::for_a_change(dir)?;
    let folder = existing(dir, stem)?;
    let _one = unpoisoned(&WRITING);
    let labellers: BTreeSet<&str> = labels.iter().map(|label| label.labeller.as_str()).collect();
    for labeller in labellers {
        let of_one = labels.iter().filter(|label| label.labeller == labeller);
        let text: String =
            of_one.map(|label| format!("{}\n", formats::labels::label_line(label))).collect();
        append_lines(&file_of(&folder, labeller)?, &text)?;
    }
    Ok(())
}

/// Counts a look at gold.
///
/// # Errors
///
/// As [`append`].
pub fn count_look(dir: &Path, stem: &str, look: &Look) -> Result<(), StoreError> {
    let _lock = ProjectLock::for_a_change(dir)?;
    let folder = existing(dir, stem)?;
    let _one = unpoisoned(&WRITING);
    let line = serde_json::to_string(look).unwrap_or_default();
    append_lines(&folder.join(LOOKS), &format!("{line}\n"))
}

fn existing(dir: &Path, stem: &str) -> Result<PathBuf, StoreError> {
    if !is_stem(stem) {
        return Err(StoreError::BadName { stem: stem.to_owned() });
    }
    let folder = folder_of(dir, stem);
    let set = folder.join(SET);
    std::fs::metadata(&set).map_err(|error| StoreError::io("read", &set, error))?;
    Ok(folder)
}

/// The file of a labeller: the first of `ana.jsonl`, `ana-2.jsonl`, … that is not another's.
fn file_of(folder: &Path, labeller: &str) -> Result<PathBuf, StoreError> {
    let whole = stem_of(labeller);
    let mut end = whole.len().min(LONGEST_NAME);
    while !whole.is_char_boundary(end) {
        end -= 1;
    }
    let base = whole[..end].trim_end_matches('-');
    let taken = [SET, ITEMS, LOOKS].map(|name| name.split('.').next().unwrap_or_default());
    let mut number = 1_u32;
    loop {
        let stem = if number == 1 { base.to_owned() } else { format!("{base}-{number}") };
        number += 1;
        if taken.contains(&stem.as_str()) {
            continue;
        }
        let path = folder.join(format!("{stem}.jsonl"));
        match first_labeller(&path)? {
            Some(other) if other != labeller => {}
            _ => return Ok(path),
        }
    }
}

/// Whose the first label of a file is; `None` where it has none or is not there.
fn first_labeller(path: &Path) -> Result<Option<String>, StoreError> {
    use std::io::BufRead as _;
    let fail = |error| StoreError::io("read", path, error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(error)),
    };
    for line in std::io::BufReader::new(file).split(b'\n') {
        let line = line.map_err(fail)?;
        let text = String::from_utf8_lossy(&line);
        if let Ok(label) = formats::labels::label_of(text.trim_start_matches('\u{feff}')) {
            return Ok(Some(label.labeller));
        }
    }
    Ok(None)
}

/// Writes whole lines at a file's end and waits for the disk. Where that fails half way, the file
/// is cut back to what it was.
fn append_lines(path: &Path, text: &str) -> Result<(), StoreError> {
    let fail = |error| StoreError::io("write", path, error);
    let is_new = !path.exists();
    let mut file = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
        .map_err(fail)?;
    let mut length = file.seek(SeekFrom::End(0)).map_err(fail)?;
    let mut needs_end = false;
    if length > 0 && last_byte(&mut file).map_err(fail)? != b'\n' {
        let mut bytes = Vec::new();
        file.rewind().map_err(fail)?;
        file.read_to_end(&mut bytes).map_err(fail)?;
        match torn_from(&bytes) {
            Some(torn) => {
                keep_torn(path, &bytes[torn..])?;
                length = torn as u64;
                file.set_len(length).map_err(fail)?;
            }
            None => needs_end = true,
        }
    }
    file.seek(SeekFrom::Start(length)).map_err(fail)?;
    let whole = if needs_end { format!("\n{text}") } else { text.to_owned() };
    if let Err(error) = file.write_all(whole.as_bytes()).and_then(|()| file.sync_data()) {
        // What can't be cut back is a torn line, which the next label heals.
        file.set_len(length).ok();
        return Err(fail(error));
    }
    if is_new {
        atomic::sync_folder(atomic::folder_of(path)).map_err(fail)?;
    }
    Ok(())
}

fn last_byte(file: &mut File) -> std::io::Result<u8> {
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last[0])
}

/// Keeps what a crash cut off, so that nothing anybody wrote is gone.
fn keep_torn(path: &Path, torn: &[u8]) -> Result<(), StoreError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".torn");
    let beside = path.with_file_name(name);
    let mut kept = match std::fs::read(&beside) {
        Ok(kept) => kept,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(StoreError::io("read", &beside, error)),
    };
    kept.extend_from_slice(torn);
    kept.push(b'\n');
    atomic::write(&beside, &kept)
}

fn lines(items: &[LabelItem]) -> String {
    items.iter().map(|item| format!("{}\n", formats::labels::item_line(item))).collect()
}

fn ron(path: &Path, set: &LabelSet) -> Result<String, StoreError> {
    formats::document::to_ron(set).map_err(|problem| unsound(path, problem))
}

fn sound_set(folder: &Path, set: &LabelSet) -> Result<(), StoreError> {
    match set.problems().into_iter().next() {
        Some(problem) => Err(unsound(&folder.join(SET), problem)),
        None => Ok(()),
    }
}

fn sound_items(folder: &Path, set: &LabelSet, items: &[LabelItem]) -> Result<(), StoreError> {
    match item_problems(set.task, items).into_iter().next() {
        Some((_, problem)) => Err(unsound(&folder.join(ITEMS), problem)),
        None => Ok(()),
    }
}

fn unsound(path: &Path, problem: Problem) -> StoreError {
    StoreError::Document(Box::new(FileProblem { path: path.to_owned(), problem }))
}
