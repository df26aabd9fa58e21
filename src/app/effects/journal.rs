//! What the window does about the journal's file: tells what is doubtful about it, and salvages a
//! damaged one.

use std::path::{Path, PathBuf};

use super::desk::{Desk, failure_of};
use super::home::HomeEvent;
use crate::app::message::{Event, Failure};
use crate::store::journal::{self, Health};
use crate::store::lock::ProjectLock;
use crate::store::project::JOURNAL_FILE;
use crate::store::{Journal, StoreError, volume};

/// Tells what a user should know about a project that was just opened, now and as soon as the
/// look through its journal is over.
pub(super) fn tell(desk: &Desk, root: &Path, journal: &Journal) {
    let warn = |text: String, hint: &str| {
        desk.link.send(Event::Home(HomeEvent::Doubt(Failure::new(text, hint))));
    };
    for notice in journal.notices() {
        if notice.is_warning() {
            warn(notice.to_string(), notice.hint());
        } else {
            desk.link.send(Event::Note(notice.to_string()));
        }
    }
    if let Some(keeper) = volume::keeper(root) {
        warn(keeper.warning(), keeper.hint());
    }
    if let Some(free) = volume::little(root) {
        let text = format!("The project’s disk has only {} MB free", free >> 20);
        warn(text, "free some space before a long run");
    }
    let (mut health, link, root) = (journal.health(), desk.link.clone(), root.to_owned());
    let watch = move || {
        let found = health.wait_for(|health| *health != Health::Unknown);
        // Over, too, when the journal is closed.
        if let Ok(found) = futures::executor::block_on(found)
            && let Health::Damaged(what) = &*found
        {
            link.send(Event::Home(HomeEvent::JournalDamaged { root, what: what.clone() }));
        }
    };
    // Without a thread, damage is told of when it is read.
    std::thread::Builder::new().name("journal-health".to_owned()).spawn(watch).ok();
}

/// Tells that a project can't be opened because its journal is damaged.
pub(super) fn tell_damage(desk: &Desk, root: &Path, error: &StoreError) {
    if let StoreError::JournalDamaged { what, .. } = error {
        let (root, what) = (root.to_owned(), what.clone());
        desk.link.send(Event::Home(HomeEvent::JournalDamaged { root, what }));
    }
}

/// Puts what is whole of a project's journal into a new one.
pub(super) fn salvage(desk: &Desk, root: PathBuf) {
    // The journal must be closed, and its lock free.
    desk.clear(&root);
    let result = replace(&root).map_err(|error| failure_of("nothing was salvaged", &error));
    desk.link.send(Event::Home(HomeEvent::Salvaged { root, result }));
}

fn replace(root: &Path) -> Result<String, StoreError> {
    let Some(_lock) = ProjectLock::take(root)? else {
        return Err(StoreError::ReadOnly { root: root.to_owned() });
    };
    let replaced = journal::replace(&root.join(JOURNAL_FILE))?;
    let count = |name: &str| {
        let table = replaced.salvaged.tables.iter().find(|table| table.name == name);
        table.map_or(0, |table| table.rows)
    };
    Ok(format!(
        "Salvaged {} runs, {} rows and {} calls into a new journal; {} of {} pages could not be \
         read. The damaged one is kept: {}",
        count("runs"),
        count("rows"),
        count("calls"),
        replaced.salvaged.bad_pages,
        replaced.salvaged.pages,
        replaced.damaged.display()
    ))
}
