//! Items to label and labels as JSON lines: the files of `labels/<set>/`.
//!
//! An item is `{"id", "prompt", "a", "b", …}` with the prompt in the form of a prompt set's line
//! (see [`super::prompts`]) or a mere text; a label is `{"item", "labeller", "answer", …}`.

use serde_json::{Map, Value};

use super::{lenient, prompts};
use crate::domain::{Label, LabelItem, Prompt, PromptId};

/// One item as a line, without the line's end.
pub fn item_line(item: &LabelItem) -> String {
    let mut value = serde_json::to_value(item).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        fields.insert("prompt".to_owned(), prompts::to_value(&item.prompt));
    }
    value.to_string()
}

/// One label as a line, without the line's end.
pub fn label_line(label: &Label) -> String {
    serde_json::to_string(label).unwrap_or_default()
}

/// An item from a line.
///
/// # Errors
///
/// What is missing or of the wrong kind, in words.
pub fn item_of(line: &str) -> Result<LabelItem, String> {
    item_of_fields(object(line)?)
}

/// An item from its fields; a prompt without an id gets one made from its text.
///
/// # Errors
///
/// As [`item_of`].
pub fn item_of_fields(mut fields: Map<String, Value>) -> Result<LabelItem, String> {
    let prompt = match fields.remove("prompt") {
        Some(Value::String(text)) => Prompt::of_text("", text),
        Some(value @ Value::Object(_)) => prompt_of(value)?,
        Some(other) => {
            return Err(format!("“prompt” is {}, not a text or an object", lenient::kind(&other)));
        }
        None => return Err("it has no “prompt”".to_owned()),
    };
    let prompt = with_id(prompt);
    let whole = serde_json::to_value(&prompt).map_err(|error| error.to_string())?;
    fields.insert("prompt".to_owned(), whole);
    serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())
}

/// A label from a line.
///
/// # Errors
///
/// As [`item_of`].
pub fn label_of(line: &str) -> Result<Label, String> {
    let label: Label =
        serde_json::from_value(Value::Object(object(line)?)).map_err(|error| error.to_string())?;
    if label.item.is_empty() || label.labeller.trim().is_empty() {
        return Err("it names no item or no labeller".to_owned());
    }
    Ok(label)
}

/// A prompt in a prompt set's form. Unlike there, its text may be empty: answers can be compared
/// without it.
fn prompt_of(value: Value) -> Result<Prompt, String> {
    if let Value::Object(fields) = &value
        && let (Some(Value::String(text)), None) = (fields.get("prompt"), fields.get("messages"))
        && text.trim().is_empty()
    {
        let id = fields.get("id").and_then(lenient::scalar).unwrap_or_default();
        return Ok(Prompt::of_text(id, text.clone()));
    }
    prompts::of_value(value)
}

/// The prompt with an id: its own, or one made from its text, so that items of one prompt share it.
pub fn with_id(mut prompt: Prompt) -> Prompt {
    if prompt.id.0.trim().is_empty() {
        prompt.id = made_id(&prompt);
    }
    prompt
}

/// The id of a prompt that has none; the same text gets the same one everywhere.
pub fn made_id(prompt: &Prompt) -> PromptId {
    prompts::Ids::default().make(prompt)
}

fn object(line: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(line) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(other) => Err(format!("it is {}, not an object", lenient::kind(&other))),
        Err(error) => {
            let mut what = error.to_string();
            if let Some(at) = what.rfind(" at line ") {
                what.truncate(at);
            }
            Err(format!("it is no JSON: {what}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Aspect, LabelAnswer, Message};

    fn item() -> LabelItem {
        let mut prompt = Prompt::of_text("p1", "Is it?");
        prompt.tags = vec!["medical".to_owned()];
        prompt.extra.insert("source".to_owned(), 7.into());
        LabelItem {
            id: "i1".to_owned(),
            prompt,
            a: "Yes.\nReally.".to_owned(),
            b: Some("No — “never”.".to_owned()),
            a_model: "m".to_owned(),
            b_model: String::new(),
            aspect: Some(Aspect {
                id: "P1".to_owned(),
                text: "Be brief.".to_owned(),
                levels: Vec::new(),
            }),
        }
    }

    #[test]
    fn items_and_labels_come_back_as_they_were() {
        let one = item();
        let line = item_line(&one);
        assert!(!line.contains('\n') && line.contains(r#""prompt":{"#), "{line}");
        assert_eq!(item_of(&line).unwrap(), one);
        let mut turns = item();
        turns.prompt.messages.insert(0, Message::system("Be kind."));
        assert_eq!(item_of(&item_line(&turns)).unwrap(), turns);
        let mut mute = item();
        mute.prompt = Prompt::of_text("p9", "");
        mute.b = None;
        assert_eq!(item_of(&item_line(&mute)).unwrap(), mute);
        let label = Label {
            item: "i1".to_owned(),
            labeller: "Ana".to_owned(),
            answer: Some(LabelAnswer::Level(3)),
            sure: None,
            comment: "so\nso".to_owned(),
            first: None,
            again: true,
            guide: 2,
            aspect: one.aspect_mark(),
            seconds: Some(4.5),
            at: "2026-01-01T00:00:00Z".to_owned(),
        };
        assert_eq!(label_of(&label_line(&label)).unwrap(), label);
    }

    #[test]
    fn a_text_is_a_prompt_and_equal_texts_share_an_id() {
        let one = item_of(r#"{"id":"1","prompt":"Hello?","a":"x","b":"y"}"#).unwrap();
        let two = item_of(r#"{"id":"2","prompt":{"prompt":"Hello?"},"a":"u","b":"v"}"#).unwrap();
        assert_eq!(one.prompt.id, two.prompt.id);
        assert!(one.prompt.id.0.starts_with("p-"), "{}", one.prompt.id);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, words) in [
            (r#"{"id":"1","a":"x"}"#, "no “prompt”"),
            (r#"{"id":"1","prompt":"?","a":"x","c":"y"}"#, "unknown field `c`"),
            (r#"{"id":"1","prompt":"?"}"#, "missing field `a`"),
            (r"[1]", "a list, not an object"),
            (r#"{"id":"#, "no JSON"),
        ] {
            let why = item_of(line).unwrap_err();
            assert!(why.contains(words), "{line}: {why}");
        }
        for (line, words) in [
            (r#"{"item":"i","labeller":" "}"#, "no labeller"),
            (r#"{"item":"i","labeller":"a","answer":"best"}"#, "unknown variant `best`"),
        ] {
            let why = label_of(line).unwrap_err();
            assert!(why.contains(words), "{line}: {why}");
        }
    }
}
