//! Games between two players.

use super::super::bootstrap::Clusters;
use super::super::estimate::{Measured, Unknown, same_rows};
use crate::domain::Game;

/// Games between players numbered from 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Games {
    players: usize,
    games: Vec<Game>,
    clusters: Clusters,
}

impl Games {
    /// Games between players below `players`; `clusters` say which games are of one prompt.
    ///
    /// # Errors
    ///
    /// [`Unknown::OutOfRange`] for a game with a player there is not, against oneself, with a
    /// probability outside of 0..=1, or with more of a tie than leaves room for both sides;
    /// [`Unknown::Uneven`] where the clusters are of another number
    /// of games.
    pub fn new(players: usize, games: Vec<Game>, clusters: Clusters) -> Measured<Self> {
        same_rows(games.len(), clusters.rows())?;
        let is_wrong = |game: &Game| {
            let room = 2.0 * game.p_a.min(1.0 - game.p_a);
            game.a.max(game.b) >= players
                || game.a == game.b
                || !(0.0..=1.0).contains(&game.p_a)
                // Sums of decimals miss the edge by a hair.
                || !(0.0..=room + 1e-9).contains(&game.tie)
        };
        if let Some(row) = games.iter().position(is_wrong) {
            return Err(Unknown::OutOfRange { row: row as u64 });
        }
        Ok(Self { players, games, clusters })
    }

    /// How many players there are.
    pub fn players(&self) -> usize {
        self.players
    }

    /// The games.
    pub fn games(&self) -> &[Game] {
        &self.games
    }

    /// Which games are of one prompt.
    pub fn clusters(&self) -> &Clusters {
        &self.clusters
    }

    /// How many games a player has.
    pub fn of(&self, player: usize) -> u64 {
        self.games.iter().filter(|game| game.a == player || game.b == player).count() as u64
    }

    /// How many of some games are ties, each by its share of one.
    pub(super) fn ties(&self, rows: &[usize]) -> f64 {
        rows.iter().map(|row| self.games[*row].tie).sum()
    }

    /// All games' numbers.
    pub(super) fn all(&self) -> Vec<usize> {
        (0..self.games.len()).collect()
    }

    /// Wins of each over each: row by row, a tie being half a win.
    pub(super) fn wins(&self, rows: &[usize]) -> Vec<f64> {
        let n = self.players;
        let mut wins = vec![0.0; n * n];
        for row in rows {
            let game = self.games[*row];
            wins[game.a * n + game.b] += game.p_a;
            wins[game.b * n + game.a] += 1.0 - game.p_a;
        }
        wins
    }
}

/// How many groups there are of players who all have beaten each other, if over others; with one
/// group alone are the best-fitting strengths finite (Ford 1957).
pub(super) fn groups(wins: &[f64], n: usize) -> usize {
    let reached = |from: usize, forward: bool| {
        let mut seen = vec![false; n];
        let mut waiting = vec![from];
        seen[from] = true;
        while let Some(at) = waiting.pop() {
            for to in 0..n {
                let won = if forward { wins[at * n + to] } else { wins[to * n + at] };
                if won > 0.0 && !seen[to] {
                    seen[to] = true;
                    waiting.push(to);
                }
            }
        }
        seen
    };
    let mut grouped = vec![false; n];
    let mut groups = 0;
    for player in 0..n {
        if grouped[player] {
            continue;
        }
        groups += 1;
        let (ahead, behind) = (reached(player, true), reached(player, false));
        for (grouped, both) in grouped.iter_mut().zip(ahead.iter().zip(&behind)) {
            *grouped |= *both.0 && *both.1;
        }
    }
    groups
}
