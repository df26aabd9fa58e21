//! Strengths from games of which some are ties.
//!
//! Davidson 1970, *On extending the Bradley-Terry model to accommodate ties in paired comparison
//! experiments*, Journal of the American Statistical Association 65: with πᵢ = eᵗⁱ
//! P(i beats j) = πᵢ / (πᵢ + πⱼ + ν √(πᵢ πⱼ)) and P(tie) = ν √(πᵢ πⱼ) / (the same). Of games that
//! are no ties P(i beats j) is σ(tᵢ − tⱼ), so strengths mean what they mean without ties. Two that
//! are equally strong tie with ν / (2 + ν). A game may be part win, part tie, part loss, as a
//! judge's probabilities say, and each part counts with its share.

use super::super::bootstrap::{Interval, interval_of};
use super::super::estimate::Measured;
use super::super::newton::{self, Slopes};
use super::bradley_terry::{Fit, RIDGE, fit_wins};
use super::games::{Games, groups};
use crate::domain::Game;

/// How ties came out.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Ties {
    /// ν, 0 or more.
    pub nu: f64,
    /// Its interval over prompts.
    pub interval: Option<Interval>,
    /// The share of the games that were ties, 0..=1.
    pub share: f64,
}

impl Ties {
    /// What was found, with ν as all draws have it; `None` where nothing can be said of ν: no tie,
    /// or nothing but ties.
    pub(super) fn of(nu: Option<f64>, drawn: Vec<f64>, games: &Games) -> Option<Self> {
        let share = games.ties(&games.all()) / games.games().len() as f64;
        nu.filter(|nu| *nu > 0.0).map(|nu| Self {
            nu,
            interval: interval_of(drawn, games.clusters().len()),
            share,
        })
    }

    /// How often two equally strong players tie, 0..=1.
    pub fn between_equals(&self) -> f64 {
        self.nu / (2.0 + self.nu)
    }
}

/// Games of one pair at one difference in style: t_a − t_b + Σ βₖ dₖ as a sum over columns, and how
/// they ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Matchup {
    /// Columns with their factors, each column once.
    features: Vec<(usize, f64)>,
    win: f64,
    tie: f64,
    loss: f64,
}

impl Matchup {
    /// One game; `style` are factors of the columns from `players` on.
    pub(super) fn of(game: &Game, players: usize, style: &[f64]) -> Self {
        let mut features = vec![(game.a, 1.0), (game.b, -1.0)];
        let styled = style.iter().enumerate().filter(|(_, factor)| **factor != 0.0);
        features.extend(styled.map(|(k, factor)| (players + k, *factor)));
        let half = game.tie / 2.0;
        Self { features, win: game.p_a - half, tie: game.tie, loss: 1.0 - game.p_a - half }
    }

    /// All games between each two players as one.
    pub(super) fn between_two(games: &[&Game], players: usize) -> Vec<Self> {
        let mut sums = vec![[0.0; 3]; players * players];
        for game in games {
            let half = game.tie / 2.0;
            let (win, loss) = (game.p_a - half, 1.0 - game.p_a - half);
            let (place, [win, loss]) = match game.a < game.b {
                true => (game.a * players + game.b, [win, loss]),
                false => (game.b * players + game.a, [loss, win]),
            };
            for (sum, part) in sums[place].iter_mut().zip([win, game.tie, loss]) {
                *sum += part;
            }
        }
        let played = sums.iter().enumerate().filter(|(_, sum)| sum.iter().sum::<f64>() > 0.0);
        played
            .map(|(place, [win, tie, loss])| Self {
                features: vec![(place / players, 1.0), (place % players, -1.0)],
                win: *win,
                tie: *tie,
                loss: *loss,
            })
            .collect()
    }
}

/// How columns are held.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hold<'r> {
    /// λ of ½ λ β² for each column.
    pub(super) ridge: &'r [f64],
    /// How many columns, from the first on, may rise together without changing anything, which is
    /// held in its place; 0 where a ridge holds them.
    pub(super) afloat: usize,
}

/// The likeliest columns, with ln ν last, from a start of the same form.
///
/// # Errors
///
/// [`super::super::Unknown::Separated`] where a parameter runs away: wins that go one way only, no
/// tie, or nothing but ties; [`super::super::Unknown::NoFit`].
pub(super) fn fit(matchups: &[&Matchup], hold: Hold<'_>, start: &[f64]) -> Measured<Vec<f64>> {
    newton::least(start, |at| slopes(matchups, hold, at))
}

