//! An exported folder: what is in it, and how it is written without losing anything.
//!
//! `manifest.json` is marked as unfinished first and written last, so that a folder with a
//! finished one is whole, and it names every file of ours: what is not named there, or was changed
//! since, is never touched unless it is forced. A program that ends halfway leaves each file old or
//! new and the unfinished manifest, which names both; the same export again then finishes it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::failure::Failure;
use crate::store::{StoreError, atomic};

/// The manifest's file.
const MANIFEST: &str = "manifest.json";
/// Says that a manifest is ours, and of which shape.
const MARK: &str = "preamble-export-1";
/// The same of a folder that is being written.
const UNFINISHED: &str = "preamble-export-1-unfinished";

/// One file of the folder.
pub struct File {
    /// Its path inside the folder, with `/`.
    pub path: String,
    /// What stands in it.
    pub bytes: Vec<u8>,
}

/// Writes files and their manifest into a folder.
///
/// # Errors
///
/// The folder holds something else and `force` is not given, or it can't be written.
pub fn write(
    folder: &Path,
    files: &[File],
    mut about: serde_json::Map<String, Value>,
    force: bool,
) -> Result<(), Failure> {
    let before = owned(folder, force)?;
    let manifest = folder.join(MANIFEST);
    let list: Vec<Value> = files
        .iter()
        .map(|file| {
            json!({ "path": file.path, "bytes": file.bytes.len(), "sha256": sum(&file.bytes) })
        })
        .collect();
    let old = before.iter().map(|(path, sum)| json!({ "path": path, "sha256": sum }));
    let both: Vec<Value> = old.chain(list.iter().cloned()).collect();
    let unfinished = format!("{:#}\n", json!({ "manifest": UNFINISHED, "files": both }));
    atomic::write(&manifest, unfinished.as_bytes())?;
    for file in files {
        atomic::sweep(&folder.join(&file.path));
        atomic::write(&folder.join(&file.path), &file.bytes)?;
    }
    for (stale, _) in before.iter().filter(|(old, _)| files.iter().all(|file| file.path != *old)) {
        remove(&folder.join(stale))?;
    }
    let mut fields = serde_json::Map::new();
    fields.insert("manifest".to_owned(), json!(MARK));
    fields.append(&mut about);
    fields.insert("files".to_owned(), json!(list));
    let text = format!("{:#}\n", Value::Object(fields));
    Ok(atomic::write(&manifest, text.as_bytes())?)
}

/// The files of an earlier export in this folder, unchanged since, each with its sum (or one of
/// two, where that export did not end); none where it is new.
fn owned(folder: &Path, force: bool) -> Result<Vec<(String, String)>, Failure> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StoreError::io("read the folder", folder, error).into()),
    };
    atomic::sweep(&folder.join(MANIFEST));
    if entries.flatten().all(|entry| !entry.path().exists()) {
        return Ok(Vec::new());
    }
    let Some(files) = listed(folder) else {
        if force {
            return Ok(Vec::new());
        }
        return Err(Failure::bad(
            format!("{} is not empty and no export of Preamble’s", folder.display()),
            "choose another folder, or add --force to write into it (other files stay)",
        ));
    };
    for (path, _) in &files {
        let is_listed = |sum: &str| files.contains(&(path.clone(), sum.to_owned()));
        let is_changed = std::fs::read(folder.join(path)).is_ok_and(|b| !is_listed(&sum(&b)));
        if is_changed && !force {
            return Err(Failure::bad(
                format!("{} was changed since it was exported", folder.join(path).display()),
                "choose another folder, or add --force to write over it",
            ));
        }
    }
    Ok(files)
}

/// What a manifest of ours lists: path and sum; `None` where there is none.
fn listed(folder: &Path) -> Option<Vec<(String, String)>> {
    let bytes = std::fs::read(folder.join(MANIFEST)).ok()?;
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    if ![MARK, UNFINISHED].contains(&value.get("manifest")?.as_str()?) {
        return None;
    }
    let files = value.get("files")?.as_array()?.iter().filter_map(|file| {
        let path = file.get("path")?.as_str()?;
        // A manifest from elsewhere must not name files outside its folder.
        let is_inside = Path::new(path)
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)));
        is_inside.then(|| Some((path.to_owned(), file.get("sha256")?.as_str()?.to_owned())))?
    });
    Some(files.collect())
}

fn remove(path: &PathBuf) -> Result<(), Failure> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(StoreError::io("remove", path, error).into()),
    }
}

