//! What a user likes, on this machine: theme, zoom, recent projects, the window's place.
//!
//! Never a key, and nothing that changes what a run yields.

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

/// Light or dark.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
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
pub struct Settings {
    /// The version of the file's shape; see [`crate::domain::FORMAT`].
    pub format: u32,
    /// Light or dark.
    pub theme: ThemeChoice,
    /// All of the window, 1 is the usual size; 0.5..=3.
    pub zoom: f32,
    /// The size of long texts, in points; 10..=32.
    pub reading_size: f32,
    /// Projects opened lately, the latest first.
    pub recents: Vec<PathBuf>,
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
            recents: Vec::new(),
            window: None,
        }
    }
}

impl Settings {
    /// Puts a project at the head of the recent ones.
    pub fn opened(&mut self, project: &Path) {
        self.recents.retain(|recent| recent != project);
        self.recents.insert(0, project.to_owned());
        self.recents.truncate(RECENTS);
    }

    /// The settings with every number within its bounds.
    fn bounded(mut self) -> Self {
        let within = |value: f32, low, high, usual| {
            if value.is_finite() { value.clamp(low, high) } else { usual }
        };
        self.zoom = within(self.zoom, 0.5, 3.0, 1.0);
        self.reading_size = within(self.reading_size, 10.0, 32.0, 15.0);
        self.recents.truncate(RECENTS);
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
