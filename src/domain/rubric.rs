//! A rubric: criteria with levels or points whose judged scores become a reward.

use serde::{Deserialize, Serialize};

use super::ids::CriterionId;
use super::problem::{self, Problem};

/// A set of criteria and how their scores become one reward.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rubric {
    /// The version of the file's shape; see [`super::FORMAT`].
    pub format: u32,
    /// What people call it; also its file's name, made safe.
    pub name: String,
    /// What it is for; never shown to a judge.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// How the criteria's scores become one reward.
    #[serde(default)]
    pub aggregation: Aggregation,
    /// The criteria, in the author's order.
    #[serde(default)]
    pub criteria: Vec<Criterion>,
}

/// One thing that is judged about a response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Unique within the rubric, such as `C2`.
    pub id: CriterionId,
    /// A few words that name it in tables.
    pub name: String,
    /// What is judged, one idea.
    #[serde(default)]
    pub description: String,
    /// Levels with anchors, or points for yes or no.
    #[serde(default)]
    pub scale: Scale,
    /// Its share in the aggregate, relative to the others; 0 or more, 1 by default.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub weight: f64,
    /// Whether failing it makes the whole reward 0.
    #[serde(default, skip_serializing_if = "Gate::is_off")]
    pub gate: Gate,
}

/// What a judge can answer for a criterion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Scale {
    /// An ordered scale; level `lowest + i` is described by `anchors[i]`, worst to best.
    Levels {
        /// The number of the first (worst) level, normally 1.
        lowest: u8,
        /// One text a level, 2 to 9 of them (one digit each, so that a level is one token).
        anchors: Vec<String>,
    },
    /// Met or not met; the points count when it is met. Negative points mark a fault.
    Points(f64),
}

/// Whether a criterion can veto the reward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Gate {
    /// It can't.
    #[default]
    Off,
    /// For levels: below this level the reward is 0.
    AtLeast(u8),
    /// For points: not met (or, with negative points, met) makes the reward 0.
    Met,
}

/// How the criteria's scores become one reward.
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
pub enum Aggregation {
    /// Σ w·s / Σ w over unit scores s in 0..=1.
    #[default]
    #[strum(to_string = "Weighted mean")]
    WeightedMean,
    /// Points met over positive points; may be below 0 for one response (`HealthBench`).
    #[strum(to_string = "Points")]
    Points,
    /// The lowest unit score.
    #[strum(to_string = "Minimum")]
    Minimum,
    /// Π s^(w/Σw).
    #[strum(to_string = "Geometric mean")]
    Geometric,
}

impl Gate {
    /// Whether it can't veto.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
    pub fn is_off(&self) -> bool {
        *self == Self::Off
    }
}

impl Default for Scale {
    fn default() -> Self {
        Self::Levels { lowest: 1, anchors: vec![String::new(); 5] }
    }
}

impl Scale {
    /// The lowest and highest level, or `None` for points.
    pub fn range(&self) -> Option<(u8, u8)> {
        match self {
            Self::Levels { lowest, anchors } => {
                let steps = u8::try_from(anchors.len().max(1)).unwrap_or(u8::MAX);
                Some((*lowest, lowest.saturating_add(steps - 1)))
            }
            Self::Points(_) => None,
        }
    }
}

impl Default for Criterion {
    fn default() -> Self {
        Self {
            id: CriterionId::default(),
            name: String::new(),
            description: String::new(),
            scale: Scale::default(),
            weight: 1.0,
            gate: Gate::Off,
        }
    }
}

impl Rubric {
    /// A new, empty rubric of the given name.
    pub fn named(name: impl Into<String>) -> Self {
        Self { format: super::FORMAT, name: name.into(), ..Self::default() }
    }

    /// The criterion of that id.
    pub fn criterion(&self, id: &CriterionId) -> Option<&Criterion> {
        self.criteria.iter().find(|criterion| &criterion.id == id)
    }

    /// The lowest `C<n>` that no criterion has.
    pub fn free_id(&self) -> CriterionId {
        let mut n = self.criteria.len() + 1;
        loop {
            let id = CriterionId(format!("C{n}"));
            if self.criterion(&id).is_none() {
                return id;
            }
            n += 1;
        }
    }

    /// What is wrong with it, worst first; empty when nothing is.
    pub fn problems(&self) -> Vec<Problem> {
        problem::of_rubric(self)
    }
}

fn one() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
#[expect(clippy::float_cmp, reason = "only the exact default is left out of the file")]
fn is_one(weight: &f64) -> bool {
    *weight == 1.0
}
