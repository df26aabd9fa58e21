//! Rows of “Rubrics as Rewards” (Gunjal et al. 2025), as oumi's `rar_dataset` reads them.

use serde_json::Value;

use super::{Confidence, Format, Imported, ImportedRubric, Problem, Source};
use super::{numbered, record_name, some};
use crate::domain::{Aggregation, Criterion, Prompt, Rubric, Scale};
use crate::formats::lenient;

/// `{"question", "reference_answer", "rubric": [{"title", "description", "weight"}]}`.
pub(super) struct RubricsAsRewards;

impl Format<Vec<ImportedRubric>> for RubricsAsRewards {
    fn id(&self) -> &'static str {
        "rar"
    }
    fn title(&self) -> &'static str {
        "Rubrics as Rewards rows (JSON)"
    }
    fn doc(&self) -> &'static str {
        "A question with weighted checks, pitfalls below 0.\n\nEach row becomes a rubric of points \
         with its question and reference answer."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["json", "jsonl"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        let Some(text) = source.readable() else { return Confidence::No };
        let fits = lenient::records(text).is_ok_and(|records| {
            records.first().is_some_and(|(_, record)| {
                let first = record.get("rubric").and_then(|rubric| rubric.get(0));
                first.is_some_and(|first| first.get("weight").is_some())
            })
        });
        if fits { Confidence::Sure } else { Confidence::No }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<Vec<ImportedRubric>>, Problem> {
        let records = lenient::records(source.text()?)?;
        let total = records.len();
        let mut rubrics = Vec::new();
        let mut dropped = Vec::new();
        for (line, record) in records {
            let items = record.get("rubric").and_then(Value::as_array).cloned().unwrap_or_default();
            let text = |value: &Value, name: &str| {
                value.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned()
            };
            let mut criteria = Vec::new();
            for (index, item) in items.iter().enumerate() {
                let weight = item.get("weight").and_then(Value::as_f64).unwrap_or_default();
                let (title, description) = (text(item, "title"), text(item, "description"));
                if weight == 0.0 || (title.is_empty() && description.is_empty()) {
                    let place = format!("record {line}, rubric[{index}]");
                    dropped.push((place, "it has no text, or no weight other than 0".to_owned()));
                    continue;
                }
                criteria.push(Criterion {
                    name: title,
                    description,
                    scale: Scale::Points(weight),
                    ..Criterion::default()
                });
            }
            if criteria.is_empty() {
                dropped.push((format!("record {line}"), "it has no criterion".to_owned()));
                continue;
            }
            let question = text(&record, "question");
            let prompt = (!question.is_empty()).then(|| {
                let reference = text(&record, "reference_answer");
                Prompt {
                    reference: (!reference.is_empty()).then_some(reference),
                    ..Prompt::of_text(format!("row {line}"), question)
                }
            });
            let rubric = Rubric {
                aggregation: Aggregation::Points,
                criteria: numbered(criteria),
                ..Rubric::named(record_name(source, None, line, total))
            };
            rubrics.push(ImportedRubric { rubric, prompt });
        }
        let mut imported = Imported::of(self.id(), some(rubrics)?);
        imported.dropped = dropped;
        Ok(imported)
    }
}
