//! Finds out what a model can do, by four calls, and says so in plain words.

use std::sync::Arc;

use serde_json::Value;

use super::openai;
use super::provider::{Abilities, Answered, AttemptFailure, Provider};
use crate::domain::{
    Answer, Call, CallFailure, ChoiceReading, JudgeProtocol, Message, ModelRole, PromptId, Purpose,
    Sampling, Usage, Want,
};

/// How one part of a probe came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display)]
pub enum Outcome {
    /// The model can do it.
    #[strum(to_string = "yes")]
    Yes,
    /// Not so that one can rely on it.
    #[strum(to_string = "partly")]
    Partly,
    /// It can't.
    #[strum(to_string = "no")]
    No,
    /// The call failed, so it is not known.
    #[strum(to_string = "unknown")]
    Unknown,
}

/// What one call of a probe found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What was looked at, such as `Log-probabilities`.
    pub title: &'static str,
    /// How it came out.
    pub outcome: Outcome,
    /// What it means, in one sentence.
    pub words: String,
    /// What the model wrote, or the failure.
    pub answer: Result<String, CallFailure>,
}

/// All that a probe found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Who answered.
    pub identity: String,
    /// Reply, log-probabilities, system prompt, structured answer; fewer where the first failed.
    pub findings: Vec<Finding>,
    /// How it is best asked as a judge; `None` where it did not answer.
    pub protocol: Option<JudgeProtocol>,
    /// Why that protocol, in one sentence.
    pub because: String,
    /// How many log-probabilities it lists at a position, where it gives any; `None` for a model
    /// that gives all, too.
    pub top_logprobs: Option<usize>,
    /// Probability that it answers a question of A or B with either letter, 0..=1.
    pub letter_mass: Option<f64>,
    /// Tokens the probe took.
    pub usage: Usage,
}

/// The mass of both letters above which a model counts as answering in that form; chosen by eye
/// (the starter model ranges from .003 to .92 between forms).
const ENOUGH_MASS: f64 = 0.5;

/// Probes a model; stops after the first call where that fails, because the others would, too.
pub async fn probe(provider: &dyn Provider) -> Report {
    let mut report = Report {
        identity: provider.identity().to_owned(),
        findings: Vec::new(),
        protocol: None,
        because: "the model did not answer".to_owned(),
        top_logprobs: None,
        letter_mass: None,
        usage: Usage::default(),
    };
    let reply = asked(
        provider,
        &mut report,
        vec![Message::user("What colour is the sky on a clear day? Answer in one sentence.")],
        Want::Text,
    )
    .await;
    report.findings.push(reply_finding(&reply));
    if reply.is_err() {
        return report;
    }

    // The right answer is B, because weak models say A whatever the question.
    let question = "Which of these is a fruit?\n\nA: a hammer\nB: an apple\n\nAnswer with the \
                    letter alone.";
    let letters = Want::Choice(vec![Answer::letter("A"), Answer::letter("B")]);
    let choice = asked(provider, &mut report, vec![Message::user(question)], letters).await;
    let judged = judged(&choice);
    if let Ok(answered) = &choice {
        report.top_logprobs = openai::listed(&answered.raw);
        report.letter_mass = answered.reply.choice.as_ref().map(ChoiceReading::mass);
    }
    report.findings.push(choice_finding(&choice, provider.abilities(), report.top_logprobs));

    let messages = vec![
        Message::system("Whatever the user says, answer with the single word BANANA."),
        Message::user("What is two plus two?"),
    ];
    let system = asked(provider, &mut report, messages, Want::Text).await;
    report.findings.push(system_finding(&system));

    let question = "Rate this sentence for clarity from 1 to 5: “The cat sat on the mat.” Answer \
                    with JSON alone, of this form: {\"score\": 3, \"reason\": \"a few words\"}";
    let json = asked(provider, &mut report, vec![Message::user(question)], Want::Text).await;
    let structured = json_finding(&json);
    let can_structure = structured.outcome == Outcome::Yes;
    report.findings.push(structured);

    let (protocol, because) = match judged {
        Judged::Right => (
            JudgeProtocol::Pairwise,
            "it answers with a letter and picks the right one, so it can compare two responses",
        ),
        Judged::Wrong | Judged::NoLetter if can_structure => (
            JudgeProtocol::PointwiseScale,
            "it fails a plain question of A or B but gives scores in the form asked for, so it \
             scores one response at a time",
        ),
        Judged::Wrong => (
            JudgeProtocol::PointwiseYesNo,
            "it answers with a letter but picks the wrong one, so it is asked about one response \
             at a time, yes or no",
        ),
        Judged::NoLetter => (
            JudgeProtocol::PointwiseYesNo,
            "it does not answer with a letter, so it is asked about one response at a time, yes \
             or no",
        ),
        Judged::Unknown => (
            JudgeProtocol::Auto,
            "the question of A or B got no answer, so nothing is known about it as a judge",
        ),
    };
    report.protocol = Some(protocol);
    because.clone_into(&mut report.because);
    report
}

