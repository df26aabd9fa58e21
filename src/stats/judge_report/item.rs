//! What the report is made of: items with what people and a judge said of each.

use super::super::bias::{PanelRow, Side, Style};
use crate::domain::{Certainty, LabelAnswer, PromptId, Split};

/// Probabilities this near to one half are for neither side.
pub(super) const EVEN: f64 = 1e-9;

/// What a judge said of an item; `None` where it could not be read.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Of a pair, both answers seen together, in both orders.
    Pair {
        /// P(the first answer is better), 0..=1: the mean of both orders, or what a panel's rule
        /// makes of its models.
        p_a: Option<f64>,
        /// The same with the first shown first.
        p_ab: Option<f64>,
        /// The same with the second shown first.
        p_ba: Option<f64>,
    },
    /// Of a pair, each answer asked about by itself, so that there is no order.
    Apart {
        /// P(the first answer is better), 0..=1.
        p_a: Option<f64>,
    },
    /// Of one answer.
    Pass {
        /// P(it does what is asked about), 0..=1.
        p: Option<f64>,
    },
    /// Of one answer, on a scale.
    Level {
        /// The level: 1 is the lowest; the mean of its levels' probabilities where they are known.
        value: Option<f64>,
    },
}

impl Said {
    /// One model's verdict in both orders.
    pub fn in_orders(p_ab: Option<f64>, p_ba: Option<f64>) -> Self {
        let p_a = p_ab.zip(p_ba).map(|(ab, ba)| f64::midpoint(ab, ba));
        Self::Pair { p_a, p_ab, p_ba }
    }

    /// P(the first answer is better), P(pass) or the level; `None` unless all of it could be read.
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Pair { p_a, .. } | Self::Apart { p_a } => p_a,
            Self::Pass { p } => p,
            Self::Level { value } => value,
        }
    }

    /// Which answer it comes to: a side, pass or fail, or the nearest level; a tie at one half.
    /// `None` where it could not be read.
    pub fn answer(self) -> Option<LabelAnswer> {
        let value = self.value()?;
        let leans = if (value - 0.5).abs() < EVEN { None } else { Some(value > 0.5) };
        Some(match (self, leans) {
            (Self::Level { .. }, _) => LabelAnswer::Level(value.round().max(1.0) as u32),
            (_, None) => LabelAnswer::Tie,
            (Self::Pass { .. }, Some(true)) => LabelAnswer::Pass,
            (Self::Pass { .. }, Some(false)) => LabelAnswer::Fail,
            (Self::Pair { .. } | Self::Apart { .. }, Some(true)) => LabelAnswer::A,
            (Self::Pair { .. } | Self::Apart { .. }, Some(false)) => LabelAnswer::B,
        })
    }

    /// Verdicts that were asked for, and how many of them could not be read.
    pub(super) fn asked_and_unread(self) -> (u64, u64) {
        let unread = |p: Option<f64>| u64::from(p.is_none());
        match self {
            Self::Pair { p_ab, p_ba, .. } => (2, unread(p_ab) + unread(p_ba)),
            // Of two questions, neither of which is of use without the other.
            Self::Apart { p_a } => (2, 2 * unread(p_a)),
            Self::Pass { p } => (1, unread(p)),
            Self::Level { value } => (1, unread(value)),
        }
    }
}

/// A verdict asked for once more.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct AskedAgain {
    /// How the answers were changed, in a way that should not matter: `padding`, `flattery`;
    /// `None` where the same was asked again.
    pub perturbation: Option<String>,
    /// What the judge said then.
    pub said: Said,
}

/// What a judge said of an item, with what belongs to it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ItemJudged {
    /// Its verdict.
    pub said: Said,
    /// By each principle that it was asked about, where there are several or the item names none.
    pub principles: Vec<(String, Said)>,
    /// By each of its models, where it has several: the model's name and verdict.
    pub models: Vec<(String, Said)>,
    /// The lowest probability of any of the answers, where known.
    pub mass: Option<f64>,
    /// What it wrote where it could not be read.
    pub unparsed: Vec<String>,
    /// Why, in its words.
    pub reason: String,
    /// Why there is no verdict, where a call failed; it then counts as failed and not as unread.
    pub failed: Option<String>,
    /// Verdicts asked for once more.
    pub again: Vec<AskedAgain>,
}

impl ItemJudged {
    /// A verdict by itself.
    pub fn of(said: Said) -> Self {
        Self {
            said,
            principles: Vec::new(),
            models: Vec::new(),
            mass: None,
            unparsed: Vec::new(),
            reason: String::new(),
            failed: None,
            again: Vec::new(),
        }
    }
}

/// A labeller's answer, given twice: the second time without knowing of the first.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SaidTwice {
    /// Who.
    pub labeller: String,
    /// The first answer.
    pub first: LabelAnswer,
    /// The second.
    pub again: LabelAnswer,
}

