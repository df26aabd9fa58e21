//! All that is shown of one run, and two configurations held against each other.

use serde_json::Value;

use super::super::desk::{Desk, failure_of};
use super::live::Failures;
use crate::app::message::Failure;
use crate::app::state::runs::{Marks, RunDetail, SAMPLE, SampleRow, Trends};
use crate::domain::{ModelKind, RunId};
use crate::engine::terms::{self, Terms};
use crate::engine::{FrozenJudge, Limits};
use crate::methods::diff::{DiffKind, DiffSpan, word_diff};
use crate::store::{Journal, StoreError};

/// Failed rows that are read to be grouped; of more, the first so many speak for all.
const FAILURES: usize = 2_000;
const PAGE: usize = 200;
/// Rows that are read for trends.
const TRENDED: usize = 50_000;

fn unread(error: &StoreError) -> Failure {
    failure_of("the run can't be read", error)
}

/// Reads all that is shown of one run.
pub(super) async fn look(desk: &Desk, run: &RunId) -> Result<RunDetail, Failure> {
    let (project, journal) = desk.project()?;
    let record = journal.run(run).await.map_err(|error| unread(&error))?;
    let record = record.ok_or_else(|| Failure::new(format!("there is no run {run}"), ""))?;
    let counts = journal.counts(run).await.map_err(|error| unread(&error))?;
    let unknown = journal.unknown(Some(run.clone())).await.map_err(|error| unread(&error))?;
    let frozen = journal.frozen(run).await.map_err(|error| unread(&error))?.unwrap_or_default();
    let mut failures = Failures::default();
    let (mut after, mut read) = (None, 0);
    while read < FAILURES {
        let page = journal.failed_rows(run, after, PAGE).await.map_err(|error| unread(&error))?;
        let Some(last) = page.last() else { break };
        after = Some(last.position);
        read += page.len();
        for entry in &page {
            failures.add(&entry.row);
        }
    }
    let first = counts.rows.saturating_sub(SAMPLE as u64).checked_sub(1);
    let rows = journal.rows(run, first, SAMPLE).await.map_err(|error| unread(&error))?;
    let sample = rows.iter().rev().map(|entry| SampleRow::of(entry.position, &entry.row)).collect();
    let changes = journal.changes(run).await.map_err(|error| unread(&error))?;
    let limits = Terms::last(&frozen, &changes).map(|terms| Limits {
        max_cost_per_day: project.file.spending.per_day.or(terms.limits.max_cost_per_day),
        ..terms.limits
    });
    Ok(RunDetail {
        failures: failures.groups(),
        sample,
        limits,
        changes: terms::history(&frozen, &changes),
        price_news: terms::prices_now(&frozen, &changes, &project.file.models),
        is_price_unknown: is_price_unknown(&frozen),
        judge: FrozenJudge::of(&frozen).map(|judge| judge.words()),
        configuration: configuration(frozen),
        record,
        counts,
        unknown,
    })
}

/// Reads what a run's rows show over time; of a very long one its first rows.
pub(super) async fn trends(desk: &Desk, run: &RunId) -> Result<Trends, Failure> {
    let (_, journal) = desk.project()?;
    let mut marks = Marks::default();
    let (mut after, mut read) = (None, 0);
    while read < TRENDED {
        let page = journal.rows(run, after, PAGE).await.map_err(|error| unread(&error))?;
        let Some(last) = page.last() else { break };
        after = Some(last.position);
        read += page.len();
        for entry in &page {
            marks.add(&entry.row);
        }
    }
    Ok(marks.trends())
}

/// Whether a model that may cost something has no price.
fn is_price_unknown(frozen: &Value) -> bool {
    terms::models_of(frozen)
        .iter()
        .any(|model| model.kind != ModelKind::Embedded && !model.is_priced())
}

/// What a run was started with, for reading: prompts are counted, texts are as they were.
fn configuration(mut frozen: Value) -> String {
    if let Some(fields) = frozen.as_object_mut() {
        if let Some(prompts) = fields.get("prompts").and_then(Value::as_array) {
            let n = prompts.len();
            fields.insert("prompts".to_owned(), Value::from(format!("{n} prompts")));
        }
        // The templates last: they are long.
        if let Some(templates) = fields.shift_remove("templates") {
            fields.insert("templates".to_owned(), templates);
        }
    }
    if frozen.is_null() {
        return String::new();
    }
    // A value that was read from JSON can be written as JSON.
    serde_json::to_string_pretty(&frozen).unwrap_or_default()
}

/// Holds two configurations against each other; lines far from any change are left out.
pub(super) async fn compare(
    desk: &Desk,
    run: &RunId,
    other: &RunId,
) -> Result<Vec<DiffSpan>, Failure> {
    let (_, journal) = desk.project()?;
    let before = text_of(&journal, other).await?;
    let after = text_of(&journal, run).await?;
    tokio::task::spawn_blocking(move || changed_lines(&before, &after))
        .await
        .map_err(|error| Failure::new(format!("the comparison ended badly: {error}"), ""))
}

async fn text_of(journal: &Journal, run: &RunId) -> Result<String, Failure> {
    let frozen = journal.frozen(run).await.map_err(|error| unread(&error))?;
    Ok(configuration(frozen.unwrap_or_default()))
}

/// The lines that differ with one around them, words marked; empty where nothing differs.
fn changed_lines(before: &str, after: &str) -> Vec<DiffSpan> {
    let old: Vec<&str> = before.lines().collect();
    let new: Vec<&str> = after.lines().collect();
    let ops = similar::capture_diff_slices(similar::Algorithm::Myers, &old, &new);
    let mut spans = Vec::new();
    for group in similar::group_diff_ops(ops, 1) {
        if !spans.is_empty() {
            spans.push(DiffSpan { kind: DiffKind::Same, text: "⋯\n".to_owned() });
        }
        for op in group {
            let (was, is) = (&old[op.old_range()], &new[op.new_range()]);
            match op.tag() {
                similar::DiffTag::Equal => spans.push(lines(DiffKind::Same, is)),
                similar::DiffTag::Delete => spans.push(lines(DiffKind::Removed, was)),
                similar::DiffTag::Insert => spans.push(lines(DiffKind::Added, is)),
                similar::DiffTag::Replace => {
                    spans.extend(word_diff(&text_of_lines(was), &text_of_lines(is)));
                }
            }
        }
    }
    spans
}

fn lines(kind: DiffKind, lines: &[&str]) -> DiffSpan {
    DiffSpan { kind, text: text_of_lines(lines) }
}

fn text_of_lines(lines: &[&str]) -> String {
    lines.iter().flat_map(|line| [*line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_counts_its_prompts_and_has_its_templates_last() {
        let frozen = serde_json::json!({
            "templates": {"a": "x"}, "prompts": [1, 2], "seed": 7,
        });
        let text = configuration(frozen);
        assert!(text.contains("\"prompts\": \"2 prompts\""), "{text}");
        assert!(text.find("seed") < text.find("templates"), "{text}");
        assert_eq!(configuration(Value::Null), "");
    }

    #[test]
    fn only_what_differs_is_shown() {
        let before = "a\nb\nc\nseed 7\nd\ne\nf";
        let after = before.replace("seed 7", "seed 8");
        let spans = changed_lines(before, &after);
        let all: String = spans.iter().map(|span| span.text.as_str()).collect();
        assert!(all.contains('c') && !all.contains('a') && !all.contains('f'), "{all}");
        assert!(spans.iter().any(|span| span.kind == DiffKind::Added && span.text.contains('8')));
        assert!(changed_lines(before, before).is_empty());
    }
}
