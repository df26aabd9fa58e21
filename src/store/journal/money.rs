//! What was spent: on a day, by a run, as reported and as assumed.
//!
//! Each call's cost is kept as a binary fraction of a dollar. SQLite adds them up with a second
//! number for what rounding loses (Kahan, Babuška and Neumaier), so a sum of any number of calls is
//! right to the last digit of the result.

use rusqlite::{Connection, params};

use super::Journal;
use super::read::Unread;
use super::record::Counts;
use super::write::{Change, Kept, Refusal, parse_run, run_number};
use crate::domain::RunId;
use crate::store::StoreError;

/// A day of this machine's calendar, and what was spent on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpentDay {
    /// Its first millisecond since 1970.
    pub begins_ms: i64,
    /// The next day's first.
    pub ends_ms: i64,
    /// US dollars of the calls sent on it; those without an outcome at their worst case.
    pub spent: f64,
}

impl Journal {
    /// The local day that a time (milliseconds since 1970) lies in, and what the project's calls
    /// of that day have cost.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn spent_on_day_of(&self, now_ms: i64) -> Result<SpentDay, StoreError> {
        self.read(move |db| spent_on_day_of(db, now_ms)).await
    }

    /// Notes that a run asks models whose price is unknown, so that their calls are not taken for
    /// free ones.
    ///
    /// # Errors
    ///
    /// There is no such run, or the journal can't be written.
    pub async fn mark_unpriced(&self, run: &RunId, models: Vec<String>) -> Result<(), StoreError> {
        if models.is_empty() {
            return Ok(());
        }
        self.keep(Change::MarkUnpriced(run.clone(), models)).await.map(drop)
    }
}