/// An item with people's labels and a judge's verdict.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ReportItem {
    /// Unique within its set.
    pub item: String,
    /// Its prompt: what intervals draw anew.
    pub prompt: PromptId,
    /// The principle or criterion that it is judged by; `None`: all in all.
    pub aspect: Option<String>,
    /// The prompt's tags.
    pub tags: Vec<String>,
    /// Which part of the set it is in.
    pub split: Split,
    /// Levels of its scale; 0 for pairs and pass or fail.
    pub levels: u32,
    /// What people said: labeller, answer, certainty.
    pub people: Vec<(String, LabelAnswer, Option<Certainty>)>,
    /// What people said twice.
    pub twice: Vec<SaidTwice>,
    /// Whether the labels were made under an older guide or text of the aspect: reported apart.
    pub stale: bool,
    /// Whether its prompt is among the judge's examples, so that it is left out.
    pub is_example: bool,
    /// What the judge said; `None` where it was not asked.
    pub judge: Option<ItemJudged>,
    /// What the pair's answers look like.
    pub styles: Option<(Style, Style)>,
    /// Which answer is by the judge's own model or family, where exactly one is; of a single answer
    /// [`Side::A`] where it is.
    pub own: Option<Side>,
    /// Who wrote the answers, where known; the second is empty for a single answer.
    pub writers: (String, String),
    /// The prompt's text, for the list of disagreements.
    pub prompt_text: String,
    /// The first answer, or the only one.
    pub a: String,
    /// The second answer.
    pub b: Option<String>,
}

impl ReportItem {
    /// What people said all in all, in the judge's unit: P(the first answer is better), the share
    /// who pass it, or the mean level; `None` without a label that says something.
    pub fn people_value(&self) -> Option<f64> {
        let values: Vec<f64> =
            self.people.iter().filter_map(|(_, answer, _)| value_of(*answer)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }

    /// Which answer people come to; a tie where they are split evenly.
    pub fn people_answer(&self) -> Option<LabelAnswer> {
        let value = self.people_value()?;
        let first = self
            .people
            .iter()
            .map(|(_, answer, _)| *answer)
            .find(|one| value_of(*one).is_some())?;
        let said = match first {
            LabelAnswer::Level(_) => Said::Level { value: Some(value) },
            LabelAnswer::Pass | LabelAnswer::Fail => Said::Pass { p: Some(value) },
            LabelAnswer::A
            | LabelAnswer::B
            | LabelAnswer::Tie
            | LabelAnswer::BothBad
            | LabelAnswer::Unsure
            | LabelAnswer::NotApplicable => Said::Apart { p_a: Some(value) },
        };
        said.answer()
    }

    /// The judge's value, where it could be read and no call failed.
    pub fn judge_value(&self) -> Option<f64> {
        let judged = self.judge.as_ref().filter(|judged| judged.failed.is_none())?;
        judged.said.value()
    }

    /// How sure the least sure of the labellers is, 0..=1: a guess ⅓, fairly ⅔, certain or not said
    /// 1 (judgement).
    pub(super) fn certainty(&self) -> f64 {
        let sure = |certainty: &Option<Certainty>| match certainty {
            Some(Certainty::Guess) => 1.0 / 3.0,
            Some(Certainty::Fairly) => 2.0 / 3.0,
            Some(Certainty::Certain) | None => 1.0,
        };
        self.people.iter().map(|(_, _, certainty)| sure(certainty)).fold(1.0, f64::min)
    }

    /// The pair as the bias panel sees it; `None` for a single answer and one that was not judged.
    pub(super) fn panel_row(&self) -> Option<PanelRow> {
        let judged = self.judge.as_ref().filter(|judged| judged.failed.is_none())?;
        let (p_ab, p_ba) = match judged.said {
            Said::Pair { p_ab, p_ba, .. } => (p_ab, p_ba),
            Said::Apart { p_a } => (p_a, p_a),
            Said::Pass { .. } | Said::Level { .. } => return None,
        };
        Some(PanelRow {
            item: self.prompt.0.clone(),
            p_ab,
            p_ba,
            mass: judged.mass,
            human_b: self.people_value().map(|p_a| 1.0 - p_a),
            styles: self.styles,
            own: self.own,
        })
    }
}

/// A label as a number in the judge's unit; `None` where it says nothing.
pub(super) fn value_of(answer: LabelAnswer) -> Option<f64> {
    match answer {
        LabelAnswer::Pass => Some(1.0),
        LabelAnswer::Fail => Some(0.0),
        LabelAnswer::Level(level) => Some(f64::from(level)),
        other => other.p_b().map(|p_b| 1.0 - p_b),
    }
}

/// What the numbers of a set are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::stats) enum Unit {
    /// A probability: P(the first is better) or P(pass).
    Probability,
    /// One of so many levels.
    Levels(usize),
}

impl Unit {
    /// The category of a value: 0 or 1 by the side that it is for, or the nearest level from 0;
    /// `None` at one half.
    pub(super) fn category(self, value: f64) -> Option<usize> {
        match self {
            Self::Probability if (value - 0.5).abs() < EVEN => None,
            Self::Probability => Some(usize::from(value > 0.5)),
            Self::Levels(levels) => {
                let place = value.round().max(1.0) as usize - 1;
                Some(place.min(levels.saturating_sub(1)))
            }
        }
    }

    pub(in crate::stats) fn categories(self) -> usize {
        match self {
            Self::Probability => 2,
            Self::Levels(levels) => levels,
        }
    }

    /// The category of a label beside a judge's verdict: `None` for one that takes no side.
    pub(in crate::stats) fn side(self, answer: LabelAnswer) -> Option<usize> {
        self.category(value_of(answer)?)
    }

    /// The category of a label beside one given again, where taking no side is one, too; of these
    /// there is one more.
    pub(in crate::stats) fn side_or_none(self, answer: LabelAnswer) -> Option<usize> {
        let value = value_of(answer)?;
        Some(self.category(value).unwrap_or(self.categories()))
    }
}
