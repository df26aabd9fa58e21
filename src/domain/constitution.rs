//! A constitution: the principles by which a model criticises, revises and compares responses.

use serde::{Deserialize, Serialize};

use super::ids::PrincipleId;
use super::problem::{self, Problem};

/// A set of principles with what the model is told around them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constitution {
    /// The version of the file's shape; see [`super::FORMAT`].
    pub format: u32,
    /// What people call it; also its file's name, made safe.
    pub name: String,
    /// What it is for, in a sentence or two; never shown to a model.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Shown to the model before any principle; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub preface: String,
    /// The principles, in the author's order.
    #[serde(default)]
    pub principles: Vec<Principle>,
    /// Worked critiques and revisions shown to the model before the task (few-shot).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
}

/// One thing that a response should do or avoid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Principle {
    /// Unique within the constitution, such as `P3`.
    pub id: PrincipleId,
    /// A few words that name it in lists.
    #[serde(default)]
    pub title: String,
    /// The principle itself, one idea.
    pub text: String,
    /// What the critic is asked; empty: generated from the text by a template.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub critique_request: String,
    /// What the reviser is asked; empty: generated from the text by a template.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub revision_request: String,
    /// What a judge of two responses is asked; empty: generated from the text by a template.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comparison_question: String,
    /// Groups and filters, such as `honesty`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// How often it is drawn, relative to the others; 0 or more, 1 by default.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub weight: f64,
    /// Which wins when two conflict: 1 (first) to 5 (last), 3 by default.
    #[serde(default = "middle", skip_serializing_if = "is_middle")]
    pub priority: u8,
    /// Whether runs use it.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub enabled: bool,
    /// Pinned prompts with what is expected of the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<Case>,
    /// For reviewers; never shown to a model.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
}

/// A pinned prompt with an expectation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The user's message.
    pub prompt: String,
    /// What a good answer does, for people to check against.
    #[serde(default)]
    pub expect: String,
}

/// A worked example of one critique and revision.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The user's message.
    pub prompt: String,
    /// The principle that it shows; may be empty for imported examples.
    #[serde(default)]
    pub principle: PrincipleId,
    /// The answer before.
    pub draft: String,
    /// What is wrong with it.
    pub critique: String,
    /// The answer after.
    pub revision: String,
}

impl Default for Principle {
    fn default() -> Self {
        Self {
            id: PrincipleId::default(),
            title: String::new(),
            text: String::new(),
            critique_request: String::new(),
            revision_request: String::new(),
            comparison_question: String::new(),
            tags: Vec::new(),
            weight: 1.0,
            priority: 3,
            enabled: true,
            cases: Vec::new(),
            notes: String::new(),
        }
    }
}

impl Principle {
    /// What lists call it: its title, else the first words of its text.
    pub fn label(&self) -> String {
        if !self.title.trim().is_empty() {
            return self.title.clone();
        }
        let words: Vec<&str> = self.text.split_whitespace().take(8).collect();
        if words.is_empty() { "(no text yet)".to_owned() } else { words.join(" ") }
    }
}

impl Constitution {
    /// A new, empty constitution of the given name.
    pub fn named(name: impl Into<String>) -> Self {
        Self { format: super::FORMAT, name: name.into(), ..Self::default() }
    }

    /// The principle of that id.
    pub fn principle(&self, id: &PrincipleId) -> Option<&Principle> {
        self.principles.iter().find(|principle| &principle.id == id)
    }

    /// The principles that a run may draw: enabled, weight above 0, with text.
    pub fn eligible(&self) -> Vec<&Principle> {
        self.principles
            .iter()
            .filter(|p| p.enabled && p.weight > 0.0 && !p.text.trim().is_empty())
            .collect()
    }

    /// The lowest `P<n>` that no principle has.
    pub fn free_id(&self) -> PrincipleId {
        let mut n = self.principles.len() + 1;
        loop {
            let id = PrincipleId(format!("P{n}"));
            if self.principle(&id).is_none() {
                return id;
            }
            n += 1;
        }
    }

    /// What is wrong with it, worst first; empty when nothing is.
    pub fn problems(&self) -> Vec<Problem> {
        problem::of_constitution(self)
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

fn middle() -> u8 {
    3
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
fn is_middle(priority: &u8) -> bool {
    *priority == 3
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
fn is_yes(enabled: &bool) -> bool {
    *enabled
}
