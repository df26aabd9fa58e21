//! Commands: runs of many rows.

use crate::app::effects::runs::ResumeWishes;
use crate::app::state::runs::{Adjusting, Kinds, RunSettings};
use crate::domain::RunId;
use crate::engine::Limits;

/// Runs of many rows.
#[derive(Debug, Clone, PartialEq)]
pub enum RunsCommand {
    /// Read the list again.
    Refresh,
    /// Look at a run.
    Select(RunId),
    /// List other kinds.
    Kinds(Kinds),
    /// Search the list.
    Filter(String),
    /// Open the sheet of a new run.
    BeginNew,
    /// What is chosen in the sheet.
    Choose(Box<RunSettings>),
    /// Run the first few prompts of what is chosen.
    Pilot,
    /// Run all of what is chosen.
    Start,
    /// Hold the run that is on.
    Pause,
    /// Let it go on.
    GoOn,
    /// Stop it; what is done is kept.
    Stop,
    /// Go on with a run that stopped, or try its failed rows again.
    Resume {
        /// Which.
        run: RunId,
        /// The limits to go on with, where others were chosen.
        wishes: ResumeWishes,
    },
    /// Other limits are chosen to go on with a run.
    Wish(RunId, ResumeWishes),
    /// Look at a run that a limit stopped, with the focus in that limit's field.
    Raise(RunId),
    /// Show the fields for how fast the run that is on goes, or what it may cost; again or `None`
    /// hides them.
    Adjust(Option<Adjusting>),
    /// Have the run that is on keep to other limits.
    Limits(Limits),
    /// Begin a run that waited when the window was closed, by its place.
    BeginLeft(usize),
    /// Forget one, by its place.
    ForgetLeft(usize),
    /// Don't ask about an interrupted run again.
    LetBe(RunId),
    /// Put the strip away that tells what the last sitting left.
    HideLeft,
    /// Take a run out of those that wait.
    TakeOut(u64),
    /// Hold the configuration of the run looked at against another's; `None`: no longer.
    Against(Option<RunId>),
    /// Show its rows in Data.
    ShowRows(RunId),
    /// Show only those that failed.
    ShowFailed(RunId),
    /// Copy what is known of the run looked at, as text.
    CopyText,
    /// Copy the command line that goes on with it.
    CopyCommandLine,
}
