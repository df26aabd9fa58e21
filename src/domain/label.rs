//! What people are asked about answers, and what they say.
//!
//! A [`LabelSet`] is a queue: a question, a guide with its version, and [`LabelItem`]s. Each
//! [`Label`] is one judgment by one person. What a judge said is never part of any of these, so
//! nobody labels with a judge's verdict in sight.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::problem::Problem;
use super::prompt::Prompt;

/// What a labeller is asked about each item.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    strum::EnumIter,
    strum::Display,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
pub enum LabelTask {
    /// Which of two answers is better.
    #[default]
    #[strum(to_string = "Pairs")]
    Pairwise,
    /// Whether one answer does what is asked about.
    #[strum(to_string = "Pass or fail")]
    PassFail,
    /// Which level of a criterion one answer reaches.
    #[strum(to_string = "Scores")]
    Scores,
}

/// What an item is judged by: a principle or a criterion, as it read when the item was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aspect {
    /// The principle's or criterion's id, such as `P3`.
    pub id: String,
    /// Its text.
    pub text: String,
    /// The names of its levels, lowest first; empty but for [`LabelTask::Scores`], and then 1 to 5
    /// without names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<String>,
}

impl Aspect {
    /// The mark of its text that labels keep, so that those made under another text are known:
    /// the first 16 hexadecimal digits of the text's BLAKE3.
    pub fn mark(&self) -> String {
        blake3::hash(self.text.as_bytes()).to_hex().chars().take(16).collect()
    }

    /// How many levels it has: 5 where they have no names.
    pub fn level_count(&self) -> u32 {
        match u32::try_from(self.levels.len()).unwrap_or(u32::MAX) {
            0 => LEVELS,
            named => named,
        }
    }
}

/// The levels of an aspect that names none.
const LEVELS: u32 = 5;

/// An answer, or two, that people are asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelItem {
    /// Unique within its set.
    pub id: String,
    /// What is answered; its id is what splits and intervals go by, so that several items of one
    /// prompt stay together.
    pub prompt: Prompt,
    /// The first answer, or the only one.
    pub a: String,
    /// The second answer; `None` unless the task is [`LabelTask::Pairwise`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub b: Option<String>,
    /// Who wrote the first, where known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub a_model: String,
    /// Who wrote the second, where known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub b_model: String,
    /// What it is judged by; `None`: all in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aspect: Option<Aspect>,
}

impl LabelItem {
    /// [`Aspect::mark`] of its aspect; empty where it is judged all in all.
    pub fn aspect_mark(&self) -> String {
        self.aspect.as_ref().map(Aspect::mark).unwrap_or_default()
    }

    /// An id made from what it shows, so that the same item gets the same one: `i-` and 12
    /// hexadecimal digits. Who wrote the answers does not matter.
    pub fn made_id(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let aspect = self.aspect.as_ref().map_or("", |aspect| aspect.id.as_str());
        let b = self.b.as_deref().unwrap_or_default();
        let messages = serde_json::to_string(&self.prompt.messages).unwrap_or_default();
        for part in [self.prompt.id.as_str(), &messages, &self.a, b, aspect] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        format!("i-{}", &hasher.finalize().to_hex()[..12])
    }

    /// How many levels can be given to it, for [`LabelTask::Scores`].
    pub fn level_count(&self) -> u32 {
        self.aspect.as_ref().map_or(LEVELS, Aspect::level_count)
    }
}

/// What somebody said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelAnswer {
    /// The item's first answer is better, wherever it was shown.
    A,
    /// The second is.
    B,
    /// Neither is better.
    Tie,
    /// Neither is good.
    BothBad,
    /// It does what is asked about.
    Pass,
    /// It doesn't.
    Fail,
    /// It reaches this level: 1 is the lowest.
    Level(u32),
    /// The labeller can't tell.
    Unsure,
    /// What is asked about says nothing of this item.
    NotApplicable,
}

