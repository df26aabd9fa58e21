//! The kinds of maps; what they are and how they are applied is in `domain/recalibration`.

/// How a map is made.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Log-odds divided by one number: leaves one half and every order as they are.
    Temperature,
    /// A straight line of log-odds: shifts as well.
    Platt,
    /// Any rising map.
    Isotonic,
}

impl Kind {
    /// Labels needed in the half that is fitted to: a line needs fewer than a free curve
    /// (judgement; Niculescu-Mizil and Caruana 2005 see isotonic maps overfit below about 1,000).
    pub fn least_labels(self) -> usize {
        match self {
            Self::Temperature | Self::Platt => 100,
            Self::Isotonic => 500,
        }
    }
}
