//! What games tell of players' strengths so far, and which two should meet next.
//!
//! Tournaments choose their next game by it while they run, and a ranking names the pair that more
//! games would tell most about: one implementation for both.

use super::linear::Factored;
use super::tournament::Game;

/// λ of the prior under which each strength is normal around 0 with variance 1 / λ; as a tenth of
/// a game, so that it decides only where the games leave a strength open.
pub const PRIOR: f64 = 0.1;

/// Gains nearer to each other than this are equal: what rounding leaves, and far below what tells.
const EQUAL: f64 = 1e-9;

/// Bradley–Terry strengths by a normal prior and the games so far.
///
/// P(i beats j) = σ(tᵢ − tⱼ) (Bradley and Terry 1952, Biometrika 39), a tie being half a win for
/// each and a probability that share of one. The posterior is taken as normal around its mode
/// (Laplace's approximation), which is what the ridge fit of `stats::ranking` gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Belief {
    mode: Vec<f64>,
    covariance: Vec<f64>,
}

impl Belief {
    /// What games between players numbered from 0 tell; games of others are left out. `None` where
    /// a probability is no number.
    pub fn of(players: usize, games: &[Game]) -> Option<Self> {
        let mut wins = vec![0.0; players * players];
        for game in games.iter().filter(|game| game.a.max(game.b) < players) {
            wins[game.a * players + game.b] += game.p_a;
            wins[game.b * players + game.a] += 1.0 - game.p_a;
        }
        let mut mode = vec![0.0; players];
        let mut here = Surface::at(&mode, &wins, PRIOR);
        // The prior makes the surface strictly convex, so the steps end after a few.
        for _ in 0..100 {
            let step = Factored::of(&here.curvature, players)?.solve(&here.slope);
            let longest = step.iter().fold(0.0, |most: f64, step| most.max(step.abs()));
            if !longest.is_finite() {
                return None;
            }
            let mut share = 1.0;
            loop {
                let next: Vec<f64> =
                    mode.iter().zip(&step).map(|(t, step)| t - share * step).collect();
                let there = Surface::at(&next, &wins, PRIOR);
                // What rounding leaves of a difference is no way up.
                if there.height <= here.height + 1e-12 * (1.0 + here.height.abs()) || share < 1e-6 {
                    (mode, here) = (next, there);
                    break;
                }
                share /= 2.0;
            }
            if longest < 1e-9 {
                break;
            }
        }
        let covariance = Factored::of(&here.curvature, players)?.inverse();
        Some(Self { mode, covariance })
    }

    /// The likeliest strengths, in log-odds.
    pub fn strengths(&self) -> &[f64] {
        &self.mode
    }

    /// The variance of tₐ − t_b.
    pub fn variance_between(&self, a: usize, b: usize) -> f64 {
        let n = self.mode.len();
        let at = |row: usize, column: usize| {
            self.covariance.get(row * n + column).copied().unwrap_or_default()
        };
        at(a, a) + at(b, b) - 2.0 * at(a, b)
    }

    /// How much a game of the two tells, in bits: ½ log₂ (1 + p (1 − p) Var(tₐ − t_b)), which is
    /// most for a pair that is near even and little known.
    ///
    /// It is what the posterior's entropy is expected to fall by (MacKay 1992, *Information-based
    /// objective functions for active data selection*, Neural Computation 4, section 3, with the
    /// curvature p (1 − p) of a game). Where strengths are known independently of each other the
    /// variance is the sum of the two.
    pub fn bits(&self, a: usize, b: usize) -> f64 {
        let (Some(one), Some(other)) = (self.mode.get(a), self.mode.get(b)) else { return 0.0 };
        let p = 1.0 / (1.0 + (other - one).exp());
        0.5 * (p * (1.0 - p) * self.variance_between(a, b)).ln_1p() / std::f64::consts::LN_2
    }

    /// Of some pairs the one whose game would tell most: the first of equals.
    pub fn most_telling(
        &self,
        pairs: impl IntoIterator<Item = (usize, usize)>,
    ) -> Option<(usize, usize)> {
        let mut best: Option<((usize, usize), f64)> = None;
        for (a, b) in pairs {
            let bits = self.bits(a, b);
            if best.is_none_or(|(_, most)| bits > most + EQUAL) {
                best = Some(((a, b), bits));
            }
        }
        best.map(|(pair, _)| pair)
    }
}

