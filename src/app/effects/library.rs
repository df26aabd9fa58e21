//! Palette, find everywhere, history, versions and glossary: work outside the state, and what comes of it.

mod find;
mod palette;
mod versions;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::desk::{Desk, failure_of};
use crate::app::message::{Event, Failure};
use crate::app::state::library::{Found, FoundKind, KeptVersion, PaletteHit, RunTitle};
use crate::app::state::{Document, DocumentId, Documents};
use crate::domain::PromptSet;

/// Something to be done outside the state.
#[derive(Debug, Clone)]
pub enum LibraryEffect {
    /// Read the runs for the palette.
    ListRuns,
    /// Look for prompts.
    FindPrompts {
        /// Names the question.
        number: u64,
        /// The question before, which nobody waits for any more.
        instead_of: u64,
        /// What was typed.
        typed: String,
        /// Where to look: stem and set.
        sets: Vec<(String, Arc<PromptSet>)>,
    },
    /// Look through every text.
    Find {
        /// Names the search.
        number: u64,
        /// The search before, which nobody waits for any more.
        instead_of: u64,
        /// What is looked for.
        pattern: regex::Regex,
        /// The documents as they are in the window.
        documents: Box<Documents>,
    },
    /// Stop a search.
    StopFind(u64),
    /// Read the versions of these documents.
    ReadVersions(Vec<DocumentId>),
    /// Keep versions of these documents.
    KeepVersions {
        /// Their values.
        documents: Vec<(DocumentId, Document)>,
        /// The versions' name.
        name: String,
        /// The versions' note.
        note: String,
    },
    /// Add up what the project's calls have cost.
    AddUpCost,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum LibraryEvent {
    /// The project's runs.
    Runs(Vec<RunTitle>),
    /// Prompts that fit.
    PromptsFound {
        /// Names the question.
        number: u64,
        /// The best of them, the best first.
        hits: Vec<PaletteHit>,
        /// How many fit in all.
        total: usize,
    },
    /// A page of texts that match.
    Found {
        /// Names the search.
        number: u64,
        /// The page.
        page: Vec<Found>,
        /// How many texts match by now, by kind.
        counts: BTreeMap<FoundKind, u64>,
        /// Rows of the journal looked through by now.
        rows: u64,
        /// Whether that was the last page.
        done: bool,
        /// What could not be read; empty where everything was.
        failed: String,
    },
    /// The versions of these documents.
    Versions(Vec<(DocumentId, Vec<KeptVersion>)>),
    /// Versions were kept, or could not be.
    VersionsKept {
        /// The versions of the documents now, or why not.
        result: Result<Vec<(DocumentId, Vec<KeptVersion>)>, Failure>,
        /// Their name.
        name: String,
    },
    /// US dollars that the project's calls have cost.
    Cost(f64),
}

/// Carries an effect out; its events go through the desk's link.
pub async fn carry(desk: Arc<Desk>, effect: LibraryEffect) {
    match effect {
        LibraryEffect::ListRuns => palette::list_runs(&desk).await,
        LibraryEffect::FindPrompts { number, instead_of, typed, sets } => {
            desk.jobs.cancel(instead_of);
            palette::find_prompts(&desk, number, typed, sets).await;
        }
        LibraryEffect::Find { number, instead_of, pattern, documents } => {
            desk.jobs.cancel(instead_of);
            find::find(&desk, number, pattern, *documents).await;
        }
        LibraryEffect::StopFind(number) => desk.jobs.cancel(number),
        LibraryEffect::ReadVersions(ids) => versions::read(&desk, ids).await,
        LibraryEffect::KeepVersions { documents, name, note } => {
            versions::keep(&desk, documents, name, note).await;
        }
        LibraryEffect::AddUpCost => {
            let Ok((_, journal)) = desk.project() else { return };
            match journal.spent().await {
                Ok(cost) => desk.link.send(Event::Library(LibraryEvent::Cost(cost))),
                Err(error) => {
                    let failure = failure_of("what was spent can't be added up", &error);
                    desk.link.send(Event::Failed(failure));
                }
            }
        }
    }
}
