//! What is about to be imported: read, shown, and changeable until it is taken.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::documents::{Document, Documents};
use crate::formats::import::ImportedLabels;

/// What a file can be taken for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, strum::EnumIter, strum::Display,
)]
pub enum ImportKind {
    /// A prompt set.
    #[strum(to_string = "Prompts")]
    Prompts,
    /// A constitution.
    #[strum(to_string = "Principles")]
    Principles,
    /// A rubric.
    #[strum(to_string = "Rubric")]
    Rubric,
    /// What people said of answers.
    #[strum(to_string = "Labels")]
    Labels,
}

impl ImportKind {
    /// What it holds, one and many: `prompt`, `prompts`.
    pub fn nouns(self) -> (&'static str, &'static str) {
        match self {
            Self::Prompts => ("prompt", "prompts"),
            Self::Principles => ("principle", "principles"),
            Self::Rubric => ("criterion", "criteria"),
            Self::Labels => ("label", "labels"),
        }
    }

    /// What a whole document of it is called.
    pub fn document(self) -> &'static str {
        match self {
            Self::Prompts => "prompt set",
            Self::Principles => "constitution",
            Self::Rubric => "rubric",
            Self::Labels => "label set",
        }
    }

    /// The documents of the project that it could be added to: stem and name. Label sets are no
    /// documents: whoever has them lists them.
    pub fn existing(self, documents: &Documents) -> Vec<(String, String)> {
        match self {
            Self::Labels => Vec::new(),
            Self::Prompts => {
                documents.prompt_sets.keys().map(|stem| (stem.clone(), stem.clone())).collect()
            }
            Self::Principles => documents
                .constitutions
                .iter()
                .map(|(stem, value)| (stem.clone(), value.name.clone()))
                .collect(),
            Self::Rubric => documents
                .rubrics
                .iter()
                .map(|(stem, value)| (stem.clone(), value.name.clone()))
                .collect(),
        }
    }
}

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A document.
    Document(Document),
    /// Labels with what they are of.
    Labels(Arc<ImportedLabels>),
}

/// What a file holds when it is taken for one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The document, or the labels.
    pub content: Content,
    /// A name for it.
    pub name: String,
    /// How many prompts, principles or criteria it has.
    pub count: u64,
    /// What was left out or understood how, in words.
    pub notes: Vec<String>,
    /// The first few, one line each.
    pub preview: Vec<String>,
}

/// Where something goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ImportTarget {
    /// Into a document of its own.
    #[default]
    New,
    /// To the end of the document of that stem.
    Existing(String),
}

/// One file, or a pasted text.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportItem {
    /// What it is called: a file's name, `Pasted text`.
    pub source: String,
    /// The file; `None` for a pasted text.
    pub path: Option<PathBuf>,
    /// What it is taken for.
    pub kind: ImportKind,
    /// What it holds, by what it can be taken for; never empty.
    pub readings: BTreeMap<ImportKind, Reading>,
    /// Why it can't be taken for the other kinds, in words.
    pub refusals: BTreeMap<ImportKind, String>,
    /// Where it goes.
    pub target: ImportTarget,
    /// Whether it is imported.
    pub take: bool,
}

impl ImportItem {
    /// What it holds as the kind chosen.
    pub fn reading(&self) -> Option<&Reading> {
        self.readings.get(&self.kind)
    }
}

/// What is about to be imported.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImportReview {
    /// The files and texts that can be read.
    pub items: Vec<ImportItem>,
    /// Those that can't.
    pub refused: Vec<Refused>,
}

/// A file or text that is not imported as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refused {
    /// What it is called.
    pub source: String,
    /// The file; `None` for a pasted text.
    pub path: Option<PathBuf>,
    /// Why.
    pub why: String,
    /// How to mend it.
    pub hint: String,
    /// Where it is only too large: what of it could be taken.
    pub large: Option<Large>,
}

/// A file with more rows than are read at once, of which a part can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Large {
    /// How many rows are to be taken.
    pub take: usize,
    /// Whether they are being read.
    pub is_reading: bool,
}

impl Default for Large {
    fn default() -> Self {
        Self { take: TAKES[1], is_reading: false }
    }
}

/// How many rows of a large file can be taken.
pub const TAKES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

impl ImportReview {
    /// How many of which kind would be imported, such as `1,204 prompts and 3 principles`; empty
    /// when nothing would be.
    pub fn summary(&self, counted: impl Fn(u64, &str, &str) -> String) -> String {
        let mut sums: BTreeMap<ImportKind, u64> = BTreeMap::new();
        for item in self.items.iter().filter(|item| item.take) {
            if let Some(reading) = item.reading() {
                *sums.entry(item.kind).or_default() += reading.count;
            }
        }
        let parts: Vec<String> = sums
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(kind, count)| counted(count, kind.nouns().0, kind.nouns().1))
            .collect();
        parts.join(" and ")
    }
}