impl LabelAnswer {
    /// P(the second answer is better): 0, ½ or 1; `None` where that was not said.
    pub fn p_b(self) -> Option<f64> {
        match self {
            Self::A => Some(0.0),
            Self::B => Some(1.0),
            Self::Tie | Self::BothBad => Some(0.5),
            Self::Pass | Self::Fail | Self::Level(_) | Self::Unsure | Self::NotApplicable => None,
        }
    }

    /// Its number among the answers that its task knows, from 0, for measures of agreement: first,
    /// second, neither better, neither good; fail, pass; or the level. `None` where nothing was
    /// said that could agree with anything.
    pub fn category(self) -> Option<usize> {
        match self {
            Self::A | Self::Fail => Some(0),
            Self::B | Self::Pass => Some(1),
            Self::Tie => Some(2),
            Self::BothBad => Some(3),
            Self::Level(level) => (level as usize).checked_sub(1),
            Self::Unsure | Self::NotApplicable => None,
        }
    }

    /// Whether it says something that a judge can agree or disagree with.
    pub fn is_judgment(self) -> bool {
        !matches!(self, Self::Unsure | Self::NotApplicable)
    }

    /// Whether it can be given to an item of this task; levels count from 1 to `levels`.
    pub fn fits(self, task: LabelTask, levels: u32) -> bool {
        match self {
            Self::A | Self::B | Self::Tie | Self::BothBad => task == LabelTask::Pairwise,
            Self::Pass | Self::Fail => task == LabelTask::PassFail,
            Self::Level(level) => task == LabelTask::Scores && (1..=levels).contains(&level),
            Self::Unsure | Self::NotApplicable => true,
        }
    }
}

/// How sure a labeller is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::EnumIter,
    strum::Display,
)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// A guess.
    #[strum(to_string = "guess")]
    Guess,
    /// Fairly sure.
    #[strum(to_string = "fairly")]
    Fairly,
    /// Certain.
    #[strum(to_string = "certain")]
    Certain,
}

/// On which side an item's first answer was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstShown {
    /// The first answer was on the left.
    Left,
    /// It was on the right.
    Right,
}

/// One judgment by one person: a line of `labels/<set>/<labeller>.jsonl`.
///
/// Files are only appended to; of several lines with the same item, labeller and `again` the last
/// one holds, and one without an answer takes the label back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The item's id.
    pub item: String,
    /// Who says it.
    pub labeller: String,
    /// What is said; `None`: taken back.
    #[serde(default)]
    pub answer: Option<LabelAnswer>,
    /// How sure they are, where they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sure: Option<Certainty>,
    /// What they remarked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// Where the first answer was shown; `None` for one answer and where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<FirstShown>,
    /// Whether it is the hidden repeat of an item.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
    /// The guide's version that they had read; 0 where it is not known.
    #[serde(default)]
    pub guide: u32,
    /// The first 16 hexadecimal digits of the BLAKE3 of the aspect's text as they read it; empty
    /// without an aspect.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub aspect: String,
    /// How long they took, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// When, RFC 3339 in UTC; empty where it is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub at: String,
}

/// An item with its right answer, for the guide page or for practice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkedExample {
    /// The item.
    pub item: LabelItem,
    /// The right answer.
    pub answer: LabelAnswer,
    /// Why.
    #[serde(default)]
    pub why: String,
}

/// What labellers read first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Guide {
    /// Counts from 1 and grows by 1 with each change of text or examples.
    pub version: u32,
    /// How to decide, in words.
    pub text: String,
    /// Shown on the guide page.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<WorkedExample>,
    /// Labelled first, with the right answer shown after each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub practice: Vec<WorkedExample>,
}

impl Default for Guide {
    fn default() -> Self {
        Self { version: 1, text: String::new(), examples: Vec::new(), practice: Vec::new() }
    }
}

