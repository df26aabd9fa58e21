//! Commands: runs of many rows.

use crate::app::state::runs::{Kinds, RunSettings};
use crate::domain::RunId;

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
    /// Go on with a run that stopped, or try its failed rows again; with another limit in US
    /// dollars where one is given.
    Resume {
        /// Which.
        run: RunId,
        /// US dollars that it may cost, earlier sessions included.
        cap: Option<f64>,
    },
    /// Take a run out of those that wait.
    TakeOut(u64),
    /// Hold the configuration of the run looked at against another's; `None`: no longer.
    Against(Option<RunId>),
    /// Show its rows in Data.
    ShowRows(RunId),
}
