//! Why a run is not done, and what mends it.

use crate::store::journal::{RunOverview, RunState};

/// Why a run stopped before its last row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyStopped {
    /// The user stopped it.
    User,
    /// The program ended meanwhile.
    Interrupted,
    /// A key is missing or refused, or the account is out of money.
    Key,
    /// The same refusal again and again.
    Refusal,
    /// Its spending limit.
    Cap,
    /// The day's spending limit.
    DayCap,
    /// More rows failed than may.
    Failures,
    /// More answers were refusals than may.
    Refusals,
    /// A model's price is unknown or too low for a limit to be kept.
    Price,
    /// Something else that its message names.
    Other,
}

impl WhyStopped {
    /// Why a run stopped, by its state and the words that the engine left; `None`: it did not.
    pub fn of(run: &RunOverview) -> Option<Self> {
        let message = run.record.message.as_str();
        match run.record.state {
            RunState::Running | RunState::Done => None,
            RunState::Cancelled => Some(Self::User),
            RunState::Interrupted => Some(Self::Interrupted),
            RunState::Stopped => Some(match message {
                said if said.starts_with("the provider refused") => Self::Key,
                said if said.starts_with("the same refusal") => Self::Refusal,
                said if said.contains("USD a day is reached") => Self::DayCap,
                // As older versions said it, and this one.
                said if said.starts_with("the limit of") => Self::Cap,
                said if said.starts_with("the run’s limit of") => Self::Cap,
                said if said.contains("rows hold a refusal") => Self::Refusals,
                said if said.starts_with("the price of") => Self::Price,
                said if said.starts_with("a call to") => Self::Price,
                said if said.ends_with("rows failed") => Self::Failures,
                _ => Self::Other,
            }),
        }
    }

    /// It in a word or two, for the list.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::User => "stopped",
            Self::Interrupted => "interrupted",
            Self::Key => "key refused",
            Self::Refusal => "endpoint refused",
            Self::Cap => "cap reached",
            Self::DayCap => "day’s cap reached",
            Self::Failures => "too many failed",
            Self::Refusals => "too many refusals",
            Self::Price => "price unclear",
            Self::Other => "stopped early",
        }
    }

    /// What has to be mended before it goes on; `None`: nothing.
    pub fn remedy(self) -> Option<Remedy> {
        match self {
            Self::User | Self::Interrupted => None,
            Self::Key => Some(Remedy::FixKey),
            Self::Refusal | Self::Price | Self::Other => Some(Remedy::OpenModels),
            Self::Cap | Self::DayCap => Some(Remedy::RaiseCap),
            Self::Failures | Self::Refusals => Some(Remedy::AllowMore),
        }
    }
}

/// What mends a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Set another key.
    FixKey,
    /// Look at the model's address and name.
    OpenModels,
    /// Let it cost more.
    RaiseCap,
    /// Let more rows fail or refuse.
    AllowMore,
}

impl Remedy {
    /// On a button.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::FixKey => "Fix key",
            Self::OpenModels => "Open models",
            Self::RaiseCap => "Raise the cap",
            Self::AllowMore => "Allow more",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CallFailure, FailureKind, RunId};
    use crate::engine::{Cap, StopReason};
    use crate::store::journal::{RunKind, RunRecord};

    #[test]
    fn what_the_engine_says_is_understood() {
        let failure = CallFailure::new(FailureKind::Auth, "401", "");
        for (reason, why) in [
            (StopReason::Refused(failure.clone()), WhyStopped::Key),
            (StopReason::Rejections { count: 25, failure }, WhyStopped::Refusal),
            (StopReason::TooManyFailures { failed: 3, done: 9 }, WhyStopped::Failures),
            (StopReason::TooManyRefusals { refused: 3, done: 9 }, WhyStopped::Refusals),
            (StopReason::Unpriced { model: "m".to_owned() }, WhyStopped::Price),
            (StopReason::Budget { cap: Cap::Run, limit: 1.0, spent: 0.99 }, WhyStopped::Cap),
            (StopReason::Budget { cap: Cap::Day, limit: 1.0, spent: 0.99 }, WhyStopped::DayCap),
        ] {
            let run = RunOverview {
                record: RunRecord {
                    id: RunId::new("R-0001"),
                    kind: RunKind::Run,
                    recipe: String::new(),
                    title: String::new(),
                    state: RunState::Stopped,
                    message: reason.message(),
                    rows_total: 9,
                    started_ms: 1,
                    finished_ms: None,
                },
                rows: 0,
                rows_failed: 0,
                calls: 0,
                cost: 0.0,
            };
            assert_eq!(WhyStopped::of(&run), Some(why));
            assert!(why.remedy().is_some());
        }
    }
}
