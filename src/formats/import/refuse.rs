//! Files that are known and are something else: they are refused by name.

use serde_json::Value;

use super::Source;
use crate::domain::Problem;
use crate::formats::lenient;

/// The refusal of a file that is known to be no `what` (`constitution`, `rubric`, `prompt set`).
pub(super) fn known(source: &Source<'_>, what: &str) -> Option<Problem> {
    if source.bytes.starts_with(b"PAR1") && what != "prompt set" {
        let hint = match what {
            "label set" => {
                "save its rows as JSON lines, for instance with \
                 pandas.read_parquet(FILE).to_json(\"rows.jsonl\", orient=\"records\", lines=True)"
            }
            _ => "import it as prompts",
        };
        return Some(refusal("a Parquet table", what, hint));
    }
    if source.bytes.starts_with(b"PK\x03\x04") {
        return Some(refusal("a ZIP archive", what, "unpack it and import a file of it"));
    }
    if source.bytes.starts_with(b"%PDF") {
        return Some(refusal("a PDF", what, "copy its text into a .txt or .md file"));
    }
    let text = source.readable()?;
    if source.bytes.contains(&0) {
        return Some(refusal("a binary file", what, "choose a text file"));
    }
    let head: String = text.trim_start().chars().take(15).collect::<String>().to_lowercase();
    if head.starts_with("<!doctype html") || head.starts_with("<html") {
        return Some(refusal("a web page", what, "copy its text into a .txt or .md file"));
    }
    if source.ends_with(&["yaml", "yml"]) {
        return Some(yaml(text, what));
    }
    json(text, what)
}

fn refusal(is: &str, what: &str, hint: &str) -> Problem {
    Problem::error("file", format!("it is {is}, not a {what}"), hint)
}

fn yaml(text: &str, what: &str) -> Problem {
    let has = |key: &str| text.lines().any(|line| line.trim_start().starts_with(key));
    if has("choice_strings:") {
        return refusal(
            "an OpenAI evals model-graded prompt",
            what,
            "it holds a judge's prompt with letters to choose from; write its question as a \
             criterion and its choices as levels",
        );
    }
    if has("providers:") || has("assert:") {
        return refusal(
            "a promptfoo configuration",
            what,
            "copy the values of its llm-rubric assertions into criteria",
        );
    }
    refusal("a YAML file", what, "save it as JSON or RON")
}

fn json(text: &str, what: &str) -> Option<Problem> {
    let start = text.trim_start();
    if !start.starts_with(['{', '[']) {
        return None;
    }
    // One record is enough to know it by; large files are not read whole for that.
    let first: Value = serde_json::Deserializer::from_str(start).into_iter().next()?.ok()?;
    let record = match &first {
        Value::Array(items) => items.first()?,
        other => other,
    };
    let Value::Object(fields) = record else { return None };
    let has = |names: &[&str]| names.iter().all(|name| fields.contains_key(*name));
    let is_rubric = has(&["rubrics", "prompt"]) || has(&["criteria", "score1_description"]);
    Some(if has(&["prompt_template", "system_prompt"]) {
        refusal(
            "a list of judge prompt templates (FastChat)",
            what,
            "copy the template that you need into the project's templates",
        )
    } else if has(&["question_id", "choices", "model_id"]) {
        refusal(
            "a file of model answers (MT-bench)",
            what,
            "import question.jsonl, which holds the prompts",
        )
    } else if has(&["sub_tasks", "requirements"]) && what != "rubric" {
        refusal("a PaperBench rubric", what, "import it as a rubric")
    } else if is_rubric && what == "constitution" {
        refusal("a rubric", what, "import it as a rubric")
    } else if what == "label set" {
        return None;
    } else if has(&["text_a", "text_b"]) || has(&["metadata", "annotators", "comparisons"]) {
        let hint = "import 060_constitution.json, or this as labels";
        refusal("a set of annotated pairs (ICAI)", what, hint)
    } else if has(&["chosen", "rejected"]) && what != "prompt set" {
        refusal("a set of preference pairs", what, "import it as prompts or as labels")
    } else if has(&["prompt", "corrects", "incorrects"]) && what != "prompt set" {
        refusal(
            "a set of few-shot comparisons (Constitutional AI paper)",
            what,
            "import CritiqueRevisionInstructions.json or RLMadisonInstructions.json",
        )
    } else {
        return None;
    })
}

/// A refusal of JSON that is of none of a kind's shapes, saying what is in it.
pub(super) fn unknown_json(value: &Value, what: &str, hint: &str) -> Problem {
    let is = match value {
        Value::Object(fields) => {
            let keys: Vec<&str> = fields.keys().take(6).map(String::as_str).collect();
            format!("an object with {}", keys.join(", "))
        }
        Value::Array(items) => match items.first() {
            None => "an empty list".to_owned(),
            Some(first) => format!("a list of {}s", lenient::kind(first).trim_start_matches("a ")),
        },
        other => lenient::kind(other).to_owned(),
    };
    Problem::error("file", format!("it is JSON, {is}, which is no known {what}"), hint)
}
