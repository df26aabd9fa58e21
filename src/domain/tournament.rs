//! Who meets whom: games between answers or models, all pairs of them, or rounds of a Swiss
//! tournament.

use serde::{Deserialize, Serialize};

use super::verdict::PairVerdict;

/// One comparison of two players' answers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Game {
    /// The first player's number.
    pub a: usize,
    /// The second player's number.
    pub b: usize,
    /// P(A is better), 0..=1; ½ is a tie, half a win for each.
    pub p_a: f64,
}

/// Up to so many players all pairs are asked about; beyond, Swiss rounds cost less.
pub const ALL_PAIRS_UP_TO: usize = 5;

/// Each pair of players once, n (n − 1) / 2 in all.
pub fn all_pairs(players: usize) -> Vec<(usize, usize)> {
    (0..players).flat_map(|a| (a + 1..players).map(move |b| (a, b))).collect()
}

/// Rounds of a Swiss tournament: ⌈log₂ n⌉ + 2, which a knock-out would need, and two more to settle
/// the middle (judgement). None for fewer than two players.
pub fn swiss_rounds(players: usize) -> u32 {
    match players {
        0 | 1 => 0,
        n => n.next_power_of_two().trailing_zeros() + 2,
    }
}

/// The pairs of one round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Who meets whom.
    pub pairs: Vec<(usize, usize)>,
    /// Who sits out, where the number is odd.
    pub bye: Option<usize>,
}

/// The next round of a Swiss tournament.
///
/// Players stand in the order of their points (a win 1, a tie ½, sitting out 1), equal ones in the
/// order of `drawn`, which has each player once; each meets the nearest below, no pair twice as long as there is a way
/// to pair all off without.
///
/// The bye goes to the lowest who has sat out least often. `rounds` are the earlier ones, `games`
/// their outcomes.
pub fn swiss_round(drawn: &[usize], rounds: &[Round], games: &[Game]) -> Round {
    let players = drawn.len();
    let mut points = vec![0.0; players];
    let mut met = vec![0_u32; players * players];
    for game in games.iter().filter(|game| game.a.max(game.b) < players) {
        points[game.a] += game.p_a;
        points[game.b] += 1.0 - game.p_a;
        met[game.a * players + game.b] += 1;
        met[game.b * players + game.a] += 1;
    }
    let mut byes = vec![0_u32; players];
    for player in rounds.iter().filter_map(|round| round.bye).filter(|bye| *bye < players) {
        points[player] += 1.0;
        byes[player] += 1;
    }
    let mut waiting: Vec<usize> = drawn.to_vec();
    waiting.sort_by(|a, b| points[*b].total_cmp(&points[*a]));
    let bye = (players % 2 == 1)
        .then(|| waiting.iter().rposition(|player| Some(&byes[*player]) == byes.iter().min()))
        .flatten()
        .map(|place| waiting.remove(place));
    Round { pairs: matched(&waiting, &met, players), bye }
}

/// Steps of the search for pairs that have not met; of a few players it needs none of them.
const PATIENCE: u32 = 20_000;

/// Pairs off an even number of players in their order, no pair meeting more often than it must.
fn matched(waiting: &[usize], met: &[u32], players: usize) -> Vec<(usize, usize)> {
    let most = met.iter().copied().max().unwrap_or(0);
    (0..=most)
        .find_map(|times| {
            let mut pairs = Vec::with_capacity(waiting.len() / 2);
            let mut patience = PATIENCE;
            let may_meet = |a: usize, b: usize| met[a * players + b] <= times;
            pair_off(waiting, &may_meet, &mut pairs, &mut patience).then_some(pairs)
        })
        .unwrap_or_default()
}

/// The first player takes the nearest that leaves the others pairs, too; false where none does.
fn pair_off(
    waiting: &[usize],
    may_meet: &dyn Fn(usize, usize) -> bool,
    pairs: &mut Vec<(usize, usize)>,
    patience: &mut u32,
) -> bool {
    let Some((first, others)) = waiting.split_first() else { return true };
    for (place, other) in others.iter().enumerate() {
        if *patience == 0 {
            return false;
        }
        *patience -= 1;
        if !may_meet(*first, *other) {
            continue;
        }
        pairs.push((*first, *other));
        let rest: Vec<usize> = [&others[..place], &others[place + 1..]].concat();
        if pair_off(&rest, may_meet, pairs, patience) {
            return true;
        }
        pairs.pop();
    }
    false
}

/// Which of some answers meet.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    Serialize,
    Deserialize,
    strum::EnumIter,
    strum::Display,
)]
#[serde(rename_all = "snake_case")]
pub enum Pairing {
    /// All pairs of up to [`ALL_PAIRS_UP_TO`] answers, Swiss rounds of more.
    #[default]
    #[strum(to_string = "By number")]
    Auto,
    /// All pairs.
    #[strum(to_string = "All pairs")]
    AllPairs,
    /// Swiss rounds.
    #[strum(to_string = "Swiss rounds")]
    Swiss,
}

impl Pairing {
    /// Whether so many answers meet in Swiss rounds.
    pub fn is_swiss(self, answers: usize) -> bool {
        match self {
            Self::Auto => answers > ALL_PAIRS_UP_TO,
            Self::AllPairs => false,
            Self::Swiss => true,
        }
    }

