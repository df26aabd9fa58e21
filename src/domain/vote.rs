//! What a principle says of a pair of responses.

use serde::{Deserialize, Serialize};

use super::ids::PrincipleId;

/// Which response a principle speaks for.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", ascii_case_insensitive)]
pub enum Vote {
    /// The first.
    A,
    /// The second.
    B,
    /// Both alike: it has to do with them and does not tell them apart.
    Both,
    /// Neither: it has nothing to say here.
    None,
}

impl Vote {
    /// The vote with the responses' places exchanged.
    pub fn swapped(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
            same @ (Self::Both | Self::None) => same,
        }
    }

    /// Whether it takes a side.
    pub fn takes_side(self) -> bool {
        matches!(self, Self::A | Self::B)
    }
}

/// How several times become one vote.
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
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
pub enum TimesRule {
    /// All that could be read say the same; *none* where they differ.
    #[default]
    #[strum(to_string = "Unanimous")]
    Unanimous,
    /// More than half of those that could be read say the same; *none* otherwise.
    #[strum(to_string = "Majority")]
    Majority,
}

/// A principle's vote on a pair, over all times that it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrincipleVote {
    /// The principle.
    pub principle: PrincipleId,
    /// What it says; `None` where no answer could be read.
    pub vote: Option<Vote>,
    /// What it said each time, in the order asked; `None` where that could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub each: Vec<Option<Vote>>,
}
