//! A judge's models weighed by how well each does against people.

use super::join::Judging;
use crate::domain::{JudgeSetup, PanelRule};
use crate::stats::Unknown;
use crate::stats::ensemble::Weighing;
use crate::stats::judge_report::{ModelWeights, model_weights};

/// Why a judge's models were not weighed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NotWeighed {
    /// There is one model, or the project's.
    #[error("there is one model, and nothing to weigh it against")]
    OneModel,
    /// Not all models are asked about all items.
    #[error(
        "the first model answers alone where it is sure, so that the others were not asked \
             about the same items"
    )]
    FirstAlone,
    /// The labels do not tell.
    #[error("the models were not weighed: {0}")]
    Unknown(#[from] Unknown),
}

impl NotWeighed {
    /// What can be done.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::OneModel => "add a model to the judge",
            Self::FirstAlone => {
                "weigh a judge that asks all its models, then let the first answer alone again"
            }
            Self::Unknown(Unknown::NoFit) => "weigh models that score by kappa",
            Self::Unknown(_) => {
                "label more development items that all models answered (add --run to ask them)"
            }
        }
    }
}

/// The judge with its models weighed by development items, and by how much.
///
/// What it says changes with its weights, so a map that was fitted to it is dropped; its verdicts
/// are made again from what the journal holds, without a call.
///
/// # Errors
///
/// See [`NotWeighed`].
pub fn weighed(
    setup: &JudgeSetup,
    judging: &Judging,
    weighing: Weighing,
) -> Result<(JudgeSetup, ModelWeights), NotWeighed> {
    if setup.models.len() < 2 {
        return Err(NotWeighed::OneModel);
    }
    if setup.first_alone.is_some() {
        return Err(NotWeighed::FirstAlone);
    }
    let found = model_weights(&judging.items, weighing)?;
    if found.weights.len() != setup.models.len() {
        return Err(Unknown::Uneven {
            left: setup.models.len() as u64,
            right: found.weights.len() as u64,
        }
        .into());
    }
    let setup = JudgeSetup {
        rule: PanelRule::Weighted,
        // What a person reads in the file; the sum of three decimals is as good as 1.
        weights: found.weights.iter().map(|weight| (weight * 1000.0).round() / 1000.0).collect(),
        recalibration: None,
        ..setup.clone()
    };
    Ok((setup, found))
}