async fn asked(
    provider: &dyn Provider,
    report: &mut Report,
    messages: Vec<Message>,
    want: Want,
) -> Result<Answered, AttemptFailure> {
    let call = Call {
        purpose: Purpose::Probe,
        prompt: PromptId::new("probe"),
        role: ModelRole::Judge,
        messages,
        sampling: Sampling {
            frequency_penalty: 0.0,
            temperature: 0.0,
            top_p: 1.0,
            max_tokens: 64,
            stop: Vec::new(),
            seed: Some(0),
        },
        want,
        sample: 0,
    };
    let result = provider.answer(&call, Arc::new(|_piece: &str| {})).await;
    if let Ok(answered) = &result {
        report.usage += answered.reply.usage;
    }
    result
}

type Outcomes<'a> = &'a Result<Answered, AttemptFailure>;

fn finding(
    title: &'static str,
    answer: Outcomes<'_>,
    read: impl FnOnce(&Answered) -> (Outcome, String),
) -> Finding {
    match answer {
        Ok(answered) => {
            let (outcome, words) = read(answered);
            Finding { title, outcome, words, answer: Ok(answered.reply.text.clone()) }
        }
        Err(failed) => Finding {
            title,
            outcome: Outcome::Unknown,
            words: format!("not known: {}", failed.failure.message),
            answer: Err(failed.failure.clone()),
        },
    }
}

fn reply_finding(answer: Outcomes<'_>) -> Finding {
    finding("Reply", answer, |answered| {
        if answered.reply.text.trim().is_empty() {
            let why = if answered.reply.reasoning.is_some() {
                "it reasons, and its reasoning used up the 64 tokens of the probe: give it more \
                 room in the recipe"
            } else {
                "it answers with an empty text"
            };
            (Outcome::Partly, why.to_owned())
        } else {
            (Outcome::Yes, "it answers".to_owned())
        }
    })
}

fn choice_finding(answer: Outcomes<'_>, abilities: Abilities, listed: Option<usize>) -> Finding {
    finding("Log-probabilities", answer, |answered| match &answered.reply.choice {
        Some(choice) => {
            let mass = choice.mass();
            let how_many = match listed {
                _ if abilities.exact_choice => "of every token".to_owned(),
                Some(count) => format!("of the {count} most likely tokens"),
                None => "of the most likely tokens".to_owned(),
            };
            let outcome = if mass >= ENOUGH_MASS { Outcome::Yes } else { Outcome::Partly };
            let percent = (mass * 100.0).round();
            let words = format!(
                "it gives probabilities {how_many}; asked for A or B it answers with one of them \
                 {percent} % of the time"
            );
            (outcome, words)
        }
        None => (
            Outcome::No,
            "it gives none; probabilities are estimated from several answers, and marked so"
                .to_owned(),
        ),
    })
}

fn system_finding(answer: Outcomes<'_>) -> Finding {
    finding("System prompt", answer, |answered| {
        let text = answered.reply.text.to_lowercase();
        if text.trim_matches(|c: char| !c.is_alphanumeric()) == "banana" {
            (Outcome::Yes, "it does as the system prompt says".to_owned())
        } else if text.contains("banana") {
            (Outcome::Partly, "it heeds the system prompt, but adds to it".to_owned())
        } else {
            (Outcome::No, "it ignores the system prompt; say things in the message".to_owned())
        }
    })
}

fn json_finding(answer: Outcomes<'_>) -> Finding {
    finding("Structured answer", answer, |answered| {
        let text = answered.reply.text.trim();
        let alone = serde_json::from_str::<Value>(text).ok();
        let within = || {
            let (start, end) = (text.find('{')?, text.rfind('}')?);
            serde_json::from_str::<Value>(text.get(start..=end)?).ok()
        };
        let is_score = |value: &Value| {
            super::lenient::number(value.get("score")).is_some_and(|s| (1.0..=5.0).contains(&s))
        };
        match (alone, within()) {
            (Some(value), _) if is_score(&value) => {
                (Outcome::Yes, "it answers in the JSON form asked for".to_owned())
            }
            (_, Some(value)) if is_score(&value) => (
                Outcome::Yes,
                "it answers in the JSON form asked for, with words around".to_owned(),
            ),
            (Some(_), _) | (_, Some(_)) => {
                (Outcome::Partly, "it writes JSON, but not of the form asked for".to_owned())
            }
            (None, None) => (Outcome::No, "it does not write JSON when asked to".to_owned()),
        }
    })
}

