//! The one table of commands without data: menu bar, shortcuts, key overlay and tests come from
//! it. Each resolves, against the state, to a [`Command`] with data or to a reason why not.
#![warn(clippy::wildcard_enum_match_arm)]

use egui::{Key, KeyboardShortcut, Modifiers};
use strum::IntoEnumIterator as _;

use super::command::{
    Command, ConstitutionCommand, GoCommand, LookCommand, PrincipleChange, ProjectCommand,
    RubricCommand, TryCommand,
};
use super::state::{AppState, Area, PathPurpose, Sheet, ThemeChoice};

/// A menu of the menu bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::EnumIter, strum::Display)]
pub enum Menu {
    /// Projects and files.
    File,
    /// Documents.
    Edit,
    /// What is shown and how.
    View,
    /// Chains.
    Run,
    /// Help.
    Help,
}

/// A command that menus, shortcuts and the palette list, in this order.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, strum::EnumIter, strum::IntoStaticStr,
)]
pub enum MenuCommand {
    /// Make a project.
    NewProject,
    /// Open a project.
    OpenProject,
    /// Open the sample project.
    OpenSample,
    /// Import a file.
    Import,
    /// Export rows.
    Export,
    /// Save now.
    Save,
    /// Close the window.
    Quit,
    /// Take back.
    Undo,
    /// Do again.
    Redo,
    /// Find in the area.
    Find,
    /// Add an item.
    Add,
    /// Copy the item.
    Duplicate,
    /// Delete the item.
    Delete,
    /// Move the item up.
    MoveUp,
    /// Move the item down.
    MoveDown,
    /// Enable or disable the principle.
    ToggleEnabled,
    /// A new constitution.
    NewConstitution,
    /// A new rubric.
    NewRubric,
    /// Show Try.
    ShowTry,
    /// Show Constitution.
    ShowConstitution,
    /// Show Rubric.
    ShowRubric,
    /// Show Models.
    ShowModels,
    /// The next item.
    NextItem,
    /// The previous item.
    PreviousItem,
    /// System colours.
    ThemeSystem,
    /// Light colours.
    ThemeLight,
    /// Dark colours.
    ThemeDark,
    /// Larger.
    ZoomIn,
    /// Smaller.
    ZoomOut,
    /// As at first.
    ZoomReset,
    /// Larger prompts and replies.
    ReadingLarger,
    /// Smaller prompts and replies.
    ReadingSmaller,
    /// Run the prompt.
    Run,
    /// Run the prompt with another seed.
    RunOtherSeed,
    /// Stop.
    Stop,
    /// Keys of this screen.
    Keys,
    /// About.
    About,
}

