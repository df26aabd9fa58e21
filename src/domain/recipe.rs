//! A recipe: which method a run uses, with what, and how.

use serde::{Deserialize, Serialize};

use super::problem::Problem;
use super::tournament::Pairing;
use super::vote::TimesRule;

/// What a model is used for; a project maps each to a model.
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
    strum::EnumString,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum ModelRole {
    /// Drafts answers.
    Writer,
    /// Criticises answers.
    Critic,
    /// Rewrites answers.
    Reviser,
    /// Scores and compares answers.
    Judge,
    /// Answers for the writer to learn from.
    Teacher,
}

/// How tokens are drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sampling {
    /// 0 is greedy; 1 is the model's own distribution.
    pub temperature: f64,
    /// Nucleus: the smallest set of tokens with this probability, 0..=1.
    pub top_p: f64,
    /// The longest answer, in tokens.
    pub max_tokens: u32,
    /// Taken off a token's logit for each time that the answer has it already; 0 is off. Keeps
    /// very small models from repeating themselves; not every provider has it.
    #[serde(skip_serializing_if = "is_zero")]
    pub frequency_penalty: f64,
    /// Texts that end the answer; they are not part of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// Where the model can be seeded; part of the call's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            temperature: 0.7,
            top_p: 0.95,
            max_tokens: 256,
            frequency_penalty: 0.0,
            stop: Vec::new(),
            seed: None,
        }
    }
}

/// What a run does with each prompt.
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
    strum::EnumString,
)]
pub enum Method {
    /// Draft, then critique and revision by sampled principles (Constitutional AI, phase 1).
    #[serde(rename = "critique")]
    #[strum(to_string = "critique")]
    Critique,
    /// Two responses, compared in both orders under sampled principles (phase 2).
    #[serde(rename = "preference")]
    #[strum(to_string = "preference")]
    Preference,
    /// Critique and, side by side with it, preference: a chain and a judged pair for each prompt.
    #[serde(rename = "critique+preference")]
    #[strum(to_string = "critique+preference")]
    ChainPreference,
    /// Several responses, compared pair by pair: a tournament.
    #[serde(rename = "rank")]
    #[strum(to_string = "rank")]
    Rank,
    /// Two given responses, and which of them each principle speaks for.
    #[serde(rename = "votes")]
    #[strum(to_string = "votes")]
    Votes,
    /// One response, scored by a rubric.
    #[serde(rename = "score")]
    #[strum(to_string = "score")]
    Score,
    /// Critique, then the draft and every revision scored by a rubric.
    #[serde(rename = "chain+score")]
    #[strum(to_string = "chain+score")]
    ChainScore,
}

/// How a judge is asked; small models answer only some of these.
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
pub enum JudgeProtocol {
    /// Chosen by what the judge's model can do.
    #[default]
    #[strum(to_string = "Chosen by model")]
    Auto,
    /// “Which is better, A or B?”, both orders.
    #[strum(to_string = "Pairwise A/B")]
    Pairwise,
    /// “Does this response do it? Yes or no”, one response a call.
    #[strum(to_string = "Pointwise yes/no")]
    PointwiseYesNo,
    /// “How well, 1 to 5?”, one response a call.
    #[strum(to_string = "Pointwise 1–5")]
    PointwiseScale,
}

/// What stands around the texts that a judge reads, so that they can't pass for what it is told.
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
pub enum Delimiters {
    /// Chosen by what the judge's model is; where nothing was settled, as [`Self::Quoted`].
    #[default]
    #[strum(to_string = "Chosen by model")]
    Auto,
    /// Each line begins with `> `.
    #[strum(to_string = "Quoted lines")]
    Quoted,
    /// Tags with six digits that occur in none of the texts.
    #[strum(to_string = "Tags with a nonce")]
    Fenced,
}

/// Which two answers are compared.
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
#[serde(rename_all = "snake_case")]
pub enum PairSource {
    /// Two that are drawn for it; those that the prompt brings in its columns `a` and `b`, where it
    /// has both.
    #[default]
    #[strum(to_string = "Two answers")]
    Drawn,
    /// A chain's draft and its last revision, where the method makes a chain.
    #[strum(to_string = "Draft and last revision")]
    DraftAndRevision,
}

/// How a preference probability becomes a label.
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
pub enum LabelForm {
    /// The probability as it is.
    #[default]
    #[strum(to_string = "Soft")]
    Soft,
    /// Clamped to 0.4..=0.6 (for chain-of-thought judges; Bai et al. 2022, section 4.1).
    #[strum(to_string = "Clamped .4–.6")]
    Clamped,
    /// 1 above one half, else 0.
    #[strum(to_string = "Hard")]
    Hard,
}

impl LabelForm {
    /// The outermost clamped label (Bai et al. 2022, section 4.1: 40 to 60 per cent).
    const CLAMP: f64 = 0.6;

    /// A preference probability of 0..=1 as a label; one half stays one half in every form.
    pub fn label(self, p: f64) -> f64 {
        match self {
            Self::Clamped => p.clamp(1.0 - Self::CLAMP, Self::CLAMP),
            Self::Hard if p > 0.5 => 1.0,
            Self::Hard if p < 0.5 => 0.0,
            Self::Soft | Self::Hard => p,
        }
    }
}

