//! What a user likes, on this machine: theme, zoom, recent projects, where each was left, the
//! window's place.
//!
//! Never a key, and nothing that changes what a run yields. Every field has a usual value, so that
//! a file of an older version is read as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{StoreError, atomic, document};
use crate::domain::Problem;
use crate::formats;
use crate::store::FileProblem;

/// Names another folder for settings than the system's usual one.
pub const CONFIG_DIR_ENV: &str = "PREAMBLE_CONFIG_DIR";

/// How many recent projects are remembered.
const RECENTS: usize = 12;

/// How many hosts are remembered.
const HOSTS: usize = 256;

/// Light or dark.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumIter,
)]
pub enum ThemeChoice {
    /// As the system is set.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
    /// White on black, thick edges, patterns beside colours.
    #[strum(to_string = "High contrast")]
    HighContrast,
    /// Black on white, likewise.
    #[strum(to_string = "High contrast, light")]
    HighContrastLight,
}

/// A first thing done, for the checklist of newcomers.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumIter,
)]
pub enum Step {
    /// A chain was seen to its end.
    #[strum(to_string = "See a chain")]
    Chain,
    /// A response was reacted to.
    #[strum(to_string = "React")]
    React,
    /// A principle of one's own was added.
    #[strum(to_string = "New principle")]
    Principle,
    /// Two sides were compared.
    #[strum(to_string = "Compare")]
    Compare,
    /// Another model than the starter was added.
    #[strum(to_string = "Connect a model")]
    Model,
    /// Twenty answers were labelled.
    #[strum(to_string = "Label 20")]
    Label,
    /// Rows were exported.
    #[strum(to_string = "Export")]
    Export,
}

/// Where somebody was in a project when it was left; names that are gone by then do no harm.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// The area, by its name in the rail.
    pub area: String,
    /// The area of work last shown: not Home and not Settings.
    pub work: String,
    /// The constitution, by stem.
    pub constitution: String,
    /// The principle, by id; empty: the constitution's own page.
    pub principle: String,
    /// The rubric, by stem.
    pub rubric: String,
    /// The criterion, by id; empty: the rubric's own page.
    pub criterion: String,
    /// The prompt set, by stem.
    pub prompts: String,
    /// The prompt, by id.
    pub prompt: String,
}

/// What is remembered of a project: enough for a line on Home without opening it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// Its name.
    pub name: String,
    /// Where it was left.
    pub place: Place,
    /// When a document of it was last changed in the window, in milliseconds since 1970; 0: never.
    pub edited_ms: u64,
    /// When it was last opened, likewise.
    pub opened_ms: u64,
    /// How many principles its constitutions had.
    pub principles: u64,
    /// How many criteria its rubrics had.
    pub criteria: u64,
    /// How many prompts its sets had.
    pub prompts: u64,
    /// How many runs its journal had.
    pub runs: u64,
}

/// Where the window was.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowPlace {
    /// From the screen's left, in points.
    pub x: f32,
    /// From the screen's top, in points.
    pub y: f32,
    /// In points.
    pub width: f32,
    /// In points.
    pub height: f32,
    /// Whether it filled the screen.
    pub is_maximized: bool,
}

/// What a user likes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Settings {
    /// The version of the file's shape; see [`crate::domain::FORMAT`].
    pub format: u32,
    /// Light or dark.
    pub theme: ThemeChoice,
    /// All of the window, 1 is the usual size; 0.5..=3.
    pub zoom: f32,
    /// The size of long texts, in points; 10..=32.
    pub reading_size: f32,
    /// Whether nothing moves by itself.
    pub reduced_motion: bool,
    /// Whether single letters are shortcuts while no text is being typed.
    pub single_keys: bool,
    /// Whether the window asks before it first sends anything to a host.
    pub ask_before_hosts: bool,
    /// Whether the desktop tells of a run's end while another window is looked at.
    pub tell_when_away: bool,
    /// Hosts that may be sent to without asking.
    pub hosts: BTreeSet<String>,
    /// The newcomer's card to show next, from 0; as many as there are: none.
    pub cards: u8,
    /// What a newcomer has done.
    pub started: BTreeSet<Step>,
    /// Who labels on this computer; empty: nobody said so yet.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub labeller: String,
    /// Projects opened lately, the latest first.
    pub recents: Vec<PathBuf>,
    /// What is remembered of them.
    pub projects: BTreeMap<PathBuf, Known>,
    /// Where the window was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowPlace>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            format: crate::domain::FORMAT,
            theme: ThemeChoice::System,
            zoom: 1.0,
            reading_size: 15.0,
            reduced_motion: false,
            single_keys: true,
            ask_before_hosts: true,
            tell_when_away: true,
            hosts: BTreeSet::new(),
            cards: 0,
            started: BTreeSet::new(),
            labeller: String::new(),
            recents: Vec::new(),
            projects: BTreeMap::new(),
            window: None,
        }
    }
}

