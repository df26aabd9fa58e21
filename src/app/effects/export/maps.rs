//! Whether judges' maps can be applied to the rows that are exported.

use super::super::ExportPlan;
use crate::app::state::export::{JudgeMap, MapFit};
use crate::domain::Row;
use crate::formats::export::{self, ExportError, Format, Options};

/// Whether judges' maps fit the rows, by the check that writing makes, too.
pub(super) struct Fits<'p> {
    plan: &'p ExportPlan,
    /// For each map, why not.
    why_not: Vec<Option<String>>,
    /// For each map, whether any row has a probability of its judge.
    is_of_use: Vec<bool>,
}

impl<'p> Fits<'p> {
    pub(super) fn of(plan: &'p ExportPlan, format: &dyn Format) -> Self {
        let n = if export::has_probabilities(format) { plan.maps.len() } else { 0 };
        Self { plan, why_not: vec![None; n], is_of_use: vec![false; n] }
    }

    pub(super) fn look_at(&mut self, format: &dyn Format, row: &Row) {
        let known = self.why_not.iter_mut().zip(&mut self.is_of_use);
        for (map, (why_not, is_of_use)) in self.plan.maps.iter().zip(known) {
            if why_not.is_some() {
                continue;
            }
            let options = Options { recalibration: Some(map.map.clone()), ..Options::default() };
            match export::recalibrates(format, row, &options) {
                Ok(is_judged) => *is_of_use |= is_judged,
                // Whole names and addresses of models would fill the sheet.
                Err(ExportError::OtherJudge { .. }) => {
                    let words = "other models judged these rows, or in another form";
                    *why_not = Some(words.to_owned());
                }
                Err(error) => *why_not = Some(error.to_string()),
            }
        }
    }

    pub(super) fn told(self) -> Vec<MapFit> {
        let known = self.why_not.into_iter().zip(self.is_of_use);
        let told = |(map, (why_not, is_of_use)): (&JudgeMap, (Option<String>, bool))| MapFit {
            judge: map.judge.clone(),
            name: map.name.clone(),
            words: format!("{} · {} labels of {}", map.map.map, map.map.labels, map.map.set),
            why_not: why_not
                .or_else(|| (!is_of_use).then(|| "no row has a probability by a judge".to_owned())),
        };
        self.plan.maps.iter().zip(known).map(told).collect()
    }
}
