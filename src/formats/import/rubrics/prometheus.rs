//! Prometheus score rubrics and BiGGen-Bench files (prometheus-eval/prometheus-eval).

use serde_json::{Map, Value};

use super::{Confidence, Format, Imported, ImportedRubric, Problem, Source};
use super::{first_words, numbered, record_name, some};
use crate::domain::{Criterion, Message, Prompt, Rubric, Scale};
use crate::formats::{import::refuse, lenient};

/// `{"criteria", "score1_description", …}`, alone, in lists, or inside benchmark records.
pub(super) struct Prometheus;

impl Format<Vec<ImportedRubric>> for Prometheus {
    fn id(&self) -> &'static str {
        "prometheus"
    }
    fn title(&self) -> &'static str {
        "Prometheus score rubric (JSON)"
    }
    fn doc(&self) -> &'static str {
        "A criterion with a description of each score from 1 to 5.\n\nOne object, a list, JSON \
         lines, or BiGGen-Bench records, whose input, system prompt and reference answer become the \
         rubric's prompt. Each gives a rubric of one criterion."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["json", "jsonl"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        let Some(text) = source.readable() else { return Confidence::No };
        match records(text) {
            Ok(found) if found.iter().any(|(_, fields)| score_rubric(fields).is_some()) => {
                Confidence::Sure
            }
            _ => Confidence::No,
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<Vec<ImportedRubric>>, Problem> {
        let found = records(source.text()?)?;
        let total = found.len();
        let mut rubrics = Vec::new();
        let mut dropped = Vec::new();
        for (index, (place, fields)) in found.into_iter().enumerate() {
            let id = lenient::text_of(&fields, "id").unwrap_or_default().to_owned();
            let Some((criteria, anchors)) = score_rubric(&fields) else {
                dropped.push((place, "it has no criteria with descriptions of scores".to_owned()));
                continue;
            };
            let task = lenient::text_of(&fields, "task")
                .or_else(|| lenient::text_of(&fields, "capability"));
            let criterion = Criterion {
                name: task.map_or_else(|| first_words(&criteria), |task| task.replace('_', " ")),
                description: criteria,
                scale: Scale::Levels { lowest: 1, anchors },
                ..Criterion::default()
            };
            let name = record_name(source, Some(&id), index + 1, total);
            let rubric = Rubric { criteria: numbered(vec![criterion]), ..Rubric::named(name) };
            rubrics.push(ImportedRubric { rubric, prompt: prompt(&fields, &id) });
        }
        let mut imported = Imported::of(self.id(), some(rubrics)?);
        if total > 1 {
            let count = imported.value.len();
            imported =
                imported.note(format!("Each of the {count} records became a rubric of its own."));
        }
        imported.dropped = dropped;
        Ok(imported)
    }
}

/// A record with its place in the file.
type Placed = (String, Map<String, Value>);

/// The records of a list, of lines, of one object, or of an object of objects.
fn records(text: &str) -> Result<Vec<Placed>, Problem> {
    let mut found = Vec::new();
    for (number, value) in lenient::records(text)? {
        match value {
            Value::Object(fields)
                if score_rubric(&fields).is_none()
                    && fields.values().all(Value::is_object)
                    && !fields.is_empty() =>
            {
                found.extend(fields.into_iter().filter_map(|(key, value)| match value {
                    Value::Object(fields) => Some((key, fields)),
                    _ => None,
                }));
            }
            Value::Object(fields) => found.push((format!("record {number}"), fields)),
            other => return Err(refuse::unknown_json(&other, "rubric", "use a list of objects")),
        }
    }
    Ok(found)
}

/// Criteria and the descriptions of scores 1…, here or under `score_rubric`.
fn score_rubric(fields: &Map<String, Value>) -> Option<(String, Vec<String>)> {
    if let Some(Value::Object(inner)) = fields.get("score_rubric") {
        return score_rubric(inner);
    }
    // Feedback-Collection writes `orig_` before each name.
    ["", "orig_"].into_iter().find_map(|before| {
        let criteria = lenient::text_of(fields, &format!("{before}criteria"))?;
        let anchors: Vec<String> = (1..=9)
            .map_while(|score| {
                let value = fields.get(&format!("{before}score{score}_description"))?;
                value.as_str().map(|text| text.trim().to_owned())
            })
            .collect();
        (anchors.len() >= 2).then(|| (criteria.trim().to_owned(), anchors))
    })
}

fn prompt(fields: &Map<String, Value>, id: &str) -> Option<Prompt> {
    let input = lenient::text_of(fields, "input")
        .or_else(|| lenient::text_of(fields, "orig_instruction"))?;
    let mut prompt = Prompt::of_text(id, input);
    if let Some(system) = lenient::text_of(fields, "system_prompt") {
        prompt.messages.insert(0, Message::system(system));
    }
    let reference = lenient::text_of(fields, "reference_answer")
        .or_else(|| lenient::text_of(fields, "orig_reference_answer"));
    prompt.reference = reference.map(ToOwned::to_owned);
    prompt.tags.extend(lenient::text_of(fields, "capability").map(ToOwned::to_owned));
    Some(prompt)
}
