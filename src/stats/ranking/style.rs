//! Strengths as if all answers looked alike.

use super::super::bias::style::{Coefficient, MIN_STYLE_ITEMS, STYLES};
use super::super::bootstrap::{interval_of, resample};
use super::super::estimate::{Estimate, Flag, Measured, enough, same_rows};
use super::super::logistic::Regression;
use super::bradley_terry::{Fit, RIDGE};
use super::davidson::{Hold, Matchup, Ties, first_ln_nu, fit};
use super::games::{Games, groups};
use super::standings::{Draws, Standing, check_baseline};

/// So little that it only holds the direction in which all strengths rise together.
const HELD: f64 = 1e-6;

/// A ranking with style taken out.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct StyleControlled {
    /// The players at equal style, strongest first.
    pub standings: Vec<Standing>,
    /// Each feature's pull, in log-odds for the answer that has all of it.
    pub coefficients: Vec<Coefficient>,
    /// How ties came out, where there were any beside decided games.
    pub ties: Option<Ties>,
    /// How the strengths were found.
    pub fit: Fit,
}

/// Fits logit P(A beats B) = t_A − t_B + Σ βₖ dₖ and reads the strengths without the second part.
///
/// Li et al. 2024, *Does style matter? Disentangling style and substance in Chatbot Arena* (LMSYS),
/// with a ridge of 0.1 on the βₖ. Where there are ties, the same difference stands in Davidson's
/// model (see [`super::davidson`]). `differences` are those of
/// [`Style::difference`](super::super::bias::Style::difference) from B to A, so that more of it
/// speaks for A, one row a game.
///
/// # Errors
///
/// As [`super::rank`], with [`MIN_STYLE_ITEMS`] prompts; [`super::super::Unknown::Uneven`] where
/// there are not as many differences as games.
pub fn rank_at_equal_style(
    games: &Games,
    differences: &[[f64; 4]],
    baseline: Option<usize>,
    seed: u64,
) -> Measured<StyleControlled> {
    same_rows(games.games().len(), differences.len())?;
    enough(games.clusters().len(), MIN_STYLE_ITEMS)?;
    enough(games.players(), 2)?;
    check_baseline(games, baseline)?;
    let players = games.players();
    let groups = groups(&games.wins(&games.all()), players);
    let how = match groups {
        1 => Fit::Exact,
        _ => Fit::Regularised { ridge: RIDGE, groups: groups as u64 },
    };
    let ridge = if how == Fit::Exact { HELD } else { RIDGE };
    let width = players + STYLES.len();
    let mut features = vec![0.0; width * differences.len()];
    for (row, (game, difference)) in games.games().iter().zip(differences).enumerate() {
        let x = &mut features[row * width..(row + 1) * width];
        x[game.a] = 1.0;
        x[game.b] = -1.0;
        x[players..].copy_from_slice(difference);
    }
    let mut ridges = vec![ridge; players];
    ridges.extend([RIDGE; STYLES.len()]);
    let regression = Regression {
        features,
        targets: games.games().iter().map(|game| game.p_a).collect(),
        ridge: ridges,
    };
    let with_style = games.games().iter().zip(differences);
    let matchups: Vec<Matchup> =
        with_style.map(|(game, style)| Matchup::of(game, players, style)).collect();
    // Columns and ν, from the same with ln ν.
    let fitted = |rows: &[usize], (start, ln_nu): (&[f64], f64)| {
        let ties = games.ties(rows);
        let is_all = ties >= rows.len() as f64 - 1e-9;
        if ties <= 0.0 || is_all {
            let nu = (!is_all).then_some(0.0);
            return regression.fit(rows, start).map(|found| (found, nu));
        }
        let drawn: Vec<&Matchup> = rows.iter().map(|row| &matchups[*row]).collect();
        let hold = Hold { ridge: &regression.ridge, afloat: 0 };
        let mut found = fit(&drawn, hold, &[start, &[ln_nu]].concat())?;
        let nu = found.pop().map(f64::exp);
        Ok((found, nu))
    };
    let ln_nu = first_ln_nu(games.ties(&games.all()), games.games().len());
    let (found, nu) = fitted(&games.all(), (&vec![0.0; width], ln_nu))?;
    let ln_nu = nu.filter(|nu| *nu > 0.0).map_or(ln_nu, f64::ln);
    let mut draws = Draws::of(players, baseline);
    let mut pulls = vec![Vec::new(); STYLES.len()];
    let mut nus = Vec::new();
    resample(games.clusters(), seed, |rows| {
        if let Ok((values, nu)) = fitted(rows, (&found, ln_nu)) {
            nus.extend(nu);
            draws.take(&values[..players]);
            for (pulls, value) in pulls.iter_mut().zip(&values[players..]) {
                pulls.push(*value);
            }
        }
    });
    let n = games.games().len() as u64;
    let prompts = games.clusters().len();
    let coefficients =
        STYLES.iter().zip(&found[players..]).zip(pulls).map(|((name, value), all)| Coefficient {
            name: (*name).to_owned(),
            judge: Estimate { value: *value, interval: interval_of(all, prompts), n },
            people: None,
            excess: None,
            flag: Flag::Fine,
        });
    Ok(StyleControlled {
        coefficients: coefficients.collect(),
        standings: draws.standings(games, &found[..players]),
        ties: Ties::of(nu, nus, games),
        fit: how,
    })
}
