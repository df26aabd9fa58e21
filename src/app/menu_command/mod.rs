//! The one table of commands without data: menu bar, shortcuts, palette, key overlay and tests
//! come from it. Each resolves, against the state, to a [`Command`] with data or to a reason why
//! not.
//!
//! A command is one variant of [`MenuCommand`] and one [`Entry`] in the file of its topic.

mod compare;
mod data;
mod edit;
mod file;
mod help;
mod home;
mod items;
mod judges;
mod library;
mod menu;
mod runs;
mod trial;
mod view;

use egui::{Key, KeyboardShortcut, Modifiers};
pub use items::runnable;
pub use menu::Menu;

use super::command::Command;
use super::state::{AppState, Area};

const C: Modifiers = Modifiers::COMMAND;
const CS: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
const A: Modifiers = Modifiers::ALT;
const N: Modifiers = Modifiers::NONE;

/// All entries, in the order of menus and palette.
const TABLES: &[&[Entry]] = &[
    file::ENTRIES,
    edit::ENTRIES,
    library::ENTRIES,
    view::ENTRIES,
    trial::ENTRIES,
    compare::ENTRIES,
    judges::ENTRIES,
    runs::ENTRIES,
    data::ENTRIES,
    home::ENTRIES,
    help::ENTRIES,
];