/// The negative log-likelihood of Bradley–Terry strengths at a place, with its slope and curvature.
#[derive(Debug)]
pub struct Surface {
    /// The value, ½ λ Σ tᵢ² of a ridge in it.
    pub height: f64,
    /// Its slope by each strength.
    pub slope: Vec<f64>,
    /// Its curvature, row by row.
    pub curvature: Vec<f64>,
}

impl Surface {
    /// At strengths `t`, in log-odds, of n players; `wins` has n × n numbers, in row i and column j
    /// how often i won against j, in parts where a game was shared. `ridge` is λ, 0 or more.
    pub fn at(t: &[f64], wins: &[f64], ridge: f64) -> Self {
        let n = t.len();
        let mut surface = Self {
            height: t.iter().map(|t| 0.5 * ridge * t * t).sum(),
            slope: t.iter().map(|t| ridge * t).collect(),
            curvature: vec![0.0; n * n],
        };
        for i in 0..n {
            surface.curvature[i * n + i] += ridge;
            for j in i + 1..n {
                let won = wins[i * n + j];
                let games = won + wins[j * n + i];
                if games <= 0.0 {
                    continue;
                }
                let odds = t[i] - t[j];
                let p = 1.0 / (1.0 + (-odds).exp());
                // ln(1 + eˣ) without overflow.
                let softplus = odds.max(0.0) + (-odds.abs()).exp().ln_1p();
                surface.height += games * softplus - won * odds;
                let residual = games * p - won;
                surface.slope[i] += residual;
                surface.slope[j] -= residual;
                let weight = games * p * (1.0 - p);
                surface.curvature[i * n + i] += weight;
                surface.curvature[j * n + j] += weight;
                surface.curvature[i * n + j] -= weight;
                surface.curvature[j * n + i] -= weight;
            }
        }
        surface
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::all_pairs;

    fn game(a: usize, b: usize, p_a: f64) -> Game {
        Game { a, b, p_a, tie: 0.0 }
    }

    #[test]
    fn one_game_is_known_by_hand() {
        // Symmetric: t and −t with λ t + σ(2 t) − 0.8 = 0.
        let belief = Belief::of(2, &[game(0, 1, 0.8)]).unwrap();
        let t = belief.strengths()[0];
        assert!((belief.strengths()[1] + t).abs() < 1e-9);
        let p = 1.0 / (1.0 + (-2.0 * t).exp());
        assert!((PRIOR * t + p - 0.8).abs() < 1e-9, "{t}");
        // Precision of the difference: λ / 2 of the prior and p (1 − p) of the game.
        let variance = 1.0 / (PRIOR / 2.0 + p * (1.0 - p));
        assert!((belief.variance_between(0, 1) - variance).abs() < 1e-9);
        assert!((belief.bits(0, 1) - 0.5 * (1.0 + p * (1.0 - p) * variance).log2()).abs() < 1e-9);
        assert!(belief.bits(0, 2) == 0.0, "who does not play tells nothing");
    }

    #[test]
    fn a_pair_near_even_and_little_known_comes_first() {
        // 0 and 1 are even and well known; 2 has played each of them once.
        let mut games = vec![game(0, 1, 0.5); 40];
        games.extend([game(0, 2, 1.0), game(2, 1, 1.0)]);
        let (a, b) = Belief::of(3, &games).unwrap().most_telling(all_pairs(3)).unwrap();
        assert!(b == 2 && a < 2);
        // Two couples that never met: asking a couple again says nothing of the other.
        let couples = [game(0, 1, 0.6), game(2, 3, 0.6)];
        let (a, b) = Belief::of(4, &couples).unwrap().most_telling(all_pairs(4)).unwrap();
        assert!(a < 2 && b >= 2, "{a} {b}");
    }

    #[test]
    fn equals_go_by_their_order_and_nobody_is_no_pair() {
        let belief = Belief::of(3, &[]).unwrap();
        assert_eq!(belief.most_telling([(1, 2), (0, 1), (0, 2)]), Some((1, 2)));
        assert_eq!(belief.most_telling([]), None);
        assert_eq!(Belief::of(0, &[]).unwrap().most_telling(all_pairs(0)), None);
        assert_eq!(Belief::of(2, &[game(0, 1, f64::NAN)]), None);
        // One-sided games run away without a prior.
        let belief = Belief::of(2, &[game(0, 1, 1.0); 50]).unwrap();
        assert!(belief.strengths()[0] > 1.5 && belief.strengths()[0] < 10.0);
    }
}
