//! HealthBench rows (openai/simple-evals, `healthbench_eval.py`).

use serde_json::{Map, Value};

use super::{Confidence, Format, Imported, ImportedRubric, Problem, Source};
use super::{first_words, numbered, record_name, some};
use crate::domain::{Aggregation, Criterion, Prompt, PromptId, Rubric, Scale};
use crate::formats::lenient;

/// `{"prompt", "rubrics": [{"criterion", "points"}]}`, one a line.
pub(super) struct HealthBench;

impl Format<Vec<ImportedRubric>> for HealthBench {
    fn id(&self) -> &'static str {
        "healthbench"
    }
    fn title(&self) -> &'static str {
        "HealthBench rows (JSON lines)"
    }
    fn doc(&self) -> &'static str {
        "A prompt and its criteria with points, above or below 0.\n\nEach row becomes a rubric of \
         points with its prompt. The rows carry a canary, which is kept: no export for training \
         takes such a prompt."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["jsonl", "json"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        let Some(text) = source.readable() else { return Confidence::No };
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let record: Option<Value> = serde_json::from_str(first).ok().or_else(|| source.json());
        let record = record.as_ref().map(|value| value.get(0).unwrap_or(value));
        let first = record.and_then(|record| record.get("rubrics")?.get(0)?.get("points"));
        if first.is_some() { Confidence::Sure } else { Confidence::No }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<Vec<ImportedRubric>>, Problem> {
        let records = lenient::records(source.text()?)?;
        let total = records.len();
        let mut rubrics = Vec::new();
        let mut dropped = Vec::new();
        for (line, value) in records {
            let Value::Object(fields) = value else {
                dropped.push((format!("line {line}"), "it is no object".to_owned()));
                continue;
            };
            match of_row(source, fields, line, total, &mut dropped) {
                Ok(rubric) => rubrics.push(rubric),
                Err(why) => dropped.push((format!("line {line}"), why)),
            }
        }
        let count = rubrics.len();
        let mut imported = Imported::of(self.id(), some(rubrics)?)
            .note(format!("Each of the {count} rows became a rubric of points with its prompt."))
            .note("These are evaluation rows: exports for training leave their prompts out.");
        imported.dropped = dropped;
        Ok(imported)
    }
}

fn of_row(
    source: &Source<'_>,
    mut fields: Map<String, Value>,
    line: usize,
    total: usize,
    dropped: &mut Vec<(String, String)>,
) -> Result<ImportedRubric, String> {
    let Some(Value::Array(items)) = fields.remove("rubrics") else {
        return Err("it has no rubrics".to_owned());
    };
    let mut criteria = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let text = item.get("criterion").and_then(Value::as_str).map(str::trim);
        let points = item.get("points").and_then(Value::as_f64);
        match (text, points) {
            (Some(text), Some(points)) if !text.is_empty() && points != 0.0 => {
                criteria.push(Criterion {
                    name: first_words(text),
                    description: text.to_owned(),
                    scale: Scale::Points(points),
                    ..Criterion::default()
                });
            }
            _ => dropped.push((
                format!("line {line}, rubrics[{index}]"),
                "it has no text, or no points other than 0".to_owned(),
            )),
        }
    }
    if criteria.is_empty() {
        return Err("it has no criterion with points".to_owned());
    }
    let id = fields.get("prompt_id").and_then(lenient::scalar);
    let prompt = match fields.remove("prompt") {
        Some(Value::String(text)) => Some(Prompt::of_text("", text)),
        Some(list) => {
            Some(Prompt { messages: lenient::messages(&list)?, ..Prompt::of_text("", "") })
        }
        None => None,
    };
    let prompt = prompt.map(|mut prompt| {
        prompt.id = PromptId(id.clone().unwrap_or_else(|| format!("row {line}")));
        if let Some(Value::Array(tags)) = fields.get("example_tags") {
            prompt.tags = tags.iter().filter_map(lenient::scalar).collect();
        }
        // The canary keeps it out of training data.
        if let Some(canary) = fields.remove("canary") {
            prompt.extra.insert("canary".to_owned(), canary);
        }
        prompt
    });
    let name = record_name(source, id.as_deref(), line, total);
    let rubric = Rubric {
        aggregation: Aggregation::Points,
        criteria: numbered(criteria),
        ..Rubric::named(name)
    };
    Ok(ImportedRubric { rubric, prompt })
}
