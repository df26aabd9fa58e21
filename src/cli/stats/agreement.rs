//! Agreement of two raters, and of any number.

use std::collections::HashSet;

use super::Statistic;
use super::fields::Fields;
use super::items::{Items, Names};
use super::labels::{Labels, Wanted};
use super::report::{Report, number_of, with_enough};
use crate::stats::agreement::{
    Level, Ratings, Scale, TwoRaters, fleiss_kappa, gwet, judge_agreement, krippendorff_alpha,
};
use crate::stats::{Clusters, Measured, Unknown};

/// Which number of two raters comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// Cohen's κ.
    Kappa,
    /// κ with quadratic weights.
    WeightedKappa,
    /// The share of equal labels.
    Agreement,
    /// Gwet's AC₁.
    Gwet,
}

impl First {
    fn name(self) -> &'static str {
        match self {
            Self::Kappa => "cohen_kappa",
            Self::WeightedKappa => "weighted_kappa",
            Self::Agreement => "agreement",
            Self::Gwet => "gwet_ac1",
        }
    }
}

/// Lines of `{"item", "a", "b"}`.
#[derive(Debug)]
pub(super) struct Two {
    first: First,
    items: Items,
    labels: Labels,
    rows: Vec<(u32, u32)>,
}

impl Two {
    pub(super) fn new(first: First) -> Self {
        let wanted = match first {
            First::WeightedKappa => Wanted::Steps,
            First::Kappa | First::Agreement | First::Gwet => Wanted::Any,
        };
        Self { first, items: Items::default(), labels: Labels::new(wanted), rows: Vec::new() }
    }
}

impl Statistic for Two {
    fn line(&mut self, fields: &mut Fields) -> Result<(), String> {
        self.items.take(fields)?;
        let (a, b) = (fields.need("a")?, fields.need("b")?);
        self.rows.push((self.labels.take("a", &a)?, self.labels.take("b", &b)?));
        Ok(())
    }

    fn report(&self, seed: u64) -> Result<Report, String> {
        let scale = self.labels.scale()?;
        let level = |number: u32| scale.level_of[number as usize];
        let rows = self.rows.iter().map(|(a, b)| (level(*a), level(*b))).collect();
        let clusters = self.items.clusters();
        let (lines, items) = (self.items.lines(), clusters.len());
        let raters = TwoRaters::new(scale.names.len(), rows, clusters.clone());
        let raters = raters.map_err(|why| why.to_string())?;
        let kind = match self.first {
            First::WeightedKappa => Scale::Ordinal,
            First::Kappa | First::Agreement | First::Gwet => Scale::Nominal,
        };
        let found = judge_agreement(&raters, None, kind, seed);
        let ac1 = with_enough(&clusters, || gwet_of(&raters, seed));
        let value = match self.first {
            First::Kappa | First::WeightedKappa => &found.kappa,
            First::Agreement => &found.raw,
            First::Gwet => &ac1,
        };
        let mut report = Report::of(self.first.name(), value, lines).part("items", items);
        if matches!(self.first, First::Agreement | First::Gwet) {
            report = report.measure("cohen_kappa", &found.kappa);
        }
        if self.first != First::Agreement {
            report = report.measure("agreement", &found.raw);
        }
        report = report.part("constant_guess", number_of(&found.constant_guess));
        if self.first != First::WeightedKappa {
            report = report.measure("even_kappa", &found.even_kappa);
        }
        if self.first == First::Kappa {
            report = report.measure("gwet_ac1", &ac1);
        }
        Ok(report.part("labels", scale.names))
    }
}

fn gwet_of(raters: &TwoRaters, seed: u64) -> Measured {
    let labels = raters.labels().iter().map(|(a, b)| vec![Some(*a), Some(*b)]).collect();
    let ratings = Ratings::of_categories(raters.categories(), labels, raters.clusters().clone())?;
    Ok(gwet(&ratings, crate::stats::agreement::Weights::Equal, seed)?.estimate)
}

/// Whose statistic of many raters it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Many {
    /// Fleiss' κ.
    Fleiss,
    /// Krippendorff's α.
    Krippendorff(Level),
}

/// Lines of `{"item", "rater", "label"}`.
#[derive(Debug)]
pub(super) struct Raters {
    statistic: Many,
    items: Names,
    raters: Names,
    labels: Labels,
    /// Item and label of each line.
    rows: Vec<(u32, u32)>,
    /// Item and rater of each line.
    seen: HashSet<(u32, u32)>,
}

impl Raters {
    pub(super) fn new(statistic: Many) -> Self {
        let wanted = match statistic {
            Many::Krippendorff(Level::Ordinal | Level::Interval) => Wanted::Numbers,
            Many::Fleiss | Many::Krippendorff(Level::Nominal) => Wanted::Any,
        };
        Self {
            statistic,
            items: Names::default(),
            raters: Names::default(),
            labels: Labels::new(wanted),
            rows: Vec::new(),
            seen: HashSet::new(),
        }
    }

    /// The labels of each item. Neither statistic asks who gave which, so that each item's stand
    /// side by side, and a thousand raters of few items each need no table of all of them.
    fn ratings(&self, levels: &super::labels::Scale) -> Measured<Ratings> {
        let mut labels: Vec<Vec<Option<usize>>> = vec![Vec::new(); self.items.len()];
        for (item, label) in &self.rows {
            labels[*item as usize].push(Some(levels.level_of[*label as usize]));
        }
        let most = labels.iter().map(Vec::len).max().unwrap_or(0);
        for row in &mut labels {
            row.resize(most, None);
        }
        let clusters = Clusters::each(labels.len());
        Ratings::new(levels.values.clone(), labels, clusters)
    }
}

impl Statistic for Raters {
    fn line(&mut self, fields: &mut Fields) -> Result<(), String> {
        let (item, rater) = (fields.name("item")?, fields.name("rater")?);
        let label = fields.need("label")?;
        let label = self.labels.take("label", &label)?;
        let shown = format!("“{rater}” has labelled “{item}” before");
        let (item, rater) = (self.items.number(item), self.raters.number(rater));
        if !self.seen.insert((item, rater)) {
            return Err(format!("{shown}; keep one label of each rater and item"));
        }
        self.rows.push((item, label));
        Ok(())
    }

    fn report(&self, seed: u64) -> Result<Report, String> {
        let scale = self.labels.scale()?;
        let ratings = self.ratings(&scale).map_err(|why| why.to_string())?;
        let clusters = ratings.clusters();
        let (name, measured) = match self.statistic {
            Many::Fleiss => {
                ("fleiss_kappa", with_enough(clusters, || fleiss_kappa(&ratings, seed)))
            }
            Many::Krippendorff(level) => (
                "krippendorff_alpha",
                with_enough(clusters, || krippendorff_alpha(&ratings, level, seed)),
            ),
        };
        let mut report = Report::of(name, &measured, clusters.len());
        if let Err(Unknown::Uneven { left, right }) = measured {
            report = report.noting(&format!(
                "items have not the same number of labels, or one only (here {left} and {right}); \
                 krippendorff_alpha bears that"
            ));
        }
        if let Many::Krippendorff(level) = self.statistic {
            report = report.part("level", level);
        }
        Ok(report
            .part("items", clusters.len())
            .part("raters", self.raters.len())
            .part("ratings", self.rows.len())
            .part("labels", scale.names))
    }
}