impl MenuCommand {
    /// All, in the order of menus and palette.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// Its stable name, for tests and rebinding.
    pub fn id(self) -> &'static str {
        self.into()
    }

    /// The menu that it is in.
    pub fn menu(self) -> Menu {
        match self {
            Self::NewProject
            | Self::OpenProject
            | Self::OpenSample
            | Self::Import
            | Self::Export
            | Self::Save
            | Self::Quit => Menu::File,
            Self::Undo
            | Self::Redo
            | Self::Find
            | Self::Add
            | Self::Duplicate
            | Self::Delete
            | Self::MoveUp
            | Self::MoveDown
            | Self::ToggleEnabled
            | Self::NewConstitution
            | Self::NewRubric => Menu::Edit,
            Self::ShowTry
            | Self::ShowConstitution
            | Self::ShowRubric
            | Self::ShowModels
            | Self::NextItem
            | Self::PreviousItem
            | Self::ThemeSystem
            | Self::ThemeLight
            | Self::ThemeDark
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::ZoomReset
            | Self::ReadingLarger
            | Self::ReadingSmaller => Menu::View,
            Self::Run | Self::RunOtherSeed | Self::Stop => Menu::Run,
            Self::Keys | Self::About => Menu::Help,
        }
    }

    /// Whether a line is drawn above it in its menu.
    pub fn begins_group(self) -> bool {
        matches!(
            self,
            Self::Import
                | Self::Save
                | Self::Quit
                | Self::Find
                | Self::Add
                | Self::NewConstitution
                | Self::NextItem
                | Self::ThemeSystem
                | Self::ZoomIn
                | Self::ReadingLarger
                | Self::Stop
                | Self::About
        )
    }

    /// Its name and tip. In menus, undo and redo say what they would take back.
    pub fn title_and_tip(self) -> (&'static str, &'static str) {
        match self {
            Self::NewProject => {
                ("New project…", "Make a project folder with the sample's documents")
            }
            Self::OpenProject => ("Open project…", "Open a project folder"),
            Self::OpenSample => {
                ("Open the sample project", "Constitutions, rubrics and prompts to begin with")
            }
            Self::Import => ("Import…", "Add a constitution, rubric or prompts from a file"),
            Self::Export => {
                ("Export…", "Write rows and pairs for training, with the configuration")
            }
            Self::Save => {
                ("Save now", "Everything is saved by itself within a second; this does it at once")
            }
            Self::Quit => ("Quit", "Save and close the window"),
            Self::Undo => ("Undo", "Take back the last edit of a document"),
            Self::Redo => ("Redo", "Do the edit again that was taken back"),
            Self::Find => ("Find here", "Filter the list of this screen"),
            Self::Add => ("Add", "Add a principle, criterion or prompt after the one selected"),
            Self::Duplicate => ("Duplicate", "Copy the one selected"),
            Self::Delete => ("Delete", "Delete the one selected; Undo brings it back"),
            Self::MoveUp => ("Move up", "Move the one selected up in its list"),
            Self::MoveDown => ("Move down", "Move the one selected down in its list"),
            Self::ToggleEnabled => ("Enable or disable", "Whether runs use the selected principle"),
            Self::NewConstitution => {
                ("New constitution", "Add an empty constitution to the project")
            }
            Self::NewRubric => ("New rubric", "Add an empty rubric to the project"),
            Self::ShowTry => ("Try", "What do they do to this prompt?"),
            Self::ShowConstitution => ("Constitution", "What should the model do?"),
            Self::ShowRubric => ("Rubric", "What earns reward?"),
            Self::ShowModels => ("Models", "Who answers?"),
            Self::NextItem => ("Next", "Select the next in the list"),
            Self::PreviousItem => ("Previous", "Select the previous in the list"),
            Self::ThemeSystem => ("System colours", "Light or dark as the system says"),
            Self::ThemeLight => ("Light colours", "Dark text on light"),
            Self::ThemeDark => ("Dark colours", "Light text on dark"),
            Self::ZoomIn => ("Zoom in", "Everything larger"),
            Self::ZoomOut => ("Zoom out", "Everything smaller"),
            Self::ZoomReset => ("Zoom to 100 %", "Everything as large as at first"),
            Self::ReadingLarger => ("Larger reading text", "Prompts, replies and critiques larger"),
            Self::ReadingSmaller => {
                ("Smaller reading text", "Prompts, replies and critiques smaller")
            }
            Self::Run => ("Run", "Draft, critique and revise an answer to the prompt shown"),
            Self::RunOtherSeed => ("Run with another seed", "The same prompt, other draws"),
            Self::Stop => ("Stop", "Stop the chain; what is there is kept"),
            Self::Keys => ("Keys of this screen", "All keys that work here"),
            Self::About => ("About Preamble", "Version, licence and where the files are"),
        }
    }

    /// Its keys, the one to show first. `COMMAND` is Ctrl, and Cmd on a Mac.
    pub fn shortcuts(self) -> Vec<KeyboardShortcut> {
        const C: Modifiers = Modifiers::COMMAND;
        const CS: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
        const A: Modifiers = Modifiers::ALT;
        const N: Modifiers = Modifiers::NONE;
        let keys: &[(Modifiers, Key)] = match self {
            Self::NewProject => &[(CS, Key::N)],
            Self::OpenProject => &[(C, Key::O)],
            Self::Import => &[(C, Key::I)],
            Self::Export => &[(C, Key::E)],
            Self::Save => &[(C, Key::S)],
            Self::Quit => &[(C, Key::Q)],
            Self::Undo => &[(C, Key::Z)],
            Self::Redo => &[(CS, Key::Z), (C, Key::Y)],
            Self::Find => &[(C, Key::F), (N, Key::Slash)],
            Self::Add => &[(C, Key::N), (N, Key::N)],
            Self::Duplicate => &[(C, Key::D), (N, Key::D)],
            Self::Delete => &[(N, Key::Delete)],
            Self::MoveUp => &[(A, Key::ArrowUp)],
            Self::MoveDown => &[(A, Key::ArrowDown)],
            Self::ToggleEnabled => &[(N, Key::E)],
            Self::ShowTry => &[(C, Key::Num1)],
            Self::ShowConstitution => &[(C, Key::Num2)],
            Self::ShowRubric => &[(C, Key::Num3)],
            Self::ShowModels => &[(C, Key::Num4), (C, Key::Comma)],
            Self::NextItem => &[(N, Key::J)],
            Self::PreviousItem => &[(N, Key::K)],
            Self::ZoomIn => &[(C, Key::Plus), (C, Key::Equals)],
            Self::ZoomOut => &[(C, Key::Minus)],
            Self::ZoomReset => &[(C, Key::Num0)],
            Self::Run => &[(C, Key::Enter)],
            Self::RunOtherSeed => &[(CS, Key::Enter)],
            Self::Stop => &[(C, Key::Period)],
            Self::Keys => &[(N, Key::F1), (N, Key::Questionmark)],
            Self::OpenSample
            | Self::NewConstitution
            | Self::NewRubric
            | Self::ThemeSystem
            | Self::ThemeLight
            | Self::ThemeDark
            | Self::ReadingLarger
            | Self::ReadingSmaller
            | Self::About => &[],
        };
        keys.iter().map(|(modifiers, key)| KeyboardShortcut::new(*modifiers, *key)).collect()
    }

    /// What it would do now, or why it can't, in words for a tooltip.
    ///
    /// # Errors
    ///
    /// The reason why it can't be done now.
    pub fn resolve(self, state: &AppState) -> Result<Command, &'static str> {
        match self {
            Self::NewProject => Ok(ProjectCommand::AskPath(PathPurpose::NewProject).into()),
            Self::OpenProject => Ok(ProjectCommand::AskPath(PathPurpose::OpenProject).into()),
            Self::OpenSample => Ok(ProjectCommand::OpenSample.into()),
            Self::Import => {
                editable(state)?;
                Ok(ProjectCommand::AskPath(PathPurpose::Import).into())
            }
            Self::Export => {
                open(state)?;
                Ok(GoCommand::Open(Sheet::Export).into())
            }
            Self::Save => {
                editable(state)?;
                Ok(ProjectCommand::Save.into())
            }
            Self::Quit => Ok(ProjectCommand::Quit.into()),
            Self::Undo => {
                state.history.undo_label().ok_or("Nothing to undo")?;
                Ok(Command::Undo)
            }
            Self::Redo => {
                state.history.redo_label().ok_or("Nothing to redo")?;
                Ok(Command::Redo)
            }
            Self::Find => {
                open(state)?;
                if state.area == Area::Models {
                    return Err("Nothing to filter on this screen");
                }
                Ok(GoCommand::Filter.into())
            }
            Self::Add => add(state),
            Self::Duplicate => duplicate(state),
            Self::Delete => delete(state),
            Self::MoveUp => step(state, -1),
            Self::MoveDown => step(state, 1),
            Self::ToggleEnabled => toggle(state),
            Self::NewConstitution => {
                editable(state)?;
                Ok(ConstitutionCommand::New("New constitution".to_owned()).into())
            }
            Self::NewRubric => {
                editable(state)?;
                Ok(RubricCommand::New("New rubric".to_owned()).into())
            }
            Self::ShowTry => Ok(GoCommand::Area(Area::Try).into()),
            Self::ShowConstitution => Ok(GoCommand::Area(Area::Constitution).into()),
            Self::ShowRubric => Ok(GoCommand::Area(Area::Rubric).into()),
            Self::ShowModels => Ok(GoCommand::Area(Area::Models).into()),
            Self::NextItem => {
                open(state)?;
                Ok(GoCommand::Step(1).into())
            }
            Self::PreviousItem => {
                open(state)?;
                Ok(GoCommand::Step(-1).into())
            }
            Self::ThemeSystem => Ok(LookCommand::Theme(ThemeChoice::System).into()),
            Self::ThemeLight => Ok(LookCommand::Theme(ThemeChoice::Light).into()),
            Self::ThemeDark => Ok(LookCommand::Theme(ThemeChoice::Dark).into()),
            Self::ZoomIn => Ok(LookCommand::Zoom(1).into()),
            Self::ZoomOut => Ok(LookCommand::Zoom(-1).into()),
            Self::ZoomReset => Ok(LookCommand::ZoomReset.into()),
            Self::ReadingLarger => Ok(LookCommand::Reading(1).into()),
            Self::ReadingSmaller => Ok(LookCommand::Reading(-1).into()),
            Self::Run => {
                runnable(state)?;
                Ok(TryCommand::Run.into())
            }
            Self::RunOtherSeed => {
                runnable(state)?;
                Ok(TryCommand::RunOtherSeed.into())
            }
            Self::Stop => {
                state.trial.running.as_ref().ok_or("Nothing is running")?;
                Ok(TryCommand::Stop.into())
            }
            Self::Keys => Ok(GoCommand::Open(Sheet::Keys).into()),
            Self::About => Ok(GoCommand::Open(Sheet::About).into()),
        }
    }
}

