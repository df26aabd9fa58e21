//! A project: a folder of plain files.
//!
//! ```text
//! my-project/
//! ├── preamble.ron           format number, name, models and roles (never a key), defaults
//! ├── constitutions/*.ron    rubrics/*.ron    recipes/*.ron    judges/*.ron
//! ├── prompts/*.jsonl
//! ├── templates/*.j2         overrides of the built-in templates
//! ├── journal.sqlite
//! └── exports/
//! ```
//!
//! One bad document never keeps a project from opening: it becomes a [`FileProblem`], and its
//! file is left alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

use super::atomic::Stamp;
use super::journal::Journal;
use super::lock::ProjectLock;
use super::{StoreError, document, recipe_problems};
use crate::domain::{
    Constitution, JudgeSetup, Method, ModelEntry, ModelRole, Problem, PromptSet, Recipe, Rubric,
    Spending,
};

/// The project's own file.
pub const PROJECT_FILE: &str = "preamble.ron";
/// The journal's file.
pub const JOURNAL_FILE: &str = "journal.sqlite";

/// What `preamble.ron` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectFile {
    /// The version of the file's shape; see [`crate::domain::FORMAT`].
    pub format: u32,
    /// What people call the project.
    pub name: String,
    /// File stem of the constitution that runs use unless told otherwise; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub constitution: String,
    /// File stem of the rubric that runs use unless told otherwise; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rubric: String,
    /// File stem of the prompt set that runs use unless told otherwise; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prompts: String,
    /// The seed that runs use unless told otherwise.
    #[serde(default)]
    pub seed: u64,
    /// The models; the embedded one is always there, without being listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<ModelEntry>,
    /// Which model does what; a role that is not listed is done by the embedded model.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<ModelRole, String>,
    /// What may be spent.
    #[serde(default, skip_serializing_if = "Spending::is_usual")]
    pub spending: Spending,
}

impl ProjectFile {
    /// A new project's file: no document yet, every role done by the embedded model.
    pub fn named(name: impl Into<String>) -> Self {
        use strum::IntoEnumIterator as _;
        Self {
            format: crate::domain::FORMAT,
            name: name.into(),
            constitution: String::new(),
            rubric: String::new(),
            prompts: String::new(),
            seed: 0,
            models: Vec::new(),
            roles: ModelRole::iter().map(|role| (role, ModelEntry::EMBEDDED.to_owned())).collect(),
            spending: Spending::default(),
        }
    }

    /// The model of that name; the embedded one is always there.
    pub fn model(&self, name: &str) -> Option<ModelEntry> {
        self.models
            .iter()
            .find(|entry| entry.name == name)
            .cloned()
            .or_else(|| (name == ModelEntry::EMBEDDED).then(ModelEntry::embedded))
    }

    /// The name of the model that does what a role needs.
    pub fn role(&self, role: ModelRole) -> &str {
        self.roles.get(&role).map_or(ModelEntry::EMBEDDED, String::as_str)
    }

    /// What is wrong with it, worst first; empty when nothing is.
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for entry in &self.models {
            if entry.name.trim().is_empty() {
                found.push(Problem::error("models", "a model has no name", "give it one"));
            } else if !seen.insert(entry.name.as_str()) {
                found.push(Problem::error(
                    format!("models.{}", entry.name),
                    format!("two models have the name {}", entry.name),
                    "give each model a name of its own",
                ));
            }
            found.extend(entry.price_problems());
            if entry.max_in_flight == 0 {
                found.push(Problem::error(
                    format!("models.{}.max_in_flight", entry.name),
                    "no request could ever be sent",
                    "use a number of 1 or more; 8 is usual",
                ));
            }
        }
        found.extend(self.spending.problems());
        for (role, name) in &self.roles {
            if self.model(name).is_none() {
                found.push(Problem::error(
                    format!("roles.{role}"),
                    format!("there is no model called {name}"),
                    "use a name from `models`, or embedded",
                ));
            }
        }
        found
    }
}

/// What kind of document a file is.
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
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DocumentKind {
    /// `preamble.ron`.
    Project,
    /// `constitutions/*.ron`.
    Constitution,
    /// `rubrics/*.ron`.
    Rubric,
    /// `recipes/*.ron`.
    Recipe,
    /// `judges/*.ron`.
    Judge,
    /// `prompts/*.jsonl`.
    PromptSet,
    /// `templates/*.j2`.
    Template,
}

impl DocumentKind {
    /// The folder within a project; empty for the project's own file.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Project => "",
            Self::Constitution => "constitutions",
            Self::Rubric => "rubrics",
            Self::Recipe => "recipes",
            Self::Judge => "judges",
            Self::PromptSet => "prompts",
            Self::Template => "templates",
        }
    }

    /// The ending of its files, without the dot.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Project | Self::Constitution | Self::Rubric | Self::Recipe | Self::Judge => "ron",
            Self::PromptSet => "jsonl",
            Self::Template => "j2",
        }
    }
}

/// Something wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileProblem {
    /// The file.
    pub path: PathBuf,
    /// What is wrong, where, and how to mend it.
    pub problem: Problem,
}

