//! Whether probabilities mean what they say, and pass rates with a judge's errors taken out.

use serde_json::{Value, json};

use super::Statistic;
use super::fields::Fields;
use super::items::Items;
use super::report::{Report, ends, enough, with_enough};
use crate::stats::bootstrap::bootstrap_clusters;
use crate::stats::calibration::{
    Bin, Forecasts, Gold, Kind, bins, brier, corrected_rate, decomposition, ece, fit, log_loss,
    share_to_label_failing, temperature, usual_bins,
};
use crate::stats::{Estimate, MIN_ITEMS};

/// Lines of `{"item", "p", "y"}`.
#[derive(Debug, Default)]
pub(super) struct Calibration {
    items: Items,
    said: Vec<f64>,
    was: Vec<f64>,
}

impl Statistic for Calibration {
    fn line(&mut self, fields: &mut Fields) -> Result<(), String> {
        self.items.take(fields)?;
        self.said.push(fields.probability("p")?);
        self.was.push(fields.share("y")?);
        Ok(())
    }

    fn report(&self, seed: u64) -> Result<Report, String> {
        let clusters = self.items.clusters();
        let all = Forecasts::new(self.said.clone(), self.was.clone(), clusters.clone())
            .map_err(|why| why.to_string())?;
        let binning = usual_bins(all.len());
        let error = with_enough(&clusters, || ece(&all, binning, seed));
        let is_enough = enough(clusters.len(), MIN_ITEMS);
        let curve = is_enough.and_then(|()| bins(&all, binning)).unwrap_or_default();
        let parts = is_enough.and_then(|()| decomposition(&all, binning)).ok();
        Ok(Report::of("calibration", &error, all.len())
            .part("items", clusters.len())
            .measure("brier", &with_enough(&clusters, || brier(&all, seed)))
            .measure("log_loss", &with_enough(&clusters, || log_loss(&all, seed)))
            .part("brier_parts", parts)
            .measure("temperature", &with_enough(&clusters, || temperature(&all, seed)))
            .part("platt", map(&all, Kind::Platt))
            .part("isotonic", map(&all, Kind::Isotonic))
            .part("bins", curve.iter().map(bin).collect::<Value>()))
    }
}

fn bin(bin: &Bin) -> Value {
    json!({ "said": bin.said, "was": bin.was, "ci": ends(bin.interval), "n": bin.n })
}

/// A map fitted to all lines, or why there is none.
fn map(all: &Forecasts, kind: Kind) -> Value {
    let least = enough(all.len(), kind.least_labels());
    match least.and_then(|()| fit(all, kind)) {
        Ok(map) => json!(map),
        Err(why) => json!({ "value": null, "note": why.to_string() }),
    }
}

/// Lines of `{"item", "judge", "human"?}`.
#[derive(Debug, Default)]
pub(super) struct CorrectedRate {
    items: Items,
    rows: Vec<(bool, Option<bool>)>,
}

impl CorrectedRate {
    fn counts(&self, rows: impl Iterator<Item = usize>) -> (u64, u64, Gold) {
        let mut gold = Gold { passing: 0, passed: 0, failing: 0, failed: 0 };
        let (mut passed, mut n) = (0, 0);
        for row in rows {
            let (judge, human) = self.rows[row];
            n += 1;
            passed += u64::from(judge);
            match human {
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
        (passed, n, gold)
    }
}

impl Statistic for CorrectedRate {
    fn line(&mut self, fields: &mut Fields) -> Result<(), String> {
        self.items.take(fields)?;
        self.rows.push((fields.truth("judge")?, fields.maybe_truth("human")?));
        Ok(())
    }

    fn report(&self, seed: u64) -> Result<Report, String> {
        let clusters = self.items.clusters();
        let (passed, n, gold) = self.counts(0..self.rows.len());
        let found =
            enough(clusters.len(), MIN_ITEMS).and_then(|()| corrected_rate(passed, n, gold));
        // The formula takes lines for independent, which several of one item are not.
        let is_by_formula = clusters.len() == self.rows.len();
        let estimate = found.map(|found| {
            let interval = if is_by_formula {
                Some(found.interval)
            } else {
                bootstrap_clusters(&clusters, seed, |rows| {
                    let (passed, n, gold) = self.counts(rows.iter().copied());
                    Some(corrected_rate(passed, n, gold).ok()?.rate)
                })
            };
            Estimate { value: found.rate, interval, n }
        });
        let found = found.ok();
        let raw = n > 0 && clusters.len() >= MIN_ITEMS;
        Ok(Report::of("corrected_rate", &estimate, self.rows.len())
            .part("items", clusters.len())
            .part("ci_by", if is_by_formula { "formula" } else { "bootstrap" })
            .part("judge_rate", raw.then(|| passed as f64 / n as f64))
            .part("sensitivity", found.map(|found| found.sensitivity))
            .part("specificity", found.map(|found| found.specificity))
            .part("human_labels", gold)
            .part("share_to_label_failing", found.as_ref().map(share_to_label_failing)))
    }
}
