//! Maps from what a judge says to what it means, as they are kept with a judge and with a dataset
//! whose labels they changed.
//!
//! They are fitted in `stats/calibration`; here is what they are, and how they are applied.

use serde::{Deserialize, Serialize};

use super::recipe::JudgeProtocol;

/// Probabilities are kept this far from 0 and 1 before their log-odds are taken (judgement: ±13.8;
/// a judge who says 1 and errs once would else have infinite ones).
pub const EDGE: f64 = 1e-6;

/// A map that never falls, given by its corners: between them by straight lines, beyond the first
/// and last as those.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Corners {
    /// Probabilities said, rising.
    pub said: Vec<f64>,
    /// What they are mapped to, never falling; as many.
    pub was: Vec<f64>,
}

impl Corners {
    /// Whether they are of 0..=1, as many of both, and never fall.
    pub fn is_rising(&self) -> bool {
        let is_in = |values: &[f64]| values.iter().all(|value| (0.0..=1.0).contains(value));
        self.said.len() == self.was.len()
            && is_in(&self.said)
            && is_in(&self.was)
            && self.said.windows(2).all(|two| two[0] < two[1])
            && self.was.windows(2).all(|two| two[0] <= two[1])
    }

    /// What a probability is mapped to; itself where there is no corner, or it is no number.
    pub fn apply(&self, p: f64) -> f64 {
        if !p.is_finite() {
            return p;
        }
        let n = self.said.len().min(self.was.len());
        let after = self.said[..n].partition_point(|corner| *corner < p);
        match (after, n) {
            (_, 0) => p,
            (0, _) => self.was[0],
            (after, n) if after == n => self.was[n - 1],
            (after, _) => {
                let (x0, x1) = (self.said[after - 1], self.said[after]);
                let (y0, y1) = (self.was[after - 1], self.was[after]);
                if x1 > x0 { y0 + (y1 - y0) * (p - x0) / (x1 - x0) } else { y1 }
            }
        }
    }
}

/// A map of probabilities, 0..=1 to 0..=1, that never falls.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Map {
    /// Nothing is changed.
    #[default]
    Identity,
    /// σ(logit p / temperature).
    Temperature {
        /// Above 1 the judge is too sure of itself; above 0.
        temperature: f64,
    },
    /// σ(slope · logit p + shift).
    Platt {
        /// Below 1 the judge is too sure of itself.
        slope: f64,
        /// In log-odds: above 0 it says too little.
        shift: f64,
    },
    /// By corners.
    Isotonic(Corners),
}

impl Map {
    /// What a probability means, 0..=1; one that is no number stays so.
    ///
    /// For soft labels and for rewards of 0..=1 that are probabilities of being met. A preference's
    /// two sides still add up to 1 where the map was fitted to each row and its mirror image.
    pub fn apply(&self, p: f64) -> f64 {
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let logit = |p: f64| {
            let p = p.clamp(EDGE, 1.0 - EDGE);
            (p / (1.0 - p)).ln()
        };
        match self {
            Self::Identity => p,
            Self::Temperature { temperature } => sigmoid(logit(p) / temperature),
            Self::Platt { slope, shift } => sigmoid(slope * logit(p) + shift),
            Self::Isotonic(corners) => corners.apply(p),
        }
    }

    /// Whether it is a map at all, for maps that come from a file: no temperature or slope that is
    /// not above 0, no number that is none, no corners that fall or lie outside of 0..=1.
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Identity => true,
            Self::Temperature { temperature } => temperature.is_finite() && *temperature > 0.0,
            Self::Platt { slope, shift } => slope.is_finite() && *slope > 0.0 && shift.is_finite(),
            Self::Isotonic(corners) => corners.is_rising(),
        }
    }
}

impl std::fmt::Display for Map {
    /// `temperature 1.42`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Identity => f.write_str("none"),
            Self::Temperature { temperature } => write!(f, "temperature {temperature:.2}"),
            Self::Platt { slope, shift } => write!(f, "Platt {slope:.2}, {shift:+.2}"),
            Self::Isotonic(corners) => write!(f, "isotonic with {} corners", corners.said.len()),
        }
    }
}

/// Who judged, and how they were asked: a map holds for the same only.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct JudgedBy {
    /// What its models are, with their providers, in order.
    pub models: Vec<String>,
    /// How they were asked.
    pub protocol: JudgeProtocol,
    /// All else that decides what they say (form, rule, votes, examples, …), as the hash of
    /// [`super::AskedAs`]; empty in files of versions that did not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub asked: String,
}

impl JudgedBy {
    /// Whether what was learned of this judge holds of `other`: the same models, asked the same.
    /// One of a version that did not say how it was asked is known by its models and protocol.
    pub fn holds_of(&self, other: &Self) -> bool {
        let is_asked_so = self.asked.is_empty() || self.asked == other.asked;
        self.models == other.models && self.protocol == other.protocol && is_asked_so
    }
}

