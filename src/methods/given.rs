//! Two answers that a prompt brings with it.

use serde_json::Value;

use crate::domain::Prompt;

/// The columns of a prompt that hold two answers to be compared.
pub const PAIR_COLUMNS: [&str; 2] = ["a", "b"];

/// Two answers with who wrote them, where that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenPair {
    /// The first.
    pub a: String,
    /// The second.
    pub b: String,
    /// Who wrote the first; empty where it is not said.
    pub a_model: String,
    /// Who wrote the second.
    pub b_model: String,
}

/// The answers in a prompt's columns `a` and `b`: a text, or a conversation's last answer; their
/// writers are in `a_model` and `b_model`. `None` unless both are there.
pub fn given_pair(prompt: &Prompt) -> Option<GivenPair> {
    let name = |column: &str| {
        let name = prompt.extra.get(column).and_then(Value::as_str);
        name.unwrap_or_default().to_owned()
    };
    let [a, b] = PAIR_COLUMNS;
    Some(GivenPair {
        a: answer(prompt.extra.get(a)?)?.to_owned(),
        b: answer(prompt.extra.get(b)?)?.to_owned(),
        a_model: name("a_model"),
        b_model: name("b_model"),
    })
}

fn answer(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(messages) => {
            let is_answer =
                |message: &&Value| message.get("role").and_then(Value::as_str) == Some("assistant");
            messages.iter().rev().find(is_answer)?.get("content")?.as_str()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn prompt(columns: Value) -> Prompt {
        let mut prompt = Prompt::of_text("p", "Hello?");
        if let Value::Object(columns) = columns {
            prompt.extra = columns.into_iter().collect();
        }
        prompt
    }

    #[test]
    fn texts_and_conversations_are_answers() {
        let pair = given_pair(&prompt(json!({
            "a": "one", "a_model": "small",
            "b": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "two"}],
        })));
        let pair = pair.unwrap();
        assert_eq!([pair.a, pair.b, pair.a_model, pair.b_model], ["one", "two", "small", ""]);
        for columns in [json!({"a": "one"}), json!({"a": "one", "b": 2}), json!({"a": [], "b": ""})]
        {
            assert_eq!(given_pair(&prompt(columns.clone())), None, "{columns}");
        }
    }
}
