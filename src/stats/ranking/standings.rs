//! Standings with intervals and rank ranges.

use super::super::MIN_ITEMS;
use super::super::bootstrap::{Interval, RESAMPLES, interval_of, resample};
use super::super::estimate::{Measured, enough};
use super::bradley_terry::Fit;
use super::davidson::{Ties, first_ln_nu, fit_games};
use super::games::Games;

/// A strength on Elo's scale: 400 / ln 10 · (t − t of the baseline) + 1000, so that 400 more are
/// odds of ten to one.
pub fn elo(above_baseline: f64) -> f64 {
    400.0 / std::f64::consts::LN_10 * above_baseline + 1_000.0
}

/// A player's standing.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Standing {
    /// The player's number.
    pub player: usize,
    /// The strength in log-odds above the baseline's (above the mean without one).
    pub strength: f64,
    /// Its interval over prompts.
    pub interval: Option<Interval>,
    /// The best and the worst rank, from 1, that 95 % of the draws give.
    pub ranks: Option<(u64, u64)>,
    /// The player's games.
    pub games: u64,
}

impl Standing {
    /// The strength on Elo's scale, the baseline at 1000.
    pub fn elo(&self) -> f64 {
        elo(self.strength)
    }

    /// Its interval.
    pub fn elo_interval(&self) -> Option<Interval> {
        self.interval.map(|interval| Interval { low: elo(interval.low), high: elo(interval.high) })
    }
}

/// All players' standings.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Ranking {
    /// The players, strongest first.
    pub standings: Vec<Standing>,
    /// How the strengths were found.
    pub fit: Fit,
    /// How ties came out, where there were any beside decided games: strengths are then Davidson's.
    pub ties: Option<Ties>,
    /// Draws whose games left strengths open although all games together do not; their strengths
    /// are drawn towards 0 a little.
    pub regularised_draws: u64,
}

/// Ranks players by Bradley–Terry strengths, intervals and rank ranges by drawing the prompts anew
/// and fitting anew; `baseline` is the player whose strength is 0.
///
/// Where a judge said “tie” the strengths are those of Davidson's extension (see
/// [`super::davidson`]); a game of one half in which nobody could say so stays half a win for each.
///
/// # Errors
///
/// [`super::super::Unknown::TooFew`] under [`MIN_ITEMS`] prompts or two players;
/// [`super::super::Unknown::OutOfRange`] for a baseline there is not.
pub fn rank(games: &Games, baseline: Option<usize>, seed: u64) -> Measured<Ranking> {
    enough(games.clusters().len(), MIN_ITEMS)?;
    enough(games.players(), 2)?;
    enough(games.games().len(), 1)?;
    check_baseline(games, baseline)?;
    let ln_nu = first_ln_nu(games.ties(&games.all()), games.games().len());
    let mut start = vec![0.0; games.players()];
    start.push(ln_nu);
    let found = fit_games(games, &games.all(), &start)?;
    let mut start = found.values.clone();
    start.push(found.nu.filter(|nu| *nu > 0.0).map_or(ln_nu, f64::ln));
    let mut draws = Draws::of(games.players(), baseline);
    let (mut regularised_draws, mut nus) = (0, Vec::new());
    resample(games.clusters(), seed, |rows| {
        if let Ok(drawn) = fit_games(games, rows, &start) {
            regularised_draws += u64::from(drawn.fit != Fit::Exact);
            draws.take(&drawn.values);
            nus.extend(drawn.nu);
        }
    });
    Ok(Ranking {
        standings: draws.standings(games, &found.values),
        fit: found.fit,
        ties: Ties::of(found.nu, nus, games),
        regularised_draws,
    })
}

/// An error for a baseline that does not play.
pub(super) fn check_baseline(games: &Games, baseline: Option<usize>) -> Measured<()> {
    if baseline.is_some_and(|player| player >= games.players()) {
        return Err(super::super::Unknown::OutOfRange { row: 0 });
    }
    Ok(())
}

/// Strengths and ranks over all draws.
pub(super) struct Draws {
    baseline: Option<usize>,
    strengths: Vec<Vec<f64>>,
    ranks: Vec<Vec<u64>>,
}

impl Draws {
    pub(super) fn of(players: usize, baseline: Option<usize>) -> Self {
        Self {
            baseline,
            strengths: vec![Vec::with_capacity(RESAMPLES); players],
            ranks: vec![Vec::with_capacity(RESAMPLES); players],
        }
    }

    fn zero(&self, values: &[f64]) -> f64 {
        self.baseline.and_then(|player| values.get(player)).copied().unwrap_or(0.0)
    }

    pub(super) fn take(&mut self, values: &[f64]) {
        let zero = self.zero(values);
        for (player, value) in values.iter().enumerate() {
            self.strengths[player].push(value - zero);
            let better = values.iter().filter(|other| **other > value + 1e-12).count();
            self.ranks[player].push(better as u64 + 1);
        }
    }

    /// Strongest first; those equally strong in their numbers' order.
    pub(super) fn standings(mut self, games: &Games, values: &[f64]) -> Vec<Standing> {
        let zero = self.zero(values);
        let mut standings: Vec<Standing> = values
            .iter()
            .enumerate()
            .map(|(player, value)| Standing {
                player,
                strength: value - zero,
                interval: interval_of(
                    std::mem::take(&mut self.strengths[player]),
                    games.clusters().len(),
                ),
                ranks: range(&mut self.ranks[player]),
                games: games.of(player),
            })
            .collect();
        standings.sort_by(|x, y| y.strength.total_cmp(&x.strength).then(x.player.cmp(&y.player)));
        standings
    }
}

/// The middle 95 % of ranks, outwards to whole ones; `None` with fewer than half the draws.
fn range(ranks: &mut [u64]) -> Option<(u64, u64)> {
    if ranks.len() * 2 < RESAMPLES {
        return None;
    }
    ranks.sort_unstable();
    let last = (ranks.len() - 1) as f64;
    let at = |place: f64| ranks.get(place as usize).copied();
    Some((at((0.025 * last).floor())?, at((0.975 * last).ceil())?))
}
