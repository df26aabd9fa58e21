//! Which pair to ask about next.

use super::games::Games;
use crate::domain::{Belief, all_pairs};

/// The pair of which one more game would tell most: the least known of those that are near even;
/// the first by number among equals. `None` for fewer than two players.
///
/// It is [`Belief::most_telling`], by which a tournament chooses its games while it runs.
pub fn next_pair(games: &Games) -> Option<(usize, usize)> {
    Belief::of(games.players(), games.games())?.most_telling(all_pairs(games.players()))
}
