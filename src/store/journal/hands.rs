//! What people decide about rows, and the questions that lists of runs and rows put.
//!
//! Nothing a person wrote is ever lost: an edit is added to those before it, and the newest of a
//! part counts.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::Journal;
use super::read::{Unread, body, json, unpack};
use super::record::{GoodRows, RowEntry, RunOverview};
use super::write::{Change, Kept, Refusal, now_ms, parse_run, put_body, run_number};
use crate::domain::{Hand, Part, PromptId, RunId};
use crate::store::StoreError;

impl Journal {
    /// Keeps rows out of exports, or lets them in again.
    ///
    /// # Errors
    ///
    /// There is no such run, or the journal can't be written.
    pub async fn drop_rows(
        &self,
        run: &RunId,
        prompts: Vec<PromptId>,
        is_dropped: bool,
    ) -> Result<(), StoreError> {
        self.keep(Change::DropRows { run: run.clone(), prompts, is_dropped }).await.map(drop)
    }

    /// Keeps a person's text for a part of a row; `None` gives the model's text back. Earlier
    /// edits stay in the journal.
    ///
    /// # Errors
    ///
    /// There is no such run, or the journal can't be written.
    pub async fn edit_row(
        &self,
        run: &RunId,
        prompt: &PromptId,
        part: Part,
        text: Option<String>,
    ) -> Result<(), StoreError> {
        let (run, prompt) = (run.clone(), prompt.clone());
        self.keep(Change::EditRow { run, prompt, part, text }).await.map(drop)
    }

    /// What people decided about a run's rows; rows that nobody touched are not in it.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn hands(&self, run: &RunId) -> Result<BTreeMap<PromptId, Hand>, StoreError> {
        let run = run.clone();
        self.read(move |db| hands(db, &run)).await
    }

    /// All runs with the sums that a list shows, newest first.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn overview(&self) -> Result<Vec<RunOverview>, StoreError> {
        self.read(overview).await
    }

    /// Which of a run's rows are there without a failure: what a resumed run need not make again.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn good_rows(&self, run: &RunId) -> Result<GoodRows, StoreError> {
        let run = run.clone();
        self.read(move |db| good_rows(db, &run)).await
    }

    /// A page of a run's failed rows: at most `limit` of those after a position.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn failed_rows(
        &self,
        run: &RunId,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<RowEntry>, StoreError> {
        let run = run.clone();
        self.read(move |db| failed_rows(db, &run, after, limit)).await
    }
}

pub(super) fn drop_rows(
    db: &Connection,
    run: &RunId,
    prompts: &[PromptId],
    is_dropped: bool,
) -> Result<Kept, Refusal> {
    let run = run_number(db, run)?;
    let mut change = db.prepare_cached(if is_dropped {
        "INSERT INTO drops (run, prompt, at_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"
    } else {
        "DELETE FROM drops WHERE run = ?1 AND prompt = ?2 AND ?3 > 0"
    })?;
    let now = now_ms().max(1);
    for prompt in prompts {
        change.execute(params![run, prompt.as_str(), now])?;
    }
    Ok(Kept::Done)
}

