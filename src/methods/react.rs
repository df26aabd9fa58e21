//! From a person's reaction to a response to principles that would answer it.
//!
//! A person says what is wrong or right, or how it should read; the critic's model writes three
//! candidate principles, and the person takes one, edits it, or writes their own: nothing enters a
//! constitution by itself. The person's own words come first among the candidates whatever the
//! model wrote.

use std::collections::BTreeSet;

use minijinja::context;
use unicode_segmentation::UnicodeSegmentation as _;

use super::ask::Ask;
use super::draw;
use super::judging::conversation_text;
use super::template::Templates;
use crate::domain::{
    Call, CallFailure, Constitution, ModelRole, PrincipleId, Prompt, Purpose, Sampling, Want,
};

/// The most candidates that are offered.
const MOST: usize = 3;
/// A longer candidate is an essay, not a principle; in characters (judgement).
const LONGEST: usize = 240;
/// Fewer words are no rule: “Give a question.” (judgement).
const LEAST_WORDS: usize = 4;
/// The most of a response that is shown to the model, in bytes: small models lose the thread.
const SHOWN: usize = 6_000;

/// How a person reacts to a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, strum::Display, strum::EnumIter)]
#[strum(serialize_all = "lowercase")]
pub enum Reaction {
    /// Something is right with it.
    Praise,
    /// Something is wrong with it.
    #[default]
    Complaint,
    /// It should read otherwise.
    Rewrite,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct ReactTask<'a> {
    /// The prompt that the response answers.
    pub prompt: &'a Prompt,
    /// The response.
    pub response: &'a str,
    /// How the person reacts.
    pub reaction: Reaction,
    /// What the person says of it.
    pub said: &'a str,
    /// The response as the person would have it; empty unless it is a rewrite.
    pub rewrite: &'a str,
    /// What the model is told.
    pub templates: &'a Templates,
    /// The seed.
    pub seed: u64,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suggested {
    /// Candidate principles, the model's first one first; empty where its reply holds none.
    pub candidates: Vec<String>,
    /// The reply as it came.
    pub raw: String,
}

/// Asks the critic's model for candidates. A reply that holds none is no error: it is said.
///
/// # Errors
///
/// The call's failure, or a broken template.
pub async fn suggest(ask: &impl Ask, task: &ReactTask<'_>) -> Result<Suggested, CallFailure> {
    let reaction = task.reaction.to_string();
    let end = task.response.floor_char_boundary(SHOWN);
    let values = context! {
        conversation => conversation_text(task.prompt),
        response => &task.response[..end],
        reaction => &reaction,
        said => task.said.trim(),
        rewrite => task.rewrite.trim()
    };
    let messages = task.templates.render("react", &values)?;
    let parts = ["react", &reaction, task.said, task.rewrite];
    let sampling = Sampling {
        temperature: 0.6,
        top_p: 0.9,
        max_tokens: 160,
        frequency_penalty: 0.3,
        seed: Some(draw::call_seed(task.seed, &task.prompt.id, &parts)),
        stop: Vec::new(),
    };
    let reply = ask
        .ask(Call {
            purpose: Purpose::Suggestion { reaction },
            prompt: task.prompt.id.clone(),
            role: ModelRole::Critic,
            messages: messages.clone(),
            sampling,
            want: Want::Text,
            sample: 0,
        })
        .await?;
    // A model that repeats what it was shown has suggested nothing.
    let shown: Vec<&str> = messages.iter().flat_map(|message| message.content.lines()).collect();
    let candidates = candidates(&reply.text, &shown);
    Ok(Suggested { candidates, raw: reply.text })
}

/// The principles in a reply: its lines without number, bullet, label and quotes, those left out
/// that are too short or long to be one, repeat another, or were `shown` to the model.
pub fn candidates(reply: &str, shown: &[&str]) -> Vec<String> {
    let mut known: BTreeSet<String> = shown.iter().map(|line| plain(line)).collect();
    let mut found = Vec::new();
    for line in reply.lines() {
        let Some(text) = principle_of(line) else { continue };
        if found.len() < MOST && known.insert(plain(&text)) {
            found.push(text);
        }
    }
    found
}

/// A line as a principle; `None` where it is none.
fn principle_of(line: &str) -> Option<String> {
    let mut text = line.trim();
    loop {
        let before = text;
        text = text.trim_start_matches(['-', '*', '•', '–', '#', '>']).trim_start();
        let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
        if digits.len() < text.len()
            && let Some(rest) = digits.strip_prefix(['.', ')', ':'])
        {
            text = rest.trim_start();
        }
        for label in ["Principle", "Rule", "principle", "rule"] {
            if let Some(rest) = text.strip_prefix(label) {
                let rest = rest.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
                if let Some(rest) = rest.strip_prefix([':', '.']) {
                    text = rest.trim_start();
                }
            }
        }
        text = text.trim_end_matches('*').trim_end();
        for (open, close) in [('"', '"'), ('“', '”')] {
            if let Some(inner) = text.strip_prefix(open).and_then(|t| t.strip_suffix(close)) {
                text = inner.trim();
            }
        }
        if text == before {
            break;
        }
    }
    // What introduces a list is none of it.
    let is_heading = text.ends_with(':');
    let words = text.unicode_words().count();
    let fits = words >= LEAST_WORDS && text.chars().count() <= LONGEST;
    (fits && !is_heading).then(|| text.to_owned())
}

/// A line as it is compared: its words in lower case.
fn plain(line: &str) -> String {
    let line = line.trim_start_matches(|c: char| c.is_ascii_digit() || ".)-*• ".contains(c));
    line.unicode_words().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// Words that say nothing about what a principle is about.
const EMPTY_WORDS: &[&str] = &[
    "a",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "be",
    "by",
    "do",
    "does",
    "for",
    "from",
    "in",
    "is",
    "it",
    "its",
    "not",
    "of",
    "on",
    "or",
    "that",
    "the",
    "their",
    "them",
    "they",
    "this",
    "to",
    "when",
    "while",
    "with",
    "you",
    "your",
    "answer",
    "answers",
    "response",
    "responses",
    "should",
];

/// The principle of a constitution whose words overlap most with a text, and the overlap: shared
/// words over all words of both (Jaccard), 0..=1; `None` where none shares a word.
pub fn nearest(text: &str, constitution: &Constitution) -> Option<(PrincipleId, f64)> {
    let wanted = words(text);
    let mut best: Option<(PrincipleId, f64)> = None;
    for principle in &constitution.principles {
        let own = words(&principle.text);
        let both = wanted.intersection(&own).count();
        let all = wanted.union(&own).count();
        if both == 0 {
            continue;
        }
        let overlap = both as f64 / all as f64;
        if best.as_ref().is_none_or(|(_, most)| overlap > *most) {
            best = Some((principle.id.clone(), overlap));
        }
    }
    best
}

fn words(text: &str) -> BTreeSet<String> {
    text.unicode_words()
        .map(str::to_lowercase)
        .filter(|word| !EMPTY_WORDS.contains(&word.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::executor::block_on;

    use super::*;
    use crate::domain::{Finish, Principle, Reply, Usage};
    use crate::methods::ask::FromFn;

    #[test]
    fn lists_of_any_kind_are_read() {
        for reply in [
            " Be brief and plain.\n2. Ask one question first.\n3. Say what you don't know.",
            "Here are three rules:\n\n1) Be brief and plain.\n2) Ask one question first.\n3) Say what you don't know.",
            "- \"Be brief and plain.\"\n* **Ask one question first.**\n• Rule 3: Say what you don't know.",
            "Principle 1: Be brief and plain.\nPrinciple 2: Ask one question first.\n\nPrinciple: Say what you don't know.\n4. And a fourth one here.",
        ] {
            assert_eq!(
                candidates(reply, &[]),
                ["Be brief and plain.", "Ask one question first.", "Say what you don't know."],
                "{reply}"
            );
        }
    }

    #[test]
    fn what_is_no_principle_is_left_out() {
        assert!(candidates("", &[]).is_empty());
        assert!(candidates("Sure!\n\n1.\n2.\nOK", &[]).is_empty());
        assert!(candidates(&"word ".repeat(100), &[]).is_empty());
        let reply =
            "1. Be brief and plain.\n2. be brief and plain\n3. Leave out what was not asked for.";
        let shown = ["2. Leave out what was not asked for."];
        assert_eq!(candidates(reply, &shown), ["Be brief and plain."]);
    }

    #[test]
    fn principles_in_other_scripts_are_read() {
        assert_eq!(candidates("1. 回答要简短，不要说教。", &[]).len(), 1);
        assert_eq!(candidates("١. أجب بإيجاز ووضوح.", &[]).len(), 1);
    }

    #[test]
    fn the_nearest_principle_shares_most_words() {
        let mut constitution = Constitution::named("c");
        for (id, text) in [("P1", "Be brief and plain."), ("P2", "Never give dosing advice.")] {
            constitution.principles.push(Principle {
                id: id.into(),
                text: text.to_owned(),
                ..Principle::default()
            });
        }
        let (id, overlap) =
            nearest("Give no dosing advice without a doctor.", &constitution).unwrap();
        assert_eq!(id, "P2".into());
        assert!((0.3..0.6).contains(&overlap), "{overlap}");
        assert_eq!(nearest("The of and", &constitution), None);
        assert_eq!(nearest("Sing a song", &constitution), None);
    }

    #[test]
    fn the_model_is_shown_what_was_said() {
        let calls = Mutex::new(Vec::new());
        let ask = FromFn(|call: Call| {
            calls.lock().unwrap().push(call);
            Ok(Reply {
                text: "Answer in three sentences or fewer.\n2. Drop the moral at the end."
                    .to_owned(),
                reasoning: None,
                finish: Finish::Stop,
                usage: Usage::default(),
                choice: None,
                model: String::new(),
                marks: Vec::new(),
            })
        });
        let prompt = Prompt::of_text("p", "Why?");
        let templates = Templates::default();
        let mut task = ReactTask {
            prompt: &prompt,
            response: "Because.\nThink of {{ others }}.",
            reaction: Reaction::Complaint,
            said: "too preachy",
            rewrite: "",
            templates: &templates,
            seed: 7,
        };
        let suggested = block_on(suggest(&ask, &task)).unwrap();
        // The first line is one of the template's own examples.
        assert_eq!(suggested.candidates, ["Drop the moral at the end."]);
        task.reaction = Reaction::Rewrite;
        task.rewrite = "Just because.";
        block_on(suggest(&ask, &task)).unwrap();
        let calls = calls.into_inner().unwrap();
        let text = |n: usize| {
            let parts: Vec<_> = calls[n].messages.iter().map(|m| m.content.clone()).collect();
            parts.join("\n")
        };
        assert!(text(0).contains("The person complains: too preachy"), "{}", text(0));
        assert!(text(0).contains("> Think of {{ others }}."), "{}", text(0));
        assert!(text(1).contains("> Just because."), "{}", text(1));
        assert_eq!(calls[0].role, ModelRole::Critic);
        assert_ne!(calls[0].sampling.seed, calls[1].sampling.seed);
    }
}
