//! How often B wins, as it is and at equal length.

use super::Statistic;
use super::fields::Fields;
use super::items::Items;
use super::report::{Report, enough, with_enough};
use crate::stats::length::MIN_LENGTH_ITEMS;
use crate::stats::{Estimate, Outcome, Unknown, length_controlled_by, win_rate_by};

/// Lines of `{"item", "p_b", "len_a", "len_b"}`.
#[derive(Debug)]
pub(super) struct WinRate {
    at_equal_length: bool,
    /// How near to one half is a tie.
    band: f64,
    items: Items,
    p_b: Vec<f64>,
    lengths: Vec<(f64, f64)>,
}

impl WinRate {
    /// As the verdicts have it; lengths are not needed.
    pub(super) fn raw(band: f64) -> Self {
        Self {
            at_equal_length: false,
            band,
            items: Items::default(),
            p_b: Vec::new(),
            lengths: Vec::new(),
        }
    }

    /// With length taken out.
    pub(super) fn at_equal_length(band: f64) -> Self {
        Self { at_equal_length: true, ..Self::raw(band) }
    }
}

impl Statistic for WinRate {
    fn line(&mut self, fields: &mut Fields) -> Result<(), String> {
        self.items.take(fields)?;
        self.p_b.push(fields.probability("p_b")?);
        if self.at_equal_length {
            self.lengths.push((fields.length("len_a")?, fields.length("len_b")?));
        } else {
            // The same file serves both; what it has must be right.
            fields.maybe_length("len_a")?;
            fields.maybe_length("len_b")?;
        }
        Ok(())
    }

    fn report(&self, seed: u64) -> Result<Report, String> {
        let clusters = self.items.clusters();
        let lines = self.items.lines();
        let outcomes: Vec<Outcome> =
            self.p_b.iter().map(|p_b| Outcome::of(*p_b, self.band)).collect();
        let found = win_rate_by(&outcomes, &clusters, seed);
        let none = Unknown::TooFew { n: 0, least: crate::stats::MIN_ITEMS as u64 };
        let raw = with_enough(&clusters, || {
            let found = found.ok_or(none)?;
            Ok(Estimate { value: found.rate, interval: Some(found.interval), n: found.n })
        });
        let report = if self.at_equal_length {
            let values: Vec<f64> = outcomes.iter().map(|outcome| outcome.value()).collect();
            let controlled = enough(clusters.len(), MIN_LENGTH_ITEMS).and_then(|()| {
                length_controlled_by(&values, &self.lengths, &clusters, seed)
                    .ok_or(Unknown::Constant)
            });
            let n = lines as u64;
            let value =
                controlled.map(|found| Estimate { value: found.rate, interval: found.interval, n });
            let moves = controlled.ok().zip(found).map(|(one, raw)| one.matters_to(raw.rate));
            Report::of("length_controlled_win_rate", &value, lines)
                .part("items", clusters.len())
                .measure("win_rate", &raw)
                .part("phi", controlled.ok().map(|found| found.phi))
                .part("length_matters", moves)
        } else {
            Report::of("win_rate", &raw, lines).part("items", clusters.len())
        };
        let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
        let mut report = report
            .part("a", count(Outcome::A))
            .part("ties", count(Outcome::Tie))
            .part("b", count(Outcome::B))
            .part("tie_band", self.band);
        if !self.at_equal_length {
            let p_value = raw.ok().and(found).and_then(|found| found.p_value);
            report = report.part("p_value", p_value);
        }
        Ok(report)
    }
}
