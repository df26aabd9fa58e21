//! Several judges as one: how their probabilities are put together.
//!
//! Both who asks judges and who measures them go by this.

use serde::{Deserialize, Serialize};

use super::judge::PanelRule;

/// What is asked decides what a split panel means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Whether something is met: “unanimous” is met only where all say so, “any” where one does.
    Met,
    /// Which is better: “unanimous” and “any” leave ½ where the judges take both sides, and
    /// “unanimous” where one takes none, too.
    Better,
}

/// One probability of several, 0..=1; `None` where no judge could be read, or the weights of those
/// that could are all 0.
///
/// A judge that could not be read is left out. Majority, weighted, unanimous and any are
/// Autorubric's four. `weights` has one for each judge and is used by [`PanelRule::Weighted`] only;
/// a missing one counts as 0.
pub fn combine(
    probabilities: &[Option<f64>],
    rule: PanelRule,
    question: Question,
    weights: &[f64],
) -> Option<f64> {
    let read: Vec<f64> = probabilities.iter().flatten().copied().collect();
    if read.is_empty() {
        return None;
    }
    let for_it = read.iter().filter(|p| **p > 0.5 + 1e-9).count();
    let against = read.iter().filter(|p| **p < 0.5 - 1e-9).count();
    let all = read.len();
    let verdict = |yes: bool, no: bool| match (yes, no) {
        (true, false) => 1.0,
        (false, true) => 0.0,
        _ => 0.5,
    };
    Some(match (rule, question) {
        (PanelRule::Mean, _) => read.iter().sum::<f64>() / all as f64,
        (PanelRule::Majority, _) => verdict(for_it > against, against > for_it),
        (PanelRule::Unanimous, Question::Met) => f64::from(u8::from(for_it == all)),
        (PanelRule::Any, Question::Met) => f64::from(u8::from(for_it > 0)),
        (PanelRule::Unanimous, Question::Better) => verdict(for_it == all, against == all),
        (PanelRule::Any, Question::Better) => verdict(for_it > 0, against > 0),
        (PanelRule::Weighted, _) => {
            let (mut sum, mut total) = (0.0, 0.0);
            for (judge, p) in probabilities.iter().enumerate() {
                let weight = weights.get(judge).copied().unwrap_or(0.0).max(0.0);
                if let Some(p) = p {
                    sum += weight * p;
                    total += weight;
                }
            }
            if total <= 0.0 {
                return None;
            }
            sum / total
        }
    })
}
