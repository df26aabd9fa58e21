//! What waits, kept beside the project.

use std::path::PathBuf;

use super::super::desk::{Desk, failure_of};
use crate::app::message::Event;
use crate::store::waiting::{self, Waiting};

/// Keeps what waits.
pub(super) fn keep(desk: &Desk, waiting: &Waiting) {
    let Some(folder) = waiting::folder() else { return };
    if let Err(error) = waiting::keep(&folder, waiting) {
        desk.link.send(Event::Failed(failure_of("waiting runs could not be kept", &error)));
    }
}

/// What the last sitting left; `None` where the system keeps nothing for programs.
pub(super) fn find(desk: &Desk, root: PathBuf) -> Option<Waiting> {
    let folder = waiting::folder()?;
    Some(waiting::find(&folder, &root).unwrap_or_else(|error| {
        let tried = "the runs that waited the last time can't be read";
        desk.link.send(Event::Failed(failure_of(tried, &error)));
        Waiting::none(root)
    }))
}
