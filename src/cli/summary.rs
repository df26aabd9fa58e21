//! What a run came to, as text and as JSON; the same for `run` and `runs`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::failure::Failure;
use super::{canaries, progress};
use crate::domain::{CallFailure, Row, Usage};
use crate::engine::FrozenJudge;
use crate::engine::compare::all_rows;
use crate::methods::canary::Meter;
use crate::store::Journal;
use crate::store::journal::{Counts, RunRecord, RunState};

/// The most failed rows that are listed.
const MOST_FAILED: usize = 20;

/// A run with its sums.
pub struct Summary {
    /// The run.
    pub record: RunRecord,
    /// Its sums, all its sessions together.
    pub counts: Counts,
    /// Its first failed rows.
    pub failed: Vec<Row>,
    /// How its judge did on its canaries; `None`: it has none, or nobody looked.
    pub canaries: Option<Meter>,
    /// The judge of its own that it has; `None`: it has none, or nobody looked.
    pub judge: Option<FrozenJudge>,
}

impl Summary {
    /// Reads a run's sums.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn read(journal: &Journal, record: RunRecord) -> Result<Self, Failure> {
        let counts = journal.counts(&record.id).await?;
        let failed = journal.failed_rows(&record.id, None, MOST_FAILED).await?;
        let failed = failed.into_iter().map(|entry| entry.row).collect();
        let mut canaries = None;
        let frozen = journal.frozen(&record.id).await?;
        let judge = frozen.as_ref().and_then(FrozenJudge::of);
        if frozen.is_some_and(|frozen| has_canaries(&frozen)) {
            let mut meter = Meter::default();
            for entry in all_rows(journal, &record.id).await? {
                entry.row.canary.iter().for_each(|canary| meter.count(canary));
            }
            canaries = Some(meter);
        }
        Ok(Self { record, counts, failed, canaries, judge })
    }

    /// The summary as a JSON value.
    pub fn json(&self) -> Value {
        let counts = &self.counts;
        let failed: Vec<Value> = self.failed.iter().filter_map(failed_row).collect();
        json!({
            "canaries": self.canaries.as_ref().map(canaries::json),
            "judge": self.judge,
            "run": self.record.id,
            "kind": self.record.kind,
            "recipe": self.record.recipe,
            "state": self.record.state,
            "message": self.record.message,
            "started_ms": self.record.started_ms,
            "finished_ms": self.record.finished_ms,
            "rows_total": self.record.rows_total,
            "rows": counts.rows,
            "rows_failed": counts.rows_failed,
            "failures": counts.failures,
            "remedies": self.remedies(),
            "rows_refused": counts.rows_refused,
            "failed_rows": failed,
            "calls": counts.calls,
            "calls_replied": counts.calls_replied,
            "calls_failed": counts.calls_failed,
            "calls_unknown": counts.calls_unknown,
            "replayed": counts.replayed,
            "usage": counts.usage,
            "cost_usd": counts.cost,
            "cost_reported_usd": counts.cost_reported,
            "cost_assumed_usd": counts.cost_assumed,
            "calls_assumed": counts.calls_assumed,
            "calls_unreported": counts.calls_unreported,
            "calls_unpriced": counts.calls_unpriced,
            "unparsed": counts.unparsed,
        })
    }

    /// How to mend each kind of failure, as the first row that failed so says.
    fn remedies(&self) -> BTreeMap<String, String> {
        let mut remedies = BTreeMap::new();
        for failure in self.failed.iter().filter_map(|row| row.failure.as_ref()) {
            let CallFailure { kind, hint, .. } = &failure.failure;
            if !hint.is_empty() {
                remedies.entry(kind.to_string()).or_insert_with(|| hint.clone());
            }
        }
        remedies
    }

    /// The summary as lines.
    pub fn text(&self) -> String {
        let (record, counts) = (&self.record, &self.counts);
        let mut lines = vec![format!("run {} ({}): {}", record.id, record.recipe, state(record))];
        let good = counts.rows.saturating_sub(counts.rows_failed);
        let mut rows = vec![format!("rows      {good} of {} done", record.rows_total)];
        if counts.rows_failed > 0 {
            let names: Vec<String> =
                counts.failures.iter().map(|(name, count)| format!("{count} {name}")).collect();
            rows.push(format!("{} failed ({})", counts.rows_failed, names.join(", ")));
        }
        if counts.rows_refused > 0 {
            rows.push(format!("{} with a refusal", counts.rows_refused));
        }
        let missing = record.rows_total.saturating_sub(counts.rows);
        if missing > 0 {
            rows.push(format!("{missing} to do"));
        }
        lines.push(rows.join(", "));
        let mut calls = vec![format!("calls     {} sent", counts.calls)];
        if counts.calls_failed > 0 {
            calls.push(format!("{} failed", counts.calls_failed));
        }
        if counts.calls_unknown > 0 {
            calls.push(format!(
                "{} of unknown outcome (stopped before an answer came)",
                counts.calls_unknown
            ));
        }
        calls.push(format!("{} replayed", counts.replayed));
        lines.push(calls.join(", "));
        lines.push(tokens(counts.usage));
        if counts.cost > 0.0 || counts.calls_unpriced > 0 {
            lines.push(format!("cost      {}", cost_in_words(counts)));
        }
        if counts.calls_unreported > 0 {
            lines.push(format!(
                "          {} replies did not say what they took",
                counts.calls_unreported
            ));
        }
        lines.push(format!("unparsed  {} verdicts", counts.unparsed));
        if let Some(judge) = &self.judge {
            lines.push(format!("judge     {}", judge.words()));
        }
        if let Some(words) = self.canaries.as_ref().and_then(canaries::words) {
            lines.push(format!("canaries  {words}"));
        }
        for (name, remedy) in self.remedies() {
            lines.push(format!("mend      {name}: {remedy}"));
        }
        for row in &self.failed {
            if let Some(failure) = &row.failure {
                lines.push(format!(
                    "failed    {} at {}: {}",
                    row.prompt.id, failure.at, failure.failure
                ));
            }
        }
        if counts.rows_failed > self.failed.len() as u64 {
            lines.push(format!(
                "          … and {} more",
                counts.rows_failed - self.failed.len() as u64
            ));
        }
        lines.join("\n")
    }
}