fn open(state: &AppState) -> Result<(), &'static str> {
    state.project.as_ref().map(|_| ()).ok_or("No project is open")
}

/// Whether documents can be edited.
///
/// # Errors
///
/// The reason why they can't.
pub fn editable(state: &AppState) -> Result<(), &'static str> {
    let project = state.project.as_ref().ok_or("No project is open")?;
    if project.read_only {
        return Err("The project is open in another window, so this one can't change it");
    }
    Ok(())
}

/// Whether a chain can be run now.
///
/// # Errors
///
/// The reason why it can't.
pub fn runnable(state: &AppState) -> Result<(), &'static str> {
    let project = state.project.as_ref().ok_or("No project is open")?;
    if project.read_only {
        return Err("The project is open in another window; run prompts there");
    }
    if state.trial.running.is_some() {
        return Err("A chain is running already; stop it first");
    }
    let prompt = state.prompt().ok_or("Select a prompt in Try first")?;
    if prompt.text().trim().is_empty() {
        return Err("The prompt is empty");
    }
    let constitution = state.constitution().ok_or("The project has no constitution")?;
    if constitution.eligible().is_empty() {
        return Err("The constitution has no enabled principle with text and a weight above 0");
    }
    if state.trial.score {
        let rubric = state.rubric().ok_or("The project has no rubric to score by")?;
        if rubric.criteria.is_empty() {
            return Err("The rubric has no criterion to score by");
        }
    }
    Ok(())
}