    /// How many games so many answers play.
    pub fn games(self, answers: usize) -> u64 {
        let n = answers as u64;
        match self.is_swiss(answers) {
            true => u64::from(swiss_rounds(answers)) * (n / 2),
            false => n * n.saturating_sub(1) / 2,
        }
    }
}

/// One of the answers of a tournament.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RankedAnswer {
    /// Who wrote it; empty: the writer, or not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub model: String,
    /// The answer.
    pub text: String,
    /// Whether it was cut off at its longest length, as far as is known.
    #[serde(default)]
    pub cut_off: bool,
}

/// Two answers that met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RankedGame {
    /// The first one's place among the answers.
    pub a: usize,
    /// The second one's place.
    pub b: usize,
    /// What the judge made of them.
    pub verdict: PairVerdict,
}

/// Several answers to one prompt, with what a judge made of pairs of them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Ranked {
    /// The answers.
    pub answers: Vec<RankedAnswer>,
    /// The games, in the order played.
    pub games: Vec<RankedGame>,
}

impl Ranked {
    /// The games that could be read, as numbers.
    pub fn outcomes(&self) -> Vec<Game> {
        let outcome =
            |game: &RankedGame| Some(Game { a: game.a, b: game.b, p_a: game.verdict.p_a? });
        self.games.iter().filter_map(outcome).collect()
    }

    /// Each answer's points a game, 0..=1: the mean probability of being better; `None` for one
    /// without a game that could be read.
    pub fn points(&self) -> Vec<Option<f64>> {
        let mut sums = vec![(0.0, 0_u32); self.answers.len()];
        for Game { a, b, p_a } in self.outcomes() {
            for (place, points) in [(a, p_a), (b, 1.0 - p_a)] {
                if let Some(sum) = sums.get_mut(place) {
                    *sum = (sum.0 + points, sum.1 + 1);
                }
            }
        }
        sums.into_iter().map(|(sum, n)| (n > 0).then(|| sum / f64::from(n))).collect()
    }

    /// The game whose two answers lie furthest apart in points: the first of equals; `None` where
    /// no game could be read.
    pub fn widest(&self) -> Option<&RankedGame> {
        let points = self.points();
        let gap = |game: &RankedGame| {
            let of = |place: usize| points.get(place).copied().flatten();
            game.verdict.p_a?;
            Some((of(game.a)? - of(game.b)?).abs())
        };
        let mut best: Option<(&RankedGame, f64)> = None;
        for game in &self.games {
            let Some(gap) = gap(game) else { continue };
            if best.is_none_or(|(_, widest)| gap > widest + 1e-12) {
                best = Some((game, gap));
            }
        }
        best.map(|(game, _)| game)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swiss_tournament_pairs_equals_and_nobody_twice() {
        assert_eq!(swiss_rounds(6), 5);
        assert_eq!(swiss_rounds(8), 5);
        assert_eq!((swiss_rounds(1), swiss_rounds(0)), (0, 0));
        assert_eq!(all_pairs(5).len(), 10);
        let drawn = [3, 0, 6, 1, 5, 2, 4];
        let mut rounds: Vec<Round> = Vec::new();
        let mut games: Vec<Game> = Vec::new();
        for _ in 0..swiss_rounds(drawn.len()) {
            let round = swiss_round(&drawn, &rounds, &games);
            let mut seen = vec![0; drawn.len()];
            for (a, b) in &round.pairs {
                seen[*a] += 1;
                seen[*b] += 1;
                // The lower number is better.
                games.push(Game { a: *a, b: *b, p_a: f64::from(u8::from(a < b)) });
            }
            seen[round.bye.unwrap()] += 1;
            assert!(seen.iter().all(|times| *times == 1), "{round:?}");
            rounds.push(round);
        }
        let byes: std::collections::BTreeSet<_> =
            rounds.iter().filter_map(|round| round.bye).collect();
        assert_eq!(byes.len(), rounds.len(), "nobody sits out twice");
        let mut met: Vec<(usize, usize)> =
            games.iter().map(|game| (game.a.min(game.b), game.a.max(game.b))).collect();
        met.sort_unstable();
        met.dedup();
        assert_eq!(met.len(), games.len(), "no pair meets twice: {games:?}");
        assert_eq!(swiss_round(&[], &[], &[]).pairs, []);
        assert_eq!(Pairing::Swiss.games(7), games.len() as u64);
        assert_eq!((Pairing::Auto.games(5), Pairing::Auto.games(7)), (10, games.len() as u64));
    }

    #[test]
    fn points_are_a_mean_and_the_widest_pair_is_best_against_worst() {
        let game =
            |a, b, p_a| RankedGame { a, b, verdict: PairVerdict { p_a, ..PairVerdict::default() } };
        let answer = || RankedAnswer { model: String::new(), text: String::new(), cut_off: false };
        let ranked = Ranked {
            answers: vec![answer(), answer(), answer(), answer()],
            games: vec![
                game(0, 1, Some(0.9)),
                game(0, 2, Some(0.7)),
                game(1, 2, Some(0.2)),
                game(2, 3, None),
            ],
        };
        let points = ranked.points();
        let near = |place: usize, value: f64| (points[place].unwrap() - value).abs() < 1e-12;
        assert!(near(0, 0.8) && near(1, 0.15) && near(2, 0.55), "{points:?}");
        assert_eq!(points[3], None, "its only game could not be read");
        let widest = ranked.widest().unwrap();
        assert_eq!((widest.a, widest.b), (0, 1));
        assert_eq!(Ranked::default().widest(), None);
    }
}
