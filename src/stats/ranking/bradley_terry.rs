//! Strengths from games.

use super::super::estimate::{Measured, Unknown, enough};
use super::super::newton::{self, Slopes};
use super::games::{Games, groups};
use crate::domain::belief::{self, Surface};
use crate::domain::linear::Factored;

/// λ where the games leave strengths open: enough to keep them finite, as a tenth of a game would.
pub const RIDGE: f64 = belief::PRIOR;

/// How strengths were found.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// By the games alone.
    Exact,
    /// The games leave some strengths open, so all are drawn towards 0 a little: an order between
    /// groups is then partly that of the ridge.
    Regularised {
        /// λ of ½ λ Σ tᵢ².
        ridge: f64,
        /// Groups of players between whom wins go one way only, or not at all; 1 where there is
        /// one group, with wins so lopsided that its strengths ran away.
        groups: u64,
    },
}

/// Players' strengths.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Strengths {
    /// tᵢ in log-odds, with mean 0: P(i beats j) = σ(tᵢ − tⱼ).
    pub values: Vec<f64>,
    /// The variance of each, from the curvature of the likelihood.
    pub variances: Vec<f64>,
    /// How they were found.
    pub fit: Fit,
}

/// The most likely strengths; a tie is half a win for each, a probability that share of one.
///
/// Bradley and Terry 1952, *Rank analysis of incomplete block designs*, Biometrika 39. Found by
/// Newton's method, which ends where the MM algorithm does (Hunter 2004, Annals of Statistics 32),
/// as `choix.ilsr_pairwise` and `choix.opt_pairwise` (whose `alpha` is λ / 2). Where the games do
/// not tie all players together by wins both ways, with a ridge of [`RIDGE`].
///
/// # Errors
///
/// [`Unknown::TooFew`] for fewer than two players or no game.
pub fn strengths(games: &Games) -> Measured<Strengths> {
    enough(games.players(), 2)?;
    enough(games.games().len(), 1)?;
    let wins = games.wins(&games.all());
    let (values, fit) = fit_wins(&wins, games.players(), &vec![0.0; games.players()])?;
    let ridge = match fit {
        Fit::Exact => 0.0,
        Fit::Regularised { ridge, .. } => ridge,
    };
    let Slopes { hessian, .. } = slopes(&wins, &values, ridge);
    let n = games.players() as f64;
    let gauge = if ridge > 0.0 { 0.0 } else { 1.0 / n };
    let variances = Factored::of(&hessian, games.players())
        .ok_or(Unknown::NoFit)?
        .inverse_diagonal()
        .into_iter()
        // The direction in which all rise together says nothing, and was held by 1 / n.
        .map(|variance| if gauge > 0.0 { variance - 1.0 / n } else { variance })
        .collect();
    Ok(Strengths { values, variances, fit })
}

/// Strengths from a table of wins, with a ridge where it takes one.
pub(super) fn fit_wins(wins: &[f64], n: usize, start: &[f64]) -> Measured<(Vec<f64>, Fit)> {
    let groups = groups(wins, n);
    if groups == 1
        && let Ok(values) = newton(wins, start, 0.0)
    {
        return Ok((values, Fit::Exact));
    }
    let values = newton(wins, start, RIDGE)?;
    Ok((values, Fit::Regularised { ridge: RIDGE, groups: groups as u64 }))
}

/// With a ridge of any size, for comparison with references.
#[cfg(test)]
pub(super) fn fit_with(games: &Games, ridge: f64) -> Measured<Vec<f64>> {
    newton(&games.wins(&games.all()), &vec![0.0; games.players()], ridge)
}

fn newton(wins: &[f64], start: &[f64], ridge: f64) -> Measured<Vec<f64>> {
    let mut t = newton::least(start, |t| slopes(wins, t, ridge))?;
    let mean = t.iter().sum::<f64>() / t.len() as f64;
    for t in &mut t {
        *t -= mean;
    }
    Ok(t)
}

/// The negative log-likelihood with its slope and curvature; without a ridge the direction in which
/// all strengths rise together, which changes nothing, is held in its place.
fn slopes(wins: &[f64], t: &[f64], ridge: f64) -> Slopes {
    let held = if ridge > 0.0 { 0.0 } else { 1.0 / t.len() as f64 };
    let Surface { height, slope, curvature } = Surface::at(t, wins, ridge);
    let hessian = curvature.into_iter().map(|curvature| curvature + held).collect();
    Slopes { loss: height, gradient: slope, hessian }
}
