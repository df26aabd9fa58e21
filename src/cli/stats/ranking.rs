//! Who is better than whom.

use serde_json::{Value, json};

use super::Statistic;
use super::fields::Fields;
use super::items::{Items, Names};
use super::report::{Report, ends};
use crate::stats::Measured;
use crate::stats::ranking::{Game, Games, Ranking, Ties, rank};

/// The most players: each draw solves equations of as many unknowns.
const MOST: usize = 300;

/// Lines of `{"item", "a", "b", "p_a", "tie"?}`.
#[derive(Debug)]
pub(super) struct BradleyTerry {
    baseline: Option<String>,
    items: Items,
    players: Names,
    games: Vec<(u32, u32, f64, f64)>,
}

impl BradleyTerry {
    pub(super) fn new(baseline: Option<String>) -> Self {
        Self { baseline, items: Items::default(), players: Names::default(), games: Vec::new() }
    }

    fn rank(&self, baseline: Option<u32>, seed: u64) -> Measured<(Ranking, usize)> {
        let games = self.games.iter().map(|(a, b, p_a, tie)| Game {
            a: *a as usize,
            b: *b as usize,
            p_a: *p_a,
            tie: *tie,
        });
        let clusters = self.items.clusters();
        let items = clusters.len();
        let games = Games::new(self.players.len(), games.collect(), clusters)?;
        Ok((rank(&games, baseline.map(|player| player as usize), seed)?, items))
    }
}

impl Statistic for BradleyTerry {
    fn line(&mut self, fields: &mut Fields) -> Result<(), String> {
        self.items.take(fields)?;
        let (a, b) = (fields.name("a")?, fields.name("b")?);
        let p_a = fields.probability("p_a")?;
        let tie = fields.maybe_share("tie")?.unwrap_or(0.0);
        if tie > 2.0 * p_a.min(1.0 - p_a) + 1e-9 {
            return Err(format!(
                "“tie” is {tie} with a “p_a” of {p_a}; half of a tie counts for each side, so a \
                 whole tie is p_a 0.5 and tie 1"
            ));
        }
        if a == b {
            return Err(format!("“{a}” plays against itself; “a” and “b” are two players"));
        }
        let (a, b) = (self.players.number(a), self.players.number(b));
        if self.players.len() > MOST {
            return Err(format!("there are more than {MOST} players; rank them in parts"));
        }
        self.games.push((a, b, p_a, tie));
        Ok(())
    }

    fn report(&self, seed: u64) -> Result<Report, String> {
        let names = self.players.in_order();
        let baseline = match &self.baseline {
            Some(name) if !names.is_empty() => Some(self.players.find(name).ok_or_else(|| {
                let some: Vec<&str> = names.iter().copied().take(12).collect();
                format!("no player is named “{name}”; there are {}", some.join(", "))
            })?),
            _ => None,
        };
        let found = self.rank(baseline, seed);
        let value =
            found.as_ref().map_err(|why| *why).map(|(ranking, _)| standings(ranking, &names));
        let mut report = Report::of_value("bradley_terry", value, self.games.len());
        if let Ok((ranking, items)) = &found {
            report = report
                .part("items", items)
                .part("fit", ranking.fit)
                .part("ties", ranking.ties.as_ref().map(ties))
                .part("regularised_draws", ranking.regularised_draws);
        }
        Ok(report.part("players", names.len()).part("baseline", &self.baseline))
    }
}

/// Davidson's ν with what it means.
pub(in crate::cli) fn ties(found: &Ties) -> Value {
    json!({
        "nu": found.nu,
        "ci": ends(found.interval),
        "share": found.share,
        "between_equals": found.between_equals(),
    })
}

/// Strongest first. `strength` is in log-odds above the baseline's, or above the mean; `elo` has
/// the same at 1000.
fn standings(ranking: &Ranking, names: &[&str]) -> Value {
    let one = |standing: &crate::stats::ranking::Standing| {
        json!({
            "name": names.get(standing.player),
            "strength": standing.strength,
            "ci": ends(standing.interval),
            "elo": standing.elo(),
            "elo_ci": ends(standing.elo_interval()),
            "ranks": standing.ranks.map(|(best, worst)| json!([best, worst])),
            "games": standing.games,
        })
    };
    ranking.standings.iter().map(one).collect()
}
