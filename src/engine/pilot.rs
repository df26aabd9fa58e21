//! Reads from the journal what a pilot's rows cost, for [`super::estimate`].

use super::estimate::{LabelCounts, PilotRow};
use crate::domain::RunId;
use crate::store::{Journal, StoreError};

/// The rows of a run with what is behind each: all its calls, failed attempts and those that an
/// earlier run paid for included, since the rows to come have no earlier run.
///
/// # Errors
///
/// The journal can't be read.
pub async fn pilot_rows(
    journal: &Journal,
    run: &RunId,
    most: usize,
) -> Result<Vec<PilotRow>, StoreError> {
    let hands = journal.hands(run).await?;
    let mut rows = Vec::new();
    for entry in journal.rows(run, None, most).await? {
        let row = &entry.row;
        let behind = journal.calls(run, &row.prompt.id).await?;
        let is_dropped = hands.get(&row.prompt.id).is_some_and(|hand| hand.is_dropped);
        rows.push(PilotRow {
            cost: behind.iter().map(|call| call.cost).sum(),
            calls: behind.len() as u64,
            is_kept: row.failure.is_none() && !is_dropped,
            labels: LabelCounts::of_row(row),
        });
    }
    Ok(rows)
}
