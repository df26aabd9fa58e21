//! Who meets whom: games between answers or models, all pairs of them, rounds of a Swiss
//! tournament, or whichever pair would tell most next.

use serde::{Deserialize, Serialize};

use super::belief::Belief;
use super::problem::Problem;
use super::recipe::{Method, Recipe};
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
    /// P(tie), 0..=1, where the judge may say so: half of it is in `p_a`, so it is never more than
    /// twice the smaller of `p_a` and 1 − `p_a`. 0 where nobody could say so.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tie: f64,
}

impl Game {
    /// A game in which nobody could say “tie”.
    pub fn new(a: usize, b: usize, p_a: f64) -> Self {
        Self { a, b, p_a, tie: 0.0 }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
fn is_zero(number: &f64) -> bool {
    *number == 0.0
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
    /// After a first round that ties all answers together, always the pair of which a game tells
    /// most, by [`Belief::most_telling`].
    #[strum(to_string = "Most informative pair")]
    Informative,
}

impl Pairing {
    /// Which of the other ways it is for so many answers; never [`Self::Auto`], and
    /// [`Self::AllPairs`] where `games` suffice for all of them. `games` as for [`Self::games`].
    pub fn settled(self, answers: usize, games: u32) -> Self {
        match self {
            Self::Auto if answers > ALL_PAIRS_UP_TO => Self::Swiss,
            Self::Auto | Self::AllPairs => Self::AllPairs,
            Self::Informative if self.games(answers, games) >= all(answers) => Self::AllPairs,
            Self::Swiss | Self::Informative => self,
        }
    }

    /// How many games so many answers play, exactly.
    ///
    /// `games` is how many are wished for where the most informative pair comes next, 0 being as
    /// many as Swiss rounds would play. They are never fewer than tie all answers together (n − 1)
    /// and never more than there are pairs, since no pair meets twice.
    pub fn games(self, answers: usize, games: u32) -> u64 {
        let n = answers as u64;
        let swiss = u64::from(swiss_rounds(answers)) * (n / 2);
        match self {
            Self::AllPairs => all(answers),
            Self::Auto if answers <= ALL_PAIRS_UP_TO => all(answers),
            Self::Auto | Self::Swiss => swiss,
            Self::Informative => {
                let wished = if games == 0 { swiss } else { u64::from(games) };
                wished.max(n.saturating_sub(1)).min(all(answers))
            }
        }
    }
}

/// Pairs of so many answers.
fn all(answers: usize) -> u64 {
    let n = answers as u64;
    n * n.saturating_sub(1) / 2
}

/// The first round where the most informative pair comes next: each meets the one after it in the
/// order drawn, which ties all together in n − 1 games.
pub fn tying_round(drawn: &[usize]) -> Vec<(usize, usize)> {
    drawn.windows(2).map(|two| (two[0], two[1])).collect()
}

/// Of the pairs that have not `met`, the one whose game tells most after these games; of equals the
/// first in the order of `drawn`.
///
/// `None` where all have met.
/// Nothing but its arguments decides, so the same answers and verdicts give the same games.
pub fn informative_game(
    drawn: &[usize],
    met: &[(usize, usize)],
    games: &[Game],
) -> Option<(usize, usize)> {
    let n = drawn.len();
    let mut has_met = vec![false; n * n];
    for (a, b) in met.iter().filter(|(a, b)| *a.max(b) < n) {
        has_met[a * n + b] = true;
        has_met[b * n + a] = true;
    }
    let open = || {
        let pairs = all_pairs(n).into_iter().map(|(x, y)| (drawn[x], drawn[y]));
        pairs.filter(|(a, b)| *a.max(b) < n && !has_met[a * n + b])
    };
    match Belief::of(n, games) {
        Some(belief) => belief.most_telling(open()),
        None => open().next(),
    }
}

/// What is wrong with how a recipe sets up its tournament.
pub(super) fn problems(recipe: &Recipe) -> Vec<Problem> {
    let mut found = Vec::new();
    if recipe.method != Method::Rank {
        return found;
    }
    let answers = match recipe.candidates.len() {
        0 if recipe.answers < 2 => {
            found.push(Problem::error(
                "answers",
                format!("a tournament of {} answers has no game", recipe.answers),
                "draw 2 or more",
            ));
            return found;
        }
        0 => recipe.answers as usize,
        named => named,
    };
    let (wished, games) = (u64::from(recipe.games), recipe.pairing.games(answers, recipe.games));
    if recipe.games > 0 && recipe.pairing != Pairing::Informative {
        found.push(Problem::warning(
            "games",
            "a number of games is kept to only where the most informative pair comes next",
            "set `pairing: informative`, or take `games` out",
        ));
    } else if recipe.games > 0 && wished != games {
        let what = match wished < games {
            true => format!("it takes {games} to tie {answers} answers together"),
            false => format!("{answers} answers have no more pairs than {games}"),
        };
        found.push(Problem::warning(
            "games",
            format!("{what}, so as many games are played, not {wished}"),
            "set a number between, or take `games` out for as many as Swiss rounds would play",
        ));
    }
    found
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
        let outcome = |game: &RankedGame| {
            let (p_a, tie) = (game.verdict.p_a?, game.verdict.tie().unwrap_or(0.0));
            Some(Game { a: game.a, b: game.b, p_a, tie })
        };
        self.games.iter().filter_map(outcome).collect()
    }

    /// Each answer's points a game, 0..=1: the mean probability of being better; `None` for one
    /// without a game that could be read.
    pub fn points(&self) -> Vec<Option<f64>> {
        let mut sums = vec![(0.0, 0_u32); self.answers.len()];
        for Game { a, b, p_a, .. } in self.outcomes() {
            for (place, points) in [(a, p_a), (b, 1.0 - p_a)] {
                if let Some(sum) = sums.get_mut(place) {
                    *sum = (sum.0 + points, sum.1 + 1);
                }
            }
        }
        sums.into_iter().map(|(sum, n)| (n > 0).then(|| sum / f64::from(n))).collect()
    }

    /// The game whose two answers lie furthest apart in strength: the first of equals; `None` where
    /// no game could be read.
    ///
    /// Strengths are those of [`Belief`]: unlike points they allow for whom an answer has met, which
    /// is not the same for all unless all pairs are played.
    pub fn widest(&self) -> Option<&RankedGame> {
        let belief = Belief::of(self.answers.len(), &self.outcomes())?;
        let strength = |place: usize| belief.strengths().get(place).copied();
        let mut best: Option<(&RankedGame, f64)> = None;
        for game in self.games.iter().filter(|game| game.verdict.p_a.is_some()) {
            let Some((a, b)) = strength(game.a).zip(strength(game.b)) else { continue };
            let gap = (a - b).abs();
            if best.is_none_or(|(_, widest)| gap > widest + 1e-9) {
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
                games.push(Game::new(*a, *b, f64::from(u8::from(a < b))));
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
        assert_eq!(Pairing::Swiss.games(7, 0), games.len() as u64);
        assert_eq!(
            (Pairing::Auto.games(5, 0), Pairing::Auto.games(7, 0)),
            (10, games.len() as u64)
        );
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

    #[test]
    fn informative_games_tie_all_together_and_are_as_many_as_wished() {
        let way = Pairing::Informative;
        assert_eq!((way.games(8, 0), way.games(8, 3), way.games(8, 12)), (20, 7, 12));
        assert_eq!((way.games(8, 99), way.games(6, 0), way.games(2, 0)), (28, 15, 1));
        assert_eq!((way.games(1, 4), way.games(0, 4)), (0, 0));
        assert_eq!((way.settled(6, 0), way.settled(8, 0)), (Pairing::AllPairs, way));
        assert_eq!(Pairing::Auto.settled(6, 9), Pairing::Swiss);
        assert_eq!(tying_round(&[2, 0, 1]), [(2, 0), (0, 1)]);
        assert_eq!(tying_round(&[]), []);
    }

    #[test]
    fn the_next_game_is_of_two_that_have_not_met() {
        // 2 won and 1 lost all; 0 and 3 stand between them and have not met.
        let drawn = [1, 0, 2, 3];
        let games: Vec<Game> =
            [(2, 0), (2, 3), (2, 1), (0, 1), (3, 1)].map(|(a, b)| Game::new(a, b, 0.9)).into();
        let met: Vec<(usize, usize)> = games.iter().map(|game| (game.a, game.b)).collect();
        assert_eq!(informative_game(&drawn, &met, &games), Some((0, 3)));
        assert_eq!(informative_game(&drawn, &all_pairs(4), &games), None);
        // An unread game tells nothing, and asking it again would not either.
        assert_eq!(informative_game(&[1, 0], &[(0, 1)], &[]), None);
        assert_eq!(informative_game(&[2, 0, 1], &[], &[]), Some((2, 0)), "equals go as drawn");
        assert_eq!(informative_game(&[], &[], &[]), None);
    }

    #[test]
    fn what_is_wrong_with_a_tournament_is_said() {
        let recipe = |answers, pairing, games| Recipe {
            answers,
            pairing,
            games,
            ..Recipe::built_in(Method::Rank)
        };
        let of = |recipe: &Recipe| -> Vec<String> {
            problems(recipe).into_iter().map(|problem| problem.what).collect()
        };
        assert!(of(&recipe(8, Pairing::Informative, 12)).is_empty());
        assert_eq!(of(&recipe(1, Pairing::Auto, 0)), ["a tournament of 1 answers has no game"]);
        let few = of(&recipe(8, Pairing::Informative, 3));
        assert_eq!(
            few,
            ["it takes 7 to tie 8 answers together, so as many games are played, not 3"]
        );
        let many = of(&recipe(4, Pairing::Informative, 9));
        assert_eq!(
            many,
            ["4 answers have no more pairs than 6, so as many games are played, not 9"]
        );
        assert!(of(&recipe(8, Pairing::Swiss, 9))[0].starts_with("a number of games"));
        let named = Recipe {
            candidates: ["x", "y", "z"].map(str::to_owned).into(),
            ..recipe(0, Pairing::Informative, 1)
        };
        assert!(of(&named)[0].starts_with("it takes 2 to tie 3"), "{:?}", of(&named));
        let other = Recipe { method: Method::Preference, ..recipe(0, Pairing::Swiss, 9) };
        assert!(of(&other).is_empty(), "no tournament, nothing to say");
    }
}
