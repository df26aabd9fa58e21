//! Probabilities of a question's answers, out of log-probabilities of tokens.
//!
//! An answer's probability is the sum over the tokens that say it at the first position. Where the
//! model first writes white space, that counts as P(white space) · P(answer after it), so the
//! numbers stay probabilities of the whole answer, never more than the model gave.

use serde_json::Value;

use super::lenient;
use crate::domain::{Answer, ChoiceReading};

/// How many positions are looked at: white space before an answer is seldom more.
const POSITIONS: usize = 4;

/// One position of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Position {
    /// The token drawn.
    pub(super) token: String,
    /// Its probability, 0..=1.
    pub(super) probability: f64,
    /// The most likely tokens with their probabilities, as the server lists them.
    pub(super) top: Vec<(String, f64)>,
}

/// Reads a server's `logprobs.content`; what can't be read is left out.
pub(super) fn positions(tokens: &Value) -> Vec<Position> {
    tokens.as_array().map_or_else(Vec::new, |tokens| {
        tokens.iter().take(POSITIONS).filter_map(position).collect()
    })
}

fn position(value: &Value) -> Option<Position> {
    let (token, probability) = token(value)?;
    let top = value.get("top_logprobs").and_then(Value::as_array);
    let top = top.map_or_else(Vec::new, |top| top.iter().filter_map(self::token).collect());
    Some(Position { token, probability, top })
}

fn token(value: &Value) -> Option<(String, f64)> {
    let text = value.get("token")?.as_str()?;
    // Rounding may bring one a little above 0; more is no probability, and neither is infinity.
    let logprob = lenient::number(value.get("logprob")).filter(|logprob| *logprob < 0.1)?;
    // SentencePiece and byte-level BPE show a leading space by a mark of their own.
    let text = match text.strip_prefix(['▁', 'Ġ']) {
        Some(rest) => format!(" {rest}"),
        None => text.to_owned(),
    };
    Some((text, logprob.min(0.0).exp()))
}

/// The answers' probabilities; `None` where the server lists fewer than two tokens at the first
/// position, which would show what was drawn and nothing about the rest.
pub(super) fn reading(answers: &[Answer], positions: &[Position]) -> Option<ChoiceReading> {
    if positions.first()?.top.len() < 2 {
        return None;
    }
    let mut probabilities = vec![0.0; answers.len()];
    let mut before = 1.0;
    for position in positions.iter().take(POSITIONS) {
        let drawn = (&position.token, position.probability);
        let listed = position.top.iter().any(|(token, _)| *token == position.token);
        let all = position.top.iter().map(|(token, p)| (token, *p));
        for (token, p) in all.chain((!listed).then_some(drawn)) {
            for (answer, sum) in answers.iter().zip(&mut probabilities) {
                if says(answer, token) {
                    *sum += before * p;
                }
            }
        }
        let blank = !position.token.is_empty() && position.token.trim().is_empty();
        if !blank {
            break;
        }
        before *= position.probability;
    }
    // Rounded log-probabilities may add up to a little more than 1.
    for p in &mut probabilities {
        *p = p.min(1.0);
    }
    Some(ChoiceReading { probabilities })
}

fn says(answer: &Answer, token: &str) -> bool {
    let bare = token.strip_prefix(' ').unwrap_or(token);
    answer.variants.iter().any(|variant| variant == token || variant == bare)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn close(reading: Option<ChoiceReading>, expected: &[f64]) {
        let reading = reading.expect("a reading");
        assert_eq!(reading.probabilities.len(), expected.len());
        for (p, e) in reading.probabilities.iter().zip(expected) {
            assert!((p - e).abs() < 1e-9, "{reading:?} is not {expected:?}");
        }
    }

    #[test]
    fn sums_the_variants_of_each_answer() {
        let answers = [Answer::letter("A"), Answer::letter("B")];
        let tokens = json!([{"token": "A", "logprob": 0.5f64.ln(), "top_logprobs": [
            {"token": "A", "logprob": 0.5f64.ln()},
            {"token": " A", "logprob": "-2.302585092994046"},
            {"token": "▁B", "logprob": 0.2f64.ln()},
            {"token": "(B", "logprob": 0.05f64.ln()},
            {"token": "a", "logprob": 0.01f64.ln()},
            {"token": "Also", "logprob": -9999.0},
            {"token": "broken", "logprob": null},
            {"token": "B", "logprob": "Infinity"},
            {"token": " B", "logprob": 3.0},
        ]}]);
        close(reading(&answers, &positions(&tokens)), &[0.6, 0.25]);
    }

    #[test]
    fn goes_past_white_space_by_its_probability() {
        let answers = [Answer::of("Yes"), Answer::of("No")];
        let tokens = json!([
            {"token": "\n", "logprob": 0.5f64.ln(), "top_logprobs": [
                {"token": "\n", "logprob": 0.5f64.ln()}, {"token": "Yes", "logprob": 0.1f64.ln()},
            ]},
            {"token": "No", "logprob": 0.8f64.ln(), "top_logprobs": [
                {"token": "No", "logprob": 0.8f64.ln()}, {"token": "yes", "logprob": 0.2f64.ln()},
            ]},
            {"token": "Yes", "logprob": 0.0, "top_logprobs": [
                {"token": "Yes", "logprob": 0.0}, {"token": "No", "logprob": -1},
            ]},
        ]);
        close(reading(&answers, &positions(&tokens)), &[0.2, 0.4]);
    }

    #[test]
    fn counts_the_drawn_token_that_the_list_leaves_out() {
        let tokens = json!([{"token": "B", "logprob": 0.1f64.ln(), "top_logprobs": [
            {"token": "x", "logprob": 0.5f64.ln()}, {"token": "A", "logprob": 0.4f64.ln()},
        ]}]);
        let answers = [Answer::letter("A"), Answer::letter("B")];
        close(reading(&answers, &positions(&tokens)), &[0.4, 0.1]);
    }

    #[test]
    fn knows_nothing_without_alternatives() {
        let answers = [Answer::letter("A"), Answer::letter("B")];
        for tokens in [
            json!(null),
            json!([]),
            json!([{"token": "A", "logprob": 0.0}]),
            json!([{"token": "A", "logprob": 0.0, "top_logprobs": []}]),
            json!([{"token": "A", "logprob": 0.0, "top_logprobs": [{"token": "A", "logprob": 0}]}]),
        ] {
            assert_eq!(reading(&answers, &positions(&tokens)), None);
        }
    }
}