fn add(state: &AppState) -> Result<Command, &'static str> {
    editable(state)?;
    match state.area {
        Area::Constitution => {
            state.constitution().ok_or("The project has no constitution")?;
            Ok(ConstitutionCommand::AddPrinciple.into())
        }
        Area::Rubric => {
            state.rubric().ok_or("The project has no rubric")?;
            Ok(RubricCommand::AddCriterion.into())
        }
        Area::Try => Ok(TryCommand::AddPrompt(String::new()).into()),
        Area::Models => Ok(super::command::ModelsCommand::BeginNew.into()),
    }
}

fn duplicate(state: &AppState) -> Result<Command, &'static str> {
    editable(state)?;
    match state.area {
        Area::Constitution => {
            let id = state.selection.principle.clone().ok_or("Select a principle first")?;
            Ok(ConstitutionCommand::DuplicatePrinciple(id).into())
        }
        Area::Rubric => {
            let id = state.selection.criterion.clone().ok_or("Select a criterion first")?;
            Ok(RubricCommand::DuplicateCriterion(id).into())
        }
        Area::Try => {
            let prompt = state.prompt().ok_or("Select a prompt first")?;
            Ok(TryCommand::AddPrompt(prompt.text().to_owned()).into())
        }
        Area::Models => Err("Models can't be copied"),
    }
}