/// Whether a run was frozen with canaries beside its rows.
fn has_canaries(frozen: &Value) -> bool {
    ["/recipe/canaries", "/panel/setup/canaries"]
        .iter()
        .any(|place| frozen.pointer(place).and_then(Value::as_f64).is_some_and(|rate| rate > 0.0))
}

fn tokens(usage: Usage) -> String {
    let mut read = Vec::new();
    if let Some(share) = usage.cached_share() {
        let (cached, asked) = (usage.cached_tokens, usage.prompt_tokens);
        read.push(format!("cached {cached} of {asked} prompt tokens ({share} %)"));
    } else {
        read.push("none cached".to_owned());
    }
    if usage.cache_write_tokens > 0 {
        read.push(format!("{} put into the cache", usage.cache_write_tokens));
    }
    let reasoning = match usage.reasoning_tokens {
        0 => String::new(),
        tokens => format!(" ({tokens} of them reasoning)"),
    };
    let (asked, written) = (usage.prompt_tokens, usage.completion_tokens);
    format!("tokens    {asked} read ({}), {written} written{reasoning}", read.join(", "))
}

/// The cost, and what of it is only assumed or missing.
fn cost_in_words(counts: &Counts) -> String {
    let mut words = progress::cost(counts.cost, counts.calls_unpriced > 0);
    if counts.calls_assumed > 0 {
        let calls = if counts.calls_assumed == 1 { "call" } else { "calls" };
        write!(
            words,
            ", of it {:.4} USD assumed: the worst case of {} {calls} that may have been paid for",
            counts.cost_assumed, counts.calls_assumed
        )
        .ok();
    }
    if counts.calls_unpriced > 0 {
        write!(words, " ({} calls)", counts.calls_unpriced).ok();
    }
    words
}

/// How far a run is, in words.
pub fn state(record: &RunRecord) -> String {
    match record.state {
        RunState::Running => "running".to_owned(),
        RunState::Done => "done".to_owned(),
        RunState::Cancelled | RunState::Stopped | RunState::Interrupted => {
            let why = if record.message.is_empty() {
                String::new()
            } else {
                format!(": {}", record.message)
            };
            format!("{}{why}", record.state)
        }
    }
}

fn failed_row(row: &Row) -> Option<Value> {
    let failure = row.failure.as_ref()?;
    Some(json!({
        "prompt": row.prompt.id,
        "at": failure.at,
        "failure": failure.failure.kind,
        "message": failure.failure.message,
        "hint": failure.failure.hint,
        "attempts": failure.failure.attempts,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{FailureKind, Prompt, RowFailure};
    use crate::store::journal::RunKind;

    #[test]
    fn a_summary_names_failures_remedies_refusals_and_tokens() {
        let failed = |id: &str, kind, hint: &str| {
            let failure = CallFailure::new(kind, "it did not work", hint);
            let failure = Some(RowFailure { at: "draft".to_owned(), failure });
            Row { failure, ..Row::empty(&Prompt::of_text(id, "Why?")) }
        };
        let usage = Usage {
            prompt_tokens: 10,
            cached_tokens: 4,
            cache_write_tokens: 2,
            completion_tokens: 9,
            reasoning_tokens: 5,
        };
        let failures = [("timeout".to_owned(), 2), ("auth".to_owned(), 1)].into();
        let summary = Summary {
            record: RunRecord {
                id: "R-0001".into(),
                kind: RunKind::Run,
                recipe: "critique".to_owned(),
                title: String::new(),
                state: RunState::Done,
                message: String::new(),
                rows_total: 9,
                started_ms: 0,
                finished_ms: None,
            },
            counts: Counts {
                rows: 9,
                rows_failed: 3,
                rows_refused: 2,
                failures,
                calls: 20,
                usage,
                ..Counts::default()
            },
            failed: vec![
                failed("p1", FailureKind::Timeout, "wait longer"),
                failed("p2", FailureKind::Timeout, "wait longer"),
                failed("p3", FailureKind::Auth, "give a key"),
            ],
            canaries: Some(Meter { right: 3, wrong: 1, ..Meter::default() }),
            judge: None,
        };
        let text = summary.text();
        for words in [
            "canaries  1 of 4 wrong",
            "2 timeout",
            "2 with a refusal",
            "mend      timeout: wait longer",
            "mend      auth: give a key",
            "10 read (cached 4 of 10 prompt tokens (40 %), 2 put into the cache), 9 written (5 of \
             them reasoning)",
        ] {
            assert!(text.contains(words), "{words} is not in\n{text}");
        }
        let value = summary.json();
        assert_eq!(value["remedies"]["timeout"], "wait longer");
        assert_eq!(value["rows_refused"], 2);
    }
}
