//! Mends what refers to something that a salvage could not find.
//!
//! Numbers are given again: a call that kept pointing to a lost text would one day show another
//! one, and a run's number would be a new run's. So nothing may point into the empty.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::domain::{Call, Message, ModelRole, Purpose, Sampling, Want};

/// What stands for a request whose text is lost.
const LOST_REQUEST: &str = "The text of this request was lost when the journal was damaged.";
/// What a run is called whose record is lost.
const LOST_RUN: &str = "Salvaged: what it was started with is lost";

/// One reference from a table to another.
struct Reference {
    table: String,
    column: String,
    to: String,
    is_nullable: bool,
}

/// Mends all references; returns how many rows of each table had to go.
pub(super) fn mend(db: &Connection) -> rusqlite::Result<BTreeMap<String, u64>> {
    let references = references(db)?;
    let mut gone = BTreeMap::new();
    // Runs first: what is about them is about a run again then. Deleting comes last.
    lost_runs(db, &references)?;
    for reference in references.iter().filter(|reference| reference.to != "runs") {
        let Reference { table, column, to, is_nullable } = reference;
        let is_lost = format!("{column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {to})");
        let any = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE {is_lost})");
        if !db.query_row(&any, [], |row| row.get::<_, bool>(0))? {
            continue;
        }
        match (table.as_str(), column.as_str()) {
            ("runs", "frozen") => {
                let nothing = placeholder(db, b"{}")?;
                db.execute(&format!("UPDATE runs SET frozen = ?1 WHERE {is_lost}"), [nothing])?;
            }
            ("calls", "call") => {
                let lost = lost_request(db)?;
                db.execute(&format!("UPDATE calls SET call = ?1 WHERE {is_lost}"), [lost])?;
            }
            ("calls", "asked") => {
                let lost = lost_request(db)?;
                let change = "UPDATE calls SET asked = NULL, call = ?1";
                db.execute(&format!("{change} WHERE {is_lost}"), [lost])?;
            }
            // A reply that is lost was paid for, and its call will be asked again.
            ("calls", "reply" | "answer") => {
                let change = format!(
                    "UPDATE calls SET state = CASE state WHEN 'replied' THEN 'unknown' \
                     ELSE state END, {column} = NULL WHERE {is_lost}"
                );
                db.execute(&change, [])?;
            }
            // Without a text an edit would mean that the model's words were wanted back.
            ("edits", "body") => delete(db, reference, &is_lost, &mut gone)?,
            _ if *is_nullable => {
                db.execute(&format!("UPDATE {table} SET {column} = NULL WHERE {is_lost}"), [])?;
            }
            _ => delete(db, reference, &is_lost, &mut gone)?,
        }
    }
    Ok(gone)
}

fn delete(
    db: &Connection,
    reference: &Reference,
    is_lost: &str,
    gone: &mut BTreeMap<String, u64>,
) -> rusqlite::Result<()> {
    let count = db.execute(&format!("DELETE FROM {} WHERE {is_lost}", reference.table), [])?;
    *gone.entry(reference.table.clone()).or_default() += count as u64;
    Ok(())
}

/// Gives each run that is spoken of and lost a record, so that its number stays its own.
fn lost_runs(db: &Connection, references: &[Reference]) -> rusqlite::Result<()> {
    for Reference { table, column, .. } in references.iter().filter(|one| one.to == "runs") {
        let mut query = db.prepare(&format!(
            "SELECT DISTINCT {column} FROM {table} WHERE {column} NOT IN (SELECT id FROM runs)"
        ))?;
        let lost: Vec<i64> = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for run in lost {
            let frozen = placeholder(db, b"{}")?;
            db.execute(
                "INSERT INTO runs (id, kind, recipe, state, message, rows_total, frozen, \
                 started_ms) VALUES (?1, 'run', 'unknown', 'interrupted', ?2, 0, ?3, 0)",
                rusqlite::params![run, LOST_RUN, frozen],
            )?;
        }
    }
    Ok(())
}

fn lost_request(db: &Connection) -> rusqlite::Result<i64> {
    let call = Call {
        purpose: Purpose::Draft { candidate: 0 },
        prompt: "".into(),
        role: ModelRole::Writer,
        messages: vec![Message::user(LOST_REQUEST)],
        sampling: Sampling::default(),
        want: Want::Text,
        sample: 0,
    };
    let json = serde_json::to_vec(&call)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    placeholder(db, &json)
}

fn placeholder(db: &Connection, bytes: &[u8]) -> rusqlite::Result<i64> {
    super::write::put_body(db, bytes).map_err(|refusal| match refusal {
        super::write::Refusal::Sql(error) => error,
        _ => rusqlite::Error::InvalidQuery,
    })
}

fn references(db: &Connection) -> rusqlite::Result<Vec<Reference>> {
    let mut query = db.prepare(
        "SELECT tables.name, keys.\"from\", keys.\"table\", NOT columns.\"notnull\" \
         FROM pragma_table_list AS tables JOIN pragma_foreign_key_list(tables.name) AS keys \
         JOIN pragma_table_info(tables.name) AS columns ON columns.name = keys.\"from\" \
         WHERE tables.schema = 'main' AND tables.type = 'table' \
         ORDER BY keys.\"table\" = 'calls', tables.name, keys.id",
    )?;
    let found = query.query_map([], |row| {
        Ok(Reference {
            table: row.get(0)?,
            column: row.get(1)?,
            to: row.get(2)?,
            is_nullable: row.get(3)?,
        })
    })?;
    found.collect()
}