/// A run's plan, before models are resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The version of the file's shape; see [`super::FORMAT`].
    pub format: u32,
    /// What people call it; the built-in ones are named as their method.
    pub name: String,
    /// What it does with each prompt.
    pub method: Method,
    /// Name of the constitution; empty: the project's default.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub constitution: String,
    /// Name of the rubric; empty: the project's default.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rubric: String,
    /// Name of the prompt set; empty: the project's default.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prompts: String,
    /// Critique–revision rounds, 1 or more; 2 by default.
    #[serde(default = "two")]
    pub rounds: u32,
    /// Whether a chain stops when the critic finds nothing.
    #[serde(default = "yes")]
    pub stop_when_clean: bool,
    /// Principles drawn for each pair; 1 or more.
    #[serde(default = "two")]
    pub principles_per_pair: u32,
    /// Votes in each order where the judge gives no log-probabilities; for [`Method::Votes`] how
    /// often every principle is asked about. 2 by default.
    #[serde(default = "two")]
    pub votes: u32,
    /// Which two answers are compared.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub pair_of: PairSource,
    /// How many answers the writer draws for a tournament, 2 or more; 4 by default.
    #[serde(default = "four", skip_serializing_if = "is_four")]
    pub answers: u32,
    /// Which of a tournament's answers meet.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub pairing: Pairing,
    /// How many games a tournament has in which the most informative pair comes next; 0: as many as
    /// Swiss rounds would play. See [`Pairing::games`].
    #[serde(default, skip_serializing_if = "is_usual")]
    pub games: u32,
    /// How a principle's votes of several times become one, for [`Method::Votes`].
    #[serde(default, skip_serializing_if = "is_usual")]
    pub times_rule: TimesRule,
    /// How the judge is asked.
    #[serde(default)]
    pub protocol: JudgeProtocol,
    /// What stands around the texts that the judge compares.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub delimiters: Delimiters,
    /// Share of rows, 0..=1, that have a pair beside their own of which everybody knows which is
    /// better, to see whether the judge looks at all.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub canaries: f64,
    /// How p becomes a label at export.
    #[serde(default)]
    pub labels: LabelForm,
    /// Whether the judge writes a reason before its verdict. With [`JudgeProtocol::Auto`] the
    /// embedded model is never asked for one, which misleads it.
    #[serde(default = "yes")]
    pub reason_first: bool,
    /// Whether all criteria of a rubric go into one call.
    #[serde(default)]
    pub batch_criteria: bool,
    /// How many of the constitution's examples are shown to the model.
    #[serde(default = "one")]
    pub shots: u32,
    /// How drafts, critiques and revisions are drawn.
    #[serde(default)]
    pub sampling: Sampling,
    /// The two models that write the pair's answers (for a tournament two or more), by the project's names or as specifications;
    /// empty: two samples of the writer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<String>,
    /// Who judges: one of the project's judges, by file stem or name, with its models, rule, form,
    /// votes, principles a pair and canaries, which then hold in place of this recipe's. Empty: the
    /// model of the role, asked as this recipe says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub judge: String,
}

impl Recipe {
    /// The built-in recipe of a method.
    pub fn built_in(method: Method) -> Self {
        Self {
            format: super::FORMAT,
            name: method.to_string(),
            method,
            constitution: String::new(),
            rubric: String::new(),
            prompts: String::new(),
            rounds: 2,
            stop_when_clean: true,
            principles_per_pair: 2,
            votes: 2,
            pair_of: PairSource::default(),
            answers: four(),
            pairing: Pairing::default(),
            games: 0,
            times_rule: TimesRule::default(),
            protocol: JudgeProtocol::Auto,
            delimiters: Delimiters::Auto,
            canaries: 0.0,
            labels: LabelForm::Soft,
            reason_first: true,
            batch_criteria: false,
            shots: 1,
            sampling: Sampling::default(),
            candidates: Vec::new(),
            judge: String::new(),
        }
    }
}

impl Recipe {
    /// What is wrong with it, worst first.
    pub fn problems(&self) -> Vec<Problem> {
        super::tournament::problems(self)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

fn four() -> u32 {
    4
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
fn is_four(number: &u32) -> bool {
    *number == 4
}

fn two() -> u32 {
    2
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator as _;

    use super::*;

    #[test]
    fn a_recipe_keeps_its_judge_and_one_without_says_nothing_of_it() {
        for method in Method::iter() {
            let usual = Recipe::built_in(method);
            let text = serde_json::to_string(&usual).unwrap();
            assert!(!text.contains("\"judge\""), "{text}");
            assert_eq!(serde_json::from_str::<Recipe>(&text).unwrap(), usual);
            let judged = Recipe { judge: "two-readers".to_owned(), ..usual };
            let text = serde_json::to_string(&judged).unwrap();
            assert!(text.contains("\"judge\":\"two-readers\""), "{text}");
            assert_eq!(serde_json::from_str::<Recipe>(&text).unwrap(), judged);
        }
    }
}
