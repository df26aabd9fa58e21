//! What a new project begins with: the starter library, compiled in.

use std::path::{Path, PathBuf};

use super::project::{DocumentKind, PROJECT_FILE, ProjectFile};
use super::{StoreError, atomic};
use crate::formats;

/// A table of files, each by its stem and its text.
macro_rules! library {
    ($folder:literal, $ending:literal, [$($stem:literal),* $(,)?]) => {
        &[$((
            $stem,
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"), "/", $folder, "/", $stem, ".", $ending
            )),
        )),*]
    };
}

/// The starter constitutions: file stem and text.
pub const CONSTITUTIONS: &[(&str, &str)] = library!(
    "constitutions",
    "ron",
    [
        "coding-helper",
        "contested-topics",
        "contradictory",
        "creative-partner",
        "customer-support",
        "first-look",
        "general-assistant",
        "medical-information",
        "teaching-tiny",
    ]
);

/// The starter rubrics: file stem and text.
pub const RUBRICS: &[(&str, &str)] = library!(
    "rubrics",
    "ron",
    [
        "creative-writing",
        "explanations",
        "helpful-honest",
        "instruction-following",
        "product-descriptions",
        "safety",
        "summarisation",
        "support-replies",
    ]
);

/// The sample prompt sets: file stem and text.
pub const PROMPT_SETS: &[(&str, &str)] = library!(
    "assets/prompts",
    "jsonl",
    ["creative", "everyday", "multilingual", "sample", "sensitive", "support"]
);

/// The sample project's recipes, tuned to the starter model: file stem and text.
pub const RECIPES: &[(&str, &str)] =
    library!("assets/recipes", "ron", ["chain+score", "critique", "preference", "score"]);

/// What a new project begins with.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, strum::Display, strum::EnumString, strum::EnumIter,
)]
#[strum(serialize_all = "lowercase")]
pub enum Sample {
    /// The starter library, every role done by the embedded model.
    #[default]
    Starter,
    /// No document at all.
    Empty,
}

/// The journal that the sample project begins with, really recorded with the starter model by
/// `assets/sample/record.sh`: chains with rewards, preference pairs, a comparison. Zstandard.
const RECORDING: &[u8] = include_bytes!("../../assets/sample/journal.sqlite.zst");

/// Gives a new sample project its recorded journal, so that every screen has something to show
/// before any model is there.
///
/// # Errors
///
/// [`StoreError::Exists`] where the project has a journal already, or the file system's refusal.
pub fn put_recording(root: &Path) -> Result<(), StoreError> {
    let path = root.join(super::project::JOURNAL_FILE);
    if path.exists() {
        return Err(StoreError::Exists { what: "a journal", path });
    }
    let bytes = zstd::decode_all(RECORDING)
        .map_err(|error| StoreError::io("unpack the recorded journal", &path, error))?;
    atomic::write(&path, &bytes)
}

/// Makes a project in a folder, which is created; returns the files written.
///
/// # Errors
///
/// [`StoreError::Exists`] where the folder has any of the files already (nothing is written
/// then), or the file system's refusal.
pub fn init(root: &Path, sample: Sample) -> Result<Vec<PathBuf>, StoreError> {
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    let name = root.file_name().map_or_else(|| "Preamble".into(), |name| name.to_string_lossy());
    let mut project = ProjectFile::named(name);
    if sample == Sample::Starter {
        "first-look".clone_into(&mut project.constitution);
        "helpful-honest".clone_into(&mut project.rubric);
        "sample".clone_into(&mut project.prompts);
        for (kind, library) in [
            (DocumentKind::Constitution, CONSTITUTIONS),
            (DocumentKind::Rubric, RUBRICS),
            (DocumentKind::Recipe, RECIPES),
            (DocumentKind::PromptSet, PROMPT_SETS),
        ] {
            for (stem, text) in library {
                let file = format!("{}/{stem}.{}", kind.folder(), kind.ending());
                files.push((root.join(file), (*text).to_owned()));
            }
        }
    }
    let text = formats::document::to_ron(&project).map_err(|problem| {
        let path = root.join(PROJECT_FILE);
        StoreError::Document(Box::new(super::FileProblem { path, problem }))
    })?;
    // Last, so that a half-made folder is not taken for a project.
    files.push((root.join(PROJECT_FILE), text));
    if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(StoreError::Exists { what: "a file of the project", path: path.clone() });
    }
    for (path, text) in &files {
        atomic::write(path, text.as_bytes())?;
    }
    for folder in ["recipes", "templates", "exports"] {
        let folder = root.join(folder);
        std::fs::create_dir_all(&folder)
            .map_err(|error| StoreError::io("create the folder", &folder, error))?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}