/// All that is known of a command.
pub struct Entry {
    /// Which.
    pub command: MenuCommand,
    /// The menu that it is in.
    pub menu: Menu,
    /// Its name; in menus, undo and redo say what they would take back.
    pub title: &'static str,
    /// What it does, as one sentence without a period.
    pub tip: &'static str,
    /// Its keys, the one to show first. `COMMAND` is Ctrl, and Cmd on a Mac.
    pub keys: &'static [(Modifiers, Key)],
    /// The areas that its keys work in; empty: all.
    pub areas: &'static [Area],
    /// Whether a line is drawn above it in its menu.
    pub begins_group: bool,
    /// What it would do now, or why it can't, in words for a tooltip.
    pub resolve: fn(&AppState) -> Result<Command, &'static str>,
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
    /// Save a named version.
    SaveVersion,
    /// Named versions.
    Versions,
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
    /// Move the item to the beginning.
    MoveFirst,
    /// Move the item to the end.
    MoveLast,
    /// Enable or disable the principle.
    ToggleEnabled,
    /// Add a principle for each pasted line.
    PasteLines,
    /// Copy what is chosen as Markdown.
    CopyMarkdown,
    /// Copy what is chosen as JSON.
    CopyJson,
    /// Copy what is chosen as CSV.
    CopyCsv,
    /// Hide the principles of all groups.
    FoldGroups,
    /// Show the principles of all groups.
    UnfoldGroups,
    /// A new constitution.
    NewConstitution,
    /// A new rubric.
    NewRubric,
    /// Search everything.
    Palette,
    /// Find a text everywhere.
    FindEverywhere,
    /// Copy what is shown in a form of choice.
    CopyAs,
    /// All edits.
    History,
    /// The place before.
    Back,
    /// The place after.
    Forward,
    /// The next pane.
    NextPane,
    /// The pane before.
    PreviousPane,
    /// All notices.
    Notices,
    /// Guide and glossary.
    Glossary,
    /// Show Home.
    ShowHome,
    /// Show Constitution.
    ShowConstitution,
    /// Show Rubric.
    ShowRubric,
    /// Show Try.
    ShowTry,
    /// Show Compare.
    ShowCompare,
    /// Show Judges.
    ShowJudges,
    /// Show Runs.
    ShowRuns,
    /// Show Data.
    ShowData,
    /// Show Settings.
    ShowSettings,
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
    /// Run the stale cases of the principle.
    RunCases,
    /// Run all cases of the principle.
    RunAllCases,
    /// Stop.
    Stop,
    /// Go on where work stopped.
    Continue,
    /// Keep or discard recovered edits.
    Recovered,
    /// Take what is whole out of a damaged journal.
    SalvageJournal,
    /// High-contrast colours on black.
    ThemeHighContrast,
    /// High-contrast colours on white.
    ThemeHighContrastLight,
    /// Reduce motion, or not.
    ReducedMotion,
    /// Single-letter keys, or none.
    SingleKeys,
    /// The window as at first.
    ResetWindow,
    /// Show Settings' appearance.
    ShowAppearance,
    /// Show Settings' privacy.
    ShowPrivacy,
    /// Show Settings' storage.
    ShowStorage,
    /// Show the newcomer's cards.
    FirstSteps,
    /// Show Settings' keys.
    ShowKeys,
    /// Show Settings' logs.
    ShowLogs,
    /// Copy what helps to find a fault.
    CopyDiagnostics,
    /// Run every stale prompt.
    RefreshStale,
    /// Run the prompt three times.
    ThreeSamples,
    /// Run the prompt without the principle in question.
    Ablate,
    /// Keep the seed or let it go on.
    LockSeed,
    /// Say what is right with the answer.
    Praise,
    /// Say what is wrong with the answer.
    Complain,
    /// Rewrite the answer.
    Rewrite,
    /// The reaction begun before.
    BackToReaction,
    /// Pin the prompt to the principle in question.
    PinCase,
    /// The next way to look at the chain.
    NextView,
    /// The final diff.
    ViewFinal,
    /// Every step.
    ViewSteps,
    /// Draft and last answer beside each other.
    ViewSideBySide,
    /// The answers of all chains.
    ViewAnswers,
    /// What was sent.
    ViewRaw,
    /// Only what changed.
    ChangesOnly,
    /// What all answers share, grey.
    GreyShared,
    /// The next edit of the final diff.
    NextEdit,
    /// The previous edit of the final diff.
    PreviousEdit,
    /// The prompt's next chain.
    NextChain,
    /// The prompt's previous chain.
    PreviousChain,
    /// Copy the chain for people.
    CopyChain,
    /// Copy the chain's row.
    CopyChainJson,
    /// Copy what was sent.
    CopyChainRaw,
    /// Many prompts at once.
    PastePrompts,
    /// Set up a comparison.
    CompareNew,
    /// Set up a comparison without the principle selected.
    CompareWithout,
    /// Go on with the comparison shown.
    CompareGoOn,
    /// Show a pair side by side.
    CompareOpen,
    /// Back from a pair to the table.
    CompareBack,
    /// Say that A is better.
    CompareOwnA,
    /// Say that neither is better.
    CompareOwnTie,
    /// Say that B is better.
    CompareOwnB,
    /// Say that both are bad.
    CompareOwnBothBad,
    /// Say that one can't tell.
    CompareOwnUnsure,
    /// Make a label set of the pairs listed.
    CompareLabel,
    /// Swap the sides of a pair.
    CompareSwap,
    /// Grey what both answers share.
    CompareGrey,
    /// Hide the judge's verdicts.
    CompareHideJudge,
    /// Only pairs that the order decides.
    CompareFlips,
    /// List all pairs again.
    CompareClear,
    /// Copy the result in sentences.
    CompareCopySummary,
    /// Copy the pairs as Markdown.
    CompareCopyMarkdown,
    /// Copy the pairs as CSV.
    CompareCopyCsv,
    /// Copy the pairs as JSON.
    CompareCopyJson,
    /// Make a label set.
    NewLabelSet,
    /// Label the set shown.
    LabelSet,
    /// Left is better.
    LabelLeft,
    /// Right is better.
    LabelRight,
    /// Neither is better.
    LabelTie,
    /// Both are bad.
    LabelBothBad,
    /// It passes.
    LabelPass,
    /// It fails.
    LabelFail,
    /// The first digit.
    LabelOne,
    /// The second digit.
    LabelTwo,
    /// The third digit.
    LabelThree,
    /// The fourth digit.
    LabelFour,
    /// The fifth digit.
    LabelFive,
    /// The sixth digit.
    LabelSix,
    /// The seventh digit.
    LabelSeven,
    /// The eighth digit.
    LabelEight,
    /// The ninth digit.
    LabelNine,
    /// Can't tell.
    LabelUnsure,
    /// What is asked about does not apply.
    LabelNotApplicable,
    /// Remark on the label to come.
    LabelComment,
    /// Take the last label back.
    LabelTakeBack,
    /// Show the guide.
    LabelGuide,
    /// Add a principle or criterion that is missing.
    LabelAddCriterion,
    /// Leave the labelling for now.
    LabelPause,
    /// Edit the principle of the report's item.
    JudgeEditPrinciple,
    /// Make the report's item an example for the judge.
    JudgeExample,
    /// Run the judge shown.
    RunJudge,
    /// Make a judge.
    NewJudge,
    /// Copy the report shown.
    CopyJudgeReport,
    /// A new run of many rows.
    NewRun,
    /// Hold the run that is on.
    PauseRun,
    /// Stop the run that is on.
    StopRun,
    /// Go on with the run shown.
    ResumeRun,
    /// Show the rows of the run shown.
    ShowRows,
    /// Show its failed rows.
    ShowFailedRows,
    /// Change how fast the run that is on goes.
    RunRate,
    /// Change what it may cost and when it stops.
    RunLimits,
    /// Copy the run shown as text.
    CopyRun,
    /// Copy the command line that goes on with it.
    CopyRunCommand,
    /// Read the runs again.
    RefreshRuns,
    /// Keep or drop the row shown.
    KeepRow,
    /// Keep or drop all rows shown.
    KeepAllRows,
    /// Rewrite a text of the row shown.
    EditRow,
    /// Show the row's prompt in Try.
    OpenRowPrompt,
    /// Copy the row as Markdown.
    CopyRowMarkdown,
    /// Copy the row as JSON.
    CopyRowJson,
    /// Copy the row as CSV.
    CopyRowCsv,
    /// Keys of this screen.
    Keys,
    /// About.
    About,
}

