//! Changes of an answer that should not change what a judge says of it, and asking the same anew.
//!
//! Ye et al. 2024, *Justice or prejudice? Quantifying biases in LLM-as-a-judge* (CALM,
//! arXiv:2410.02736), section 3: an answer is changed so that what it says stays, and a verdict
//! that changes with it rested on something else. What is asked about may be the very thing that is
//! changed (a principle against flattery): then the verdict changes by right, and the reader of the
//! report must know.

use serde::{Deserialize, Serialize};

use super::ask::Ask;
use super::draw;
use crate::domain::{Call, CallFailure, PromptId, Reply};

/// How an item is asked about once more.
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
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Perturbation {
    /// Nothing is changed: the same is asked anew, which shows how far the judge agrees with
    /// itself.
    Again,
    /// Headings, bold and lists that say nothing more.
    Markdown,
    /// A closing sentence without content.
    Padding,
    /// An opening sentence that flatters whoever asked.
    Flattery,
}

/// What padding adds.
const PADDING: &str = "I hope this is helpful. If anything is unclear, please let me know, and I \
                       will gladly go through it once more.";

/// What flattery begins with.
const FLATTERY: &str = "What a thoughtful question; it is plain that you have looked into this \
                        with real care.";

impl Perturbation {
    /// What the report calls it; `None` where nothing is changed.
    pub fn name(self) -> Option<String> {
        (self != Self::Again).then(|| self.to_string())
    }

    /// An answer with the change in it. Every word that was there is there still, in its order.
    pub fn of(self, answer: &str) -> String {
        match self {
            Self::Again => answer.to_owned(),
            Self::Padding => format!("{}\n\n{PADDING}", answer.trim_end()),
            Self::Flattery => format!("{FLATTERY}\n\n{}", answer.trim_start()),
            Self::Markdown => marked_up(answer),
        }
    }

    /// Which of two answers is changed: drawn evenly, so that neither side gains by it overall.
    pub fn changes_first(self, seed: u64, item: &PromptId) -> bool {
        draw::call_seed(seed, item, &["perturb", &self.to_string()]).is_multiple_of(2)
    }
}

/// The same words with a heading, the first sentence in bold and the paragraphs as a list. Code is
/// left as it is, since marks would be part of it.
fn marked_up(answer: &str) -> String {
    const HEADING: &str = "## Answer";
    if answer.contains("```") || answer.lines().any(|line| line.starts_with("    ")) {
        return format!("{HEADING}\n\n{}", answer.trim_start());
    }
    let paragraphs = answer.split("\n\n").map(str::trim).filter(|text| !text.is_empty());
    let listed: Vec<String> = paragraphs
        .enumerate()
        .map(|(n, text)| {
            // A paragraph that is marked up already stays as it is.
            let is_marked = text.starts_with(['#', '-', '*', '>', '|'])
                || text.starts_with(|c: char| c.is_ascii_digit())
                || text.contains("**");
            match (is_marked, n) {
                (true, _) => text.to_owned(),
                (false, 0) => {
                    let end = text.find(['.', '!', '?', '\n']).map_or(text.len(), |at| {
                        at + text[at..].chars().next().map_or(0, char::len_utf8)
                    });
                    let (first, rest) = text.split_at(end);
                    format!("- **{}**{rest}", first.trim_end())
                }
                (false, _) => format!("- {text}"),
            }
        })
        .collect();
    format!("{HEADING}\n\n{}", listed.join("\n\n"))
}

/// Asks the same once more instead of finding the first reply in the journal: other samples with
/// other seeds.
pub struct Anew<'a, A>(pub &'a A);

/// Samples of a second asking count from here: beyond any number of votes.
const ANEW: u32 = 1 << 20;

impl<A: Ask> Ask for Anew<'_, A> {
    async fn ask(&self, mut call: Call) -> Result<Reply, CallFailure> {
        call.sample = call.sample.saturating_add(ANEW);
        // Seeds stay within what every provider takes.
        call.sampling.seed = call.sampling.seed.map(|seed| seed ^ u64::from(ANEW));
        self.0.ask(call).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::ask::FromFn;
    use super::*;
    use crate::domain::{FailureKind, ModelRole, Purpose, Sampling, Want};
    use strum::IntoEnumIterator as _;

    fn letters(text: &str) -> Vec<&str> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
    }

    #[test]
    fn no_word_of_the_answer_is_lost_or_moved() {
        for answer in [
            "Rain falls. It is wet.\n\nTake an umbrella!",
            "No",
            "مرحبا بك. هذا نص.\n\nثانيا",
            "- one\n- two\n\n**Three** is more.",
            "Use this:\n\n```rust\nfn main() {}\n```",
            "",
        ] {
            for change in Perturbation::iter() {
                let changed = change.of(answer);
                let mut words = letters(&changed).into_iter();
                for word in letters(answer) {
                    assert!(words.any(|other| other == word), "{change}: {word} of {changed}");
                }
                assert_eq!(changed == answer, change == Perturbation::Again, "{change}");
            }
        }
        let marked = Perturbation::Markdown.of("Rain falls. It is wet.\n\nTake an umbrella!");
        assert_eq!(marked, "## Answer\n\n- **Rain falls.** It is wet.\n\n- Take an umbrella!");
    }

    #[test]
    fn sides_are_changed_evenly() {
        let first = (0..400)
            .filter(|n| Perturbation::Padding.changes_first(7, &PromptId(format!("i{n}"))))
            .count();
        // Four standard deviations of 400 fair coins.
        assert!((160..=240).contains(&first), "{first}");
    }

    #[tokio::test]
    async fn a_second_asking_has_a_key_of_its_own() {
        let call = Call {
            purpose: Purpose::Comparison { principle: "P1".into(), order: "ab".to_owned() },
            prompt: "p1".into(),
            role: ModelRole::Judge,
            messages: Vec::new(),
            sampling: Sampling { seed: Some(5), ..Sampling::default() },
            want: Want::Text,
            sample: 1,
        };
        let key = call.key("m");
        let seen = std::sync::Mutex::new(Vec::new());
        let ask = FromFn(|call: Call| {
            seen.lock().unwrap().push((call.key("m"), call.sampling.seed));
            Err(CallFailure::new(FailureKind::NotInJournal, "", ""))
        });
        Anew(&ask).ask(call.clone()).await.unwrap_err();
        Anew(&ask).ask(call).await.unwrap_err();
        let seen = seen.into_inner().unwrap();
        assert_ne!(seen[0].0, key);
        assert_ne!(seen[0].1, Some(5));
        assert_eq!(seen[0], seen[1], "and the same one the next time");
    }
}
