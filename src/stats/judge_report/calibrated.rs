//! Whether a judge's probabilities mean what they say, what mends them, and what its verdicts come
//! to with its errors taken out.

use super::super::MIN_ITEMS;
use super::super::bootstrap::Clusters;
use super::super::calibration::{
    Bin, Corrected, Fitted, Forecasts, Gold, Kind, Quality, Sides, bins, corrected_rate,
    fit_and_show, fit_between, quality, temperature, usual_bins,
};
use super::super::estimate::{Flag, Measured, enough};
use super::item::{ReportItem, Unit};
use crate::domain::{LabelTask, Split};

/// A map that was fitted to development items, and what it does elsewhere.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Repair {
    /// Which kind of map.
    pub kind: Kind,
    /// Whether it is shown on the gold items; on the other half of the development items otherwise.
    pub shown_on_gold: bool,
    /// The map with the numbers before and after it.
    pub fitted: Measured<Fitted>,
}

/// Whether a judge's probabilities mean what they say.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Calibration {
    /// The reliability curve; of pairs seen from the side that the judge is for.
    pub curve: Measured<Vec<Bin>>,
    /// Brier score, log loss and calibration error; of pairs seen from the side that the judge is
    /// for.
    pub quality: Measured<Quality>,
    /// The temperature that fits all of these best: above 1 the judge is too sure of itself.
    pub temperature: Measured,
    /// Flagged where the temperature's interval leaves out 1.
    pub flag: Flag,
    /// Each kind of map.
    pub repairs: Vec<Repair>,
}

impl Calibration {
    /// The repair after which the Brier score is best, among those that make it better; `None`
    /// where none does.
    pub fn best(&self) -> Option<&Fitted> {
        let fitted = self.repairs.iter().filter_map(|repair| repair.fitted.as_ref().ok());
        fitted
            .filter(|fitted| fitted.helps())
            .min_by(|a, b| a.after.brier.value.total_cmp(&b.after.brier.value))
    }
}

/// The calibration of what is a probability: labelled items of now that the judge could be read of.
pub(super) fn calibration(
    items: &[&ReportItem],
    task: LabelTask,
    seed: u64,
) -> Option<Calibration> {
    let sides = match task {
        LabelTask::Pairwise => Sides::Alike,
        LabelTask::PassFail => Sides::Own,
        LabelTask::Scores => return None,
    };
    let forecasts = |keep: &dyn Fn(&ReportItem) -> bool| -> Measured<Forecasts> {
        let rows: Vec<(&ReportItem, f64, f64)> = items
            .iter()
            .filter(|item| !item.stale && keep(item))
            .filter_map(|item| Some((*item, item.judge_value()?, item.people_value()?)))
            .collect();
        Forecasts::new(
            rows.iter().map(|(_, said, _)| *said).collect(),
            rows.iter().map(|(.., was)| *was).collect(),
            Clusters::by(rows.iter().map(|(item, ..)| &item.prompt)),
        )
    };
    let all = forecasts(&|_| true);
    let seen = all.clone().and_then(|all| {
        enough(all.clusters().len(), MIN_ITEMS)?;
        Ok(match sides {
            Sides::Alike => all.folded(),
            Sides::Own => all,
        })
    });
    let temperature = all.and_then(|all| temperature(&all, seed));
    let dev = forecasts(&|item| item.split == Split::Dev);
    let gold = forecasts(&|item| item.split == Split::Gold);
    let shown_on_gold = gold.as_ref().is_ok_and(|gold| !gold.is_empty());
    let repairs = [Kind::Temperature, Kind::Platt, Kind::Isotonic].map(|kind| Repair {
        kind,
        shown_on_gold,
        fitted: dev.as_ref().map_err(|unknown| *unknown).and_then(|dev| match &gold {
            Ok(gold) if shown_on_gold => fit_between(dev, gold, kind, sides, seed),
            _ => fit_and_show(dev, kind, sides, seed),
        }),
    });
    Some(Calibration {
        curve: seen
            .as_ref()
            .map_err(|unknown| *unknown)
            .and_then(|seen| bins(seen, usual_bins(seen.len()))),
        quality: seen.and_then(|seen| quality(&seen, seed)),
        flag: Flag::of(&temperature, |temperature| temperature.excludes(1.0)),
        temperature,
        repairs: repairs.into(),
    })
}

/// What a corrected rate is the rate of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrectedOf {
    /// Answers that pass.
    Pass,
    /// Pairs whose second answer is better, where all first answers are by one writer and all
    /// second ones by another.
    SecondBetter,
}

/// A rate with the judge's known errors taken out.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct CorrectedRate {
    /// What it is the rate of.
    pub of: CorrectedOf,
    /// The judge's rate over all that it judged, labelled or not, and the corrected one.
    pub rate: Measured<Corrected>,
}

/// The corrected rate; `None` for scores, and for pairs whose sides have no meaning of their own.
pub(super) fn corrected(items: &[&ReportItem], task: LabelTask) -> Option<CorrectedRate> {
    let of = match task {
        LabelTask::PassFail => CorrectedOf::Pass,
        LabelTask::Pairwise if are_two_writers(items) => CorrectedOf::SecondBetter,
        LabelTask::Pairwise | LabelTask::Scores => return None,
    };
    let holds = |value: f64| {
        let category = Unit::Probability.category(value)?;
        Some((category == 1) == (of == CorrectedOf::Pass))
    };
    let (mut passed, mut n) = (0, 0);
    let mut gold = Gold { passing: 0, passed: 0, failing: 0, failed: 0 };
    for item in items {
        let Some(judge) = item.judge_value().and_then(holds) else { continue };
        n += 1;
        passed += u64::from(judge);
        match item.people_value().filter(|_| !item.stale).and_then(holds) {
            Some(true) => {
                gold.passing += 1;
                gold.passed += u64::from(judge);
            }
            Some(false) => {
                gold.failing += 1;
                gold.failed += u64::from(!judge);
            }
            None => {}
        }
    }
    Some(CorrectedRate { of, rate: corrected_rate(passed, n, gold) })
}

fn are_two_writers(items: &[&ReportItem]) -> bool {
    let Some((a, b)) = items.first().map(|item| &item.writers) else { return false };
    !a.is_empty()
        && !b.is_empty()
        && a != b
        && items.iter().all(|item| (&item.writers.0, &item.writers.1) == (a, b))
}