impl std::fmt::Display for JudgedBy {
    /// `openai:gpt-4.1-mini (Pairwise A/B, asked as 1f3a9c20)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let asked: String = self.asked.chars().take(8).collect();
        match (self.models.as_slice(), asked.as_str()) {
            ([], _) => f.write_str("no judge"),
            (models, "") => write!(f, "{} ({})", models.join(" + "), self.protocol),
            (models, asked) => {
                write!(f, "{} ({}, asked as {asked})", models.join(" + "), self.protocol)
            }
        }
    }
}

/// A map with where it comes from: what is kept with a judge, and with a dataset whose labels it
/// changed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Recalibration {
    /// The map.
    pub map: Map,
    /// Rows it was fitted to.
    pub labels: u64,
    /// The seed that chose the half; `None` where it was fitted to all rows.
    pub seed: Option<u64>,
    /// Whether both sides of each preference were fitted to alike: a map for P(A is better). One
    /// that is not is for probabilities of being met.
    #[serde(default)]
    pub mirrored: bool,
    /// Who had judged these rows; of no use to anybody else's probabilities.
    #[serde(default)]
    pub judged_by: JudgedBy,
    /// The label set, by file stem.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub set: String,
    /// The day on which it was kept, as `2026-11-22`; no part of what it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub day: String,
}

impl Recalibration {
    /// BLAKE3 of all that it is, in hexadecimal: the same map fitted to the same labels, whenever
    /// that was.
    pub fn hash(&self) -> String {
        let map = Self { day: String::new(), ..self.clone() };
        // Numbers, names and lists of them can always be written.
        let text = serde_json::to_string(&map).unwrap_or_default();
        blake3::hash(text.as_bytes()).to_hex().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_keeps_its_bytes_and_its_name() {
        let kept = Recalibration {
            map: Map::Temperature { temperature: 1.425 },
            labels: 120,
            seed: Some(7),
            mirrored: true,
            judged_by: JudgedBy {
                models: vec!["openai:m".to_owned()],
                protocol: JudgeProtocol::Pairwise,
                asked: String::new(),
            },
            set: "honesty".to_owned(),
            day: "2026-11-22".to_owned(),
        };
        let text = serde_json::to_string(&kept).unwrap();
        let again: Recalibration = serde_json::from_str(&text).unwrap();
        assert_eq!((&again, again.hash()), (&kept, kept.hash()));
        let later = Recalibration { day: "2026-11-23".to_owned(), ..again.clone() };
        assert_eq!(later.hash(), kept.hash(), "the same map, kept on another day");
        assert_ne!(Recalibration { labels: 121, ..again }.hash(), kept.hash());
        assert_eq!(kept.map.to_string(), "temperature 1.43");
        assert_eq!(kept.judged_by.to_string(), "openai:m (Pairwise A/B)");
        // As datasets of before have it.
        let old = r#"{"map":{"kind":"identity"},"labels":3,"seed":null}"#;
        assert!(!serde_json::from_str::<Recalibration>(old).unwrap().mirrored);
    }

    #[test]
    fn a_map_holds_of_the_judge_that_is_asked_the_same() {
        let judge = |asked: &str| JudgedBy {
            models: vec!["openai:m".to_owned()],
            protocol: JudgeProtocol::Pairwise,
            asked: asked.to_owned(),
        };
        assert!(judge("aa").holds_of(&judge("aa")));
        assert!(!judge("aa").holds_of(&judge("bb")));
        assert!(!judge("aa").holds_of(&judge("")), "nobody knows how those rows were judged");
        assert!(judge("").holds_of(&judge("bb")), "an old map goes by models and protocol");
        let scale = JudgedBy { protocol: JudgeProtocol::PointwiseScale, ..judge("aa") };
        assert!(!judge("aa").holds_of(&scale));
        assert!(!judge("aa").holds_of(&JudgedBy { models: Vec::new(), ..judge("aa") }));
        assert_eq!(judge("0123456789").to_string(), "openai:m (Pairwise A/B, asked as 01234567)");
        let old = serde_json::to_string(&judge("")).unwrap();
        assert!(!old.contains("asked"), "{old}");
        assert_eq!(serde_json::from_str::<JudgedBy>(&old).unwrap(), judge(""));
    }

    #[test]
    fn a_map_of_preferences_treats_both_sides_alike() {
        for map in [Map::Temperature { temperature: 2.0 }, Map::Platt { slope: 0.5, shift: 0.0 }] {
            assert!((map.apply(0.8) + map.apply(0.2) - 1.0).abs() < 1e-12);
            assert!((map.apply(0.5) - 0.5).abs() < 1e-12);
            assert!(map.apply(0.9) < 0.9 && map.apply(0.9) > 0.5);
        }
    }
}
