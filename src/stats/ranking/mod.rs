//! Who is better than whom, from games between two: Bradley–Terry with rank ranges (Davidson's
//! extension where there are ties), with style taken out, and which pair to ask about next.
//!
//! A bare order is never given: start with [`rank`], whose standings have the ranks that drawing
//! the prompts anew gives. Under [`super::MIN_ITEMS`] prompts there is none.

pub mod bradley_terry;
pub mod davidson;
pub mod games;
pub mod pairing;
pub mod standings;
pub mod style;

#[cfg(test)]
mod tests;

pub use crate::domain::{Game, Round, all_pairs, swiss_round, swiss_rounds};
pub use bradley_terry::{Fit, Strengths, strengths};
pub use davidson::Ties;
pub use games::Games;
pub use pairing::next_pair;
pub use standings::{Ranking, Standing, elo, rank};
pub use style::{StyleControlled, rank_at_equal_style};
