//! Probabilities beside what people said.

use super::super::bootstrap::Clusters;
use super::super::estimate::{Measured, in_range, same_rows};

/// A judge's probabilities and the people's labels of the same rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecasts {
    said: Vec<f64>,
    was: Vec<f64>,
    clusters: Clusters,
}

impl Forecasts {
    /// Probabilities of 0..=1 and labels of 0..=1 (a tie is ½, several people's labels their
    /// mean); `clusters` say which rows are of one prompt.
    ///
    /// # Errors
    ///
    /// [`super::super::Unknown::Uneven`] and [`super::super::Unknown::OutOfRange`].
    pub fn new(said: Vec<f64>, was: Vec<f64>, clusters: Clusters) -> Measured<Self> {
        same_rows(said.len(), was.len())?;
        same_rows(said.len(), clusters.rows())?;
        in_range(&said, 0.0, 1.0)?;
        in_range(&was, 0.0, 1.0)?;
        Ok(Self { said, was, clusters })
    }

    /// The judge's probabilities.
    pub fn said(&self) -> &[f64] {
        &self.said
    }

    /// What people said, as numbers.
    pub fn was(&self) -> &[f64] {
        &self.was
    }

    /// Which rows are of one prompt.
    pub fn clusters(&self) -> &Clusters {
        &self.clusters
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.said.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// The same seen from the side that the judge is for: probabilities of ½..=1 and whether
    /// people agree. For preferences, whose sides have no meaning of their own: said .9, was .8.
    pub fn folded(&self) -> Self {
        let turn = |row: usize, value: f64| if self.said[row] < 0.5 { 1.0 - value } else { value };
        Self {
            said: self.said.iter().enumerate().map(|(row, p)| turn(row, *p)).collect(),
            was: self.was.iter().enumerate().map(|(row, y)| turn(row, *y)).collect(),
            clusters: self.clusters.clone(),
        }
    }

    /// Each row with its mirror image, 1 − p against 1 − y, in the same cluster: a map fitted to
    /// these treats both sides of a preference alike, so that P(A) and P(B) still add up to 1.
    pub fn mirrored(&self) -> Self {
        let both = |values: &[f64]| -> Vec<f64> {
            values.iter().copied().chain(values.iter().map(|value| 1.0 - value)).collect()
        };
        let rows: Vec<usize> = (0..self.len()).chain(0..self.len()).collect();
        Self { said: both(&self.said), was: both(&self.was), clusters: self.clusters.only(&rows) }
    }

    /// Some of the rows.
    pub fn only(&self, rows: &[usize]) -> Self {
        Self {
            said: rows.iter().map(|row| self.said[*row]).collect(),
            was: rows.iter().map(|row| self.was[*row]).collect(),
            clusters: self.clusters.only(rows),
        }
    }

    /// The same with other probabilities, one a row.
    pub(super) fn saying(&self, said: impl Fn(f64) -> f64) -> Self {
        Self {
            said: self.said.iter().map(|p| said(*p)).collect(),
            was: self.was.clone(),
            clusters: self.clusters.clone(),
        }
    }
}