impl std::fmt::Display for FileProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some((line, column)) = self.problem.position {
            write!(f, ":{line}:{column}")?;
        }
        if !self.problem.place.is_empty() {
            write!(f, ": {}", self.problem.place)?;
        }
        write!(f, ": {}", self.problem.what)
    }
}

/// What a save did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The file written.
    pub path: PathBuf,
    /// BLAKE3 of its text, hexadecimal: the version's hash.
    pub hash: String,
    /// Where the file of before is kept, because it had comments that the new one has not.
    pub kept_comments_in: Option<PathBuf>,
}

/// An open project, as it was read; saves go to disk and leave this value as it is.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder.
    pub root: PathBuf,
    /// `preamble.ron`.
    pub file: ProjectFile,
    /// By file stem.
    pub constitutions: BTreeMap<String, Arc<Constitution>>,
    /// By file stem.
    pub rubrics: BTreeMap<String, Arc<Rubric>>,
    /// By file stem; the built-in recipes are not among them, see [`Project::recipe`].
    pub recipes: BTreeMap<String, Arc<Recipe>>,
    /// By file stem.
    pub judges: BTreeMap<String, Arc<JudgeSetup>>,
    /// By file stem.
    pub prompt_sets: BTreeMap<String, Arc<PromptSet>>,
    /// Overrides of built-in templates: template name → source.
    pub templates: BTreeMap<String, String>,
    /// Files that could not be read, and what is doubtful in those that could.
    pub problems: Vec<FileProblem>,
    /// Whether somebody else holds the lock, so that nothing may be saved.
    pub read_only: bool,
    pub(super) lock: Option<Arc<ProjectLock>>,
    /// What each file was when it was last read or written here.
    pub(super) seen: Arc<Mutex<BTreeMap<PathBuf, Stamp>>>,
}