impl MenuCommand {
    /// All, in the order of menus and palette.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLES.iter().flat_map(|table| table.iter()).map(|entry| entry.command)
    }

    /// What is known of it; a test holds that every command has its entry.
    pub fn entry(self) -> &'static Entry {
        let mut all = TABLES.iter().flat_map(|table| table.iter());
        // Every command has an entry, so the last resort is never taken.
        all.find(|entry| entry.command == self).unwrap_or(&help::ENTRIES[0])
    }

    /// Its stable name, for tests and rebinding.
    pub fn id(self) -> &'static str {
        self.into()
    }

    /// The menu that it is in.
    pub fn menu(self) -> Menu {
        self.entry().menu
    }

    /// Whether a line is drawn above it in its menu.
    pub fn begins_group(self) -> bool {
        self.entry().begins_group
    }

    /// Its name and tip.
    pub fn title_and_tip(self) -> (&'static str, &'static str) {
        (self.entry().title, self.entry().tip)
    }

    /// Its keys, the one to show first.
    pub fn shortcuts(self) -> Vec<KeyboardShortcut> {
        let keys = self.entry().keys.iter();
        keys.map(|(modifiers, key)| KeyboardShortcut::new(*modifiers, *key)).collect()
    }

    /// Whether its keys work in an area.
    pub fn works_in(self, area: Area) -> bool {
        let areas = self.entry().areas;
        areas.is_empty() || areas.contains(&area)
    }

    /// What it would do now, or why it can't, in words for a tooltip.
    ///
    /// # Errors
    ///
    /// The reason why it can't be done now.
    pub fn resolve(self, state: &AppState) -> Result<Command, &'static str> {
        (self.entry().resolve)(state)
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

#[cfg(test)]
mod tests;
