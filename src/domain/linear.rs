//! Small systems of linear equations.

/// A symmetric, positive definite matrix as the product of a triangular one with its transpose
/// (Cholesky), row by row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Factored {
    lower: Vec<f64>,
    size: usize,
}

impl Factored {
    /// Factors a matrix given row by row; `None` where it is not positive definite, to within
    /// 10⁻¹² of its diagonal.
    pub(crate) fn of(matrix: &[f64], size: usize) -> Option<Self> {
        let mut lower = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..=row {
                let mut sum = matrix[row * size + column];
                for k in 0..column {
                    sum -= lower[row * size + k] * lower[column * size + k];
                }
                if row == column {
                    if sum.is_nan() || sum <= 1e-12 * matrix[row * size + row].abs() {
                        return None;
                    }
                    lower[row * size + row] = sum.sqrt();
                } else {
                    lower[row * size + column] = sum / lower[column * size + column];
                }
            }
        }
        Some(Self { lower, size })
    }

    /// x of matrix · x = `right`.
    pub(crate) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let n = self.size;
        let mut x = right.to_vec();
        for row in 0..n {
            let sum: f64 = (0..row).map(|k| self.lower[row * n + k] * x[k]).sum();
            x[row] = (x[row] - sum) / self.lower[row * n + row];
        }
        for row in (0..n).rev() {
            let sum: f64 = (row + 1..n).map(|k| self.lower[k * n + row] * x[k]).sum();
            x[row] = (x[row] - sum) / self.lower[row * n + row];
        }
        x
    }

    /// The inverse, row by row.
    pub(crate) fn inverse(&self) -> Vec<f64> {
        // It is symmetric, so its columns are its rows.
        (0..self.size)
            .flat_map(|at| {
                let mut unit = vec![0.0; self.size];
                unit[at] = 1.0;
                self.solve(&unit)
            })
            .collect()
    }

    /// The diagonal of the inverse.
    pub(crate) fn inverse_diagonal(&self) -> Vec<f64> {
        self.inverse().into_iter().step_by(self.size + 1).collect()
    }
}