/// SHA-256 in hexadecimal.
fn sum(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing into a String can't fail.
        write!(text, "{byte:02x}").ok();
    }
    text
}

/// Writes one file, refusing to lose another one.
///
/// # Errors
///
/// There is a file with other contents and `force` is not given, or it can't be written.
pub fn write_file(path: &Path, bytes: &[u8], force: bool) -> Result<(), Failure> {
    if path.is_dir() {
        return Err(Failure::bad(format!("{} is a folder", path.display()), "name a file"));
    }
    if !force && path.exists() && std::fs::read(path).map_or(true, |old| old != bytes) {
        return Err(Failure::bad(
            format!("{} exists already", path.display()),
            "choose another name, or add --force to write over it",
        ));
    }
    Ok(atomic::write(path, bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    #[test]
    fn an_export_replaces_its_own_files_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let put = |files: &[File], force| write(&out, files, serde_json::Map::new(), force);
        put(&[file("README.md", "1"), file("data/a.jsonl", "1")], false).unwrap();
        atomic::write(&out.join("mine.txt"), b"notes").unwrap();
        put(&[file("README.md", "2"), file("data/b.parquet", "2")], false).unwrap();
        assert!(!out.join("data/a.jsonl").exists());
        assert_eq!(std::fs::read(out.join("mine.txt")).unwrap(), b"notes");

        atomic::write(&out.join("README.md"), b"edited").unwrap();
        let refused = put(&[file("README.md", "3")], false).unwrap_err();
        assert!(refused.message.contains("README.md was changed"), "{refused:?}");
        assert_eq!(std::fs::read(out.join("README.md")).unwrap(), b"edited");
        put(&[file("README.md", "3")], true).unwrap();
        assert_eq!(std::fs::read(out.join("README.md")).unwrap(), b"3");
    }

    #[test]
    fn an_export_that_ended_halfway_is_finished_by_the_same_again() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let put = |files: &[File]| write(&out, files, serde_json::Map::new(), false);
        put(&[file("a", "1"), file("b", "1"), file("c", "1")]).unwrap();
        // As a program leaves it that was killed after the first file: `b` is still to come, `c`
        // still to go, and a temporary file is there.
        let unfinished = json!({"manifest": UNFINISHED, "files": [
            {"path": "a", "sha256": sum(b"1")}, {"path": "b", "sha256": sum(b"1")},
            {"path": "c", "sha256": sum(b"1")}, {"path": "a", "sha256": sum(b"2")},
            {"path": "b", "sha256": sum(b"2")},
        ]});
        atomic::write(&out.join(MANIFEST), unfinished.to_string().as_bytes()).unwrap();
        atomic::write(&out.join("a"), b"2").unwrap();
        std::fs::File::create(out.join(".preamble-abc.tmp")).unwrap();
        put(&[file("a", "2"), file("b", "2")]).unwrap();
        let mut names: Vec<_> = std::fs::read_dir(&out)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["a", "b", MANIFEST]);
        let manifest = std::fs::read_to_string(out.join(MANIFEST)).unwrap();
        assert!(!manifest.contains(UNFINISHED));
        // What a person changed meanwhile is theirs all the same.
        atomic::write(&out.join(MANIFEST), unfinished.to_string().as_bytes()).unwrap();
        atomic::write(&out.join("a"), b"mine").unwrap();
        assert!(put(&[file("a", "3")]).is_err());
    }

    #[test]
    fn a_foreign_folder_and_a_manifest_that_points_outside_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (out, outside) = (folder.path().join("out"), folder.path().join("outside"));
        atomic::write(&out.join("thesis.tex"), b"x").unwrap();
        let refused = write(&out, &[], serde_json::Map::new(), false).unwrap_err();
        assert!(refused.message.contains("not empty"), "{refused:?}");
        atomic::write(&outside, b"keep").unwrap();
        let manifest = json!({"manifest": MARK, "files": [{"path": "../outside", "sha256": ""}]});
        atomic::write(&out.join(MANIFEST), manifest.to_string().as_bytes()).unwrap();
        write(&out, &[file("a", "a")], serde_json::Map::new(), false).unwrap();
        assert_eq!(std::fs::read(&outside).unwrap(), b"keep");
    }

    #[test]
    fn a_single_file_is_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.jsonl");
        write_file(&path, b"a", false).unwrap();
        write_file(&path, b"a", false).unwrap();
        assert!(write_file(&path, b"b", false).is_err());
        write_file(&path, b"b", true).unwrap();
    }
}
