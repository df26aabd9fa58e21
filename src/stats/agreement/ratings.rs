//! Any number of raters, with labels missing.

use super::super::bootstrap::Clusters;
use super::super::estimate::{Measured, Unknown, same_rows};

/// Labels of items by several raters: a row is one item, a column one rater.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratings {
    labels: Vec<Vec<Option<usize>>>,
    levels: Vec<f64>,
    clusters: Clusters,
}

impl Ratings {
    /// Labels as numbers of `levels`, whose values are given in rising order (0, 1, 2, … where
    /// they are mere names); `None` is a label that is missing. All rows have the same raters.
    ///
    /// # Errors
    ///
    /// [`Unknown::OutOfRange`] for a row with a label that is no level or with another number of
    /// raters, and for levels that do not rise; [`Unknown::Uneven`] where the clusters are of
    /// another number of rows.
    pub fn new(
        levels: Vec<f64>,
        labels: Vec<Vec<Option<usize>>>,
        clusters: Clusters,
    ) -> Measured<Self> {
        same_rows(labels.len(), clusters.rows())?;
        let rises = levels.windows(2).all(|two| two[0] < two[1]);
        if !rises || levels.iter().any(|level| !level.is_finite()) {
            return Err(Unknown::OutOfRange { row: 0 });
        }
        let raters = labels.first().map_or(0, Vec::len);
        let is_wrong = |row: &Vec<Option<usize>>| {
            row.len() != raters || row.iter().flatten().any(|label| *label >= levels.len())
        };
        if let Some(row) = labels.iter().position(is_wrong) {
            return Err(Unknown::OutOfRange { row: row as u64 });
        }
        Ok(Self { labels, levels, clusters })
    }

    /// Labels that are mere names, numbered 0..`categories`.
    ///
    /// # Errors
    ///
    /// Those of [`Ratings::new`].
    pub fn of_categories(
        categories: usize,
        labels: Vec<Vec<Option<usize>>>,
        clusters: Clusters,
    ) -> Measured<Self> {
        Self::new((0..categories).map(|level| level as f64).collect(), labels, clusters)
    }

    /// One row an item, one column a rater.
    pub fn labels(&self) -> &[Vec<Option<usize>>] {
        &self.labels
    }

    /// The value of each level.
    pub fn levels(&self) -> &[f64] {
        &self.levels
    }

    /// How many raters there are.
    pub fn raters(&self) -> usize {
        self.labels.first().map_or(0, Vec::len)
    }

    /// Which rows are of one prompt.
    pub fn clusters(&self) -> &Clusters {
        &self.clusters
    }

    /// How often each level was given to each item.
    pub(super) fn counts(&self) -> Vec<Vec<f64>> {
        self.labels
            .iter()
            .map(|row| {
                let mut counts = vec![0.0; self.levels.len()];
                for label in row.iter().flatten() {
                    counts[*label] += 1.0;
                }
                counts
            })
            .collect()
    }

    /// The items with two labels or more, by themselves.
    pub(super) fn shared(&self) -> Self {
        let rows: Vec<usize> = (0..self.labels.len())
            .filter(|row| self.labels[*row].iter().flatten().count() >= 2)
            .collect();
        Self {
            labels: rows.iter().map(|row| self.labels[*row].clone()).collect(),
            levels: self.levels.clone(),
            clusters: self.clusters.only(&rows),
        }
    }

    /// Items with two labels or more, which alone say something of agreement.
    pub(super) fn paired(counts: &[Vec<f64>]) -> usize {
        counts.iter().filter(|row| row.iter().sum::<f64>() >= 2.0).count()
    }
}