impl Settings {
    /// Puts a project at the head of the recent ones.
    pub fn opened(&mut self, project: &Path) {
        self.recents.retain(|recent| recent != project);
        self.recents.insert(0, project.to_owned());
        self.keep_recents();
    }

    /// Takes a project off the recent ones, and what is remembered of it.
    pub fn forget(&mut self, project: &Path) {
        self.recents.retain(|recent| recent != project);
        self.projects.remove(project);
    }

    /// A project was found again at another place: what is remembered goes with it.
    pub fn moved(&mut self, from: &Path, to: &Path) {
        if let Some(known) = self.projects.remove(from) {
            self.projects.entry(to.to_owned()).or_insert(known);
        }
        self.recents.retain(|recent| recent != from);
    }

    fn keep_recents(&mut self) {
        self.recents.truncate(RECENTS);
        let recents = &self.recents;
        self.projects.retain(|root, _| recents.contains(root));
    }

    /// The settings with every number within its bounds.
    fn bounded(mut self) -> Self {
        let within = |value: f32, low, high, usual| {
            if value.is_finite() { value.clamp(low, high) } else { usual }
        };
        self.zoom = within(self.zoom, 0.5, 3.0, 1.0);
        self.reading_size = within(self.reading_size, 10.0, 32.0, 15.0);
        self.keep_recents();
        while self.hosts.len() > HOSTS {
            self.hosts.pop_first();
        }
        if let Some(place) = &self.window {
            let numbers = [place.x, place.y, place.width, place.height];
            if !numbers.iter().all(|number| number.is_finite()) {
                self.window = None;
            }
        }
        self
    }
}

/// The folder for settings: named by [`CONFIG_DIR_ENV`], else the system's usual one; `None`
/// where the system has none.
pub fn folder() -> Option<PathBuf> {
    match std::env::var_os(CONFIG_DIR_ENV) {
        Some(folder) if !folder.is_empty() => Some(PathBuf::from(folder)),
        _ => directories::ProjectDirs::from("", "", "preamble")
            .map(|folders| folders.config_dir().to_owned()),
    }
}

/// The folder for what the program keeps for itself: drafts, crash reports.
///
/// `state` within the folder of [`CONFIG_DIR_ENV`] where that is set, else the system's usual one;
/// `None` where the system has none.
pub fn state_folder() -> Option<PathBuf> {
    match std::env::var_os(CONFIG_DIR_ENV) {
        Some(folder) if !folder.is_empty() => Some(PathBuf::from(folder).join("state")),
        _ => directories::ProjectDirs::from("", "", "preamble").map(|folders| {
            folders.state_dir().unwrap_or_else(|| folders.data_local_dir()).to_owned()
        }),
    }
}

/// The user's settings, or the usual ones where there are none or they can't be read; then with
/// what is wrong.
pub fn load() -> (Settings, Option<FileProblem>) {
    folder().map_or_else(|| (Settings::default(), None), |folder| load_from(&folder))
}

/// The settings in a folder; see [`load`].
pub fn load_from(folder: &Path) -> (Settings, Option<FileProblem>) {
    let path = file(folder);
    if !path.exists() {
        return (Settings::default(), None);
    }
    let read = document::read(&path, &mut document::Seen::new()).and_then(|text| {
        formats::document::parse::<Settings>(&text, "settings")
            .map_err(|problem| Box::new(FileProblem { path: path.clone(), problem }))
    });
    match read {
        Ok(settings) => (settings.bounded(), None),
        Err(problem) => (Settings::default(), Some(*problem)),
    }
}

