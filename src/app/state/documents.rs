//! The open project's documents, each an immutable value behind an `Arc`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::{
    Constitution, JudgeSetup, ModelEntry, ModelRole, PromptSet, Recipe, Rubric, Spending,
};

/// What `preamble.ron` says, as the window edits it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Setup {
    /// The project's name.
    pub name: String,
    /// The default constitution, by stem.
    pub constitution: String,
    /// The default rubric, by stem.
    pub rubric: String,
    /// The default prompt set, by stem.
    pub prompts: String,
    /// The seed of runs.
    pub seed: u64,
    /// The models listed; the embedded one is always there, without being listed.
    pub models: Vec<ModelEntry>,
    /// Which model does what, by name; a role that is missing is played by the embedded model.
    pub roles: BTreeMap<ModelRole, String>,
    /// What may be spent.
    pub spending: Spending,
}

impl Setup {
    /// All models that can be chosen, the embedded one first.
    pub fn all_models(&self) -> Vec<ModelEntry> {
        let mut all = Vec::new();
        if !self.models.iter().any(|model| model.name == ModelEntry::EMBEDDED) {
            all.push(ModelEntry::embedded());
        }
        all.extend(self.models.iter().cloned());
        all
    }

    /// The name of the model that plays a role.
    pub fn model_of(&self, role: ModelRole) -> &str {
        self.roles.get(&role).map_or(ModelEntry::EMBEDDED, String::as_str)
    }
}

/// The documents, by stem (file name without its ending).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Documents {
    /// The project file.
    pub setup: Arc<Setup>,
    /// The constitutions.
    pub constitutions: BTreeMap<String, Arc<Constitution>>,
    /// The rubrics.
    pub rubrics: BTreeMap<String, Arc<Rubric>>,
    /// The prompt sets.
    pub prompt_sets: BTreeMap<String, Arc<PromptSet>>,
    /// The judges.
    pub judges: BTreeMap<String, Arc<JudgeSetup>>,
}

/// Names one document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum DocumentId {
    /// The project file.
    Setup,
    /// A constitution, by stem.
    Constitution(String),
    /// A rubric, by stem.
    Rubric(String),
    /// A prompt set, by stem.
    Prompts(String),
    /// A judge, by stem.
    Judge(String),
}

impl std::fmt::Display for DocumentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Setup => f.write_str("preamble.ron"),
            Self::Constitution(stem) => write!(f, "constitutions/{stem}.ron"),
            Self::Rubric(stem) => write!(f, "rubrics/{stem}.ron"),
            Self::Prompts(stem) => write!(f, "prompts/{stem}.jsonl"),
            Self::Judge(stem) => write!(f, "judges/{stem}.ron"),
        }
    }
}

/// One document's value at one time; `None`: it is not there.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    /// The project file.
    Setup(Arc<Setup>),
    /// A constitution.
    Constitution(Option<Arc<Constitution>>),
    /// A rubric.
    Rubric(Option<Arc<Rubric>>),
    /// A prompt set.
    Prompts(Option<Arc<PromptSet>>),
    /// A judge.
    Judge(Option<Arc<JudgeSetup>>),
}

impl Documents {
    /// The document's value now; a document that is not there gives the empty variant.
    pub fn get(&self, id: &DocumentId) -> Document {
        match id {
            DocumentId::Setup => Document::Setup(Arc::clone(&self.setup)),
            DocumentId::Constitution(stem) => {
                Document::Constitution(self.constitutions.get(stem).cloned())
            }
            DocumentId::Rubric(stem) => Document::Rubric(self.rubrics.get(stem).cloned()),
            DocumentId::Prompts(stem) => Document::Prompts(self.prompt_sets.get(stem).cloned()),
            DocumentId::Judge(stem) => Document::Judge(self.judges.get(stem).cloned()),
        }
    }

    /// Puts a value in a document's place; a value of another kind is left alone.
    pub fn put(&mut self, id: &DocumentId, document: Document) {
        match (id, document) {
            (DocumentId::Setup, Document::Setup(setup)) => self.setup = setup,
            (DocumentId::Constitution(stem), Document::Constitution(value)) => {
                replace(&mut self.constitutions, stem, value);
            }
            (DocumentId::Rubric(stem), Document::Rubric(value)) => {
                replace(&mut self.rubrics, stem, value);
            }
            (DocumentId::Prompts(stem), Document::Prompts(value)) => {
                replace(&mut self.prompt_sets, stem, value);
            }
            (DocumentId::Judge(stem), Document::Judge(value)) => {
                replace(&mut self.judges, stem, value);
            }
            (
                DocumentId::Setup
                | DocumentId::Constitution(_)
                | DocumentId::Rubric(_)
                | DocumentId::Prompts(_)
                | DocumentId::Judge(_),
                _,
            ) => {}
        }
    }
}

fn replace<T>(map: &mut BTreeMap<String, Arc<T>>, stem: &str, value: Option<Arc<T>>) {
    match value {
        Some(value) => {
            map.insert(stem.to_owned(), value);
        }
        None => {
            map.remove(stem);
        }
    }
}

/// A file of the project that could not be read; it is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableFile {
    /// Its path within the project.
    pub path: PathBuf,
    /// What is wrong, with line and column where known.
    pub problem: crate::domain::Problem,
}

/// The open project.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProjectState {
    /// The project's folder.
    pub root: PathBuf,
    /// What the user edits.
    pub documents: Documents,
    /// The recipes of the project's own, by stem.
    pub recipes: BTreeMap<String, Arc<Recipe>>,
    /// The project's own prompt templates: name and source.
    pub templates: BTreeMap<String, String>,
    /// Files that could not be read.
    pub unreadable: Vec<UnreadableFile>,
    /// Somebody else has it open: nothing can be edited.
    pub read_only: bool,
    /// Documents changed since they were last handed to a save.
    pub unsaved: BTreeSet<DocumentId>,
    /// Documents that a save is writing now.
    pub saving: BTreeSet<DocumentId>,
}

/// A stem that is free in `taken`, made from a name: lower case, letters and digits with hyphens.
pub fn free_stem<T>(taken: &BTreeMap<String, T>, name: &str) -> String {
    let mut stem = String::new();
    for letter in name.to_lowercase().chars() {
        if letter.is_alphanumeric() {
            stem.push(letter);
        } else if !stem.is_empty() && !stem.ends_with('-') {
            stem.push('-');
        }
    }
    let mut stem: String = stem.trim_end_matches('-').chars().take(60).collect();
    if stem.is_empty() {
        stem.push_str("unnamed");
    }
    if !taken.contains_key(&stem) {
        return stem;
    }
    let mut n = 2_u32;
    loop {
        let candidate = format!("{stem}-{n}");
        if !taken.contains_key(&candidate) {
            return candidate;
        }
        n += 1;
    }
}