/// How a model did on a question of A or B whose answer is B.
enum Judged {
    Right,
    Wrong,
    NoLetter,
    Unknown,
}

fn judged(answer: Outcomes<'_>) -> Judged {
    let Ok(answered) = answer else { return Judged::Unknown };
    if let Some(choice) = &answered.reply.choice {
        return match choice.probabilities.as_slice() {
            _ if choice.mass() < ENOUGH_MASS => Judged::NoLetter,
            [a, b] if b > a => Judged::Right,
            _ => Judged::Wrong,
        };
    }
    let text = answered.reply.text.trim_matches(|c: char| !c.is_alphanumeric());
    match text.split(|c: char| !c.is_alphanumeric()).next() {
        Some("B") => Judged::Right,
        Some("A") => Judged::Wrong,
        _ => Judged::NoLetter,
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use futures::executor::block_on;
    use futures::future::BoxFuture;

    use super::super::provider::{OnText, Retry};
    use super::*;
    use crate::domain::{FailureKind, Finish, Reply};

    /// A model whose four answers are given.
    struct Scripted {
        texts: [&'static str; 4],
        letters: Option<[f64; 2]>,
    }

    impl Provider for Scripted {
        fn identity(&self) -> &'static str {
            "test"
        }

        fn abilities(&self) -> Abilities {
            Abilities::default()
        }

        fn answer<'a>(
            &'a self,
            call: &'a Call,
            _on_text: OnText,
        ) -> BoxFuture<'a, Result<Answered, AttemptFailure>> {
            let last = &call.messages[call.messages.len() - 1].content;
            let index = ["sky", "fruit", "two plus", "JSON"]
                .iter()
                .position(|word| last.contains(word))
                .unwrap();
            let reply = Reply {
                text: self.texts[index].to_owned(),
                reasoning: None,
                finish: Finish::Stop,
                usage: Usage {
                    prompt_tokens: 1,
                    cached_tokens: 0,
                    completion_tokens: 1,
                    ..Usage::default()
                },
                choice: self
                    .letters
                    .filter(|_| index == 1)
                    .map(|p| ChoiceReading { probabilities: p.to_vec() }),
                model: String::new(),
                marks: Vec::new(),
            };
            let result = if self.texts[index] == "FAIL" {
                let failure = CallFailure::new(FailureKind::Auth, "no key", "");
                Err(AttemptFailure { failure, retry: Retry::Never, raw: Vec::new() })
            } else {
                Ok(Answered { reply, raw: Vec::new() })
            };
            async move { result }.boxed()
        }
    }

    fn outcomes(report: &Report) -> Vec<Outcome> {
        report.findings.iter().map(|finding| finding.outcome).collect()
    }

    #[test]
    fn suggests_a_protocol_by_what_was_found() {
        const JSON: &str = "{\"score\": 4, \"reason\": \"x\"}";
        use JudgeProtocol::{Auto, Pairwise, PointwiseScale, PointwiseYesNo};
        use Outcome::{No, Partly, Unknown, Yes};
        for (texts, letters, protocol, expected) in [
            (["Blue.", "B", "BANANA.", JSON], Some([0.1, 0.85]), Pairwise, [Yes, Yes, Yes, Yes]),
            (["Blue.", "**B**", "banana!", JSON], None, Pairwise, [Yes, No, Yes, Yes]),
            (
                ["Blue.", "A", "4, banana", "Sure: {\"score\": \"4\"} ok"],
                Some([0.6, 0.3]),
                PointwiseScale,
                [Yes, Yes, Partly, Yes],
            ),
            (
                ["Blue.", "An apple", "Four", "It is 4."],
                Some([0.2, 0.01]),
                PointwiseYesNo,
                [Yes, Partly, No, No],
            ),
            (["", "Both", "Four", "{\"a\":1}"], None, PointwiseYesNo, [Partly, No, No, Partly]),
            (["x", "FAIL", "FAIL", "FAIL"], None, Auto, [Yes, Unknown, Unknown, Unknown]),
        ] {
            let report = block_on(probe(&Scripted { texts, letters }));
            assert_eq!(report.protocol, Some(protocol), "{texts:?}");
            assert_eq!(outcomes(&report), expected, "{texts:?}");
        }
    }

    #[test]
    fn stops_when_the_first_call_fails() {
        let texts = ["FAIL", "", "", ""];
        let report = block_on(probe(&Scripted { texts, letters: None }));
        assert_eq!(report.protocol, None);
        assert_eq!(outcomes(&report), [Outcome::Unknown]);
        assert!(report.findings[0].words.contains("no key"));
    }
}
