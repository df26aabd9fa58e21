//! Which pair to ask about next.

use super::super::bootstrap::Draws;
use super::super::logistic::sigmoid;
use super::bradley_terry::Strengths;
use super::games::Game;

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
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Round {
    /// Who meets whom.
    pub pairs: Vec<(usize, usize)>,
    /// Who sits out, where the number is odd.
    pub bye: Option<usize>,
}

/// The next round of a Swiss tournament.
///
/// Players stand in the order of their points (a win 1, a tie ½, sitting out 1), equal ones in an
/// order drawn by the seed; each meets the nearest below, no pair twice as long as there is a way
/// to pair all off without.
///
/// The bye goes to the lowest who has sat out least often. `rounds` are the earlier ones, `games`
/// their outcomes.
pub fn swiss_round(players: usize, rounds: &[Round], games: &[Game], seed: u64) -> Round {
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
    let mut waiting: Vec<usize> = (0..players).collect();
    let mut draws = Draws::new(seed ^ rounds.len() as u64);
    for place in (1..players).rev() {
        waiting.swap(place, draws.below(place + 1));
    }
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

/// The pair whose outcome says most: the largest p (1 − p) · (varᵢ + varⱼ), the least known of
/// those that are near even; the first by number among equals. `None` for fewer than two players.
pub fn next_pair(strengths: &Strengths) -> Option<(usize, usize)> {
    let mut best: Option<((usize, usize), f64)> = None;
    for (a, b) in all_pairs(strengths.values.len()) {
        let p = sigmoid(strengths.values[a] - strengths.values[b]);
        let variance = |player: usize| strengths.variances.get(player).copied().unwrap_or(0.0);
        let gain = p * (1.0 - p) * (variance(a) + variance(b));
        if best.is_none_or(|(_, most)| gain > most + 1e-12) {
            best = Some(((a, b), gain));
        }
    }
    best.map(|(pair, _)| pair)
}