fn delete(state: &AppState) -> Result<Command, &'static str> {
    editable(state)?;
    match state.area {
        Area::Constitution => {
            let id = state.selection.principle.clone().ok_or("Select a principle first")?;
            Ok(ConstitutionCommand::DeletePrinciple(id).into())
        }
        Area::Rubric => {
            let id = state.selection.criterion.clone().ok_or("Select a criterion first")?;
            Ok(RubricCommand::DeleteCriterion(id).into())
        }
        Area::Try => {
            let prompt = state.prompt().ok_or("Select a prompt first")?;
            Ok(TryCommand::DeletePrompt(prompt.id.clone()).into())
        }
        Area::Models => {
            let name = state.selection.model.clone().ok_or("Select a model first")?;
            if name == crate::domain::ModelEntry::EMBEDDED {
                return Err("The embedded model is always there");
            }
            Ok(super::command::ModelsCommand::Delete(name).into())
        }
    }
}

fn step(state: &AppState, by: i32) -> Result<Command, &'static str> {
    editable(state)?;
    match state.area {
        Area::Constitution => {
            let id = state.selection.principle.clone().ok_or("Select a principle first")?;
            Ok(ConstitutionCommand::MovePrinciple(id, by).into())
        }
        Area::Rubric => {
            let id = state.selection.criterion.clone().ok_or("Select a criterion first")?;
            Ok(RubricCommand::MoveCriterion(id, by).into())
        }
        Area::Try | Area::Models => Err("Nothing to move on this screen"),
    }
}

fn toggle(state: &AppState) -> Result<Command, &'static str> {
    editable(state)?;
    if state.area != Area::Constitution {
        return Err("Select a principle first");
    }
    let id = state.selection.principle.clone().ok_or("Select a principle first")?;
    let constitution = state.constitution().ok_or("The project has no constitution")?;
    let principle = constitution.principle(&id).ok_or("Select a principle first")?;
    let change = PrincipleChange::Enabled(!principle.enabled);
    Ok(ConstitutionCommand::Principle { id, change }.into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::app::shortcuts::is_single;

    #[test]
    fn no_two_commands_share_a_key() {
        let mut known: BTreeMap<String, MenuCommand> = BTreeMap::new();
        for command in MenuCommand::all() {
            for keys in command.shortcuts() {
                let name = format!("{:?}", (keys.modifiers, keys.logical_key));
                if let Some(other) = known.insert(name.clone(), command) {
                    panic!("{name} is both {other:?} and {command:?}");
                }
            }
        }
    }

    #[test]
    fn no_command_takes_a_key_that_egui_keeps() {
        for command in MenuCommand::all() {
            for keys in command.shortcuts() {
                assert!(!matches!(keys.logical_key, Key::Tab | Key::Escape), "{command:?}");
                // Copy, cut, paste and select all are the text fields' own.
                let text = [Key::C, Key::X, Key::V, Key::A];
                let is_text =
                    keys.modifiers == Modifiers::COMMAND && text.contains(&keys.logical_key);
                assert!(!is_text, "{command:?}");
                let is_typed = keys.modifiers == Modifiers::SHIFT;
                assert!(!is_typed, "{command:?} takes a capital letter that is typed");
                if is_single(keys) {
                    assert!(!matches!(keys.logical_key, Key::Space | Key::Enter), "{command:?}");
                }
            }
        }
    }

    #[test]
    fn every_command_has_a_menu_a_title_and_a_tip() {
        let mut titles = std::collections::BTreeSet::new();
        for command in MenuCommand::all() {
            let (title, tip) = command.title_and_tip();
            assert!(!title.is_empty() && !tip.is_empty(), "{command:?}");
            assert!(!tip.ends_with('.'), "{command:?}: no period on one sentence");
            assert!(titles.insert((command.menu(), title)), "two {title} in {}", command.menu());
        }
        for menu in Menu::iter() {
            let first = MenuCommand::all().find(|command| command.menu() == menu);
            assert!(first.is_some_and(|first| !first.begins_group()), "{menu} begins with a line");
        }
    }

    #[test]
    fn without_a_project_each_command_works_or_says_why_not() {
        let state = AppState::default();
        for command in MenuCommand::all() {
            if let Err(reason) = command.resolve(&state) {
                assert!(reason.len() > 8, "{command:?}: {reason}");
            }
        }
    }
}
