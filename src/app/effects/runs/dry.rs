//! How much of a plan the journal has, before anything is paid.

use std::sync::Arc;
use std::time::Duration;

use super::super::desk::{Desk, failure_of};
use super::{RunPlan, start};
use crate::app::message::Failure;
use crate::engine::{DryCount, dry_count};

/// While somebody still chooses, nothing is counted.
const PATIENCE: Duration = Duration::from_millis(400);

/// Counts it; `None`: it was stopped meanwhile.
pub(super) async fn count(
    desk: &Arc<Desk>,
    number: u64,
    plan: RunPlan,
) -> Option<Result<DryCount, Failure>> {
    let cancel = desk.jobs.begin(number);
    tokio::time::sleep(PATIENCE).await;
    let counted = async {
        let (project, journal) = desk.project()?;
        let plan = start::new_plan(desk, project, plan).await?;
        let counted = dry_count(&plan, &journal, &cancel).await;
        counted.map_err(|error| failure_of("the journal can't be read", &error))
    };
    let result = if cancel.is_cancelled() { None } else { counted.await.transpose() };
    desk.jobs.end(number);
    result
}
