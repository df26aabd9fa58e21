//! Calls whose outcome nobody knows: sent, and the program ended before the answer was kept.
//!
//! No provider lets a completion be asked for twice and paid once, so these are the only calls
//! that can be paid twice; they are counted here, by what became of their keys since, at their
//! worst case.

use rusqlite::{Connection, params};

use super::Journal;
use super::read::Unread;
use super::write::parse_run;
use crate::domain::RunId;
use crate::store::StoreError;

/// A number of calls and what they can have cost together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CallSum {
    /// How many.
    pub calls: u64,
    /// US dollars at most; models without a price count 0.
    pub worst_cost: f64,
}

/// What may have been paid without anything to show for it; a call is in one of the sums only.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Unknown {
    /// Calls of unknown outcome that were asked again and answered: these may have been paid
    /// twice.
    pub paid_twice: CallSum,
    /// Calls of unknown outcome that nobody asked again so far: these may have been paid, and
    /// will be asked again when their run is resumed.
    pub to_ask_again: CallSum,
    /// Calls that failed in a way that providers may charge for, such as a timeout.
    pub failed: CallSum,
}

impl Unknown {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.paid_twice.calls + self.to_ask_again.calls + self.failed.calls == 0
    }
}

impl Journal {
    /// What may have been paid without a reply to show for it: in one run, or in the project.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn unknown(&self, run: Option<RunId>) -> Result<Unknown, StoreError> {
        self.read(move |db| unknown(db, run.as_ref())).await
    }
}

fn unknown(db: &Connection, run: Option<&RunId>) -> Result<Unknown, Unread> {
    let number = match run.map(parse_run) {
        None => None,
        Some(Some(number)) => Some(number),
        Some(None) => return Ok(Unknown::default()),
    };
    // Two statements, since “this run or any” in one would hide the index by run from SQLite.
    let of_whom = if number.is_some() { "calls.run = ?1" } else { "?1 IS NULL" };
    let mut query = db.prepare_cached(&format!(
        "SELECT calls.state, calls.state = 'unknown' AND EXISTS (SELECT 1 FROM calls AS answered \
         WHERE substr(answered.key, 1, 16) = substr(calls.key, 1, 16) \
         AND answered.key = calls.key AND answered.state = 'replied'), \
         count(*), total(calls.cost) FROM calls WHERE {of_whom} AND (calls.state = 'unknown' \
         OR (calls.state = 'failed' AND calls.cost > 0)) GROUP BY 1, 2"
    ))?;
    let mut found = query.query(params![number])?;
    let mut sums = Unknown::default();
    while let Some(row) = found.next()? {
        let sum = CallSum { calls: row.get::<_, i64>(2)? as u64, worst_cost: row.get(3)? };
        match (row.get_ref(0)?.as_str().unwrap_or_default(), row.get(1)?) {
            ("failed", _) => sums.failed = sum,
            (_, true) => sums.paid_twice = sum,
            (_, false) => sums.to_ask_again = sum,
        }
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, new_call, new_run, on_disk, replied};
    use super::*;
    use crate::domain::{CallFailure, FailureKind};
    use crate::store::journal::Outcome;

    #[tokio::test]
    async fn only_what_was_asked_again_and_answered_may_have_been_paid_twice() {
        let (_folder, path) = on_disk();
        let run = {
            let journal = Journal::open(&path).unwrap();
            let run = journal.create_run(new_run()).await.unwrap().id;
            for prompt in ["p1", "p2", "p3"] {
                journal.intent(new_call(&run, call(prompt, prompt))).await.unwrap();
            }
            let late = journal.intent(new_call(&run, call("p4", "p4"))).await.unwrap();
            let failure = CallFailure::new(FailureKind::Timeout, "late", "");
            let failed = Outcome::Failed { failure, raw: Vec::new(), cost: 0.5 };
            journal.settle(late, failed).await.unwrap();
            run
        };
        let journal = Journal::open(&path).unwrap();
        let sum = |calls, worst_cost| CallSum { calls, worst_cost };
        let before = journal.unknown(Some(run.clone())).await.unwrap();
        let none = CallSum::default();
        let expected = Unknown { paid_twice: none, to_ask_again: sum(3, 1.5), failed: sum(1, 0.5) };
        assert_eq!(before, expected);
        // Another run asks the same: what the first had begun may then have been paid twice.
        let other = journal.create_run(new_run()).await.unwrap().id;
        for prompt in ["p1", "p2"] {
            let id = journal.intent(new_call(&other, call(prompt, prompt))).await.unwrap();
            if prompt == "p1" {
                journal.settle(id, replied("answer")).await.unwrap();
            }
        }
        let after = journal.unknown(None).await.unwrap();
        assert_eq!((after.paid_twice, after.to_ask_again), (sum(1, 0.5), sum(2, 1.0)));
        assert_eq!(journal.unknown(Some(run)).await.unwrap(), after);
        assert!(journal.unknown(Some(other)).await.unwrap().is_empty(), "in flight is not unknown");
        assert!(journal.unknown(Some("nonsense".into())).await.unwrap().is_empty());
    }
}