/// A queue of items: `labels/<stem>/set.ron`; the items lie beside it in `items.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelSet {
    /// The version of the file's shape; see [`super::FORMAT`].
    pub format: u32,
    /// What people call it.
    pub name: String,
    /// What is asked.
    #[serde(default)]
    pub task: LabelTask,
    /// What labellers read first.
    #[serde(default)]
    pub guide: Guide,
    /// Share of the prompts that are gold, 0..=1: locked for reporting. The others are for
    /// development: examples, fitting, reading disagreements.
    #[serde(default = "half")]
    pub gold: f64,
    /// Share of the items that come a second time, hidden, for self-consistency; 0..=1.
    #[serde(default = "tenth")]
    pub repeats: f64,
    /// Seeds sides, repeats and the split.
    #[serde(default)]
    pub seed: u64,
    /// Labellers that are models, not people: what they say is kept apart, and never counts as
    /// what people say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
}

/// The first label whose answer its item does not know; those of other items say nothing of it.
pub fn misfit<'l>(
    task: LabelTask,
    items: &[LabelItem],
    labels: impl IntoIterator<Item = &'l Label>,
) -> Option<&'l Label> {
    let levels: BTreeMap<&str, u32> =
        items.iter().map(|item| (item.id.as_str(), item.level_count())).collect();
    labels.into_iter().find(|label| match (levels.get(label.item.as_str()), label.answer) {
        (Some(levels), Some(answer)) => !answer.fits(task, *levels),
        _ => false,
    })
}

/// What a part of a label set is for.
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
    strum::EnumIter,
    strum::Display,
)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Locked: only reported on, and each look is counted.
    #[strum(to_string = "gold")]
    Gold,
    /// For reading, examples and fitting.
    #[strum(to_string = "dev")]
    Dev,
}

impl LabelSet {
    /// A new set, with the usual shares.
    pub fn named(name: impl Into<String>, task: LabelTask) -> Self {
        Self {
            format: super::FORMAT,
            name: name.into(),
            task,
            guide: Guide::default(),
            gold: half(),
            repeats: tenth(),
            seed: 0,
            models: Vec::new(),
        }
    }

    /// Whether a labeller is a model.
    pub fn is_model(&self, labeller: &str) -> bool {
        self.models.iter().any(|model| model == labeller)
    }

    /// What is wrong with it; empty when nothing is.
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if self.name.trim().is_empty() {
            found.push(Problem::error("name", "it has no name", "give it one"));
        }
        for (place, share) in [("gold", self.gold), ("repeats", self.repeats)] {
            if !(0.0..=1.0).contains(&share) {
                found.push(Problem::error(
                    place,
                    format!("the share is {share}"),
                    "use a number from 0 to 1",
                ));
            }
        }
        found
    }
}

/// What is wrong with items for a task, each with its place in the list; empty when nothing is.
pub fn item_problems(task: LabelTask, items: &[LabelItem]) -> Vec<(usize, Problem)> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        let id = &item.id;
        let mut error = |what: String, hint: &str| {
            found.push((index, Problem::error(format!("item {id}"), what, hint)));
        };
        if id.trim().is_empty() {
            error("it has no id".to_owned(), "give it one that no other item has");
        } else if !seen.insert(id.as_str()) {
            error(format!("two items have the id {id}"), "give each item an id of its own");
        }
        match (task, &item.b) {
            (LabelTask::Pairwise, None) => error(
                "it has one answer, and the set asks which of two is better".to_owned(),
                "give it a second answer “b”",
            ),
            (LabelTask::PassFail | LabelTask::Scores, Some(_)) => error(
                "it has two answers, and the set asks about one".to_owned(),
                "leave “b” out, or make a set of pairs",
            ),
            _ => {}
        }
        if item.prompt.messages.is_empty() {
            error("its prompt has no message".to_owned(), "give it at least one");
        }
    }
    found
}

fn half() -> f64 {
    0.5
}

fn tenth() -> f64 {
    0.1
}