/// By SQLite, which knows the machine's time zone and its summer time.
fn spent_on_day_of(db: &Connection, now_ms: i64) -> Result<SpentDay, Unread> {
    let (begins, ends): (i64, i64) = db
        .prepare_cached(
            "SELECT 1000 * CAST(strftime('%s', ?1, 'unixepoch', 'localtime', 'start of day', \
                                         'utc') AS INTEGER), \
                    1000 * CAST(strftime('%s', ?1, 'unixepoch', 'localtime', 'start of day', \
                                         '+1 day', 'utc') AS INTEGER)",
        )?
        .query_row([now_ms.div_euclid(1000)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    // Whatever a time zone does at midnight, now is within its own day.
    let (begins_ms, ends_ms) = (begins.min(now_ms), ends.max(now_ms + 1));
    // Runs that ended before are left out by their own time, which spares looking at their calls.
    let spent = db
        .prepare_cached(
            "SELECT total(calls.cost) FROM runs JOIN calls ON calls.run = runs.id \
             WHERE (runs.finished_ms IS NULL OR runs.finished_ms >= ?1) \
             AND calls.sent_ms >= ?1 AND calls.sent_ms < ?2",
        )?
        .query_row([begins_ms, ends_ms], |row| row.get(0))?;
    Ok(SpentDay { begins_ms, ends_ms, spent })
}

pub(super) fn mark_unpriced(
    db: &Connection,
    run: &RunId,
    models: &[String],
) -> Result<Kept, Refusal> {
    let run = run_number(db, run)?;
    let mut insert = db.prepare_cached(
        "INSERT INTO unpriced (run, model) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?;
    for model in models {
        insert.execute(params![run, model])?;
    }
    Ok(Kept::Done)
}

/// Splits a run's cost into what was reported and what is assumed.
pub(super) fn split_cost(db: &Connection, run: &RunId, counts: &mut Counts) -> Result<(), Unread> {
    let Some(number) = parse_run(run) else { return Ok(()) };
    let (reported, assumed, n_assumed, unreported): (f64, f64, i64, i64) = db
        .prepare_cached(
            "SELECT total(CASE WHEN told THEN cost END), \
                    total(CASE WHEN NOT told THEN cost END), \
                    total(NOT told AND cost > 0), total(NOT told AND state = 'replied') \
             FROM (SELECT cost, state, \
                          state = 'replied' AND prompt_tokens + completion_tokens > 0 AS told \
                   FROM calls WHERE run = ?1)",
        )?
        .query_row([number], |row| {
            let count = |at| row.get::<_, f64>(at).map(|count| count as i64);
            Ok((row.get(0)?, row.get(1)?, count(2)?, count(3)?))
        })?;
    counts.cost_reported = reported;
    counts.cost_assumed = assumed;
    counts.calls_assumed = n_assumed as u64;
    counts.calls_unreported = unreported as u64;
    counts.calls_unpriced = db
        .prepare_cached(
            "SELECT count(*) FROM calls JOIN unpriced USING (run, model) \
             WHERE run = ?1 AND cost = 0 AND state != 'failed'",
        )?
        .query_row([number], |row| row.get::<_, i64>(0))? as u64;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Call, CallFailure, CallKey, FailureKind, Finish, ModelRole, Purpose, Reply, Sampling,
        Usage, Want,
    };
    use crate::store::journal::{NewCall, NewRun, Outcome, RunKind};

    fn call() -> Call {
        Call {
            purpose: Purpose::Draft { candidate: 0 },
            prompt: "p".into(),
            role: ModelRole::Writer,
            messages: Vec::new(),
            sampling: Sampling::default(),
            want: Want::Text,
            sample: 0,
        }
    }

    async fn new_run(journal: &Journal) -> RunId {
        let new = NewRun {
            kind: RunKind::Run,
            recipe: "critique".to_owned(),
            rows_total: 1,
            frozen: serde_json::json!({}),
        };
        journal.create_run(new).await.unwrap().id
    }

    async fn sent(
        journal: &Journal,
        run: &RunId,
        model: &str,
        outcome: impl Into<Option<Outcome>>,
    ) {
        let id = journal
            .intent(NewCall {
                run: run.clone(),
                key: CallKey("k".repeat(64)),
                model: model.to_owned(),
                call: call().into(),
                attempt: 1,
                worst_cost: if model == "paid" { 0.7 } else { 0.0 },
            })
            .await
            .unwrap();
        if let Some(outcome) = outcome.into() {
            journal.settle(id, outcome).await.unwrap();
        }
    }

    fn replied(tokens: u64, cost: f64) -> Outcome {
        let usage = Usage { prompt_tokens: tokens, completion_tokens: tokens, ..Usage::default() };
        let reply = Reply {
            text: "yes".to_owned(),
            reasoning: None,
            finish: Finish::Stop,
            usage,
            choice: None,
            model: String::new(),
            marks: Vec::new(),
        };
        Outcome::Replied { reply: reply.into(), raw: Vec::new(), cost }
    }

    fn failed(kind: FailureKind, cost: f64) -> Outcome {
        let failure = CallFailure::new(kind, "no", "");
        Outcome::Failed { failure, raw: Vec::new(), cost }
    }

    #[tokio::test]
    async fn what_was_reported_and_what_is_assumed_are_told_apart() {
        let journal = Journal::open_in_memory().unwrap();
        let run = new_run(&journal).await;
        sent(&journal, &run, "paid", replied(10, 0.1)).await;
        sent(&journal, &run, "paid", replied(10, 0.2)).await;
        sent(&journal, &run, "paid", replied(0, 0.7)).await;
        sent(&journal, &run, "paid", failed(FailureKind::Timeout, 0.7)).await;
        sent(&journal, &run, "paid", failed(FailureKind::RateLimited, 0.0)).await;
        sent(&journal, &run, "paid", None).await;
        sent(&journal, &run, "mystery", replied(10, 0.0)).await;
        sent(&journal, &run, "free", replied(10, 0.0)).await;
        journal.mark_unpriced(&run, vec!["mystery".to_owned()]).await.unwrap();
        journal.mark_unpriced(&run, vec!["mystery".to_owned()]).await.unwrap();
        let counts = journal.counts(&run).await.unwrap();
        assert!((counts.cost_reported - 0.3).abs() < 1e-12);
        assert!((counts.cost_assumed - 2.1).abs() < 1e-12);
        assert!((counts.cost - 2.4).abs() < 1e-12);
        assert_eq!(
            (counts.calls_assumed, counts.calls_unreported, counts.calls_unpriced),
            (3, 1, 1)
        );
    }

    #[tokio::test]
    async fn a_day_begins_at_local_midnight_and_has_its_own_calls() {
        let journal = Journal::open_in_memory().unwrap();
        let run = new_run(&journal).await;
        sent(&journal, &run, "paid", replied(10, 0.25)).await;
        let now = super::super::write::now_ms();
        let today = journal.spent_on_day_of(now).await.unwrap();
        assert!(today.begins_ms <= now && now < today.ends_ms);
        let hours = (today.ends_ms - today.begins_ms) / 3_600_000;
        assert!((22..=26).contains(&hours), "{hours} h");
        assert!((today.spent - 0.25).abs() < 1e-12);
        let tomorrow = journal.spent_on_day_of(today.ends_ms).await.unwrap();
        assert_eq!(tomorrow.begins_ms, today.ends_ms);
        assert!(tomorrow.spent.abs() < 1e-12);
        let yesterday = journal.spent_on_day_of(today.begins_ms - 1).await.unwrap();
        assert_eq!(yesterday.ends_ms, today.begins_ms);
        assert!(yesterday.spent.abs() < 1e-12);
    }

    #[tokio::test]
    async fn tens_of_thousands_of_costs_add_up_to_the_last_digit() {
        let journal = Journal::open_in_memory().unwrap();
        let run = new_run(&journal).await;
        sent(&journal, &run, "paid", replied(10, 0.000_123_456_789)).await;
        journal
            .read(|db| {
                db.execute_batch(
                    "INSERT INTO calls (run, prompt, key, model, attempt, state, call, cost, \
                                        sent_ms) \
                     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 60999) \
                     SELECT run, prompt, key, model, attempt, state, call, cost, sent_ms \
                     FROM calls, n",
                )?;
                Ok(())
            })
            .await
            .unwrap();
        let cost = journal.cost(&run).await.unwrap();
        // 61,000 × 0.000123456789
        assert!((cost - 7.530_864_129).abs() < 1e-14, "{cost:.18}");
    }
}