pub(super) fn edit_row(
    db: &Connection,
    run: &RunId,
    prompt: &PromptId,
    part: Part,
    text: Option<&str>,
) -> Result<Kept, Refusal> {
    let run = run_number(db, run)?;
    let body = text.map(|text| put_body(db, text.as_bytes())).transpose()?;
    db.prepare_cached(
        "INSERT INTO edits (run, prompt, part, body, at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![run, prompt.as_str(), part.to_string(), body, now_ms()])?;
    Ok(Kept::Done)
}

fn hands(db: &Connection, run: &RunId) -> Result<BTreeMap<PromptId, Hand>, Unread> {
    let Some(number) = parse_run(run) else { return Ok(BTreeMap::new()) };
    let mut hands: BTreeMap<PromptId, Hand> = BTreeMap::new();
    let mut query = db.prepare_cached("SELECT prompt FROM drops WHERE run = ?1")?;
    let mut found = query.query([number])?;
    while let Some(row) = found.next()? {
        hands.entry(PromptId(row.get(0)?)).or_default().is_dropped = true;
    }
    let mut query = db.prepare_cached(
        "SELECT edits.prompt, edits.part, bodies.size, bodies.data FROM edits \
         JOIN bodies ON bodies.id = edits.body WHERE edits.id IN \
         (SELECT max(id) FROM edits WHERE run = ?1 GROUP BY prompt, part)",
    )?;
    let mut found = query.query([number])?;
    while let Some(row) = found.next()? {
        let (prompt, part): (String, String) = (row.get(0)?, row.get(1)?);
        let part: Part = part.parse().map_err(|_unknown| {
            Unread::Record("edit".to_owned(), format!("“{part}” is no part of a row"))
        })?;
        let text = String::from_utf8(unpack(body(row, 2)?)?)
            .map_err(|error| Unread::Record("edit".to_owned(), error.to_string()))?;
        hands.entry(PromptId(prompt)).or_default().edits.insert(part, text);
    }
    Ok(hands)
}

fn overview(db: &Connection) -> Result<Vec<RunOverview>, Unread> {
    let mut rows: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
    let mut query =
        db.prepare_cached("SELECT run, count(*), count(failure) FROM rows GROUP BY run")?;
    let mut found = query.query([])?;
    while let Some(row) = found.next()? {
        let sums = (row.get::<_, i64>(1)? as u64, row.get::<_, i64>(2)? as u64);
        rows.insert(row.get(0)?, sums);
    }
    let mut calls: BTreeMap<i64, (u64, f64)> = BTreeMap::new();
    let mut query =
        db.prepare_cached("SELECT run, count(*), total(cost) FROM calls GROUP BY run")?;
    let mut found = query.query([])?;
    while let Some(row) = found.next()? {
        calls.insert(row.get(0)?, (row.get::<_, i64>(1)? as u64, row.get(2)?));
    }
    let all = super::read::runs(db)?;
    Ok(all
        .into_iter()
        .map(|record| {
            let number = parse_run(&record.id).unwrap_or_default();
            let (rows, rows_failed) = rows.get(&number).copied().unwrap_or_default();
            let (calls, cost) = calls.get(&number).copied().unwrap_or_default();
            RunOverview { record, rows, rows_failed, calls, cost }
        })
        .collect())
}

fn good_rows(db: &Connection, run: &RunId) -> Result<GoodRows, Unread> {
    let Some(number) = parse_run(run) else { return Ok(GoodRows::default()) };
    let mut query = db.prepare_cached(
        "SELECT position, unparsed, refused > 0 FROM rows WHERE run = ?1 AND failure IS NULL \
         ORDER BY position",
    )?;
    let mut found = query.query([number])?;
    let mut good = GoodRows::default();
    while let Some(row) = found.next()? {
        good.positions.push(row.get::<_, i64>(0)? as u64);
        good.unparsed += row.get::<_, i64>(1)? as u64;
        good.refused += row.get::<_, i64>(2)? as u64;
    }
    Ok(good)
}

fn failed_rows(
    db: &Connection,
    run: &RunId,
    after: Option<u64>,
    limit: usize,
) -> Result<Vec<RowEntry>, Unread> {
    let Some(number) = parse_run(run) else { return Ok(Vec::new()) };
    let mut query = db.prepare_cached(
        "SELECT rows.position, bodies.size, bodies.data FROM rows \
         JOIN bodies ON bodies.id = rows.body WHERE rows.run = ?1 AND rows.position > ?2 \
         AND rows.failure IS NOT NULL ORDER BY rows.position LIMIT ?3",
    )?;
    let after = after.map_or(-1, |position| position as i64);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut found = query.query(params![number, after, limit])?;
    let mut page = Vec::new();
    while let Some(row) = found.next()? {
        let position = row.get::<_, i64>(0)? as u64;
        page.push(RowEntry { position, row: json(&unpack(body(row, 1)?)?, "row")? });
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;
    use crate::domain::{CallFailure, FailureKind, Prompt, Row, RowFailure};
    use crate::store::journal::{NewRun, RunKind};

    fn new_run(title: &str) -> NewRun {
        NewRun {
            kind: RunKind::Run,
            recipe: "critique".to_owned(),
            rows_total: 3,
            frozen: serde_json::json!({"constitution": {"name": title}}),
        }
    }

    #[tokio::test]
    async fn drops_and_edits_are_there_after_reopening_and_can_be_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let (one, two): (PromptId, PromptId) = ("p1".into(), "p2".into());
        let run = {
            let journal = Journal::open(&path).unwrap();
            let run = journal.create_run(new_run("Kind")).await.unwrap().id;
            assert!(journal.hands(&run).await.unwrap().is_empty());
            let both = vec![one.clone(), two.clone()];
            journal.drop_rows(&run, both.clone(), true).await.unwrap();
            journal.drop_rows(&run, both, true).await.unwrap();
            journal.drop_rows(&run, vec![two.clone()], false).await.unwrap();
            for text in ["first try", "second try"] {
                let text = Some(text.to_owned());
                journal.edit_row(&run, &two, Part::Answer, text).await.unwrap();
            }
            run
        };
        let journal = Journal::open(&path).unwrap();
        let hands = journal.hands(&run).await.unwrap();
        assert!(hands[&one].is_dropped && hands[&one].edits.is_empty());
        assert!(!hands[&two].is_dropped);
        assert_eq!(hands[&two].edits[&Part::Answer], "second try");
        journal.edit_row(&run, &two, Part::Answer, None).await.unwrap();
        assert!(!journal.hands(&run).await.unwrap().contains_key(&two));
        let kept: i64 = rusqlite::Connection::open(&path)
            .unwrap()
            .query_row("SELECT count(*) FROM edits WHERE body IS NOT NULL", [], |row| row.get(0))
            .unwrap();
        assert_eq!(kept, 2, "what a person wrote stays in the journal");
    }

    #[tokio::test]
    async fn a_list_of_runs_has_their_sums_and_failed_rows_have_their_pages() {
        let journal = Journal::open_in_memory().unwrap();
        let first = journal.create_run(new_run("Kind")).await.unwrap();
        assert_eq!(first.title, "Kind");
        journal.create_run(new_run("")).await.unwrap();
        for position in 0..3_u64 {
            let mut row = Row::empty(&Prompt::of_text(format!("p{position}"), "x"));
            row.failure = (position > 0).then(|| RowFailure {
                at: "draft".to_owned(),
                failure: CallFailure::new(FailureKind::Timeout, "late", ""),
            });
            journal.put_row(&first.id, position, row, Vec::new()).await.unwrap();
        }
        let all = journal.overview().await.unwrap();
        let sums: Vec<_> = all.iter().map(|run| (run.rows, run.rows_failed)).collect();
        assert_eq!(sums, [(0, 0), (3, 2)]);
        assert_eq!(all[1].record.title, "Kind");
        let page = journal.failed_rows(&first.id, None, 1).await.unwrap();
        assert_eq!(page[0].position, 1);
        let page = journal.failed_rows(&first.id, Some(1), 9).await.unwrap();
        assert_eq!(page.len(), 1);
        assert_eq!(journal.good_rows(&first.id).await.unwrap().positions, [0]);
    }

    #[tokio::test]
    async fn a_journal_of_the_first_version_is_brought_up_to_date_with_all_it_had() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let old = schema::make(&path, 1).unwrap();
        old.execute_batch(
            "INSERT INTO bodies (id, hash, size, data) VALUES (1, x'00', 2, x'28b52ffd20021100007b7d');
             INSERT INTO runs (kind, recipe, state, rows_total, frozen, started_ms) \
             VALUES ('run', 'critique', 'done', 5, 1, 7);",
        )
        .unwrap();
        drop(old);
        assert!(Journal::open_read_only(&path).is_err(), "only a writer brings it up to date");
        let journal = Journal::open(&path).unwrap();
        let all = journal.overview().await.unwrap();
        assert_eq!((all[0].record.rows_total, all[0].record.title.as_str()), (5, ""));
        assert_eq!(journal.frozen(&all[0].record.id).await.unwrap(), Some(serde_json::json!({})));
        let run = all[0].record.id.clone();
        journal.drop_rows(&run, vec!["p".into()], true).await.unwrap();
        assert_eq!(journal.hands(&run).await.unwrap().len(), 1);
        assert!(Journal::open_read_only(&path).is_ok());
    }
}