impl Project {
    /// Opens a project folder and takes the right to write it; where somebody else has it, the
    /// project is read only.
    ///
    /// # Errors
    ///
    /// There is no `preamble.ron`, it can't be read (a newer format included), or the folder
    /// can't be listed. A bad document is no error but one of [`Project::problems`].
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        if !root.join(PROJECT_FILE).is_file() {
            return Err(StoreError::NotAProject { root: root.to_owned() });
        }
        let lock = ProjectLock::take(root)?.map(Arc::new);
        Self::read(root, lock)
    }

    /// Reads a project without taking the right to write it.
    ///
    /// # Errors
    ///
    /// As [`Project::open`].
    pub fn look(root: &Path) -> Result<Self, StoreError> {
        if !root.join(PROJECT_FILE).is_file() {
            return Err(StoreError::NotAProject { root: root.to_owned() });
        }
        Self::read(root, None)
    }

    /// Reads the folder anew, keeping the right to write it.
    ///
    /// # Errors
    ///
    /// As [`Project::open`].
    pub fn reload(&self) -> Result<Self, StoreError> {
        let lock = match &self.lock {
            Some(lock) => Some(Arc::clone(lock)),
            None => ProjectLock::take(&self.root)?.map(Arc::new),
        };
        Self::read(&self.root, lock)
    }

    fn read(root: &Path, lock: Option<Arc<ProjectLock>>) -> Result<Self, StoreError> {
        let mut seen = BTreeMap::new();
        let path = root.join(PROJECT_FILE);
        let text = document::read(&path, &mut seen).map_err(StoreError::Document)?;
        let file: ProjectFile =
            document::parse(&path, &text, DocumentKind::Project).map_err(StoreError::Document)?;
        let mut problems = document::in_file(&path, file.problems());
        let mut read = document::Reader { root, seen: &mut seen, problems: &mut problems };
        let constitutions = read.folder(DocumentKind::Constitution, Constitution::problems)?;
        let rubrics = read.folder(DocumentKind::Rubric, Rubric::problems)?;
        let judges = read.folder(DocumentKind::Judge, |judge| {
            judge_problems(judge, |name| file.model(name).is_some())
        })?;
        let recipes =
            read.folder(DocumentKind::Recipe, |recipe| recipe_problems::problems(recipe, &judges))?;
        let prompt_sets = read.prompt_sets()?;
        let templates = read.templates()?;
        let mut project = Self {
            root: root.to_owned(),
            file,
            constitutions,
            rubrics,
            recipes,
            judges,
            prompt_sets,
            templates,
            problems,
            read_only: lock.is_none(),
            lock,
            seen: Arc::new(Mutex::new(seen)),
        };
        project.note_missing_defaults();
        Ok(project)
    }

    fn note_missing_defaults(&mut self) {
        let defaults = [
            (DocumentKind::Constitution, &self.file.constitution),
            (DocumentKind::Rubric, &self.file.rubric),
            (DocumentKind::PromptSet, &self.file.prompts),
        ];
        let missing: Vec<_> = defaults
            .into_iter()
            .filter(|(kind, stem)| !stem.is_empty() && !self.path_of(*kind, stem).exists())
            .map(|(kind, stem)| {
                Problem::warning(
                    kind.to_string(),
                    format!("the default {} “{stem}” is not there", words(kind)),
                    "choose another default, or put the file back",
                )
            })
            .collect();
        self.problems.extend(document::in_file(&self.root.join(PROJECT_FILE), missing));
    }

    /// Where a document's file is, or would be.
    pub fn path_of(&self, kind: DocumentKind, stem: &str) -> PathBuf {
        match kind {
            DocumentKind::Project => self.root.join(PROJECT_FILE),
            _ => self.root.join(kind.folder()).join(format!("{stem}.{}", kind.ending())),
        }
    }

    /// A file stem made from a document's name that no file of that kind has.
    pub fn free_stem(&self, kind: DocumentKind, name: &str) -> String {
        let base = stem_of(name);
        let mut stem = base.clone();
        let mut n = 2;
        while self.path_of(kind, &stem).exists() {
            stem = format!("{base}-{n}");
            n += 1;
        }
        stem
    }

    /// A judge of the project, by file stem or name.
    pub fn judge(&self, name: &str) -> Option<Arc<JudgeSetup>> {
        let own = self.judges.get(name);
        own.or_else(|| self.judges.values().find(|judge| judge.name == name)).cloned()
    }

    /// A recipe of the project's own, else the built-in one of that name.
    pub fn recipe(&self, name: &str) -> Option<Arc<Recipe>> {
        use strum::IntoEnumIterator as _;
        let own = self
            .recipes
            .get(name)
            .or_else(|| self.recipes.values().find(|recipe| recipe.name == name));
        own.cloned().or_else(|| {
            Method::iter()
                .find(|method| method.to_string() == name)
                .map(|method| Arc::new(Recipe::built_in(method)))
        })
    }

    /// Names of all recipes: the project's own by file stem, then the built-in ones.
    pub fn recipe_names(&self) -> Vec<String> {
        use strum::IntoEnumIterator as _;
        let mut names: Vec<String> = self.recipes.keys().cloned().collect();
        for method in Method::iter() {
            let name = method.to_string();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Opens the project's journal: to write, or to read only where the project is.
    ///
    /// # Errors
    ///
    /// The journal is damaged, newer than this version, or can't be opened.
    pub fn open_journal(&self) -> Result<Journal, StoreError> {
        let path = self.root.join(JOURNAL_FILE);
        if self.read_only { Journal::open_read_only(&path) } else { Journal::open(&path) }
    }

    /// Documents whose files changed on disk since they were read or saved here, judged by time
    /// and length: cheap enough for each time the window regains focus.
    pub fn changed_on_disk(&self) -> Vec<PathBuf> {
        let seen = super::unpoisoned(&self.seen);
        seen.iter()
            .filter(|(path, stamp)| stamp.may_have_changed(path))
            .map(|(path, _)| path.clone())
            .collect()
    }
}

/// What is wrong with a judge of a project, worst first, the models that the project has not among
/// it; `has` says whether there is a model of a name.
pub fn judge_problems(judge: &JudgeSetup, has: impl Fn(&str) -> bool) -> Vec<Problem> {
    let mut found = judge.problems();
    for (index, name) in judge.models.iter().enumerate() {
        // A specification such as `openai:MODEL@URL` needs no entry.
        if !name.trim().is_empty() && !name.contains(':') && !has(name) {
            found.push(Problem::error(
                format!("models {}", index + 1),
                format!("there is no model called {name}"),
                "use a name from the project's models, embedded, or openai:MODEL@BASE_URL",
            ));
        }
    }
    found.sort_by_key(|problem| problem.severity);
    found
}

/// What people call a kind of document.
pub fn words(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Project => "project",
        DocumentKind::Constitution => "constitution",
        DocumentKind::Rubric => "rubric",
        DocumentKind::Recipe => "recipe",
        DocumentKind::Judge => "judge",
        DocumentKind::PromptSet => "prompt set",
        DocumentKind::Template => "template",
    }
}

/// A file stem made from a name: lower case, letters and digits of any script, `-` for the rest.
pub fn stem_of(name: &str) -> String {
    let mut stem = String::new();
    for c in name.trim().chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() || c == '_' {
            stem.push(c);
        } else if !stem.ends_with('-') && !stem.is_empty() {
            stem.push('-');
        }
        if stem.len() >= 80 {
            break;
        }
    }
    let stem = stem.trim_end_matches('-');
    if stem.is_empty() || is_reserved(stem) { format!("{stem}document") } else { stem.to_owned() }
}

/// Whether a stem may be a file's name everywhere: no folder, no leading dot, nothing that
/// Windows reserves.
pub fn is_stem(stem: &str) -> bool {
    !stem.is_empty()
        && stem.len() <= 200
        && !stem.starts_with(['.', ' ', '-'])
        && !stem.ends_with(['.', ' '])
        && !stem.chars().any(|c| c.is_control() || "/\\:*?\"<>|".contains(c))
        && !is_reserved(stem)
}

fn is_reserved(stem: &str) -> bool {
    let base = stem.split('.').next().unwrap_or(stem).to_ascii_uppercase();
    matches!(base.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || (base.len() == 4
            && (base.starts_with("COM") || base.starts_with("LPT"))
            && base.ends_with(|c: char| c.is_ascii_digit()))
}
