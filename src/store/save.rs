//! Saves: whole or not at all, never over somebody else's change, never losing a comment.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::atomic::{self, Stamp};
use super::comments;
use super::project::{DocumentKind, FileProblem, Project, ProjectFile, Saved, is_stem};
use super::{StoreError, unpoisoned};
use crate::domain::{Constitution, JudgeSetup, PromptSet, Recipe, Rubric};
use crate::formats;

impl Project {
    /// Saves a constitution under a file stem.
    ///
    /// # Errors
    ///
    /// [`StoreError::ReadOnly`], [`StoreError::Conflict`] where the file changed on disk since it
    /// was read or saved here, [`StoreError::BadName`], or the file system's refusal.
    pub fn save_constitution(&self, stem: &str, value: &Constitution) -> Result<Saved, StoreError> {
        self.save_ron(DocumentKind::Constitution, stem, value)
    }

    /// Saves a rubric under a file stem.
    ///
    /// # Errors
    ///
    /// As [`Project::save_constitution`].
    pub fn save_rubric(&self, stem: &str, value: &Rubric) -> Result<Saved, StoreError> {
        self.save_ron(DocumentKind::Rubric, stem, value)
    }

    /// Saves a recipe under a file stem.
    ///
    /// # Errors
    ///
    /// As [`Project::save_constitution`].
    pub fn save_recipe(&self, stem: &str, value: &Recipe) -> Result<Saved, StoreError> {
        self.save_ron(DocumentKind::Recipe, stem, value)
    }

    /// Saves a judge under a file stem.
    ///
    /// # Errors
    ///
    /// As [`Project::save_constitution`].
    pub fn save_judge(&self, stem: &str, value: &JudgeSetup) -> Result<Saved, StoreError> {
        self.save_ron(DocumentKind::Judge, stem, value)
    }

    /// Saves `preamble.ron`.
    ///
    /// # Errors
    ///
    /// As [`Project::save_constitution`].
    pub fn save_project_file(&self, value: &ProjectFile) -> Result<Saved, StoreError> {
        self.save_ron(DocumentKind::Project, "preamble", value)
    }

    /// Saves a prompt set under a file stem.
    ///
    /// # Errors
    ///
    /// As [`Project::save_constitution`].
    pub fn save_prompt_set(&self, stem: &str, set: &PromptSet) -> Result<Saved, StoreError> {
        self.save_text(DocumentKind::PromptSet, stem, &formats::prompts::write(set))
    }

    /// Saves a template's override under the template's name.
    ///
    /// # Errors
    ///
    /// As [`Project::save_constitution`].
    pub fn save_template(&self, name: &str, source: &str) -> Result<Saved, StoreError> {
        self.save_text(DocumentKind::Template, name, source)
    }

    /// Takes what is on disk as seen, after the user chose to save over it: the next save of
    /// this document wins.
    ///
    /// # Errors
    ///
    /// The file can't be read.
    pub fn accept_on_disk(&self, kind: DocumentKind, stem: &str) -> Result<(), StoreError> {
        let path = self.path_of(kind, stem);
        match std::fs::read(&path) {
            Ok(bytes) => {
                unpoisoned(&self.seen).insert(path.clone(), Stamp::of(&path, &bytes));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                unpoisoned(&self.seen).remove(&path);
            }
            Err(error) => return Err(StoreError::io("read", &path, error)),
        }
        Ok(())
    }

    /// Takes a document out of the project; its file is kept beside under another name, which is
    /// returned.
    ///
    /// # Errors
    ///
    /// As [`Project::save_constitution`].
    pub fn remove(&self, kind: DocumentKind, stem: &str) -> Result<PathBuf, StoreError> {
        self.may_write(stem)?;
        let path = self.path_of(kind, stem);
        let kept = free_beside(&path);
        std::fs::rename(&path, &kept).map_err(|error| StoreError::io("move", &path, error))?;
        unpoisoned(&self.seen).remove(&path);
        Ok(kept)
    }

    fn save_ron<T: Serialize>(
        &self,
        kind: DocumentKind,
        stem: &str,
        value: &T,
    ) -> Result<Saved, StoreError> {
        let text = formats::document::to_ron(value).map_err(|problem| {
            StoreError::Document(Box::new(FileProblem { path: self.path_of(kind, stem), problem }))
        })?;
        self.save_text(kind, stem, &text)
    }

    fn save_text(&self, kind: DocumentKind, stem: &str, text: &str) -> Result<Saved, StoreError> {
        self.may_write(stem)?;
        let path = self.path_of(kind, stem);
        // Held over the whole save, so that two saves of one file can't pass each other.
        let mut seen = unpoisoned(&self.seen);
        let old = unchanged(&path, seen.get(&path))?;
        let hash = blake3::hash(text.as_bytes()).to_hex().to_string();
        let mut kept_comments_in = None;
        if let Some(old) = old {
            if old == text {
                return Ok(Saved { path, hash, kept_comments_in });
            }
            if kind.ending() == "ron" && !comments::lost(&old, text).is_empty() {
                let kept = free_beside(&path);
                atomic::write(&kept, old.as_bytes())?;
                kept_comments_in = Some(kept);
            }
        }
        atomic::write(&path, text.as_bytes())?;
        seen.insert(path.clone(), Stamp::of(&path, text.as_bytes()));
        Ok(Saved { path, hash, kept_comments_in })
    }

    fn may_write(&self, stem: &str) -> Result<(), StoreError> {
        if self.read_only {
            return Err(StoreError::ReadOnly { root: self.root.clone() });
        }
        if !is_stem(stem) {
            return Err(StoreError::BadName { stem: stem.to_owned() });
        }
        Ok(())
    }
}

/// What a file holds, `None` where there is none; an error where it is not what was last seen.
fn unchanged(path: &Path, seen: Option<&Stamp>) -> Result<Option<String>, StoreError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(StoreError::io("read", path, error)),
    };
    let as_text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let is_ours = match (&bytes, seen) {
        (None, None) => true,
        (Some(bytes), Some(stamp)) => stamp.holds(bytes),
        // It was deleted, or made by somebody else.
        (None, Some(_)) | (Some(_), None) => false,
    };
    if !is_ours {
        let on_disk = bytes.as_deref().map(as_text);
        return Err(StoreError::Conflict { path: path.to_owned(), on_disk });
    }
    Ok(bytes.as_deref().map(as_text))
}

/// `name.ron.before-1`, or the next number that is free.
pub(super) fn free_beside(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let mut n = 1;
    loop {
        let beside = path.with_file_name(format!("{name}.before-{n}"));
        if !beside.exists() {
            return beside;
        }
        n += 1;
    }
}