/// Keeps the user's settings; where the system has no folder for them they are not kept.
///
/// # Errors
///
/// As [`save_to`].
pub fn save(settings: &Settings) -> Result<(), StoreError> {
    folder().map_or(Ok(()), |folder| save_to(&folder, settings))
}

/// Keeps settings in a folder. A file there that can't be read is kept beside the new one.
///
/// # Errors
///
/// The file system's refusal.
pub fn save_to(folder: &Path, settings: &Settings) -> Result<(), StoreError> {
    let path = file(folder);
    let fail = |problem: Problem| {
        StoreError::Document(Box::new(FileProblem { path: path.clone(), problem }))
    };
    let text = formats::document::to_ron(settings).map_err(fail)?;
    if load_from(folder).1.is_some() {
        let kept = super::save::free_beside(&path);
        std::fs::rename(&path, &kept).map_err(|error| StoreError::io("move", &path, error))?;
    }
    atomic::write(&path, text.as_bytes())
}

fn file(folder: &Path) -> PathBuf {
    folder.join("settings.ron")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_bounded_and_recents_have_no_twins() {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings { zoom: 99.0, ..Settings::default() };
        for name in ["a", "b", "a"] {
            settings.opened(Path::new(name));
        }
        assert_eq!(settings.recents, [PathBuf::from("a"), PathBuf::from("b")]);
        save_to(folder.path(), &settings).unwrap();
        let (read, problem) = load_from(folder.path());
        assert_eq!(problem, None);
        assert_eq!(read, Settings { zoom: 3.0, ..settings });
    }

    #[test]
    fn a_file_of_the_first_version_is_read_with_the_usual_values_for_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        let old = br#"(format: 1, theme: Dark, zoom: 1.2, reading_size: 16.0, recents: ["/a"])"#;
        atomic::write(&file(folder.path()), old).unwrap();
        let (read, problem) = load_from(folder.path());
        assert_eq!(problem, None);
        assert_eq!(read.theme, ThemeChoice::Dark);
        assert_eq!(read.recents, [PathBuf::from("/a")]);
        assert!(read.single_keys && read.ask_before_hosts && !read.reduced_motion);
        assert!(read.projects.is_empty() && read.started.is_empty() && read.cards == 0);
    }

    #[test]
    fn everything_new_comes_back_from_disk() {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings {
            theme: ThemeChoice::HighContrastLight,
            reduced_motion: true,
            single_keys: false,
            ask_before_hosts: false,
            cards: 2,
            window: Some(WindowPlace { x: -4.0, y: 8.0, width: 900.0, ..WindowPlace::default() }),
            ..Settings::default()
        };
        settings.hosts.insert("api.example.com".to_owned());
        settings.started.extend([Step::Chain, Step::Export]);
        settings.opened(Path::new("/p/one"));
        let known = Known { name: "One “1”".to_owned(), prompts: 3, ..Known::default() };
        settings.projects.insert("/p/one".into(), known.clone());
        save_to(folder.path(), &settings).unwrap();
        assert_eq!(load_from(folder.path()), (settings.clone(), None));
        settings.moved(Path::new("/p/one"), Path::new("/p/two"));
        settings.opened(Path::new("/p/two"));
        assert_eq!(settings.projects.get(Path::new("/p/two")), Some(&known));
        settings.forget(Path::new("/p/two"));
        assert!(settings.recents.is_empty() && settings.projects.is_empty());
    }

    #[test]
    fn a_window_that_is_nowhere_is_forgotten() {
        let place = WindowPlace { x: f32::NAN, ..WindowPlace::default() };
        assert_eq!(Settings { window: Some(place), ..Settings::default() }.bounded().window, None);
    }

    #[test]
    fn a_broken_file_gives_the_usual_settings_and_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        atomic::write(&file(folder.path()), b"(format: 1, theme: Purple)").unwrap();
        let (read, problem) = load_from(folder.path());
        assert_eq!(read, Settings::default());
        assert!(problem.unwrap().problem.position.is_some());
        save_to(folder.path(), &read).unwrap();
        assert_eq!(load_from(folder.path()).1, None);
        assert!(folder.path().join("settings.ron.before-1").exists());
    }
}
