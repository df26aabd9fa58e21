//! What a run was told after it began: other limits, other prices. None of it changes a row, so
//! what a run is frozen with stays as it is, and this lies beside it.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use super::Journal;
use super::read::Unread;
use super::write::{Change, Kept, Refusal, now_ms, parse_run, run_number};
use crate::domain::RunId;
use crate::store::StoreError;

/// Something that a run goes by since a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunChange {
    /// Since when, milliseconds since 1970 by this machine's clock.
    pub at_ms: i64,
    /// All that it goes by from then on, as who noted it writes it.
    pub what: serde_json::Value,
}

impl Journal {
    /// Notes what a run goes by from now on; what it went by before is kept.
    ///
    /// # Errors
    ///
    /// There is no such run, or the journal can't be written.
    pub async fn note_change(
        &self,
        run: &RunId,
        what: serde_json::Value,
    ) -> Result<(), StoreError> {
        self.keep(Change::PutTerms(run.clone(), what)).await.map(drop)
    }

    /// What a run was told after it began, oldest first; none where there is no such run.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn changes(&self, run: &RunId) -> Result<Vec<RunChange>, StoreError> {
        let run = run.clone();
        self.read(move |db| changes(db, &run)).await
    }
}

fn changes(db: &Connection, run: &RunId) -> Result<Vec<RunChange>, Unread> {
    let Some(number) = parse_run(run) else { return Ok(Vec::new()) };
    let text = text_of(db, number)?;
    serde_json::from_str(&text)
        .map_err(|error| Unread::Record("run’s changes".to_owned(), error.to_string()))
}

fn text_of(db: &Connection, run: i64) -> rusqlite::Result<String> {
    let text = db
        .prepare_cached("SELECT changes FROM runs WHERE id = ?1")?
        .query_row([run], |row| row.get(0))
        .optional()?;
    Ok(text.unwrap_or_else(|| "[]".to_owned()))
}

pub(super) fn note(
    db: &Connection,
    run: &RunId,
    what: &serde_json::Value,
) -> Result<Kept, Refusal> {
    let number = run_number(db, run)?;
    // Of a damaged list nothing can be read any more; what holds now can still be kept.
    let mut all: Vec<RunChange> = serde_json::from_str(&text_of(db, number)?).unwrap_or_default();
    all.push(RunChange { at_ms: now_ms(), what: what.clone() });
    db.prepare_cached("UPDATE runs SET changes = ?2 WHERE id = ?1")?
        .execute(params![number, serde_json::to_string(&all)?])?;
    Ok(Kept::Done)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::journal::{NewRun, RunKind};

    #[tokio::test]
    async fn changes_are_kept_in_order_beside_what_is_frozen() {
        let journal = Journal::open_in_memory().unwrap();
        let frozen = json!({"max_cost": 5.0});
        let new = NewRun {
            kind: RunKind::Run,
            recipe: "critique".to_owned(),
            rows_total: 1,
            frozen: frozen.clone(),
        };
        let run = journal.create_run(new).await.unwrap().id;
        assert!(journal.changes(&run).await.unwrap().is_empty());
        journal.note_change(&run, json!({"max_cost": 8.0})).await.unwrap();
        journal.note_change(&run, json!({"max_cost": 2.0})).await.unwrap();
        let all = journal.changes(&run).await.unwrap();
        assert_eq!(
            all.iter().map(|change| &change.what).collect::<Vec<_>>(),
            [&json!({"max_cost": 8.0}), &json!({"max_cost": 2.0})]
        );
        assert!(all[0].at_ms > 0 && all[0].at_ms <= all[1].at_ms);
        assert_eq!(journal.frozen(&run).await.unwrap(), Some(frozen));
        assert!(journal.note_change(&"R-0099".into(), json!({})).await.is_err());
        assert!(journal.changes(&"R-0099".into()).await.unwrap().is_empty());
    }
}