/// Strengths of some games, and ν.
pub(super) struct Fitted {
    /// The strengths, with mean 0.
    pub(super) values: Vec<f64>,
    /// ν: 0 without ties, `None` where there is nothing else, which every ν beyond all bounds fits.
    pub(super) nu: Option<f64>,
    /// How they were found.
    pub(super) fit: Fit,
}

/// ln ν by the share of ties, as if all were equally strong: where a search begins.
pub(super) fn first_ln_nu(ties: f64, games: usize) -> f64 {
    let share = (ties / games.max(1) as f64).clamp(0.01, 0.99);
    (2.0 * share / (1.0 - share)).ln()
}

/// The likeliest strengths of some games (a game given twice counts twice), and with ties ν; from
/// strengths with ln ν last. With a ridge where the games leave strengths open.
pub(super) fn fit_games(games: &Games, rows: &[usize], start: &[f64]) -> Measured<Fitted> {
    let n = games.players();
    let wins = games.wins(rows);
    let ties = games.ties(rows);
    let is_all = ties >= rows.len() as f64 - 1e-9;
    if ties <= 0.0 || is_all {
        let (values, fit) = fit_wins(&wins, n, &start[..n])?;
        return Ok(Fitted { values, nu: (!is_all).then_some(0.0), fit });
    }
    let played: Vec<&Game> = rows.iter().map(|row| &games.games()[*row]).collect();
    let matchups = Matchup::between_two(&played, n);
    let matchups: Vec<&Matchup> = matchups.iter().collect();
    let groups = groups(&wins, n);
    let exact = Hold { ridge: &vec![0.0; n], afloat: n };
    let found = match groups {
        1 => fit(&matchups, exact, start).ok().map(|found| (found, Fit::Exact)),
        _ => None,
    };
    let (mut found, how) = if let Some(found) = found {
        found
    } else {
        let held = Hold { ridge: &vec![RIDGE; n], afloat: 0 };
        let how = Fit::Regularised { ridge: RIDGE, groups: groups as u64 };
        (fit(&matchups, held, start)?, how)
    };
    let nu = found.pop().map(f64::exp);
    let mean = found.iter().sum::<f64>() / n as f64;
    let values = found.into_iter().map(|t| t - mean).collect();
    Ok(Fitted { values, nu, fit: how })
}

/// The negative log-likelihood with its slope and curvature; it is convex in strengths and ln ν.
fn slopes(matchups: &[&Matchup], hold: Hold<'_>, at: &[f64]) -> Slopes {
    let width = at.len();
    let last = width - 1;
    let mut slopes =
        Slopes { loss: 0.0, gradient: vec![0.0; width], hessian: vec![0.0; width * width] };
    for (column, (value, ridge)) in at.iter().zip(hold.ridge).enumerate() {
        slopes.loss += 0.5 * ridge * value * value;
        slopes.gradient[column] += ridge * value;
        slopes.hessian[column * width + column] += ridge;
    }
    for row in 0..hold.afloat {
        for column in 0..hold.afloat {
            slopes.hessian[row * width + column] += 1.0 / hold.afloat as f64;
        }
    }
    let ln_nu = at[last];
    for Matchup { features, win, tie, loss } in matchups.iter().copied() {
        let games = win + tie + loss;
        let d: f64 = features.iter().map(|(column, factor)| at[*column] * factor).sum();
        // Relative to the largest of the three, so that nothing overflows.
        let most = (d / 2.0).abs().max(ln_nu);
        let [w, t, l] = [d / 2.0, ln_nu, -d / 2.0].map(|part| (part - most).exp());
        let whole = w + t + l;
        slopes.loss += games * (most + whole.ln()) - (win - loss) * d / 2.0 - tie * ln_nu;
        let [p_win, p_tie, p_loss] = [w, t, l].map(|part| part / whole);
        let lean = p_win - p_loss;
        let by_d = (games * lean - (win - loss)) / 2.0;
        let d_d = games * (p_win + p_loss - lean * lean) / 4.0;
        let d_nu = -games * lean * p_tie / 2.0;
        slopes.gradient[last] += games * p_tie - tie;
        slopes.hessian[last * width + last] += games * p_tie * (1.0 - p_tie);
        for (column, factor) in features {
            slopes.gradient[*column] += by_d * factor;
            slopes.hessian[last * width + column] += d_nu * factor;
            for (other, with) in features {
                slopes.hessian[column * width + other] += d_d * factor * with;
            }
        }
    }
    slopes
}
